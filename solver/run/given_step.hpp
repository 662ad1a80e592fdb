// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>

#include "solver/model/problem.hpp"

namespace calor {

/// The largest eigenvalue of rho_c^-1 A [s^-1], A what an explicit step takes from the temperatures: a mode
/// of it is multiplied by 1 - dt lambda in each step. By Lanczos' method (Golub, Van Loan, ch. 10), from
/// below and to about a thousandth, which is the same on any layout. Walls at time t, those whose film is
/// known until the end at their largest one. Collective.
double fastest_rate(Problem& p, double t);

/// What to say of steps that are given and longer than the explicit limit, which is enough for stability, but
/// not always needed. Collective. Error{bad_case} if they are truly unstable, naming the step to use.
std::string judge_given_step(Problem& p, double t, double dt, double stable_dt);

}  // namespace calor
