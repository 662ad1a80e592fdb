// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <vector>

#include "app/plot/plot.hpp"

namespace calor::app {

/// The value at a point of the domain: between the centres of cells bilinear, continued on a straight line
/// over the outer half cells; so that what is linear in x and y comes out as it is. A cell without a value
/// that has a neighbour with one is taken to go on as that and the next one do. NaN where no cell around has
/// a value.
double value_at(const Picture& field, double x, double y);

/// The cell that holds the point has a value.
bool has_value(const Picture& field, double x, double y);

struct ProfilePoint {
  double along = 0.0, value = 0.0;  // m from the line's first point; NaN: in a gap
};
/// The field at equally spaced points along the line from a to b, both included.
/// @param gap  where there is nothing to show; none: where the cell has no value
std::vector<ProfilePoint> profile(const Picture& field, const Point& a, const Point& b, int points,
                                  const std::function<bool(double x, double y)>& gap = {});

}  // namespace calor::app
