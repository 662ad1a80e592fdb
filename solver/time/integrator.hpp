// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "solver/implicit/options.hpp"
#include "solver/implicit/report.hpp"
#include "solver/model/precision.hpp"
#include "solver/model/problem.hpp"
#include "solver/model/steps.hpp"

namespace calor {

/// A method of time integration. All functions are collective.
class Integrator {
 public:
  virtual ~Integrator() = default;
  virtual std::string name() const = 0;
  /// The largest step the method may take at the present state and time t [s]; infinite if it is always
  /// stable.
  virtual double stable_dt(Problem& problem, double t) = 0;
  /// Whether stable_dt can change while running.
  virtual bool limit_varies(const Problem& problem) const = 0;
  /// Makes the steps and books their heat. Throws Error{numerical} on all ranks when a step has no solution.
  virtual void advance(Problem& problem, const Steps& steps) = 0;
  virtual SolveReport report() const { return {}; }
  /// Why the method cannot solve this problem, or empty.
  virtual std::string refusal(const Problem&) const { return {}; }

  /// Order in time.
  virtual int order() const { return 2; }
  /// Local error of the last step, made alone with estimate_error: its root mean square over the range of
  /// temperatures.
  virtual double step_error() const { return 0.0; }
  /// Takes that step back.
  virtual void undo(Problem&) {}
  /// What the next step needs besides the present state, for a checkpoint: fields, and numbers that are the
  /// same on all ranks.
  struct Memory {
    std::string name;
    View2D<double> field;
  };
  virtual std::vector<Memory> memory(Problem&) { return {}; }
  virtual std::vector<double> numbers() const { return {}; }
  virtual void restore_numbers(const std::vector<double>&) {}

  /// Settles what changes the speed and no bits, by a short measurement, before many steps.
  /// @param dt  the step to expect [s]     @param updates  cell updates to expect, of all ranks
  virtual void settle(Problem&, double dt, double updates) {
    static_cast<void>(dt);
    static_cast<void>(updates);
  }
  /// Steps that are best made at once.
  virtual std::int64_t steps_a_pass() const { return 1; }
  /// How the work is laid out, for people; may be empty.
  virtual std::string layout() const { return {}; }
};

struct ExplicitOptions {
  Precision precision = Precision::double_;
  std::optional<int> levels;               // steps between two exchanges of the halo; absent: by measurement
  std::optional<std::array<int, 2>> tile;  // columns and rows; absent: by measurement
};
/// Forward Euler: u += dt/rho_c (div(k grad u) + q), first order in time. Many steps are made in one pass
/// through memory, with one exchange of the halo (solver/blocked/blocked.hpp), unless properties depend on T.
std::unique_ptr<Integrator> make_forward_euler(const ExplicitOptions& options);

/// Backward Euler: rho_c (u_new - u)/dt = div(k grad u_new) + q, first order, unconditionally stable, no
/// overshoot. k(T), q(T) by Picard iteration with Anderson's acceleration, radiation by Newton's tangent.
std::unique_ptr<Integrator> make_backward_euler(const ImplicitOptions& options);
/// Crank-Nicolson, the trapezoidal rule: second order; begins with four half steps of backward Euler, because
/// it does not damp (Crank, Nicolson 1947; Rannacher 1984).
std::unique_ptr<Integrator> make_crank_nicolson(const ImplicitOptions& options);
/// BDF2: second order, damping; one solve a step.
std::unique_ptr<Integrator> make_bdf2(const ImplicitOptions& options);
/// TR-BDF2: second order, damping, one-step, with an error estimate of its own; two solves a step (Bank et
/// al. 1985; Hosea, Shampine 1996).
std::unique_ptr<Integrator> make_tr_bdf2(const ImplicitOptions& options);
/// The steady state 0 = div(k grad u) + q in one "step"; its ledger holds rates [W per metre] and time does
/// not move.
std::unique_ptr<Integrator> make_steady(const ImplicitOptions& options);

/// RKL2: explicit, second order, stages of one sweep each, stable for steps about stages^2 / 4 times as long
/// as forward Euler's (Meyer, Balsara, Aslam 2014).
std::unique_ptr<Integrator> make_super_time_stepping(bool estimate_error);

/// exp(-tA) for linear problems that do not change with time: no error in time but that of a Chebyshev
/// series, which is bounded beforehand; steps of any length.
/// @param tolerance  of the series, over the range of temperatures
std::unique_ptr<Integrator> make_exponential(double tolerance);

}  // namespace calor
