// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/cavity_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "app/case/case_io.hpp"
#include "app/case/properties.hpp"
#include "solver/model/measure.hpp"

namespace calor::app {

namespace {

using Points = std::vector<std::array<double, 2>>;

/// Places on the outline of a region, within the domain.
Points outline(const RegionCase& r, const Grid& g) {
  constexpr int places = 32;  // of an edge; of a circle twice as many
  Points all;
  const auto add = [&](double x, double y) {
    if (x >= g.x0 && x <= g.x1 && y >= g.y0 && y <= g.y1) all.push_back({x, y});
  };
  if (r.shape == Shape::circle) {
    for (int n = 0; n < 2 * places; ++n) {
      const double angle = std::numbers::pi * n / places;
      add(r.center[0] + r.radius * std::cos(angle), r.center[1] + r.radius * std::sin(angle));
    }
    return all;
  }
  Points corners = r.points;
  if (r.shape != Shape::polygon)
    corners = {{r.x[0], r.y[0]}, {r.x[1], r.y[0]}, {r.x[1], r.y[1]}, {r.x[0], r.y[1]}};
  for (std::size_t a = 0; a < corners.size(); ++a) {
    const auto &from = corners[a], &to = corners[(a + 1) % corners.size()];
    for (int n = 0; n < places; ++n) {
      const double part = (n + 0.5) / places;
      add(from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1]));
    }
  }
  return all;
}

}  // namespace

std::map<std::string, double> cavity_differences(const Case& c, Simulation& sim) {
  std::map<std::string, double> found;
  for (const RegionCase& r : c.regions) {
    if (r.cavity.empty()) continue;
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (const double T :
         temperatures_at(sim.problem(), outline(r, sim.problem().grid), sim.clock().time())) {
      if (!std::isfinite(T)) continue;  // in a hole
      least = std::min(least, T);
      most = std::max(most, T);
    }
    if (least <= most) found[r.name] = most - least;
  }
  return found;
}

CavityTable cavity_table(const Case& c, const nlohmann::json& regions,
                         const std::map<std::string, double>& differences) {
  constexpr double worth_a_word = 0.02;  // of the conductivity
  CavityTable table;
  const std::string degree = name_of(c.output.unit());
  for (const RegionCase& r : c.regions) {
    if (r.cavity.empty() || !regions.contains(r.name) || differences.count(r.name) == 0) continue;
    const nlohmann::json& seen = regions.at(r.name);
    if (!seen.value("mean", nlohmann::json{}).is_number()) continue;  // the grid has nothing of it
    const FrameCavity cavity = cavity_of(r);
    const double mean = seen.at("mean"), T = mean - absolute_zero(c.output.unit());
    const double found = differences.at(r.name);
    const double k = cavity.conductivity(T), other = cavity.conductivity(T, found);
    table.summary[r.name] = {{"d", cavity.d},
                             {"b", cavity.b},
                             {"h_a", cavity.convection(cavity.difference)},
                             {"h_r", cavity.radiation_per_cube() * T * T * T},
                             {"conductivity", k},
                             {"difference", cavity.difference},
                             {"found_difference", found}};
    table.lines.push_back(
        fmt::format("cavity {}: {:.4g} W/(m K) at {:.4g} {}, {:.3g} x {:.3g} mm, {:.3g} K across", r.name, k,
                    mean, degree, 1e3 * cavity.d, 1e3 * cavity.b, found));
    if (std::abs(other / k - 1.0) > worth_a_word)
      table.warnings.push_back(
          fmt::format("region '{}': the cavity was taken with cavity.difference = {:.4g} K, and has {:.4g} K "
                      "across: it would conduct {:.4g} W/(m K) in place of {:.4g}; say so and run again",
                      r.name, cavity.difference, found, other, k));
  }
  return table;
}

}  // namespace calor::app
