// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/region_cells.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <variant>

namespace calor {

namespace {

/// Least x, most x, least y, most y [m].
using Extent = std::array<double, 4>;
Extent extent(const Rectangle& r) { return {r.x[0], r.x[1], r.y[0], r.y[1]}; }
Extent extent(const Circle& c) { return {c.x - c.radius, c.x + c.radius, c.y - c.radius, c.y + c.radius}; }
Extent extent(const Polygon& p) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Extent e{infinity, -infinity, infinity, -infinity};
  for (const auto& point : p.points)
    e = {std::min(e[0], point[0]), std::max(e[1], point[0]), std::min(e[2], point[1]),
         std::max(e[3], point[1])};
  return e;
}

/// The cell that holds a coordinate, one to the side of it, and no further than a domain goes.
int cell_of(double x, double from, double width, int n, int aside) {
  return static_cast<int>(std::clamp(std::floor((x - from) / width) + aside, 0.0, 1.0 * n));
}

}  // namespace

double share_of_cell(const Area& area, const Grid& grid, int i, int j) {
  return contains(area, grid.x(i), grid.y(j)) ? 1.0 : 0.0;
}

RegionCells::RegionCells(const Area& area, const Grid& grid, const Box& owned) {
  const Extent e = std::visit([](const auto& a) { return extent(a); }, area);
  const Box near = intersection(
      owned, {cell_of(e[0], grid.x0, grid.dx(), grid.nx, -1), cell_of(e[2], grid.y0, grid.dy(), grid.ny, -1),
              cell_of(e[1], grid.x0, grid.dx(), grid.nx, 2), cell_of(e[3], grid.y0, grid.dy(), grid.ny, 2)});
  for (int j = near.j0; j < near.j1; ++j)
    for (int i = near.i0; i < near.i1; ++i) {
      const double share = share_of_cell(area, grid, i, j);
      if (!(share > 0.0)) continue;
      ++cells_;
      if (!runs_.empty() && runs_.back().j == j && runs_.back().i1 == i && runs_.back().share == share)
        ++runs_.back().i1;
      else
        runs_.push_back({j, i, i + 1, share});
    }
}

}  // namespace calor
