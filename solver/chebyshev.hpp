// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <vector>

namespace calor {

/// Chebyshev series of  phi_1(z) = (e^z - 1) / z  and  phi_2(z) = (phi_1(z) - 1) / z  at z = -rho (1 - x),
/// -1 <= x <= 1:  phi(x) = sum of coefficient k times T_k(x). All coefficients are positive.
struct PhiSeries {
  std::vector<double> phi1, phi2;
  double left_out =
      0.0;  ///< sum of the coefficients of phi_1 after the last one: bounds the error, |T_k| <= 1
};
/// As many terms as leave out at most `tolerance`: about sqrt(2 rho ln(1 / tolerance)). @param rho  >= 0
PhiSeries phi_series(double rho, double tolerance);

}  // namespace calor
