// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/model/function.hpp"

namespace calor {

/// A thin plate that gives heat off through its faces: what each m3 gains is
///   q = c (ambient - T),   c = faces film / thickness   [W m^-3 K^-1]
struct Plate {
  double thickness = 1.0;  // m
  int faces = 2;           // that give heat off
  Function film, ambient;  // W m^-2 K^-1, of x, y, t, T;  K, of x, y, t

  double exchange(double x, double y, double t, double T) const {
    return faces / thickness * film(x, y, t, T);
  }
  double gain(double x, double y, double t, double T) const {
    return exchange(x, y, t, T) * (ambient(x, y, t) - T);
  }
  /// -d gain / dT
  double sink_slope(double x, double y, double t, double T) const {
    const double c = exchange(x, y, t, T);
    if (!film.of_temperature()) return c;
    return c - faces / thickness * film.slope(x, y, t, T) * (ambient(x, y, t) - T);
  }
  bool of_time() const { return film.of_time() || ambient.of_time(); }
  /// Heat is given off in proportion to T, at all times alike.
  bool linear() const { return !film.of_temperature() && !film.of_time(); }
};

}  // namespace calor
