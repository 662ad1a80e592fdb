// SPDX-License-Identifier: BSD-3-Clause
// Resistance where bodies touch, against series of resistances on paper.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "solver/model/region_report.hpp"
#include "solver/run/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using Catch::Contains;

namespace {

ConductivityLaw law(const Function& k) { return {k, k, true}; }

Region body(const char* name, const Area& area, const std::optional<Function>& k = {}) {
  Region r;
  r.name = name;
  r.area = area;
  if (k) r.conductivity = law(*k);
  r.body = true;
  return r;
}

/// A bar of 0.2 m, 100 and 0 at its ends, of two parts that touch at `joint`.
SimulationSpec bar(int nx, double joint, const Function& k_left, const Function& k_right, double R,
                   Coverage coverage = Coverage::area) {
  SimulationSpec s;
  ProblemSpec& p = s.problem;
  p.grid = {nx, 8, 0.0, 0.2, 0.0, 0.1, false, false, coverage};
  p.materials.conductivity = Layered{law(k_left)};
  p.materials.density = Layered{Function{1000.0}};
  p.materials.specific_heat = Layered{Function{500.0}};
  p.add(body("right", Rectangle{{joint, 0.2}, {0.0, 0.1}}, k_right));
  if (R > 0.0) p.materials.contacts.list = {{0, 1, R, "between material and right"}};
  if (p.materials.of_temperature()) p.materials.face_mean = FaceMean::integral;
  p.walls = {{{{FixedTemperature{100.0}, 0.0, 0.1}}, {{FixedTemperature{0.0}, 0.0, 0.1}}, {}, {}}};
  s.time.method = &methods::steady;
  s.solver.tolerance = 1e-13;
  s.probes = {{"left side", {joint, 0.05}, 0}, {"right side", {joint, 0.05}, 1}};
  return s;
}

HistoryRow end_of(Simulation& run) {
  while (!run.finished()) run.advance(40);
  return run.measure();
}

/// The point where f, which rises, is zero.
double root(double low, double high, const std::function<double(double)>& f) {
  for (int n = 0; n < 200; ++n) (f(0.5 * (low + high)) < 0.0 ? low : high) = 0.5 * (low + high);
  return 0.5 * (low + high);
}

}  // namespace

TEST_CASE("two slabs: flux and both sides of the joint, wherever it lies in a cell", "[mpi][contact]") {
  for (const Coverage coverage : {Coverage::area, Coverage::centre})
    for (const double joint : {0.1, 0.0873}) {
      if (coverage == Coverage::centre && joint != 0.1) continue;  // whole cells
      Simulation run{bar(20, joint, 10.0, 4.0, 0.01, coverage), test::world()};
      const HistoryRow row = end_of(run);
      const double q = 100.0 / (joint / 10.0 + 0.01 + (0.2 - joint) / 4.0);
      INFO("joint " << joint << " coverage " << static_cast<int>(coverage));
      CHECK(row.heat.sides[Side::left] / 0.1 == Approx(q).epsilon(1e-10));
      CHECK(row.heat.relative_residual() < 1e-10);
      const std::vector<double> at_joint = run.probes();
      CHECK(at_joint[0] == Approx(100.0 - q * joint / 10.0).epsilon(1e-9));
      CHECK(at_joint[1] == Approx(q * (0.2 - joint) / 4.0).epsilon(1e-9));
      CHECK(run.warnings().empty());
      // Probes beside the joint are not smeared across it, in its cell and in those beside that one.
      for (const double off : {-0.0113, -0.0041, -0.0023, -1e-5, 1e-5, 0.0012, 0.0027, 0.0044, 0.0087}) {
        const double x = joint + off;
        INFO("x " << x);
        CHECK(temperature_at(run.problem(), x, 0.03, 0.0) ==
              Approx(off < 0.0 ? 100.0 - q * x / 10.0 : q * (0.2 - x) / 4.0).epsilon(1e-9));
      }
    }
}

TEST_CASE("beside a contact in a single row of cells, or with one column on its side, probes are right",
          "[mpi][contact]") {
  // A coat of one cell and less: 100, glue between contacts or a film behind; and the same upright.
  for (const bool upright : {false, true})
    for (const int rows : {1, 2, 8}) {
      SimulationSpec s = bar(10, 0.0873, 10.0, 4.0, 0.01);
      ProblemSpec& p = s.problem;
      p.materials.contacts = {};
      p.regions.clear();
      p.materials.conductivity = Layered{law(Function{10.0})};
      const std::array<double, 2> along{0.0, 0.2}, across{0.0, 0.1}, glue{0.072, 0.098}, coat{0.186, 0.3};
      const auto rectangle = [&](const std::array<double, 2>& on) {
        return upright ? Rectangle{{0.0, 0.1}, on} : Rectangle{on, {0.0, 0.1}};
      };
      p.grid = upright ? Grid{rows, 10, across[0], across[1], along[0], along[1], false, false}
                       : Grid{10, rows, along[0], along[1], across[0], across[1], false, false};
      p.add(body("glue", rectangle(glue), Function{2.0}));
      p.add(body("coat", rectangle(coat), Function{1.0}));
      p.materials.contacts.list = {{1, Contact::any, 0.003, "around glue"},
                                   {0, 2, 0.002, "material and coat"}};
      const std::vector<WallPiece> hot{{FixedTemperature{100.0}, 0.0, 0.1}},
          film{{Convection{50.0, 0.0}, 0.0, 0.1}};
      if (upright)
        p.walls = {{{}, {}, hot, film}};
      else
        p.walls = {{hot, film, {}, {}}};
      s.probes.clear();
      Simulation run{s, test::world()};
      end_of(run);
      const double q =
          100.0 / ((0.072 + 0.088) / 10.0 + 0.026 / 2.0 + 0.014 / 1.0 + 2 * 0.003 + 0.002 + 1.0 / 50.0);
      INFO(rows << (upright ? " columns" : " rows"));
      const auto check = [&](double at, double right) {
        INFO(at);
        const double x = upright ? 0.03 : at, y = upright ? at : 0.03;
        CHECK(temperature_at(run.problem(), x, y, 0.0) == Approx(right).epsilon(1e-9));
      };
      for (const double x : {0.055, 0.066, 0.07199}) check(x, 100.0 - q * x / 10.0);
      const double in_glue = 100.0 - q * (0.0072 + 0.003);
      for (const double x : {0.07201, 0.08, 0.081, 0.0979}) check(x, in_glue - q * (x - 0.072) / 2.0);
      for (const double x : {0.0981, 0.102, 0.13, 0.185})
        check(x, in_glue - q * (0.013 + 0.003 + (x - 0.098) / 10.0));
      for (const double x : {0.18601, 0.1888, 0.193}) check(x, q * (1.0 / 50.0 + (0.2 - x)));
    }
}

TEST_CASE("whole cells beside a contact that is off their sides: probes are told by their own body",
          "[mpi][contact]") {
  // The joint moves to the side at 0.09 of the cell whose centre is on the left; a probe between is right of
  // it.
  Simulation run{bar(20, 0.0873, 10.0, 4.0, 0.01, Coverage::centre), test::world()};
  end_of(run);
  const double q = 100.0 / (0.09 / 10.0 + 0.01 + 0.11 / 4.0);
  for (const double x : {0.0855, 0.0869})
    CHECK(temperature_at(run.problem(), x, 0.03, 0.0) == Approx(100.0 - q * x / 10.0).epsilon(1e-9));
  for (const double x : {0.0877, 0.0895, 0.0912})
    CHECK(temperature_at(run.problem(), x, 0.03, 0.0) == Approx(q * (0.2 - x) / 4.0).epsilon(1e-9));
}

TEST_CASE("beside a foil between contacts, far thinner than a cell, each side is told by itself",
          "[mpi][contact]") {
  for (const int nx : {10, 25}) {
    SimulationSpec s = bar(nx, 0.0422, 10.0, 10.0, 0.0);
    ProblemSpec& p = s.problem;
    p.materials.contacts = {};
    p.regions.clear();
    p.materials.conductivity = Layered{law(Function{10.0})};
    p.add(body("foil", Rectangle{{0.0422, 0.0426}, {0.0, 0.1}}, Function{5.0}));
    p.materials.contacts.list = {{1, Contact::any, 0.002, "around foil"}};
    s.probes.clear();
    Simulation run{s, test::world()};
    end_of(run);
    const double q = 100.0 / (0.1996 / 10.0 + 0.0004 / 5.0 + 2 * 0.002);
    for (const double x : {0.0305, 0.0388, 0.0415, 0.042199})
      CHECK(temperature_at(run.problem(), x, 0.03, 0.0) == Approx(100.0 - q * x / 10.0).epsilon(1e-9));
    for (const double x : {0.042601, 0.0427, 0.0459, 0.0537})
      CHECK(temperature_at(run.problem(), x, 0.03, 0.0) == Approx(q * (0.2 - x) / 10.0).epsilon(1e-9));
    CHECK(temperature_in(run.problem(), 0, 0.0422, 0.03, 0.0) == Approx(100.0 - q * 0.00422).epsilon(1e-9));
  }
}

TEST_CASE("the temperature of a wall beside a contact is the wall's", "[mpi][contact]") {
  const auto with_films = [](SimulationSpec s) {
    s.problem.walls[Side::left] = {{Convection{8.0, 20.0}, 0.0, 0.1}};
    s.problem.walls[Side::right] = {{Convection{25.0, 0.0}, 0.0, 0.1}};
    return s;
  };
  // A body that ends on the wall; one thinner than half a cell, which no centre lies in.
  for (const double joint : {0.1, 0.196}) {
    INFO(joint);
    Simulation run{with_films(bar(20, joint, 10.0, 4.0, 0.05)), test::world()};
    end_of(run);
    const double q = 20.0 / (1.0 / 8.0 + joint / 10.0 + 0.05 + (0.2 - joint) / 4.0 + 1.0 / 25.0);
    CHECK(temperature_at(run.problem(), 0.0, 0.04, 0.0) == Approx(20.0 - q / 8.0).epsilon(1e-9));
    CHECK(temperature_at(run.problem(), 0.2, 0.04, 0.0) == Approx(q / 25.0).epsilon(1e-9));
    CHECK(temperature_at(run.problem(), 0.2, 0.1, 0.0) == Approx(q / 25.0).epsilon(1e-9));
  }
}

TEST_CASE("a wall of a given temperature has it where a contact meets it", "[mpi][contact]") {
  SimulationSpec s = bar(20, 0.0873, 10.0, 4.0, 0.05);
  s.problem.walls[Side::bottom] = {{FixedTemperature{Function::expression("30 + 100*x", "xyt")}, 0.0, 0.2}};
  Simulation run{s, test::world()};
  end_of(run);
  for (const double x : {0.0731, 0.0822, 0.0851, 0.0872, 0.0931, 0.1004})
    CHECK(temperature_at(run.problem(), x, 0.0, 0.0) == Approx(30.0 + 100.0 * x).epsilon(0.01));
}

TEST_CASE("what lies in cells beyond a contact is told", "[mpi][contact]") {
  for (const double joint : {0.1, 0.0873, 0.0813}) {
    SimulationSpec s = bar(20, joint, 10.0, 4.0, 0.05);
    Simulation run{s, test::world()};
    const std::vector<RegionReport> reports = report_regions(run.problem());
    // Of the cell from 0.08 to 0.09 the left body has the centre, and then the right one.
    CHECK(reports[0].area_beyond == Approx(joint == 0.0873 ? 0.1 * 0.0027 : 0.0).margin(1e-15));
    const auto warnings = region_warnings(reports, s.problem.regions, s.problem.materials, s.problem.grid);
    CHECK(warnings.size() == (joint == 0.0873 ? 1 : 0));
  }
}

TEST_CASE("so is what of that lies under all regions", "[mpi][contact]") {
  for (const double joint : {0.1, 0.0873, 0.0813})
    for (const Coverage coverage : {Coverage::area, Coverage::centre}) {
      Simulation run{bar(20, joint, 10.0, 4.0, 0.05, coverage), test::world()};
      // The cell from 0.08 to 0.09 has the region's centre at the last joint, and 0.0013 of 0.0813 before it.
      const bool beyond = joint == 0.0813 && coverage == Coverage::area;
      const std::string told = contact_warning(run.problem());
      INFO(joint << ": " << told);
      CHECK(told.empty() == !beyond);
      if (beyond) CHECK_THAT(told, Contains("material: 1.6 %"));
    }
}

TEST_CASE("conductivities of T on both sides of a contact", "[mpi][contact]") {
  const Function k_left = Function::expression("5 + 0.1*T", "xyT"),
                 k_right = Function::table({0.0, 100.0}, {2.0, 8.0});
  const double R = 0.004, joint = 0.0873;
  // Fluxes by Kirchhoff from each end to the sides a, b of the joint; they and the jump's agree.
  const auto left = [&](double a) { return (5.0 * (100.0 - a) + 0.05 * (1e4 - a * a)) / joint; };
  const auto right = [&](double b) { return (2.0 * b + 0.03 * b * b) / (0.2 - joint); };
  const double a = root(0.0, 100.0, [&](double T) { return right(T - R * left(T)) - left(T); });
  Simulation run{bar(20, joint, k_left, k_right, R), test::world()};
  const HistoryRow row = end_of(run);
  CHECK(row.heat.sides[Side::left] / 0.1 == Approx(left(a)).epsilon(1e-8));
  const std::vector<double> at_joint = run.probes();
  CHECK(at_joint[0] == Approx(a).epsilon(2e-4));
  CHECK(at_joint[1] == Approx(a - R * left(a)).epsilon(2e-3));
}

TEST_CASE("every method comes to the same state past a contact, with a balance that closes",
          "[mpi][contact]") {
  const double q = 100.0 / (0.1 / 10.0 + 0.01 + 0.1 / 4.0);
  for (const Method* method : all_methods()) {
    if (method->steady()) continue;
    INFO(method->word);
    SimulationSpec s = bar(10, 0.1, 10.0, 4.0, 0.01);
    s.time.method = method;
    s.time.end = 9000.0;
    Simulation run{s, test::world()};
    const HistoryRow row = end_of(run);
    const std::vector<double> at_joint = run.probes();
    CHECK(at_joint[0] == Approx(100.0 - q * 0.01).epsilon(1e-5));
    CHECK(at_joint[1] == Approx(q * 0.025).epsilon(1e-5));
    CHECK(row.heat.relative_residual() < 1e-9);
  }
}

TEST_CASE("an oblique contact counts by its true length", "[mpi][contact]") {
  // Heat flows along n through two half planes that touch at n . r = c; the walls have the exact temperature.
  const double degrees = 27.0, a = degrees * 3.14159265358979323846 / 180.0, nx = std::cos(a),
               ny = std::sin(a);
  const double c = 0.5137 * (nx + ny), R = 0.4;  // a jump as large as what 0.4 m conduct
  std::vector<double> errors;
  for (const int n : {20, 40, 80}) {
    SimulationSpec s;
    ProblemSpec& p = s.problem;
    p.grid = {n, n, 0.0, 1.0, 0.0, 1.0, false, false};
    const auto corner = [&](double along, double off) {
      return std::array{nx * (c + off) - ny * along, ny * (c + off) + nx * along};
    };
    p.add(body("far", Polygon{{corner(-3, 0), corner(3, 0), corner(3, 3), corner(-3, 3)}}, Function{1.0}));
    p.materials.contacts.list = {{0, 1, R, "between material and far"}};
    const std::string s_text = std::to_string(nx) + "*x+" + std::to_string(ny) + "*y";
    const Function exact = Function::expression(
        s_text + "+(" + s_text + ">" + std::to_string(c) + "?" + std::to_string(R) + ":0)", "xy");
    const FixedTemperature wall{exact};
    p.walls = {{{{wall, 0.0, 1.0}}, {{wall, 0.0, 1.0}}, {{wall, 0.0, 1.0}}, {{wall, 0.0, 1.0}}}};
    s.time.method = &methods::steady;
    s.solver.tolerance = 1e-12;
    s.probes = {{"near", {nx * c + 0.02 * ny, ny * c - 0.02 * nx}, 0},
                {"far", {nx * c + 0.02 * ny, ny * c - 0.02 * nx}, 1}};
    Simulation run{s, test::world()};
    end_of(run);
    const std::vector<double> at_joint = run.probes();
    errors.push_back(std::max(std::abs(at_joint[0] - c), std::abs(at_joint[1] - (c + R))));
    for (int k = 0; k < 60; ++k) {  // along it, up to one and a half cells off
      const double off = (k % 15 - 7.3) * 0.2 / n, along = -0.2 + 0.0071 * k;
      const double x = nx * (c + off) - ny * along, y = ny * (c + off) + nx * along;
      const double T = temperature_at(run.problem(), x, y, 0.0);
      errors.push_back(std::abs(T - (c + off + (off > 0.0 ? R : 0.0))));
    }
  }
  // Exact but for the digits of the walls' expressions. A staircase without n.e would let 1.35 times as much
  // through and be off by 0.05 on any grid.
  for (const double e : errors) CHECK(e < 2e-6);
}

TEST_CASE("a round contact that touches lines of cells' centres lets no more through", "[mpi][contact]") {
  // 10 W/m out of a disc that conducts well: its own jump R q / (2 pi r) is nearly all of its temperature.
  for (const double centre : {0.122, 0.1207}) {
    SimulationSpec s;
    ProblemSpec& p = s.problem;
    p.grid = {60, 60, 0.0, 0.24, 0.0, 0.24, false, false};
    p.materials.conductivity = Layered{law(Function{400.0})};
    Region core = body("core", Circle{centre, centre, 0.06}, Function{400.0});
    core.heat = Function{10.0};
    p.add(core);
    p.materials.contacts.list = {{1, Contact::any, 10.0, "around core"}};
    const FixedTemperature cold{Function{0.0}};
    p.walls = {{{{cold, 0.0, 0.24}}, {{cold, 0.0, 0.24}}, {{cold, 0.0, 0.24}}, {{cold, 0.0, 0.24}}}};
    s.time.method = &methods::steady;
    s.solver.tolerance = 1e-12;
    Simulation run{s, test::world()};
    end_of(run);
    CHECK(temperature_at(run.problem(), centre, centre, 0.0) ==
          Approx(10.0 * 10.0 / (2.0 * 3.14159265358979323846 * 0.06)).epsilon(0.02));
  }
}

TEST_CASE("a contact that nothing meets is told, and bodies that only heat hide none", "[mpi][contact]") {
  SimulationSpec s = bar(20, 0.1, 10.0, 4.0, 0.01);
  Region far_away = body("island", Circle{0.15, 0.05, 0.02}, Function{1.0});
  s.problem.add(far_away);
  s.problem.materials.contacts.list.push_back({0, 2, 0.1, "between material and island"});
  Region heater;
  heater.name = "heater";
  heater.area = Rectangle{{0.05, 0.15}, {0.0, 0.1}};
  heater.power = Function{0.0};
  s.problem.add(heater);
  Simulation run{s, test::world()};
  end_of(run);
  REQUIRE(run.warnings().size() == 1);
  CHECK_THAT(run.warnings()[0], Contains("between material and island"));
  CHECK(bodies_meeting(s.problem.materials.contacts, s.problem.grid, 0.1, 0.05) ==
        std::vector<std::int32_t>{0, 1});
  CHECK(bodies_meeting(s.problem.materials.contacts, s.problem.grid, 0.08, 0.05).empty());
}

TEST_CASE("what stands around a body, and what a pair says instead", "[contact]") {
  Contacts c;
  c.bodies = {Rectangle{{0.0, 1.0}, {0.0, 1.0}}, Rectangle{{1.0, 2.0}, {0.0, 1.0}}};
  c.list = {{1, 2, 0.5, "pair"}, {1, Contact::any, 0.1, "around"}};
  CHECK(c.resistance(1, 2) == 0.5);
  CHECK(c.resistance(2, 1) == 0.5);
  CHECK(c.resistance(1, 0) == 0.1);
  CHECK(c.resistance(2, 0) == 0.0);
  CHECK(c.resistance(1, 1) == 0.0);
}

TEST_CASE("a contact in a periodic seam is told from both sides of it", "[contact]") {
  SimulationSpec s = bar(10, 0.1, 10.0, 4.0, 0.01);
  s.problem.grid.periodic_x = true;
  s.problem.walls = {};
  for (const double x : {0.0, 0.1, 0.2}) {
    INFO(x);
    CHECK(bodies_meeting(s.problem.materials.contacts, s.problem.grid, x, 0.05) ==
          std::vector<std::int32_t>{0, 1});
  }
}
