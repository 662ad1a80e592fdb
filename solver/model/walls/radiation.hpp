// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/model/walls/convection.hpp"

namespace calor {

/// Stefan-Boltzmann constant [W m^-2 K^-4] (CODATA 2018, exact)
inline constexpr double stefan_boltzmann = 5.670374419e-8;

/// k (u_in - u_wall) / (dn/2) = emissivity sigma (u_wall^4 - ambient^4)
struct Radiation {
  Function emissivity, ambient;  // -, K (absolute)

  struct Values {
    double emissivity, ambient;
    /// The convection that has the same flux and the same slope as the radiation at the wall temperature that
    /// balances u_in: explicit steps get the exact flux, implicit ones Newton's tangent.
    Convection::Values linearised(double k, double dn, double u_in) const;
    GhostRule ghost_rule(double k, double dn, double u_in) const {
      return linearised(k, dn, u_in).ghost_rule(k, dn);
    }
  };
  static Values functions(auto& wall, auto&& visit) {
    auto& [part, around] = wall;
    return {visit("emissivity", part, Allowed{"", 0.0}), visit("ambient", around, absolute_temperature)};
  }
  bool fixes_level() const { return true; }
  bool exchange_varies() const { return true; }
};

}  // namespace calor
