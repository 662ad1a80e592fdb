// SPDX-License-Identifier: BSD-3-Clause
// The main of every test program. All ranks run all cases in the order they are written, so that collective
// calls meet; rank 0 reports, the others only when they fail; one exit code for all.
#define CATCH_CONFIG_RUNNER
#include "tests/support/world.hpp"

#include <unistd.h>

#include <iostream>
#include <sstream>

#include "decomposition/ending.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

namespace calor::test {
namespace {
const mpi::Comm* the_world = nullptr;
}
const mpi::Comm& world() { return *the_world; }
}  // namespace calor::test

int main(int argc, char** argv) {
  calor::mpi::Environment environment{argc, argv};
  const calor::mpi::Comm world = environment.world();
  calor::test::the_world = &world;
  Catch::Session session;
#if CATCH_VERSION_MAJOR == 2
  session.configData().runOrder = Catch::RunTests::InDeclarationOrder;
#else
  session.configData().runOrder = Catch::TestRunOrder::Declared;
#endif
  session.configData().rngSeed = 1;
  if (const int wrong = session.applyCommandLine(argc, argv); wrong != 0) return wrong;
  std::ostringstream kept;
  std::streambuf* const out = world.root() ? nullptr : std::cout.rdbuf(kept.rdbuf());
  const int failures = session.run();
  if (out != nullptr) std::cout.rdbuf(out);
  if (failures != 0 && !world.root())
    std::cout << "rank " << world.rank() << ":\n" << kept.str() << std::flush;
  const int code = static_cast<int>(world.max(std::int64_t{failures != 0}));
  if (!calor::mpi::files_abandoned()) return code;
  std::cout << std::flush;
  world.barrier();
  _exit(code == 0 ? static_cast<int>(calor::Exit::io_error) : code);  // as the program does
}
