// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "solver/model/walls/term.hpp"

namespace calor {

/// Where a wall balances: its temperature [K], and how the heat that leaves grows with it [W m^-2 K^-1]. Not
/// a number where there is no such temperature, or more than one is in reach.
struct WallBalance {
  double w = std::numeric_limits<double>::quiet_NaN();
  double slope = 0.0;
};

/// The search of wall_balance(), step by step.
template <class Outward>
class WallSearch {
 public:
  WallSearch(double h, double u_in, Outward& outward) : h_{h}, u_in_{u_in}, outward_{outward} {}

  WallBalance find() {
    f_ = look(u_in_);
    if (!std::isfinite(u_in_) || !(h_ > 0.0) || !std::isfinite(f_.outward)) return {};
    if (f_.outward == 0.0 && f_.slope + h_ > 0.0) return {u_in_, f_.slope};
    first_ = f_.outward;
    least_way_ = 4.0 * epsilon * std::abs(u_in_);
    if (!bracket()) return {};
    narrow();
    const double w = root();
    if (falls_ && has_others(w)) return {};
    return {w, f_.slope};
  }

 private:
  static constexpr int most_tries = 60, most_rounds = 400, samples = 256;
  static constexpr double epsilon = std::numeric_limits<double>::epsilon();

  WallFlux look(double w) {
    WallFlux f = outward_(w);
    f.outward += h_ * (w - u_in_);
    falls_ = falls_ || f.slope + h_ <= 0.0;
    return f;
  }
  /// f has another sign than at u_in
  bool probe(double at) {
    beyond_ = look(other_ = u_in_ + at);
    return beyond_.outward == 0.0 || (beyond_.outward > 0.0) != (first_ > 0.0);
  }

  /// The other end of the bracket.
  bool bracket() {
    way_ = -first_ / h_;
    if (std::abs(way_) < least_way_) way_ = std::copysign(least_way_, way_);
    bool bracketed = false;
    double undefined = 0.0;  // here the law gives no numbers, unless 0
    for (int n = 0; n < most_tries && !bracketed; ++n) {
      bracketed = probe(way_);
      if (!std::isfinite(beyond_.outward) || !std::isfinite(other_)) {
        bracketed = false;
        undefined = way_;
        way_ = 0.5 * (known_ + way_);
        continue;
      }
      if (!bracketed && known_ == 0.0)  // heat that feeds on itself further out
        for (double nearer = 0.5 * way_; !bracketed && std::abs(nearer) > 1e-6 * std::abs(way_);
             nearer *= 0.5)
          bracketed = probe(nearer);
      known_ = way_;
      if (bracketed)
        way_ = other_ - u_in_;
      else
        way_ = undefined != 0.0 ? 0.5 * (known_ + undefined) : 2.0 * way_;
    }
    return bracketed;
  }

  /// By halves towards u_in, as long as the root stays in it.
  void narrow() {
    double end = other_;
    nearest_ = u_in_;
    for (double nearer = 0.5 * way_; std::abs(nearer) > least_way_; nearer *= 0.5) {
      if (!probe(nearer)) {
        if (!std::isfinite(beyond_.outward)) break;
        nearest_ = other_;
        f_ = beyond_;
        break;
      }
      end = other_;
    }
    low_ = std::min(nearest_, end);
    high_ = std::max(nearest_, end);
  }

  /// Newton's method within the bracket.
  double root() {
    double w = nearest_, width = 2.0 * (high_ - low_);
    for (int n = 0; n < most_rounds; ++n) {
      double next = w - f_.outward / (f_.slope + h_);
      const double now = high_ - low_;
      if (!(next > low_ && next < high_) || (n % 4 == 3 && now > 0.5 * width)) next = low_ + 0.5 * now;
      if (n % 4 == 3) width = now;
      const bool there = std::abs(next - w) <= 2.0 * epsilon * std::max(std::abs(w), std::abs(u_in_));
      if (there || !(next > low_ && next < high_)) break;
      w = next;
      f_ = look(w);
      if (f_.outward == 0.0) break;
      if (f_.outward > 0.0)
        high_ = w;
      else
        low_ = w;
    }
    return w;
  }

  /// More roots than one where the bracket was looked for.
  bool has_others(double w) {
    const double from = std::min(u_in_, u_in_ + known_), to = std::max(u_in_, u_in_ + known_);
    int roots = 0;
    bool above = false;
    for (int n = 0; n <= samples; ++n) {
      const double at = from + (to - from) * n / samples;
      const bool now = at > w ? look(at).outward > 0.0 : at < w && look(at).outward > 0.0;
      if (n > 0 && at != w && now != above) ++roots;
      above = now;
    }
    return roots > 1;
  }

  const double h_, u_in_;
  Outward& outward_;
  bool falls_ = false;                  // f was seen to
  WallFlux f_;                          // at u_in, then at what is nearest to the root
  double first_ = 0.0;                  // f at u_in
  double least_way_ = 0.0, way_ = 0.0;  // from u_in
  double known_ = 0.0;                  // as far as this the law gives numbers
  double other_ = 0.0;                  // where it was probed last
  WallFlux beyond_;                     // and what f is there
  double nearest_ = 0.0, low_ = 0.0, high_ = 0.0;
};

/// The w with  f(w) = h (w - u_in) + outward(w) = 0,  nearest to u_in on the side to which the heat flows:
/// there the wall would come to rest if it began at u_in. A function of its arguments alone, so that every
/// rank finds the same bits.
///
/// Newton's method within a bracket that every look at f narrows, by halves where it would leave it or hardly
/// shrinks it. Where what leaves grows with w, f rises and [u_in, u_in - outward(u_in)/h] holds the one root.
/// Else that is narrowed or widened until f changes its sign; and if f was seen to fall, all that was looked
/// at is searched for further roots. A law may jump: where f leaps over 0 upwards, the wall stays at the
/// jump.
/// @param h  conductance of the half cell, 2 k/dn [W m^-2 K^-1]     @param outward  w -> WallFlux
template <class Outward>
WallBalance wall_balance(double h, double u_in, Outward&& outward) {
  return WallSearch<std::remove_reference_t<Outward>>{h, u_in, outward}.find();
}

}  // namespace calor
