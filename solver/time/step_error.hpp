// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <vector>

#include "solver/model/problem.hpp"

namespace calor {

/// Root mean square of e over the domain, relative to the range of temperatures: p.scale, and what p.u and
/// `old` span. The same on any layout. Collective.
/// `old`, a state that stands, is seen by p.scale.
double relative_size(Problem& p, View2D<const double> e, View2D<const double> old);

/// The range of temperatures by which errors are measured, p.scale and what u spans [K]. Collective.
double temperature_range(const Problem& p, View2D<const double> u);

/// A length for the first step by error since a fresh start [s]: a hundredth of the time in which the
/// temperatures, at their rates of time t, would change by their range; at least `limit`, the explicit limit,
/// or else at most 1/50 of `left`, the time to the next fresh start or the end; both less where `tolerance`
/// is below 1e-4. Collective.
double first_step(Problem& p, double t, double limit, double left, double tolerance);

/// The largest change of a temperature per second, at the present state and time t [K/s]. Collective.
double largest_rate(Problem& p, double t);

/// Chooses the length of steps from their errors: a PI controller (Gustafsson 1991), which also looks at how
/// the error changed, so that lengths do not swing; or, where that asks for a shorter step, a predictive one
/// (Gustafsson 1994). Decides on numbers that all ranks share.
class StepControl {
 public:
  /// @param tolerance  of step_error()     @param first  length to begin with [s]
  StepControl(double tolerance, double first) : tolerance_{tolerance}, dt_{first} {}
  double dt() const { return dt_; }  ///< of the next step [s]
  /// Forgets the steps so far, and begins with this length.
  void restart(double first) { *this = {tolerance_, first}; }
  /// Takes the error of a step of length dt by a method of this order. False: make it again with dt().
  bool judge(double error, double dt, int order);
  std::vector<double> numbers() const { return {dt_, last_, last_dt_}; }
  void restore(const std::vector<double>& n) {
    dt_ = n.at(0);
    last_ = n.at(1);
    last_dt_ = n.at(2);
  }

 private:
  double tolerance_, dt_;
  // Of the last accepted step, 0 before the first: its error over the tolerance, its length.
  double last_ = 0.0, last_dt_ = 0.0;
};

}  // namespace calor
