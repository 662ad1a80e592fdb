// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "solver/model/region_report.hpp"
#include "solver/run/simulation.hpp"

namespace calor::app {

/// What the grid makes of the regions of a case, as it is said before the first step.
struct RegionTable {
  nlohmann::json summary;  ///< by name: cells, area, area_drawn [m2], power_at_start [W/m] where it heats
  std::vector<std::string> lines;     ///< for the log
  std::vector<std::string> warnings;  ///< what the grid cannot hold
};
/// Collective.
RegionTable region_table(Simulation& sim);
/// Its warnings alone: what the grid cannot hold of walls and regions.
std::vector<std::string> grid_warnings(const ProblemSpec& spec, const std::vector<RegionReport>& reports);

}  // namespace calor::app
