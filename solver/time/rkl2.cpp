// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "decomposition/error.hpp"
#include "solver/blocked/stages.hpp"
#include "solver/model/loads.hpp"
#include "solver/stencil/explicit_limit.hpp"
#include "solver/stencil/rows.hpp"
#include "solver/time/methods.hpp"
#include "solver/time/step_error.hpp"

namespace calor {

namespace {

/// Runge-Kutta-Legendre super-time-stepping of second order (Meyer, Balsara, Aslam 2014, sec. 2.2): s stages,
/// each one explicit sweep, make a step up to (s^2 + s - 2) / 4 times as long as forward Euler may.
///   Y_1 = Y_0 + m_1 dt M Y_0,   Y_j = mu_j Y_{j-1} + nu_j Y_{j-2} + (1 - mu_j - nu_j) Y_0
///                                     + m_j dt M Y_{j-1} + g_j dt M Y_0
struct Rkl2Numbers {
  struct Stage {
    double mu, nu, m, g, time;  // `time`: of Y_j, in steps
  };
  double w;                    // m_j / mu_j
  std::vector<Stage> stage;    // [j], j = 1 .. s
  std::vector<double> booked;  // seconds of step that the rate of Y_j stands for in the end, in steps

  explicit Rkl2Numbers(int s)
      : w{4.0 / (1.0 * s * s + s - 2.0)},
        stage(static_cast<std::size_t>(s) + 1),
        booked(static_cast<std::size_t>(s) + 1) {
    const auto b = [](int j) { return j < 2 ? 1.0 / 3.0 : (1.0 * j * j + j - 2.0) / (2.0 * j * (j + 1.0)); };
    stage[0] = {};
    stage[1] = {0.0, 0.0, b(1) * w, 0.0, b(1) * w};
    for (int j = 2; j <= s; ++j) {
      Stage& t = stage[static_cast<std::size_t>(j)];
      t.mu = (2.0 * j - 1.0) / j * b(j) / b(j - 1);
      t.nu = -(j - 1.0) / j * b(j) / b(j - 2);
      t.m = t.mu * w;
      t.g = -(1.0 - b(j - 1)) * t.m;
      t.time = t.mu * stage[static_cast<std::size_t>(j - 1)].time +
               t.nu * stage[static_cast<std::size_t>(j - 2)].time + t.m + t.g;
    }
    // How much of each stage's rate is in the last one: backwards through the recursion.
    std::vector<double> weight(static_cast<std::size_t>(s) + 1, 0.0);
    weight.back() = 1.0;
    for (int j = s; j >= 1; --j) {
      const auto n = static_cast<std::size_t>(j);
      booked[n - 1] += weight[n] * stage[n].m;
      booked[0] += weight[n] * stage[n].g;
      if (j >= 2) {
        weight[n - 1] += weight[n] * stage[n].mu;
        weight[n - 2] += weight[n] * stage[n].nu;
      }
    }
  }
};

constexpr int most_stages = 999;
/// Steps of forward Euler at its limit that so many stages are as long as.
double reach(int s) { return (1.0 * s * s + s - 2.0) / 4.0; }

/// The fewest stages that are stable; an odd number damps the highest frequency best.
/// @param steps  of forward Euler at its limit that are as long
int stages_for(double steps) {
  constexpr double rounding = 1e-6;
  if (!(steps <= reach(most_stages) * (1.0 + rounding)))
    throw Error{
        Exit::numerical,
        fmt::format("rkl2: a step {:.3g} times as long as the explicit limit; {} stages, the most that "
                    "are made, reach {:.3g} times: make the step shorter",
                    steps, most_stages, reach(most_stages))};
  const int count = std::max(3, static_cast<int>(std::ceil(0.5 * (std::sqrt(9.0 + 16.0 * steps) - 1.0))));
  return count + 1 - count % 2;
}

/// RKL2: explicit, second order, stages of one sweep each, stable for steps about stages^2 / 4 times as long
/// as forward Euler's (Meyer, Balsara, Aslam 2014).
class SuperTimeStepping final : public Integrator, public Limited, public EstimatesError {
 public:
  explicit SuperTimeStepping(bool estimate_error) : estimate_error_{estimate_error} {}
  double stable_dt(Problem& p, double t) override {
    if (limit_ == 0.0 || p.limit_varies()) limit_ = explicit_limit(p, p.limit_varies() ? t : 0.0);
    return limit_ * reach(most_stages);
  }
  bool limit_varies(const Problem& p) const override { return p.limit_varies(); }
  SolveReport report() const override { return report_; }
  double step_error() const override { return error_; }
  void undo(Problem& p) override {
    p.state_field().swap(start_);
    if (p.enthalpy) p.find_temperatures();
    p.budget = *before_;
  }

  void advance(Problem& p, const Steps& steps) override {
    if (start_.view().first == nullptr) start_ = Field2D<double>{p.owned, p.depth};
    for (std::int64_t n = 0; n < steps.count; ++n) {
      Steps one = steps;
      one.first += n;
      one.count = 1;
      step(p, one);
      if (p.loads != nullptr && n + 1 < steps.count) p.loads->end_steps();
    }
  }

 private:
  void step(Problem& p, const Steps& s) {
    if (limit_ == 0.0) stable_dt(p, s.time(0));  // where it varies it was asked for just now
    const int count = stages_for(s.dt / limit_);
    if (!numbers_ || numbers_->stage.size() != static_cast<std::size_t>(count) + 1) numbers_.emplace(count);
    if (estimate_error_) before_.emplace(p.budget);
    if (p.loads != nullptr) {
      std::vector<Loads::Look> looks;
      for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k)
        looks.push_back({numbers_->stage[k].time, numbers_->booked[k]});
      p.loads->begin_step(s, looks);
    }

    const Box own = p.owned;
    const double dt = s.dt, t = s.time(0);
    // Y_0 is kept in start_, for undo() too; `change` is dt M Y_0.
    const bool blocked = stages_are_blocked(p);
    Scratch::Lent change = p.scratch.lend(), older = p.scratch.lend(), next = p.scratch.lend(),
                  spare = blocked ? p.scratch.lend() : Scratch::Lent{};
    p.halo(p.u.view());
    p.prepare(own, t, p.u.view());
    p.book(dt * numbers_->booked[0], p.u.view());
    const double m1 = numbers_->stage[1].m;
    rates(p, [&](int j, auto&& rate) {
      const double* const u = p.state().row(j);
      double *const y0 = start_.view().row(j), *const my0 = change.view().row(j),
                    *const y = next.view().row(j);
#pragma omp simd
      for (std::ptrdiff_t i = own.i0; i < own.i1; ++i) {
        y0[i] = u[i];
        my0[i] = dt * rate(i);
        y[i] = u[i] + m1 * my0[i];
      }
    });
    if (blocked) {
      p.halo(start_.view());
      p.halo(change.view());
    }
    Field2D<double>& state = p.state_field();
    older.field().swap(state);
    state.swap(next.field());
    std::vector<Stage> stages;
    for (int k = 2; k <= count; ++k) {
      const Rkl2Numbers::Stage& c = numbers_->stage[static_cast<std::size_t>(k)];
      const auto from = static_cast<std::size_t>(k - 1);
      stages.push_back({{c.mu, c.nu, 1.0 - c.mu - c.nu, c.g, 0.0},
                        t + numbers_->stage[from].time * dt,
                        dt * numbers_->booked[from]});
    }
    // m_j = mu_j w: a stage goes on from an explicit step of length w dt.
    stages_.run(p, dt * numbers_->w, stages,
                {&state, &older.field(), &next.field(), &spare.field(), nullptr, &start_, &change.field()});
    if (p.enthalpy) p.find_temperatures();
    report_.iterations += count;
    report_.last_iterations = count;
    if (estimate_error_) error_ = estimate(p, s, change.cview(), next.view(), older.view());
  }

  /// f(j, rate) for the rows of the present state; see for_rates.
  template <class F>
  static void rates(Problem& p, F&& f) {
    for_rates(p.owned, p.coefficients, p.source.q(), p.u.cview(), f);
  }

  /// (4 (u_old - u) + 2 dt (rate_old + rate)) / 5 (Sommeijer, Shampine, Verwer 1998)
  /// @param e, before  room
  double estimate(Problem& p, const Steps& s, View2D<const double> change, View2D<double> e,
                  View2D<double> before) {
    p.halo(p.u.view());
    p.prepare(p.owned, s.time(1), p.u.view());
    const Box own = p.owned;
    const View2D<const double> state = p.state();
    rates(p, [&](int j, auto&& rate) {
      const double *const u = state.row(j), *const y0 = start_.view().row(j), *const my0 = change.row(j);
      double* const to = e.row(j);
#pragma omp simd
      for (std::ptrdiff_t i = own.i0; i < own.i1; ++i)
        to[i] = 0.8 * (y0[i] - u[i]) + 0.4 * (my0[i] + s.dt * rate(i));
    });
    if (!p.enthalpy) return relative_size(p, e, start_.cview());
    // Of the temperature.
    for_cells(own, [&](int i, int j) { e(i, j) *= p.enthalpy->of(i, j).slope(state(i, j)); });
    p.enthalpy->temperatures(own, start_.cview(), before);
    return relative_size(p, e, before);
  }

  bool estimate_error_;
  double limit_ = 0.0;  // of forward Euler [s]
  std::optional<Rkl2Numbers> numbers_;
  Stages stages_{Recursion::legendre};
  Field2D<double> start_;
  std::optional<Budget> before_;
  double error_ = 0.0;
  SolveReport report_;
};

/// a_s + b_s P_s(1 - w z), P_s Legendre's polynomial, for the fewest odd stages that are stable.
double decay(const Mode& m) {
  const int s = stages_for(m.limit);
  const double b = (1.0 * s * s + s - 2.0) / (2.0 * s * (s + 1.0)),
               x = 1.0 - 4.0 * m.z / (1.0 * s * s + s - 2.0);
  double before = 1.0, now = x;
  for (int k = 2; k <= s; ++k) now = ((2.0 * k - 1.0) * x * now - (k - 1.0) * std::exchange(before, now)) / k;
  return std::pow(1.0 - b + b * now, 1.0 * m.steps);
}

}  // namespace

constinit const Method methods::rkl2{
    .word = "rkl2",
    .order = 2,
    .automatic = AutomaticStep::by_error,
    .candidate = true,
    .deepest = [](const ProblemSpec& spec,
                  Precision) { return stages_that_pay(Recursion::legendre, spec.materials.constant()); },
    .fields = [](const ProblemSpec&,
                 const ImplicitOptions&) { return 5; },  // Y_0, its change, Y_{j-1}, Y_{j-2}, room
    .sweeps =
        [](const Workload& w) {
          const double steps = w.steps();
          return steps * ((w.limit_varies ? 7.0 : 3.0) + w.source_sweeps) *
                 (3.0 + 2.0 * std::sqrt(w.end() / steps / w.stable_dt));
        },
    .decay = decay,
    .make = [](const MethodOptions& o) -> std::unique_ptr<Integrator> {
      return std::make_unique<SuperTimeStepping>(o.estimate_error);
    },
    .describe =
        [](const SolveReport& r, std::int64_t steps) {
          return fmt::format("{} stages, {:.3g} a step", r.iterations,
                             static_cast<double>(r.iterations) / static_cast<double>(steps));
        }};

}  // namespace calor
