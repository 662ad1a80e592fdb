// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/chebyshev.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace calor {

PhiSeries phi_series(double rho, double tolerance) {
  if (!(rho > 1e-8)) return {{1.0 - 0.5 * rho, 0.5 * rho}, {0.5, 0.0}, 0.5 * rho * rho};
  // e^{-rho (1 - x)} = e_0 / 2 + sum of e_k T_k,  e_k = 2 e^{-rho} I_k(rho)  with modified Bessel functions.
  // The recursion I_{k-1} = I_{k+1} + 2 k / rho I_k is stable downwards; it is begun where I_k is nothing and
  // scaled by the sum at x = 1, which is 1 (Miller's algorithm: Abramowitz, Stegun 1964, sec. 9.12).
  const auto last =
      static_cast<std::size_t>(rho < 1.0 ? 40.0 : 40.0 + 12.0 * std::sqrt(rho) + std::min(rho, 60.0));
  std::vector<double> e(last + 2, 0.0);
  e[last] = 1e-290;
  for (std::size_t k = last; k > 0; --k) {
    e[k - 1] = e[k + 1] + 2.0 * static_cast<double>(k) / rho * e[k];
    if (e[k - 1] > 1e250)
      for (std::size_t n = k - 1; n <= last; ++n) e[n] *= 1e-250;
  }
  double sum = 0.0;
  for (std::size_t k = last; k > 0; --k) sum += e[k];
  sum += 0.5 * e[0];
  for (double& v : e) v /= sum;

  // z phi_1 = e^z - 1 means, term by term,  c_{k+1} - 2 c_k + c_{k-1} = 2 / rho e_k  for k >= 1, with c_0
  // doubled like e_0; likewise phi_2 from phi_1. Downwards everything added is positive: no digits are lost.
  const auto integrated = [&](const std::vector<double>& from) {
    std::vector<double> c(last + 2, 0.0);
    double slope = 0.0;  // c_{k-1} - c_k
    for (std::size_t k = last; k > 0; --k) {
      slope += 2.0 / rho * from[k];
      c[k - 1] = c[k] + slope;
    }
    return c;
  };
  std::vector<double> c = integrated(e);
  std::size_t terms = last + 1;
  double tail = 0.0;
  while (terms > 2 && 2.0 * (tail + c[terms - 1]) <= tolerance) tail += c[--terms];
  // The first coefficient takes what is left out, so that phi_1(0) = 1 still: then phi_2 belongs to this
  // phi_1, not to the whole one, and what it books is what phi_1 moves.
  std::fill(c.begin() + static_cast<std::ptrdiff_t>(terms), c.end(), 0.0);
  double others = 0.0;
  for (std::size_t k = terms - 1; k > 0; --k) others += c[k];
  c[0] = 2.0 * (1.0 - others);
  const std::vector<double> d = integrated(c);
  PhiSeries series;
  series.left_out = 2.0 * tail;
  series.phi1.assign(c.begin(), c.begin() + static_cast<std::ptrdiff_t>(terms));
  series.phi2.assign(d.begin(), d.begin() + static_cast<std::ptrdiff_t>(terms));
  series.phi1[0] *= 0.5;
  series.phi2[0] *= 0.5;
  return series;
}

}  // namespace calor
