// SPDX-License-Identifier: BSD-3-Clause
// Heat that leaves a plate through its faces, and sources that are straight lines in T.
#include <cmath>
#include <string>
#include <vector>

#include "solver/run/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using Catch::Contains;

namespace {

constexpr double capacity = 2700.0 * 900.0, exchange = 2.0 * 10.0 / 0.002;  // J/(m3 K), W/(m3 K)

SimulationSpec fin(const Method& method, bool as_source) {
  SimulationSpec s;
  ProblemSpec& p = s.problem;
  p.grid = {40, 7, 0.0, 0.1, 0.0, 0.02, false, false};
  p.materials.conductivity = Layered{ConductivityLaw{200.0, 200.0, true}};
  p.materials.density = Layered{Function{2700.0}};
  p.materials.specific_heat = Layered{Function{900.0}};
  p.initial = Layered{Function{20.0}};
  if (as_source)
    p.power = Layered{Function::expression("10000*(20 - T)", "xytT")};
  else
    p.plate = Plate{0.002, 2, Function{10.0}, Function{20.0}};
  p.walls = {{{{FixedTemperature{100.0}, 0.0, 0.02}}, {}, {}, {}}};
  s.time.method = &method;
  s.solver.tolerance = 1e-12;
  s.probes = {{"tip", {0.1, 0.01}}};
  if (!method.steady()) s.time.end = 200.0;
  return s;
}

HistoryRow end_of(Simulation& run) {
  while (!run.finished()) run.advance(40);
  return run.measure();
}

}  // namespace

TEST_CASE("a fin, by its plate and by the same as a source", "[mpi][plate]") {
  const double m = std::sqrt(exchange / 200.0);
  for (const bool as_source : {false, true}) {
    Simulation run{fin(methods::steady, as_source), test::world()};
    const HistoryRow row = end_of(run);
    INFO(as_source);
    CHECK(run.problem().linear());
    CHECK(run.probes()[0] == Approx(20.0 + 80.0 / std::cosh(0.1 * m)).epsilon(1e-4));
    CHECK(row.heat.sides[Side::left] == Approx(200.0 * m * 80.0 * std::tanh(0.1 * m) * 0.02).epsilon(1e-3));
    CHECK((as_source ? row.heat.source : row.heat.plate) ==
          Approx(-row.heat.sides[Side::left]).epsilon(1e-9));
    CHECK((as_source ? row.heat.plate : row.heat.source) == 0.0);
  }
}

TEST_CASE("every method books what the plate loses, and cools it as its law says", "[mpi][plate]") {
  for (const Method* method : all_methods()) {
    if (method->steady()) continue;
    for (const bool as_source : {false, true}) {
      INFO(method->word << " " << as_source);
      SimulationSpec s = fin(*method, as_source);
      s.problem.walls = {};  // T - 20 then falls as exp(-c t / rho c), everywhere alike
      s.problem.initial = Layered{Function{120.0}};
      s.time.tolerance = method->order == 1 ? 1e-4 : 1e-6;
      Simulation run{s, test::world()};
      const HistoryRow row = end_of(run);
      const double exact = 20.0 + 100.0 * std::exp(-exchange / capacity * 200.0);
      CHECK(row.temperature.mean == Approx(exact).epsilon(method->order == 1 ? 5e-3 : 2e-5));
      CHECK(row.heat.relative_residual() < 1e-10);
      CHECK((as_source ? row.heat.source : row.heat.plate) ==
            Approx(capacity * 0.1 * 0.02 * (row.temperature.mean - 120.0)).epsilon(1e-9));
    }
  }
}

TEST_CASE("exponential takes a plate and sources that are lines in T, and only those", "[mpi][plate]") {
  // With a wall and a region that heats less the warmer it is; against small steps of another method.
  const auto both = [](const Method& method) {
    SimulationSpec s = fin(method, false);
    Region r;
    r.name = "heater";
    r.area = Circle{0.06, 0.011, 0.0052};  // its edge cuts cells
    r.power = Function::expression("2e6 - 3e4*T", "xytT");
    s.problem.regions.clear();
    s.problem.add(r);
    s.time.tolerance = 1e-7;
    return s;
  };
  Simulation fast{both(methods::exponential), test::world()}, slow{both(methods::tr_bdf2), test::world()};
  const HistoryRow a = end_of(fast), b = end_of(slow);
  CHECK(fast.probes()[0] == Approx(slow.probes()[0]).epsilon(1e-5));
  CHECK(a.heat.plate == Approx(b.heat.plate).epsilon(1e-4));
  CHECK(a.heat.source == Approx(b.heat.source).epsilon(1e-4));
  CHECK(a.heat.relative_residual() < 1e-10);
  CHECK(a.regions[0].power == Approx(b.regions[0].power).epsilon(1e-4));
  CHECK(a.regions[0].power == Approx(a.heat.source).epsilon(1e-9));  // nothing else is heated

  for (const char* power : {"100 - T^2", "10*(T - 20)", "T < 50 ? 100 : 0", "t*(20 - T)", "-1e-3*abs(T)"}) {
    SimulationSpec s = fin(methods::exponential, false);
    s.problem.power = Layered{Function::expression(power, "xytT")};
    INFO(power);
    CHECK_FALSE(is_linear(s.problem.power, s.problem.plate, s.problem.grid));
    CHECK_FALSE(s.problem.autonomous());
    CHECK_THROWS_AS(Simulation(s, test::world()), Error);
  }
  for (const char* power : {"5 - 3*T", "-x*T", "(x > 0.05 ? -7 : 0)*(T - 300)", "1e9 - 1e-9*T"}) {
    INFO(power);
    CHECK(is_linear(Layered{Function::expression(power, "xytT")}, {},
                    fin(methods::steady, false).problem.grid));
  }
  CHECK_FALSE(is_linear({}, Plate{0.1, 2, Function::expression("10*abs(T - 20)^0.25", "xytT"), 20.0}, {}));
}

TEST_CASE("film and surroundings of a plate may change with time, place and temperature", "[mpi][plate]") {
  SimulationSpec s = fin(methods::tr_bdf2, false);
  s.problem.walls = {};
  s.problem.plate = Plate{0.002, 1, Function::expression("5 + 100*x*0", "xytT"),
                          Function::expression("t < 50 ? 20 : 220", "xyt")};
  s.time.tolerance = 1e-6;
  Simulation run{s, test::world()};
  const HistoryRow row = end_of(run);
  const double rate = 5.0 / 0.002 / capacity;  // nothing happens until 50 s, when a step ends
  CHECK(row.temperature.mean == Approx(220.0 - 200.0 * std::exp(-rate * 150.0)).epsilon(1e-5));
  CHECK(row.heat.relative_residual() < 1e-10);

  s.problem.plate = Plate{0.002, 2, Function::expression("-5 + x", "xytT"), 20.0};
  CHECK_THROWS_WITH(Simulation(s, test::world()), Contains("plate: film"));
}
