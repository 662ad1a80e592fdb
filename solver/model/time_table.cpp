// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/time_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "decomposition/error.hpp"

namespace calor {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double rounding = 1e-9;  // of the length of a table: what t may lie beyond an end that forbids it

std::size_t index(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

}  // namespace

/// With repeat the points cover exactly one period: the last one is the first of the next.
struct TimeTable::Points {
  static constexpr std::size_t group = 16;

  std::vector<double> t, values;
  Between between;
  double period;  // 0: none
  /// sums[0][i]: integral over the segments [16 i, 16 i + 16); sums[1]: over 16 of those; and so on. A
  /// difference of running sums would lose the digits of a short time late in a long table.
  std::vector<std::vector<double>> sums;

  std::ptrdiff_t count() const { return static_cast<std::ptrdiff_t>(t.size()); }
  double area(std::size_t segment) const {
    const double mean =
        between == Between::step ? values[segment] : 0.5 * (values[segment] + values[segment + 1]);
    return (t[segment + 1] - t[segment]) * mean;
  }
  void sum_up() {
    const std::size_t segments = t.size() - 1;
    std::vector<double> level;
    for (std::size_t i = 0; i + group <= segments; i += group) {
      double sum = 0.0;
      for (std::size_t n = i; n < i + group; ++n) sum += area(n);
      level.push_back(sum);
    }
    while (!level.empty()) {
      std::vector<double> next;
      for (std::size_t i = 0; i + group <= level.size(); i += group) {
        double sum = 0.0;
        for (std::size_t n = i; n < i + group; ++n) sum += level[n];
        next.push_back(sum);
      }
      level.shrink_to_fit();
      sums.push_back(std::move(level));
      level = std::move(next);
    }
  }
  /// Of the segments [begin, end).
  double sum(std::size_t begin, std::size_t end) const {
    double all = 0.0;
    for (std::size_t level = 0; begin < end; ++level) {
      const auto term = [&](std::size_t i) { return level == 0 ? area(i) : sums[level - 1][i]; };
      const bool coarser = level < sums.size() && end - begin >= group;
      while (begin < end && (!coarser || begin % group != 0)) all += term(begin++);
      while (begin < end && end % group != 0) all += term(--end);
      begin /= group;
      end /= group;
    }
    return all;
  }
  double slope(std::ptrdiff_t segment) const {
    if (between == Between::step || segment < 0 || segment + 1 >= count()) return 0.0;
    const std::size_t i = index(segment);
    return (values[i + 1] - values[i]) / (t[i + 1] - t[i]);
  }
};

TimeTable::TimeTable(std::vector<double> t, std::vector<double> values, const Shape& shape)
    : beyond_{shape.beyond}, scale_{shape.scale}, offset_{shape.offset} {
  CALOR_ASSERT(!t.empty() && t.size() == values.size() && std::is_sorted(t.begin(), t.end()));
  Points p{std::move(t), std::move(values), shape.between, 0.0, {}};
  if (beyond_ == Beyond::repeat) {
    const double span = p.t.back() - p.t.front();
    p.period = shape.period == 0.0 ? span : shape.period;
    CALOR_ASSERT(p.period > 0.0 && p.period >= span);
    if (const double next = p.t.front() + p.period; next > p.t.back()) {
      p.t.push_back(next);
      p.values.push_back(shape.between == Between::step ? p.values.back() : p.values.front());
    }
  }
  p.sum_up();
  points_ = std::make_shared<const Points>(std::move(p));
}

bool operator==(const TimeTable& a, const TimeTable& b) {
  if (a.beyond_ != b.beyond_ || a.scale_ != b.scale_ || a.offset_ != b.offset_) return false;
  if (a.points_ == b.points_) return true;
  return a.points_->between == b.points_->between && a.points_->period == b.points_->period &&
         a.points_->t == b.points_->t && a.points_->values == b.points_->values;
}

bool TimeTable::constant() const {
  const std::vector<double>& v = points_->values;
  return scale_ == 0.0 || (beyond_ != Beyond::undefined &&
                           std::all_of(v.begin(), v.end(), [&](double value) { return value == v.front(); }));
}
double TimeTable::first() const { return points_->t.front(); }
double TimeTable::last() const { return points_->t.back(); }
std::size_t TimeTable::bytes() const {
  std::size_t all = 2 * points_->t.capacity();
  for (const std::vector<double>& level : points_->sums) all += level.capacity();
  return all * sizeof(double);
}

/// The point's time in a repeat. All that asks where a time lies compares with this number, so that a jump is
/// exactly where a user would say it is, at 7 days and not the last bit before.
double TimeTable::time_of(double period, std::ptrdiff_t point) const {
  return points_->t[index(point)] + period * points_->period;
}

TimeTable::Position TimeTable::position(double t) const {
  const auto last = points_->count() - 1;
  Position p{0.0, t, -1};
  if (beyond_ == Beyond::repeat) {
    p.period = std::floor((t - first()) / points_->period);
    if (t < time_of(p.period, 0)) p.period -= 1.0;
    if (t >= time_of(p.period + 1.0, 0)) p.period += 1.0;
  } else {
    if (!(t >= first())) return p;
    if (t >= points_->t.back()) {
      p.segment = last;
      return p;
    }
  }
  // Where this thread found its last time in a table; checked before it is believed.
  thread_local std::ptrdiff_t hint = 0;
  const auto holds = [&](std::ptrdiff_t s) {
    return time_of(p.period, s) <= t && t < time_of(p.period, s + 1);
  };
  if (hint < last && holds(hint)) {
    p.segment = hint;
  } else if (hint + 1 < last && holds(hint + 1)) {
    p.segment = ++hint;
  } else {
    std::ptrdiff_t begin = 0, end = last;  // the segment is one of [begin, end)
    while (end - begin > 1) {
      const std::ptrdiff_t middle = begin + (end - begin) / 2;
      (t >= time_of(p.period, middle) ? begin : end) = middle;
    }
    p.segment = begin;
    if (beyond_ == Beyond::repeat)  // a last segment that rounding has left nothing of
      while (p.segment > 0 && points_->t[index(p.segment)] == points_->t.back()) --p.segment;
    hint = p.segment;
  }
  if (beyond_ == Beyond::repeat) {
    const double from = points_->t[index(p.segment)], to = points_->t[index(p.segment) + 1];
    p.t = std::clamp(from + (t - time_of(p.period, p.segment)), from, to);
  }
  return p;
}

double TimeTable::raw(const Position& p) const {
  const std::vector<double>&t = points_->t, &v = points_->values;
  if (p.segment < 0) return p.t == p.t ? v.front() : p.t;  // NaN stays NaN
  const std::size_t i = index(p.segment);
  if (i + 1 == t.size() || points_->between == Between::step) return v[i];
  return v[i] + (p.t - t[i]) / (t[i + 1] - t[i]) * (v[i + 1] - v[i]);
}

double TimeTable::operator()(double t) const {
  if (beyond_ == Beyond::undefined) {
    const double slack = rounding * (last() - first());
    if (t < first() - slack || t > last() + slack) return std::numeric_limits<double>::quiet_NaN();
  }
  return raw(position(t)) * scale_ + offset_;
}

/// Of the values as they stand, t0 in segment s0 and t1 in s1, both as in Position.
double TimeTable::raw_integral(double t0, double t1, std::ptrdiff_t s0, std::ptrdiff_t s1) const {
  const auto piece = [&](double from, double to, std::ptrdiff_t segment) {
    if (!(from < to)) return from == from && to == to ? 0.0 : std::numeric_limits<double>::quiet_NaN();
    return (to - from) * raw({0.0, segment < 0 ? -infinity : 0.5 * from + 0.5 * to, segment});
  };
  if (s0 == s1) return piece(t0, t1, s0);
  const std::vector<double>& t = points_->t;
  return piece(t0, t[index(s0 + 1)], s0) + points_->sum(index(s0 + 1), index(s1)) +
         piece(t[index(s1)], t1, s1);
}

double TimeTable::integral(double t0, double t1) const {
  if (beyond_ == Beyond::undefined) {
    const double slack = rounding * (last() - first());
    if (t0 < first() - slack || t1 > last() + slack) return std::numeric_limits<double>::quiet_NaN();
  }
  const Position a = position(t0), b = position(t1);
  double raw_sum = 0.0;
  if (a.period == b.period) {
    raw_sum = raw_integral(a.t, b.t, a.segment, b.segment);
  } else {
    const std::ptrdiff_t segments = points_->count() - 1;
    raw_sum = raw_integral(a.t, last(), a.segment, segments) + raw_integral(first(), b.t, 0, b.segment);
    if (const double whole = b.period - a.period - 1.0; whole > 0.0)
      raw_sum += whole * points_->sum(0, index(segments));
  }
  return raw_sum * scale_ + offset_ * (t1 - t0);
}

bool TimeTable::knots(double from, double to, std::size_t most, std::vector<Knot>& out) const {
  if (!(from < to) || scale_ == 0.0) return true;
  const bool repeats = beyond_ == Beyond::repeat;
  const Position a = position(from), b = position(to);
  const std::vector<double>&t = points_->t, &v = points_->values;
  const std::ptrdiff_t last = points_->count() - 1;
  const double periods = b.period - a.period, many = static_cast<double>(last);
  const double whole = periods * many + static_cast<double>(b.segment - a.segment);
  constexpr double counted_exactly = 1e15;
  if (!(whole <= static_cast<double>(most)) || !(std::max(-a.period, b.period) < counted_exactly))
    return false;
  for (double n = a.period; n <= b.period; ++n) {
    std::ptrdiff_t i = n == a.period ? std::max<std::ptrdiff_t>(a.segment, 0) : 0;
    while (i > 0 && t[index(i - 1)] == t[index(i)]) --i;
    const std::ptrdiff_t end = n == b.period ? std::min(b.segment, last) : last;
    while (i <= end) {
      std::ptrdiff_t later = i;  // of the points with this t
      while (later < last && t[index(later + 1)] == t[index(i)]) ++later;
      if (repeats && t[index(i)] == t.back()) break;  // is the first of the next period
      // The segment before, and the point that its line ends with.
      std::ptrdiff_t segment = i - 1, point = i;
      if (repeats && i == 0) {
        point = last;
        while (t[index(point - 1)] == t[index(point)]) --point;
        segment = point - 1;
      }
      const double left =
          v[index(points_->between == Between::step ? std::max<std::ptrdiff_t>(segment, 0) : point)];
      const bool jump = left != v[index(later)];
      if (jump || points_->slope(segment) != points_->slope(later)) {
        const double when = time_of(n, later);
        if (from < when && when < to) out.push_back({when, jump});
      }
      i = later + 1;
    }
  }
  return true;
}

}  // namespace calor
