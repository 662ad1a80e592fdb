// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

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

/// Faces of cells in parts, from at[n] to at[n + 1] in cells[n] cells whose widths go in a geometric row, the
/// last one ratio[n] times the first. @param at  rising, as many as parts and one     @param ratio  positive
std::vector<double> graded_faces(const std::vector<double>& at, const std::vector<std::int64_t>& cells,
                                 const std::vector<double>& ratio);

/// Where the lines of a grid run, and what follows from it for cells and faces; not of equal cells in the
/// plane, which need none of it. The same on every rank.
struct GridLines {
  /// @param x, y  cell faces, rising [m]     @param axisymmetric  x is the distance from an axis along y
  GridLines(std::vector<double> x, std::vector<double> y, bool axisymmetric);

  std::vector<double> x, y;
  bool axisymmetric = false;
  bool uneven_x = false, uneven_y = false;  ///< cells of different width
  /// The way from a cell's centre to its lower and its upper face, as a resistance sees it: integral of A /
  /// A(s) ds with A the area of the face. In the plane half a width; of cells around an axis r_f ln(r_f /
  /// r_c), with which layers around it are exact. But r_f - r_c where the cell, or the one beyond the face,
  /// is the first at the axis: there the temperature goes with r^2, not with ln r.
  std::vector<double> to_low_x, to_high_x, to_low_y, to_high_y;  // m
  /// Of cells and faces, factors by column and by row: volume and area of a face are their products, in m3
  /// and m2 per metre of depth, or of the whole turn.
  std::vector<double> volume_x, volume_y, area_x,
      area_y;        // area_x: of west faces, along x; of area_y likewise
  double all = 0.0;  ///< volume of all cells

  friend bool operator==(const GridLines& a, const GridLines& b) {
    return a.axisymmetric == b.axisymmetric && a.x == b.x && a.y == b.y;
  }
};

/// nx x ny cells on [x0, x1] x [y0, y1] [m]; unknowns at the cell centres. The cells are equal, or lie
/// between given faces; and are of a plane that has a depth, or rings around the axis x = 0.
///
/// What is stored of cells and faces counts in nominal cells, all of cell_volume(): a capacity is rho c V /
/// cell_volume(), a source q V / cell_volume(), a conductance k A / (d cell_volume()), so that kernels,
/// solvers and ledger know nothing of unequal cells.
struct Grid {
  int nx = 1, ny = 1;
  double x0 = 0.0, x1 = 1.0, y0 = 0.0, y1 = 1.0;  // m
  bool periodic_x = false, periodic_y = false;
  Coverage coverage = Coverage::area;
  double depth = 1.0;                        ///< of a plane [m]
  bool per_metre = true;                     ///< nobody gave a depth: heat is told per metre of it
  std::shared_ptr<const GridLines> lines{};  ///< null: equal cells in the plane

  friend bool operator==(const Grid& a, const Grid& b) {
    return a.nx == b.nx && a.ny == b.ny && a.x0 == b.x0 && a.x1 == b.x1 && a.y0 == b.y0 && a.y1 == b.y1 &&
           a.periodic_x == b.periodic_x && a.periodic_y == b.periodic_y && a.coverage == b.coverage &&
           a.depth == b.depth && a.per_metre == b.per_metre &&
           (a.lines == b.lines || (a.lines && b.lines && *a.lines == *b.lines));
  }
  /// Lays the lines; empty: equal cells. Only where something is not equal, or around an axis, there are any.
  void lay(std::vector<double> x_faces, std::vector<double> y_faces, bool axisymmetric);

  bool even() const { return lines == nullptr; }
  bool axisymmetric() const { return lines && lines->axisymmetric; }
  bool per_metre_of_plane() const { return per_metre && !axisymmetric(); }
  bool uneven() const { return lines && (lines->uneven_x || lines->uneven_y); }
  double dx() const { return (x1 - x0) / nx; }  ///< of an equal cell: the mean width
  double dy() const { return (y1 - y0) / ny; }
  double width_x(int i) const {
    return lines ? lines->x[at(wrap(i, nx, periodic_x) + 1)] - lines->x[at(wrap(i, nx, periodic_x))] : dx();
  }
  double width_y(int j) const {
    return lines ? lines->y[at(wrap(j, ny, periodic_y) + 1)] - lines->y[at(wrap(j, ny, periodic_y))] : dy();
  }
  /// Of a nominal cell: the mean. m3, or per metre of depth where none is given
  double cell_volume() const {
    return lines ? lines->all * depth / (static_cast<double>(nx) * ny) : dx() * dy() * depth;
  }
  double cell_area() const { return dx() * dy(); }  ///< in the plane of x and y, the mean [m2]
  double area(int i, int j) const { return lines ? width_x(i) * width_y(j) : cell_area(); }
  /// Volume of a cell in nominal cells; 1 where they are equal.
  double weight(int i, int j) const {
    if (!lines) return 1.0;
    return lines->volume_x[at(wrap(i, nx, periodic_x))] * lines->volume_y[at(wrap(j, ny, periodic_y))] *
           (static_cast<double>(nx) * ny) / lines->all;
  }
  /// Of the west face (axis 0) or the south face of (i, j), without a depth [m2 per metre, or m2].
  double face_area(int axis, int i, int j) const {
    if (!lines) return axis == 0 ? dy() : dx();
    return axis == 0 ? lines->area_x[at(wrap(i, nx, periodic_x))] * across(0, j)
                     : lines->area_y[at(wrap(j, ny, periodic_y))] * across(1, i);
  }
  /// The way from the centre of cell n of an axis to its lower or its upper face, as a resistance sees it.
  double half(int axis, int n, bool upper) const {
    if (!lines) return 0.5 * (axis == 0 ? dx() : dy());
    const GridLines& l = *lines;
    const std::size_t k = at(axis == 0 ? wrap(n, nx, periodic_x) : wrap(n, ny, periodic_y));
    return axis == 0 ? (upper ? l.to_high_x : l.to_low_x)[k] : (upper ? l.to_high_y : l.to_low_y)[k];
  }
  /// Between the centres on both sides of face n; on a wall twice the way to it.
  double distance(int axis, int n) const {
    const bool periodic = axis == 0 ? periodic_x : periodic_y;
    const int count = axis == 0 ? nx : ny;
    if (!periodic && n <= 0) return 2.0 * half(axis, 0, false);
    if (!periodic && n >= count) return 2.0 * half(axis, count - 1, true);
    return half(axis, n - 1, true) + half(axis, n, false);
  }
  /// What k of a face is to be multiplied by: area over distance, over the volume of a nominal cell [m^-2].
  double conductance(int axis, int i, int j) const {
    return axis == 0 ? along(0, i) * across(0, j) : along(1, j) * across(1, i);
  }
  /// It is what face n of the axis has of it, times what the row, or column, across has.
  double along(int axis, int n) const {
    const double area = !lines      ? 1.0
                        : axis == 0 ? lines->area_x[at(wrap(n, nx, periodic_x))]
                                    : lines->area_y[at(wrap(n, ny, periodic_y))];
    return area == 0.0 ? 0.0 : area * depth / (distance(axis, n) * cell_volume());
  }
  double across(int axis, int m) const {
    if (!lines) return axis == 0 ? dy() : dx();
    return axis == 0 ? lines->volume_y[at(wrap(m, ny, periodic_y))]
                     : lines->volume_x[at(wrap(m, nx, periodic_x))];
  }
  /// The length from a to b, within a cell beside face n of an axis, as a resistance of that face sees it.
  double length(int axis, int n, double a, double b) const;
  /// Cell centre; images fold back.
  double x(int i) const {
    const int k = wrap(i, nx, periodic_x);
    return lines ? 0.5 * (lines->x[at(k)] + lines->x[at(k + 1)]) : x0 + (k + 0.5) * dx();
  }
  double y(int j) const {
    const int k = wrap(j, ny, periodic_y);
    return lines ? 0.5 * (lines->y[at(k)] + lines->y[at(k + 1)]) : y0 + (k + 0.5) * dy();
  }
  double face_x(int n) const { return lines ? lines->x[at(n)] : x0 + n * dx(); }  ///< west edge of column n
  double face_y(int n) const { return lines ? lines->y[at(n)] : y0 + n * dy(); }
  /// Of cells beyond the domain as well, one: as wide as the last.
  double centre_x(int i) const;
  double centre_y(int j) const;
  /// Column or row that a place lies in; -1 or the number of cells beyond the domain.
  int column(double x) const;
  int row(double y) const;
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
  static std::size_t at(int n) { return static_cast<std::size_t>(n); }
  static int wrap(int i, int n, bool periodic) { return periodic ? (i % n + n) % n : i; }
};

}  // namespace calor
