// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "solver/implicit/balance_solver.hpp"
#include "solver/stencil/rows.hpp"
#include "solver/time/integrator.hpp"
#include "solver/time/step_error.hpp"

namespace calor {

namespace {

void copy(const Box& cells, View2D<const double> from, View2D<double> to) {
#pragma omp parallel for schedule(static) if (worth_threads(cells))
  for (int j = cells.j0; j < cells.j1; ++j)
    std::copy(from.row(j) + cells.i0, from.row(j) + cells.i1, to.row(j) + cells.i0);
}

/// Calls f(i, j) for the cells, by all threads.
template <class F>
void everywhere(const Box& cells, F&& f) {
#pragma omp parallel for schedule(static) if (worth_threads(cells))
  for (int j = cells.j0; j < cells.j1; ++j)
    for (int i = cells.i0; i < cells.i1; ++i) f(i, j);
}

/// What the implicit methods share: a solver, the state before the step, error estimates. p.next holds the
/// state `from` that the equation of a stage starts from.
class Implicit : public Integrator {
 public:
  explicit Implicit(const ImplicitOptions& options) : options_{options} {}
  double stable_dt(Problem&, double) override { return std::numeric_limits<double>::infinity(); }
  bool limit_varies(const Problem&) const override { return false; }
  SolveReport report() const override { return solver_ ? solver_->report() : SolveReport{}; }
  std::string layout() const override { return solver_ ? solver_->layout() : std::string{}; }

  void advance(Problem& p, const Steps& steps) override {
    if (!solver_) solver_.emplace(p, options_);
    for (std::int64_t n = 0; n < steps.count; ++n) {
      if (keeps_old() && old_.view().first == nullptr) old_ = Field2D<double>{p.owned, p.depth};
      if (keeps_old()) copy(p.owned, p.u.view(), old_.view());
      if (options_.estimate_error) before_.emplace(p.budget);
      const Steps one{steps.start, steps.dt, steps.first + n, 1};
      step(p, one);
      if (options_.estimate_error) error_ = estimate(p, one);
    }
  }

  double step_error() const override { return error_; }
  void undo(Problem& p) override {
    copy(p.owned, old_.view(), p.u.view());
    p.budget = *before_;
  }

 protected:
  virtual void step(Problem& p, const Steps& s) = 0;
  /// RMS of the local error over the temperature range, after step().
  virtual double estimate(Problem& p, const Steps& s) {
    return static_cast<void>(p), static_cast<void>(s), 0.0;
  }
  virtual bool keeps_old() const { return options_.estimate_error; }

  /// p.next = u + dt (div(k grad u) + q) / rho_c at time t; books the heat of `booked` seconds of it.
  void explicit_part(Problem& p, double t, double dt, double booked) {
    const View2D<double> u = p.u.view(), to = p.next.view();
    p.halo(u);
    p.prepare(p.owned, t, u);
    for_rates(p.owned, p.coefficients, p.source.q(), u, [&](int j, auto&& rate) {
      double* const row = to.row(j);
      const double* const here = u.row(j);
#pragma omp simd
      for (std::ptrdiff_t i = p.owned.i0; i < p.owned.i1; ++i) row[i] = here[i] + dt * rate(i);
    });
    p.book(booked, u);
  }
  /// u from p.next:  (u - next) = dt (div(k grad u) + q) / rho_c  at time t; books `booked` seconds of it.
  void implicit_part(Problem& p, double t, double dt, double booked) {
    solver_->solve(p, std::as_const(p.next).view(), t, 1.0 / dt);
    p.book(booked, p.u.view());
  }
  void backward_euler(Problem& p, double t, double dt) {
    copy(p.owned, p.u.view(), p.next.view());
    implicit_part(p, t + dt, dt, dt);
  }

  /// Takes from a difference of rates e what the step has damped. In the first step of all temperatures
  /// settle that do not fit their walls; an L-stable step leaves about 1/z of them, z = dt times their rate.
  /// There e is about z; filtered once it is 1, so it is filtered twice.
  void damp(Problem& p, const Steps& s, View2D<double> e) {
    const bool settling = s.time(0) == 0.0;
    solver_->filter(p, e, settling ? 1e-3 : 0.1);
    if (settling) solver_->filter(p, e, 1e-3);
  }
  /// dt/2 (rate now - rate before), the error of one backward Euler step, with its stiff part damped; to
  /// p.next.
  double difference_of_rates(Problem& p, const Steps& s) {
    const View2D<double> e = p.next.view(), u = p.u.view();
    const View2D<const double> old = std::as_const(old_).view();
    // The rate before needs the old state in place.
    if (spare_.view().first == nullptr) spare_ = Field2D<double>{p.owned, p.depth};
    copy(p.owned, u, spare_.view());
    copy(p.owned, old, u);
    p.halo(u);
    p.prepare(p.owned, s.time(0), u);
    for_rates(p.owned, p.coefficients, p.source.q(), u, [&](int j, auto&& rate) {
#pragma omp simd
      for (std::ptrdiff_t i = p.owned.i0; i < p.owned.i1; ++i) e.row(j)[i] = -0.5 * s.dt * rate(i);
    });
    copy(p.owned, std::as_const(spare_).view(), u);
    p.halo(u);
    p.prepare(p.owned, s.time(1), u);
    for_rates(p.owned, p.coefficients, p.source.q(), u, [&](int j, auto&& rate) {
#pragma omp simd
      for (std::ptrdiff_t i = p.owned.i0; i < p.owned.i1; ++i) e.row(j)[i] += 0.5 * s.dt * rate(i);
    });
    damp(p, s, e);
    return relative_size(p, std::as_const(p.next).view(), old);
  }
  /// The error of a second-order step from that of a first-order one, e = dt^2 u''/2, for a solution that
  /// changes like a decay, u''' = u''^2 / u':  dt^3 u''' / 12 = e^2 / (3 |u - u_old|).
  double of_second_order(Problem& p, double first_order) {
    const View2D<double> d = p.next.view();
    const View2D<const double> u = std::as_const(p.u).view(), old = std::as_const(old_).view();
    everywhere(p.owned, [&](int i, int j) { d(i, j) = u(i, j) - old(i, j); });
    const double change = relative_size(p, std::as_const(p.next).view(), old);
    return change > 0.0 ? std::min(first_order, first_order * first_order / (3.0 * change)) : 0.0;
  }

  ImplicitOptions options_;
  std::optional<BalanceSolver> solver_;
  Field2D<double> old_, spare_;
  std::optional<Budget> before_;
  double error_ = 0.0;
};

class BackwardEuler final : public Implicit {
 public:
  using Implicit::Implicit;
  std::string name() const override { return "backward-euler"; }
  int order() const override { return 1; }

 private:
  void step(Problem& p, const Steps& s) override {
    copy(p.owned, p.u.view(), p.next.view());
    implicit_part(p, s.time(1), s.dt, s.dt);
  }
  double estimate(Problem& p, const Steps& s) override { return difference_of_rates(p, s); }
};

class CrankNicolson final : public Implicit {
 public:
  using Implicit::Implicit;
  std::string name() const override { return "crank-nicolson"; }

 private:
  void step(Problem& p, const Steps& s) override {
    const double t = s.time(0), half = 0.5 * s.dt;
    // A start that does not fit the walls rings for ever: the first two steps of all are made as four damping
    // half steps (Rannacher 1984), with the same operator.
    if (damped(s)) {
      backward_euler(p, t, half);
      copy(p.owned, p.u.view(), p.next.view());
      implicit_part(p, s.time(1), half, half);
      return;
    }
    explicit_part(p, t, half, half);
    implicit_part(p, s.time(1), half, half);
  }
  double estimate(Problem& p, const Steps& s) override {
    const double first_order = difference_of_rates(p, s);
    return damped(s) ? 0.5 * first_order : of_second_order(p, first_order);
  }
  static bool damped(const Steps& s) { return s.time(1) < 2.5 * s.dt; }
};

/// gamma = 2 - sqrt(2): both stages have the same operator.
constexpr double gamma_tr = 0.58578643762690495120;

/// One step of TR-BDF2 for whoever needs one: the trapezoidal rule to t + gamma dt, then BDF2 through t,
/// t + gamma dt and t + dt (Bank et al. 1985; Hosea, Shampine 1996).
class TrBdf2 : public Implicit {
 public:
  using Implicit::Implicit;
  std::string name() const override { return "tr-bdf2"; }

 protected:
  bool keeps_old() const override { return true; }
  void step(Problem& p, const Steps& s) override { one_step(p, s); }
  void one_step(Problem& p, const Steps& s) {
    constexpr double g = gamma_tr, root2 = 1.41421356237309504880;
    const double t = s.time(0), stage = 0.5 * g * s.dt, booked = 0.25 * root2 * s.dt;
    const View2D<double> next = p.next.view();
    const View2D<const double> old = std::as_const(old_).view(), u = std::as_const(p.u).view();
    if (options_.estimate_error && spare_.view().first == nullptr) spare_ = Field2D<double>{p.owned, p.depth};
    const View2D<double> e = spare_.view();
    explicit_part(p, t, stage, booked);
    // Rates, times dt, from what the stages did: (next - old) / stage, (u - next) / stage.
    constexpr double k = (-3.0 * g * g + 4.0 * g - 2.0) / (12.0 * (2.0 - g));
    constexpr double c0 = 2.0 * k / g, c1 = -2.0 * k / (g * (1.0 - g)), c2 = 2.0 * k / (1.0 - g);
    const double by = s.dt / stage;
    if (options_.estimate_error)
      everywhere(p.owned, [&](int i, int j) { e(i, j) = c0 * by * (next(i, j) - old(i, j)); });
    implicit_part(p, t + g * s.dt, stage, booked);
    if (options_.estimate_error)
      everywhere(p.owned, [&](int i, int j) { e(i, j) += c1 * by * (u(i, j) - next(i, j)); });
    constexpr double of_stage = 1.0 / (g * (2.0 - g)), of_old = (1.0 - g) * (1.0 - g) / (g * (2.0 - g));
    everywhere(p.owned, [&](int i, int j) { next(i, j) = of_stage * u(i, j) - of_old * old(i, j); });
    implicit_part(p, s.time(1), stage, stage);
    if (options_.estimate_error)
      everywhere(p.owned, [&](int i, int j) { e(i, j) += c2 * by * (u(i, j) - next(i, j)); });
  }
  double estimate(Problem& p, const Steps& s) override {
    damp(p, s, spare_.view());
    return relative_size(p, std::as_const(spare_).view(), std::as_const(old_).view());
  }
};

/// 3/2 u_new - 2 u + 1/2 u_before = dt (div(k grad u_new) + q) / rho_c. The first of equal steps is one of
/// TR-BDF2.
class Bdf2 final : public TrBdf2 {
 public:
  using TrBdf2::TrBdf2;
  std::string name() const override { return "bdf2"; }
  std::vector<Memory> memory(Problem& p) override {
    if (previous_.view().first == nullptr) previous_ = Field2D<double>{p.owned, p.depth};
    return {{"previous", previous_.view()}};
  }
  std::vector<double> numbers() const override { return booked_; }
  void restore_numbers(const std::vector<double>& numbers) override { booked_ = numbers; }
  void undo(Problem& p) override {
    TrBdf2::undo(p);
    booked_ = booked_before_;
  }

 private:
  /// Heat is booked by the same rule as temperature: what the step brings to a cell is 2/3 of dt times the
  /// new rate and 1/3 of what the step before brought.
  void step(Problem& p, const Steps& s) override {
    memory(p);
    const Budget so_far = p.budget;
    p.budget = so_far.cleared();
    booked_before_ = booked_;
    std::vector<double> booked;
    if (s.first == 0) {
      one_step(p, s);
      booked = p.budget.amounts(p.comm);
    } else {
      const View2D<double> next = p.next.view();
      const View2D<const double> u = std::as_const(p.u).view(), before = std::as_const(previous_).view();
      everywhere(p.owned, [&](int i, int j) { next(i, j) = (4.0 * u(i, j) - before(i, j)) / 3.0; });
      const double part = 2.0 / 3.0 * s.dt;
      implicit_part(p, s.time(1), part, part);
      booked = p.budget.amounts(p.comm);
      for (std::size_t n = 0; n < booked.size(); ++n) booked[n] += booked_[n] / 3.0;
    }
    booked_ = booked;
    p.budget = so_far;
    p.budget.add(p.comm, booked);
    copy(p.owned, std::as_const(old_).view(), previous_.view());
  }
  double estimate(Problem& p, const Steps& s) override {
    // The error of BDF2 is 2/9 dt^3 times the third derivative, that of the trapezoidal rule 1/12.
    return s.first == 0 ? TrBdf2::estimate(p, s) : 8.0 / 3.0 * of_second_order(p, difference_of_rates(p, s));
  }
  Field2D<double> previous_;
  std::vector<double> booked_, booked_before_;  // what the last step brought; see Budget::amounts
};

class Steady final : public Implicit {
 public:
  using Implicit::Implicit;
  std::string name() const override { return "steady"; }

 private:
  void step(Problem& p, const Steps& s) override {
    solver_->solve(p, {}, s.time(0), 0.0);
    p.book(1.0, p.u.view());
  }
};

}  // namespace

std::unique_ptr<Integrator> make_backward_euler(const ImplicitOptions& o) {
  return std::make_unique<BackwardEuler>(o);
}
std::unique_ptr<Integrator> make_crank_nicolson(const ImplicitOptions& o) {
  return std::make_unique<CrankNicolson>(o);
}
std::unique_ptr<Integrator> make_bdf2(const ImplicitOptions& o) { return std::make_unique<Bdf2>(o); }
std::unique_ptr<Integrator> make_tr_bdf2(const ImplicitOptions& o) { return std::make_unique<TrBdf2>(o); }
std::unique_ptr<Integrator> make_steady(const ImplicitOptions& o) { return std::make_unique<Steady>(o); }

}  // namespace calor
