// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/model/problem.hpp"

namespace calor {

/// The largest stable step of forward Euler at the present state [s]: min over cells of
/// rho_c / (sum over faces of g (1 - a) + max(0, -dq/dT)), with a = -1 on walls whose film varies with time
/// or radiates. It holds for the whole run unless limit_varies(). Collective; infinite if nothing conducts.
double explicit_limit(Problem& p, double t);

}  // namespace calor
