// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/model/walls/term.hpp"

namespace calor {

/// Stefan-Boltzmann constant [W m^-2 K^-4] (CODATA 2018, exact)
inline constexpr double stefan_boltzmann = 5.670374419e-8;

/// k (u_in - u_wall) / (dn/2) = emissivity sigma (u_wall^4 - ambient^4), both counted from absolute zero.
/// What is colder than that radiates nothing.
struct Radiation {
  Function emissivity, ambient;  // -, K

  struct Values {
    double emissivity, ambient;
    constexpr WallFlux outward(double w, double zero) const {
      const double T = w > zero ? w - zero : w != w ? w : 0.0, Ta = ambient - zero;  // not a number stays so
      const double s = emissivity * stefan_boltzmann, T3 = T * T * T;
      return {s * (T3 * T - Ta * Ta * Ta * Ta), 4.0 * s * T3};
    }
  };
  static Values functions(auto& wall, auto&& visit) {
    auto& [part, around] = wall;
    return {visit("emissivity", part, Allowed{.unit = "", .least = 0.0, .most = 1.0}),
            visit("ambient", around,
                  Allowed{.least = 0.0,
                          .quantity = WallQuantity::surroundings,
                          .absolute = true,
                          .beside = "radiant"})};
  }
  bool fixes_level() const { return true; }
  bool exchange_varies() const { return true; }
};

}  // namespace calor
