// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/drawing.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "solver/model/area.hpp"

namespace calor::app {

namespace {

/// The points between the ends of an arc.
void cut(const DrawnLayer::Corner& from, const DrawnLayer::Corner& to,
         std::vector<std::array<double, 2>>& points) {
  constexpr double off = 1e-4;  // of the radius
  const double angle = 4.0 * std::atan(std::abs(from.bulge)), dx = to.x - from.x, dy = to.y - from.y;
  const double chord = std::hypot(dx, dy);
  if (!(angle > 1e-9) || !(chord > 0.0)) return;
  const double radius = 0.5 * chord / std::sin(0.5 * angle), side = from.bulge > 0.0 ? 1.0 : -1.0;
  // The centre, to the left of the chord where the arc bulges to the right.
  const double rise = radius * std::cos(0.5 * angle) * side;
  const double cx = 0.5 * (from.x + to.x) - rise * dy / chord, cy = 0.5 * (from.y + to.y) + rise * dx / chord;
  const int count = std::max(2, static_cast<int>(std::ceil(angle / (2.0 * std::acos(1.0 - off)))));
  // On a radius r with which all triangles have the area of the sector: two have one corner on the arc's own.
  const double s = std::sin(angle / count), inner = (count - 2) * s;
  const double r =
      inner > 0.0 ? radius * (std::sqrt(s * s + inner * angle) - s) / inner : radius * angle / (2.0 * s);
  const double first = std::atan2(from.y - cy, from.x - cx);
  for (int n = 1; n < count; ++n) {
    const double a = first + side * angle * n / count;
    points.push_back({cx + r * std::cos(a), cy + r * std::sin(a)});
  }
}

std::string lower(const std::string& text) {
  std::string all;
  for (const char c : text) all += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return all;
}

}  // namespace

const DrawnLayer* Drawing::layer(const std::string& name) const {
  const auto find = [&](auto&& same) {
    const auto found = std::find_if(layers.begin(), layers.end(), same);
    return found == layers.end() ? nullptr : &*found;
  };
  if (const DrawnLayer* const exact = find([&](const DrawnLayer& l) { return l.name == name; })) return exact;
  return find([&](const DrawnLayer& l) { return lower(l.name) == lower(name); });
}

Polygon outlines_of(const DrawnLayer& layer, double unit) {
  Polygon polygon;
  for (const std::vector<DrawnLayer::Corner>& outline : layer.outlines) {
    for (std::size_t n = 0; n < outline.size(); ++n) {
      const DrawnLayer::Corner &from = outline[n], &to = outline[(n + 1) % outline.size()];
      polygon.points.push_back({from.x, from.y});
      cut(from, to, polygon.points);
    }
    polygon.ends.push_back(polygon.points.size());
  }
  // Millimetres are divided by 1000, so that 13 is the 0.013 that somebody would type.
  const double per_metre = 1.0 / unit, whole = std::rint(per_metre);
  const bool divide = whole > 1.0 && std::abs(per_metre - whole) <= 1e-12 * whole;
  const auto metres = [&](double v) { return divide ? v / whole : v * unit; };
  for (auto& p : polygon.points) p = {metres(p[0]), metres(p[1])};
  return polygon;
}

}  // namespace calor::app
