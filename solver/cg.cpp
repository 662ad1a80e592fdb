// SPDX-License-Identifier: BSD-3-Clause
#include "solver/cg.hpp"

#include <cmath>

#include "solver/sum_rows.hpp"

namespace calor {

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
    visit(z, [&](auto v) {
      // Without a preconditioner the sum is known already.
      rz = static_cast<const void*>(v.first) == r.first && report.iterations > 0
               ? rr
               : total(sum_rows(owned_, [&](int j, int i0, int i1, double* terms) {
                   const auto* const zj = v.row(j);
                   const double* const rj = r.row(j);
#pragma omp simd
                   for (int i = i0; i < i1; ++i)
                     terms[i - i0] = rj[i] * (z.scale * static_cast<double>(zj[i]));
                 }));
      const bool first = report.iterations == 0;
      const double beta = first ? 0.0 : rz / before;
#pragma omp parallel for schedule(static) if (worth_threads(owned_))
      for (int j = owned_.j0; j < owned_.j1; ++j) {
        const auto* const zj = v.row(j);
        double* const pj = p.row(j);
        if (first) {
          double* const xj = x.row(j);
#pragma omp simd
          for (int i = owned_.i0; i < owned_.i1; ++i) {
            pj[i] = z.scale * static_cast<double>(zj[i]);
            xj[i] = 0.0;
          }
          continue;
        }
#pragma omp simd
        for (int i = owned_.i0; i < owned_.i1; ++i)
          pj[i] = z.scale * static_cast<double>(zj[i]) + beta * pj[i];
      }
    });
    const double curvature = total(a(p, ap));
    if (!(curvature > 0.0) || !std::isfinite(rz)) break;  // the caller sees it in `converged`
    const double alpha = rz / curvature;
    rr = total(sum_rows(owned_, [&](int j, int i0, int i1, double* terms) {
      const double *const pj = p.row(j), *const apj = ap.row(j);
      double *const xj = x.row(j), *const rj = r.row(j);
#pragma omp simd
      for (int i = i0; i < i1; ++i) {
        xj[i] += alpha * pj[i];
        rj[i] -= alpha * apj[i];
        terms[i - i0] = rj[i] * rj[i];
      }
    }));
    report.residual = std::sqrt(rr);
    ++report.iterations;
    report.converged = report.residual <= target;
  }
  if (report.iterations == 0) for_each(owned_, [&](int i, int j) { x(i, j) = 0.0; });
  return report;
}

}  // namespace calor
