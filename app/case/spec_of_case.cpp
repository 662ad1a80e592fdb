// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/spec_of_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>
#include <variant>

#include "app/case/context.hpp"
#include "app/case/properties.hpp"
#include "app/case/wall_words.hpp"
#include "decomposition/error.hpp"
#include "solver/model/cell_means.hpp"

namespace calor::app {

Function make_function(const Quantity& q, const char* variables, const FunctionTable& named) {
  if (const auto* number = std::get_if<double>(&q)) return *number;
  if (const auto* course = std::get_if<CourseCase>(&q))  // empty while its file is only asked for
    return course->times().empty() ? Function{} : Function::over_time(time_table(*course));
  if (std::holds_alternative<DatasetCase>(q)) throw Error{Exit::internal, "an array without a region"};
  return Function::expression(std::get<std::string>(q), variables, named);
}

namespace {

ConductivityLaw law(const ConductivityCase& k, const FunctionTable& named) {
  if (!k.table_T.empty()) {
    const Function table = Function::table(k.table_T, k.table_k);
    return {table, table, true};
  }
  return {make_function(k.x, "xyT", named), make_function(k.y, "xyT", named), !k.anisotropic};
}

Function specific_heat(const SpecificHeatCase& c, const FunctionTable& named) {
  return c.table_T.empty() ? make_function(c.value, "xyT", named) : Function::table(c.table_T, c.table_c);
}

std::vector<PhaseChange> phase_changes(const Properties& p) {
  std::vector<PhaseChange> changes;
  for (const PhaseChangeCase& c : p.phase_change) changes.push_back({c.from, c.to, c.latent_heat});
  return changes;
}

/// @throws std::invalid_argument
void of_temperature_alone(const Function& c, const std::vector<PhaseChange>& changes) {
  if (!c.of_place()) return;
  if (c.of_temperature())
    throw std::invalid_argument{
        "depends on T and on the place; of T alone there is an enthalpy of T: give each "
        "place its region"};
  if (!changes.empty())
    throw std::invalid_argument{
        "depends on the place, which does not go with phase_change; give each place its "
        "region"};
}

Area area(const RegionCase& r) {
  switch (r.shape) {
    case Shape::circle:
      return Circle{r.center[0], r.center[1], r.radius};
    case Shape::polygon:
      return Polygon{r.points};
    case Shape::dxf: {
      const DrawnLayer* const layer = r.drawing.drawing ? r.drawing.drawing->layer(r.drawing.layer) : nullptr;
      if (layer == nullptr) return Rectangle{};  // asked for
      return outlines_of(*layer, r.drawing.unit());
    }
    case Shape::rectangle:
    case Shape::image:
    case Shape::hdf5:
      return Rectangle{r.x, r.y};
  }
  throw Error{Exit::internal, "a region of no shape"};
}

/// What a region gives as functions, arrays of its file as means over the grid's cells.
class RegionFunctions {
 public:
  RegionFunctions(const Grid& grid, const RegionCase& region, const FunctionTable& named)
      : grid_{grid}, region_{region}, named_{named} {
    const auto weight = [](const Quantity& q) {
      const auto* const d = std::get_if<DatasetCase>(&q);
      return d != nullptr ? pixels(*d) : Pixels{};
    };
    if (region.density) density_ = weight(*region.density);
    if (region.specific_heat) specific_heat_ = weight(region.specific_heat->value);
  }
  ConductivityLaw conductivity(const ConductivityCase& k) const {
    using Kind = CellMeans::Kind;
    const auto array = [](const Quantity& q) { return std::holds_alternative<DatasetCase>(q); };
    if (!array(k.x) && !array(k.y)) return law(k, named_);
    const Function x = make(k.x, "xyT", Kind::along_x), y = make(k.y, "xyT", Kind::along_y);
    return {x, y, !k.anisotropic && !mixes(k.x)};
  }
  Function density(const Quantity& q) const { return make(q, "xy"); }
  /// Of a mass.
  Function specific_heat(const SpecificHeatCase& c) const {
    return std::holds_alternative<DatasetCase>(c.value)
               ? make(c.value, "xyT", CellMeans::Kind::by_volume, {density_})
               : app::specific_heat(c, named_);
  }
  /// Of a heat content.
  Function temperature(const Quantity& q) const {
    return make(q, "xy", CellMeans::Kind::by_volume, {density_, specific_heat_});
  }
  Function power(const Quantity& q) const { return make(q, "xytT"); }

 private:
  using Pixels = std::shared_ptr<const PixelArray>;
  static Pixels pixels(const DatasetCase& d) { return d.array ? Pixels{d.array, &d.array->pixels} : nullptr; }
  CellMeans means(const DatasetCase& d, CellMeans::Kind kind, std::vector<Pixels> weights = {}) const {
    return {grid_, region_.x, region_.y, pixels(d), kind, std::move(weights)};
  }
  Function make(const Quantity& q, const char* variables, CellMeans::Kind kind = CellMeans::Kind::by_volume,
                const std::vector<Pixels>& weights = {}) const {
    const auto* const d = std::get_if<DatasetCase>(&q);
    if (d == nullptr) return make_function(q, variables, named_);
    if (!d->array) return 1.0;  // asked for
    std::vector<Pixels> known;
    for (const Pixels& w : weights)
      if (w != nullptr) known.push_back(w);
    return Function::in_cells(std::make_shared<const CellMeans>(means(*d, kind, std::move(known))));
  }
  bool mixes(const Quantity& q) const {
    const auto* const d = std::get_if<DatasetCase>(&q);
    return d != nullptr && d->array && means(*d, CellMeans::Kind::along_x).mixes();
  }
  const Grid& grid_;
  const RegionCase& region_;
  const FunctionTable& named_;
  Pixels density_, specific_heat_;
};

/// The materials of a picture, each on its pixels.
void lay_picture(const Case& c, const RegionCase& r, const FunctionTable& named, Region& region) {
  if (!r.picture.picture) return;  // asked for
  const ColourPicture& p = *r.picture.picture;
  const auto pixels = std::make_shared<const PixelMap>(PixelMap{p.nx, p.ny, r.x, r.y, p.pixels});
  std::vector<Function> kx, ky, density, specific_heat;
  bool isotropic = true;
  for (const std::string& colour : p.colours) {
    const auto name = r.picture.materials.find(colour);
    const NamedMaterialCase* const m =
        name == r.picture.materials.end() ? nullptr : material_of(c, name->second);
    if (m == nullptr || !m->conductivity) return;  // a mistake
    const ConductivityLaw k = law(*m->conductivity, named);
    kx.push_back(k.x);
    ky.push_back(k.isotropic ? k.x : k.y);
    isotropic = isotropic && k.isotropic;
    if (m->density) density.push_back(make_function(*m->density, "xy", named));
    if (m->specific_heat && (!m->specific_heat->table_T.empty() || !m->phase_change.empty()))
      throw Error{Exit::bad_case,
                  fmt::format("region {}: materials: {} has a specific heat of T or a phase change, which "
                              "pictures do not take in this version",
                              r.name, m->name)};
    if (m->specific_heat) specific_heat.push_back(app::specific_heat(*m->specific_heat, named));
  }
  const auto mapped = [&](std::vector<Function>& of) { return Function::pixels(pixels, std::move(of)); };
  const Function x = mapped(kx);
  region.conductivity = ConductivityLaw{x, isotropic ? x : mapped(ky), isotropic};
  if (density.size() == p.colours.size()) region.density = mapped(density);
  if (specific_heat.size() == p.colours.size()) region.specific_heat = mapped(specific_heat);
}

std::vector<WallPiece> wall(const std::vector<WallCase>& pieces, double from, double to,
                            const FunctionTable& named) {
  std::vector<WallPiece> result;
  for (const WallCase& w : pieces)
    if (const std::optional<WallLaw> law = law_of(w, named))
      result.push_back({*law, w.from.value_or(from), w.to.value_or(to), w.name});
  return result;
}

/// A specific heat that cannot be followed is a mistake of the case.
template <class F>
void with_key(const std::string& key, F&& f) {
  try {
    f();
  } catch (const std::invalid_argument& e) {
    throw Error{Exit::bad_case, key + ": " + e.what()};
  }
}

Grid grid_of(const Case& c) {
  Grid grid{static_cast<int>(c.grid.nx),
            static_cast<int>(c.grid.ny),
            c.grid.x[0],
            c.grid.x[1],
            c.grid.y[0],
            c.grid.y[1],
            periodic(c.boundary.left),
            periodic(c.boundary.bottom),
            c.grid.coverage.value_or(c.material.face_mean == FaceMean::arithmetic ? Coverage::centre
                                                                                  : Coverage::area),
            c.grid.depth.value_or(1.0),
            c.grid.per_metre()};
  if (c.grid.nx > 0 && c.grid.ny > 0)
    grid.lay(c.grid.x_lines.lines(), c.grid.y_lines.lines(), c.grid.around_axis());
  return grid;
}

/// What is there where no region lies.
void lay_base(const Case& c, const FunctionTable& named, ProblemSpec& s) {
  const Properties base = properties_of(c, c.material);
  s.materials.conductivity = Layered{law(base.conductivity.value_or(ConductivityCase{}), named)};
  s.materials.density = Layered{make_function(base.density.value_or(1.0), "xy", named)};
  s.initial = Layered{make_function(c.initial.temperature.value_or(0.0), "xy", named)};
  s.power = Layered{make_function(c.source.power, "xytT", named)};
  if (c.output.temperature_unit) s.absolute_zero = absolute_zero(*c.output.temperature_unit);
  s.liquid = Layered{Function{c.initial.liquid.value_or(0.0)}};
  with_key("material.specific_heat", [&] {
    const Function heat = specific_heat(base.specific_heat.value_or(SpecificHeatCase{}), named);
    of_temperature_alone(heat, phase_changes(base));
    s.materials.set_specific_heat(heat, phase_changes(base), s.absolute_zero.value_or(0.0));
  });
}

/// Seen where there are contacts: what is of another material, or named.
bool is_body(const Case& c, const RegionCase& r, const Region& region) {
  const auto names = [&](const ContactCase& k) {
    return k.around == r.name || std::find(k.between.begin(), k.between.end(), r.name) != k.between.end();
  };
  return !c.contacts.empty() && (region.conductivity || region.density || region.specific_heat || r.is_void ||
                                 std::any_of(c.contacts.begin(), c.contacts.end(), names));
}

Region region_of(const Case& c, const RegionCase& r, const Grid& grid, const FunctionTable& named) {
  Region region;
  region.name = r.name;
  region.area = area(r);
  const Properties here = properties_of(c, r);
  const RegionFunctions functions{grid, r, named};
  if (here.conductivity) region.conductivity = functions.conductivity(*here.conductivity);
  if (here.density) region.density = functions.density(*here.density);
  if (here.specific_heat) {
    region.specific_heat = functions.specific_heat(*here.specific_heat);
    region.changes = phase_changes(here);
  }
  region.liquid = r.liquid;
  if (r.shape == Shape::image) lay_picture(c, r, named, region);
  if (r.temperature) region.temperature = functions.temperature(*r.temperature);
  if (r.power) region.power = functions.power(*r.power);
  if (r.heat) region.heat = make_function(*r.heat, "tT", named);
  region.is_void = r.is_void;
  if (!r.wall.empty()) region.wall = law_of(r.wall.front(), named).value_or(WallLaw{});
  const Properties base = properties_of(c, c.material);
  region.capacity_known = (region.density || base.density) && (region.specific_heat || base.specific_heat);
  region.body = is_body(c, r, region);
  return region;
}

/// @param bodies  their names, in the order of their numbers
Contact contact_of(const ContactCase& k, const std::vector<std::string>& bodies) {
  const auto number = [&](const std::string& name) {
    return static_cast<std::int32_t>(std::find(bodies.begin(), bodies.end(), name) - bodies.begin());
  };
  if (k.between.empty()) return {number(k.around), Contact::any, k.resistance, "around " + k.around};
  return {number(k.between[0]), number(k.between[1]), k.resistance,
          "between " + k.between[0] + " and " + k.between[1]};
}

}  // namespace

bool periodic(const std::vector<WallCase>& side) { return !side.empty() && periodic(side.front()); }

ProblemSpec make_spec(const Case& c) {
  const FunctionTable named = functions_of(c);
  ProblemSpec s;
  s.grid = grid_of(c);
  lay_base(c, named, s);
  for (const RegionCase& r : c.regions) {
    Region region = region_of(c, r, s.grid, named);
    with_key("region " + r.name + ": specific_heat", [&] {
      if (region.specific_heat) of_temperature_alone(*region.specific_heat, region.changes);
      s.add(std::move(region));
    });
  }
  for (const ContactCase& k : c.contacts)
    s.materials.contacts.list.push_back(contact_of(k, s.materials.contacts.names));
  if (c.plate.thickness && c.plate.film && c.plate.ambient)
    s.plate =
        Plate{*c.plate.thickness, static_cast<int>(c.plate.faces.value_or(2)),
              make_function(*c.plate.film, "xytT", named), make_function(*c.plate.ambient, "xyt", named)};
  s.materials.face_mean =
      c.material.face_mean.value_or(s.materials.of_temperature() ? FaceMean::integral : FaceMean::harmonic);
  for (const SectionCase& line : c.sections) s.sections.push_back({line.name, line.from, line.to});
  s.walls = {wall(c.boundary.left, c.grid.y[0], c.grid.y[1], named),
             wall(c.boundary.right, c.grid.y[0], c.grid.y[1], named),
             wall(c.boundary.bottom, c.grid.x[0], c.grid.x[1], named),
             wall(c.boundary.top, c.grid.x[0], c.grid.x[1], named)};
  return s;
}

}  // namespace calor::app
