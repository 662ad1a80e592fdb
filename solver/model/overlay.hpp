// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "solver/model/area.hpp"
#include "solver/model/grid.hpp"

namespace calor {

/// Areas laid over one another, cut exactly: which is on top where, in a frame or along a line. Rectangles
/// and polygons (even-odd rule, self-intersections included) come out to round-off, circles by the closed
/// form of their segments. Areas come in up to three stacks, one a property, each with its own order; number
/// 0 is what lies under all areas of a stack, n is its n-th area, later ones on top.
///
/// A frame is scanned upwards: between two successive heights at which an edge begins, ends, meets another or
/// leaves the frame, the edges keep their order from left to right, and the pieces between them are
/// trapezoids whose sides are straight or arcs (the slabs of Bentley and Ottmann 1979, for the few edges of
/// one cell).
///
/// Corners within 1e-9 cells of a face of the grid are taken to lie on it, and edges as parallel to an axis
/// that are so within as much: an area drawn along faces cuts no cell.
class Overlay {
 public:
  static constexpr std::size_t most_stacks = 5;
  using Numbers = std::array<std::int32_t, most_stacks>;

  /// One side of a piece: straight, or an arc of a circle.
  struct Curve {
    double x = 0.0, y = 0.0, slope = 0.0;  // straight: x + slope (Y - y);  arc: centre
    double radius = 0.0;                   // 0: straight
    double sign = 1.0;                     // of an arc: right half or left half
    double at(double height) const;
  };
  /// What lies between two curves and two heights, with the areas on top there.
  struct Piece {
    Numbers top;
    double area;    // m2
    double volume;  // the same, but around an axis the integral of r over it [m3]
    double x, y;    // a point in its middle
    double y0, y1;
    Curve left, right;
  };
  /// A stretch of a line with the area on top there, from < to [m].
  struct Stretch {
    std::int32_t top;
    double from, to;
  };

  Overlay(const Grid& grid, std::initializer_list<const std::vector<Area>*> stacks);

  /// Columns of the domain that an edge of any area passes in row j of the domain, or touches; rising.
  std::vector<int> touched(int j) const;
  /// The frame as pieces; all of area > 0, their areas add up to the frame's.
  std::vector<Piece> pieces(const Frame& frame) const;
  /// Along x (axis 0) at y = `at`, or along y (axis 1) at x = `at`, with neighbours of the same top in one.
  std::vector<Stretch> line(int axis, double at, double from, double to, std::size_t stack) const;
  /// |n.e| of the edge of the stack that such a line meets nearest to `place`: its normal n, the line's
  /// direction e; 1 where there is none.
  double facing(int axis, double at, double place, std::size_t stack) const;
  /// No edge of the stack that passes the frame is oblique or round.
  bool straight(const Frame& frame, std::size_t stack) const;
  /// Ends of the stack's edges within the frame, across `axis` (axis 0: their y); rising.
  std::vector<double> ends(int axis, const Frame& frame, std::size_t stack) const;

 private:
  struct Segment {
    double xa, ya, xb, yb;  // ya <= yb
  };
  struct Outline {
    std::size_t stack;
    std::int32_t number;
    std::vector<Segment> segments;
    double x = 0.0, y = 0.0, radius = 0.0;  // of a circle
    Frame around;
  };
  static bool passes(const Segment& s, const Frame& f);
  static bool passes_circle(const Outline& o, const Frame& f);
  static bool reaches(const Outline& o, const Frame& f);
  class Scan;

  Grid grid_;
  std::vector<Outline> outlines_;
};

/// Area of the shape as it is drawn [m2].
double area_of(const Area& area);

}  // namespace calor
