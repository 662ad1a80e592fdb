// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/cycles.hpp"

#include <cmath>

namespace calor {

void Cycles::advance(const LinearSystem& a, View2D<double> x, View2D<double> r, LinearStand& at,
                     double target, std::int64_t until) {
  constexpr double astray = 1e4;
  iterate(a.heed, at, target, until, [&](LinearReport& now) {
    const Preconditioner::Result z = a.m.apply(r, now.residual);
    work_.update_direction(z, z.scale, 0.0);
    now.residual = std::sqrt(work_.total(a.correct(work_.p.view(), x, r)));
    ++now.iterations;
    return now.residual <= astray * at.first;
  });
}

}  // namespace calor
