// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "solver/implicit/balance_solver.hpp"
#include "solver/time/heat_operator.hpp"
#include "solver/time/integrator.hpp"
#include "solver/time/methods.hpp"

namespace calor {

namespace {

/// The steady state 0 = div(k grad u) + q in one "step", made in pieces; its ledger holds rates [W per metre]
/// and time does not move.
class Steady final : public Integrator, public Gradual, public Remembers {
 public:
  explicit Steady(const MethodOptions& options) : options_{options.solver} { options_.steady = true; }
  void advance(Problem& p, const Steps& step) override {
    while (!go_on(p, step, OuterIteration::whole).done) {
    }
  }

  Pieces go_on(Problem& p, const Steps& step, std::int64_t most) override {
    BalanceSolver& s = solver(p);
    const double t = step.time(0);
    if (!read_.empty() && s.read(p, t, read_)) under_way_ = true;  // else of another solver: begin anew
    read_.clear();
    if (!under_way_) s.begin(p, {}, t, 0.0);
    under_way_ = true;
    const std::int64_t before = s.pieces();
    const bool done = s.advance(p, most);
    if (done) {
      operator_->book(1.0);
      if (p.enthalpy) p.find_heats();
      under_way_ = false;
    }
    // What is solved before anything was done is a piece still.
    return {std::max<std::int64_t>(s.pieces() - before, done && s.pieces() == 0 ? 1 : 0), done};
  }
  double left() const override { return operator_ ? operator_->solver().progress() : 1.0; }
  double wanted() const override { return options_.tolerance; }

  std::vector<Memory> memory(Problem& p) override { return memory_for(p, numbers()); }
  std::vector<Memory> memory_for(Problem& p, const std::vector<double>& numbers) override {
    return numbers.empty() ? std::vector<Memory>{} : solver(p).fields(p);
  }
  std::vector<double> numbers() const override {
    if (!read_.empty()) return read_;
    return under_way_ ? operator_->solver().numbers() : std::vector<double>{};
  }
  void restore_numbers(const std::vector<double>& numbers) override {
    read_ = numbers;
    under_way_ = false;
  }

  SolveReport report() const override { return operator_ ? operator_->report() : SolveReport{}; }
  std::string layout() const override { return operator_ ? operator_->layout() : std::string{}; }

  static std::unique_ptr<Integrator> make(const MethodOptions& o) { return std::make_unique<Steady>(o); }

 private:
  BalanceSolver& solver(Problem& p) {
    if (!operator_) operator_.emplace(p, options_);
    return operator_->solver();
  }

  ImplicitOptions options_;
  // Its solver is made when it is first asked for, also by who only looks.
  mutable std::optional<HeatOperator> operator_;
  std::vector<double> read_;  // of a checkpoint, until the first piece goes on from it
  bool under_way_ = false;
};

}  // namespace

constinit const Method methods::steady{.word = "steady",
                                       .order = 2,
                                       .automatic = AutomaticStep::steady,
                                       .fields = implicit_fields,
                                       .make = Steady::make};

}  // namespace calor
