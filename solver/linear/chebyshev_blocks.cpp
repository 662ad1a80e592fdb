// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/chebyshev_blocks.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace calor {

ChebyshevBlocks::ChebyshevBlocks(InnerIteration& inner, double norm)
    : inner_{inner}, spectrum_{inner.spectrum()} {
  inner_.begin(norm);
}

std::int64_t ChebyshevBlocks::block(View2D<const double> r, double norm, double target,
                                    std::int64_t at_most) {
  constexpr double precise = 1e-5;  // so far down singles follow the residual
  constexpr double good_factor = 0.15;
  const double middle = 0.5 * (spectrum_.most + spectrum_.least),
               half = 0.5 * (spectrum_.most - spectrum_.least);
  inner_.load(r);
  expected_ = enough_ = norm;
  made_ = 0;
  do {
    if (rho_ == 0.0) {
      rho_ = half / middle;
      inner_.iterate(1.0 / middle, 0.0);
    } else {
      const double next = 1.0 / (2.0 * middle / half - rho_);
      inner_.iterate(2.0 * next / half, next * rho_);
      rho_ = next;
    }
    expected_ *= rho_;
    enough_ *= good_factor;
  } while (++made_ < at_most && expected_ > target && expected_ > precise * norm);
  return made_;
}

bool ChebyshevBlocks::goes_on(double norm) {
  constexpr double much = 4.0;
  if (!(norm <= enough_)) return false;
  const double excess = norm / expected_;
  if (excess > much) {
    // |T_n((middle - lambda) / half)| = excess
    const double middle = 0.5 * (spectrum_.most + spectrum_.least),
                 half = 0.5 * (spectrum_.most - spectrum_.least);
    const double lambda = middle - half * std::cosh(std::acosh(excess) / static_cast<double>(made_));
    spectrum_.least = std::max(lambda, 0.1 * spectrum_.most);
    rho_ = 0.0;
  }
  return true;
}

void ChebyshevIteration::advance(const LinearSystem& a, View2D<double> x, View2D<double> r, LinearStand& at,
                                 double target, std::int64_t until) {
  InnerIteration* const inner = a.m.inner();
  if (inner == nullptr) {
    cg_.advance(a, x, r, at, target, until);
    return;
  }
  std::optional<ChebyshevBlocks> blocks;
  const View2D<double> p = work_.p.view();
  iterate(a.heed, at, target, until, [&](LinearReport& now) {
    if (!blocks)
      blocks.emplace(*inner, now.residual);
    else if (!blocks->goes_on(now.residual))
      return false;
    now.iterations += blocks->block(r, now.residual, target, until - now.iterations);
    work_.clear(p);
    inner->add_to(p);
    now.residual = std::sqrt(work_.total(a.correct(p, x, r)));
    return true;
  });
  LinearReport& led = at.report;
  if (led.converged || led.iterations >= until) return;
  const LinearReport rest = cg_.go_on(a, x, r, led.residual, target, until - led.iterations);
  led = {led.iterations + rest.iterations, rest.residual, rest.converged};
}

}  // namespace calor
