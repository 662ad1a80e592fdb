// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "solver/run/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;

namespace {

constexpr double edge = 1e-9;

Area box(double x0, double x1, double y0, double y1) { return Rectangle{{x0, x1}, {y0, y1}}; }
Region named(const char* name, const Area& area) {
  Region r;
  r.name = name;
  r.area = area;
  return r;
}

/// A plate of 0.6 m x 0.4 m with a heater in it, whose source the caller may change with time, and sections
/// around the heater and from wall to wall.
SimulationSpec plate(const Method& method, bool varies) {
  SimulationSpec s;
  ProblemSpec& p = s.problem;
  p.grid = {60, 40, 0.0, 0.6, 0.0, 0.4, false, false};
  const Area heater = box(0.2, 0.4, 0.1, 0.3);
  p.materials.conductivity = Layered{ConductivityLaw{2.0, 2.0, true}};
  p.materials.conductivity.add(heater, ConductivityLaw{20.0, 5.0, false});
  p.materials.density = Layered{Function{1000.0}};
  p.materials.specific_heat = Layered{Function{800.0}};
  p.initial = Layered{Function::expression("20 + 5*x", "xy")};
  p.power = Layered{Function{100.0}};
  p.power.add(heater, varies ? Function::expression("5e4*(1 + sin(t/50))", "xytT")
                             : Function::expression("5e4*x", "xytT"));
  p.regions = {named("heater", heater), named("all", box(0.0, 0.6, 0.0, 0.4)),
               named("west", box(0.0, 0.25, 0.0, 0.4))};
  p.walls = {{{{FixedTemperature{20.0}, 0.0, 0.4}},
              {{Convection{50.0, 10.0}, 0.0, 0.4}},
              {},
              {{HeatFlux{200.0}, 0.0, 0.6}}}};
  p.sections = {{"left", {0.2, 0.1}, {0.2, 0.3}},     {"top", {0.2, 0.3}, {0.4, 0.3}},
                {"right", {0.4, 0.3}, {0.4, 0.1}},    {"bottom", {0.4, 0.1}, {0.2, 0.1}},
                {"across", {0.25, 0.4}, {0.25, 0.0}}, {"oblique", {0.31, 0.0}, {0.43, 0.4}},
                {"back", {0.43, 0.4}, {0.31, 0.0}}};
  s.time.method = &method;
  if (!method.steady()) s.time.end = 300.0;
  return s;
}

HistoryRow end_of(Simulation& run) {
  while (!run.finished()) run.advance(40);
  return run.measure();
}

/// The faces of a section on a grid, all looked at, with their signs.
std::map<std::tuple<int, int, bool>, double> faces_by_hand(const Section& s, const Grid& g) {
  std::map<std::tuple<int, int, bool>, double> faces;
  const double ax = s.to[0] - s.from[0], ay = s.to[1] - s.from[1], length = std::hypot(ax, ay);
  const auto off = [&](double x, double y) { return ax * (y - s.from[1]) - ay * (x - s.from[0]); };
  const auto along = [&](double x, double y) {
    return (ax * (x - s.from[0]) + ay * (y - s.from[1])) / length;
  };
  const auto part = [&](double x0, double y0, double x1, double y1) {
    const double a = std::min(along(x0, y0), along(x1, y1)), b = std::max(along(x0, y0), along(x1, y1));
    return std::max(0.0, std::min(b, length) - std::max(a, 0.0)) / (b - a);
  };
  for (int j = 0; j < g.ny; ++j)
    for (int i = 0; i < g.nx; ++i) {
      const double x = g.x0 + i * g.dx(), y = g.y0 + j * g.dy();
      const bool here = off(g.x(i), g.y(j)) >= -1e-9;
      if (i > 0 && here != (off(g.x(i - 1), g.y(j)) >= -1e-9))
        if (const double w = part(x, y, x, y + g.dy()); w > 1e-9) faces[{i, j, true}] = here ? w : -w;
      if (j > 0 && here != (off(g.x(i), g.y(j - 1)) >= -1e-9))
        if (const double w = part(x, y, x + g.dx(), y); w > 1e-9) faces[{i, j, false}] = here ? w : -w;
    }
  return faces;
}

}  // namespace

TEST_CASE("what leaves a region passes the sections around it, and the walls", "[mpi][parts]") {
  for (const Method* method : all_methods())
    for (const bool varies : {true, false}) {
      if (varies && method->linear_only) continue;
      INFO(method->word << (varies ? ", varying" : ""));
      Simulation run{plate(*method, varies), test::world()};
      const HistoryRow row = end_of(run);
      const double scale = std::abs(row.heat.content) + std::abs(row.heat.source);
      const auto same = [&](double a, double b) { CHECK(std::abs(a - b) <= edge * scale); };
      const auto& s = row.sections;
      const RegionRow &heater = row.regions[0], &all = row.regions[1], &west = row.regions[2];
      same(heater.out, s[0].total + s[1].total + s[2].total + s[3].total);
      const double now = s[0].now + s[1].now + s[2].now + s[3].now;
      CHECK(std::abs(heater.now.out - now) <= 1e-10 * (1.0 + std::abs(now)));
      const auto& in = row.heat.sides;
      same(all.out, -(in[0] + in[1] + in[2] + in[3]));
      same(all.power, row.heat.source);
      same(all.now.content, run.steady() ? all.now.content : row.heat.content);
      // Left of a line that goes down lies the east.
      const double top = run.steady() ? 200.0 * 0.25 : 200.0 * 0.25 * 300.0;
      same(west.out, s[4].total - in[0] - top);
      CHECK(s[5].total == Approx(-s[6].total).epsilon(1e-13));
      CHECK(std::abs(s[5].total) > 1e-4 * scale);
      CHECK(heater.power > 0.1 * row.heat.source);
      CHECK(heater.now.min < heater.now.mean);
      CHECK(heater.now.mean < heater.now.max);
    }
}

TEST_CASE("regions and sections are the same for passes of any depth", "[mpi][parts]") {
  for (const Method* method : {&methods::euler, &methods::rkl2, &methods::exponential}) {
    std::vector<std::vector<std::int64_t>> ledgers;
    for (const int depth : {1, 3, 8, 16}) {
      SimulationSpec spec = plate(*method, method == &methods::euler);
      spec.layout.halo_depth = depth;
      spec.layout.tile = {16, 8};
      Simulation run{spec, test::world()};
      end_of(run);
      ledgers.push_back(run.state().budget);
    }
    INFO(method->word);
    for (const auto& l : ledgers) CHECK(l == ledgers[0]);
  }
}

TEST_CASE("a section's faces part the cells left and right of it", "[parts]") {
  const Grid g{31, 17, -1.0, 2.1, 0.5, 2.2, false, false};
  const std::vector<Section> lines = {
      {"upright", {0.3, 0.8}, {0.3, 1.93}},      {"flat", {-0.73, 1.1}, {1.44, 1.1}},
      {"steep", {0.1, 0.72}, {0.4, 2.04}},       {"shallow", {-0.8, 1.0}, {1.9, 1.23}},
      {"down", {1.7, 2.0}, {-0.5, 0.66}},        {"diagonal", {-0.5, 0.63}, {0.7, 1.83}},
      {"on centres", {0.05, 0.75}, {0.05, 1.5}}, {"short", {0.312, 1.0}, {0.312, 1.03}}};
  for (const Section& line : lines) {
    INFO(line.name);
    const Sections found{{line}, g, g.domain()};
    const auto wanted = faces_by_hand(line, g);
    CHECK(found.faces().size() == wanted.size());
    const double ax = line.to[0] - line.from[0], ay = line.to[1] - line.from[1], length = std::hypot(ax, ay);
    double shadow = 0.0;
    for (const Sections::Face& f : found.faces()) {
      const auto at = wanted.find({f.i, f.j, f.upright});
      REQUIRE(at != wanted.end());
      CHECK(f.weight == Approx(at->second).epsilon(1e-9));
      shadow += std::abs(f.weight) * std::abs(f.upright ? ay * g.dy() : ax * g.dx()) / length;
    }
    CHECK(shadow == Approx(length).epsilon(1e-9));
    // The other way round all signs turn, but for cells whose centre lies on the line.
    if (line.name == "on centres") continue;
    const Sections back{{{"back", line.to, line.from}}, g, g.domain()};
    REQUIRE(back.faces().size() == found.faces().size());
    for (std::size_t n = 0; n < back.faces().size(); ++n)
      CHECK(back.faces()[n].weight == Approx(-found.faces()[n].weight).epsilon(1e-12));
  }
}

TEST_CASE("a line from wall to wall takes all heat, and one on a seam that of the seam", "[mpi][parts]") {
  SimulationSpec s;
  ProblemSpec& p = s.problem;
  p.grid = {12, 9, 0.0, 1.2, 0.0, 0.9, false, false};
  p.materials.conductivity = Layered{ConductivityLaw{2.0, 2.0, true}};
  p.walls = {{{{FixedTemperature{10.0}, 0.0, 0.9}}, {{FixedTemperature{0.0}, 0.0, 0.9}}, {}, {}}};
  p.sections = {{"oblique", {0.3, 0.9}, {0.77, 0.0}}, {"half", {0.5, 0.9}, {0.5, 0.42}}};
  s.time.method = &methods::steady;
  s.solver.tolerance = 1e-12;
  Simulation across{s, test::world()};
  const HistoryRow row = end_of(across);
  CHECK(row.sections[0].total == Approx(2.0 * 10.0 / 1.2 * 0.9).epsilon(1e-9));
  CHECK(row.sections[1].now == Approx(2.0 * 10.0 / 1.2 * 0.48).epsilon(1e-9));

  p.grid.periodic_x = true;
  p.walls = {{{}, {}, {{FixedTemperature{0.0}, 0.0, 1.2}}, {}}};
  p.power = Layered{Function{0.0}};
  p.power.add(box(0.0, 0.4, 0.0, 0.9), Function{300.0});
  // Two columns part the heated third from the rest; one of them is the seam, seen from either end.
  p.regions = {named("heated", box(0.0, 0.4, 0.0, 0.9))};
  p.sections = {
      {"seam", {0.0, 0.0}, {0.0, 0.9}}, {"far", {1.2, 0.0}, {1.2, 0.9}}, {"inner", {0.4, 0.9}, {0.4, 0.0}}};
  Simulation around{s, test::world()};
  const HistoryRow turn = end_of(around);
  CHECK(turn.sections[0].total > 1.0);
  CHECK(turn.sections[0].total == turn.sections[1].total);
  // The rest goes down into the wall: half of the heat of a third of the breadth does not leave by the sides
  // alone.
  CHECK(turn.sections[0].total == Approx(turn.sections[2].total).epsilon(1e-9));
  CHECK(turn.regions[0].power == Approx(300.0 * 0.36).epsilon(1e-12));
}

TEST_CASE("lines nearer to a wall than the cells' centres take what passes them", "[mpi][parts]") {
  // 2 W/m2 go down, through a wall of 1 m, or to the left; lines run to the right or up, at distances of a
  // tenth of a cell and more, or leave the wall at a small angle.
  const auto turned = [](Section s, bool sideways) {
    if (sideways) s = {s.name, {s.from[1], s.from[0]}, {s.to[1], s.to[0]}};
    return s;
  };
  for (const bool sideways : {false, true}) {
    SimulationSpec s;
    ProblemSpec& p = s.problem;
    p.grid = sideways ? Grid{10, 20, 0.0, 0.5, 0.0, 1.0, false, false}
                      : Grid{20, 10, 0.0, 1.0, 0.0, 0.5, false, false};
    p.materials.conductivity = Layered{ConductivityLaw{1.0, 1.0, true}};
    const auto held = [&](double t) { return std::vector<WallPiece>{{FixedTemperature{t}, 0.0, 1.0}}; };
    if (sideways)
      p.walls = {{held(0.0), held(1.0), {}, {}}};
    else
      p.walls = {{{}, {}, held(0.0), held(1.0)}};
    std::vector<double> wanted;
    for (const Section& line :
         {Section{"leaves", {0.5, 0.0}, {0.9, 0.03}}, Section{"beside", {0.2, 0.005}, {0.8, 0.005}},
          Section{"returns", {0.1, 0.04}, {0.613, 0.0}}, Section{"whole", {0.0, 0.02}, {1.0, 0.01}},
          Section{"under", {0.3, 0.49}, {0.7, 0.49}}, Section{"to the top", {0.4, 0.47}, {0.8, 0.5}},
          Section{"corner", {0.0, 0.06}, {0.2, 0.0}}}) {
      p.sections.push_back(turned(line, sideways));
      // To the left of a line to the right lies what is above it, and of one that goes up what is left of it.
      wanted.push_back((sideways ? 2.0 : -2.0) * (line.to[0] - line.from[0]));
      p.sections.push_back({line.name + ", back", p.sections.back().to, p.sections.back().from});
      wanted.push_back(-wanted.back());
    }
    s.time.method = &methods::steady;
    s.solver.tolerance = 1e-12;
    Simulation run{s, test::world()};
    const HistoryRow row = end_of(run);
    for (std::size_t n = 0; n < wanted.size(); ++n) {
      INFO(p.sections[n].name << (sideways ? ", sideways" : ""));
      CHECK(std::abs(row.sections[n].now - wanted[n]) <= 2.0 * 0.3 * 0.05);  // a third of a cell at an end
    }
  }
}

TEST_CASE("a section without a face is refused", "[mpi][parts]") {
  SimulationSpec s = plate(methods::euler, false);
  s.problem.sections = {{"wall", {0.0, 0.1}, {0.0, 0.3}}};
  CHECK_THROWS_AS((Simulation{s, test::world()}), Error);
}
