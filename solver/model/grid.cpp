// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/grid.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace calor {

namespace {

std::vector<double> equal(double from, double to, int cells) {
  const double step = (to - from) / cells;
  std::vector<double> faces(static_cast<std::size_t>(cells) + 1);
  for (int n = 0; n <= cells; ++n) faces[static_cast<std::size_t>(n)] = from + n * step;
  return faces;
}

/// Widths differ by more than rounding.
bool uneven(const std::vector<double>& faces) {
  const double mean = (faces.back() - faces.front()) / static_cast<double>(faces.size() - 1);
  for (std::size_t n = 0; n + 1 < faces.size(); ++n)
    if (std::abs(faces[n + 1] - faces[n] - mean) > 1e-9 * mean) return true;
  return false;
}

/// The face as a circle at this distance from the axis, beside the first cell at it, or that cell's own.
bool straight_at(const std::vector<double>& r, std::size_t face) { return r.front() == 0.0 && face <= 1; }

/// See GridLines::to_low_x.
double seen(double face, double a, double b) { return face * std::log(b / a); }

}  // namespace

std::vector<double> graded_faces(const std::vector<double>& at, const std::vector<std::int64_t>& cells,
                                 const std::vector<double>& ratio) {
  std::vector<double> faces{at.front()};
  for (std::size_t part = 0; part < cells.size(); ++part) {
    const double from = at[part], length = at[part + 1] - from;
    const std::int64_t count = cells[part];
    const double step = count > 1 ? std::pow(ratio[part], 1.0 / static_cast<double>(count - 1)) : 1.0;
    // From the narrow end, so that the sums of widths lose nothing.
    const double q = step >= 1.0 ? step : 1.0 / step;
    std::vector<double> sums;  // of the first n widths, the first being 1
    double width = 1.0, sum = 0.0;
    for (std::int64_t n = 0; n < count; ++n) {
      sums.push_back(sum += width);
      width *= q;
    }
    for (std::int64_t n = 0; n + 1 < count; ++n)
      faces.push_back(step >= 1.0
                          ? from + length * (sums[static_cast<std::size_t>(n)] / sum)
                          : at[part + 1] - length * (sums[static_cast<std::size_t>(count - n - 2)] / sum));
    faces.push_back(at[part + 1]);
  }
  return faces;
}

GridLines::GridLines(std::vector<double> x_faces, std::vector<double> y_faces, bool around)
    : x{std::move(x_faces)},
      y{std::move(y_faces)},
      axisymmetric{around},
      uneven_x{calor::uneven(x)},
      uneven_y{calor::uneven(y)} {
  constexpr double two_pi = 2.0 * std::numbers::pi;
  for (std::size_t n = 0; n + 1 < x.size(); ++n) {
    const double width = x[n + 1] - x[n], r = 0.5 * (x[n] + x[n + 1]);
    volume_x.push_back(axisymmetric ? two_pi * r * width : width);
    to_low_x.push_back(!axisymmetric || straight_at(x, n) ? r - x[n] : seen(x[n], x[n], r));
    to_high_x.push_back(!axisymmetric || straight_at(x, n + 1) ? x[n + 1] - r : seen(x[n + 1], r, x[n + 1]));
  }
  for (const double face : x) area_x.push_back(axisymmetric ? two_pi * face : 1.0);
  for (std::size_t n = 0; n + 1 < y.size(); ++n) {
    volume_y.push_back(y[n + 1] - y[n]);
    to_low_y.push_back(0.5 * (y[n + 1] - y[n]));
    to_high_y.push_back(0.5 * (y[n + 1] - y[n]));
  }
  area_y.assign(y.size(), 1.0);
  const double across =
      axisymmetric ? 0.5 * two_pi * (x.back() - x.front()) * (x.back() + x.front()) : x.back() - x.front();
  all = across * (y.back() - y.front());
}

void Grid::lay(std::vector<double> x_faces, std::vector<double> y_faces, bool around) {
  lines.reset();
  if (x_faces.empty() && y_faces.empty() && !around) return;
  if (x_faces.empty()) x_faces = equal(x0, x1, nx);
  if (y_faces.empty()) y_faces = equal(y0, y1, ny);
  lines = std::make_shared<const GridLines>(std::move(x_faces), std::move(y_faces), around);
}

double Grid::length(int axis, int n, double a, double b) const {
  if (axis == 1 || !axisymmetric() || straight_at(lines->x, at(wrap(n, nx, periodic_x)))) return b - a;
  return seen(lines->x[at(n)], a, b);
}

double Grid::centre_x(int i) const {
  if (!lines) return x0 + (i + 0.5) * dx();
  if (i < 0) return x0 - (-i - 0.5) * width_x(0);
  return i < nx ? x(i) : x1 + (i - nx + 0.5) * width_x(nx - 1);
}

double Grid::centre_y(int j) const {
  if (!lines) return y0 + (j + 0.5) * dy();
  if (j < 0) return y0 - (-j - 0.5) * width_y(0);
  return j < ny ? y(j) : y1 + (j - ny + 0.5) * width_y(ny - 1);
}

namespace {
int interval(const std::vector<double>& faces, double v) {
  return static_cast<int>(std::upper_bound(faces.begin(), faces.end(), v) - faces.begin()) - 1;
}
}  // namespace

int Grid::column(double v) const {
  if (lines) return interval(lines->x, v);
  return static_cast<int>(std::clamp(std::floor((v - x0) / dx()), -1.0, nx + 0.0));
}

int Grid::row(double v) const {
  if (lines) return interval(lines->y, v);
  return static_cast<int>(std::clamp(std::floor((v - y0) / dy()), -1.0, ny + 0.0));
}

}  // namespace calor
