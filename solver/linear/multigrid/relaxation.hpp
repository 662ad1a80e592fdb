// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cmath>
#include <cstddef>

namespace calor {

/// Where the couplings of a point never exceed this part of its diagonal, relaxation alone solves a level of
/// multigrid.
inline constexpr double dominated_part = 0.6;

/// The factors of the Chebyshev polynomial of this degree for eigenvalues from a to b (Saad 2003, sec. 12.3).
template <std::size_t degree>
std::array<double, degree> chebyshev_factors(double a, double b) {
  constexpr double pi = 3.14159265358979323846;
  std::array<double, degree> omega{};
  for (std::size_t n = 0; n < degree; ++n)
    omega[n] = 1.0 / (0.5 * (b + a) + 0.5 * (b - a) *
                                          std::cos(pi * (2.0 * static_cast<double>(n) + 1.0) /
                                                   (2.0 * static_cast<double>(degree))));
  return omega;
}

}  // namespace calor
