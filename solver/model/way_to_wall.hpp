// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cmath>

#include "solver/model/body_cells.hpp"
#include "solver/model/grid.hpp"

namespace calor {

/// From a cell's centre to the wall of a hole that it meets, along the element's axis [m]: also where both
/// lie on two sides of a periodic seam.
inline double way_to_wall(const BodyCells::Element& e, const Grid& g) {
  const double way = e.axis == 0 ? e.x - g.x(e.i) : e.y - g.y(e.j);
  const bool periodic = e.axis == 0 ? g.periodic_x : g.periodic_y;
  const double period = e.axis == 0 ? g.x1 - g.x0 : g.y1 - g.y0;
  return periodic ? way - period * std::rint(way / period) : way;
}

}  // namespace calor
