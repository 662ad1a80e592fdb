// SPDX-License-Identifier: BSD-3-Clause
#include "app/verify/eigenmode.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/case/case_io.hpp"

namespace calor {

double eigenvalue(const Grid& g) {
  const double pi = 3.14159265358979323846;
  const double lx = 2.0 / g.dx() * std::sin(0.5 * 2.0 * pi * g.dx()),
               ly = 2.0 / g.dy() * std::sin(0.5 * pi * g.dy());
  return lx * lx + ly * ly;
}

namespace {

/// One step of TR-BDF2.
double tr_bdf2_factor(double z) {
  const double g = 2.0 - std::sqrt(2.0), inner = (1.0 - 0.5 * g * z) / (1.0 + 0.5 * g * z);
  return (inner / (g * (2.0 - g)) - (1.0 - g) * (1.0 - g) / (g * (2.0 - g))) / (1.0 + 0.5 * g * z);
}

/// `steps` steps of BDF2, of which the first is one of TR-BDF2.
double bdf2_factor(double z, int steps) {
  double before = 1.0, now = tr_bdf2_factor(z);
  for (int k = 1; k < steps; ++k) now = (2.0 * now - 0.5 * std::exchange(before, now)) / (1.5 + z);
  return now;
}

/// One step of RKL2: a_s + b_s P_s(1 - w z), P_s Legendre's polynomial, for the fewest odd stages that are
/// stable.
double rkl2_factor(double z, double limit) {
  int s = std::max(3, static_cast<int>(std::ceil(0.5 * (std::sqrt(9.0 + 16.0 * limit) - 1.0))));
  s += 1 - s % 2;
  const double b = (1.0 * s * s + s - 2.0) / (2.0 * s * (s + 1.0)),
               x = 1.0 - 4.0 * z / (1.0 * s * s + s - 2.0);
  double before = 1.0, now = x;
  for (int k = 2; k <= s; ++k) now = ((2.0 * k - 1.0) * x * now - (k - 1.0) * std::exchange(before, now)) / k;
  return 1.0 - b + b * now;
}

}  // namespace

double decay_factor(Method method, double z, double limit, int steps) {
  const double n = steps;
  switch (method) {
    case Method::euler:
      return std::pow(1.0 - z, n);
    case Method::backward_euler:
      return std::pow(1.0 + z, -n);
    case Method::crank_nicolson:  // two steps as four of backward Euler
      return std::pow(1.0 + 0.5 * z, -4.0) * std::pow((1.0 - 0.5 * z) / (1.0 + 0.5 * z), n - 2.0);
    case Method::bdf2:
      return bdf2_factor(z, steps);
    case Method::tr_bdf2:
      return std::pow(tr_bdf2_factor(z), n);
    case Method::rkl2:
      return std::pow(rkl2_factor(z, limit), n);
    case Method::exponential:
      return std::exp(-z * n);
    case Method::automatic:
    case Method::steady:
      break;
  }
  throw Error{Exit::internal, std::string{"no decay factor of "} + name_of(method)};
}

}  // namespace calor
