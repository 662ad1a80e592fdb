// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "decomposition/mpi.hpp"
#include "io/array_file.hpp"

namespace calor {

/// The snapshots in a run's directory, in the order of their steps.
std::vector<std::filesystem::path> snapshots_in(const std::filesystem::path& directory);

/// The newest snapshot of a run's directory, or the file itself. Collective.
std::filesystem::path snapshot_of(const mpi::Comm& comm, const std::string& what);

/// Whether it is the snapshot of a steady state, whose time and step say nothing. Of a file of calor that has
/// been verified. Serial.
bool is_steady(const io::Manifest& file);

}  // namespace calor
