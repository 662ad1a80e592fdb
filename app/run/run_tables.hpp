// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "solver/run/simulation.hpp"

namespace calor::app {

/// A table that a run leaves, with a row a report: its columns come from solver/run/columns.
struct RunTable {
  std::string file;
  std::string heading;  ///< with the end of its line
  std::function<std::string(const HistoryRow& row, const std::vector<double>& probes)> line;
};

/// The history, and those of probes, regions and sections where the spec has some.
std::vector<RunTable> run_tables(const SimulationSpec& spec);

}  // namespace calor::app
