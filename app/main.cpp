// SPDX-License-Identifier: BSD-3-Clause
#include "app/command_line.hpp"
#include "app/console/cores.hpp"
#include "app/console/guarded.hpp"
#include "app/console/leave.hpp"
#include "decomposition/mpi.hpp"

int main(int argc, char** argv) {
  calor::yield_where_cores_are_shared(argv);
  calor::CommandLine line;
  // Words that need no ranks are answered without MPI, as on a login node.
  if (const auto code = line.parse(argc, argv)) return *code;
  calor::mpi::Environment environment{argc, argv};     // first object in, last out
  const calor::mpi::Comm world = environment.world();  // our own duplicate of all ranks
  return calor::leave(world, calor::guarded(world, [&] { return line.run(world); }));
}
