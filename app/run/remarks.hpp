// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "solver/model/region_report.hpp"
#include "solver/run/simulation.hpp"

namespace calor::app {

/// What the log and summary.json of a run would warn of, for a case that has neither: of the case, of what
/// the grid makes of its regions, of what the steps found, of its cavities. After the last step. Collective.
/// @param row    as measured there
/// @param known  what the grid makes of the regions, if it was found of a case with the same of both; else
/// empty, and filled
std::vector<std::string> warnings_of(const Case& c, Simulation& sim, const HistoryRow& row,
                                     std::vector<RegionReport>& known);

}  // namespace calor::app
