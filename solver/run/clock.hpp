// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "solver/model/steps.hpp"

namespace calor {

/// Simulated time. Steps are counted and time is computed from the count: between two target times (output
/// times and the end) the steps are equal, none longer than allowed, and the last one lands on the target
/// exactly. For a steady state there is one step that moves no time.
class Clock {
 public:
  /// @param targets  rising times > 0 [s]; the last one is the end. Empty: a steady state
  explicit Clock(std::vector<double> targets);

  double time() const { return time_; }
  std::int64_t step() const { return step_; }
  double last_dt() const { return last_dt_; }
  bool finished() const { return targets_.empty() ? step_ > 0 : next_ == targets_.size(); }
  double end() const { return targets_.empty() ? time_ : targets_.back(); }
  /// True after tick() has landed on a target time.
  bool on_target() const { return on_target_; }

  /// The next equal steps, at most `most` and not beyond the next target. @param limit  the longest step
  /// allowed [s]
  Steps plan(double limit, std::int64_t most);
  /// The step of a steady state.
  static Steps plan_standing() { return {}; }
  /// `count` of the planned steps were made.
  void tick(std::int64_t count);
  /// Steps still to come if none may be longer than `limit`.
  std::int64_t steps_left(double limit) const;

  /// All but the targets, which may be others when a run goes on.
  struct State {
    double time = 0.0, last_dt = 0.0;
    std::int64_t step = 0;
    double start = 0.0, target = 0.0, dt = 0.0;  // of the equal steps under way
    std::int64_t count = 0, done = 0;
  };
  State state() const;
  void restore(const State& state);

 private:
  std::vector<double> targets_;
  std::size_t next_ = 0;  // the target ahead
  double time_ = 0.0, last_dt_ = 0.0;
  std::int64_t step_ = 0;
  bool on_target_ = false;
  struct Segment {  // from `start` to `target` in `count` steps, `done` of them made
    double start = 0.0, target = 0.0, dt = 0.0;
    std::int64_t count = 0, done = 0;
  } segment_;
};

}  // namespace calor
