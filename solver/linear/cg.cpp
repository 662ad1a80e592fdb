// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/cg.hpp"

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

ConjugateGradients::ConjugateGradients(const mpi::Comm& comm, const Box& owned, int depth)
    : comm_{comm}, owned_{owned}, p_{owned, depth}, ap_{owned, depth} {}

double ConjugateGradients::total(ExactSum mine) const {
  reduce(comm_, {&mine, 1});
  return mine.value();
}

void ConjugateGradients::clear(View2D<double> x) const {
  for_rows(owned_, [&](int j) { std::fill(x.row(j) + owned_.i0, x.row(j) + owned_.i1, 0.0); });
}

void ConjugateGradients::turn(const Preconditioner::Result& z, double scale, double beta) {
  const View2D<double> p = p_.view();
  visit(z, [&](auto v) {
    for_rows(owned_,
             [&](int j) { turn_row(v.row(j) + owned_.i0, scale, beta, p.row(j) + owned_.i0, owned_.nx()); });
  });
}

LinearReport ConjugateGradients::solve(const LinearOperator& a, Preconditioner& m, View2D<double> x,
                                       View2D<double> r, double norm, double target,
                                       std::int64_t max_iterations) {
  clear(x);
  return go_on(a, m, x, r, norm, target, max_iterations);
}

LinearReport ConjugateGradients::solve_by_inner_iteration(const LinearOperator& a, const Correction& correct,
                                                          Preconditioner& m, InnerIteration& inner,
                                                          View2D<double> x, View2D<double> r, double norm,
                                                          double target, std::int64_t max_iterations) {
  clear(x);
  LinearReport report{0, norm, norm <= target};
  if (report.converged) return report;
  ChebyshevBlocks chebyshev{inner, norm};
  do {
    report.iterations += chebyshev.block(r, report.residual, target, max_iterations - report.iterations);
    clear(p_.view());
    inner.add_to(p_.view());
    report.residual = std::sqrt(total(correct(p_.view(), x, r)));
    report.converged = report.residual <= target;
    if (report.converged || report.iterations >= max_iterations) return report;
  } while (chebyshev.goes_on(report.residual));
  const LinearReport rest = go_on(a, m, x, r, report.residual, target, max_iterations - report.iterations);
  return {report.iterations + rest.iterations, rest.residual, rest.converged};
}

LinearReport ConjugateGradients::solve_by_preconditioner(const Correction& correct, Preconditioner& m,
                                                         View2D<double> x, View2D<double> r, double norm,
                                                         double target, std::int64_t max_iterations) {
  constexpr double astray = 1e4;
  clear(x);
  clear(p_.view());
  LinearReport report{0, norm, norm <= target};
  while (!report.converged && report.iterations < max_iterations && report.residual <= astray * norm) {
    const Preconditioner::Result z = m.apply(r, report.residual);
    turn(z, z.scale, 0.0);
    report.residual = std::sqrt(total(correct(p_.view(), x, r)));
    ++report.iterations;
    report.converged = report.residual <= target;
  }
  return report;
}

LinearReport ConjugateGradients::go_on(const LinearOperator& a, Preconditioner& m, View2D<double> x,
                                       View2D<double> r, double norm, double target,
                                       std::int64_t max_iterations) {
  const View2D<double> p = p_.view(), ap = ap_.view();
  LinearReport report{0, norm, norm <= target};
  double rz = 0.0, rr = 0.0;
  clear(p);
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
    });
    turn(z, z.scale, first ? 0.0 : rz / before);
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
  return report;
}

}  // namespace calor
