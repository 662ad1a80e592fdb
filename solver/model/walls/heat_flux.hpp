// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/model/walls/term.hpp"

namespace calor {

/// k (u_ghost - u_in) / dn = inward.
struct HeatFlux {
  Function inward;  // W m^-2, positive when heat enters

  struct Values {
    double inward;
    constexpr WallFlux outward(double, double) const { return {-inward, 0.0}; }
    constexpr GhostRule ghost_rule(double k, double dn) const { return {1.0, inward * dn / k}; }
  };
  static Values functions(auto& wall, auto&& visit) {
    auto& [q] = wall;
    return {visit("inward", q, Allowed{.unit = "W/m2", .quantity = WallQuantity::flux})};
  }
  bool fixes_level() const { return inward.of_temperature(); }
  bool exchange_varies() const { return false; }
};

}  // namespace calor
