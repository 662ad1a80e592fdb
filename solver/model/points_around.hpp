// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>

#include "solver/model/grid.hpp"

namespace calor {

/// Calls f(x, y) for 16 points around a place, 1e-7 of the domain away [m]: what meets on an edge or a corner
/// there is at some of them. Past a periodic side they come back on the other one, past others they lie
/// outside the domain.
template <class F>
void for_points_around(const Grid& grid, double x, double y, F&& f) {
  const double aside = 1e-7 * std::max(grid.x1 - grid.x0, grid.y1 - grid.y0);
  for (int n = 0; n < 16; ++n) {
    const double angle = (n + 0.5) * std::numbers::pi / 8.0;
    double px = x + aside * std::cos(angle), py = y + aside * std::sin(angle);
    if (grid.periodic_x) px -= (grid.x1 - grid.x0) * std::floor((px - grid.x0) / (grid.x1 - grid.x0));
    if (grid.periodic_y) py -= (grid.y1 - grid.y0) * std::floor((py - grid.y0) / (grid.y1 - grid.y0));
    f(px, py);
  }
}

}  // namespace calor
