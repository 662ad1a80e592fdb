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
/// What a row tells of the regions, by name, added to what is known of them already (RegionTable::summary).
nlohmann::json regions_summary(const HistoryRow& row, const SimulationSpec& spec,
                               nlohmann::json known = nlohmann::json::object());
/// Null where v is no number, which JSON has not.
nlohmann::json json_number(double v);

}  // namespace calor::app
