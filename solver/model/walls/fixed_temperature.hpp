// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/model/walls/term.hpp"

namespace calor {

/// u_wall = value.
struct FixedTemperature {
  Function value;  // K

  struct Values {
    double value;
    constexpr GhostRule ghost_rule(double, double) const { return {-1.0, 2.0 * value}; }
  };
  static Values functions(auto& wall, auto&& visit) {
    auto& [v] = wall;
    return {visit("value", v, Allowed{.quantity = WallQuantity::temperature})};
  }
  bool fixes_level() const { return true; }
  bool exchange_varies() const { return false; }
};

}  // namespace calor
