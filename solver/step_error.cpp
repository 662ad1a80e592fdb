// SPDX-License-Identifier: BSD-3-Clause
#include "solver/step_error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "decomposition/reduce.hpp"

namespace calor {

double relative_size(const Problem& p, View2D<const double> e, View2D<const double> old) {
  const View2D<const double> u = p.u.view();
  double least = std::numeric_limits<double>::infinity(), most = -least;
#pragma omp parallel for schedule(static) reduction(min                    \
                                                    : least) reduction(max \
                                                                       : most) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) {
      least = std::min({least, u(i, j), old(i, j)});
      most = std::max({most, u(i, j), old(i, j)});
    }
  most = p.comm.max(most);
  least = p.comm.min(least);
  // Rounding leaves differences where there are none.
  const double range = std::max(most - least, 1e-6 * std::max(std::abs(most), std::abs(least)));
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return e(i, j) * e(i, j); });
  reduce(p.comm, {&sum, 1});
  const double size = std::sqrt(sum.value() / static_cast<double>(p.grid.domain().cells()));
  return range > 0.0 ? size / range : size > 0.0 ? std::numeric_limits<double>::infinity() : size;
}

bool StepControl::judge(double error, double dt, int order) {
  const double now = std::max(error / tolerance_, 1e-10), k = 1.0 / (order + 1.0);
  if (!(now <= 1.0)) {  // also where the error is not a number
    const double factor = std::isfinite(now) ? 0.9 * std::pow(now, -k) : 0.1;
    dt_ = dt * std::clamp(factor, 0.1, 0.9);
    return false;
  }
  const double factor = 0.9 * std::pow(now, -k) * std::pow(last_, 0.2 * k);
  dt_ = dt * std::clamp(factor, 0.2, 5.0);
  last_ = now;
  return true;
}

}  // namespace calor
