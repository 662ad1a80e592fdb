// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>

namespace calor::app {

// What a launcher (mpirun, srun) has left in the environment: all that is known of other ranks before MPI.

/// An environment variable as a whole number, if it is one.
std::optional<int> number_of(const char* variable);
/// Whether this process is the launcher's first.
bool first_process();
/// Without a launcher there is nobody to talk to: Open MPI's library is told not to start its daemon and to
/// listen on no port. What the user has said about these settings stands. To be called before MPI starts.
void keep_to_itself();
/// Where the launcher has started all processes on this node, Open MPI's library is told not to look for
/// networks: they talk through memory anyway, and of Open MPI 4's drivers one takes a fifth of a second to be
/// loaded, whether there is such a network or not (PSM measures its clock). What the user has said stands. To
/// be called before MPI starts.
void stay_on_the_node();
/// Processes that it started on this node; 1 where nothing is said.
int processes_here();

}  // namespace calor::app
