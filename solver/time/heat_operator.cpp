// SPDX-License-Identifier: BSD-3-Clause
#include "solver/time/heat_operator.hpp"

#include <cstddef>
#include <functional>

#include "solver/implicit/balance_solver.hpp"

namespace calor {

HeatOperator::HeatOperator(Problem& p, const ImplicitOptions& options) : p_{p}, options_{options} {}
HeatOperator::~HeatOperator() = default;

BalanceSolver& HeatOperator::solver() {
  if (!solver_) solver_ = std::make_unique<BalanceSolver>(p_, options_);
  return *solver_;
}
SolveReport HeatOperator::report() const { return solver_ ? solver_->report() : SolveReport{}; }
std::string HeatOperator::layout() const { return solver_ ? solver_->layout() : std::string{}; }

void HeatOperator::prepare(double t) {
  const View2D<double> u = p_.u.view();
  p_.halo(u);
  p_.prepare(p_.owned, t, u);
}

void HeatOperator::explicit_part(double t, double dt, double booked, View2D<double> to) {
  const View2D<const double> state = p_.state();
  const Box& own = p_.owned;
  rates(t, [&](int j, auto&& rate) {
    double* const row = to.row(j);
    const double* const here = state.row(j);
#pragma omp simd
    for (std::ptrdiff_t i = own.i0; i < own.i1; ++i) row[i] = here[i] + dt * rate(i);
  });
  book(booked);
}

void HeatOperator::implicit_part(View2D<const double> from, double t, double dt, double booked) {
  std::function<void(View2D<double>)> improve;
  if (p_.linear() && !states_.empty() && states_.back().t < now_)
    improve = [this, t](View2D<double> u) { extrapolate(u, t); };
  solver().solve(p_, from, t, 1.0 / dt, improve);
  now_ = t;
  book(booked);
  if (p_.enthalpy) p_.find_temperatures();  // those that its fluxes had differ by what the solver left
}

/// Newton's divided differences, of what is earlier than the present state.
void HeatOperator::extrapolate(View2D<double> u, double to) const {
  std::vector<State> before;
  for (const State& s : states_)
    if (s.t < now_ && before.size() < 2) before.push_back(s);
  const double t0 = now_, t1 = before.front().t;
  const double line = (to - t0) / (t0 - t1);
  if (before.size() < 2) {
    for_rows(p_.owned, [&](int j) {
      const double* const u1 = before[0].u.row(j);
      double* const row = u.row(j);
#pragma omp simd
      for (std::ptrdiff_t i = p_.owned.i0; i < p_.owned.i1; ++i) row[i] += line * (row[i] - u1[i]);
    });
    return;
  }
  const double t2 = before.back().t, bend = (to - t0) * (to - t1) / (t0 - t2);
  const double last = line + bend / (t0 - t1), earlier = bend / (t1 - t2);
  for_rows(p_.owned, [&](int j) {
    const double *const u1 = before[0].u.row(j), *const u2 = before[1].u.row(j);
    double* const row = u.row(j);
#pragma omp simd
    for (std::ptrdiff_t i = p_.owned.i0; i < p_.owned.i1; ++i)
      row[i] += last * (row[i] - u1[i]) - earlier * (u1[i] - u2[i]);
  });
}

void HeatOperator::filter(View2D<double> e, double reduction) { solver().filter(p_, e, reduction); }

}  // namespace calor
