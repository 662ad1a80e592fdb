// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "decomposition/field.hpp"
#include "decomposition/heed.hpp"
#include "decomposition/mpi.hpp"
#include "decomposition/reduce.hpp"
#include "solver/linear/options.hpp"
#include "solver/linear/preconditioner.hpp"

namespace calor {

/// Solvers report, callers judge.
struct LinearReport {
  std::int64_t iterations = 0;
  double residual = 0.0;  // 2-norm, by recursion
  bool converged = false;
};

/// out = A x on the owned cells; gives this rank's part of the sum of x (A x). May write halo and ghosts of
/// x.
using LinearOperator = std::function<ExactSum(View2D<double> x, View2D<double> out)>;

/// x += p, r -= A p on the owned cells; gives this rank's part of the sum of r^2. May write halo and ghosts
/// of p.
using Correction = std::function<ExactSum(View2D<double> p, View2D<double> x, View2D<double> r)>;

/// A x = r as iterations see it: A, and what helps.
struct LinearSystem {
  LinearOperator apply;
  Correction correct;
  Preconditioner& m;
  Heed* heed = nullptr;  ///< asked between iterations; or null
};

/// Where a solve stands between two iterations: with x, r and LinearWork::p all that it goes on from.
struct LinearStand {
  LinearReport report;
  double first = 0.0;         ///< norm of the residual that it began with
  double rz = 0.0, rr = 0.0;  ///< sums of conjugate gradients
  bool helps = true;          ///< more iterations would
};

/// The work fields of iterations, for all that take turns on one operator.
struct LinearWork {
  /// @param depth  of the halo that operators need
  LinearWork(const mpi::Comm& of, const Box& cells, int depth)
      : comm{of}, owned{cells}, p{owned, depth}, ap{owned, depth} {}
  void clear(View2D<double> x) const;
  /// p = scale z + beta p
  void update_direction(const Preconditioner::Result& z, double scale, double beta);
  double total(ExactSum mine) const;

  const mpi::Comm& comm;
  Box owned;
  Field2D<double> p, ap;
};

/// A way to solve A x = r. All calls are collective; the same bits on any layout.
class LinearIteration {
 public:
  explicit LinearIteration(LinearWork& work) : work_{work} {}
  virtual ~LinearIteration() = default;
  /// Solves, starting from x = 0, until the 2-norm of the residual is at most `target`.
  /// @param norm  2-norm of r
  /// @param x     result on the owned cells     @param r  right-hand side in, last residual out
  LinearReport solve(const LinearSystem& a, View2D<double> x, View2D<double> r, double norm, double target,
                     std::int64_t max_iterations) {
    work_.clear(x);
    return go_on(a, x, r, norm, target, max_iterations);
  }
  /// The same from the present x, whose residual is r.
  LinearReport go_on(const LinearSystem& a, View2D<double> x, View2D<double> r, double norm, double target,
                     std::int64_t max_iterations) {
    LinearStand at = start(norm, target);
    advance(a, x, r, at, target, max_iterations);
    return at.report;
  }
  /// Where a solve stands that begins with a residual of this norm.
  LinearStand start(double norm, double target) {
    work_.clear(work_.p.view());
    return {{0, norm, norm <= target}, norm};
  }
  /// Goes on until the residual is at most `target`, `until` iterations were made in all, or nothing helps.
  virtual void advance(const LinearSystem& a, View2D<double> x, View2D<double> r, LinearStand& at,
                       double target, std::int64_t until) = 0;

 protected:
  /// The loop of all of them. @param one  (report): makes an iteration or a few, counts them, says what
  /// residual they left, and gives whether more of them would help
  template <class F>
  static void iterate(Heed* heed, LinearStand& at, double target, std::int64_t until, F&& one) {
    constexpr double sweeps = 15.0;  // of an iteration with a multigrid cycle
    LinearReport& report = at.report;
    while (at.helps && !report.converged && report.iterations < until) {
      heed_here(heed, sweeps);
      at.helps = one(report);
      report.converged = report.residual <= target;
    }
  }

  LinearWork& work_;
};

/// The iteration of this kind. @param work  must outlive it
std::unique_ptr<LinearIteration> make_linear_iteration(IterationKind kind, LinearWork& work);

}  // namespace calor
