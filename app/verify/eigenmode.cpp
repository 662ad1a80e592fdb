// SPDX-License-Identifier: BSD-3-Clause
#include "app/verify/eigenmode.hpp"

#include <cmath>

namespace calor::app {

double eigenvalue(const Grid& g) {
  const double pi = 3.14159265358979323846;
  const double lx = 2.0 / g.dx() * std::sin(0.5 * 2.0 * pi * g.dx()),
               ly = 2.0 / g.dy() * std::sin(0.5 * pi * g.dy());
  return lx * lx + ly * ly;
}

}  // namespace calor::app
