// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/profile.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <variant>

namespace calor::app {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Cells along one axis.
struct Cells {
  int n;
  double low, high;
  const std::vector<double>& faces;  // empty: equal ones

  double face(int i) const { return faces.empty() ? low + (high - low) * i / n : faces[std::size_t(i)]; }
  double centre(int i) const { return 0.5 * (face(i) + face(i + 1)); }
  int cell(double v) const {
    int first = 0, after = n;  // the cell is in [first, after)
    while (after - first > 1) {
      const int middle = (first + after) / 2;
      (v < face(middle) ? after : first) = middle;
    }
    return first;
  }
  /// The cell whose centre, and whose neighbour's, a value lies between; or, near an end, is next to.
  int pair(double v) const {
    const int here = cell(v);
    return std::clamp(v < centre(here) ? here - 1 : here, 0, std::max(0, n - 2));
  }
};

Cells along_x(const Picture& p) { return {p.nx, p.x0, p.x1, p.x_faces}; }
Cells along_y(const Picture& p) { return {p.ny, p.y0, p.y1, p.y_faces}; }

double stored(const Picture& p, int i, int j) {
  if (i < 0 || i >= p.nx || j < 0 || j >= p.ny) return none;
  const std::size_t at = std::size_t(j) * std::size_t(p.nx) + std::size_t(i);
  const double v = std::visit([&](const auto* values) { return double(values[at]); }, p.values);
  return std::isfinite(v) ? v : none;
}

/// The cell's value, or what its neighbours say of it: the mean of those that go on on a straight line.
double value_of(const Picture& p, const Cells& x, const Cells& y, int i, int j) {
  if (const double v = stored(p, i, j); !std::isnan(v)) return v;
  double straight = 0.0, level = 0.0;
  int straights = 0, levels = 0;
  for (const auto& [di, dj] : {std::pair{1, 0}, {-1, 0}, {0, 1}, {0, -1}}) {
    const double near = stored(p, i + di, j + dj), far = stored(p, i + 2 * di, j + 2 * dj);
    if (std::isnan(near)) continue;
    level += near;
    ++levels;
    if (std::isnan(far)) continue;
    const double here = di != 0 ? x.centre(i) : y.centre(j),
                 at_near = di != 0 ? x.centre(i + di) : y.centre(j + dj),
                 at_far = di != 0 ? x.centre(i + 2 * di) : y.centre(j + 2 * dj);
    straight += near + (near - far) * (here - at_near) / (at_near - at_far);
    ++straights;
  }
  return straights > 0 ? straight / straights : levels > 0 ? level / levels : none;
}

}  // namespace

double value_at(const Picture& field, double px, double py) {
  const Cells x = along_x(field), y = along_y(field);
  const int i = x.pair(px), j = y.pair(py);
  const double across = field.nx > 1 ? (px - x.centre(i)) / (x.centre(i + 1) - x.centre(i)) : 0.0,
               up = field.ny > 1 ? (py - y.centre(j)) / (y.centre(j + 1) - y.centre(j)) : 0.0;
  double sum = 0.0, weight = 0.0;
  for (const auto& [di, dj] : {std::pair{0, 0}, {1, 0}, {0, 1}, {1, 1}}) {
    const double w = (di == 1 ? across : 1.0 - across) * (dj == 1 ? up : 1.0 - up);
    if (w == 0.0) continue;
    const double v = value_of(field, x, y, i + di, j + dj);
    if (std::isnan(v)) continue;
    sum += w * v;
    weight += w;
  }
  return weight > 0.1 ? sum / weight : none;  // less: a far corner alone
}

bool has_value(const Picture& field, double x, double y) {
  return !std::isnan(stored(field, along_x(field).cell(x), along_y(field).cell(y)));
}

std::vector<ProfilePoint> profile(const Picture& field, const Point& a, const Point& b, int points,
                                  const std::function<bool(double x, double y)>& gap) {
  const double length = std::hypot(b.x - a.x, b.y - a.y);
  std::vector<ProfilePoint> line;
  for (int k = 0; k < points; ++k) {
    const double t = points > 1 ? double(k) / (points - 1) : 0.0;
    const double x = (1.0 - t) * a.x + t * b.x, y = (1.0 - t) * a.y + t * b.y;
    const bool nothing = gap ? gap(x, y) : !has_value(field, x, y);
    line.push_back({t * length, nothing ? none : value_at(field, x, y)});
  }
  return line;
}

}  // namespace calor::app
