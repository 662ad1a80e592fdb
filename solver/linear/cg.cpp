// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/cg.hpp"

#include <cmath>

#include "decomposition/clones.hpp"

namespace calor {

namespace {

// Rows of the vector work, for cells 0 .. n - 1 of a row.

/// terms = r (scale z)
CALOR_CLONES void weigh_row(const double* r, const float* z, double scale, double* __restrict terms, int n) {
#pragma omp simd
  for (int i = 0; i < n; ++i) terms[i] = r[i] * (scale * static_cast<double>(z[i]));
}
CALOR_CLONES void weigh_row(const double* r, const double* z, double scale, double* __restrict terms, int n) {
#pragma omp simd
  for (int i = 0; i < n; ++i) terms[i] = r[i] * (scale * z[i]);
}

/// x += alpha p, r -= alpha ap, terms = r r
CALOR_CLONES void step_row(double alpha, const double* p, const double* ap, double* __restrict x,
                           double* __restrict r, double* __restrict terms, int n) {
#pragma omp simd
  for (int i = 0; i < n; ++i) {
    x[i] += alpha * p[i];
    r[i] -= alpha * ap[i];
    terms[i] = r[i] * r[i];
  }
}

}  // namespace

void ConjugateGradients::advance(const LinearSystem& a, View2D<double> x, View2D<double> r, LinearStand& at,
                                 double target, std::int64_t until) {
  const Box& owned = work_.owned;
  const View2D<double> p = work_.p.view(), ap = work_.ap.view();
  double &rz = at.rz, &rr = at.rr;
  iterate(a.heed, at, target, until, [&](LinearReport& now) {
    const Preconditioner::Result z = a.m.apply(r, now.residual);
    const double before = rz;
    const bool first = now.iterations == 0;
    visit(z, [&](auto v) {
      // Without a preconditioner the sum is known already.
      rz = static_cast<const void*>(v.first) == r.first && !first
               ? rr
               : work_.total(sum_rows(owned, [&](int j, int i0, int i1, double* terms) {
                   weigh_row(r.row(j) + i0, v.row(j) + i0, z.scale, terms, i1 - i0);
                 }));
    });
    work_.update_direction(z, z.scale, first ? 0.0 : rz / before);
    const double curvature = work_.total(a.apply(p, ap));
    if (!(curvature > 0.0) || !std::isfinite(rz)) return false;  // the caller sees it in `converged`
    const double alpha = rz / curvature;
    rr = work_.total(sum_rows(owned, [&](int j, int i0, int i1, double* terms) {
      step_row(alpha, p.row(j) + i0, ap.row(j) + i0, x.row(j) + i0, r.row(j) + i0, terms, i1 - i0);
    }));
    now.residual = std::sqrt(rr);
    ++now.iterations;
    return true;
  });
}

}  // namespace calor
