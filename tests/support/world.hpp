// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "decomposition/mpi.hpp"

namespace calor::test {
const mpi::Comm& world();  ///< all ranks of the test program
}
