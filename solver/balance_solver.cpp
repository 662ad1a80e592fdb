// SPDX-License-Identifier: BSD-3-Clause
#include "solver/balance_solver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "decomposition/error.hpp"
#include "decomposition/reduce.hpp"
#include "solver/multigrid.hpp"

namespace calor {

namespace {

/// z = r
class Identity final : public Preconditioner {
 public:
  Result apply(View2D<const double> r, double) override { return {r, {}, 1.0}; }
};

/// z = r / diagonal of A
class Jacobi final : public Preconditioner {
 public:
  Jacobi(const Box& owned, View2D<const double> diagonal)
      : owned_{owned}, diagonal_{diagonal}, z_{owned, 0} {}
  Result apply(View2D<const double> r, double) override {
    const View2D<double> z = z_.view();
#pragma omp parallel for schedule(static) if (worth_threads(owned_))
    for (int j = owned_.j0; j < owned_.j1; ++j)
      for (int i = owned_.i0; i < owned_.i1; ++i) z(i, j) = r(i, j) / diagonal_(i, j);
    return {z, {}, 1.0};
  }

 private:
  Box owned_;
  View2D<const double> diagonal_;
  Field2D<double> z_;
};

}  // namespace

BalanceSolver::BalanceSolver(Problem& p, const ImplicitOptions& options)
    : options_{options},
      steady_operator_{p.linear() && !p.walls.conductance_of_time()},
      cg_{p.comm, p.owned, p.depth},
      r_{p.owned, p.depth},
      du_{p.owned, p.depth},
      diagonal_{p.owned, p.depth} {
  if (p.source.of_temperature()) decline_ = Field2D<double>{p.owned, p.depth};
}

void BalanceSolver::solve(Problem& p, View2D<const double> from, double t, double rate) {
  const View2D<double> u = p.u.view(), r = r_.view(), du = du_.view(), diagonal = diagonal_.view();
  report_.last_iterations = 0;
  double first = 0.0;
  for (int outer = 0;; ++outer) {
    if (p.coefficients.of_temperature()) {
      p.halo(u);
      p.prepare(p.owned, t, u);
      balance_residual(p.owned, p.coefficients, p.source.q(), rate, from, u, r);
    } else {
      p.prepare(p.owned, t, u);
      overlapped(p.halo, u, p.owned, [&](const Box& box) {
        balance_residual(box, p.coefficients, p.source.q(), rate, from, u, r);
      });
    }
    const bool renewed = outer == 0 ? !steady_operator_ || rate != rate_ : !p.linear();
    if (renewed) {
      if (p.source.of_temperature()) p.source.decline(p.owned, t, u, decline_.view());
      operator_diagonal(p.owned, p.coefficients, p.walls, decline(), rate, diagonal);
      rate_ = rate;
    }
    const auto [norm, round_off] = norms(p, r, diagonal, u);
    if (outer == 0) first = norm;
    const double target = std::max(options_.tolerance * first, round_off);
    report_.residual = first > 0.0 ? norm / first : 0.0;
    if (renewed && outer == 0) preconditioner_.reset();
    if (norm <= target) return;
    if (!std::isfinite(norm) || outer == max_corrections)
      throw Error{Exit::numerical, failure(t, outer, norm, first)};

    // A correction of a nonlinear problem is only as good as its frozen coefficients: no need to be exact.
    const double aim = p.linear() ? 0.5 * target : std::max(0.5 * target, 1e-3 * norm);
    const LinearReport linear = correct(p, rate, norm, aim);
    ++report_.outer_iterations;
    if (!linear.converged) throw Error{Exit::numerical, failure(t, outer, linear.residual, first)};
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
    for (int j = p.owned.j0; j < p.owned.j1; ++j)
      for (int i = p.owned.i0; i < p.owned.i1; ++i) u(i, j) += du(i, j);
  }
}

/// A du = r from the residual r_ of this norm.
LinearReport BalanceSolver::correct(Problem& p, double rate, double norm, double aim) {
  if (!preconditioner_) {
    const double begin = MPI_Wtime();
    preconditioner_ = make_preconditioner(p, rate);
    report_.setup_seconds += MPI_Wtime() - begin;
  }
  const LinearReport linear = cg_.solve(
      [&](View2D<double> x, View2D<double> out) {
        ExactSum sum;
        p.walls.fill_homogeneous(p.owned, x);
        overlapped(p.halo, x, p.owned, [&](const Box& box) {
          sum.add(apply_operator(box, p.coefficients, decline(), rate, x, out));
        });
        return sum;
      },
      *preconditioner_, du_.view(), r_.view(), norm, aim, options_.max_iterations);
  report_.iterations += linear.iterations;
  report_.last_iterations += linear.iterations;
  return linear;
}

void BalanceSolver::filter(Problem& p, View2D<double> e) {
  const View2D<double> r = r_.view(), du = du_.view();
  const Coefficients& c = p.coefficients;
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) r(i, j) = rate_ * c.rho_c(i, j) * e(i, j);
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return r(i, j) * r(i, j); });
  reduce(p.comm, {&sum, 1});
  const double norm = std::sqrt(sum.value());
  if (!(norm > 0.0) || !std::isfinite(norm)) return;
  const SolveReport before = report_;
  correct(p, rate_, norm, 0.1 * norm);  // an estimate, whatever came out
  report_.last_iterations = before.last_iterations;
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) e(i, j) = du(i, j);
}

std::unique_ptr<Preconditioner> BalanceSolver::make_preconditioner(const Problem& p, double rate) {
  switch (options_.preconditioner) {
    case PreconditionerKind::none:
      return std::make_unique<Identity>();
    case PreconditionerKind::jacobi:
      return std::make_unique<Jacobi>(p.owned, std::as_const(diagonal_).view());
    default:
      break;
  }
  const View2D<const double> diagonal = std::as_const(diagonal_).view();
  NinePoint<double> a{p.owned, multigrid_depth, false};
  const View2D<double> c = a.c.view(), w = a.w.view(), s = a.s.view();
  const Grid& g = p.grid;
  double stiffest = 0.0;
#pragma omp parallel for schedule(static) reduction(max : stiffest) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) {
      c(i, j) = diagonal(i, j);
      w(i, j) = i > 0 || g.periodic_x ? p.coefficients.gx(i, j) : 0.0;
      s(i, j) = j > 0 || g.periodic_y ? p.coefficients.gy(i, j) : 0.0;
      stiffest = std::max(stiffest, diagonal(i, j) / (rate * p.coefficients.rho_c(i, j)));
    }
  stiffest = p.comm.max(stiffest);
  // Single precision resolves what a cell holds on its own only where that is not too small a part.
  constexpr double most = 1e6;
  const MultigridOptions options{stiffest < most ? Precision::single : Precision::double_};
  auto multigrid = make_multigrid(p.comm, g, p.parts, std::move(a), options);
  layout_ = multigrid->layout();
  return multigrid;
}

/// 2-norms of the residual, and of what rounding alone leaves of it: a few units of the last place of
/// diagonal * u.
BalanceSolver::Norms BalanceSolver::norms(const Problem& p, View2D<const double> r,
                                          View2D<const double> diagonal, View2D<const double> u) {
  std::array<ExactSum, 2> sums{exact_sum(p.owned, [&](int i, int j) { return r(i, j) * r(i, j); }),
                               exact_sum(p.owned, [&](int i, int j) {
                                 const double d = diagonal(i, j) * u(i, j);
                                 return d * d;
                               })};
  reduce(p.comm, sums);
  return {std::sqrt(sums[0].value()),
          4.0 * std::numeric_limits<double>::epsilon() * std::sqrt(sums[1].value())};
}

std::string BalanceSolver::failure(double t, int outer, double norm, double first) const {
  return fmt::format(
      "no convergence at t = {:.9g} s: after {} corrections and {} iterations the residual is {:.3g} of "
      "the first one, "
      "wanted {:.3g}; try a smaller time.dt, a larger solver.max_iterations or a looser solver.tolerance",
      t, outer, report_.last_iterations, norm / first, options_.tolerance);
}

}  // namespace calor
