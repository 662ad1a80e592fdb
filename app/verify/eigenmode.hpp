// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "app/case/case.hpp"
#include "solver/model/grid.hpp"

namespace calor {

// The mode sin(2 pi x) sin(pi y) on the grid: A has the eigenvalue lambda, so the factor of every method is
// known, and met to round-off or to what the solver leaves.

/// lambda [1/s], where rho c = k = 1.
double eigenvalue(const Grid& g);

/// What `steps` steps of a method leave of the mode.
/// @param z       dt lambda
/// @param limit   dt as a multiple of the explicit limit
/// Error{internal} for a word that is no method of its own: "auto", "steady".
double decay_factor(Method method, double z, double limit, int steps);

}  // namespace calor
