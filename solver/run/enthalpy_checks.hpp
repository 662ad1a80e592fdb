// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>

#include "solver/model/measure.hpp"
#include "solver/model/problem.hpp"
#include "solver/run/spec.hpp"

namespace calor {

/// What cannot be computed yet where specific heats depend on T or something melts. @throws Error{bad_case}
/// @param open_level  of a steady state: nothing fixes the level of the temperature
void refuse_beside_enthalpy(const SimulationSpec& all, bool open_level);

/// Says where a temperature is beyond those that its specific heat was a sound number at, or nothing.
/// Collective.
std::string beyond_specific_heats(const Problem& p, const Survey& now);

}  // namespace calor
