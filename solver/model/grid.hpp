// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <limits>

#include "decomposition/box.hpp"
#include "decomposition/copy_plan.hpp"

namespace calor {

/// How a cell that the edge of an area cuts takes part in it: by its share of the cell, or wholly by where
/// the cell's centre lies.
enum class Coverage { area, centre };

/// A rectangle of the plane, x0 < x1, y0 < y1 [m].
struct Frame {
  double x0 = 0.0, x1 = 0.0, y0 = 0.0, y1 = 0.0;
  double area() const { return (x1 - x0) * (y1 - y0); }
};

/// nx x ny equal cells on [x0, x1] x [y0, y1] [m]; unknowns at the cell centres.
struct Grid {
  int nx = 1, ny = 1;
  double x0 = 0.0, x1 = 1.0, y0 = 0.0, y1 = 1.0;  // m
  bool periodic_x = false, periodic_y = false;
  Coverage coverage = Coverage::area;

  friend bool operator==(const Grid&, const Grid&) = default;
  double dx() const { return (x1 - x0) / nx; }
  double dy() const { return (y1 - y0) / ny; }
  double cell_volume() const { return dx() * dy(); }  ///< m3 per metre of depth
  double x(int i) const {
    return x0 + (wrap(i, nx, periodic_x) + 0.5) * dx();
  }  ///< cell centre; images fold back
  double y(int j) const { return y0 + (wrap(j, ny, periodic_y) + 0.5) * dy(); }
  double face_x(int n) const { return x0 + n * dx(); }  ///< west edge of the cells of column n
  double face_y(int n) const { return y0 + n * dy(); }
  /// Cell (i, j), or the cell whose image it is.
  Frame cell(int i, int j) const {
    const int a = wrap(i, nx, periodic_x), b = wrap(j, ny, periodic_y);
    return {face_x(a), face_x(a + 1), face_y(b), face_y(b + 1)};
  }
  Box domain() const { return {0, 0, nx, ny}; }
  Period period() const { return {periodic_x ? nx : 0, periodic_y ? ny : 0}; }
  /// The part of `box` where cells have a meaning: inside the domain, or any image along a periodic
  /// direction.
  Box within_reach(const Box& box) const {
    constexpr int far = std::numeric_limits<int>::max() / 2;
    return intersection(
        box, {periodic_x ? -far : 0, periodic_y ? -far : 0, periodic_x ? far : nx, periodic_y ? far : ny});
  }

 private:
  static int wrap(int i, int n, bool periodic) { return periodic ? (i % n + n) % n : i; }
};

}  // namespace calor
