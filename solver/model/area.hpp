// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace calor {

// A point belongs to a rectangle on its left and lower edge, not on its right and upper one, so that
// neighbouring rectangles share no point; to a circle also on its line.
struct Rectangle {
  std::array<double, 2> x, y;  // m
  friend bool operator==(const Rectangle&, const Rectangle&) = default;
};
struct Circle {
  double x, y, radius;  // m
  friend bool operator==(const Circle&, const Circle&) = default;
};
struct Polygon {
  std::vector<std::array<double, 2>> points;  // m; the last joins the first; even-odd rule
  std::vector<std::size_t> ends{};            // several outlines: behind the last point of each; empty: one

  /// use(a, b) for each edge, from point b to point a.
  template <class Use>
  void for_edges(Use&& use) const {
    std::size_t first = 0;
    const auto outline = [&](std::size_t end) {
      for (std::size_t a = first, b = end - 1; a < end; b = a++) use(a, b);
      first = end;
    };
    for (const std::size_t end : ends) outline(end);
    if (ends.empty()) outline(points.size());
  }
  friend bool operator==(const Polygon&, const Polygon&) = default;
};
using Area = std::variant<Rectangle, Circle, Polygon>;
bool contains(const Area& area, double x, double y);
/// The smallest rectangle that holds the area.
Rectangle extent(const Area& area);
/// layer[n] = number where the area contains (x[n], y), for the first `count` points.
void mark(const Area& area, double y, const double* x, int count, std::int32_t number, std::int32_t* layer);

}  // namespace calor
