// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <string>
#include <vector>

namespace calor {

/// The regions of a case as they are drawn: rectangles, circles and polygons. Those from files are left out.
class DrawnRegions {
 public:
  using Point = std::array<double, 2>;  ///< x, y, m

  /// @param resolved_case  TOML; a text that is none, or no case, has no regions
  explicit DrawnRegions(const std::string& resolved_case);

  /// Their edges, in the order of the case, each a closed line; circles as many short ones.
  std::vector<std::vector<Point>> outlines() const;
  /// Whether there are holes, and all that could lie on top of them is known: no region is from a file.
  bool show_holes() const;
  /// Whether the point lies in a hole: in a region with void = true and in no body on top of it.
  bool in_hole(Point at) const;

 private:
  enum class Shape { rectangle, circle, polygon };
  enum class Kind { hole, body, neither };
  struct Region {
    Shape shape = Shape::rectangle;
    Kind kind = Kind::neither;
    std::vector<Point> corners;  // of the circle: its centre
    double radius = 0.0;
  };
  static bool contains(const Region& region, Point at);

  std::vector<Region> regions_;
  bool complete_ = true;
};

}  // namespace calor
