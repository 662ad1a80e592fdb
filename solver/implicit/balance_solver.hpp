// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "solver/implicit/anderson.hpp"
#include "solver/implicit/options.hpp"
#include "solver/implicit/report.hpp"
#include "solver/linear/cg.hpp"
#include "solver/linear/preconditioner.hpp"
#include "solver/model/problem.hpp"

namespace calor {

/// Solves  rate rho_c (u - from) = div(k grad u) + q(t)  for u, the equation of every implicit step, with
/// rate a multiple of 1/dt, or 0 for a steady state. By corrections: the true residual r of the present u,
/// then  A du = r  with all coefficients frozen and the walls and the source linearised, accelerated where
/// something depends on T, until r is small. A
/// linear problem needs one correction; the residual that ends the loop is always the true one. Keeps its
/// work fields, and the preconditioner while the operator stays the same.
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
  std::string layout() const { return layout_; }

 private:
  static constexpr int max_corrections = 200;
  static constexpr std::int64_t patience = 30;  // more than with a new hierarchy, before one is made
  double true_residual(Problem& p, View2D<const double> from, double t, double rate);
  bool guess(Problem& p, double norm);
  void prepare_preconditioner(Problem& p, double rate);
  void count(std::int64_t iterations);
  LinearReport correct(Problem& p, double rate, double norm, double aim, std::int64_t max_iterations);
  std::shared_ptr<Preconditioner> make_preconditioner(Problem& p, double rate);
  /// The frozen operator of the present corrections.
  LinearOperator frozen_operator(Problem& p, double rate) const;
  bool is_slow(Problem& p, double rate, Preconditioner& m);
  View2D<const double> decline() const { return decline_.view(); }
  static double rounding(const Problem& p, View2D<const double> diagonal, View2D<const double> u);
  std::string failure(double t, double rate, int outer, double norm, double first) const;

  ImplicitOptions options_;
  bool steady_operator_;  // the same in all steps of the same length
  double rate_ = -1.0;    // of the diagonal and the preconditioner
  ConjugateGradients cg_;
  Field2D<double> r_, du_, diagonal_, decline_;
  std::optional<Anderson> anderson_;   // where corrections lag behind what depends on T
  std::int64_t fresh_iterations_ = 0;  // of the first correction with this preconditioner
  std::shared_ptr<Preconditioner> preconditioner_;
  std::optional<bool> slow_;  // whether the usual multigrid is, by a trial or because the case says so
  std::string layout_;
  SolveReport report_;
};

}  // namespace calor
