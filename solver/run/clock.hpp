// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "solver/model/steps.hpp"

namespace calor {

/// A time that a step ends at exactly.
struct Target {
  double time;         // s
  bool output = true;  // somebody asked for it: an output time, or the end
  bool fresh = false;  // integration begins afresh there
  /// Where functions of time jump: the last time before the jump and the first one after it [s].
  double before = std::numeric_limits<double>::infinity(), after = -before;
};

/// Simulated time. Steps are counted and time is computed from the count: between two targets the steps are
/// equal, none longer than allowed, and the last one lands on the target exactly. For a steady state there
/// are pieces of one step that moves no time, and it ends when somebody says so.
class Clock {
 public:
  /// @param targets  rising, > 0; the last one is the end. Empty: a steady state     @param begin  where
  /// functions of time are looked at at t = 0 [s]
  explicit Clock(std::vector<Target> targets, double begin = 0.0);

  double time() const { return time_; }
  /// Where functions of time are looked at for a step that begins now [s].
  double now() const { return std::max(time_, after_); }
  /// The last fresh start, at or before now [s].
  double origin() const { return origin_; }
  /// The next one, or the end [s].
  double next_origin() const;
  /// The last time before the next target, as functions of time see it [s].
  double last_moment() const {
    return targets_.empty() ? time_ : std::min(targets_[next_].time, targets_[next_].before);
  }
  std::int64_t step() const { return step_; }
  double last_dt() const { return last_dt_; }
  bool finished() const { return targets_.empty() ? stands_ : next_ == targets_.size(); }
  double end() const { return targets_.empty() ? time_ : targets_.back().time; }
  /// True after tick() has landed on a target that somebody asked for.
  bool on_target() const { return on_target_; }
  /// The run ends here, whatever the targets say.
  void finish() {
    next_ = targets_.size();
    stands_ = true;
  }

  /// The next equal steps, at most `most` and not beyond the next target. @param limit  the longest step
  /// allowed [s]     @param landing  a time before the next target on which they are to land as well [s]
  Steps plan(double limit, std::int64_t most, double landing = std::numeric_limits<double>::infinity());
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
  void pass(const Target& target);
  std::vector<Target> targets_;
  std::size_t next_ = 0;  // the target ahead
  double begin_, time_ = 0.0, last_dt_ = 0.0;
  double origin_ = 0.0, after_;  // of the targets that were passed
  std::int64_t step_ = 0;
  bool on_target_ = false;
  bool stands_ = false;  // of a steady state: it was reached
  struct Segment {       // from `start` to `target` in `count` steps, `done` of them made
    double start = 0.0, target = 0.0, dt = 0.0;
    std::int64_t count = 0, done = 0;
  } segment_;
};

}  // namespace calor
