// SPDX-License-Identifier: BSD-3-Clause
// Means of arrays over cells, against sums over small squares that lie in one cell and one pixel each.
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "solver/model/cell_means.hpp"
#include "solver/model/function.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

namespace {

using Kind = CellMeans::Kind;
using Pixels = std::shared_ptr<const PixelArray>;

Pixels random_pixels(int nx, int ny, unsigned seed, double low = 0.1, double high = 10.0) {
  std::mt19937 random{seed};
  std::uniform_real_distribution<double> number{low, high};
  PixelArray a{nx, ny, {}};
  for (int n = 0; n < nx * ny; ++n) a.values.push_back(number(random));
  return std::make_shared<const PixelArray>(std::move(a));
}
Pixels pixels(int nx, int ny, std::vector<double> values) {
  return std::make_shared<const PixelArray>(PixelArray{nx, ny, std::move(values)});
}

/// The domain and the rectangle on one lattice of squares of unit side.
struct Lattice {
  int cells_x, cells_y, cell_side;                          // cells begin at (0, 0)
  int pixels_x, pixels_y, pixel_side, left = 0, below = 0;  // the rectangle begins at (left, below)

  Grid grid() const {
    return {cells_x, cells_y,
            0.0,     static_cast<double>(cells_x * cell_side),
            0.0,     static_cast<double>(cells_y * cell_side)};
  }
  std::array<double, 2> x() const { return {left * 1.0, left + pixels_x * pixel_side * 1.0}; }
  std::array<double, 2> y() const { return {below * 1.0, below + pixels_y * pixel_side * 1.0}; }
  CellMeans means(const Pixels& values, Kind kind, std::vector<Pixels> weights = {}) const {
    return {grid(), x(), y(), values, kind, std::move(weights)};
  }
  static int floor_of(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
  /// Number of the pixel at a square; -1: none.
  int pixel(int sx, int sy) const {
    const int px = floor_of(sx - left, pixel_side), py = floor_of(sy - below, pixel_side);
    return px < 0 || px >= pixels_x || py < 0 || py >= pixels_y ? -1 : py * pixels_x + px;
  }
  /// use(pixel) for the squares of a cell that the rectangle covers.
  template <class Use>
  void squares(int i, int j, Use&& use) const {
    for (int sy = j * cell_side; sy < (j + 1) * cell_side; ++sy)
      for (int sx = i * cell_side; sx < (i + 1) * cell_side; ++sx)
        if (const int p = pixel(sx, sy); p >= 0) use(static_cast<std::size_t>(p), sx, sy);
  }
};

/// Rectangles within, across and beyond the domain; pixels smaller and larger than cells.
const std::vector<Lattice> lattices{{4, 3, 6, 6, 4, 4},          {4, 3, 6, 2, 3, 10, 1, -5},
                                    {5, 5, 6, 12, 10, 3, -7, 4}, {3, 3, 7, 21, 21, 1, 0, 0},
                                    {3, 2, 5, 1, 1, 9, 3, -2},   {6, 6, 2, 3, 3, 5, -2, -3}};

}  // namespace

TEST_CASE("a cell has the mean of the pixels that it covers, by area", "[cell_means]") {
  for (const Lattice& l : lattices) {
    const Pixels a = random_pixels(l.pixels_x, l.pixels_y, 1, -5.0, 5.0);
    const CellMeans means = l.means(a, Kind::by_volume);
    double all = 0.0, drawn = 0.0;
    for (int j = 0; j < l.cells_y; ++j)
      for (int i = 0; i < l.cells_x; ++i) {
        double sum = 0.0;
        int count = 0;
        l.squares(i, j, [&](std::size_t p, int, int) {
          sum += a->values[p];
          ++count;
        });
        drawn += sum;
        if (count == 0) continue;
        const Grid g = l.grid();
        INFO("cell " << i << ", " << j << " of " << l.cells_x << " x " << l.cells_y);
        CHECK(means(g.x(i), g.y(j)) == Approx(sum / count).epsilon(1e-12).margin(1e-13));
        // Any point of the cell tells the same.
        CHECK(means(g.x(i) + 0.49 * g.dx(), g.y(j) - 0.49 * g.dy()) == means(g.x(i), g.y(j)));
        all += means(g.x(i), g.y(j)) * count;
      }
    CHECK(all == Approx(drawn).epsilon(1e-12).margin(1e-11));
  }
}

TEST_CASE("conductivities are in series along rows, which are beside each other", "[cell_means]") {
  for (const Lattice& l : lattices) {
    const Pixels a = random_pixels(l.pixels_x, l.pixels_y, 2, 0.01, 100.0);
    const CellMeans kx = l.means(a, Kind::along_x), ky = l.means(a, Kind::along_y);
    const Grid g = l.grid();
    for (int j = 0; j < l.cells_y; ++j)
      for (int i = 0; i < l.cells_x; ++i) {
        std::vector<double> rows(static_cast<std::size_t>(l.cell_side)), columns(rows);
        std::vector<int> in_row(rows.size()), in_column(rows.size());
        double arithmetic = 0.0, resistance = 0.0;
        int count = 0;
        l.squares(i, j, [&](std::size_t p, int sx, int sy) {
          const auto r = static_cast<std::size_t>(sy - j * l.cell_side),
                     c = static_cast<std::size_t>(sx - i * l.cell_side);
          rows[r] += 1.0 / a->values[p];
          columns[c] += 1.0 / a->values[p];
          ++in_row[r];
          ++in_column[c];
          arithmetic += a->values[p];
          resistance += 1.0 / a->values[p];
          ++count;
        });
        if (count == 0) continue;
        const auto beside = [](const std::vector<double>& of, const std::vector<int>& n) {
          double sum = 0.0;
          int there = 0;
          for (std::size_t k = 0; k < of.size(); ++k)
            if (n[k] > 0) {
              sum += n[k] / of[k];
              ++there;
            }
          return sum / there;
        };
        INFO("cell " << i << ", " << j);
        CHECK(kx(g.x(i), g.y(j)) == Approx(beside(rows, in_row)).epsilon(1e-12));
        CHECK(ky(g.x(i), g.y(j)) == Approx(beside(columns, in_column)).epsilon(1e-12));
        for (const double k : {kx(g.x(i), g.y(j)), ky(g.x(i), g.y(j))}) {
          CHECK(k <= arithmetic / count * (1.0 + 1e-12));
          CHECK(k >= count / resistance * (1.0 - 1e-12));
        }
      }
  }
}

TEST_CASE("where cells lie in one pixel each, they have its very value", "[cell_means]") {
  // Extents whose edges rounding does not meet.
  for (const int fine : {1, 3, 7}) {
    const Grid g{11 * fine, 7 * fine, 0.1, 0.1 + 0.3 * 11, -0.7, -0.7 + 0.1 * 7};
    const Pixels a = random_pixels(11, 7, 3);
    for (const Kind kind : {Kind::by_volume, Kind::along_x, Kind::along_y}) {
      const CellMeans means{g, {g.x0, g.x1}, {g.y0, g.y1}, a, kind};
      CHECK_FALSE(means.mixes());
      int wrong = 0;
      for (int j = 0; j < g.ny; ++j)
        for (int i = 0; i < g.nx; ++i) wrong += means(g.x(i), g.y(j)) == a->at(i / fine, j / fine) ? 0 : 1;
      CHECK(wrong == 0);
    }
  }
  const Grid g{10, 10, 0.0, 1.0, 0.0, 1.0};
  const auto mixes = [&](int nx, int ny, std::array<double, 2> x) {
    return CellMeans{g, x, {0.0, 1.0}, random_pixels(nx, ny, 4), Kind::along_x}.mixes();
  };
  CHECK(mixes(3, 10, {0.0, 1.0}));
  CHECK(mixes(10, 20, {0.0, 1.0}));
  CHECK_FALSE(mixes(1, 1, {0.123, 0.456}));
  CHECK_FALSE(mixes(5, 2, {0.0, 1.0}));
  CHECK(mixes(5, 2, {0.05, 1.05}));
  CHECK_FALSE(mixes(2, 1, {-1.0, 1.0}));  // its edge is the domain's
}

TEST_CASE("equal pixels keep their bits whatever the cells", "[cell_means]") {
  const Grid g{7, 5, 0.0, 1.0, 0.0, 1.0};
  const Pixels a = pixels(13, 11, std::vector<double>(143, 0.1)), w = random_pixels(13, 11, 5);
  for (const Kind kind : {Kind::by_volume, Kind::along_x, Kind::along_y}) {
    const CellMeans means{g, {0.03, 0.91}, {0.0, 1.3}, a, kind, {w}};
    for (int j = 0; j < g.ny; ++j)
      for (int i = 0; i < g.nx; ++i) CHECK(means(g.x(i), g.y(j)) == 0.1);
  }
}

TEST_CASE("weights keep mass and heat content", "[cell_means]") {
  for (const Lattice& l : lattices) {
    const Pixels rho = random_pixels(l.pixels_x, l.pixels_y, 6), c = random_pixels(l.pixels_x, l.pixels_y, 7),
                 T = random_pixels(l.pixels_x, l.pixels_y, 8, -100.0, 100.0);
    const CellMeans density = l.means(rho, Kind::by_volume), heat = l.means(c, Kind::by_volume, {rho}),
                    temperature = l.means(T, Kind::by_volume, {rho, c});
    const Grid g = l.grid();
    for (int j = 0; j < l.cells_y; ++j)
      for (int i = 0; i < l.cells_x; ++i) {
        double capacity = 0.0, content = 0.0, size = 0.0;
        int count = 0;
        l.squares(i, j, [&](std::size_t p, int, int) {
          capacity += rho->values[p] * c->values[p];
          content += rho->values[p] * c->values[p] * T->values[p];
          size += std::abs(rho->values[p] * c->values[p] * T->values[p]);
          ++count;
        });
        if (count == 0) continue;
        const double x = g.x(i), y = g.y(j), mine = count * density(x, y) * heat(x, y);
        CHECK(mine == Approx(capacity).epsilon(1e-12));
        CHECK(std::abs(mine * temperature(x, y) - content) <= 1e-12 * size);
      }
  }
}

TEST_CASE("unequal cells and rings around an axis", "[cell_means]") {
  Grid graded{3, 2, 0.0, 1.0, 0.0, 1.0};
  graded.lay({0.0, 0.1, 0.5, 1.0}, {0.0, 0.25, 1.0}, false);
  const Pixels a = pixels(2, 2, {1.0, 2.0, 3.0, 4.0});
  const CellMeans means{graded, {0.0, 0.8}, {0.0, 1.0}, a, Kind::by_volume};
  CHECK(means(0.05, 0.1) == 1.0);
  CHECK(means(0.3, 0.1) == Approx((0.3 * 1.0 + 0.1 * 2.0) / 0.4).epsilon(1e-14));
  CHECK(means(0.9, 0.1) == 2.0);
  CHECK(
      means(0.3, 0.9) ==
      Approx((0.25 * (0.3 * 1.0 + 0.1 * 2.0) + 0.5 * (0.3 * 3.0 + 0.1 * 4.0)) / (0.75 * 0.4)).epsilon(1e-14));

  // Rings: power by volume; conductivities in series by the logarithm, beside each other by their faces.
  Grid rings{2, 1, 1.0, 3.0, 0.0, 1.0};
  rings.lay({}, {}, true);
  const Pixels b = pixels(4, 2, {1.0, 5.0, 2.0, 3.0, 4.0, 0.5, 6.0, 7.0});
  const std::array<double, 2> x{1.0, 3.0}, y{0.0, 1.0};
  const CellMeans q{rings, x, y, b, Kind::by_volume}, kr{rings, x, y, b, Kind::along_x},
      kz{rings, x, y, b, Kind::along_y};
  const auto ring = [](double r0, double r1) { return r1 * r1 - r0 * r0; };
  CHECK(q(1.5, 0.5) ==
        Approx((ring(1.0, 1.5) * (1.0 + 4.0) + ring(1.5, 2.0) * (5.0 + 0.5)) / (2.0 * ring(1.0, 2.0)))
            .epsilon(1e-13));
  const auto series = [](double k1, double k2) {
    return std::log(2.0) / (std::log(1.5) / k1 + std::log(2.0 / 1.5) / k2);
  };
  CHECK(kr(1.5, 0.5) == Approx(0.5 * (series(1.0, 5.0) + series(4.0, 0.5))).epsilon(1e-13));
  const auto stacked = [](double k1, double k2) { return 2.0 / (1.0 / k1 + 1.0 / k2); };
  CHECK(kz(1.5, 0.5) ==
        Approx((ring(1.0, 1.5) * stacked(1.0, 4.0) + ring(1.5, 2.0) * stacked(5.0, 0.5)) / ring(1.0, 2.0))
            .epsilon(1e-13));
}

TEST_CASE("means are functions of place", "[cell_means]") {
  const Lattice l{4, 3, 6, 6, 4, 4};
  const auto a = std::make_shared<const CellMeans>(l.means(random_pixels(6, 4, 9), Kind::by_volume)),
             again = std::make_shared<const CellMeans>(l.means(random_pixels(6, 4, 9), Kind::by_volume)),
             other = std::make_shared<const CellMeans>(l.means(random_pixels(6, 4, 10), Kind::by_volume));
  const Function f = Function::in_cells(a);
  CHECK(f.of_place());
  CHECK_FALSE(f.of_time());
  CHECK_FALSE(f.of_temperature());
  CHECK_FALSE(f.constant());
  CHECK_FALSE(f.constant_on_pixels());
  CHECK(f == Function::in_cells(again));
  CHECK_FALSE(f == Function::in_cells(other));
  CHECK(f.times(3.0)(1.0, 1.0) == 3.0 * (*a)(1.0, 1.0));
  // Asked in turns, each has its own.
  const Function g = Function::in_cells(other);
  CHECK(f(1.0, 1.0) == (*a)(1.0, 1.0));
  CHECK(g(1.0, 1.0) == (*other)(1.0, 1.0));
  CHECK(f(1.0, 1.0) != g(1.0, 1.0));
}
