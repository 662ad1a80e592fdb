// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decomposition/field.hpp"
#include "solver/implicit/options.hpp"
#include "solver/implicit/preconditioners.hpp"
#include "solver/implicit/stand.hpp"
#include "solver/implicit/true_residual.hpp"
#include "solver/linear/cg.hpp"
#include "solver/linear/iteration.hpp"
#include "solver/model/problem.hpp"

namespace calor {

/// rate rho_c (u - from) = div(k grad u) + q(t), the equation of every implicit step, for u.
struct StageEquation {
  View2D<const double> from;  ///< [K]; not read if rate = 0
  double t = 0.0;             ///< of the new state [s]
  double rate = 0.0;          ///< a multiple of 1/dt, or 0 for a steady state
  /// Turns the present temperatures of the owned cells into a better first guess; or null. Convergence is
  /// measured against the residual of the present ones all the same.
  std::function<void(View2D<double> u)> improve{};
};

/// Such an equation with all coefficients frozen at some temperatures, the walls and the source linearised:
/// A du = r, r the true residual. Knows what A is, what helps to solve for du, and solves. Keeps its work
/// fields, and the preconditioner until it is told to forget it. All calls are collective.
class FrozenBalance {
 public:
  FrozenBalance(Problem& p, const ImplicitOptions& options);
  FrozenBalance(const FrozenBalance&) = delete;
  FrozenBalance& operator=(const FrozenBalance&) = delete;

  /// To be called before the first look of a solve. Of a steady state whose level nothing fixes it keeps the
  /// heat content, which look() restores.
  void begin(Problem& p, const StageEquation& e);
  /// r of the present temperatures, whose halo, ghosts and properties it leaves; gives its 2-norm.
  double look(Problem& p, const StageEquation& e);
  /// Whether A of a new solve is the one of the last.
  bool holds_for(double rate) const { return steady_operator_ && rate == rate_; }
  /// Where the state is an enthalpy, the temperatures p.u are those that the fluxes have, and p.h is what
  /// follows from the equation with these fluxes, heat being conserved whatever p.u is. What is to vanish is
  /// T(p.h) - p.u: look() gives the norm of rate rho_c times that, and r is rate rho_c dh/dT times that.
  /// 2-norm of r then.
  double norm() const { return norm_; }
  /// L du to `out`: what fluxes, and sources that fall with T, take of the correction [W m^-3].
  void fluxes_of_correction(Problem& p, View2D<double> out);
  /// Freezes A where the last look was.
  void freeze(Problem& p, const StageEquation& e);
  /// What was found out of the last solve's operator is worth nothing now.
  void forget_operator();
  void forget_preconditioner() { preconditioner_.reset(); }
  /// 2-norm of what rounding alone leaves of the residual: a few units of the last place of diagonal * u.
  double rounding(const Problem& p) const;

  /// Makes the preconditioner, if there is none.
  Preconditioner& preconditioner(Problem& p);
  /// Linear iterations of the first correction with the present preconditioner, if there was one.
  std::optional<std::int64_t> fresh_iterations() const { return fresh_iterations_; }
  /// Adds to the temperatures what full multigrid makes of their residual, if it is to be had.
  bool guess(Problem& p, double norm);
  /// A du = r from the residual of this norm.
  LinearReport correct(Problem& p, double norm, double aim, std::int64_t max_iterations);
  /// The same in pieces, of a linear problem: how it begins, and iterations until so many were made in all.
  /// Gives whether more are wanted.
  LinearStand begin_correction(double norm, double aim);
  bool go_on(Problem& p, LinearStand& at, double aim, std::int64_t until);

  // All that a steady solve goes on from, besides p.u and what the outer iteration holds, for a checkpoint
  // that is written between two of its pieces.
  void write(StandWriter& to) const;
  /// In place of begin() and of all that came after it, once the fields are there.
  void read(Problem& p, const StageEquation& e, StandReader& from);
  void add_fields(Problem& p, std::vector<Memory>& to);
  /// A piece of the work that begins in all the states that write() knows; see level_stands_.
  void begin_piece() { level_stands_ = false; }
  bool level_stands() const { return level_stands_; }
  void let_level_stand(bool it_does) { level_stands_ = it_does; }

  /// Whether bodies return to the steady state that is found when their temperatures are changed a little:
  /// the operator, less what sources grow by with T, is positive definite. Where k depends on T, for k as it
  /// is. Afterwards a solve begins anew.
  bool stable(Problem& p, double t);

  View2D<double> residual() { return r_.view(); }
  View2D<const double> correction() const { return du_.view(); }
  double rate() const { return rate_; }
  /// Spent so far on preconditioners.
  double setup_seconds() const { return setup_seconds_; }
  const std::string& layout() const { return maker_.layout(); }

 private:
  double look_at_enthalpy(Problem& p, const StageEquation& e);
  void restore_level(Problem& p) const;
  View2D<double> made_at(const Problem& p);
  double remove_mean(Problem& p);
  double content(const Problem& p, bool of_one) const;
  LinearSystem linear_system(Problem& p, Preconditioner& m) const;
  bool is_slow(Problem& p, Preconditioner& m);
  View2D<const double> sink_slope() const { return sink_slope_.view(); }

  bool steady_operator_;  // the same in all steps of the same length
  double norm_ = 0.0;     // of r
  double rate_ = -1.0;    // of the diagonal and the preconditioner
  bool open_ = false;     // the solve is of a steady state whose level nothing fixes,
  double content_ = 0.0;  // and this is kept: sum of rho_c u over the cells
  // It was restored already where this piece of the work looked. Restoring it again would move it by what
  // rounding left, so that who goes on after an interruption must not.
  bool level_stands_ = false;
  Field2D<double> made_at_;  // nonlinear and steady: the temperatures that the preconditioner was made for
  bool steady_ = false;
  LinearWork work_;
  ConjugateGradients trial_;
  std::unique_ptr<LinearIteration> inner_;
  Field2D<double> r_, du_, diagonal_, sink_slope_;
  Field2D<double> of_source_;  // the source's part of sink_slope_, where there is another
  TrueResidual true_residual_;
  PreconditionerMaker maker_;
  std::shared_ptr<Preconditioner> preconditioner_;
  std::optional<std::int64_t> fresh_iterations_;
  double setup_seconds_ = 0.0;
};

}  // namespace calor
