// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include "solver/time/step_by_step.hpp"

namespace calor {

namespace {

/// Crank-Nicolson, the trapezoidal rule: second order; begins with four half steps of backward Euler, because
/// it does not damp (Crank, Nicolson 1947; Rannacher 1984).
class CrankNicolson final : public StepByStep {
  using StepByStep::StepByStep;
  void step(HeatOperator& f, const Steps& s) override {
    const double t = s.time(0), half = 0.5 * s.dt;
    // A start that does not fit the walls rings for ever: the first two steps of all, and since a fresh
    // start, are made as four damping half steps, with the same operator.
    if (damped(s)) {
      half_of_backward_euler(f, t + half, half);
      half_of_backward_euler(f, s.time(1), half);
      return;
    }
    Scratch::Lent next = f.problem().scratch.lend();
    f.explicit_part(t, half, half, next.view());
    f.implicit_part(next.view(), s.time(1), half, half);
  }
  std::vector<Loads::Look> looks(const Steps& s) const override {
    return {{damped(s) ? 0.5 : 0.0, 0.5}, {1.0, 0.5}};
  }
  double estimate(HeatOperator& f, const Steps& s) override {
    const double first_order = difference_of_rates(f, s);
    return damped(s) ? 0.5 * first_order : of_second_order(f.problem(), first_order);
  }
  static void half_of_backward_euler(HeatOperator& f, double to, double half) {
    Problem& p = f.problem();
    Scratch::Lent next = p.scratch.lend();
    copy_cells(p.owned, p.state(), next.view());
    f.implicit_part(next.view(), to, half, half);
  }
  static bool damped(const Steps& s) { return s.time(1) - s.origin < 2.5 * s.dt; }

 public:
  static std::unique_ptr<Integrator> make(const MethodOptions& o) {
    return std::make_unique<CrankNicolson>(o);
  }
};

}  // namespace

constinit const Method methods::crank_nicolson{.word = "crank-nicolson",
                                               .order = 2,
                                               .automatic = AutomaticStep::by_error,
                                               .fields = implicit_fields,
                                               .sweeps = implicit_sweeps,
                                               .decay =
                                                   [](const Mode& m) {  // two steps as four of backward Euler
                                                     return std::pow(1.0 + 0.5 * m.z, -4.0) *
                                                            std::pow((1.0 - 0.5 * m.z) / (1.0 + 0.5 * m.z),
                                                                     1.0 * m.steps - 2.0);
                                                   },
                                               .make = CrankNicolson::make};

}  // namespace calor
