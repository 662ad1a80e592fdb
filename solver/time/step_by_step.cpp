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
    if (keeps_old()) copy_cells(p.owned, p.u.view(), room(old_, p));
    if (options_.estimate_error) before_.emplace(p.budget);
    Steps one = steps;
    one.first += n;
    one.count = 1;
    if (p.loads != nullptr) p.loads->begin_step(one, looks(one), carried(one));
    step(*operator_, one);
    if (options_.estimate_error) error_ = estimate(*operator_, one);
    if (p.loads != nullptr && n + 1 < steps.count) p.loads->end_steps();
  }
}

void StepByStep::undo(Problem& p) {
  copy_cells(p.owned, old(), p.u.view());
  p.budget = *before_;
}

void StepByStep::damp(HeatOperator& f, const Steps& s, View2D<double> e) {
  const bool settling = s.fresh();
  f.filter(e, settling ? 1e-3 : 0.1);
  if (settling) f.filter(e, 1e-3);
}

double StepByStep::difference_of_rates(HeatOperator& f, const Steps& s) {
  Problem& p = f.problem();
  const Box& own = p.owned;
  const View2D<double> e = p.next.view(), u = p.u.view();
  // The rate before needs the old state in place.
  copy_cells(own, u, room(spare_, p));
  copy_cells(own, old(), u);
  f.rates(s.time(0), [&](int j, auto&& rate) {
#pragma omp simd
    for (std::ptrdiff_t i = own.i0; i < own.i1; ++i) e.row(j)[i] = -0.5 * s.dt * rate(i);
  });
  copy_cells(own, std::as_const(spare_).view(), u);
  f.rates(s.time(1), [&](int j, auto&& rate) {
#pragma omp simd
    for (std::ptrdiff_t i = own.i0; i < own.i1; ++i) e.row(j)[i] += 0.5 * s.dt * rate(i);
  });
  damp(f, s, e);
  return relative_size(p, e, old());
}

double StepByStep::of_second_order(Problem& p, double first_order) const {
  const View2D<double> d = p.next.view();
  const View2D<const double> u = p.u.view(), before = old();
  for_cells(p.owned, [&](int i, int j) { d(i, j) = u(i, j) - before(i, j); });
  const double change = relative_size(p, d, before);
  return change > 0.0 ? std::min(first_order, first_order * first_order / (3.0 * change)) : 0.0;
}

}  // namespace calor
