// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <vector>

#include "solver/model/problem.hpp"

namespace calor {

/// Looks at the pieces of the sides: a warning for each through which heat should pass and cannot, as it lies
/// on holes, and for each of a given temperature that is narrower than a cell. Collective.
void check_walls(Problem& p, std::vector<std::string>& warnings);

}  // namespace calor
