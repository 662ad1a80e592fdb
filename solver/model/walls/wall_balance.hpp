// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "solver/model/walls/term.hpp"

namespace calor {

/// Where a wall balances: its temperature [K], and how the heat that leaves grows with it [W m^-2 K^-1]. Not
/// a number where there is no such temperature, or more than one is in reach.
struct WallBalance {
  double w = std::numeric_limits<double>::quiet_NaN();
  double slope = 0.0;
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
  constexpr int most_tries = 60, most_rounds = 400, samples = 256;
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  bool falls = false;
  const auto look = [&](double w) {
    WallFlux f = outward(w);
    f.outward += h * (w - u_in);
    falls = falls || f.slope + h <= 0.0;
    return f;
  };
  WallFlux f = look(u_in);
  if (!std::isfinite(u_in) || !(h > 0.0) || !std::isfinite(f.outward)) return {};
  if (f.outward == 0.0 && f.slope + h > 0.0) return {u_in, f.slope};

  // The other end of the bracket.
  const double first = f.outward, least_way = 4.0 * epsilon * std::abs(u_in);
  double way = -first / h, other = u_in;
  if (std::abs(way) < least_way) way = std::copysign(least_way, way);
  WallFlux beyond;
  bool bracketed = false;
  double known = 0.0, undefined = 0.0;  // as far as this the law gives numbers; here not, unless 0
  const auto probe = [&](double at) {   // f has another sign than at u_in
    beyond = look(other = u_in + at);
    return beyond.outward == 0.0 || (beyond.outward > 0.0) != (first > 0.0);
  };
  for (int n = 0; n < most_tries && !bracketed; ++n) {
    bracketed = probe(way);
    if (!std::isfinite(beyond.outward) || !std::isfinite(other)) {
      bracketed = false;
      undefined = way;
      way = 0.5 * (known + way);
      continue;
    }
    if (!bracketed && known == 0.0)  // heat that feeds on itself further out
      for (double nearer = 0.5 * way; !bracketed && std::abs(nearer) > 1e-6 * std::abs(way); nearer *= 0.5)
        bracketed = probe(nearer);
    known = way;
    if (bracketed)
      way = other - u_in;
    else
      way = undefined != 0.0 ? 0.5 * (known + undefined) : 2.0 * way;
  }
  if (!bracketed) return {};
  const double from = std::min(u_in, u_in + known), to = std::max(u_in, u_in + known);
  double nearest = u_in, end = other;
  for (double nearer = 0.5 * way; std::abs(nearer) > least_way; nearer *= 0.5) {
    if (!probe(nearer)) {
      if (!std::isfinite(beyond.outward)) break;
      nearest = other;
      f = beyond;
      break;
    }
    end = other;
  }
  double low = std::min(nearest, end), high = std::max(nearest, end);

  double w = nearest, width = 2.0 * (high - low);
  for (int n = 0; n < most_rounds; ++n) {
    double next = w - f.outward / (f.slope + h);
    const double now = high - low;
    if (!(next > low && next < high) || (n % 4 == 3 && now > 0.5 * width)) next = low + 0.5 * now;
    if (n % 4 == 3) width = now;
    const bool there = std::abs(next - w) <= 2.0 * epsilon * std::max(std::abs(w), std::abs(u_in));
    if (there || !(next > low && next < high)) break;
    w = next;
    f = look(w);
    if (f.outward == 0.0) break;
    if (f.outward > 0.0)
      high = w;
    else
      low = w;
  }
  if (!falls) return {w, f.slope};

  int roots = 0;
  bool above = false;
  for (int n = 0; n <= samples; ++n) {
    const double at = from + (to - from) * n / samples;
    const bool now = at > w ? look(at).outward > 0.0 : at < w && look(at).outward > 0.0;
    if (n > 0 && at != w && now != above) ++roots;
    above = now;
  }
  if (roots > 1) return {};
  return {w, f.slope};
}

}  // namespace calor
