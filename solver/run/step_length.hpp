// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "solver/model/problem.hpp"
#include "solver/run/clock.hpp"
#include "solver/run/method_choice.hpp"
#include "solver/time/integrator.hpp"

namespace calor {

/// The one owner of the length of steps: told how they are to be chosen, it plans the next ones and judges
/// those that were made. All ranks get the same.
class StepLength {
 public:
  virtual ~StepLength() = default;
  /// The next equal steps, at most `most`, none beyond the clock's next target.
  virtual Steps plan(Problem& p, Clock& clock, std::int64_t most) = 0;
  /// Steps still to come, as far as can be told.
  virtual std::int64_t steps_left(const Clock& clock) const = 0;
  /// A length to expect [s].
  virtual double expected() const = 0;
  /// Whether failing steps are judged rather than the end of the run.
  virtual bool forgives() const { return false; }
  /// Whether the step stands; if not, it is to be taken back and plan() asked again. @param error  as
  /// EstimatesError::step_error, infinite where it has no solution
  virtual bool judge([[maybe_unused]] double error, [[maybe_unused]] const Steps& made) { return true; }
  /// After a step that does not stand: whether there is no point in trying a shorter one.
  virtual bool hopeless(const Clock&) const { return false; }
  /// What it remembers from step to step, for a checkpoint.
  virtual std::vector<double> numbers() const { return {}; }
  virtual void restore(const std::vector<double>&) {}
};

/// @param stable_dt  the explicit limit of the initial state [s]
/// @param look  says where a temperature is not finite, if one is: throws then
std::unique_ptr<StepLength> make_step_length(const TimeSpec& time, const MethodChoice& choice,
                                             Integrator& method, Problem& p, double stable_dt,
                                             std::function<void()> look);

}  // namespace calor
