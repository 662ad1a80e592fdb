// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/cavity_table.hpp"

#include <fmt/format.h>

#include <cmath>

#include "app/case/case_io.hpp"
#include "app/case/properties.hpp"

namespace calor::app {

CavityTable cavity_table(const Case& c, const nlohmann::json& regions) {
  constexpr double worth_a_word = 0.02;  // of the conductivity
  CavityTable table;
  const std::string degree = name_of(c.output.unit());
  for (const RegionCase& r : c.regions) {
    if (r.cavity.empty() || !regions.contains(r.name)) continue;
    const nlohmann::json& seen = regions.at(r.name);
    if (!seen.value("mean", nlohmann::json{}).is_number()) continue;  // the grid has nothing of it
    const FrameCavity cavity = cavity_of(r);
    const double mean = seen.at("mean"), T = mean - absolute_zero(c.output.unit());
    const double found = seen.at("max").get<double>() - seen.at("min").get<double>();
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
