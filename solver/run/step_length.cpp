// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/step_length.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "decomposition/error.hpp"
#include "solver/time/step_error.hpp"

namespace calor {

namespace {

/// One solve, and time does not move.
class NoLength final : public StepLength {
  Steps plan(Problem&, Clock& clock, std::int64_t) override { return clock.plan_standing(); }
  std::int64_t steps_left(const Clock& clock) const override { return std::int64_t{!clock.finished()}; }
  double expected() const override { return 0.0; }
};

/// Equal steps between targets, as long as was said, or as the method's limit lets them be.
class EqualLength final : public StepLength {
 public:
  EqualLength(double length, Limited* limited) : length_{length}, limited_{limited} {}
  Steps plan(Problem& p, Clock& clock, std::int64_t most) override {
    const double longest = limited_ != nullptr ? limited_->stable_dt(p, clock.time()) : infinity;
    const bool varies = limited_ != nullptr && limited_->limit_varies(p);
    return clock.plan(std::min(length_, longest), varies ? 1 : most);
  }
  std::int64_t steps_left(const Clock& clock) const override { return clock.steps_left(length_); }
  double expected() const override { return length_; }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  double length_;
  Limited* limited_;
};

/// Explicit steps at their limit: a little below it, unless a length was given, which it then only bounds.
class LimitedLength final : public StepLength {
 public:
  /// @param given  0: none
  LimitedLength(double given, double stable_dt, Limited& limited, std::function<void()> look)
      : given_{given}, stable_dt_{stable_dt}, limited_{limited}, look_{std::move(look)} {}
  Steps plan(Problem& p, Clock& clock, std::int64_t most) override {
    const bool varies = limited_.limit_varies(p);
    if (given_ > 0.0 && !varies) return clock.plan(given_, most);
    const double stable = varies ? limited_.stable_dt(p, clock.time()) : stable_dt_;
    if (!(stable > 0.0)) {
      look_();
      throw Error{
          Exit::numerical,
          fmt::format("no stable time step at t = {:.9g} s: the limit came out as {}", clock.time(), stable)};
    }
    return clock.plan(given_ == 0.0 ? explicit_safety * stable : std::min(given_, stable), varies ? 1 : most);
  }
  std::int64_t steps_left(const Clock& clock) const override { return clock.steps_left(expected()); }
  double expected() const override { return given_ > 0.0 ? given_ : explicit_safety * stable_dt_; }

 private:
  double given_, stable_dt_;
  Limited& limited_;
  std::function<void()> look_;
};

/// As long as the error allows.
class LengthByError final : public StepLength {
 public:
  LengthByError(double tolerance, double first, double expected, int order, Limited* limited)
      : control_{tolerance, first}, expected_{expected}, order_{order}, limited_{limited} {}
  Steps plan(Problem& p, Clock& clock, std::int64_t) override {
    const double longest =
        limited_ != nullptr ? limited_->stable_dt(p, clock.time()) : std::numeric_limits<double>::infinity();
    return clock.plan(std::min(control_.dt(), longest), 1);
  }
  std::int64_t steps_left(const Clock& clock) const override { return clock.steps_left(control_.dt()); }
  double expected() const override { return expected_; }
  bool forgives() const override { return true; }
  bool judge(double error, const Steps& made) override { return control_.judge(error, made.dt, order_); }
  bool hopeless(const Clock& clock) const override { return !(control_.dt() > 1e-12 * clock.end()); }
  std::vector<double> numbers() const override { return control_.numbers(); }
  void restore(const std::vector<double>& n) override { control_.restore(n); }

 private:
  StepControl control_;
  double expected_;
  int order_;
  Limited* limited_;
};

}  // namespace

std::unique_ptr<StepLength> make_step_length(const TimeSpec& time, const MethodChoice& choice,
                                             Integrator& method, Problem& p, double stable_dt,
                                             std::function<void()> look) {
  auto* const limited = ability<Limited>(method);
  switch (choice.method->automatic) {
    case AutomaticStep::steady:
      return std::make_unique<NoLength>();
    case AutomaticStep::by_limit:
      return std::make_unique<LimitedLength>(choice.dt, stable_dt, *limited, std::move(look));
    case AutomaticStep::by_error:
      if (!choice.by_error) break;
      return std::make_unique<LengthByError>(
          time.tolerance, first_step(p, 0.0, stable_dt, choice.end, time.tolerance),
          choice.dt > 0.0 ? choice.dt : explicit_safety * stable_dt, choice.method->order, limited);
    case AutomaticStep::whole:
      break;
  }
  return std::make_unique<EqualLength>(choice.dt, limited);
}

}  // namespace calor
