// SPDX-License-Identifier: BSD-3-Clause
#include "solver/cg.hpp"

#include <array>
#include <cmath>

#include "decomposition/reduce.hpp"

namespace calor {

double dot(const mpi::Comm& comm, const Box& owned, View2D<const double> a, View2D<const double> b) {
  ExactSum sum = exact_sum(owned, [&](int i, int j) { return a(i, j) * b(i, j); });
  reduce(comm, {&sum, 1});
  return sum.value();
}

ConjugateGradients::ConjugateGradients(const mpi::Comm& comm, const Box& owned, int depth)
    : comm_{comm}, owned_{owned}, p_{owned, depth}, ap_{owned, depth}, z_{owned, depth} {}

LinearReport ConjugateGradients::solve(const LinearOperator& a, const Preconditioning& m, View2D<double> x,
                                       View2D<double> r, double target, std::int64_t max_iterations) {
  const View2D<double> p = p_.view(), ap = ap_.view(), z = m ? z_.view() : r;
  const Box& own = owned_;
  if (m) m(r, z);
#pragma omp parallel for schedule(static) if (worth_threads(own))
  for (int j = own.j0; j < own.j1; ++j)
    for (int i = own.i0; i < own.i1; ++i) {
      x(i, j) = 0.0;
      p(i, j) = z(i, j);
    }
  double rz = dot(comm_, own, r, z);
  double norm = m ? std::sqrt(dot(comm_, own, r, r)) : std::sqrt(rz);
  LinearReport report{0, norm, norm <= target};
  while (!report.converged && report.iterations < max_iterations) {
    a(p, ap);
    const double curvature = dot(comm_, own, p, ap);
    if (!(curvature > 0.0)) break;  // not positive definite, or NaN: the caller sees it in `converged`
    const double alpha = rz / curvature;
#pragma omp parallel for schedule(static) if (worth_threads(own))
    for (int j = own.j0; j < own.j1; ++j)
      for (int i = own.i0; i < own.i1; ++i) {
        x(i, j) += alpha * p(i, j);
        r(i, j) -= alpha * ap(i, j);
      }
    if (m) m(r, z);
    std::array<ExactSum, 2> sums{exact_sum(own, [&](int i, int j) { return r(i, j) * z(i, j); })};
    if (m) sums[1] = exact_sum(own, [&](int i, int j) { return r(i, j) * r(i, j); });
    reduce(comm_, {sums.data(), m ? 2u : 1u});
    const double rz_next = sums[0].value();
    report.residual = std::sqrt(m ? sums[1].value() : rz_next);
    ++report.iterations;
    report.converged = report.residual <= target;
    const double beta = rz_next / rz;
    rz = rz_next;
    if (!std::isfinite(beta)) break;
#pragma omp parallel for schedule(static) if (worth_threads(own))
    for (int j = own.j0; j < own.j1; ++j)
      for (int i = own.i0; i < own.i1; ++i) p(i, j) = z(i, j) + beta * p(i, j);
  }
  return report;
}

}  // namespace calor
