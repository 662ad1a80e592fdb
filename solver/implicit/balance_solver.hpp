// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "solver/implicit/frozen_balance.hpp"
#include "solver/implicit/options.hpp"
#include "solver/implicit/outer_iteration.hpp"
#include "solver/implicit/report.hpp"
#include "solver/model/problem.hpp"

namespace calor {

/// Solves  rate rho_c (u - from) = div(k grad u) + q(t)  for u, the equation of every implicit step, with
/// rate a multiple of 1/dt, or 0 for a steady state. By corrections: the true residual r of the present u,
/// then  A du = r  with all coefficients frozen and the walls and the source linearised, accelerated where
/// something depends on T, until r is small. A linear problem needs one correction; the residual that ends
/// the loop is always the true one. Two strategies are chosen when it is made: what is done about what is not
/// linear (OuterIteration), and how A du = r is solved (LinearIteration).
class BalanceSolver {
 public:
  BalanceSolver(Problem& p, const ImplicitOptions& options);
  /// p.u is the first guess and the result; its halo and ghosts, and the properties, are left as of the
  /// result. @param from  [K]; not read if rate = 0     @param t  time of the new state [s]
  /// @throws Error{numerical} on all ranks where there is no convergence
  void solve(Problem& p, View2D<const double> from, double t, double rate);
  /// e := A^-1 (rate rho_c e), until the residual is `reduction` times the first one, with the operator of
  /// the last solve: what is left of an error estimate once the stiff part of it, which the step has damped,
  /// is taken out.
  void filter(Problem& p, View2D<double> e, double reduction);
  const SolveReport& report() const { return report_; }
  const std::string& layout() const { return frozen_.layout(); }

 private:
  std::string failure(const Problem& p) const;

  double tolerance_;
  std::int64_t max_iterations_;
  FrozenBalance frozen_;
  std::unique_ptr<OuterIteration> outer_;
  SolveReport report_;
};

}  // namespace calor
