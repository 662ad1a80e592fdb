// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "decomposition/mpi.hpp"

namespace calor::test {
const mpi::Comm& world();              ///< all ranks of the test program
void set_world(const mpi::Comm& all);  ///< by its main
}  // namespace calor::test
