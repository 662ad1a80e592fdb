// SPDX-License-Identifier: BSD-3-Clause
#include "solver/time/step_by_step.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "solver/time/step_error.hpp"

namespace calor {

View2D<double> StepByStep::room(Field2D<double>& field, const Problem& p) {
  if (field.view().first == nullptr) field = Field2D<double>{p.owned, p.depth};
  return field.view();
}

void StepByStep::advance(Problem& p, const Steps& steps) {
  if (!operator_) operator_.emplace(p, options_.solver);
  for (std::int64_t n = 0; n < steps.count; ++n) {
    Steps one = steps;
    one.first += n;
    one.count = 1;
    if (extrapolates()) look_back(p, one);
    if (keeps_old()) copy_cells(p.owned, p.state(), room(old_, p));
    if (keeps_old() && p.enthalpy) copy_cells(p.owned, p.u.view(), room(old_T_, p));
    if (options_.estimate_error) before_.emplace(p.budget);
    if (p.loads != nullptr) p.loads->begin_step(one, looks(one), carried(one));
    step(*operator_, one);
    if (options_.estimate_error) error_ = estimate(*operator_, one);
    if (p.loads != nullptr && n + 1 < steps.count) p.loads->end_steps();
  }
}

void StepByStep::undo(Problem& p) {
  copy_cells(p.owned, old(), p.state());
  if (p.enthalpy) p.find_temperatures();
  p.budget = *before_;
  if (!extrapolates()) return;
  old_.swap(earlier_);
  earlier_.swap(earliest_);
  known_ = known_before_;
}

/// Makes room for the state that this step begins with, and tells the operator of those before.
void StepByStep::look_back(Problem& p, const Steps& one) {
  for (Field2D<double>* f : {&old_, &earlier_, &earliest_}) room(*f, p);
  known_before_ = known_;
  if (one.fresh()) known_.states = 0;
  earlier_.swap(earliest_);
  old_.swap(earlier_);
  const double now = one.time(0), times[] = {now, known_.old, known_.earlier};
  std::vector<HeatOperator::State> states{
      {times[0], old()}, {times[1], earlier_.cview()}, {times[2], earliest_.cview()}};
  states.resize(static_cast<std::size_t>(known_.states) + 1);
  operator_->extrapolate_from(std::move(states), now);
  known_ = {std::min(known_.states + 1, 2), now, known_.old};
}

namespace {
/// The last of the numbers where there are states: no other is likely to end so.
constexpr double mark_of_states = 0x1.9e3779b97f4a7p+777;
bool holds_states(const std::vector<double>& numbers) {
  return !numbers.empty() && numbers.back() == mark_of_states;
}
}  // namespace

std::vector<Memory> StepByStep::memory(Problem& p) {
  if (!extrapolates()) return {};
  return {{"state_before", room(old_, p)}, {"state_before_that", room(earlier_, p)}};
}

std::vector<Memory> StepByStep::memory_for(Problem& p, const std::vector<double>& numbers) {
  std::vector<Memory> all = memory(p);
  if (extrapolates() && !holds_states(numbers)) all.resize(all.size() - 2);
  return all;
}

std::vector<double> StepByStep::numbers() const {
  if (!extrapolates()) return {};
  return {1.0 * known_.states, known_.old, known_.earlier, mark_of_states};
}

std::vector<double> StepByStep::without_states(std::vector<double> numbers) {
  if (holds_states(numbers)) numbers.resize(numbers.size() - 4);
  return numbers;
}

void StepByStep::restore_numbers(const std::vector<double>& numbers) {
  known_ = {};
  if (!extrapolates() || !holds_states(numbers)) return;
  const auto* const mine = numbers.data() + (numbers.size() - 4);
  known_ = {static_cast<int>(mine[0]), mine[1], mine[2]};
}

void StepByStep::damp(HeatOperator& f, const Steps& s, View2D<double> e) {
  const bool settling = s.fresh();
  f.filter(e, settling ? 1e-3 : 0.1);
  if (settling) f.filter(e, 1e-3);
}

double StepByStep::difference_of_rates(HeatOperator& f, const Steps& s) {
  Problem& p = f.problem();
  const Box& own = p.owned;
  Scratch::Lent difference = p.scratch.lend(), present = p.scratch.lend();
  const View2D<double> e = difference.view(), u = p.u.view();
  // The rate before needs the old state in place.
  copy_cells(own, u, present.view());
  copy_cells(own, old_temperatures(), u);
  f.rates(s.time(0), [&](int j, auto&& rate) {
#pragma omp simd
    for (std::ptrdiff_t i = own.i0; i < own.i1; ++i) e.row(j)[i] = -0.5 * s.dt * rate(i);
  });
  copy_cells(own, present.cview(), u);
  f.rates(s.time(1), [&](int j, auto&& rate) {
#pragma omp simd
    for (std::ptrdiff_t i = own.i0; i < own.i1; ++i) e.row(j)[i] += 0.5 * s.dt * rate(i);
  });
  damp(f, s, e);
  return relative_size(p, e, old_temperatures());
}

double StepByStep::of_second_order(Problem& p, double first_order) const {
  Scratch::Lent room = p.scratch.lend();
  const View2D<double> d = room.view();
  const View2D<const double> u = p.u.view(), before = old_temperatures();
  for_cells(p.owned, [&](int i, int j) { d(i, j) = u(i, j) - before(i, j); });
  const double change = relative_size(p, d, before);
  return change > 0.0 ? std::min(first_order, first_order * first_order / (3.0 * change)) : 0.0;
}

}  // namespace calor
