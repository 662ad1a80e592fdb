// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/model/walls/term.hpp"

namespace calor {

/// k (u_in - u_wall) / (dn/2) = film (u_wall - ambient)   (Robin)
struct Convection {
  Function film, ambient;  // W m^-2 K^-1, K

  struct Values {
    double film, ambient;
    constexpr WallFlux outward(double w, double) const { return {film * (w - ambient), film}; }
    constexpr GhostRule ghost_rule(double k, double dn) const {
      const double biot = film * dn / (2.0 * k);
      return {(1.0 - biot) / (1.0 + biot), 2.0 * biot * ambient / (1.0 + biot)};
    }
  };
  static Values functions(auto& wall, auto&& visit) {
    auto& [h, around] = wall;
    return {visit("film", h, Allowed{.unit = "W/(m2 K)", .least = 0.0}),
            visit("ambient", around, any_surroundings)};
  }
  bool fixes_level() const { return !(film.constant() && film(0.0, 0.0) == 0.0); }
  bool exchange_varies() const { return film.of_time(); }
};

}  // namespace calor
