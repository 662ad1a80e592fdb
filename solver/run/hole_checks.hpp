// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <vector>

#include "solver/model/problem.hpp"
#include "solver/run/spec.hpp"

namespace calor {

/// What cannot be computed yet where there are holes, and probes in them. @throws Error{bad_case}
void refuse_beside_holes(const SimulationSpec& all);

/// Looks at the bodies that holes leave: some cell must be live, in a steady state each of them bound to some
/// temperature; those as thin as a cell are a warning. Where there are holes; collective. @throws
/// Error{bad_case}
void check_bodies(Problem& p, bool steady, std::vector<std::string>& warnings);

}  // namespace calor
