// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/clock.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace calor {

namespace {

constexpr double slack =
    1e-12;  // a quotient this close above a whole number is that number, but for rounding

/// Equal steps no longer than `limit` that fill `length`.
std::int64_t steps_for(double length, double limit) {
  if (!(length > 0.0)) return 0;
  const double n = std::ceil(length / limit * (1.0 - slack));
  return n < 1.0 ? 1 : n > 9e18 ? std::int64_t{9'000'000'000'000'000'000} : static_cast<std::int64_t>(n);
}

}  // namespace

Clock::Clock(std::vector<Target> targets, double begin)
    : targets_{std::move(targets)}, begin_{begin}, after_{begin} {}

Steps Clock::plan(double limit, std::int64_t most, double landing) {
  Segment& s = segment_;
  const Target& ahead = targets_[next_];
  // What is left of a step by rounding is none.
  const double target = landing < ahead.time - 1e-12 * ahead.time ? landing : ahead.time;
  const bool fresh = s.done == s.count || s.target != target;
  // Longer steps are taken up only when they are worth it, so that a limit that trembles does not re-plan
  // every step.
  if (fresh || s.dt > limit * (1.0 + slack) || s.dt < 0.5 * limit) {
    const double length = target - time_;
    const std::int64_t count = steps_for(length, limit);
    if (fresh || count != s.count - s.done)
      s = {time_, target, length / static_cast<double>(count), count, 0};
  }
  Steps steps{s.start, s.dt, s.done, std::clamp<std::int64_t>(most, 1, s.count - s.done), origin_};
  steps.earliest = after_;
  steps.latest = ahead.before;
  return steps;
}

void Clock::tick(std::int64_t count) {
  if (targets_.empty()) {
    step_ += count;
    return;
  }
  Segment& s = segment_;
  s.done += count;
  step_ += count;
  last_dt_ = s.dt;
  const bool landed = s.done == s.count;
  time_ = landed ? s.target : s.start + static_cast<double>(s.done) * s.dt;
  const bool reached = landed && s.target == targets_[next_].time;
  on_target_ = reached && targets_[next_].output;
  if (reached) pass(targets_[next_++]);
}

void Clock::pass(const Target& target) {
  after_ = target.after;
  if (target.fresh) origin_ = target.time;
}

double Clock::next_origin() const {
  for (std::size_t n = next_; n < targets_.size(); ++n)
    if (targets_[n].fresh) return targets_[n].time;
  return end();
}

std::int64_t Clock::steps_left(double limit) const {
  std::int64_t total = 0;
  double from = time_;
  for (std::size_t n = next_; n < targets_.size(); from = targets_[n++].time)
    total += steps_for(targets_[n].time - from, limit);
  return total;
}

Clock::State Clock::state() const {
  const Segment& s = segment_;
  if (targets_.empty()) return {time_, last_dt_, step_, 0.0, 0.0, 0.0, 1, std::int64_t{stands_}};
  return {time_, last_dt_, step_, s.start, s.target, s.dt, s.count, s.done};
}

void Clock::restore(const State& s) {
  time_ = s.time;
  last_dt_ = s.last_dt;
  step_ = s.step;
  segment_ = {s.start, s.target, s.dt, s.count, s.done};
  on_target_ = false;
  next_ = 0;
  origin_ = 0.0;
  after_ = begin_;
  // Of versions that solved a steady state in one go, the state says nothing but that one step was made.
  stands_ = targets_.empty() && (s.count == 0 ? s.step > 0 : s.done == s.count);
  while (next_ < targets_.size() && targets_[next_].time <= time_) pass(targets_[next_++]);
}

}  // namespace calor
