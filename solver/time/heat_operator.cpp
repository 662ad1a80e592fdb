// SPDX-License-Identifier: BSD-3-Clause
#include "solver/time/heat_operator.hpp"

#include <cstddef>

namespace calor {

BalanceSolver& HeatOperator::solver() {
  if (!solver_) solver_.emplace(p_, options_);
  return *solver_;
}

void HeatOperator::prepare(double t) {
  const View2D<double> u = p_.u.view();
  p_.halo(u);
  p_.prepare(p_.owned, t, u);
}

void HeatOperator::explicit_part(double t, double dt, double booked, View2D<double> to) {
  const View2D<const double> u = p_.u.view();
  const Box& own = p_.owned;
  rates(t, [&](int j, auto&& rate) {
    double* const row = to.row(j);
    const double* const here = u.row(j);
#pragma omp simd
    for (std::ptrdiff_t i = own.i0; i < own.i1; ++i) row[i] = here[i] + dt * rate(i);
  });
  book(booked);
}

void HeatOperator::implicit_part(View2D<const double> from, double t, double dt, double booked) {
  solver().solve(p_, from, t, 1.0 / dt);
  book(booked);
}

void HeatOperator::filter(View2D<double> e, double reduction) { solver().filter(p_, e, reduction); }

}  // namespace calor
