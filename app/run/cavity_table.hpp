// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "solver/run/simulation.hpp"

namespace calor::app {

/// What the cavities of a case conduct at the temperatures that a run ended with.
struct CavityTable {
  /// By region: d, b [m], h_a, h_r [W m^-2 K^-1], conductivity [W m^-1 K^-1], all at its mean temperature;
  /// difference, assumed, and found_difference, the range of the temperatures on its outline [K].
  nlohmann::json summary = nlohmann::json::object();
  std::vector<std::string> lines;     ///< for the log
  std::vector<std::string> warnings;  ///< where another difference would have made another conductivity
};
/// Of each region with a cavity the largest difference of temperature between two places of its surface [K],
/// as ISO 10077-2 has it, on its outline as probes would tell it. Collective.
std::map<std::string, double> cavity_differences(const Case& c, Simulation& sim);
/// @param regions  of summary.json: mean by name     @param differences  as above
CavityTable cavity_table(const Case& c, const nlohmann::json& regions,
                         const std::map<std::string, double>& differences);

}  // namespace calor::app
