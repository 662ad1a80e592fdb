// SPDX-License-Identifier: BSD-3-Clause
// Bodies that no face of the grid follows, against their exact solutions. The table of docs/decisions.md:
//   test_coverage "[table]"
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "solver/run/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;
using namespace calor::test;

namespace {

constexpr double pi = std::numbers::pi;

/// A unit square with the exact temperature on its walls, and what is known of it.
struct Body {
  std::string name;
  Area area;
  double k;                                             // of the area; 1 around it
  std::function<double(double, double)> T, kx_T, ky_T;  // exact; k dT/dx, k dT/dy
  std::string words;                                    // T as an expression
};

/// A disc in an even gradient along x.
Body disc(double k) {
  constexpr double r = 0.2937, cx = 0.5113, cy = 0.4871;
  const double b = (k - 1.0) / (k + 1.0);
  const auto inside = [](double x, double y) { return (x - cx) * (x - cx) + (y - cy) * (y - cy) < r * r; };
  Body d{fmt::format("disc, k = {}", k), Circle{cx, cy, r}, k, {}, {}, {}, {}};
  d.T = [=](double x, double y) {
    const double X = x - cx, Y = y - cy, q = X * X + Y * Y;
    return inside(x, y) ? X * 2.0 / (k + 1.0) : X * (1.0 - b * r * r / q);
  };
  // Only asked for on the walls, outside.
  d.kx_T = [=](double x, double y) {
    const double X = x - cx, Y = y - cy, q = X * X + Y * Y;
    return 1.0 - b * r * r / q + 2.0 * b * r * r * X * X / (q * q);
  };
  d.ky_T = [=](double x, double y) {
    const double X = x - cx, Y = y - cy, q = X * X + Y * Y;
    return 2.0 * b * r * r * X * Y / (q * q);
  };
  d.words = fmt::format("(x-{0})*(1-{2}/((x-{0})^2+(y-{1})^2))", cx, cy, b * r * r);
  return d;
}

/// A strip of thickness d about n . r = c, n at `degrees` from the x axis; T falls along n through it.
Body layer_across(double degrees, double d, double k) {
  const double a = degrees * pi / 180.0, nx = std::cos(a), ny = std::sin(a), c = 0.5137 * (nx + ny);
  const auto corner = [&](double along, double off) {
    return std::array{nx * (c + off) - ny * along, ny * (c + off) + nx * along};
  };
  Body l{"layer", Polygon{{corner(-3, -d / 2), corner(3, -d / 2), corner(3, d / 2), corner(-3, d / 2)}},
         k,       {},
         {},      {},
         {}};
  l.T = [=](double x, double y) {
    const double s = nx * x + ny * y - c;
    return s + std::clamp(s, -d / 2, d / 2) * (1.0 / k - 1.0);
  };
  l.kx_T = [=](double, double) { return nx; };
  l.ky_T = [=](double, double) { return ny; };
  const std::string s = fmt::format("({}*x+{}*y-({}))", nx, ny, c);
  l.words = fmt::format("{0}+max(-{1},min({1},{0}))*({2})", s, d / 2, 1.0 / k - 1.0);
  return l;
}

/// A half plane of k at n . r < c, with the heat along its edge.
Body along_edge(double degrees, double k) {
  const double a = degrees * pi / 180.0, nx = std::cos(a), ny = std::sin(a), c = 0.5137 * (nx + ny);
  const auto corner = [&](double along, double off) {
    return std::array{nx * (c + off) - ny * along, ny * (c + off) + nx * along};
  };
  Body e{"edge", Polygon{{corner(-3, -5), corner(3, -5), corner(3, 0), corner(-3, 0)}}, k, {}, {}, {}, {}};
  e.T = [=](double x, double y) { return -ny * x + nx * y; };
  const auto k_at = [=](double x, double y) { return nx * x + ny * y < c ? k : 1.0; };
  e.kx_T = [=](double x, double y) { return -ny * k_at(x, y); };
  e.ky_T = [=](double x, double y) { return nx * k_at(x, y); };
  e.words = fmt::format("{}*y-{}*x", nx, ny);
  return e;
}

/// Integral over the walls of T times the heat that enters, by many points.
double exact_energy(const Body& b) {
  constexpr int points = 200000;
  double sum = 0.0;
  for (int n = 0; n < points; ++n) {
    const double s = (n + 0.5) / points;
    sum += b.T(1.0, s) * b.kx_T(1.0, s) - b.T(0.0, s) * b.kx_T(0.0, s) + b.T(s, 1.0) * b.ky_T(s, 1.0) -
           b.T(s, 0.0) * b.ky_T(s, 0.0);
  }
  return sum / points;
}

struct Errors {
  double energy, rms;  // relative; of T
};
Errors errors_of(const Body& b, int n, Coverage coverage) {
  SimulationSpec spec;
  ProblemSpec& s = spec.problem;
  s.grid = {n, n, 0.0, 1.0, 0.0, 1.0};
  s.grid.coverage = coverage;
  s.materials.conductivity = Layered{ConductivityLaw{1.0, 1.0, true}};
  s.materials.conductivity.add(b.area, ConductivityLaw{b.k, b.k, true});
  const FixedTemperature wall{Function::expression(b.words, "xy")};
  for (auto& side : s.walls) side = {{wall, 0.0, 1.0}};
  spec.time.method = &methods::steady;
  spec.solver.tolerance = 1e-12;
  Simulation run{spec, world()};
  while (!run.finished()) run.advance(1);
  Problem& p = run.problem();
  p.prepare(p.owned, 0.0, p.u.view());
  const View2D<const double> u = p.u.cview();
  ExactSum sums[2];
  p.walls.for_each_face(p.owned, [&](const Walls::Face& f) {
    const double wall_T = 0.5 * (u(f.i, f.j) + u(f.gi, f.gj));
    sums[0].add(p.grid.cell_volume() * f.g * (u(f.gi, f.gj) - u(f.i, f.j)) * wall_T);
  });
  for_each(p.owned, [&](int i, int j) {
    const double e = u(i, j) - b.T(p.grid.x(i), p.grid.y(j));
    sums[1].add(e * e * p.grid.cell_volume());
  });
  reduce(world(), sums);
  return {sums[0].value() / exact_energy(b) - 1.0, std::sqrt(sums[1].value())};
}

}  // namespace

TEST_CASE("cut cells meet what was measured of their recipe", "[mpi][coverage]") {
  struct Row {
    Body body;
    int n;
    double energy, rms;  // limits
  };
  const Row rows[] = {{disc(1000.0), 20, 3e-3, 6e-4},
                      {disc(1000.0), 80, 2e-4, 4e-5},
                      {disc(2.0), 40, 2e-3, 1e-3},
                      {layer_across(15.0, 0.005, 0.005), 40, 3e-3, 1e-2},
                      {layer_across(30.0, 0.005, 0.005), 40, 3e-3, 1e-2},
                      {layer_across(45.0, 0.005, 0.005), 40, 3e-3, 1e-2},
                      {along_edge(15.0, 1000.0), 40, 4e-2, 2e-2},
                      {along_edge(30.0, 1000.0), 40, 4e-2, 2e-2}};
  for (const Row& row : rows) {
    INFO(row.body.name << ", " << row.n << " cells");
    const Errors e = errors_of(row.body, row.n, Coverage::area);
    CHECK(std::abs(e.energy) < row.energy);
    CHECK(e.rms < row.rms);
  }
}

TEST_CASE("the table of cut cells against whole ones", "[.][table]") {
  const auto line = [](const Body& b, const std::string& name) {
    for (const Coverage coverage : {Coverage::area, Coverage::centre}) {
      std::string text = fmt::format("| {} | {} |", name, coverage == Coverage::area ? "area" : "centre");
      for (const int n : {20, 40, 80, 160, 320}) {
        const Errors e = errors_of(b, n, coverage);
        text += fmt::format(" {:+.3f} %, {:.1e} |", 100.0 * e.energy, e.rms);
      }
      if (world().root()) std::printf("%s\n", text.c_str());
      std::fflush(stdout);
    }
  };
  line(disc(1000.0), "disc 1000 : 1");
  line(disc(2.0), "disc 2 : 1");
  line(disc(0.001), "disc 1 : 1000");
  for (const double degrees : {15.0, 30.0, 45.0}) {
    line(layer_across(degrees, 0.005, 0.005),
         fmt::format("insulating layer of 5 mm, R = 1, {} deg", degrees));
    line(along_edge(degrees, 1000.0), fmt::format("heat along an edge 1000 : 1, {} deg", degrees));
  }
}
