// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/walls/radiation.hpp"

#include <algorithm>
#include <cmath>

namespace calor {

Convection::Values Radiation::Values::linearised(double k, double dn, double u_in) const {
  const double h = 2.0 * k / dn, s = emissivity * stefan_boltzmann;
  const double fourth = ambient * ambient * ambient * ambient;
  // Newton for  f(w) = h (w - u_in) + s (w^4 - ambient^4) = 0: convex and rising for w > 0, so it comes down
  // to the root without overshoot from any point above it, such as the larger of the two temperatures.
  double w = std::max({u_in, ambient, 0.0});
  for (int n = 0; n < 100; ++n) {
    const double w3 = w * w * w;
    const double next = w - (h * (w - u_in) + s * (w3 * w - fourth)) / (h + 4.0 * s * w3);
    if (!(std::abs(next - w) > 4e-16 * std::abs(w))) break;
    w = next;
  }
  const double film = 4.0 * s * w * w * w;
  const double flux = s * (w * w * w * w - fourth);  // outward
  if (!(film > 0.0)) return {0.0, ambient};          // at absolute zero nothing is radiated
  return {film, w - flux / film};
}

}  // namespace calor
