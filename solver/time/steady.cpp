// SPDX-License-Identifier: BSD-3-Clause
#include "solver/time/step_by_step.hpp"

namespace calor {

namespace {

/// The steady state 0 = div(k grad u) + q in one "step"; its ledger holds rates [W per metre] and time does
/// not move.
class Steady final : public StepByStep {
  using StepByStep::StepByStep;
  void step(HeatOperator& f, const Steps& s) override { f.steady_part(s.time(0)); }
  std::vector<Loads::Look> looks(const Steps&) const override { return {}; }
  double estimate(HeatOperator&, const Steps&) override { return 0.0; }

 public:
  static std::unique_ptr<Integrator> make(const MethodOptions& o) { return std::make_unique<Steady>(o); }
};

}  // namespace

constinit const Method methods::steady{.word = "steady",
                                       .order = 2,
                                       .automatic = AutomaticStep::steady,
                                       .fields = implicit_fields,
                                       .make = Steady::make};

}  // namespace calor
