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

/// Heat that leaves through a wall [W m^-2], and how it grows with the wall's temperature [W m^-2 K^-1].
struct WallFlux {
  double outward = 0.0, slope = 0.0;
};

/// What one of a wall's functions gives: by it a function of time is followed.
enum class WallQuantity {
  exchange,      ///< how strongly the wall is bound to what is around it
  surroundings,  ///< a temperature that it is bound to
  temperature,   ///< its own
  flux,          ///< heat, whatever the temperatures
};

/// What the values of one of a wall's functions must be: finite, and between these.
struct Allowed {
  const char* unit = "";
  double least = -std::numeric_limits<double>::infinity();  ///< of absolute temperatures: above absolute zero
  double most = std::numeric_limits<double>::infinity();
  WallQuantity quantity = WallQuantity::exchange;
  bool absolute = false;         ///< a temperature that is counted from absolute zero
  const char* beside = nullptr;  ///< its name where the term stands beside another one, if that is another
  bool temperature() const {
    return quantity == WallQuantity::surroundings || quantity == WallQuantity::temperature;
  }
};
inline constexpr Allowed any_surroundings{.quantity = WallQuantity::surroundings};

// A term of a wall is a struct with
//
//   its members, all of them Functions of x, y, t and T, the temperature of the wall itself;
//   Values: the same as numbers, at one place and time, and one or both of
//     outward(w, zero): WallFlux at the wall's temperature w, where absolute zero is `zero` on the case's
//     scale
//       [K]; its slope is not negative. Such terms add up to one wall, and may have T in their functions;
//     ghost_rule(k, dn): the rule in closed form, where the flux is affine in w, with
//       k   conductivity of the cell at the wall, normal to it [W m^-1 K^-1]
//       dn  twice the way from that cell's centre to the wall [m]
//   functions(wall, visit): Values of what visit(name, function, Allowed) makes of each, in order. What the
//     wall depends on, the names in messages and in case files, and what is checked come from it alone. It
//     binds all members, so that one that is left out does not compile;
//   fixes_level(): it ties the temperature down, and a steady state beside it is unique;
//   exchange_varies(): how much heat it lets through for a degree may change while running, T in a Function
//     aside, which is looked after for all kinds alike.

}  // namespace calor
