// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/enthalpy_curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>

namespace calor {

namespace {

/// c over T by straight lines; two equal T are a jump.
struct Lines {
  std::vector<double> T, c;

  /// From below, or from above, where it jumps.
  double at(double t, bool below) const {
    const auto n = static_cast<std::size_t>(
        (below ? std::lower_bound(T.begin(), T.end(), t) : std::upper_bound(T.begin(), T.end(), t)) -
        T.begin());
    if (n == 0) return c.front();
    if (n == T.size()) return c.back();
    return c[n - 1] + (t - T[n - 1]) / (T[n] - T[n - 1]) * (c[n] - c[n - 1]);
  }
};

constexpr std::size_t most_points = 200'000;

/// Points of an expression, each interval halved until its middle and quarters lie on the line.
class Sampling {
 public:
  explicit Sampling(const Function& c) : c_{c} {}
  double value(double T) const { return c_(0.0, 0.0, 0.0, T); }
  static bool good(double v, double least = 0.0) { return v > least && std::isfinite(v); }
  /// From the place where it is good towards `end`, as far as it stays so.
  double reach(double from, double end, double least) const {
    constexpr int looks = 4096;
    double last = from;
    for (int n = 1; n <= looks; ++n) {
      const double T = from + (end - from) * n / looks;
      if (good(value(T), least)) {
        last = T;
        continue;
      }
      double bad = T;
      for (int k = 0; k < 60; ++k) {
        const double middle = 0.5 * (last + bad);
        (good(value(middle), least) ? last : bad) = middle;
      }
      break;
    }
    return last;
  }
  Lines between(double low, double high) {
    constexpr int first = 64;
    for (int n = 0; n <= first; ++n) largest_ = std::max(largest_, value(low + (high - low) * n / first));
    Lines lines{{low}, {value(low)}};
    for (int n = 0; n < first; ++n) {
      const double a = low + (high - low) * n / first, b = low + (high - low) * (n + 1) / first;
      halve(a, value(a), b, value(b), 40, lines);
    }
    // What lies on the line of its neighbours says nothing.
    Lines few{{lines.T.front()}, {lines.c.front()}};
    for (std::size_t n = 1; n + 1 < lines.T.size(); ++n) {
      const double t0 = few.T.back(), c0 = few.c.back(), t2 = lines.T[n + 1], c2 = lines.c[n + 1];
      const double line = c0 + (lines.T[n] - t0) / (t2 - t0) * (c2 - c0);
      if (std::abs(lines.c[n] - line) <= 1e-13 * largest_) continue;
      few.T.push_back(lines.T[n]);
      few.c.push_back(lines.c[n]);
    }
    few.T.push_back(lines.T.back());
    few.c.push_back(lines.c.back());
    return few;
  }

 private:
  void halve(double a, double ca, double b, double cb, int left, Lines& to) {
    bool straight = true;
    for (const double share : {0.25, 0.5, 0.75})
      straight =
          straight && std::abs(value(a + share * (b - a)) - (ca + share * (cb - ca))) <= 1e-7 * largest_;
    if (!straight && left > 0) {
      if (to.T.size() > most_points)
        throw std::invalid_argument{
            fmt::format("takes more than {} points to follow; give a table", most_points)};
      const double middle = 0.5 * (a + b), cm = value(middle);
      halve(a, ca, middle, cm, left - 1, to);
      halve(middle, cm, b, cb, left - 1, to);
      return;
    }
    to.T.push_back(b);
    to.c.push_back(cb);
  }
  const Function& c_;
  double largest_ = 0.0;
};

double mean_of(const Lines& l) {
  if (!(l.T.back() > l.T.front())) return l.c.front();
  double sum = 0.0;
  for (std::size_t n = 1; n < l.T.size(); ++n) sum += 0.5 * (l.c[n] + l.c[n - 1]) * (l.T[n] - l.T[n - 1]);
  return sum / (l.T.back() - l.T.front());
}

std::vector<double> sorted_once(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

EnthalpyCurve::EnthalpyCurve(const Function& c, std::span<const PhaseChange> changes, double zero) {
  Lines lines;
  if (!c.of_temperature()) {
    reference_ = c(0.0, 0.0);
    lines = {{0.0}, {reference_}};
  } else if (const Function::Table table = c.table(); !table.T.empty()) {
    lines = {{table.T.begin(), table.T.end()}, {table.values.begin(), table.values.end()}};
    reference_ = mean_of(lines);
  } else {
    Sampling sampling{c};
    const double room = zero + 293.15;
    reference_ = sampling.value(room);
    if (!Sampling::good(reference_))
      throw std::invalid_argument{fmt::format("is {} at T = {:.6g}", reference_, room)};
    valid_ = {sampling.reach(room, zero, 1e-3 * reference_),
              sampling.reach(room, zero + 1e4, 1e-3 * reference_)};
    lines = sampling.between(valid_.first, valid_.second);
  }
  if (!c.of_temperature() && changes.empty()) return;
  std::vector<double> knots = lines.T;
  for (const PhaseChange& p : changes) {
    knots.push_back(p.from);
    knots.push_back(p.to);
    changes_.push_back({p.from, p.to, p.latent_heat / reference_});
  }
  knots = sorted_once(std::move(knots));
  std::vector<std::pair<double, double>> ends;  // of dh/dT in each part
  for (std::size_t n = 0; n <= knots.size(); ++n) {
    const bool first = n == 0, last = n == knots.size();
    double low = lines.at(first ? knots[0] : knots[n - 1], first),
           high = lines.at(last ? knots[n - 1] : knots[n], !last);
    if (first) low = high = lines.c.front();
    if (last) low = high = lines.c.back();
    low /= reference_;
    high /= reference_;
    if (!first && !last)
      for (const Held& p : changes_)
        if (p.from < p.to && p.from <= knots[n - 1] && knots[n] <= p.to) {
          low += p.latent / (p.to - p.from);
          high += p.latent / (p.to - p.from);
        }
    ends.emplace_back(low, high);
  }
  build(std::move(knots), ends);
}

/// @param ends  of dh/dT in each part, at its lower and its upper end
void EnthalpyCurve::build(std::vector<double> knots, const std::vector<std::pair<double, double>>& ends) {
  T_ = std::move(knots);
  double h = 0.0;
  parts_.push_back({T_[0], h, ends[0].second, 0.0});
  for (std::size_t n = 0; n < T_.size(); ++n) {
    breaks_.push_back(h);
    for (const Held& p : changes_)
      if (p.from == p.to && p.from == T_[n]) h += p.latent;
    breaks_.push_back(h);
    const bool last = n + 1 == T_.size();
    const double length = last ? 1.0 : T_[n + 1] - T_[n];
    const auto [low, high] = ends[n + 1];
    parts_.push_back({T_[n], h, low, last ? 0.0 : (high - low) / length});
    if (!last) h += 0.5 * (low + high) * length;
  }
  const double at_zero = heat(0.0);
  for (double& b : breaks_) b -= at_zero;
  for (Part& p : parts_) p.h0 -= at_zero;
}

EnthalpyCurve EnthalpyCurve::mixture(std::span<const std::pair<double, const EnthalpyCurve*>> parts) {
  EnthalpyCurve mix;
  double all = 0.0;
  std::vector<double> knots;
  for (const auto& [weight, curve] : parts) {
    all += weight;
    knots.insert(knots.end(), curve->T_.begin(), curve->T_.end());
    mix.valid_ = {std::max(mix.valid_.first, curve->valid_.first),
                  std::min(mix.valid_.second, curve->valid_.second)};
  }
  if (knots.empty()) return mix;
  for (const auto& [weight, curve] : parts)
    for (const Held& p : curve->changes_) mix.changes_.push_back({p.from, p.to, weight / all * p.latent});
  knots = sorted_once(std::move(knots));
  std::vector<std::pair<double, double>> ends;
  for (std::size_t n = 0; n <= knots.size(); ++n) {
    const double low = n == 0 ? knots[0] - 1.0 : knots[n - 1],
                 high = n == knots.size() ? low + 1.0 : knots[n];
    double at_low = 0.0, at_high = 0.0;
    for (const auto& [weight, curve] : parts) {
      at_low += weight / all * curve->capacity(low, false);
      at_high += weight / all * curve->capacity(high, true);
    }
    ends.emplace_back(at_low, at_high);
  }
  mix.build(std::move(knots), ends);
  return mix;
}

double EnthalpyCurve::capacity(double T, bool below) const {
  if (straight()) return 1.0;
  const auto n = static_cast<std::size_t>(
      (below ? std::lower_bound(T_.begin(), T_.end(), T) : std::upper_bound(T_.begin(), T_.end(), T)) -
      T_.begin());
  const Part& p = parts_[n];
  return n == 0 ? p.c : p.c + p.slope * (T - p.T0);
}

double EnthalpyCurve::temperature(double h) const {
  if (straight()) return h;
  const auto n =
      static_cast<std::size_t>(std::upper_bound(breaks_.begin(), breaks_.end(), h) - breaks_.begin());
  if (n % 2 == 1) return T_[n / 2];
  const Part& p = parts_[n / 2];
  const double d = h - p.h0;
  return p.T0 + 2.0 * d / (p.c + std::sqrt(std::max(0.0, p.c * p.c + 2.0 * p.slope * d)));
}

double EnthalpyCurve::heat(double T, double liquid) const {
  if (straight()) return T;
  const auto n = static_cast<std::size_t>(std::upper_bound(T_.begin(), T_.end(), T) - T_.begin());
  if (n > 0 && T == T_[n - 1]) return breaks_[2 * n - 2] + liquid * (breaks_[2 * n - 1] - breaks_[2 * n - 2]);
  const Part& p = parts_[n];
  const double d = T - p.T0;
  return p.h0 + d * (p.c + 0.5 * p.slope * d);
}

double EnthalpyCurve::slope(double h) const {
  if (straight()) return 1.0;
  const auto n =
      static_cast<std::size_t>(std::upper_bound(breaks_.begin(), breaks_.end(), h) - breaks_.begin());
  if (n % 2 == 1) return 0.0;
  const Part& p = parts_[n / 2];
  return 1.0 / std::sqrt(std::max(1e-300, p.c * p.c + 2.0 * p.slope * (h - p.h0)));
}

double EnthalpyCurve::magnitude(double h) const {
  if (straight()) return std::abs(h);
  const auto n =
      static_cast<std::size_t>(std::upper_bound(breaks_.begin(), breaks_.end(), h) - breaks_.begin());
  const Part& p = parts_[n / 2];
  return std::max(std::abs(p.T0), std::max(std::abs(h), std::abs(p.h0)) * slope(h));
}

double EnthalpyCurve::liquid(double h) const {
  double held = 0.0, all = 0.0;
  for (const Held& p : changes_) {
    all += p.latent;
    if (p.from < p.to) {
      held += p.latent * std::clamp((temperature(h) - p.from) / (p.to - p.from), 0.0, 1.0);
      continue;
    }
    const auto n = static_cast<std::size_t>(std::lower_bound(T_.begin(), T_.end(), p.from) - T_.begin());
    const double low = breaks_[2 * n], high = breaks_[2 * n + 1];
    held += p.latent * (high > low ? std::clamp((h - low) / (high - low), 0.0, 1.0) : 0.0);
  }
  return all > 0.0 ? held / all : 0.0;
}

double EnthalpyCurve::least_capacity(double T0, double T1) const {
  if (straight()) return 1.0;
  double least = std::min({capacity(T0, true), capacity(T0, false), capacity(T1, true), capacity(T1, false)});
  for (auto knot = std::upper_bound(T_.begin(), T_.end(), T0); knot != T_.end() && *knot < T1; ++knot)
    least = std::min({least, capacity(*knot, true), capacity(*knot, false)});
  return least;
}

}  // namespace calor
