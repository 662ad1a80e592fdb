// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <vector>

#include "app/case/case.hpp"
#include "solver/model/problem.hpp"

namespace calor::app {

/// The case as what is computed with.
ProblemSpec make_spec(const Case& c);

/// The side repeats the opposite one.
bool periodic(const std::vector<WallCase>& side);

/// @param variables  that may appear in it, as letters
/// @param named      functions_of the case
Function make_function(const Quantity& q, const char* variables, const FunctionTable& named);

}  // namespace calor::app
