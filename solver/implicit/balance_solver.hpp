// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

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
  /// @param improve  see StageEquation
  void solve(Problem& p, View2D<const double> from, double t, double rate,
             const std::function<void(View2D<double> u)>& improve = {});
  /// The same in pieces: begin() and then advance() until it says that it is solved. Between two pieces, and
  /// after Interrupted within one, all that it goes on from is p.u, numbers() and fields(). A piece is a
  /// round of the outer iteration, or a linear iteration of the one solve of a linear problem, of which a
  /// call makes up to `most`. For steady states, rate = 0.
  void begin(Problem& p, View2D<const double> from, double t, double rate);
  bool advance(Problem& p, std::int64_t most = OuterIteration::whole);
  std::int64_t pieces() const { return outer_->state().pieces; }
  double progress() const;  ///< true residual of the last look over the first one
  /// Empty: nothing that matters was done since begin().
  std::vector<double> numbers() const;
  std::vector<Memory> fields(Problem& p);
  /// In place of begin(), once the fields are there. False: the numbers are of other options, and begin() is
  /// what is left. Interrupted: nothing has happened.
  bool read(Problem& p, double t, const std::vector<double>& numbers);

  /// e := A^-1 (rate rho_c e), until the residual is `reduction` times the first one, with the operator of
  /// the last solve: what is left of an error estimate once the stiff part of it, which the step has damped,
  /// is taken out.
  void filter(Problem& p, View2D<double> e, double reduction);
  const SolveReport& report() const { return report_; }
  const std::string& layout() const { return frozen_.layout(); }

 private:
  void begin(Problem& p, const StageEquation& equation);
  std::string failure(const Problem& p) const;
  int kind() const;

  double tolerance_;
  std::int64_t max_iterations_;
  FrozenBalance frozen_;
  std::unique_ptr<OuterIteration> outer_;
  SolveReport report_;
  PreconditionerKind preconditioner_;
  IterationKind iteration_;
  bool linear_;
  std::vector<double> stand_;  // where the present piece began
};

}  // namespace calor
