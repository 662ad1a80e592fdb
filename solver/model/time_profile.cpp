// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/time_profile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace calor {

namespace {

using F = std::function<double(double)>;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double rounding = 256.0 * std::numeric_limits<double>::epsilon();  // of a value that is worked out

/// The function at equal distances.
struct Samples {
  double from, h;
  std::vector<double> v;
  double time(std::size_t i) const { return from + static_cast<double>(i) * h; }
  double slope(std::size_t i) const { return v[i + 1] - v[i]; }  // times h
  double bend(std::size_t i) const { return v[i + 1] - 2.0 * v[i] + v[i - 1]; }
};

/// Finds the jumps between two times, by halving towards the larger difference until there is no double left
/// in between.
class JumpSearch {
 public:
  JumpSearch(const F& f, double least) : f_{f}, least_{least} {}
  void between(double a, double fa, double b, double fb, int depth, std::vector<TimeProfile::Jump>& out) {
    if (!(std::abs(fb - fa) > least_) || depth == 0) return;
    // What is nearly straight does not jump.
    if (std::abs(f_(0.5 * (a + b)) - 0.5 * (fa + fb)) < 0.1 * std::abs(fb - fa)) return;
    double lo = a, flo = fa, hi = b, fhi = fb;
    for (;;) {
      const double middle = lo + 0.5 * (hi - lo);
      if (!(middle > lo && middle < hi)) break;
      const double fm = f_(middle);
      if (std::abs(fm - flo) >= std::abs(fhi - fm)) {
        hi = middle;
        fhi = fm;
      } else {
        lo = middle;
        flo = fm;
      }
      if (!(std::abs(fhi - flo) > least_)) return;  // it was steep, no more
    }
    between(a, fa, lo, flo, depth - 1, out);
    out.push_back({lo, hi});
    between(hi, fhi, b, fb, depth - 1, out);
  }

 private:
  const F& f_;
  double least_;
};

/// A polygon through some of the points that it is given, no further than `tol` from the others: Reumann and
/// Witkam's corridor with its swinging door.
class Polygon {
 public:
  Polygon(double tol, std::vector<TimeProfile::Node>& out) : tol_{tol}, out_{out} {}
  void begin(TimeProfile::Node p) {
    out_.push_back(p);
    anchor_ = last_ = p;
    lo_ = -infinity;
    hi_ = infinity;
  }
  void add(TimeProfile::Node p) {
    if (!(p.t > last_.t)) return;
    if (const double slope = (p.value - anchor_.value) / (p.t - anchor_.t); slope < lo_ || slope > hi_)
      begin(last_);
    const double run = p.t - anchor_.t, rise = p.value - anchor_.value;
    lo_ = std::max(lo_, (rise - tol_) / run);
    hi_ = std::min(hi_, (rise + tol_) / run);
    last_ = p;
  }
  void corner(TimeProfile::Node p) {
    add(p);
    begin(p);
  }
  void end(TimeProfile::Node p) {
    add(p);
    if (last_.t > out_.back().t) out_.push_back(last_);
  }

 private:
  double tol_, lo_ = 0.0, hi_ = 0.0;
  TimeProfile::Node anchor_{}, last_{};
  std::vector<TimeProfile::Node>& out_;
};

/// The function at all times of s; several ranks share them out, as far as that pays.
void take_samples(const F& f, Samples& s, const mpi::Comm* comm) {
  const auto all = static_cast<std::ptrdiff_t>(s.v.size());
  const auto look = [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
#pragma omp parallel for schedule(static)
    for (std::ptrdiff_t i = begin; i < end; ++i) {
      const auto n = static_cast<std::size_t>(i);
      s.v[n] = f(s.time(n));
    }
  };
  constexpr int most_parts = 16;
  const int parts = comm != nullptr ? std::min(comm->size(), most_parts) : 1;
  if (parts == 1) {
    look(0, all);
    return;
  }
  std::vector<int> counts(static_cast<std::size_t>(comm->size()), 0), starts(counts.size(), 0);
  for (int r = 0; r < parts; ++r) {
    const auto n = static_cast<std::size_t>(r);
    starts[n] = static_cast<int>(all * r / parts);
    counts[n] = static_cast<int>(all * (r + 1) / parts) - starts[n];
  }
  const auto mine = static_cast<std::size_t>(comm->rank());
  look(starts[mine], starts[mine] + counts[mine]);
  mpi::check(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, s.v.data(), counts.data(), starts.data(),
                            MPI_DOUBLE, comm->get()));
  mpi::sign_of_life();
}

/// @param least  size of a jump
std::vector<TimeProfile::Jump> find_jumps(const F& f, const Samples& s, double least, bool& resolved) {
  constexpr std::size_t most = 20'000;
  const std::size_t n = s.v.size() - 1;
  std::vector<TimeProfile::Jump> jumps;
  JumpSearch search{f, least};
  std::size_t doubtful = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double d = s.slope(i);
    if (!(std::abs(d) > least)) continue;
    // Where it is smooth, this difference is nearly the mean of its neighbours.
    const double left = s.slope(i == 0 ? 1 : i - 1), right = s.slope(i + 1 == n ? n - 2 : i + 1);
    if (std::abs(d - 0.5 * (left + right)) < 0.1 * std::abs(d)) continue;
    if (++doubtful > most) {
      resolved = false;
      break;
    }
    search.between(s.time(i), s.v[i], s.time(i + 1), s.v[i + 1], 8, jumps);
  }
  return jumps;
}

std::vector<double> find_corners(const Samples& s, double range,
                                 const std::vector<TimeProfile::Jump>& jumps) {
  constexpr std::size_t most = 1'000'000;
  double largest = 0.0;
  for (const double v : s.v) largest = std::max(largest, std::abs(v));
  const double least = std::max(1e-8 * range, 64.0 * std::numeric_limits<double>::epsilon() * largest);
  std::vector<double> corners;
  auto jump = jumps.begin();
  for (std::size_t i = 3; i + 3 < s.v.size() && corners.size() < most; ++i) {
    const double bend = std::abs(s.bend(i));
    if (!(bend > least)) continue;
    while (jump != jumps.end() && jump->after < s.time(i - 3)) ++jump;
    if (jump != jumps.end() && jump->before < s.time(i + 3)) continue;
    // One place bends, its surroundings do not.
    if (i < 5 || i + 5 >= s.v.size() || bend < std::abs(s.bend(i - 1)) || bend <= std::abs(s.bend(i + 1)) ||
        bend < 30.0 * std::max(std::abs(s.bend(i - 3)), std::abs(s.bend(i + 3))))
      continue;
    const double left = s.slope(i - 3), right = s.slope(i + 2);
    const double x = (s.v[i + 2] - 2.0 * right - s.v[i - 2] - 2.0 * left) / (left - right);
    corners.push_back(s.time(i) + s.h * std::clamp(x, -1.5, 1.5));
  }
  return corners;
}

}  // namespace

TimeProfile::TimeProfile(const F& f, double from, double to, double closeness, const std::vector<Knot>& knots,
                         std::size_t looks, const mpi::Comm* comm) {
  Samples s{from, (to - from) / static_cast<double>(looks), std::vector<double>(looks + 1)};
  take_samples(f, s, comm);
  least_ = infinity;
  most_ = -infinity;
  double last = 0.0;
  for (std::size_t i = 0; i < s.v.size(); ++i) {
    double& v = s.v[i];
    if (!std::isfinite(v)) v = last;  // the step that meets it says so
    last = v;
    least_ = std::min(least_, v);
    most_ = std::max(most_, v);
  }
  for (const Knot& k : knots)  // what lasts less than a look's distance is known by these alone
    for (const double t : {k.jump ? std::nextafter(k.t, -infinity) : k.t, k.t})
      if (const double v = f(t); std::isfinite(v)) {
        least_ = std::min(least_, v);
        most_ = std::max(most_, v);
      }
  const double range = most_ - least_;
  // What rounding leaves of a constant is none of its doings.
  const double noise = rounding * std::max(std::abs(least_), std::abs(most_));
  if (!(range > noise) || !std::isfinite(range)) {
    nodes_ = {{from, s.v.front()}, {to, s.v.back()}};
    return;
  }
  jumps_ = find_jumps(f, s, std::max(1e-5 * range, noise), resolved_);
  if (resolved_) corners_ = find_corners(s, range, jumps_);
  take_known(f, knots, s.h);

  Polygon polygon{std::max(closeness * range, noise), nodes_};
  polygon.begin({from, s.v.front()});
  std::size_t jump = 0, corner = 0;
  for (std::size_t i = 1; i < s.v.size(); ++i) {
    const double t = s.time(i);
    for (; corner < corners_.size() && corners_[corner] < t; ++corner)
      polygon.corner({corners_[corner], f(corners_[corner])});
    for (; jump < jumps_.size() && jumps_[jump].after <= t; ++jump) {
      polygon.end({jumps_[jump].before, f(jumps_[jump].before)});
      polygon.begin({jumps_[jump].after, f(jumps_[jump].after)});
    }
    polygon.add({t, s.v[i]});
  }
  polygon.end({to, s.v.back()});
}

TimeProfile::TimeProfile(AllKnown, const F& f, double from, double to, double closeness,
                         const std::vector<Knot>& knots) {
  take_known(f, knots, 0.0);
  std::vector<Node> ends{{from, f(from)}};  // a jump has two of them
  for (const Knot& k : knots) {
    if (!(k.t > from && k.t < to)) continue;
    if (k.jump) {
      const double before = std::nextafter(k.t, -infinity);
      ends.push_back({before, f(before)});
    }
    ends.push_back({k.t, f(k.t)});
  }
  ends.push_back({to, f(to)});
  least_ = infinity;
  most_ = -infinity;
  for (const Node& n : ends) {
    least_ = std::min(least_, n.value);
    most_ = std::max(most_, n.value);
  }
  const double tol = closeness * (most_ - least_);
  // Halves what is not straight.
  const auto fill = [&](auto&& self, Node a, Node b, int depth) -> void {
    const double t = a.t + 0.5 * (b.t - a.t);
    if (depth > 0 && t > a.t && t < b.t)
      if (const Node middle{t, f(t)}; std::abs(middle.value - 0.5 * (a.value + b.value)) > tol) {
        self(self, a, middle, depth - 1);
        self(self, middle, b, depth - 1);
        return;
      }
    nodes_.push_back(b);
  };
  nodes_.push_back(ends.front());
  for (std::size_t n = 1; n < ends.size(); ++n) fill(fill, ends[n - 1], ends[n], 10);
  for (const Node& n : nodes_) {
    least_ = std::min(least_, n.value);
    most_ = std::max(most_, n.value);
  }
}

/// Adds what is known to what was found, which may be the same but for a trifle.
void TimeProfile::take_known(const F& f, const std::vector<Knot>& knots, double near) {
  if (knots.empty()) return;
  std::vector<double> found = std::move(corners_);
  corners_.clear();
  std::vector<Jump> jumps = std::move(jumps_);
  jumps_.clear();
  auto corner = found.begin();
  auto jump = jumps.begin();
  const auto up_to = [&](double t) {
    for (; corner != found.end() && *corner < t - 2.0 * near; ++corner) corners_.push_back(*corner);
    while (corner != found.end() && *corner <= t + 2.0 * near) ++corner;
    for (; jump != jumps.end() && jump->after < t; ++jump) jumps_.push_back(*jump);
    while (jump != jumps.end() && jump->before <= t) ++jump;
  };
  for (const Knot& k : knots) {
    up_to(k.t);
    const double before = std::nextafter(k.t, -infinity);
    if (k.jump && f(before) != f(k.t))
      jumps_.push_back({before, k.t});
    else
      corners_.push_back(k.t);
  }
  up_to(infinity);
}

std::size_t TimeProfile::after(double t) const {
  const auto later = [](double time, const Node& n) { return time < n.t; };
  return static_cast<std::size_t>(std::upper_bound(nodes_.begin(), nodes_.end(), t, later) - nodes_.begin());
}

}  // namespace calor
