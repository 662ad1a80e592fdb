// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <string>

#include "decomposition/mpi.hpp"
#include "io/array_file.hpp"

namespace calor::app {

/// The newest snapshot of a run's directory, or the file itself. Collective.
std::filesystem::path snapshot_of(const mpi::Comm& comm, const std::string& what);

/// A name in the working directory for what is made of a file or directory where none was given:
/// out/plate -> plate.png. Throws Error{cannot_create} if it is taken. Collective.
std::string name_for(const mpi::Comm& comm, const std::string& what, const std::string& ending);

/// Whether it is the snapshot of a steady state, whose time and step say nothing. Of a file of calor that has
/// been verified. Serial.
bool is_steady(const io::Manifest& file);

}  // namespace calor::app
