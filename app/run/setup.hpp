// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "solver/run/simulation.hpp"

namespace calor::app {

/// The case as what the solver takes. Without `initial.file` no files are looked at.
SimulationSpec simulation_spec(const Case& c);

/// The probes as files and tables name them: one on a contact is two, each with the name of its side behind.
std::vector<std::string> probe_names(const Case& c);

/// A box for every rank; as make_partition.
/// @param imbalance  is set, if given, to what the dearest box costs over the mean
Partition partition_of(const Case& c, int ranks, double* imbalance = nullptr);

/// All of the state in integers and words, so that the same bits come back.
nlohmann::json to_json(const Simulation::State& state);
/// The counterpart. Throws nlohmann::json::exception where something is missing.
Simulation::State state_from_json(const nlohmann::json& j);

}  // namespace calor::app
