// SPDX-License-Identifier: BSD-3-Clause
#include "solver/cg.hpp"

#include <algorithm>
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

/// p = scale z + beta p
CALOR_CLONES void turn_row(const float* z, double scale, double beta, double* __restrict p, int n) {
#pragma omp simd
  for (int i = 0; i < n; ++i) p[i] = scale * static_cast<double>(z[i]) + beta * p[i];
}
CALOR_CLONES void turn_row(const double* z, double scale, double beta, double* __restrict p, int n) {
#pragma omp simd
  for (int i = 0; i < n; ++i) p[i] = scale * z[i] + beta * p[i];
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

ConjugateGradients::ConjugateGradients(const mpi::Comm& comm, const Box& owned, int depth)
    : comm_{comm}, owned_{owned}, p_{owned, depth}, ap_{owned, depth} {}

LinearReport ConjugateGradients::solve(const LinearOperator& a, Preconditioner& m, View2D<double> x,
                                       View2D<double> r, double norm, double target,
                                       std::int64_t max_iterations) {
  const View2D<double> p = p_.view(), ap = ap_.view();
  const auto total = [this](ExactSum sum) {
    reduce(comm_, {&sum, 1});
    return sum.value();
  };
  LinearReport report{0, norm, norm <= target};
  double rz = 0.0, rr = 0.0;
  while (!report.converged && report.iterations < max_iterations) {
    const Preconditioner::Result z = m.apply(r, report.residual);
    const double before = rz;
    const bool first = report.iterations == 0;
    visit(z, [&](auto v) {
      // Without a preconditioner the sum is known already.
      rz = static_cast<const void*>(v.first) == r.first && !first
               ? rr
               : total(sum_rows(owned_, [&](int j, int i0, int i1, double* terms) {
                   weigh_row(r.row(j) + i0, v.row(j) + i0, z.scale, terms, i1 - i0);
                 }));
      const double beta = first ? 0.0 : rz / before;
#pragma omp parallel for schedule(static) if (worth_threads(owned_))
      for (int j = owned_.j0; j < owned_.j1; ++j) {
        double *const pj = p.row(j) + owned_.i0, *const xj = x.row(j) + owned_.i0;
        if (first) {
          std::fill_n(pj, owned_.nx(), 0.0);
          std::fill_n(xj, owned_.nx(), 0.0);
        }
        turn_row(v.row(j) + owned_.i0, z.scale, beta, pj, owned_.nx());
      }
    });
    const double curvature = total(a(p, ap));
    if (!(curvature > 0.0) || !std::isfinite(rz)) break;  // the caller sees it in `converged`
    const double alpha = rz / curvature;
    rr = total(sum_rows(owned_, [&](int j, int i0, int i1, double* terms) {
      step_row(alpha, p.row(j) + i0, ap.row(j) + i0, x.row(j) + i0, r.row(j) + i0, terms, i1 - i0);
    }));
    report.residual = std::sqrt(rr);
    ++report.iterations;
    report.converged = report.residual <= target;
  }
  if (report.iterations == 0) for_each(owned_, [&](int i, int j) { x(i, j) = 0.0; });
  return report;
}

}  // namespace calor
