// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/time/step_by_step.hpp"

namespace calor {

/// TR-BDF2: the trapezoidal rule to t + gamma dt, then BDF2 through t, t + gamma dt and t + dt. Second order,
/// damping, one-step, with an error estimate of its own; two solves a step (Bank et al. 1985; Hosea, Shampine
/// 1996).
class TrBdf2 : public StepByStep {
 public:
  using StepByStep::StepByStep;
  /// Of one step on a mode; see Method::decay. @param z  dt lambda
  static double factor(double z);

 protected:
  bool needs_old() const override { return true; }
  void step(HeatOperator& f, const Steps& s) override;
  std::vector<Loads::Look> looks(const Steps& s) const override;
  double estimate(HeatOperator& f, const Steps& s) override;

 private:
  Scratch::Lent e_;  // what the stages say of the error, until it is asked for
};

}  // namespace calor
