// SPDX-License-Identifier: BSD-3-Clause
// Bodies in holes, and holes in bodies: what their walls do, exactly where it can be exact.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "solver/model/measure.hpp"
#include "solver/run/simulation.hpp"
#include "solver/stencil/explicit_limit.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using Catch::Contains;
using std::numbers::pi;

namespace {

Region hole(const char* name, const Area& area, const WallLaw& wall) {
  Region r;
  r.name = name;
  r.area = area;
  r.is_void = true;
  r.wall = wall;
  return r;
}

Region body(const char* name, const Area& area) {
  Region r;
  r.name = name;
  r.area = area;
  r.is_void = false;
  return r;
}

const Rectangle everything{{-2.0, 2.0}, {-2.0, 2.0}};

/// A body of k = 3, rho c = 2 in a hole over [-1.1, 1.1] x [-1.2, 1.2], at 1 to begin with.
SimulationSpec in_hole(const Method& method, int nx, int ny, const Area& area, const WallLaw& wall) {
  SimulationSpec s;
  ProblemSpec& p = s.problem;
  p.grid = {nx, ny, -1.1, 1.1, -1.2, 1.2, false, false};
  p.materials.conductivity = Layered{ConductivityLaw{3.0, 3.0, true}};
  p.materials.density = Layered{Function{2.0}};
  p.initial = Layered{Function{1.0}};
  p.add(hole("around", everything, wall));
  p.add(body("body", area));
  s.time.method = &method;
  s.solver.tolerance = 1e-13;
  if (!method.steady()) s.time.end = 0.1;
  return s;
}

HistoryRow end_of(Simulation& run) {
  while (!run.finished()) run.advance(1000);
  return run.measure();
}

double largest_error(Simulation& run, double a, double bx, double by) {
  const Problem& p = run.problem();
  double worst = 0.0;
  for_each(p.owned, [&](int i, int j) {
    const double exact = a + bx * p.grid.x(i) + by * p.grid.y(j);
    if (p.live(i, j)) worst = std::max(worst, std::abs(run.problem().u.cview()(i, j) - exact));
  });
  return p.comm.max(worst);
}

}  // namespace

TEST_CASE("linear temperatures are exact in bodies of any shape", "[mpi][holes]") {
  const Polygon kite{{{-0.9, -0.13}, {0.21, -0.97}, {0.87, 0.31}, {0.05, 0.88}}};
  const Rectangle box{{-0.73, 0.61}, {-0.52, 0.97}};
  for (const Area& area : {Area{Circle{0.03, -0.02, 1.0}}, Area{kite}, Area{box}})
    for (const int nx : {17, 40}) {
      INFO(area.index() << " " << nx);
      Simulation run{in_hole(methods::steady, nx, nx + 6, area,
                             FixedTemperature{Function::expression("5 + 2*x - y", "xyt")}),
                     test::world()};
      const HistoryRow row = end_of(run);
      CHECK(largest_error(run, 5.0, 2.0, -1.0) < 1e-9);
      CHECK(std::abs(row.heat.holes[0]) < 1e-9);
      for (const std::array<double, 2> at : {std::array{0.1, 0.2}, std::array{0.4, -0.3}}) {
        SimulationSpec s = run.spec();
        s.probes = {{"p", at}};
        Simulation with{s, test::world()};
        end_of(with);
        CHECK(with.probes()[0] == Approx(5.0 + 2.0 * at[0] - at[1]).epsilon(1e-9));
      }
    }
}

TEST_CASE("a flux enters through the true length of a hole's wall", "[mpi][holes]") {
  const double c = std::cos(0.5), s = std::sin(0.5);
  Polygon turned;
  for (const auto& [x, y] : {std::pair{-0.2, -0.2}, {0.2, -0.2}, {0.2, 0.2}, {-0.2, 0.2}})
    turned.points.push_back({0.1 + c * x - s * y, 0.05 + s * x + c * y});
  std::vector<std::pair<Area, double>> holes{{Circle{0.1, -0.2, 0.31}, 2.0 * pi * 0.31},
                                             {turned, 1.6},
                                             {Rectangle{{-0.22, 0.33}, {-0.3, 0.1}}, 1.9}};
  for (const double r : {0.11, 0.2, 0.35})  // tops that rounding puts above or below where they are
    for (const double y : {0.3, 0.1, -0.2}) holes.emplace_back(Circle{0.3, y, r}, 2.0 * pi * r);
  for (const auto& [area, length] : holes)
    for (const int n : {30, 40}) {
      SimulationSpec spec = in_hole(methods::steady, n, n, Circle{0.0, 0.0, 1.0}, FixedTemperature{0.0});
      spec.problem.add(hole("heated", area, HeatFlux{2.5}));
      Simulation run{spec, test::world()};
      const HistoryRow row = end_of(run);
      INFO(area.index() << " " << n);
      CHECK(row.heat.holes[1] == Approx(2.5 * length).epsilon(1e-12));
      CHECK(row.heat.holes[0] == Approx(-2.5 * length).epsilon(1e-9));
      CHECK(run.problem().coefficients.bodies()->holes()[1].length == Approx(length).epsilon(1e-12));
      CHECK(row.regions[2].out == Approx(2.5 * length).epsilon(1e-12));
    }
}

TEST_CASE("a body that touches the walls of the domain has its length and area", "[mpi][holes]") {
  for (const int n : {7, 8, 17}) {
    INFO(n);
    SimulationSpec spec = in_hole(methods::backward_euler, n, n, Circle{0.5, 0.5, 0.5}, HeatFlux{2.0});
    spec.problem.grid = {n, n, 0.0, 1.0, 0.0, 1.0, false, false};
    spec.time.end = spec.time.dt = 0.1;
    Simulation run{spec, test::world()};
    CHECK(run.measure().temperature.heat == Approx(2.0 * pi * 0.25).epsilon(1e-9));
    CHECK(end_of(run).heat.holes[0] == Approx(2.0 * pi * 0.1).epsilon(1e-7));
  }
}

TEST_CASE("every method cools a body alike, books what its walls take, and holds its area", "[mpi][holes]") {
  const auto spec = [](const Method& method) {
    SimulationSpec s = in_hole(method, 20, 23, Circle{0.0, 0.0, 1.0}, FixedTemperature{0.2});
    s.problem.add(hole("duct", Circle{0.3, 0.1, 0.23}, Convection{4.0, -1.0}));
    Region heater;
    heater.name = "heater";
    heater.area = Circle{-0.4, -0.7, 0.6};  // to beyond the body
    heater.heat = Function{7.0};
    s.problem.add(heater);
    s.time.tolerance = 1e-5;
    return s;
  };
  Simulation exact{spec(methods::exponential), test::world()};
  const HistoryRow wanted = end_of(exact);
  const double area = pi * (1.0 - 0.23 * 0.23);
  CHECK(exact.problem().coefficients.bodies()->area() * exact.problem().grid.cell_volume() ==
        Approx(area).epsilon(1e-12));
  for (const Method* method : all_methods()) {
    if (method->steady()) continue;
    INFO(method->word);
    Simulation run{spec(*method), test::world()};
    CHECK(heat_content(run.problem()) == Approx(2.0 * area).epsilon(1e-10));
    const HistoryRow row = end_of(run);
    CHECK(row.heat.relative_residual() < (method->order == 2 && method->linear_only ? 1e-12 : 1e-10));
    CHECK(row.heat.source == Approx(0.7).epsilon(1e-9));
    CHECK(row.temperature.mean == Approx(wanted.temperature.mean).epsilon(method->order == 1 ? 5e-3 : 2e-4));
    CHECK(row.heat.holes[0] == Approx(wanted.heat.holes[0]).epsilon(method->order == 1 ? 2e-2 : 1e-3));
    CHECK(row.heat.holes[1] == Approx(wanted.heat.holes[1]).epsilon(method->order == 1 ? 2e-2 : 1e-3));
    CHECK(row.heat.content - row.heat.initial ==
          Approx(row.heat.holes[0] + row.heat.holes[1] + 0.7).epsilon(1e-9));
  }
}

TEST_CASE("a wall of given temperature halves the explicit limit at the most", "[mpi][holes]") {
  for (const int n : {20, 33, 47}) {
    Simulation run{in_hole(methods::euler, n, n + 1, Circle{0.017, -0.011, 1.0}, FixedTemperature{0.0}),
                   test::world()};
    const Grid& g = run.problem().grid;
    const double whole = 1.0 / (2.0 * 1.5 * (1.0 / (g.dx() * g.dx()) + 1.0 / (g.dy() * g.dy())));
    CHECK(run.stable_dt() >= 0.5 * whole * (1.0 - 1e-12));
    CHECK(run.stable_dt() <= whole);
  }
}

TEST_CASE("what a wall that jumps takes is booked", "[mpi][holes]") {
  for (const Method* method : {&methods::euler, &methods::tr_bdf2}) {
    Simulation run{in_hole(*method, 24, 24, Circle{0.0, 0.0, 1.0},
                           FixedTemperature{Function::expression("t < 0.03 ? 1 : 4", "xyt")}),
                   test::world()};
    const HistoryRow row = end_of(run);
    CHECK(row.heat.relative_residual() < 1e-10);
    CHECK(row.temperature.max <= 4.0 + 1e-6);
    CHECK(row.temperature.mean > 1.5);
  }
}

TEST_CASE("a hole that radiates comes to rest with what is around", "[mpi][holes]") {
  SimulationSpec s = in_hole(methods::steady, 30, 30, Circle{0.0, 0.0, 1.0}, Convection{2.0, 300.0});
  s.problem.add(hole("glowing", Circle{0.1, 0.0, 0.3}, Radiation{0.9, 900.0}));
  Simulation run{s, test::world()};
  const HistoryRow row = end_of(run);
  CHECK(row.heat.holes[1] == Approx(-row.heat.holes[0]).epsilon(1e-8));
  // Its wall and what passes it belong together, on the mean.
  const double wall = row.regions[2].now.mean;
  CHECK(row.heat.holes[1] / (2.0 * pi * 0.3) ==
        Approx(0.9 * stefan_boltzmann * (std::pow(900.0, 4) - std::pow(wall, 4))).epsilon(1e-3));
}

TEST_CASE("what solvers leave in the cells of holes belongs to nobody", "[mpi][holes]") {
  Simulation run{in_hole(methods::rkl2, 30, 24, Circle{0.1, 0.0, 0.7}, FixedTemperature{4.0}), test::world()};
  Problem& p = run.problem();
  p.prepare(p.owned, 0.0, p.u.view());
  const Survey before = survey(p);
  const double held = heat_content(p, false);
  for_each(p.owned, [&](int i, int j) {
    if (!p.live(i, j)) p.u.view()(i, j) = 1e3;
  });
  const Survey after = survey(p);
  CHECK(after.min == before.min);
  CHECK(after.max == before.max);
  CHECK(after.mean == before.mean);
  CHECK(after.heat == before.heat);
  CHECK(after.heat_size == before.heat_size);
  CHECK(heat_content(p, false) == held);
}

namespace {
/// n x 3 cells on [0, 1] x [0, 1], rho c = 2, k = 1, a hole from x = 0 to `edge`.
SimulationSpec slab_beside_hole(const Method& method, int n, double edge, const WallLaw& wall) {
  SimulationSpec s;
  ProblemSpec& p = s.problem;
  p.grid = {n, 3, 0.0, 1.0, 0.0, 1.0, false, false};
  p.materials.conductivity = Layered{ConductivityLaw{1.0, 1.0, true}};
  p.materials.density = Layered{Function{2.0}};
  p.initial = Layered{Function{1.0}};
  p.add(hole("hole", Rectangle{{-1.0, edge}, {-1.0, 2.0}}, wall));
  s.time.method = &method;
  s.solver.tolerance = 1e-13;
  if (!method.steady()) s.time.end = 0.02;
  return s;
}
}  // namespace

TEST_CASE("cells that a hole cuts begin with what their body has", "[mpi][holes]") {
  for (const int n : {7, 10, 19})
    for (const double edge : {0.33, 0.42, 0.435}) {
      INFO(n << " " << edge);
      SimulationSpec s = slab_beside_hole(methods::backward_euler, n, edge, Insulated{});
      Region coat;
      coat.name = "coat";
      coat.area = Rectangle{{edge - 0.1, edge + 0.03}, {-1.0, 2.0}};
      coat.temperature = Function{5.0};
      coat.density = Function{6.0};
      // Drawn before the hole, which is on top of it.
      ProblemSpec with;
      with.grid = s.problem.grid;
      with.materials.conductivity = s.problem.materials.conductivity;
      with.materials.density = Layered{Function{2.0}};
      with.initial = Layered{Function{1.0}};
      with.add(coat);
      with.add(hole("hole", Rectangle{{-1.0, edge}, {-1.0, 2.0}}, Insulated{}));
      s.problem = with;
      Simulation run{s, test::world()};
      const double content = 6.0 * 5.0 * 0.03 + 2.0 * (1.0 - edge - 0.03);
      CHECK(run.measure().temperature.heat == Approx(content).epsilon(1e-12));
      CHECK(end_of(run).temperature.heat == Approx(content).epsilon(1e-9));
    }
}

TEST_CASE("what enters from a hole whose temperature moves hangs little on where its edge lies",
          "[mpi][holes]") {
  // 50 t at x = 0.225: L = 0.775, alpha = 1/2, heat taken up per area until t, by the series of a slab.
  const auto taken = [](double L, double t) {
    double sum = 0.0;
    for (int m = 0; m < 200; ++m) {
      const double q = (m + 0.5) * pi / L, rate = 0.5 * q * q;
      // 2 / (L q)^2 of the slab follows the wall as 1 - exp(-rate t) does.
      sum += 2.0 / (L * L * q * q) * 50.0 * (t - (1.0 - std::exp(-rate * t)) / rate);
    }
    return 2.0 * L * sum;
  };
  for (const Method* method : {&methods::tr_bdf2, &methods::rkl2, &methods::euler})
    for (const double edge : {0.225, 0.2249, 0.2, 0.21}) {
      INFO(method->word << " " << edge);
      SimulationSpec s =
          slab_beside_hole(*method, 20, edge, FixedTemperature{Function::expression("1 + 50*t", "xyt")});
      Simulation run{s, test::world()};
      const HistoryRow row = end_of(run);
      const double right = taken(1.0 - edge, 0.02);
      CHECK(row.heat.holes[0] == Approx(right).epsilon(method == &methods::euler ? 0.15 : 0.06));
      CHECK(row.temperature.heat - 2.0 * (1.0 - edge) == Approx(row.heat.holes[0]).epsilon(1e-7));
    }
}

TEST_CASE("the heat flux of a cell counts the wall of a hole beside it", "[mpi][holes]") {
  for (const double edge : {0.2, 0.23, 0.27})
    for (const bool given : {true, false}) {
      INFO(edge << " " << given);
      SimulationSpec s = slab_beside_hole(methods::steady, 10, edge,
                                          given ? WallLaw{FixedTemperature{4.0}} : WallLaw{HeatFlux{5.0}});
      s.problem.walls[Side::right] = {{FixedTemperature{0.0}, 0.0, 1.0}};
      Simulation run{s, test::world()};
      end_of(run);
      Problem& p = run.problem();
      Field2D<double> x{p.owned, p.depth}, y{p.owned, p.depth};
      heat_flux(p, 0.0, x.view(), y.view());
      double worst = 0.0;
      const double right = given ? 4.0 / (1.0 - edge) : 5.0;
      for_each(p.owned, [&](int i, int j) {
        if (p.live(i, j))
          worst = std::max(worst, std::abs(x.view()(i, j) - right) + std::abs(y.view()(i, j)));
      });
      CHECK(p.comm.max(worst) < 1e-8);
    }
}

TEST_CASE("nor does it matter where that wall is beside a periodic seam", "[mpi][holes]") {
  for (const bool upright : {true, false})
    for (const double begin : {0.4, 0.0, 0.8, 0.7}) {
      INFO(begin << " " << upright);
      SimulationSpec s;
      ProblemSpec& p = s.problem;
      p.grid = upright ? Grid{3, 10, 0.0, 1.0, 0.0, 1.0, false, true}
                       : Grid{10, 3, 0.0, 1.0, 0.0, 1.0, true, false};
      p.materials.conductivity = Layered{ConductivityLaw{1.0, 1.0, true}};
      p.power = Layered{Function{100.0}};
      const std::array<double, 2> on{begin, begin + 0.2}, all{0.0, 1.0};
      p.add(hole("slot", upright ? Rectangle{all, on} : Rectangle{on, all}, FixedTemperature{0.0}));
      s.time.method = &methods::steady;
      s.solver.tolerance = 1e-13;
      Simulation run{s, test::world()};
      end_of(run);
      Problem& q = run.problem();
      Field2D<double> x{q.owned, q.depth}, y{q.owned, q.depth};
      heat_flux(q, 0.0, x.view(), y.view());
      double worst = 0.0;
      for_each(q.owned, [&](int i, int j) {
        if (!q.live(i, j)) return;
        double from_middle = (upright ? q.grid.y(j) : q.grid.x(i)) - (begin + 0.6);
        from_middle -= std::rint(from_middle);
        worst = std::max(worst, std::abs((upright ? y : x).view()(i, j) - 100.0 * from_middle) +
                                    std::abs((upright ? x : y).view()(i, j)));
      });
      CHECK(q.comm.max(worst) < 1e-8);
    }
}

TEST_CASE("that wall is as it is now, where it changes with time", "[mpi][holes]") {
  SimulationSpec s =
      slab_beside_hole(methods::euler, 10, 0.2, FixedTemperature{Function::expression("1 + 50*t", "xyt")});
  Simulation run{s, test::world()};
  while (!run.finished()) run.advance(1000);  // and nobody has looked since
  Problem& p = run.problem();
  Field2D<double> x{p.owned, p.depth}, y{p.owned, p.depth};
  heat_flux(p, 0.02, x.view(), y.view());
  p.halo(p.u.view());
  const View2D<const double> u = p.u.cview();
  double worst = 0.0;
  for_each(p.owned, [&](int i, int j) {
    if (i != 2) return;  // beside the wall, at half a cell from it
    const double right = 0.5 * ((2.0 - u(2, j)) / 0.05 + (u(2, j) - u(3, j)) / 0.1);
    worst = std::max(worst, std::abs(x.view()(i, j) - right));
  });
  CHECK(p.comm.max(worst) < 1e-9);
}

TEST_CASE("bodies too thin for any cell are told", "[mpi][holes]") {
  SimulationSpec s = slab_beside_hole(methods::backward_euler, 10, 0.9, Insulated{});
  Region fin = body("fin", Rectangle{{0.1, 0.84}, {0.49, 0.495}});
  fin.power = Function{10.0};
  s.problem.grid.ny = 10;
  s.problem.add(fin);
  Simulation run{s, test::world()};
  const std::vector<std::string>& told = run.warnings();
  CHECK(std::any_of(told.begin(), told.end(),
                    [](const std::string& w) { return w.find("so thin") != std::string::npos; }));
}

TEST_CASE("where no wall fixes the level, the heat of the start stays", "[mpi][holes]") {
  // A ring with as much heat through its bore as through its outer wall: T = a - Q / (2 pi k) ln r.
  const double Q = 7.0, k = 3.0, inner = 0.4, outer = 1.0;
  double before = 0.0;
  for (const int n : {24, 48}) {
    INFO(n);
    SimulationSpec spec =
        in_hole(methods::steady, n, n, Circle{0.0, 0.0, outer}, HeatFlux{-Q / (2.0 * pi * outer)});
    spec.problem.add(hole("bore", Circle{0.0, 0.0, inner}, HeatFlux{Q / (2.0 * pi * inner)}));
    spec.problem.initial = Layered{Function::expression("300 + x + 5*y*y", "xyt")};
    spec.probes = {{"near", {0.55, 0.0}}, {"far", {-0.9, 0.0}}, {"as near", {-0.55, 0.0}}};
    Simulation run{spec, test::world()};
    const double at_start = run.measure().temperature.heat;
    const HistoryRow row = end_of(run);
    CHECK(row.temperature.heat == Approx(at_start).epsilon(1e-12));
    CHECK(row.heat.holes[1] == Approx(Q).epsilon(1e-12));
    const std::vector<double> T = run.probes();
    CHECK(T[0] == Approx(T[2]).epsilon(1e-10));
    const double off = std::abs((T[0] - T[1]) / (Q / (2.0 * pi * k) * std::log(0.9 / 0.55)) - 1.0);
    CHECK(off < (n == 24 ? 0.02 : 0.01));
    if (n == 48) CHECK(off < before);
    before = off;
  }
  // Nothing is brought, and nothing stays that differs.
  SimulationSpec still = in_hole(methods::steady, 12, 12, Circle{0.0, 0.0, 1.0}, Insulated{});
  still.problem.initial = Layered{Function::expression("2 + x", "xyt")};
  Simulation run{still, test::world()};
  const HistoryRow row = end_of(run);
  CHECK(row.temperature.min == Approx(2.0).epsilon(1e-9));
  CHECK(row.temperature.max == Approx(2.0).epsilon(1e-9));
}

TEST_CASE("what cannot be beside a hole is refused", "[mpi][holes]") {
  const auto refuses = [](const char* word, auto&& change) {
    SimulationSpec s = in_hole(methods::steady, 12, 12, Circle{0.0, 0.0, 1.0}, Convection{2.0, 3.0});
    change(s);
    CHECK_THROWS_WITH(Simulation(s, test::world()), Contains(word));
  };
  refuses("centre", [](SimulationSpec& s) { s.problem.grid.coverage = Coverage::centre; });
  refuses("is left over", [](SimulationSpec& s) { s.problem.holes[0].law = HeatFlux{1.0}; });
  refuses("are apart", [](SimulationSpec& s) {  // two of them, and a level for each
    s.problem.holes[0].law = Insulated{};
    s.problem.add(hole("ditch", Rectangle{{-0.2, 0.2}, {-2.0, 2.0}}, Insulated{}));
  });
  refuses("bound to no temperature", [](SimulationSpec& s) {  // an island in an insulated hole
    s.problem.add(hole("ditch", Circle{0.1, 0.0, 0.6}, Insulated{}));
    s.problem.add(body("island", Circle{0.1, 0.0, 0.3}));
  });
  refuses("bound to no temperature", [](SimulationSpec& s) {  // a side that no body touches
    s.problem.holes[0].law = Insulated{};
    s.problem.walls[Side::left] = {{FixedTemperature{0.0}, -1.2, 1.2}};
  });
  refuses("lies in the hole", [](SimulationSpec& s) { s.probes = {{"out", {1.05, 0.0}}}; });
  refuses("no centre", [](SimulationSpec& s) { s.problem.add(hole("all", everything, Insulated{})); });
  refuses("film", [](SimulationSpec& s) { s.problem.holes[0].law = Convection{-2.0, 3.0}; });
}
