// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <vector>

namespace calor {

/// Chebyshev series of  phi_1(z) = (e^z - 1) / z  at z = -rho (1 - x), -1 <= x <= 1, cut off:
/// sum of coefficient k times T_k(x); and of  phi_2(z) = (phi_1(z) - 1) / z  with that phi_1, which is 1 at
/// z = 0. All coefficients are positive.
struct PhiSeries {
  std::vector<double> phi1, phi2;
  /// Bounds the error of phi_1: the coefficients after the last one, which were added to the first;
  /// |T_k| <= 1.
  double left_out = 0.0;
};
/// As many terms as make left_out at most `tolerance`: about sqrt(2 rho ln(1 / tolerance)). @param rho  >= 0
PhiSeries phi_series(double rho, double tolerance);

}  // namespace calor
