// SPDX-License-Identifier: BSD-3-Clause
#include "app/command_line.hpp"
#include "app/console/cores.hpp"
#include "app/console/guarded.hpp"
#include "app/console/launcher.hpp"
#include "app/console/leave.hpp"
#include "app/console/stop.hpp"
#include "decomposition/field_memory.hpp"
#include "decomposition/mpi.hpp"

int main(int argc, char** argv) {
  const bool saves = calor::CommandLine::names_one_that_saves(argc, argv);
  if (saves) calor::hold_stop_signals();
  calor::hold_standard_streams();
  calor::yield_where_cores_are_shared(argv);  // starts the program anew where that helps
  if (saves) calor::catch_stop_signals();
  calor::CommandLine line;
  // Words that need no ranks are answered without MPI, as on a login node.
  if (const auto code = line.parse(argc, argv)) return *code;
  calor::field_memory::keep_no_gaps();
  calor::keep_to_itself();
  calor::mpi::Environment environment{argc, argv};     // first object in, last out
  const calor::mpi::Comm world = environment.world();  // our own duplicate of all ranks
  if (saves) calor::catch_stop_signals();              // MPI may have taken them
  return calor::leave(world, calor::guarded(world, [&] { return line.run(world); }));
}
