// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "solver/model/loads.hpp"
#include "solver/time/heat_operator.hpp"
#include "solver/time/integrator.hpp"
#include "solver/time/methods.hpp"

namespace calor {

/// What methods share that make one step after the other: the operator, the state before the step, estimates
/// of its error. A method says what one step is.
class StepByStep : public Integrator, public EstimatesError, public Remembers {
 public:
  explicit StepByStep(const MethodOptions& options) : options_{options} {}
  void advance(Problem& p, const Steps& steps) final;
  SolveReport report() const override { return operator_ ? operator_->report() : SolveReport{}; }
  std::string layout() const override { return operator_ ? operator_->layout() : std::string{}; }
  double step_error() const final { return error_; }
  void undo(Problem& p) override;
  // The states before the present one, where solves begin at what they lead to. A method that remembers more
  // puts it before this.
  std::vector<Memory> memory(Problem& p) override;
  std::vector<Memory> memory_for(Problem& p, const std::vector<double>& numbers) override;
  std::vector<double> numbers() const override;
  void restore_numbers(const std::vector<double>& numbers) override;
  /// The numbers of a method that remembers more.
  static std::vector<double> without_states(std::vector<double> numbers);

 protected:
  /// Makes one step of f.
  virtual void step(HeatOperator& f, const Steps& s) = 0;
  /// When the step looks at what depends on t, with the weights by which it books heat.
  virtual std::vector<Loads::Look> looks(const Steps& s) const = 0;
  /// What it books of the step before once more.
  virtual double carried(const Steps&) const { return 0.0; }
  /// RMS of the local error over the temperature range, after step(); asked for where
  /// options().estimate_error.
  virtual double estimate(HeatOperator& f, const Steps& s) = 0;
  /// step() reads old(), also where no error is asked for.
  virtual bool needs_old() const { return false; }

  const MethodOptions& options() const { return options_; }
  /// The state before the step.
  View2D<const double> old() const { return old_.view(); }
  View2D<const double> old_temperatures() const {
    return old_T_.view().first != nullptr ? old_T_.view() : old();
  }
  /// A field of one's own, made when it is first asked for.
  static View2D<double> room(Field2D<double>& field, const Problem& p);

  /// Takes from a difference of rates e what the step has damped. In the first step since a fresh start
  /// temperatures settle that do not fit their walls; an L-stable step leaves about 1/z of them, z = dt times
  /// their rate. There e is about z; filtered once it is 1, so it is filtered twice.
  static void damp(HeatOperator& f, const Steps& s, View2D<double> e);
  /// dt/2 (rate now - rate before), the error of one backward Euler step, with its stiff part damped.
  double difference_of_rates(HeatOperator& f, const Steps& s);
  /// The error of a second-order step from that of a first-order one, e = dt^2 u''/2, for a solution that
  /// changes like a decay, u''' = u''^2 / u':  dt^3 u''' / 12 = e^2 / (3 |u - u_old|).
  double of_second_order(Problem& p, double first_order) const;

 private:
  bool extrapolates() const { return options_.solver.first_guess == FirstGuess::extrapolated; }
  bool keeps_old() const { return options_.estimate_error || needs_old() || extrapolates(); }
  void look_back(Problem& p, const Steps& one);
  MethodOptions options_;
  std::optional<HeatOperator> operator_;
  Field2D<double> old_, old_T_;  // old_T_: where the state is an enthalpy
  // Of the steps before, if extrapolates(): where the last two began, which within a step are the last three.
  Field2D<double> earlier_, earliest_;
  struct Known {
    int states = 0;
    double old = 0.0, earlier = 0.0;  // their times [s]
  };
  Known known_, known_before_;  // after the last step, and before it
  std::optional<Budget> before_;
  double error_ = 0.0;
};

}  // namespace calor
