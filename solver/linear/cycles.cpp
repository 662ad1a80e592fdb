// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/cycles.hpp"

#include <cmath>

namespace calor {

LinearReport Cycles::go_on(const LinearSystem& a, View2D<double> x, View2D<double> r, double norm,
                           double target, std::int64_t max_iterations) {
  constexpr double astray = 1e4;
  work_.clear(work_.p.view());
  return iterate(norm, target, max_iterations, [&](LinearReport& now) {
    const Preconditioner::Result z = a.m.apply(r, now.residual);
    work_.turn(z, z.scale, 0.0);
    now.residual = std::sqrt(work_.total(a.correct(work_.p.view(), x, r)));
    ++now.iterations;
    return now.residual <= astray * norm;
  });
}

}  // namespace calor
