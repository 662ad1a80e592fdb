// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <nlohmann/json.hpp>

#include "app/case/case.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

/// Bytes that a run will hold and write: {cells, bytes_per_cell, bytes_per_rank, snapshot_bytes,
/// checkpoint_bytes}.
nlohmann::json memory_estimate(const Case& c, int ranks);

/// Error{bad_case} on all ranks if the ranks of some node together want more memory than the node can still
/// give. Collective.
void check_memory(const Case& c, const mpi::Comm& comm);

/// The same for the largest case of many: `bytes` is what this rank will hold, `what` says of which case.
void check_memory(std::int64_t bytes, const std::string& what, const mpi::Comm& comm);

/// `calor estimate`: no run; prints memory, files, explicit limit, steps, time, and advice, for people or as
/// JSON. Collective.
void estimate(const mpi::Comm& comm, const Case& c, bool json);

}  // namespace calor::app
