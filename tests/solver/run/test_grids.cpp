// SPDX-License-Identifier: BSD-3-Clause
// Problems on unequal cells and around an axis, against solutions on paper.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "solver/model/measure.hpp"
#include "solver/run/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using namespace calor::test;

namespace {

constexpr double pi = std::numbers::pi;

/// A body with a steady temperature on its walls.
SimulationSpec steady(Grid grid, const std::string& exact) {
  SimulationSpec s;
  s.problem.grid = std::move(grid);
  s.problem.materials.conductivity = Layered{ConductivityLaw{1.0, 1.0, true}};
  const FixedTemperature wall{Function::expression(exact, "xy")};
  const Grid& g = s.problem.grid;
  s.problem.walls = {
      {{{wall, g.y0, g.y1}}, {{wall, g.y0, g.y1}}, {{wall, g.x0, g.x1}}, {{wall, g.x0, g.x1}}}};
  if (g.axisymmetric() && g.x0 == 0.0) s.problem.walls[Side::left].clear();
  s.time.method = &methods::steady;
  s.solver.tolerance = 1e-12;
  return s;
}

struct Errors {
  double mean, probe;  // of the squares, its root; of three probes, the largest
};
Errors errors(const SimulationSpec& spec, const std::string& exact) {
  Simulation run{spec, world()};
  while (!run.finished()) run.advance(1);
  const Function T = Function::expression(exact, "xy");
  Problem& p = run.problem();
  const View2D<const double> u = p.u.cview();
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) {
    const double e = u(i, j) - T(p.grid.x(i), p.grid.y(j));
    return e * e * p.grid.weight(i, j);
  });
  reduce(world(), {&sum, 1});
  double probe = 0.0;
  for (const auto& [a, b] : {std::pair{0.0, 0.31}, {0.413, 1.0}, {0.713, 0.609}}) {
    const Grid& g = p.grid;
    const double x = g.x0 + a * (g.x1 - g.x0), y = g.y0 + b * (g.y1 - g.y0);
    probe = std::max(probe, std::abs(temperature_at(p, x, y, 0.0) - T(x, y)));
  }
  return {std::sqrt(sum.value() / static_cast<double>(p.grid.domain().cells())), probe};
}

double order_of(const std::vector<double>& e) { return std::log2(e[e.size() - 2] / e.back()); }

}  // namespace

TEST_CASE("a point's potential, around an axis: second order, the axis included", "[mpi][grids]") {
  const std::string exact = "1/sqrt(x^2 + (y + 0.5)^2)";
  for (const double r0 : {0.0, 0.4})
    for (const double ratio : {1.0, 5.0}) {
      std::vector<double> mean, probe;
      for (int n = 12; n <= 48; n *= 2) {
        Grid g{n, n, r0, 1.5, 0.0, 1.0};
        g.lay(graded_faces({r0, 1.5}, {n}, {ratio}), graded_faces({0.0, 1.0}, {n}, {1.0 / ratio}), true);
        const Errors e = errors(steady(g, exact), exact);
        mean.push_back(e.mean);
        probe.push_back(e.probe);
      }
      INFO("r0 = " << r0 << ", ratio " << ratio << ", errors " << mean.back() << ", " << probe.back());
      CHECK(order_of(mean) > 1.85);
      CHECK(mean.back() < 5e-4);
      CHECK(probe.back() < 1e-3);  // of about 1; within a cell its place changes with n
    }
}

TEST_CASE("a harmonic function on graded cells of a plane: second order", "[mpi][grids]") {
  const std::string exact = "exp(x)*sin(y)";
  for (const double ratio : {4.0, 30.0}) {
    std::vector<double> mean, probe;
    for (int n = 12; n <= 48; n *= 2) {
      Grid g{n, n, 0.0, 1.0, 0.0, 1.0};
      g.lay(graded_faces({0.0, 1.0}, {n}, {ratio}),
            graded_faces({0.0, 0.4, 1.0}, {n / 2, n / 2}, {ratio, 1.0 / ratio}), false);
      const Errors e = errors(steady(g, exact), exact);
      mean.push_back(e.mean);
      probe.push_back(e.probe);
    }
    INFO("ratio " << ratio << ", errors " << mean.back() << ", " << probe.back());
    CHECK(order_of(mean) > 1.8);
    CHECK(probe.back() < 1e-3);
  }
}

TEST_CASE("layers along and across unequal cells are exact, also where an edge cuts one", "[mpi][grids]") {
  // 0.3 m of k = 1, then 0.7 m of k = 0.05; the edge cuts a cell.
  Grid g{9, 4, 0.0, 1.0, 0.0, 0.5};
  g.lay(graded_faces({0.0, 1.0}, {9}, {8.0}), graded_faces({0.0, 0.5}, {4}, {3.0}), false);
  SimulationSpec s = steady(g, "0");
  s.problem.materials.conductivity.add(Rectangle{{0.3, 2.0}, {-1.0, 1.0}}, ConductivityLaw{0.05, 0.05, true});
  s.problem.walls = {{{{FixedTemperature{1.0}, 0.0, 0.5}}, {{FixedTemperature{0.0}, 0.0, 0.5}}, {}, {}}};
  Simulation run{s, world()};
  while (!run.finished()) run.advance(1);
  CHECK(std::abs(run.measure().heat.sides[Side::left] / (0.5 / (0.3 + 0.7 / 0.05)) - 1.0) < 1e-10);
  // The same around an axis, with k(T) = 2 (1 + T) in the inner layer: Kirchhoff's variable goes with ln r.
  Grid tube{7, 1, 0.5, 2.0, 0.0, 1.0};
  tube.lay(graded_faces({0.5, 2.0}, {7}, {4.0}), {}, true);
  SimulationSpec t = steady(tube, "0");
  ConductivityLaw law;
  law.x = law.y = Function::expression("2*(1 + T)", "xyT");
  t.problem.materials.conductivity = Layered{law};
  t.problem.materials.face_mean = FaceMean::integral;
  t.problem.walls = {{{{FixedTemperature{3.0}, 0.0, 1.0}}, {{FixedTemperature{1.0}, 0.0, 1.0}}, {}, {}}};
  Simulation of_T{t, world()};
  while (!of_T.finished()) of_T.advance(1);
  const double integral = 2.0 * ((3.0 + 4.5) - (1.0 + 0.5));
  CHECK(std::abs(of_T.measure().heat.sides[Side::left] / (2.0 * pi * integral / std::log(4.0)) - 1.0) < 1e-8);
}

TEST_CASE("a heated rod in a film loses what it makes, by every method", "[mpi][grids]") {
  // Long after the start: T of the axis = ambient + q R / (2 h) + q R^2 / (4 k).
  for (const Method* method : all_methods()) {
    if (method->steady()) continue;
    SimulationSpec s;
    s.problem.grid = {16, 2, 0.0, 0.1, 0.0, 0.3};
    s.problem.grid.lay({}, {}, true);
    s.problem.materials.conductivity = Layered{ConductivityLaw{5.0, 5.0, true}};
    s.problem.materials.density = Layered{Function{1000.0}};
    s.problem.materials.specific_heat = Layered{Function{100.0}};
    s.problem.power = Layered{Function{1e4}};
    s.problem.walls[Side::right] = {{Convection{50.0, 20.0}, 0.0, 0.3}};
    s.problem.initial = Layered{Function{25.0}};
    s.time.method = method;
    s.time.end = 3000.0;
    s.time.tolerance = 1e-5;
    Simulation run{s, world()};
    while (!run.finished()) run.advance(1000);
    INFO(method->word);
    const HistoryRow row = run.measure();
    CHECK(std::abs(temperature_at(run.problem(), 0.0, 0.15, 3000.0) - (20.0 + 10.0 + 5.0)) < 0.05);
    CHECK(std::abs(row.heat.source / (3000.0 * 1e4 * pi * 0.01 * 0.3) - 1.0) < 1e-12);
    CHECK(row.heat.relative_residual() < 1e-8);
  }
}
