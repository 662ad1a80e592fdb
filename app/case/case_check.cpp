// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/case_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "app/case/case_io.hpp"
#include "app/case/properties.hpp"
#include "app/case/schema.hpp"
#include "app/case/wall_words.hpp"
#include "app/materials/table.hpp"
#include "app/text/suggest.hpp"
#include "decomposition/error.hpp"
#include "solver/model/area.hpp"
#include "solver/model/function.hpp"
#include "solver/run/quantities.hpp"
#include "solver/run/thermal_bridge.hpp"

namespace calor::app {

namespace {

std::optional<double> number_in(const Quantity& q) {
  return std::holds_alternative<double>(q) ? std::optional{std::get<double>(q)} : std::nullopt;
}

/// What no key can tell alone. Looks only at values that were read without a mistake, so that one mistake is
/// reported once.
class Check {
 public:
  Check(const Case& c, const FunctionTable& functions, const Document& document, Mistakes& mistakes)
      : c_{c}, functions_{functions}, document_{document}, mistakes_{mistakes} {}

  /// The end of the run, as far as the case alone tells it; steady: 0.
  std::optional<double> run_end() const {
    if (!good("time.method")) return {};
    return c_.time.steady() ? 0.0 : end();
  }
  void all() {
    grid();
    regions();
    materials();
    phase_changes();
    contacts();
    plate();
    boundary();
    properties();
    weights();
    time();
    output();
    probes();
    integrals();
    sections();
    thermal_bridge();
  }

 private:
  void refuse(const std::string& key, const std::string& what) {
    mistakes_.add(document_.place_of(key), key, document_.find(key), what);
  }
  bool good(const std::string& key) const { return !mistakes_.about(key); }
  bool given(const std::string& key) const { return document_.find(key) != nullptr; }

  void rising(const std::string& key, const std::array<double, 2>& ends) {
    if (good(key) && !(ends[0] < ends[1])) refuse(key, "the first number must be less than the second");
  }

  void grid() {
    rising("grid.x", c_.grid.x);
    rising("grid.y", c_.grid.y);
    if (good("grid.nx") && good("grid.ny") && c_.grid.ny > 0 && c_.grid.nx > most_cells / c_.grid.ny)
      refuse("grid.nx", fmt::format("{} x {} cells are more than {}", c_.grid.nx, c_.grid.ny, most_cells));
    lines("grid.x", "grid.nx", c_.grid.x, c_.grid.nx, c_.grid.x_lines);
    lines("grid.y", "grid.ny", c_.grid.y, c_.grid.ny, c_.grid.y_lines);
    if (c_.grid.around_axis()) around_axis();
    if (c_.grid.depth && c_.plate.thickness && *c_.grid.depth != *c_.plate.thickness &&
        good("plate.thickness") && good("grid.depth"))
      refuse("grid.depth",
             fmt::format("is not the thickness of the plate, {} m, which is its depth", *c_.plate.thickness));
    if (c_.grid.coverage == Coverage::area && c_.material.face_mean == FaceMean::arithmetic &&
        good("grid.coverage") && good("material.face_mean"))
      refuse("grid.coverage",
             "needs resistances in series, and material.face_mean is \"arithmetic\"; write \"centre\", or "
             "leave it "
             "out, or take another face_mean");
  }
  /// Cells that are equal, or lie between given lines.
  void lines(const std::string& key, const std::string& count, const std::array<double, 2>& ends,
             std::int64_t n, const AxisCase& axis) {
    const Node* const section = document_.find("grid");
    if (n == 0 && good(count) && good(key) && (section == nullptr || section->kind == Node::Kind::table))
      refuse(count, "missing; it must be given");
    if (n == 0 || !good(key) || !good(count)) return;
    if (!axis.given()) {
      narrow(key, count, ends, n);
      if ((c_.grid.around_axis() || c_.grid.x_lines.given() || c_.grid.y_lines.given()) &&
          static_cast<double>(n) > most_cells_of_lines)
        refuse(count,
               fmt::format("a grid of unequal cells, or around an axis, has at most {:.0f} cells a side",
                           most_cells_of_lines));
      return;
    }
    if (n != axis.count()) {
      refuse(count, fmt::format("is {}, and {} makes {} cells; leave it out", n, key, axis.count()));
      return;
    }
    const std::vector<double> faces = axis.lines();
    std::size_t narrowest = 0;
    for (std::size_t k = 0; k + 1 < faces.size(); ++k)
      if (!(faces[k + 1] - faces[k] >= faces[narrowest + 1] - faces[narrowest])) narrowest = k;
    const double width = faces[narrowest + 1] - faces[narrowest],
                 largest = std::max(std::abs(ends[0]), std::abs(ends[1])), all = ends[1] - ends[0];
    if (!std::isfinite(all) || !std::isnormal(width * width) || !std::isfinite(all * all))
      refuse(key, "the domain or its cells are beyond what double precision can hold");
    else if (!(width > 16.0 * std::numeric_limits<double>::epsilon() * largest))
      refuse(key, fmt::format("cell {} of {} m cannot be told from its neighbours in double precision",
                              narrowest, width));
  }
  /// What has no meaning around an axis, or no rule yet.
  void around_axis() {
    if (c_.grid.depth) refuse("grid.depth", "has no place around an axis, where heat is of the whole turn");
    if (good("grid.x") && c_.grid.x[0] < 0.0)
      refuse("grid.x", "begins below 0, and around an axis x is the distance from it");
    const auto& left = c_.boundary.left;
    for (const WallCase& w : left)
      if (c_.grid.x[0] == 0.0 && w.type != "insulated" && good("boundary.left") && good("grid.x"))
        refuse("boundary.left", "is the axis, which is no wall: nothing passes it; leave it out");
    for (const auto& [key, walls] :
         {std::pair{"boundary.left", &c_.boundary.left}, {"boundary.right", &c_.boundary.right}})
      for (const WallCase& w : *walls)
        if (app::periodic(w) && good(key)) refuse(key, "cannot be periodic around an axis");
    if (c_.plate.given())
      refuse("plate.thickness", "has no place around an axis: a plate gives heat off through its plane");
    if (c_.thermal_bridge.given())
      refuse("thermal_bridge.inside", "has no place around an axis: a thermal bridge is of a plane section");
  }
  void narrow(const std::string& key, const std::string& count, const std::array<double, 2>& ends,
              std::int64_t n) {
    if (!good(key) || !good(count)) return;
    const double width = (ends[1] - ends[0]) / static_cast<double>(n);
    const double largest = std::max(std::abs(ends[0]), std::abs(ends[1]));
    if (!std::isfinite(ends[1] - ends[0]))
      refuse(key, "the domain is too wide for double precision");
    else if (!(width > 16.0 * std::numeric_limits<double>::epsilon() * largest) ||
             !std::isnormal(width * width))
      refuse(key, fmt::format("{} cells of {} m cannot be told apart in double precision", n, width));
  }

  /// Paths of a list's entries; none if the list was not read as a whole.
  std::vector<std::string> paths(const std::string& key, std::size_t count) const {
    std::vector<std::string> all;
    const Node* const list = document_.find(key);
    if (list == nullptr) return all;
    if (list->kind == Node::Kind::table && count == 1) return {key};
    if (list->kind != Node::Kind::array || list->items.size() != count) return all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(entry_path(*list, key, i));
    return all;
  }
  template <class T>
  void unique_names(const std::string& key, const std::vector<T>& list) {
    const std::vector<std::string> path = paths(key, list.size());
    std::set<std::string> seen;
    for (std::size_t i = 0; i < path.size(); ++i)
      if (good(path[i] + ".name") && !seen.insert(list[i].name).second)
        refuse(path[i] + ".name", fmt::format("another [[{}]] has this name", key));
  }

  void regions() {
    unique_names("region", c_.regions);
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      const RegionCase& r = c_.regions[i];
      if (!good(path[i] + ".shape")) continue;
      if (r.shape == Shape::image) picture(path[i], r);
      if (r.shape == Shape::hdf5) arrays(path[i], r);
      if (r.shape == Shape::dxf) drawing(path[i], r);
      if (r.shape == Shape::rectangle || r.shape == Shape::image || r.shape == Shape::hdf5) {
        rising(path[i] + ".x", r.x);
        rising(path[i] + ".y", r.y);
      }
      if (r.shape == Shape::polygon && good(path[i] + ".points") && flat(r.points))
        refuse(path[i] + ".points", "all points lie on one line");
      hole(path[i], r);
      cavity(path[i], r);
    }
  }
  /// Every colour has its material, which stands where else a region says its own.
  void picture(const std::string& path, const RegionCase& r) {
    for (const char* key : {"material", "conductivity", "density", "specific_heat", "liquid"})
      if (given(path + "." + key) && good(path + "." + key))
        refuse(path + "." + key, "does not go with a picture, whose colours have materials");
    if (!r.phase_change.empty() && good(path + ".phase_change"))
      refuse(path + ".phase_change", "does not go with a picture, whose colours have materials");
    if (!r.picture.picture || !good(path + ".materials")) return;
    const ColourPicture& p = *r.picture.picture;
    std::vector<std::size_t> unknown;
    for (std::size_t n = 0; n < p.colours.size(); ++n)
      if (r.picture.materials.count(p.colours[n]) == 0) unknown.push_back(n);
    if (unknown.empty()) return;
    std::stable_sort(unknown.begin(), unknown.end(),
                     [&](std::size_t a, std::size_t b) { return p.count[a] > p.count[b]; });
    std::string list;
    constexpr std::size_t enough = 8;
    for (std::size_t n = 0; n < std::min(enough, unknown.size()); ++n)
      list += fmt::format("{}{} ({} pixel{})", n == 0 ? "" : ", ", p.colours[unknown[n]], p.count[unknown[n]],
                          p.count[unknown[n]] == 1 ? "" : "s");
    if (unknown.size() > enough) list += fmt::format(" and {} more", unknown.size() - enough);
    refuse(path + ".materials",
           fmt::format("{} no material: {}",
                       unknown.size() == 1 ? "1 colour of the picture has"
                                           : fmt::format("{} colours of the picture have", unknown.size()),
                       list));
  }
  /// A layer of closed outlines, in a unit that somebody says.
  void drawing(const std::string& path, const RegionCase& r) {
    if (!r.drawing.drawing || !good(path + ".layer") || !good(path + ".scale")) return;
    const Drawing& d = *r.drawing.drawing;
    const DrawnLayer* const layer = d.layer(r.drawing.layer);
    if (layer == nullptr) {
      std::vector<std::string> names;
      for (const DrawnLayer& l : d.layers) names.push_back(printable(l.name));
      refuse(path + ".layer", names.empty() ? "nothing is drawn there, nor on any other layer"
                                            : "nothing is drawn on a layer of this name; there is: " +
                                                  joined(names) + did_you_mean(r.drawing.layer, names));
      return;
    }
    std::string others;
    for (const auto& [kind, count] : layer->others)
      others += fmt::format("{}{} {}", others.empty() ? "" : ", ", count, kind);
    if (!others.empty())
      refuse(path + ".layer",
             fmt::format(
                 "what is drawn there must be closed polylines and circles, and there is besides: {}; join "
                 "it to polylines, or draw it on another layer",
                 others));
    if (!(r.drawing.unit() > 0.0))
      refuse(path + ".scale",
             "missing; the drawing does not say its unit ($INSUNITS): give what it is in metres, "
             "1e-3 for mm");
    else if (others.empty() && flat(outlines_of(*layer, r.drawing.unit()).points))
      refuse(path + ".layer", "what is drawn there has no area");
  }
  /// All datasets of a region lie on the same pixels.
  void arrays(const std::string& path, const RegionCase& r) {
    const DatasetCase* first = nullptr;
    bool refused = false;
    const auto see = [&](const char* key, const Quantity& q) {
      const auto* const d = std::get_if<DatasetCase>(&q);
      if (d == nullptr) return;
      if (first == nullptr) first = d;
      if (!d->array || !first->array || refused) return;
      const PixelArray &mine = d->array->pixels, &other = first->array->pixels;
      if (mine.nx == other.nx && mine.ny == other.ny) return;
      refused = true;
      refuse(path + "." + key,
             fmt::format("has the shape ({}, {}), and {} has ({}, {}); arrays of one region must "
                         "have the same, or give each its region",
                         mine.ny, mine.nx, first->dataset, other.ny, other.nx));
    };
    if (r.conductivity) {
      see("conductivity", r.conductivity->x);
      see("conductivity", r.conductivity->y);
    }
    if (r.density) see("density", *r.density);
    if (r.specific_heat) see("specific_heat", r.specific_heat->value);
    if (r.temperature) see("temperature", *r.temperature);
    if (r.power) see("power", *r.power);
    if (first == nullptr && good(path))
      refuse(path + ".file",
             "is asked for nothing; name a dataset of it as conductivity, density, specific_heat, "
             "temperature or "
             "power, or make it a rectangle");
  }
  void hole(const std::string& path, const RegionCase& r) {
    if (!good(path + ".void") || !good(path + ".wall")) return;
    if (!r.is_void.value_or(false)) {
      if (!r.wall.empty()) refuse(path + ".wall", "belongs to a hole; write void = true beside it");
      return;
    }
    for (const char* const key :
         {"material", "conductivity", "density", "specific_heat", "temperature", "liquid", "power", "heat"})
      if (given(path + "." + key))
        refuse(path + "." + key, "has no place beside void = true: a hole has a name, a shape and a wall");
    if (!r.phase_change.empty())
      refuse(path + ".phase_change",
             "has no place beside void = true: a hole has a name, a shape and a wall");
    if (r.shape == Shape::image || r.shape == Shape::hdf5)
      refuse(path + ".shape", "does not go with void = true; a hole is a rectangle, a circle or a polygon");
    if (r.wall.size() > 1) refuse(path + ".wall", "must be one: a hole has the same wall all around");
    if (r.wall.empty()) return;
    const WallCase& w = r.wall.front();
    if (app::periodic(w)) refuse(path + ".wall", "cannot be periodic; only two sides of the domain can");
    if (w.from || w.to) refuse(path + ".wall", "must be one all around, without from and to");
    if (!w.name.empty()) refuse(path + ".wall", "has the name of its region, and no other");
    if (w.given("radiant") && !w.given("emissivity"))
      refuse(path + ".wall", "needs emissivity beside radiant");
  }
  void cavity(const std::string& path, const RegionCase& r) {
    if (r.cavity.empty() || !good(path + ".cavity")) return;
    if (r.cavity.size() > 1) refuse(path + ".cavity", "must be one");
    for (const char* const key : {"material", "conductivity"})
      if (given(path + "." + key))
        refuse(path + "." + key, "has no place beside cavity, which says what the region conducts");
    if (r.is_void.value_or(false))
      refuse(path + ".cavity", "has no place beside void = true: a hole has a name, a shape and a wall");
    if (r.shape != Shape::rectangle && r.shape != Shape::circle && r.shape != Shape::polygon)
      refuse(path + ".shape", "does not go with cavity; that is a rectangle, a circle or a polygon");
    if (r.shape == Shape::polygon && good(path + ".points") && crosses_itself(r.points))
      refuse(path + ".points", "cross themselves; a cavity of air is one outline");
  }
  /// Every name of a material stands for one.
  void materials() {
    const auto known = [&](const std::string& key, const std::string& name) {
      if (name.empty() || !good(key) || material_of(c_, name) != nullptr) return;
      std::vector<std::string> names = built_in_names();
      for (const NamedMaterialCase& m : c_.materials) names.insert(names.begin(), m.name);
      refuse(key, "no [materials." + name + "] is given, and none is built in" + did_you_mean(name, names) +
                      "; `calor materials` lists those");
    };
    known("material.material", c_.material.material);
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      known(path[i] + ".material", c_.regions[i].material);
      for (const auto& [colour, name] : c_.regions[i].picture.materials) known(path[i] + ".materials", name);
      for (const auto& [colour, name] : c_.regions[i].picture.materials)
        if (const NamedMaterialCase* const m = material_of(c_, name); m != nullptr && !m->conductivity)
          refuse(path[i] + ".materials", "[materials." + name + "] does not give a conductivity");
    }
    const Node* const section = document_.find("material");
    if (c_.material.conductivity || !good("material.conductivity") || !good("material.material")) return;
    if (section != nullptr && section->kind != Node::Kind::table) return;
    if (c_.material.material.empty())
      refuse("material.conductivity", "missing; it must be given, or the name of a material");
    else if (!properties_of(c_, c_.material).conductivity)
      refuse("material.conductivity",
             "missing; it must be given, as [materials." + c_.material.material + "] does not give it");
  }
  /// Latent heat goes with the specific heat that is said beside it.
  void phase_changes() {
    bool melts = false;
    const auto look = [&](const std::string& key, const auto& of) {
      melts = melts || !of.phase_change.empty();
      for (const PhaseChangeCase& p : of.phase_change)
        if (p.from > p.to && good(key))
          refuse(key, fmt::format("from = {} lies above to = {}", p.from, p.to));
      if (!of.phase_change.empty() && !of.specific_heat && good(key))
        refuse(key, "lacks specific_heat beside it, with which it goes");
    };
    look("material.phase_change", c_.material);
    for (const NamedMaterialCase& m : c_.materials) look("materials." + m.name + ".phase_change", m);
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i) look(path[i] + ".phase_change", c_.regions[i]);
    if (melts) return;
    const std::string why = "nothing melts in this case; phase_change says what does";
    if (given("initial.liquid") && good("initial.liquid")) refuse("initial.liquid", why);
    for (std::size_t i = 0; i < path.size(); ++i)
      if (c_.regions[i].liquid && good(path[i] + ".liquid")) refuse(path[i] + ".liquid", why);
  }
  void contacts() {
    std::vector<std::string> names{"material"};
    for (const RegionCase& r : c_.regions) names.push_back(r.name);
    const std::vector<std::string> path = paths("contact", c_.contacts.size());
    std::set<std::set<std::string>> seen;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const ContactCase& contact = c_.contacts[i];
      if (!good(path[i]) || !good("region")) continue;
      std::vector<std::string> mine = contact.between;
      if (mine.empty()) mine = {contact.around};
      if (mine.size() == 1 && mine[0].empty()) {
        refuse(path[i], "lacks between = [two regions] or around = \"a region\"");
        continue;
      }
      const std::string key = path[i] + (mine.size() == 2 ? ".between" : ".around");
      for (const std::string& name : mine) {
        if (std::count(names.begin(), names.end(), name) == 0)
          refuse(key, fmt::format("no [[region]] has the name \"{}\"; there is: {}{}", printable(name, 60),
                                  joined(names), did_you_mean(name, names)));
        else if (name == "material" && std::count(names.begin(), names.end(), name) > 1)
          refuse(key,
                 "\"material\" is what lies under all regions; give the region of that name another one");
      }
      if (mine.size() == 2 && mine[0] == mine[1]) refuse(key, "must be two different ones");
      if (good(key) && !seen.insert({mine.begin(), mine.end()}).second)
        refuse(key, "another [[contact]] says the same");
    }
    if (!c_.contacts.empty() && c_.material.face_mean == FaceMean::arithmetic && good("material.face_mean"))
      refuse("material.face_mean",
             "\"arithmetic\" is for no resistances in series, and [[contact]] is one; "
             "leave it out, or take another");
  }
  void plate() {
    const PlateCase& p = c_.plate;
    if (!p.given()) return;
    for (const auto& [key, there] : {std::pair{"plate.thickness", p.thickness.has_value()},
                                     {"plate.film", p.film.has_value()},
                                     {"plate.ambient", p.ambient.has_value()}})
      if (!there && good(key)) refuse(key, "missing; it must be given in [plate]");
  }
  /// Two edges that do not follow one another share a point within both.
  static bool crosses_itself(const std::vector<std::array<double, 2>>& p) {
    const std::size_t n = p.size();
    const auto side = [&](std::size_t a, std::size_t b, std::size_t c) {  // of the line from a to b
      return (p[b][0] - p[a][0]) * (p[c][1] - p[a][1]) - (p[b][1] - p[a][1]) * (p[c][0] - p[a][0]);
    };
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i + 2; j < n; ++j) {
        const std::size_t i2 = i + 1, j2 = (j + 1) % n;
        if (j2 != i && side(i, i2, j) * side(i, i2, j2) < 0.0 && side(j, j2, i) * side(j, j2, i2) < 0.0)
          return true;
      }
    return false;
  }
  static bool flat(const std::vector<std::array<double, 2>>& points) {
    for (const auto& p : points)
      for (std::size_t i = 1; i < points.size(); ++i) {
        const auto& o = points[0];
        const auto& q = points[i];
        if ((p[0] - o[0]) * (q[1] - o[1]) != (p[1] - o[1]) * (q[0] - o[0])) return false;
      }
    return true;
  }

  void boundary() {
    struct Side {
      std::string key, opposite;
      const std::vector<WallCase>&pieces, &across;
      std::string along;
      const std::array<double, 2>& ends;
    };
    const BoundaryCase& b = c_.boundary;
    const std::array<Side, 4> sides{
        {{"boundary.left", "boundary.right", b.left, b.right, "grid.y", c_.grid.y},
         {"boundary.right", "boundary.left", b.right, b.left, "grid.y", c_.grid.y},
         {"boundary.bottom", "boundary.top", b.bottom, b.top, "grid.x", c_.grid.x},
         {"boundary.top", "boundary.bottom", b.top, b.bottom, "grid.x", c_.grid.x}}};
    std::set<std::string> names;  // of holes and pieces
    for (const RegionCase& r : c_.regions)
      if (r.is_void.value_or(false)) names.insert(r.name);
    bool level_fixed = false, absolute = false;
    BySide<std::vector<std::optional<WallLaw>>> all_laws;
    for (std::size_t n = 0; n < sides.size(); ++n)
      for (const WallCase& w : sides[n].pieces) {
        const std::optional<WallLaw>& law = all_laws[n].emplace_back(law_of(w, functions_));
        level_fixed = level_fixed || (law && fixes_level(*law));
        absolute = absolute || (law && calor::absolute(*law));
      }
    std::vector<std::optional<WallLaw>> hole_laws;
    for (const RegionCase& r : c_.regions)
      for (const WallCase& w : r.wall) {
        const std::optional<WallLaw>& law = hole_laws.emplace_back(law_of(w, functions_));
        level_fixed = level_fixed || (law && fixes_level(*law));
        absolute = absolute || (law && calor::absolute(*law));
      }
    for (const RegionCase& r : c_.regions) absolute = absolute || !r.cavity.empty();
    if (absolute || c_.output.temperature_unit) coldest_ = absolute_zero(c_.output.unit());
    for (std::size_t n = 0; n < sides.size(); ++n) {
      const Side& side = sides[n];
      const auto is_periodic = [](const WallCase& w) { return app::periodic(w); };
      const bool periodic = std::any_of(side.pieces.begin(), side.pieces.end(), is_periodic);
      if (!good(side.key)) continue;
      const std::vector<std::string> path = paths(side.key, side.pieces.size());
      for (std::size_t i = 0; i < path.size(); ++i) {
        const WallCase& wall = side.pieces[i];
        if (!wall.name.empty() && good(path[i] + ".name")) {
          if (app::periodic(wall))
            refuse(path[i] + ".name", "has no place beside periodic, which is no wall");
          else if (!names.insert(wall.name).second)
            refuse(path[i] + ".name", "is the name of another wall, or of a hole");
        }
        if (wall.given("radiant") && !wall.given("emissivity") && good(path[i] + ".radiant"))
          refuse(path[i] + ".radiant", "needs emissivity beside it");
        if (!all_laws[n][i]) continue;
        for_each_function(*all_laws[n][i], [&](const char* key, const Function&, const Allowed& allowed) {
          if (allowed.temperature() && wall.given(key))
            not_too_cold(fmt::format("{}.{}", path[i], key), wall.value(key));
        });
      }
      if (good(side.along)) pieces(side.key, side.pieces, path, side.ends, periodic);
      if (periodic && kinds_known(side.opposite, side.across.size()) &&
          std::none_of(side.across.begin(), side.across.end(), is_periodic))
        refuse(side.key, side.opposite + " must be periodic as well");
    }
    const std::vector<std::string> region_path = paths("region", c_.regions.size());
    for (std::size_t i = 0, n = 0; i < region_path.size(); ++i)
      for (const WallCase& w : c_.regions[i].wall) {
        if (const std::optional<WallLaw>& law = hole_laws[n++])
          for_each_function(*law, [&](const char* key, const Function&, const Allowed& allowed) {
            if (allowed.temperature() && w.given(key))
              not_too_cold(region_path[i] + ".wall." + key, w.value(key));
          });
      }
    initial_temperatures();
    if (c_.plate.ambient) not_too_cold("plate.ambient", *c_.plate.ambient);
    level_open_ = !level_fixed && !source_of_temperature();
  }
  bool kinds_known(const std::string& key, std::size_t count) const {
    const std::vector<std::string> path = paths(key, count);
    return (!given(key) || path.size() == count) &&
           std::all_of(path.begin(), path.end(), [this](const std::string& p) { return good(p + ".type"); });
  }
  void pieces(const std::string& key, const std::vector<WallCase>& walls,
              const std::vector<std::string>& path, const std::array<double, 2>& ends, bool periodic) {
    struct Piece {
      double from, to;
      std::size_t i;
    };
    std::vector<Piece> order;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const Piece p{walls[i].from.value_or(ends[0]), walls[i].to.value_or(ends[1]), i};
      const auto outside = [&ends](double v) { return !(ends[0] <= v && v <= ends[1]); };
      const std::string side = fmt::format("the side, which runs from {} to {} m", ends[0], ends[1]);
      if (walls[i].from && outside(p.from)) refuse(path[i] + ".from", "lies outside " + side);
      if (walls[i].to && outside(p.to)) refuse(path[i] + ".to", "lies outside " + side);
      if (!good(path[i] + ".from") || !good(path[i] + ".to")) continue;
      if (!(p.from < p.to)) {
        refuse(path[i] + (walls[i].to ? ".to" : ".from"),
               fmt::format("the piece from {} to {} m is empty: from must be less than to", p.from, p.to));
        continue;
      }
      order.push_back(p);
    }
    if (periodic &&
        (walls.size() != 1 || (order.size() == 1 && (order[0].from != ends[0] || order[0].to != ends[1]))))
      refuse(key, "a periodic wall must take the whole side");
    std::stable_sort(order.begin(), order.end(),
                     [](const Piece& a, const Piece& b) { return a.from < b.from; });
    for (std::size_t n = 1; n < order.size(); ++n)
      if (order[n].from < order[n - 1].to)
        refuse(path[order[n].i],
               fmt::format("overlaps the piece from {} to {} m", order[n - 1].from, order[n - 1].to));
  }
  bool source_of_temperature() const {
    const auto of_T = [](const Quantity& q) {
      const auto* text = std::get_if<std::string>(&q);
      if (text == nullptr) return false;
      const std::vector<std::string_view> names = Function::names_in(*text);
      return std::find(names.begin(), names.end(), "T") != names.end();
    };
    return c_.plate.given() || of_T(c_.source.power) ||
           std::any_of(c_.regions.begin(), c_.regions.end(), [&](const RegionCase& r) {
             return (r.power && of_T(*r.power)) || (r.heat && of_T(*r.heat));
           });
  }
  /// One number a cell: a conductivity along x and another along y is none.
  void weights() {
    const auto two = [&](const Properties& p) { return p.conductivity && p.conductivity->anisotropic; };
    const auto of_picture = [&](const auto& colour) {
      const NamedMaterialCase* const m = material_of(c_, colour.second);
      return m != nullptr && m->conductivity && m->conductivity->anisotropic;
    };
    if (!two(properties_of(c_, c_.material)) &&
        std::none_of(c_.regions.begin(), c_.regions.end(), [&](const RegionCase& r) {
          return two(properties_of(c_, r)) ||
                 std::any_of(r.picture.materials.begin(), r.picture.materials.end(), of_picture);
        }))
      return;
    const std::vector<std::string> path = paths("integral", c_.integrals.size());
    for (std::size_t i = 0; i < path.size(); ++i)
      if (const auto* const word = std::get_if<std::string>(&c_.integrals[i].weight);
          word != nullptr && *word == "conductivity" && good(path[i] + ".weight"))
        refuse(path[i] + ".weight",
               "\"conductivity\" is two numbers where it is [kx, ky]; write what is meant as a number or an "
               "expression");
  }
  /// Nothing physical is guessed.
  void properties() {
    if (!good("time.method") || !good("boundary")) return;
    const auto need = [&](const std::string& key, bool given, const std::string& why) {
      const Node* const section = document_.find(key.substr(0, key.find('.')));
      if (given || this->given(key) || !good(key)) return;
      if (section != nullptr && section->kind != Node::Kind::table) return;
      refuse(key, "missing; it must be given, " + why);
    };
    const bool steady = c_.time.steady();
    // Of a material that there is not nothing is missing but its name.
    const bool known = c_.material.material.empty() || material_of(c_, c_.material.material) != nullptr;
    const auto need_density = [&](const std::string& why) {
      if (!known) return;
      need("material.density", properties_of(c_, c_.material).density.has_value(), why);
      need_of_regions("density", why, [](const Properties& p) { return p.density.has_value(); });
    };
    const auto need_specific_heat = [&](const std::string& why) {
      if (!known) return;
      need("material.specific_heat", properties_of(c_, c_.material).specific_heat.has_value(), why);
      need_of_regions("specific_heat", why, [](const Properties& p) { return p.specific_heat.has_value(); });
    };
    std::string why = "as the case goes through time";
    if (steady) why = "as no wall fixes the level of the temperature, and the heat at the start stays";
    if (!steady || level_open_) {
      need_density(why);
      need_specific_heat(why);
      need("initial.temperature", c_.initial.temperature || !c_.initial.file.empty(), why);
      return;
    }
    for (const IntegralCase& i : c_.integrals) {
      const auto* const word = std::get_if<std::string>(&i.weight);
      const CellQuantity* const q = word != nullptr ? find_quantity(*word) : nullptr;
      if (q == nullptr) continue;
      why = fmt::format("as integral {} is weighted with {}", i.name, *word);
      if (q->of_density) need_density(why);
      if (q->of_specific_heat) need_specific_heat(why);
    }
  }
  /// A material that a region names must not leave what lies under the region in force.
  template <class Has>
  void need_of_regions(const std::string& what, const std::string& why, Has&& has) {
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      for (const auto& [colour, material] : c_.regions[i].picture.materials)
        if (const NamedMaterialCase* const m = material_of(c_, material);
            m != nullptr && good(path[i] + ".materials") &&
            !has(Properties{m->conductivity, m->density, m->specific_heat, m->phase_change}))
          refuse(
              path[i] + ".materials",
              fmt::format("[materials.{}] does not give {}, and it must be given, {}", material, what, why));
      const std::string& name = c_.regions[i].material;
      if (name.empty() || !good(path[i] + ".material") || !good(path[i] + "." + what)) continue;
      if (material_of(c_, name) == nullptr || has(properties_of(c_, c_.regions[i]))) continue;
      refuse(path[i] + "." + what,
             fmt::format("missing; [materials.{}] does not give it, and it must be given, {}", name, why));
    }
  }
  void not_too_cold(const std::string& key, const Quantity& q) {
    std::optional<double> v = number_in(q);
    if (const auto* const d = std::get_if<DatasetCase>(&q); d != nullptr && d->array) v = d->array->least();
    if (coldest_ && v && *v < *coldest_ && good(key))
      refuse(key, fmt::format("lies below absolute zero, {} {}", *coldest_, name_of(c_.output.unit())));
  }
  void initial_temperatures() {
    if (!c_.initial.hash.empty() && c_.initial.file.empty())
      refuse("initial.hash", "is that of initial.file, which is missing");
    if (c_.initial.file.empty() && c_.initial.temperature)
      not_too_cold("initial.temperature", *c_.initial.temperature);
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i)
      if (c_.regions[i].temperature) not_too_cold(path[i] + ".temperature", *c_.regions[i].temperature);
  }

  /// The end time, as far as the case alone tells it.
  std::optional<double> end() const {
    if (!good("time.end") || !good("time.steps") || !good("time.dt")) return {};
    if (c_.time.end) return c_.time.end;
    if (c_.time.steps && c_.time.dt) return static_cast<double>(*c_.time.steps) * *c_.time.dt;
    return {};
  }

  void time() {
    const TimeCase& t = c_.time;
    if (!good("time.method")) return;
    const bool steady = t.steady();
    if (!steady && !t.end && !t.steps && good("time.end") && good("time.steps"))
      refuse("time.end", "missing; give time.end or time.steps");
    const bool by_count = t.method == nullptr || steady || t.method->automatic == AutomaticStep::by_limit;
    if (t.steps && !t.dt && !by_count && good("time.steps"))
      refuse("time.steps", "needs a number for time.dt: " + name_of(t.method) +
                               " chooses its own, and with it how many they are");
    if (t.end && t.dt && good("time.end") && good("time.dt") && *t.end / *t.dt > most_steps)
      refuse("time.dt", fmt::format("would take {:g} steps to the end", *t.end / *t.dt));
    if (c_.solver.iteration == IterationKind::none && !is_multigrid(c_.solver.preconditioner) &&
        good("solver.iteration") && good("solver.preconditioner"))
      refuse(
          "solver.iteration",
          "needs solver.preconditioner = \"multigrid\" or \"algebraic\"; nothing else converges by itself");
    if (t.steps && t.dt && good("time.steps") && good("time.dt") &&
        !std::isfinite(static_cast<double>(*t.steps) * *t.dt))
      refuse("time.steps", "steps times dt is no finite time");
  }

  void output() {
    const OutputCase& o = c_.output;
    if (good("output.fields") && std::find(o.fields.begin(), o.fields.end(), "temperature") == o.fields.end())
      refuse("output.fields", "must include \"temperature\"");
    const std::optional<double> last = end();
    if (o.every && last && good("output.every") && *last / *o.every > most_outputs)
      refuse("output.every", fmt::format("would write {:g} snapshots", *last / *o.every));
    if (!good("output.times")) return;
    for (std::size_t i = 0; i < o.times.size(); ++i) {
      const std::string key = "output.times";
      if (i > 0 && !(o.times[i - 1] < o.times[i])) {
        refuse(key, fmt::format("must rise; {} follows {}", o.times[i], o.times[i - 1]));
        return;
      }
      if (last && o.times[i] > *last * (1.0 + 1e-12)) {  // steps times dt is rounded
        refuse(key, fmt::format("{} s lies beyond the end of the run, {} s", o.times[i], *last));
        return;
      }
    }
  }

  void probes() {
    unique_names("probe", c_.probes);
    const std::vector<std::string> path = paths("probe", c_.probes.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      const std::array<double, 2>& at = c_.probes[i].at;
      if (good(path[i] + ".name") && c_.probes[i].name == "time")
        refuse(path[i] + ".name", "is the name of the first column of probes.csv");
      in_domain(path[i] + ".at", at);
    }
  }
  void in_domain(const std::string& key, const std::array<double, 2>& at) {
    if (!good(key) || !good("grid.x") || !good("grid.y")) return;
    const std::array<double, 2>&x = c_.grid.x, &y = c_.grid.y;
    if (!(x[0] <= at[0] && at[0] <= x[1] && y[0] <= at[1] && at[1] <= y[1]))
      refuse(key,
             fmt::format("lies outside the domain, x in [{}, {}], y in [{}, {}]", x[0], x[1], y[0], y[1]));
  }

  void sections() {
    unique_names("section", c_.sections);
    const std::vector<std::string> path = paths("section", c_.sections.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      in_domain(path[i] + ".from", c_.sections[i].from);
      in_domain(path[i] + ".to", c_.sections[i].to);
      if (good(path[i] + ".from") && good(path[i] + ".to") && c_.sections[i].from == c_.sections[i].to)
        refuse(path[i] + ".to", "is where the line begins");
    }
  }

  void thermal_bridge() {
    const ThermalBridgeCase& b = c_.thermal_bridge;
    if (!b.given() || !good("thermal_bridge") || !good("boundary")) return;
    for (const auto& [key, value] :
         {std::pair{"thermal_bridge.inside", b.inside}, {"thermal_bridge.outside", b.outside}})
      if (!value) refuse(key, "missing; it must be given beside the rest of [thermal_bridge]");
    if (!b.inside || !b.outside) return;
    if (*b.inside == *b.outside) refuse("thermal_bridge.outside", "must be another temperature than inside");
    if (good("time.method") && !c_.time.steady())
      refuse("thermal_bridge.inside", "is asked of a steady state; write time.method = \"steady\"");
    const ThermalBridge bridge{*b.inside, *b.outside, {}};
    bool inside = false, outside = false;
    const std::array<std::pair<std::string, const std::vector<WallCase>*>, 4> sides{
        {{"boundary.left", &c_.boundary.left},
         {"boundary.right", &c_.boundary.right},
         {"boundary.bottom", &c_.boundary.bottom},
         {"boundary.top", &c_.boundary.top}}};
    const auto see = [&](const std::string& key, const WallCase& wall) {
      const std::optional<WallLaw> law = law_of(wall, functions_);
      const BridgeWall kind = law ? bridge_wall(*law, bridge) : BridgeWall::insulated;
      inside = inside || kind == BridgeWall::inside;
      outside = outside || kind == BridgeWall::outside;
      if (kind == BridgeWall::other)
        refuse(key, fmt::format("has no place in a thermal bridge: heat may pass walls to inside ({}) and "
                                "outside ({}) alone, and what they name must be one of these, the same "
                                "everywhere",
                                *b.inside, *b.outside));
    };
    for (const auto& [key, pieces] : sides) {
      const std::vector<std::string> path = paths(key, pieces->size());
      for (std::size_t i = 0; i < path.size(); ++i) see(path[i], (*pieces)[i]);
    }
    const std::vector<std::string> of_region = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < of_region.size(); ++i)
      for (const WallCase& wall : c_.regions[i].wall)
        if (good(of_region[i] + ".wall")) see(of_region[i] + ".wall", wall);
    for (const auto& [key, found] :
         {std::pair{"thermal_bridge.inside", inside}, {"thermal_bridge.outside", outside}})
      if (!found) refuse(key, "is the ambient of no wall");
    const auto heats = [&](const std::string& key, const std::optional<Quantity>& q) {
      if (q && number_in(*q) != std::optional{0.0} && good(key))
        refuse(key, "has no place in a thermal bridge: what passes it comes from inside alone");
    };
    if (c_.plate.given()) refuse("plate.film", "has no place beside a thermal bridge");
    heats("source.power", c_.source.power);
    const std::vector<std::string> path = paths("region", c_.regions.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      heats(path[i] + ".power", c_.regions[i].power);
      heats(path[i] + ".heat", c_.regions[i].heat);
    }
  }

  void integrals() {
    unique_names("integral", c_.integrals);
    std::vector<std::string> names;
    for (const RegionCase& r : c_.regions) names.push_back(r.name);
    const std::vector<std::string> path = paths("integral", c_.integrals.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
      const std::string& region = c_.integrals[i].region;
      if (!good(path[i] + ".region") || !good("region")) continue;
      for (const RegionCase& r : c_.regions)
        if (r.name == region && r.is_void.value_or(false)) refuse(path[i] + ".region", "is a hole");
      if (!region.empty() && std::find(names.begin(), names.end(), region) == names.end())
        refuse(path[i] + ".region",
               (names.empty() ? "no [[region]] is given"
                              : "no [[region]] has this name; there is: " + joined(names)) +
                   did_you_mean(region, names));
    }
  }

  const Case& c_;
  const FunctionTable& functions_;
  const Document& document_;
  Mistakes& mistakes_;
  bool level_open_ = false;        // nothing fixes the level of a steady state
  std::optional<double> coldest_;  // absolute zero, where something hangs on it
};

}  // namespace

std::optional<double> check_case(const Case& c, const FunctionTable& functions, const Document& document,
                                 Mistakes& mistakes) {
  Check check{c, functions, document, mistakes};
  check.all();
  return check.run_end();
}

}  // namespace calor::app
