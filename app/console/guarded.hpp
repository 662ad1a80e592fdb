// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <string>

#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

/// The one door out of the program. Runs `work`; an Error, which all ranks throw alike, is printed once and
/// becomes the exit code. Anything else one rank may have met alone: it is printed with the rank, and all
/// ranks are ended.
int guarded(const mpi::Comm& world, const std::function<Exit()>& work);

/// The same before or without MPI.
int guarded(const std::function<Exit()>& work);

}  // namespace calor::app
