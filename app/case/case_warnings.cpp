// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/case_warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <variant>

#include "app/case/context.hpp"
#include "app/case/wall_words.hpp"
#include "app/materials/table.hpp"

namespace calor::app {

namespace {

/// Lowest temperature that the case gives as a number, and its key.
struct Lowest {
  double value = std::numeric_limits<double>::infinity();
  std::string key;

  void see(const Quantity& q, const std::string& name) {
    if (const auto* number = std::get_if<double>(&q); number != nullptr && *number < value) {
      value = *number;
      key = name;
    }
  }
};

/// Radiation counts temperatures from absolute zero, and a case that does not say its unit is taken in K.
void doubt_kelvin(const Case& c, std::vector<std::string>& warnings) {
  constexpr double cold = 150.0;  // colder than where most things radiate, warmer than most degrees Celsius
  if (c.output.temperature_unit) return;
  bool radiates = false;
  Lowest lowest;
  const FunctionTable named = functions_of(c);
  const BoundaryCase& b = c.boundary;
  const std::vector<WallCase>* const all[] = {&b.left, &b.right, &b.bottom, &b.top};
  for (std::size_t s = 0; s < std::size(all); ++s)
    for (const WallCase& w : *all[s])
      if (const std::optional<WallLaw> law = law_of(w, named)) {
        radiates = radiates || absolute(*law);
        for_each_function(*law, [&](const char* name, const Function&, const Allowed& allowed) {
          if (allowed.temperature() && w.given(name))
            lowest.see(w.value(name), std::string{"boundary."} + side_words[s] + "." + name);
        });
      }
  for (const RegionCase& r : c.regions)
    for (const WallCase& w : r.wall)
      if (const std::optional<WallLaw> law = law_of(w, named)) {
        radiates = radiates || absolute(*law);
        for_each_function(*law, [&](const char* name, const Function&, const Allowed& allowed) {
          if (allowed.temperature() && w.given(name))
            lowest.see(w.value(name), fmt::format("region {}: wall.{}", r.name, name));
        });
      }
  if (c.initial.file.empty() && c.initial.temperature)
    lowest.see(*c.initial.temperature, "initial.temperature");
  for (const RegionCase& r : c.regions)
    if (r.temperature) lowest.see(*r.temperature, fmt::format("region {}: temperature", r.name));
  for (const RegionCase& r : c.regions) radiates = radiates || !r.cavity.empty();
  std::string why = radiates ? "something radiates" : "";
  // Of those built in the table of k(T) is given in the unit of the case.
  for (const NamedMaterialCase& m : c.materials)
    if (const BuiltInMaterial* const known = find_built_in(m.name);
        why.empty() && known != nullptr && std::holds_alternative<OverCelsius>(known->conductivity))
      why = fmt::format("the conductivity of {} depends on it", m.name);
  if (!why.empty() && lowest.value < cold)
    warnings.push_back(
        fmt::format("{} = {} is taken in kelvin, as {} and the case does not say its unit; write "
                    "output.temperature_unit = \"degC\" or \"K\"",
                    lowest.key, lowest.value, why));
}

/// What a picture shows and the grid cannot hold, and colours that were named in vain.
void look_at_pictures(const Case& c, std::vector<std::string>& warnings) {
  // The widest cells.
  const auto widest = [](const std::array<double, 2>& ends, std::int64_t n, const AxisCase& lines) {
    double most = lines.given() ? 0.0 : (ends[1] - ends[0]) / static_cast<double>(n);
    const std::vector<double> faces = lines.lines();
    for (std::size_t k = 0; k + 1 < faces.size(); ++k) most = std::max(most, faces[k + 1] - faces[k]);
    return most;
  };
  const double dx = widest(c.grid.x, c.grid.nx, c.grid.x_lines),
               dy = widest(c.grid.y, c.grid.ny, c.grid.y_lines);
  for (const RegionCase& r : c.regions) {
    if (!r.picture.picture) continue;
    const ColourPicture& p = *r.picture.picture;
    const double wide = (r.x[1] - r.x[0]) / p.nx, high = (r.y[1] - r.y[0]) / p.ny;
    constexpr double rounding = 1e-9;
    if (wide < dx * (1.0 - rounding) || high < dy * (1.0 - rounding))
      warnings.push_back(
          fmt::format("region '{}': pixels of {:.3g} x {:.3g} m are smaller than the cells, {:.3g} x "
                      "{:.3g} m: a cell is of the pixel at its centre, and what is narrower may be lost",
                      r.name, wide, high, dx, dy));
    for (const auto& [colour, material] : r.picture.materials)
      if (std::find(p.colours.begin(), p.colours.end(), colour) == p.colours.end())
        warnings.push_back(
            fmt::format("region '{}': the picture has no pixel of {} ({})", r.name, colour, material));
  }
}

}  // namespace

std::vector<std::string> case_warnings(const Case& c) {
  std::vector<std::string> warnings;
  for (const RegionCase& r : c.regions)
    if (!c.initial.file.empty() && r.temperature)
      warnings.push_back(
          fmt::format("region '{}' begins with the temperature that it has in the case, not with that of "
                      "initial.file; leave region.{}.temperature out to take the file's",
                      r.name, r.name));
  look_at_pictures(c, warnings);
  doubt_kelvin(c, warnings);
  return warnings;
}

}  // namespace calor::app
