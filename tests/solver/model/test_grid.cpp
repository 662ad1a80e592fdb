// SPDX-License-Identifier: BSD-3-Clause
// Grids of unequal cells and around an axis: what cells and faces have, against geometry on paper.
#include <cmath>
#include <numbers>
#include <vector>

#include "solver/model/cut_cells.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/overlay.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

namespace {

constexpr double pi = std::numbers::pi;

bool close(double a, double b, double limit) { return std::abs(a - b) <= limit * std::abs(b); }

Grid rings(int nx, int ny, double r0, double r1) {
  Grid g{nx, ny, r0, r1, -0.4, 1.1};
  g.lay({}, {}, true);
  return g;
}

}  // namespace

TEST_CASE("graded parts go in a geometric row between their ends", "[grid]") {
  for (const double ratio : {1.0, 4.0, 0.25, 100.0, 1e-3, 12.0}) {
    const std::vector<double> f = graded_faces({-0.3, 0.7, 0.9}, {17, 5}, {ratio, 1.0});
    INFO("ratio " << ratio);
    REQUIRE(f.size() == 23);
    CHECK(f.front() == -0.3);
    CHECK(f[17] == 0.7);
    CHECK(f.back() == 0.9);
    const auto width = [&](std::size_t n) { return f[n + 1] - f[n]; };
    CHECK(close(width(16) / width(0), ratio, 1e-10));
    for (std::size_t n = 1; n < 16; ++n) CHECK(close(width(n) * width(n), width(n - 1) * width(n + 1), 1e-9));
    CHECK(close(width(21), 0.04, 1e-12));
  }
}

TEST_CASE("cells of rings fill the body, and nominal cells are their mean", "[grid]") {
  Grid g = rings(13, 7, 0.3, 2.0);
  g.lay(graded_faces({0.3, 2.0}, {13}, {9.0}), {}, true);
  double volume = 0.0, weights = 0.0;
  for (int j = 0; j < g.ny; ++j)
    for (int i = 0; i < g.nx; ++i) {
      const Frame f = g.cell(i, j);
      const double exact = pi * (f.x1 * f.x1 - f.x0 * f.x0) * (f.y1 - f.y0);
      CHECK(close(g.weight(i, j) * g.cell_volume(), exact, 1e-13));
      volume += exact;
      weights += g.weight(i, j);
    }
  CHECK(close(volume, pi * (4.0 - 0.09) * 1.5, 1e-13));
  CHECK(close(weights, 13.0 * 7.0, 1e-13));
  CHECK(close(g.face_area(0, 13, 2), 2.0 * pi * 2.0 * 1.5 / 7.0, 1e-13));
  CHECK(close(g.face_area(1, 0, 3), pi * (g.face_x(1) * g.face_x(1) - 0.09), 1e-13));
}

TEST_CASE("shells in series make a tube, whatever their widths", "[grid]") {
  Grid g = rings(11, 1, 0.5, 2.0);
  g.lay(graded_faces({0.5, 2.0}, {11}, {7.0}), {}, true);
  double resistance = 0.0;  // of a k of 1
  for (int n = 0; n <= g.nx; ++n) {
    const double of_face = 1.0 / (g.conductance(0, n, 0) * g.cell_volume());
    resistance += n == 0 || n == g.nx ? 0.5 * of_face : of_face;
  }
  CHECK(close(resistance, std::log(4.0) / (2.0 * pi * 1.5), 1e-13));
  // Nothing passes the axis; beside it T goes with r^2, of which differences of centres make the very flux.
  const Grid rod = rings(5, 1, 0.0, 1.0);
  CHECK(rod.conductance(0, 0, 0) == 0.0);
  const double flux =
      rod.conductance(0, 1, 0) * rod.cell_volume() * (rod.x(1) * rod.x(1) - rod.x(0) * rod.x(0));
  CHECK(close(flux, 2.0 * 0.2 * 2.0 * pi * 0.2 * 1.5, 1e-13));
}

TEST_CASE("equal lines are what equal cells are, and no lines when all is equal", "[grid]") {
  Grid g{8, 4, 0.0, 2.0, 0.0, 1.0};
  const Grid even = g;
  g.lay({}, {}, false);
  CHECK(g.even());
  CHECK(g == even);
  g.lay(graded_faces({0.0, 1.0, 2.0}, {4, 4}, {1.0, 1.0}), {}, false);
  CHECK_FALSE(g.even());
  CHECK_FALSE(g.uneven());
  CHECK_FALSE(g == even);
  for (int i = 0; i < 8; ++i) {
    CHECK(close(g.x(i), even.x(i), 1e-14));
    CHECK(close(g.weight(i, 2), 1.0, 1e-14));
    CHECK(close(g.conductance(0, i, 1), 1.0 / (even.dx() * even.dx()), 1e-13));
    CHECK(close(g.conductance(1, i, 1), 1.0 / (even.dy() * even.dy()), 1e-13));
    CHECK(g.column(g.x(i)) == i);
  }
  CHECK(g.column(-0.1) == -1);
  CHECK(g.column(2.1) == 8);
  Grid other = g;
  other.lay(graded_faces({0.0, 1.0, 2.0}, {4, 4}, {1.0, 1.0}), {}, false);
  CHECK(g == other);  // by what the lines are, not where they lie in memory
}

TEST_CASE("shares of cut rings are those of the volume", "[grid]") {
  // Pappus: a ring's volume is its area times the way of its centroid.
  struct Row {
    Area area;
    double volume;
  };
  const Row rows[] = {{Circle{0.9, 0.3, 0.5}, 2.0 * pi * 0.9 * pi * 0.25},
                      {Circle{1.2, 0.35, 0.01}, 2.0 * pi * 1.2 * pi * 1e-4},
                      {Rectangle{{0.47, 1.31}, {0.02, 0.77}}, pi * (1.31 * 1.31 - 0.47 * 0.47) * 0.75},
                      {Polygon{{{0.5, 0.0}, {1.4, 0.1}, {0.8, 0.9}}},
                       2.0 * pi * (0.5 + 1.4 + 0.8) / 3.0 * 0.5 * (0.9 * 0.9 - 0.3 * 0.1)},
                      {Circle{0.0, 0.3, 0.6}, 4.0 / 3.0 * pi * 0.216}};  // a ball about the axis
  for (const double ratio : {1.0, 6.0}) {
    Grid g = rings(17, 9, 0.0, 1.6);
    g.lay(graded_faces({0.0, 1.6}, {17}, {ratio}), graded_faces({-0.4, 1.1}, {9}, {1.0 / ratio}), true);
    for (const Row& row : rows) {
      const std::vector<Area> areas{row.area};
      const CutCells cut{g, g.domain(), {&areas}};
      double volume = 0.0;
      for (int j = 0; j < g.ny; ++j)
        for (int i = 0; i < g.nx; ++i) {
          const auto parts = cut.at(i, j);
          double share = parts.empty() && contains(row.area, g.x(i), g.y(j)) ? 1.0 : 0.0;
          for (const CutCells::Part& p : parts) share += p.top[0] == 1 ? p.share : 0.0;
          volume += share * g.weight(i, j) * g.cell_volume();
        }
      CHECK(close(volume, row.volume, 1e-11));
    }
  }
}
