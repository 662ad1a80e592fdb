// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "solver/time/methods.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;

namespace {

Function of_all(const char* expression) { return Function::expression(expression, "xytT"); }

/// Everything depends on the temperature and most of it on time as well.
ProblemSpec nonlinear() {
  ProblemSpec s;
  s.grid = {24, 17, 0.0, 1.0, 0.0, 1.0, false, false};
  ConductivityLaw k;
  k.x = Function::expression("1 + 0.2*T + x", "xyT");
  s.materials.conductivity = Layered{k};
  s.initial = Layered{Function::expression("20*x*y", "xy")};
  s.power = Layered{of_all("100*sin(30*t)*(1 - 0.02*T)")};
  s.walls = {{{{FixedTemperature{of_all("10 + 3*sin(40*t)")}, 0.0, 1.0}},
              {{Radiation{1.0, of_all("300 + 20*cos(50*t)")}, 0.0, 1.0}},
              {{HeatFlux{of_all("0.1*(3 - T)")}, 0.0, 1.0}},
              {{Convection{of_all("2 + t + 0.01*T"), of_all("50*t")}, 0.0, 1.0}}}};
  return s;
}

/// Each method with a length of its steps [s].
const std::pair<const Method*, double> transient[] = {
    {&methods::euler, 1e-6},          {&methods::rkl2, 2e-3}, {&methods::backward_euler, 3e-3},
    {&methods::crank_nicolson, 3e-3}, {&methods::bdf2, 3e-3}, {&methods::tr_bdf2, 3e-3}};

std::unique_ptr<Integrator> make(const Method& m, FirstGuess guess = FirstGuess::present) {
  MethodOptions options;
  options.solver.first_guess = guess;
  options.estimate_error = m.automatic == AutomaticStep::by_error;
  return m.make(options);
}

/// One step, asked for as whoever chooses steps does: a limit that varies is worked out before.
void advance(Integrator& m, Problem& p, const Steps& one) {
  if (auto* const limited = ability<Limited>(m); limited != nullptr && limited->limit_varies(p))
    limited->stable_dt(p, one.time(0));
  m.advance(p, one);
}

/// What a checkpoint holds, carried over to a problem and a method that remember nothing.
std::unique_ptr<Problem> carried_over(const ProblemSpec& spec, Problem& p, Integrator& from, Integrator& to) {
  auto fresh = test::make(spec, p.depth);
  copy_cells(p.owned, p.u.view(), fresh->u.view());
  fresh->budget.restore(p.comm, p.budget.initial(), p.budget.state(p.comm));
  fresh->scale = p.scale;
  if (auto* const a = ability<Remembers>(from), * const b = ability<Remembers>(to); a != nullptr) {
    const auto old = a->memory(p), now = b->memory(*fresh);
    REQUIRE(old.size() == now.size());
    for (std::size_t n = 0; n < old.size(); ++n) copy_cells(p.owned, old[n].field, now[n].field);
    b->restore_numbers(a->numbers());
  }
  return fresh;
}

}  // namespace

TEST_CASE("a method made anew at every step finds the same bits", "[mpi][restart]") {
  const ProblemSpec spec = nonlinear();
  for (const auto& [method, dt] : transient) {
    INFO(method->word);
    auto p = test::make(spec, 2), q = test::make(spec, 2);
    auto kept = make(*method), renewed = make(*method);
    for (int n = 0; n < 15; ++n) {
      const Steps one{0.0, dt, n, 1};
      advance(*kept, *p, one);
      auto next = make(*method);
      q = carried_over(spec, *q, *renewed, *next);
      renewed = std::move(next);
      advance(*renewed, *q, one);
      REQUIRE(test::same_field(*p, *q));
      REQUIRE(test::same_ledger(*p, *q));
      if (auto* const a = ability<EstimatesError>(*kept), * const b = ability<EstimatesError>(*renewed);
          a != nullptr)
        REQUIRE(test::same(a->step_error(), b->step_error()));
    }
  }
}

namespace {

/// Smooth and linear, with a wall that moves.
ProblemSpec linear() {
  ProblemSpec s;
  s.grid = {40, 31, 0.0, 1.0, 0.0, 1.0, false, false};
  ConductivityLaw poor;
  poor.x = 0.05;
  s.materials.conductivity.add(Rectangle{{0.3, 0.6}, {0.2, 0.7}}, poor);
  s.initial = Layered{Function::expression("cos(3*x)*cos(2*y)", "xy")};
  s.walls = {
      {{{FixedTemperature{of_all("1 + 0.2*t")}, 0.0, 1.0}}, {}, {}, {{Convection{2.0, 0.5}, 0.0, 1.0}}}};
  return s;
}
const std::pair<const Method*, double> implicit[] = {{&methods::backward_euler, 1e-3},
                                                     {&methods::crank_nicolson, 1e-3},
                                                     {&methods::bdf2, 1e-3},
                                                     {&methods::tr_bdf2, 1e-3}};

}  // namespace

TEST_CASE("what solves are extrapolated from is remembered, and forgotten with a step undone",
          "[mpi][restart]") {
  const ProblemSpec spec = linear();
  for (const auto& [method, dt] : implicit) {
    INFO(method->word);
    auto p = test::make(spec, 2), q = test::make(spec, 2);
    for (Problem* const one : {p.get(), q.get()}) lay_initial(spec, *one, false);
    auto kept = make(*method, FirstGuess::extrapolated), renewed = make(*method, FirstGuess::extrapolated);
    // Lengths that change, a fresh start after the sixth step.
    double start = 0.0, origin = 0.0;
    for (int n = 0; n < 12; ++n) {
      const double length = n < 4 ? dt : 0.7 * dt;
      if (n == 4 || n == 6) start += (n == 4 ? 4 : 2) * (n == 4 ? dt : length);
      if (n == 6) origin = start;
      const Steps one{start, length, n < 4 ? n : n < 6 ? n - 4 : n - 6, 1, origin};
      Steps tried = one;
      tried.dt *= 3.0;
      kept->advance(*p, one);
      auto next = make(*method, FirstGuess::extrapolated);
      q = carried_over(spec, *q, *renewed, *next);
      renewed = std::move(next);
      if (n == 6 || (n % 3 == 2 && method != &methods::bdf2)) {  // bdf2 begins anew after that
        renewed->advance(*q, tried);
        ability<EstimatesError>(*renewed)->undo(*q);
      }
      renewed->advance(*q, one);
      REQUIRE(test::same_field(*p, *q));
      REQUIRE(test::same_ledger(*p, *q));
    }
  }
}

TEST_CASE("extrapolated guesses save iterations and change results within the tolerance", "[mpi][restart]") {
  const ProblemSpec spec = linear();
  for (const auto& [method, dt] : implicit) {
    INFO(method->word);
    auto p = test::make(spec, 2), q = test::make(spec, 2);
    for (Problem* const one : {p.get(), q.get()}) lay_initial(spec, *one, false);
    auto usual = make(*method), extrapolated = make(*method, FirstGuess::extrapolated);
    std::int64_t before_usual = 0, before = 0;
    for (int n = 0; n < 40; ++n) {
      const Steps one{0.0, dt, n, 1};
      if (n == 20) before_usual = usual->report().iterations, before = extrapolated->report().iterations;
      usual->advance(*p, one);
      extrapolated->advance(*q, one);
    }
    CHECK(10 * (extrapolated->report().iterations - before) <=
          9 * (usual->report().iterations - before_usual));
    double most = 0.0;
    for_each(p->owned,
             [&](int i, int j) { most = std::max(most, std::abs(p->u.view()(i, j) - q->u.view()(i, j))); });
    CHECK(p->comm.max(most) < 1e-7);
    CHECK_FALSE(test::same_field(*p, *q));  // it is at work
  }
}
