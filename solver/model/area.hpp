// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
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
  friend bool operator==(const Polygon&, const Polygon&) = default;
};
using Area = std::variant<Rectangle, Circle, Polygon>;
bool contains(const Area& area, double x, double y);
/// The smallest rectangle that holds the area.
Rectangle extent(const Area& area);
/// layer[n] = number where the area contains (x[n], y), for the first `count` points.
void mark(const Area& area, double y, const double* x, int count, std::int32_t number, std::int32_t* layer);

}  // namespace calor
