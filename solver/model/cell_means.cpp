// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/cell_means.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <utility>

#include "decomposition/error.hpp"

namespace calor {

namespace {

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

bool same(const std::shared_ptr<const PixelArray>& a, const std::shared_ptr<const PixelArray>& b) {
  return a == b || *a == *b;
}

/// Sums what differs from the first value, so that equal values keep their bits.
class Mean {
 public:
  void add(double value, double weight) {
    if (weights_ == 0.0) first_ = value;
    sum_ += weight * (value - first_);
    weights_ += weight;
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  double value() const { return std::clamp(first_ + sum_ / weights_, low_, high_); }

 private:
  double first_ = 0.0, sum_ = 0.0, weights_ = 0.0;
  double low_ = std::numeric_limits<double>::infinity(), high_ = -std::numeric_limits<double>::infinity();
};

}  // namespace

CellMeans::CellMeans(const Grid& grid, const std::array<double, 2>& x, const std::array<double, 2>& y,
                     std::shared_ptr<const PixelArray> values, Kind kind,
                     std::vector<std::shared_ptr<const PixelArray>> weights)
    : grid_{grid},
      x_{x},
      y_{y},
      values_{std::move(values)},
      kind_{kind},
      weights_{std::move(weights)},
      number_{next_number()} {
  CALOR_ASSERT(x[0] < x[1] && y[0] < y[1] && values_->nx > 0 && values_->ny > 0);
}

bool operator==(const CellMeans& a, const CellMeans& b) {
  return a.grid_ == b.grid_ && a.x_ == b.x_ && a.y_ == b.y_ && a.kind_ == b.kind_ &&
         same(a.values_, b.values_) &&
         std::equal(a.weights_.begin(), a.weights_.end(), b.weights_.begin(), b.weights_.end(), same);
}

/// A place in pixels from the edge of the rectangle.
double CellMeans::pixels(int axis, double place) const {
  const std::array<double, 2>& ends = axis == 0 ? x_ : y_;
  const double p = (place - ends[0]) / (ends[1] - ends[0]) * count(axis), edge = std::rint(p);
  constexpr double near = 1e-9, rounding = 4.0 * std::numeric_limits<double>::epsilon();
  return std::abs(p - edge) <= near + rounding * std::abs(p) ? edge : p;
}

CellMeans::Span CellMeans::span(int axis, int n) const {
  const int all = count(axis);
  Span s{pixels(axis, axis == 0 ? grid_.face_x(n) : grid_.face_y(n)),
         pixels(axis, axis == 0 ? grid_.face_x(n + 1) : grid_.face_y(n + 1)), 0, 0};
  if (!(s.to > 0.0)) return {0.0, 1.0, 0, 0};
  if (!(s.from < all)) return {all - 1.0, all + 0.0, all - 1, all - 1};
  s.from = std::max(s.from, 0.0);
  s.to = std::min(s.to, all + 0.0);
  s.first = std::min(static_cast<int>(s.from), all - 1);
  s.last = std::max(s.first, static_cast<int>(std::ceil(s.to)) - 1);
  if (!(s.from < s.to)) return {s.first + 0.0, s.first + 1.0, s.first, s.first};  // all of it on one edge
  return s;
}

/// Of pixel n of the span, as a volume has it: in pixels, or around an axis times the radius.
double CellMeans::width(int axis, const Span& s, int n) const {
  const double begin = s.begin(n), end = s.end(n);
  if (axis == 1 || !grid_.axisymmetric()) return end - begin;
  return (end - begin) * (x_[0] + 0.5 * (begin + end) * ((x_[1] - x_[0]) / values_->nx));
}

double CellMeans::by_volume(const Span& sx, const Span& sy) const {
  Mean mean;
  for (int j = sy.first; j <= sy.last; ++j)
    for (int i = sx.first; i <= sx.last; ++i) {
      double weight = width(0, sx, i) * width(1, sy, j);
      for (const auto& w : weights_) weight *= w->at(i, j);
      mean.add(values_->at(i, j), weight);
    }
  return mean.value();
}

/// @param column  of the cell
double CellMeans::in_series(int axis, int column, const Span& along, const Span& across) const {
  const auto place = [&](double p) { return x_[0] + p * ((x_[1] - x_[0]) / values_->nx); };
  const auto length = [&](int n) {
    const double begin = along.begin(n), end = along.end(n);
    if (axis == 1 || !grid_.axisymmetric()) return end - begin;
    return grid_.length(0, column + 1, place(begin), place(end));
  };
  Mean mean;
  for (int m = across.first; m <= across.last; ++m) {
    const auto k = [&](int n) { return axis == 0 ? values_->at(n, m) : values_->at(m, n); };
    const double first = k(along.first);
    double resistances = 0.0, lengths = 0.0;  // beyond that of the first
    for (int n = along.first; n <= along.last; ++n) {
      const double l = length(n);
      resistances += l * (1.0 / k(n) - 1.0 / first);
      lengths += l;
    }
    mean.add(resistances == 0.0 ? first : 1.0 / (1.0 / first + resistances / lengths),
             width(1 - axis, across, m));
  }
  return mean.value();
}

double CellMeans::mean(int i, int j) const {
  const Span sx = span(0, i), sy = span(1, j);
  if (sx.first == sx.last && sy.first == sy.last) return values_->at(sx.first, sy.first);
  switch (kind_) {
    case Kind::by_volume:
      return by_volume(sx, sy);
    case Kind::along_x:
      return in_series(0, i, sx, sy);
    case Kind::along_y:
      return in_series(1, i, sy, sx);
  }
  throw Error{Exit::internal, "a mean of no kind"};
}

double CellMeans::operator()(double x, double y) const {
  const int i = std::clamp(grid_.column(x), 0, grid_.nx - 1), j = std::clamp(grid_.row(y), 0, grid_.ny - 1);
  // Functions are asked at many points of a cell.
  struct Last {
    std::uint64_t number = 0;
    int i = 0, j = 0;
    double mean = 0.0;
  };
  static thread_local Last last;
  if (last.number != number_ || last.i != i || last.j != j) last = {number_, i, j, mean(i, j)};
  return last.mean;
}

bool CellMeans::mixes() const {
  const auto along = [&](int axis) {
    const std::array<double, 2>& ends = axis == 0 ? x_ : y_;
    const int cells = axis == 0 ? grid_.nx : grid_.ny, all = count(axis);
    for (int n = 1; n < all; ++n) {
      const double edge = ends[0] + n * ((ends[1] - ends[0]) / all);
      const int cell = axis == 0 ? grid_.column(edge) : grid_.row(edge);
      const auto at_face = [&](int f) {
        return pixels(axis, axis == 0 ? grid_.face_x(f) : grid_.face_y(f)) == n;
      };
      if (cell >= 0 && cell < cells && !at_face(cell) && !at_face(cell + 1)) return true;
    }
    return false;
  };
  return along(0) || along(1);
}

}  // namespace calor
