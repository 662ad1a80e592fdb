// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include "solver/time/step_by_step.hpp"

namespace calor {

namespace {

/// Backward Euler: rho_c (u_new - u)/dt = div(k grad u_new) + q, first order, unconditionally stable, no
/// overshoot.
class BackwardEuler final : public StepByStep {
  using StepByStep::StepByStep;
  void step(HeatOperator& f, const Steps& s) override {
    Problem& p = f.problem();
    Scratch::Lent next = p.scratch.lend();
    copy_cells(p.owned, p.state(), next.view());
    f.implicit_part(next.view(), s.time(1), s.dt, s.dt);
  }
  std::vector<Loads::Look> looks(const Steps&) const override { return {{1.0, 1.0}}; }
  double estimate(HeatOperator& f, const Steps& s) override { return difference_of_rates(f, s); }

 public:
  static std::unique_ptr<Integrator> make(const MethodOptions& o) {
    return std::make_unique<BackwardEuler>(o);
  }
};

}  // namespace

constinit const Method methods::backward_euler{
    .word = "backward-euler",
    .order = 1,
    .automatic = AutomaticStep::by_error,
    .fields = implicit_fields,
    .sweeps = implicit_sweeps,
    .decay = [](const Mode& m) { return std::pow(1.0 + m.z, -1.0 * m.steps); },
    .make = BackwardEuler::make};

}  // namespace calor
