// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <limits>

#include "solver/model/function.hpp"

namespace calor {

/// The value beyond the wall, affine in the first cell inside: u_ghost = a u_in + b. The implicit operator
/// uses a, its right-hand side b, explicit steps both; none of them learns which kind of wall it is. Second
/// order: the wall lies half a cell from both centres, and the wall face takes the cell's conductivity.
struct GhostRule {
  double a = 1.0, b = 0.0;  // insulated
};

/// What the values of one of a wall's functions must be: finite, and at least this.
struct Allowed {
  const char* unit = "";
  double least = -std::numeric_limits<double>::infinity();
  bool absolute = false;  ///< temperatures are counted from absolute zero
};
inline constexpr Allowed any_temperature{}, absolute_temperature{"", 0.0, true};

// A kind of wall is a struct with
//
//   its members, all of them Functions of x, y, t and T, the temperature of the cell at the wall;
//   Values: the same as numbers, at one place and time, and ghost_rule(k, dn) with
//     k   conductivity of the cell at the wall, normal to it [W m^-1 K^-1]
//     dn  twice the way from that cell's centre to the wall [m]
//     or ghost_rule(k, dn, u_in), where the rule depends on the cell's temperature beside T in a Function;
//   functions(wall, visit): Values of what visit(name, function, Allowed) makes of each, in order. What the
//     wall depends on, the names in messages and in case files, and what is checked come from it alone. It
//     binds all members, so that one that is left out does not compile;
//   fixes_level(): it ties the temperature down, and a steady state beside it is unique;
//   exchange_varies(): how much heat it lets through for a degree may change while running, T in a Function
//     aside, which is looked after for all kinds alike.

}  // namespace calor
