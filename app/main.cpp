// SPDX-License-Identifier: BSD-3-Clause
#include "app/command_line.hpp"
#include "app/console/cores.hpp"
#include "app/console/guarded.hpp"
#include "app/console/launcher.hpp"
#include "app/console/leave.hpp"
#include "app/console/stop.hpp"
#include "decomposition/field_memory.hpp"
#include "decomposition/mpi.hpp"

namespace app = calor::app;

// Other C libraries hand no words over so early, and sanitizers are not set up yet.
#if defined(__GLIBC__) && !defined(CALOR_SANITIZED)
namespace {

/// Before the constructors of the libraries: a thread that one of them starts would take the signals that are
/// held here, and let them end the process.
void before_libraries(int argc, char** argv, char**) {
  if (app::CommandLine::names_one_that_saves(argc, argv)) app::hold_stop_signals();
}
[[gnu::section(".preinit_array"), gnu::used]] void (*const first_of_all)(int, char**,
                                                                         char**) = before_libraries;

}  // namespace
#endif

int main(int argc, char** argv) {
  const bool saves = app::CommandLine::names_one_that_saves(argc, argv);
  if (saves) app::hold_stop_signals();
  app::hold_standard_streams();
  app::yield_where_cores_are_shared(argv);  // starts the program anew where that helps
  if (saves) app::catch_stop_signals();
  app::CommandLine line;
  // Words that need no ranks are answered without MPI, as on a login node.
  if (const auto code = line.parse(argc, argv)) return *code;
  calor::field_memory::keep_no_gaps();
  app::keep_to_itself();
  app::stay_on_the_node();
  calor::mpi::Environment environment{argc, argv};     // first object in, last out
  const calor::mpi::Comm world = environment.world();  // our own duplicate of all ranks
  if (saves) app::catch_stop_signals();                // MPI may have taken them
  return app::leave(world, app::guarded(world, [&] { return line.run(world); }));
}
