// SPDX-License-Identifier: BSD-3-Clause
#include <functional>
#include <memory>
#include <vector>

#include "solver/time/integrator.hpp"
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
  WallPiece wall = test::piece(WallKind::temperature, 0.0, 1.0);
  wall.value = of_all("10 + 3*sin(40*t)");
  WallPiece glow = test::piece(WallKind::radiation, 0.0, 1.0);
  glow.ambient = of_all("300 + 20*cos(50*t)");
  WallPiece film = test::piece(WallKind::convection, 0.0, 1.0);
  film.film = of_all("2 + t + 0.01*T");
  film.ambient = of_all("50*t");
  WallPiece flux = test::piece(WallKind::flux, 0.0, 1.0);
  flux.inward = of_all("0.1*(3 - T)");
  s.walls = {{{wall}, {glow}, {flux}, {film}}};
  return s;
}

struct Method {
  const char* name;
  std::function<std::unique_ptr<Integrator>()> make;
  double dt;
};

std::vector<Method> methods() {
  ImplicitOptions o;
  o.estimate_error = true;
  return {{"euler", [] { return make_forward_euler({}); }, 1e-6},
          {"rkl2", [] { return make_super_time_stepping(true); }, 2e-3},
          {"backward-euler", [o] { return make_backward_euler(o); }, 3e-3},
          {"crank-nicolson", [o] { return make_crank_nicolson(o); }, 3e-3},
          {"bdf2", [o] { return make_bdf2(o); }, 3e-3},
          {"tr-bdf2", [o] { return make_tr_bdf2(o); }, 3e-3}};
}

std::unique_ptr<Integrator> make(const Method& m, Problem& p) {
  auto integrator = m.make();
  integrator->settle(p, m.dt, 0.0);
  return integrator;
}

/// One step, asked for as whoever chooses steps does: a limit that varies is worked out before.
void advance(Integrator& m, Problem& p, const Steps& one) {
  if (m.limit_varies(p)) m.stable_dt(p, one.time(0));
  m.advance(p, one);
}

/// What a checkpoint holds, carried over to a problem and a method that remember nothing.
std::unique_ptr<Problem> carried_over(const ProblemSpec& spec, Problem& p, Integrator& from, Integrator& to) {
  auto fresh = test::make(spec, p.depth);
  const auto copy = [&](View2D<const double> a, View2D<double> b) {
    for_each(p.owned, [&](int i, int j) { b(i, j) = a(i, j); });
  };
  copy(p.u.view(), fresh->u.view());
  fresh->budget.restore(p.comm, p.budget.initial(), p.budget.state(p.comm));
  const auto old = from.memory(p), now = to.memory(*fresh);
  REQUIRE(old.size() == now.size());
  for (std::size_t n = 0; n < old.size(); ++n) copy(old[n].field, now[n].field);
  to.restore_numbers(from.numbers());
  return fresh;
}

}  // namespace

TEST_CASE("a method made anew at every step finds the same bits", "[mpi][restart]") {
  const ProblemSpec spec = nonlinear();
  for (const Method& m : methods()) {
    INFO(m.name);
    auto p = test::make(spec, 2), q = test::make(spec, 2);
    auto kept = make(m, *p), renewed = make(m, *q);
    for (int n = 0; n < 15; ++n) {
      const Steps one{0.0, m.dt, n, 1};
      advance(*kept, *p, one);
      auto next = m.make();
      q = carried_over(spec, *q, *renewed, *next);
      next->settle(*q, m.dt, 0.0);
      renewed = std::move(next);
      advance(*renewed, *q, one);
      REQUIRE(test::same_field(*p, *q));
      REQUIRE(test::same_ledger(*p, *q));
      REQUIRE(test::same(kept->step_error(), renewed->step_error()));
    }
  }
}
