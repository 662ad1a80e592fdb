// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/model/problem.hpp"

namespace calor {

/// A steady state whose level nothing fixes has a solution only where what sources bring leaves through
/// walls. Error{bad_case} where it does not, with the amounts. Collective.
void refuse_unbalanced(Problem& p, double t);

}  // namespace calor
