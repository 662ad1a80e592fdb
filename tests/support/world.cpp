// SPDX-License-Identifier: BSD-3-Clause
#include "tests/support/world.hpp"

namespace calor::test {

namespace {
const mpi::Comm* the_world = nullptr;
}

const mpi::Comm& world() { return *the_world; }
void set_world(const mpi::Comm& all) { the_world = &all; }

}  // namespace calor::test
