// SPDX-License-Identifier: BSD-3-Clause
#include "solver/time/step_error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "decomposition/reduce.hpp"
#include "solver/stencil/rows.hpp"

namespace calor {

namespace {

struct Extremes {
  double least, most;
};
Extremes extremes(const Problem& p, View2D<const double> u) {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  const bool holes = p.coefficients.bodies() != nullptr;
#pragma omp parallel for schedule(static) reduction(min                    \
                                                    : least) reduction(max \
                                                                       : most) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) {
      if (holes && !p.live(i, j)) continue;
      least = std::min(least, u(i, j));
      most = std::max(most, u(i, j));
    }
  return {p.comm.min(least), p.comm.max(most)};
}

/// dT/dt of the present state.
Scratch::Lent rates(Problem& p, double t) {
  Scratch::Lent found = p.scratch.lend();
  const View2D<double> u = p.u.view(), to = found.view();
  p.halo(u);
  p.prepare(p.owned, t, u);
  for_rates(p.owned, p.coefficients, p.source.q(), u, [&](int j, auto&& rate) {
#pragma omp simd
    for (std::ptrdiff_t i = p.owned.i0; i < p.owned.i1; ++i) to.row(j)[i] = rate(i);
  });
  return found;
}

}  // namespace

double largest_rate(Problem& p, double t) {
  const Extremes e = extremes(p, rates(p, t).cview());
  return std::max(e.most, -e.least);
}

double temperature_range(const Problem& p, View2D<const double> u) {
  const Extremes e = extremes(p, u);
  return p.scale.range(e.least, e.most);
}

double relative_size(Problem& p, View2D<const double> e, View2D<const double> old) {
  const Extremes before = extremes(p, old);
  p.scale.see(before.least, before.most);
  const double range = temperature_range(p, p.u.cview());
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return e(i, j) * e(i, j); });
  reduce(p.comm, {&sum, 1});
  const std::int64_t cells =
      p.coefficients.bodies() ? p.coefficients.bodies()->live_cells() : p.grid.domain().cells();
  const double size = std::sqrt(sum.value() / static_cast<double>(cells));
  return range > 0.0 ? size / range : size > 0.0 ? std::numeric_limits<double>::infinity() : size;
}

double first_step(Problem& p, double t, double limit, double left, double tolerance) {
  const double finer = std::min(1.0, std::cbrt(tolerance / 1e-4));
  const double least = std::isfinite(limit) ? std::min(limit, left) : 0.0,
               most = std::max(least, 0.02 * finer * left);
  const double wish = 0.01 * finer / relative_size(p, rates(p, t).cview(), p.u.cview());
  return wish > least ? std::min(wish, most) : least > 0.0 ? least : most;
}

bool StepControl::judge(double error, double dt, int order) {
  const double now = std::max(error / tolerance_, 1e-15), k = 1.0 / (order + 1.0);
  if (!(now <= 1.0)) {  // also where the error is not a number
    // A length to begin with may be too long by any amount, and errors that belong to the start do not shrink
    // as the order says: by tenths (Hairer, Wanner 1996).
    const double factor = last_ > 0.0 && std::isfinite(now) ? 0.9 * std::pow(now, -k) : 0.1;
    dt_ = dt * std::clamp(factor, 0.1, 0.9);
    return false;
  }
  double factor = 0.9 * std::pow(now, -k);
  if (last_ == 0.0) {  // the length to begin with was a guess, often far too short
    factor = std::clamp(factor, 0.2, 1e4);
  } else {
    // Where errors grow from step to step for the same length, they will go on growing.
    const double trend = dt / last_dt_ * std::pow(last_ / now, k);
    factor = std::clamp(factor * std::min(std::pow(last_, 0.2 * k), trend), 0.2, 5.0);
  }
  dt_ = dt * factor;
  last_dt_ = dt;
  last_ = now;
  return true;
}

}  // namespace calor
