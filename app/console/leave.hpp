// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "decomposition/mpi.hpp"

namespace calor::app {

/// How the program ends: `code`, or 70 where MPI_Finalize, which waits for all ranks, takes more than a
/// minute; or, where files of MPI-IO were abandoned (mpi::abandon_files), the process itself, without
/// MPI_Finalize. Then 0 becomes 74 (io_error): launchers take a rank that ends without it for one that has
/// failed. Called by all ranks with equal codes; waits for the others for a second at most.
int leave(const mpi::Comm& world, int code);

}  // namespace calor::app
