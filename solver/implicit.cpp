// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "decomposition/error.hpp"
#include "decomposition/reduce.hpp"
#include "solver/cg.hpp"
#include "solver/integrator.hpp"

namespace calor {

namespace {

/// Solves  rate rho_c (u - u_old) = div(k grad u) + q(t)  for u, with rate = 1/dt, or 0 for a steady state,
/// by corrections: the true residual r of the present u, then  A du = r  with all coefficients frozen and the
/// walls and the source linearised, until r is small. A linear problem needs one correction; the residual
/// that ends the loop is always the true one.
class BalanceSolver {
 public:
  BalanceSolver(Problem& p, const ImplicitOptions& options)
      : options_{options},
        cg_{p.comm, p.owned, p.depth},
        old_{p.owned, p.depth},
        r_{p.owned, p.depth},
        du_{p.owned, p.depth},
        diagonal_{p.owned, p.depth} {
    if (p.source.of_temperature()) decline_ = Field2D<double>{p.owned, p.depth};
  }

  /// @param t  time of the new state [s]; p.u is the first guess and the result
  void solve(Problem& p, double t, double rate) {
    const View2D<double> u = p.u.view(), old = old_.view(), r = r_.view(), du = du_.view(),
                         diagonal = diagonal_.view();
    const View2D<double> decline = p.source.of_temperature() ? decline_.view() : View2D<double>{};
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
    for (int j = p.owned.j0; j < p.owned.j1; ++j)
      for (int i = p.owned.i0; i < p.owned.i1; ++i) old(i, j) = u(i, j);

    report_.last_iterations = 0;
    double first = 0.0;
    for (int outer = 0;; ++outer) {
      if (p.coefficients.of_temperature()) {
        p.halo(u);
        p.prepare(p.owned, t, u);
        balance_residual(p.owned, p.coefficients, p.source.q(), rate, old, u, r);
      } else {
        p.prepare(p.owned, t, u);
        overlapped(p.halo, u, p.owned, [&](const Box& box) {
          balance_residual(box, p.coefficients, p.source.q(), rate, old, u, r);
        });
      }
      if (outer == 0 || !p.linear()) {
        if (p.source.of_temperature()) p.source.decline(p.owned, t, u, decline);
        operator_diagonal(p.owned, p.coefficients, p.walls, decline, rate, diagonal);
      }
      const auto [norm, round_off] = norms(p, r, diagonal, u);
      if (outer == 0) first = norm;
      const double target = std::max(options_.tolerance * first, round_off);
      report_.residual = first > 0.0 ? norm / first : 0.0;
      if (norm <= target) return;
      if (!std::isfinite(norm) || outer == max_corrections)
        throw Error{Exit::numerical, failure(t, outer, norm, first)};

      // A correction of a nonlinear problem is only as good as its frozen coefficients: no need to be exact.
      const double aim = p.linear() ? 0.5 * target : std::max(0.5 * target, 1e-3 * norm);
      const LinearReport linear = cg_.solve(
          [&](View2D<double> x, View2D<double> out) {
            p.walls.fill_homogeneous(p.owned, x);
            overlapped(p.halo, x, p.owned,
                       [&](const Box& box) { apply_operator(box, p.coefficients, decline, rate, x, out); });
          },
          options_.jacobi ? Preconditioning{[&](View2D<const double> residual, View2D<double> z) {
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
            for (int j = p.owned.j0; j < p.owned.j1; ++j)
              for (int i = p.owned.i0; i < p.owned.i1; ++i) z(i, j) = residual(i, j) / diagonal(i, j);
          }}
                          : Preconditioning{},
          du, r, aim, options_.max_iterations);
      report_.iterations += linear.iterations;
      report_.last_iterations += linear.iterations;
      ++report_.outer_iterations;
      if (!linear.converged) throw Error{Exit::numerical, failure(t, outer, linear.residual, first)};
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
      for (int j = p.owned.j0; j < p.owned.j1; ++j)
        for (int i = p.owned.i0; i < p.owned.i1; ++i) u(i, j) += du(i, j);
    }
  }

  const SolveReport& report() const { return report_; }

 private:
  static constexpr int max_corrections = 200;

  struct Norms {
    double residual, round_off;
  };
  /// 2-norms of the residual, and of what rounding alone leaves of it: a few units of the last place of
  /// diagonal * u.
  static Norms norms(const Problem& p, View2D<const double> r, View2D<const double> diagonal,
                     View2D<const double> u) {
    std::array<ExactSum, 2> sums{exact_sum(p.owned, [&](int i, int j) { return r(i, j) * r(i, j); }),
                                 exact_sum(p.owned, [&](int i, int j) {
                                   const double d = diagonal(i, j) * u(i, j);
                                   return d * d;
                                 })};
    reduce(p.comm, sums);
    return {std::sqrt(sums[0].value()),
            4.0 * std::numeric_limits<double>::epsilon() * std::sqrt(sums[1].value())};
  }

  std::string failure(double t, int outer, double norm, double first) const {
    return fmt::format(
        "no convergence at t = {:.9g} s: after {} corrections and {} iterations the residual is {:.3g} of "
        "the first one, "
        "wanted {:.3g}; try a smaller time.dt, a larger solver.max_iterations or a looser solver.tolerance",
        t, outer, report_.last_iterations, norm / first, options_.tolerance);
  }

  ImplicitOptions options_;
  ConjugateGradients cg_;
  Field2D<double> old_, r_, du_, diagonal_, decline_;
  SolveReport report_;
};

class Implicit : public Integrator {
 public:
  explicit Implicit(const ImplicitOptions& options) : options_{options} {}
  double stable_dt(Problem&, double) override { return std::numeric_limits<double>::infinity(); }
  bool limit_varies(const Problem&) const override { return false; }
  SolveReport report() const override { return solver_ ? solver_->report() : SolveReport{}; }

 protected:
  BalanceSolver& solver(Problem& p) {
    if (!solver_) solver_.emplace(p, options_);
    return *solver_;
  }
  /// Heat of a step that ends in the present state; `amount` is dt, or 1 for rates. The fluxes and the ghosts
  /// are still those of the residual that ended the solve.
  static void book(Problem& p, double amount) { p.book(amount, p.u.view()); }

 private:
  ImplicitOptions options_;
  std::optional<BalanceSolver> solver_;
};

class BackwardEuler final : public Implicit {
 public:
  using Implicit::Implicit;
  std::string name() const override { return "backward-euler"; }
  void advance(Problem& p, const Steps& steps) override {
    for (std::int64_t n = 0; n < steps.count; ++n) {
      solver(p).solve(p, steps.time(n + 1), 1.0 / steps.dt);
      book(p, steps.dt);
    }
  }
};

class Steady final : public Implicit {
 public:
  using Implicit::Implicit;
  std::string name() const override { return "steady"; }
  void advance(Problem& p, const Steps& steps) override {
    solver(p).solve(p, steps.time(0), 0.0);
    book(p, 1.0);
  }
};

}  // namespace

std::unique_ptr<Integrator> make_backward_euler(const ImplicitOptions& o) {
  return std::make_unique<BackwardEuler>(o);
}
std::unique_ptr<Integrator> make_steady(const ImplicitOptions& o) { return std::make_unique<Steady>(o); }

}  // namespace calor
