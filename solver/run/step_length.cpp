// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/step_length.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "decomposition/error.hpp"
#include "solver/model/loads.hpp"
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
    const double longest = limited_ != nullptr ? limited_->stable_dt(p, clock.now()) : infinity;
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
  /// @param longest  that was asked for [s]
  LimitedLength(double given, double stable_dt, double longest, Limited& limited, std::function<void()> look)
      : given_{std::min(given, longest)},
        stable_dt_{stable_dt},
        longest_{longest},
        limited_{limited},
        look_{std::move(look)} {}
  Steps plan(Problem& p, Clock& clock, std::int64_t most) override {
    const bool varies = limited_.limit_varies(p);
    if (given_ > 0.0 && !varies) return clock.plan(given_, most);
    const double stable = varies ? limited_.stable_dt(p, clock.now()) : stable_dt_;
    if (!(stable > 0.0)) {
      look_();
      throw Error{
          Exit::numerical,
          fmt::format("no stable time step at t = {:.9g} s: the limit came out as {}", clock.time(), stable)};
    }
    const double automatic = std::min(explicit_safety * stable, longest_);
    return clock.plan(given_ == 0.0 ? automatic : std::min(given_, stable), varies ? 1 : most);
  }
  std::int64_t steps_left(const Clock& clock) const override { return clock.steps_left(expected()); }
  double expected() const override {
    return given_ > 0.0 ? given_ : std::min(explicit_safety * stable_dt_, longest_);
  }

 private:
  double given_, stable_dt_, longest_;
  Limited& limited_;
  std::function<void()> look_;
};

/// As long as the error allows, and as the functions of time let them be.
class LengthByError final : public StepLength {
 public:
  /// @param first  length to begin with [s]     @param longest  that was asked for [s]
  LengthByError(Problem& p, double tolerance, double first, double longest, double stable_dt, double expected,
                int order, Limited* limited)
      : p_{p},
        tolerance_{tolerance},
        longest_{longest},
        stable_dt_{stable_dt},
        control_{tolerance, first},
        expected_{expected},
        order_{order},
        limited_{limited} {}
  Steps plan(Problem& p, Clock& clock, std::int64_t) override {
    if (clock.origin() != origin_) {
      origin_ = clock.origin();
      control_.restart(
          first_step(p, clock.now(), stable_dt_, clock.next_origin() - clock.time(), tolerance_));
    }
    double longest = std::min(control_.dt(), longest_);
    if (limited_ != nullptr) longest = std::min(longest, limited_->stable_dt(p, clock.now()));
    if (p.loads == nullptr) return clock.plan(longest, 1);
    // Not beyond what the functions of time do unseen.
    const View2D<const double> u = p.u.cview();
    const double from = clock.now(), to = std::min(clock.time() + longest, clock.last_moment());
    const double reach = to > from ? p.loads->reach(from, to, tolerance_, temperature_range(p, u)) : to;
    return reach < to ? clock.plan(longest, 1, reach) : clock.plan(longest, 1);
  }
  std::int64_t steps_left(const Clock& clock) const override { return clock.steps_left(control_.dt()); }
  double expected() const override { return std::min(expected_, longest_); }
  bool forgives() const override { return true; }
  bool judge(double error, const Steps& made) override { return control_.judge(error, made.dt, order_); }
  bool hopeless(const Clock& clock) const override { return !(control_.dt() > 1e-12 * clock.end()); }
  std::vector<double> numbers() const override {
    std::vector<double> n = control_.numbers();
    n.insert(n.end(), {origin_, p_.scale.least, p_.scale.most});
    return n;
  }
  void restore(const std::vector<double>& n) override {
    control_.restore(n);
    if (n.size() < 6) return;  // of a version that knew no fresh starts
    origin_ = n[3];
    p_.scale.least = n[4];
    p_.scale.most = n[5];
  }

 private:
  Problem& p_;
  double tolerance_, longest_, stable_dt_;
  StepControl control_;
  double expected_;
  int order_;
  Limited* limited_;
  double origin_ = 0.0;  // the fresh start that control_ goes by
};

double first_length(const TimeSpec& time, const MethodChoice& choice, Problem& p, double stable_dt) {
  const auto& all = choice.targets.all;
  const auto fresh = std::find_if(all.begin(), all.end(), [](const Target& t) { return t.fresh; });
  return first_step(p, choice.targets.begin, stable_dt, fresh != all.end() ? fresh->time : choice.end,
                    time.tolerance);
}

}  // namespace

std::unique_ptr<StepLength> make_step_length(const TimeSpec& time, const MethodChoice& choice,
                                             Integrator& method, Problem& p, double stable_dt,
                                             std::function<void()> look) {
  auto* const limited = ability<Limited>(method);
  const double longest = time.max_dt.value_or(std::numeric_limits<double>::infinity());
  switch (choice.method->automatic) {
    case AutomaticStep::steady:
      return std::make_unique<NoLength>();
    case AutomaticStep::by_limit:
      return std::make_unique<LimitedLength>(choice.dt, stable_dt, longest, *limited, std::move(look));
    case AutomaticStep::by_error:
      if (!choice.by_error) break;
      return std::make_unique<LengthByError>(
          p, time.tolerance, first_length(time, choice, p, stable_dt), longest, stable_dt,
          choice.dt > 0.0 ? choice.dt : explicit_safety * stable_dt, choice.method->order, limited);
    case AutomaticStep::whole:
      break;
  }
  return std::make_unique<EqualLength>(std::min(choice.dt, longest), limited);
}

}  // namespace calor
