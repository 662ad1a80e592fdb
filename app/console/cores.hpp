// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "decomposition/mpi.hpp"

namespace calor::app {

/// Before anything else in the program: where more ranks and threads were started on this node than there are
/// cores, those that wait are to leave the cores to those that work. Open MPI reads this in MPI_Init (it
/// finds out by itself only where the launcher's slots are the cores), libgomp when it is loaded: then the
/// program starts itself again, once. What the user has set stays.
void yield_where_cores_are_shared(char** argv);

/// Where OMP_NUM_THREADS says nothing, a rank takes its share of the cores that it may use: each core is
/// divided by the ranks of the node in whose mask it is; at least one. Collective.
void take_share_of_cores(const mpi::Comm& world);

}  // namespace calor::app
