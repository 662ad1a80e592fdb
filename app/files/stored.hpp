// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "decomposition/mpi.hpp"

namespace calor {

/// The snapshots in a run's directory.
std::vector<std::filesystem::path> snapshots_in(const std::filesystem::path& directory);

/// The newest snapshot of a run's directory, or the file itself. Collective.
std::filesystem::path snapshot_of(const mpi::Comm& comm, const std::string& what);

}  // namespace calor
