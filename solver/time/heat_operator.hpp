// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "solver/implicit/options.hpp"
#include "solver/implicit/report.hpp"
#include "solver/model/problem.hpp"
#include "solver/stencil/rows.hpp"

namespace calor {

class BalanceSolver;  // solver/implicit

/// f(u, t) = (div(k grad u) + q) / rho_c over one rank's cells, and the two things that methods do with it:
/// add it, or solve for the u whose it is. Halo, walls, coefficients, source and the ledger are its business.
/// Collective; the problem must outlive it.
class HeatOperator {
 public:
  HeatOperator(Problem& p, const ImplicitOptions& options);
  ~HeatOperator();

  Problem& problem() { return p_; }

  /// Calls each(j, rate) for the rows of owned cells, rate(i) = f(u, t) in cell (i, j) [K/s], u = p.u. Rows
  /// are shared among threads.
  template <class F>
  void rates(double t, F&& each) {
    prepare(t);
    prepared_rates(each);
  }
  /// Exchanges the halo and works out all that depends on t and u: what book() and prepared_rates() go by.
  void prepare(double t);
  template <class F>
  void prepared_rates(F&& each) {
    for_rates(p_.owned, p_.coefficients, p_.source.q(), p_.u.view(), each);
  }
  /// Heat that the present rates bring in so many seconds, to the ledger.
  void book(double seconds) { p_.book(seconds, p_.u.view()); }

  /// to = u + dt f(u, t); books so many seconds of it. u here and below: the state, Problem::state().
  void explicit_part(double t, double dt, double booked, View2D<double> to);
  /// The u with  u - from = dt f(u, t), begun at the present one; books so many seconds of it.
  /// Error{numerical} where there is none.
  void implicit_part(View2D<const double> from, double t, double dt, double booked);
  /// States before the present one, which is of the time `now`, latest first: implicit_part() begins at what
  /// they lead to, the parabola through the last three or the line through the last two. Where the problem is
  /// linear; else guesses might leave the range of what depends on T.
  struct State {
    double t;
    View2D<const double> u;
  };
  void extrapolate_from(std::vector<State> states, double now) { states_ = std::move(states), now_ = now; }
  /// For the u with f(u, t) = 0, in pieces; its rates are booked as those of a second.
  BalanceSolver& solver();
  /// e <- what the last implicit_part would leave of e, solved to that reduction of the residual: damps what
  /// is stiff in an estimate of the error.
  void filter(View2D<double> e, double reduction);

  SolveReport report() const;
  std::string layout() const;

 private:
  void extrapolate(View2D<double> u, double to) const;

  Problem& p_;
  std::vector<State> states_;
  double now_ = 0.0;
  ImplicitOptions options_;
  std::unique_ptr<BalanceSolver> solver_;  // once it is asked for
};

}  // namespace calor
