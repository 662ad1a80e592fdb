// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/model/grid.hpp"

namespace calor::app {

// The mode sin(2 pi x) sin(pi y) on the grid: A has the eigenvalue lambda, and what a
// method leaves of it is known (Method::decay).

/// lambda [1/s], where rho c = k = 1.
double eigenvalue(const Grid& g);

}  // namespace calor::app
