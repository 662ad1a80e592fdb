// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/area.hpp"

#include <algorithm>
#include <cstddef>

namespace calor {

namespace {

bool inside(const Rectangle& r, double x, double y) {
  return r.x[0] <= x && x < r.x[1] && r.y[0] <= y && y < r.y[1];
}

bool inside(const Circle& c, double x, double y) {
  const double dx = x - c.x, dy = y - c.y;
  return dx * dx + dy * dy <= c.radius * c.radius;
}

/// Calls use(x) where edges cross the line at y; an edge owns its lower end only, so vertices count once.
template <class Use>
void for_crossings(const Polygon& polygon, double y, Use&& use) {
  const auto& p = polygon.points;
  polygon.for_edges([&](std::size_t a, std::size_t b) {
    if ((p[a][1] > y) == (p[b][1] > y)) return;
    use(p[a][0] + (y - p[a][1]) / (p[b][1] - p[a][1]) * (p[b][0] - p[a][0]));
  });
}

/// Counts the edges that a ray towards +x crosses.
bool inside(const Polygon& polygon, double x, double y) {
  bool odd = false;
  for_crossings(polygon, y, [&](double crossing) { odd = odd != (x < crossing); });
  return odd;
}

Rectangle around(const Rectangle& r) { return r; }

Rectangle around(const Circle& c) {
  return {{c.x - c.radius, c.x + c.radius}, {c.y - c.radius, c.y + c.radius}};
}

Rectangle around(const Polygon& polygon) {
  const auto& first = polygon.points.front();
  Rectangle r{{first[0], first[0]}, {first[1], first[1]}};
  for (const auto& p : polygon.points) {
    r.x = {std::min(r.x[0], p[0]), std::max(r.x[1], p[0])};
    r.y = {std::min(r.y[0], p[1]), std::max(r.y[1], p[1])};
  }
  return r;
}

}  // namespace

Rectangle extent(const Area& area) {
  return std::visit([](const auto& a) { return around(a); }, area);
}

bool contains(const Area& area, double x, double y) {
  return std::visit([&](const auto& a) { return inside(a, x, y); }, area);
}

void mark(const Area& area, double y, const double* x, int count, std::int32_t number, std::int32_t* layer) {
  const Rectangle around = extent(area);
  // Rounding of the extent itself must not leave out a point on the edge.
  const double slack = 1e-9 * (around.y[1] - around.y[0]);
  if (y < around.y[0] - slack || y > around.y[1] + slack) return;
  if (const auto* polygon = std::get_if<Polygon>(&area)) {  // the same, from all crossings at once
    thread_local std::vector<double> crossings;
    crossings.clear();
    for_crossings(*polygon, y, [&](double crossing) { crossings.push_back(crossing); });
    std::sort(crossings.begin(), crossings.end());
    for (int n = 0; n < count; ++n) {
      const auto beyond = crossings.end() - std::upper_bound(crossings.begin(), crossings.end(), x[n]);
      layer[n] = beyond % 2 == 1 ? number : layer[n];
    }
    return;
  }
  std::visit(
      [&](const auto& a) {
        for (int n = 0; n < count; ++n) layer[n] = inside(a, x[n], y) ? number : layer[n];
      },
      area);
}

}  // namespace calor
