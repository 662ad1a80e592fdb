// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "solver/model/kirchhoff.hpp"
#include "solver/model/overlay.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

namespace {

constexpr double pi = std::numbers::pi;

/// Area of each number on top over all cells of the grid.
std::vector<double> areas_over(const Grid& g, const std::vector<Area>& areas) {
  const Overlay overlay{g, {&areas}};
  std::vector<double> sums(areas.size() + 1, 0.0);
  for (int j = 0; j < g.ny; ++j)
    for (int i = 0; i < g.nx; ++i) {
      double cell = 0.0;
      for (const Overlay::Piece& p : overlay.pieces(g.cell(i, j))) {
        sums[static_cast<std::size_t>(p.top[0])] += p.area;
        cell += p.area;
      }
      CHECK(cell == Approx(g.dx() * g.dy()).epsilon(1e-12));
    }
  return sums;
}

double shoelace(const std::vector<std::array<double, 2>>& p) {
  double twice = 0.0;
  for (std::size_t a = 0, b = p.size() - 1; a < p.size(); b = a++)
    twice += p[b][0] * p[a][1] - p[a][0] * p[b][1];
  return 0.5 * std::abs(twice);
}

/// What two circles have in common (two segments, school formula).
double lens(double r, double s, double d) {
  const double a = std::acos((d * d + r * r - s * s) / (2 * d * r)),
               b = std::acos((d * d + s * s - r * r) / (2 * d * s));
  return r * r * (a - 0.5 * std::sin(2 * a)) + s * s * (b - 0.5 * std::sin(2 * b));
}

}  // namespace

TEST_CASE("areas come out exactly, whatever the grid cuts them into", "[overlay]") {
  for (const int n : {1, 2, 7, 40}) {
    INFO(n << " cells a side");
    const Grid g{n, n + 3, -0.2, 1.3, 0.1, 1.2};
    CHECK(areas_over(g, {Circle{0.513, 0.62, 0.317}})[1] == Approx(pi * 0.317 * 0.317).epsilon(1e-12));
    CHECK(areas_over(g, {Circle{0.513, 0.62, 0.0011}})[1] == Approx(pi * 0.0011 * 0.0011).epsilon(1e-9));
    CHECK(areas_over(g, {Rectangle{{0.0123, 0.7}, {0.3, 0.300004}}})[1] ==
          Approx(0.6877 * 4e-6).epsilon(1e-9));
    const std::vector<std::array<double, 2>> l{{0.1, 0.2},  {1.0, 0.33}, {0.9, 0.6},
                                               {0.5, 0.45}, {0.41, 1.1}, {0.05, 0.9}};
    CHECK(areas_over(g, {Polygon{l}})[1] == Approx(shoelace(l)).epsilon(1e-12));
    // A pentagram drawn in one line: five points count, the pentagon within does not (even-odd).
    std::vector<std::array<double, 2>> star;
    for (int k = 0; k < 5; ++k)
      star.push_back({0.5 + 0.4 * std::sin(0.8 * pi * k), 0.65 + 0.4 * std::cos(0.8 * pi * k)});
    const double inner = 0.4 * std::sin(0.1 * pi) / std::cos(0.2 * pi);  // radius of the pentagon's corners
    const double tips = 5.0 * 0.4 * inner * std::sin(0.2 * pi) - 2.5 * inner * inner * std::sin(0.4 * pi);
    CHECK(areas_over(g, {Polygon{star}})[1] == Approx(tips).epsilon(1e-12));
    CHECK(area_of(Polygon{star}) == Approx(tips).epsilon(1e-12));
  }
}

TEST_CASE("what touches without crossing keeps its area, wherever in a cell that is", "[overlay]") {
  for (const int n : {1, 2, 3, 8, 9, 17}) {
    INFO(n << " cells a side");
    const Grid g{n, n, 0.0, 1.0, 0.0, 1.0};
    // Inscribed in the domain; in a rectangle; in a square that stands on its corner; circles in and at
    // circles.
    for (const double x : {0.5, 0.5 - 1e-16, 0.5 + 1e-12})
      CHECK(areas_over(g, {Circle{x, 0.5, 0.5}})[1] == Approx(pi * 0.25).epsilon(1e-9));
    const auto in_box = areas_over(g, {Rectangle{{0.1, 0.7}, {0.2, 0.8}}, Circle{0.4, 0.5, 0.3}});
    CHECK(in_box[1] == Approx(0.36 - pi * 0.09).epsilon(1e-9));
    CHECK(in_box[2] == Approx(pi * 0.09).epsilon(1e-9));
    const double r = 0.4 / std::sqrt(2.0);
    const Polygon turned{{{0.1, 0.5}, {0.5, 0.1}, {0.9, 0.5}, {0.5, 0.9}}};
    CHECK(areas_over(g, {turned, Circle{0.5, 0.5, r}})[1] == Approx(0.32 - pi * r * r).epsilon(1e-9));
    const auto side_by_side = areas_over(g, {Circle{0.3, 0.5, 0.3}, Circle{0.8, 0.5, 0.2}});
    CHECK(side_by_side[1] == Approx(pi * 0.09).epsilon(1e-9));
    CHECK(side_by_side[2] == Approx(pi * 0.04).epsilon(1e-9));
    const auto within = areas_over(g, {Circle{0.5, 0.5, 0.4}, Circle{0.3, 0.5, 0.2}});
    CHECK(within[1] == Approx(pi * 0.12).epsilon(1e-9));
  }
}

TEST_CASE("where areas overlap in a cell the later one wins", "[overlay]") {
  for (const int n : {1, 3, 16}) {
    INFO(n << " cells a side");
    const Grid g{n, n, 0.0, 1.0, 0.0, 1.0};
    const double both = lens(0.3, 0.21, 0.25);
    const auto circles = areas_over(g, {Circle{0.4, 0.45, 0.3}, Circle{0.55, 0.65, 0.21}});
    CHECK(circles[2] == Approx(pi * 0.21 * 0.21).epsilon(1e-12));
    CHECK(circles[1] == Approx(pi * 0.09 - both).epsilon(1e-12));
    const auto ring = areas_over(g, {Circle{0.5, 0.5, 0.4}, Circle{0.5, 0.5, 0.39}, Circle{0.5, 0.5, 0.1}});
    CHECK(ring[1] == Approx(pi * (0.16 - 0.1521)).epsilon(1e-11));
    CHECK(ring[2] == Approx(pi * (0.1521 - 0.01)).epsilon(1e-12));
    // A rectangle across a triangle: by its corners, sorted out by hand.
    const auto sharp =
        areas_over(g, {Polygon{{{0.1, 0.1}, {0.9, 0.1}, {0.5, 0.9}}}, Rectangle{{0.0, 1.0}, {0.3, 0.5}}});
    CHECK(sharp[2] == Approx(0.2).epsilon(1e-12));
    CHECK(sharp[1] == Approx(0.32 - 0.2 * 0.5 * (0.6 + 0.4)).epsilon(1e-12));
  }
  // At random, against points counted one by one.
  std::mt19937 random{11};
  std::uniform_real_distribution<double> unit{0.0, 1.0};
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<Area> areas;
    for (int k = 0; k < 2; ++k) {
      areas.push_back(Circle{unit(random), unit(random), 0.1 + 0.5 * unit(random)});
      Polygon p;
      for (int c = 0; c < 5; ++c) p.points.push_back({2 * unit(random) - 0.5, 2 * unit(random) - 0.5});
      areas.push_back(p);
      const double x = unit(random), y = unit(random);
      areas.push_back(Rectangle{{x, x + 0.3}, {y, y + 0.2}});
    }
    const auto sums = areas_over(Grid{2, 2, 0.0, 1.0, 0.0, 1.0}, areas);
    constexpr int m = 400;
    std::vector<double> counted(sums.size(), 0.0);
    for (int j = 0; j < m; ++j)
      for (int i = 0; i < m; ++i) {
        std::size_t top = 0;
        for (std::size_t n = 0; n < areas.size(); ++n)
          if (contains(areas[n], (i + 0.5) / m, (j + 0.5) / m)) top = n + 1;
        counted[top] += 1.0 / (m * m);
      }
    for (std::size_t n = 0; n < sums.size(); ++n) CHECK(sums[n] == Approx(counted[n]).margin(4e-3));
  }
}

TEST_CASE("pieces of several properties at once", "[overlay]") {
  const Grid g{1, 1, 0.0, 1.0, 0.0, 1.0};
  const std::vector<Area> left{Rectangle{{0.0, 0.25}, {0.0, 1.0}}}, low{Rectangle{{0.0, 1.0}, {0.0, 0.5}}};
  double sums[2][2] = {};
  for (const Overlay::Piece& p : Overlay{g, {&left, &low}}.pieces(g.cell(0, 0)))
    sums[p.top[0]][p.top[1]] += p.area;
  CHECK(sums[1][1] == Approx(0.125));
  CHECK(sums[1][0] == Approx(0.125));
  CHECK(sums[0][1] == Approx(0.375));
  CHECK(sums[0][0] == Approx(0.375));
}

TEST_CASE("a line is cut into the areas it passes", "[overlay]") {
  const Grid g{10, 10, 0.0, 1.0, 0.0, 1.0};
  const std::vector<Area> areas{Circle{0.5, 0.5, 0.3},
                                Polygon{{{0.4, 0.0}, {0.6, 0.0}, {0.6, 1.0}, {0.4, 1.0}}}};
  const Overlay overlay{g, {&areas}};
  for (const int axis : {0, 1}) {
    const auto line = overlay.line(axis, 0.62, 0.1, 0.95, 0);
    double length[3] = {};
    for (const auto& s : line) length[s.top] += s.to - s.from;
    const double chord = 2.0 * std::sqrt(0.09 - 0.12 * 0.12);
    CHECK(length[2] == Approx(axis == 0 ? 0.2 : 0.0).margin(1e-14));
    CHECK(length[1] == Approx(chord - length[2]).epsilon(1e-13));
    CHECK(length[0] == Approx(0.85 - chord).epsilon(1e-13));
    CHECK(line.front().from == 0.1);
    CHECK(line.back().to == 0.95);
  }
  CHECK(overlay.straight({0.4, 0.5, 0.9, 1.0}, 0));
  CHECK_FALSE(overlay.straight({0.4, 0.5, 0.7, 0.9}, 0));
}

TEST_CASE("an edge on a face cuts no cell, nor one beside it by rounding", "[overlay]") {
  const Grid g{10, 10, 0.0, 1.0, 0.0, 1.0};
  for (const double off : {0.0, 3e-17, 9e-11, -9e-11}) {
    const std::vector<Area> areas{
        Rectangle{{0.3 + off, 0.7 - off}, {0.2 + off, 0.6}},
        Polygon{{{0.1, 0.1 + off}, {0.9, 0.1}, {0.9, 0.2 - off}, {0.1 + off, 0.2}}}};
    const Overlay overlay{g, {&areas}};
    int cut = 0;
    for (int j = 0; j < 10; ++j)
      for (int i = 0; i < 10; ++i) {
        const auto pieces = overlay.pieces(g.cell(i, j));
        cut +=
            std::any_of(pieces.begin(), pieces.end(), [&](const auto& p) { return p.top != pieces[0].top; });
      }
    CHECK(cut == 0);
  }
}

TEST_CASE("the mean of k between two temperatures", "[kirchhoff]") {
  const auto mean = [](const Function& k, double a, double b) {
    return mean_between(k, 0.0, 0.0, a, b, k(0, 0, 0, a), k(0, 0, 0, b));
  };
  const Function exponential = Function::expression("exp(0.015*T)", "T"),
                 linear = Function::expression("2 + 0.1*T", "T"),
                 peak = Function::expression("1/(1 + (T - 50)^2)", "T"),
                 table = Function::table({0.0, 100.0, 200.0, 1000.0}, {100.0, 10.0, 1.0, 1.0});
  for (const auto& [a, b] :
       {std::pair{0.0, 1000.0}, {-20.0, 30.0}, {17.0, 17.0 + 1e-9}, {40.0, 61.0}, {199.5, 200.25}}) {
    INFO(a << " to " << b);
    CHECK(mean(exponential, a, b) ==
          Approx(std::exp(0.015 * a) * std::expm1(0.015 * (b - a)) / (0.015 * (b - a))).epsilon(1e-12));
    CHECK(mean(linear, a, b) == Approx(2.0 + 0.05 * (a + b)).epsilon(1e-13));
    if (b - a > 1e-3)
      CHECK(mean(peak, a, b) == Approx((std::atan(b - 50.0) - std::atan(a - 50.0)) / (b - a)).epsilon(1e-11));
    for (const Function* k : {&exponential, &linear, &peak, &table})
      CHECK(mean(*k, a, b) == Approx(mean(*k, b, a)).epsilon(1e-14));
  }
  // By the antiderivative, written down for the three straight parts.
  const auto K = [](double T) {
    if (T < 0.0) return 100.0 * T;
    if (T < 100.0) return 100.0 * T - 0.45 * T * T;
    if (T < 200.0) return 5500.0 + 10.0 * (T - 100.0) - 0.045 * (T - 100.0) * (T - 100.0);
    return 6050.0 + (T - 200.0);
  };
  for (const auto& [a, b] : {std::pair{0.0, 1000.0},
                             {-50.0, 50.0},
                             {99.0, 101.0},
                             {120.0, 190.0},
                             {300.0, 2000.0},
                             {100.0, 200.0}})
    CHECK(mean(table, a, b) == Approx((K(b) - K(a)) / (b - a)).epsilon(1e-13));
  CHECK(mean(table, 150.0, 150.0) == table(0, 0, 0, 150.0));
}

TEST_CASE("layers in series find the temperatures between them", "[kirchhoff]") {
  const Function steep = Function::table({0.0, 100.0, 200.0, 1000.0}, {100.0, 10.0, 1.0, 1.0}),
                 falling = Function::expression("50*exp(-0.01*T)", "T"), foil{400.0}, wool{0.04};
  const std::vector<std::vector<Layer>> walls{
      {{&steep, 0, 0, 0.3}},
      {{&steep, 0, 0, 0.3}, {&falling, 0, 0, 0.2}},
      {{&foil, 0, 0, 0.01}, {&steep, 0, 0, 0.5}, {&wool, 0, 0, 1e-3}, {&falling, 0, 0, 0.1}},
      {{&wool, 0, 0, 0.1}, {&foil, 0, 0, 0.2}}};
  for (const auto& layers : walls)
    for (const auto& [a, b] : {std::pair{1000.0, 0.0}, {0.0, 1000.0}, {150.0, 151.0}, {90.0, 90.0}}) {
      INFO(layers.size() << " layers, " << a << " to " << b);
      double length = 0.0;
      for (const Layer& l : layers) length += l.length;
      const double k = series_between(layers, a, b), flux = k * (a - b) / length;
      // Against marching: the temperature behind each layer for this flux, by bisection.
      double T = a;
      for (const Layer& l : layers) {
        double low = -2000.0, high = 3000.0;
        for (int n = 0; n < 200; ++n) {
          const double m = 0.5 * (low + high);
          double integral = 0.0;  // of k from m to T, by many small steps
          constexpr int steps = 2000;
          for (int s = 0; s < steps; ++s)
            integral += (*l.k)(0, 0, 0, m + (s + 0.5) / steps * (T - m)) * (T - m) / steps;
          (integral / l.length > flux ? low : high) = m;
        }
        T = 0.5 * (low + high);
      }
      CHECK(T == Approx(b).margin(2e-3 * (std::abs(a - b) + 1e-6)));
      CHECK(k > 0.0);
      std::vector<Layer> back{layers.rbegin(), layers.rend()};
      CHECK(series_between(back, b, a) == Approx(k).epsilon(1e-11));
      double between = 0.0;
      if (layers.size() == 2) {
        series_between(layers, a, b, 1, &between);
        CHECK(between >= std::min(a, b));
        CHECK(between <= std::max(a, b));
      }
    }
}
