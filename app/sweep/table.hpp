// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/sweep/plan.hpp"
#include "app/sweep/queue.hpp"
#include "io/table.hpp"
#include "solver/model/region_report.hpp"
#include "solver/run/simulation.hpp"

namespace calor::app {

/// What the table tells of a case that is done, as it goes through the journal: from the simulation at its
/// end (collective), or from its summary.json.
/// @param known  as for warnings_of()
nlohmann::json result_of(const Case& c, Simulation& sim, std::vector<RegionReport>& known);
nlohmann::json result_of(const nlohmann::json& summary);

/// What was warned of in a case; none in null.
std::vector<std::string> warnings_in(const nlohmann::json& result);

/// Columns of the table besides the varied keys, the probes and the integrals: a probe may not have such a
/// name.
bool is_table_column(const std::string& name);

/// Columns of the case's regions and sections, without values.
std::vector<io::Column> part_columns(const Case& c);

/// The table of a sweep: a row a case, in the order of the plan. Serial.
std::vector<io::Column> sweep_columns(const Plan& plan, const SweepQueue& queue, const Case& example);
/// The same as text. Words of the status: done, failed, running, waiting.
void write_csv(const std::filesystem::path& path, const std::vector<io::Column>& columns);

}  // namespace calor::app
