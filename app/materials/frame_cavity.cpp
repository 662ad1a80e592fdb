// SPDX-License-Identifier: BSD-3-Clause
#include "app/materials/frame_cavity.hpp"

#include <algorithm>
#include <cmath>

#include "solver/model/walls/radiation.hpp"

namespace calor::app {

double FrameCavity::convection(double dT) const {
  constexpr double C1 = 0.025;  // W m^-1 K^-1
  constexpr double C2 = 0.73;   // W m^-2 K^-4/3
  constexpr double narrow = 5e-3;
  return d < narrow ? C1 / d : std::max(C1 / d, C2 * std::cbrt(dT));
}

double FrameCavity::radiation_per_cube() const {
  const double E = 1.0 / (1.0 / emissivity[0] + 1.0 / emissivity[1] - 1.0);
  const double ratio = d / b, F = 0.5 * (1.0 + std::hypot(1.0, ratio) - ratio);
  return 4.0 * stefan_boltzmann * E * F;
}

double FrameCavity::conductivity(double T) const { return conductivity(T, difference); }

double FrameCavity::conductivity(double T, double dT) const {
  return factor() * d * (convection(dT) + radiation_per_cube() * (T * T * T));
}

void make_rectangular(FrameCavity& cavity, double along, double across, double area) {
  const double ratio = along / across;
  cavity.d = std::sqrt(area * ratio);
  cavity.b = std::sqrt(area / ratio);
}

}  // namespace calor::app
