// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <limits>
#include <vector>

#include "app/plot/plot_table.hpp"
#include "app/plot/profile.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

/// Cells of growing widths over [0, 3] x [-1, 1], and what f is at their centres.
struct Field {
  std::vector<double> values;
  Picture picture;

  template <class F>
  Field(int nx, int ny, bool equal, F&& f) {
    picture.nx = nx;
    picture.ny = ny;
    picture.x0 = 0.0;
    picture.x1 = 3.0;
    picture.y0 = -1.0;
    picture.y1 = 1.0;
    std::vector<double> x, y;
    for (int i = 0; i <= nx; ++i) x.push_back(3.0 * std::pow(double(i) / nx, equal ? 1.0 : 1.7));
    for (int j = 0; j <= ny; ++j) y.push_back(-1.0 + 2.0 * std::pow(double(j) / ny, equal ? 1.0 : 1.4));
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        const auto a = std::size_t(i), b = std::size_t(j);
        values.push_back(f(0.5 * (x[a] + x[a + 1]), 0.5 * (y[b] + y[b + 1])));
      }
    if (!equal) {
      picture.x_faces = x;
      picture.y_faces = y;
    }
    picture.values = values.data();
  }
  Field(const Field&) = delete;
  Field& operator=(const Field&) = delete;
};

double linear(double x, double y) { return 7.0 + 3.0 * x - 2.0 * y; }

}  // namespace

TEST_CASE("along any line a linear field is what it is, up to the domain's edge", "[plot][profile]") {
  for (const bool equal : {true, false}) {
    const Field f{11, 7, equal, linear};
    const Point a{0.0, -1.0}, b{3.0, 0.9};
    const std::vector<ProfilePoint> line = profile(f.picture, a, b, 200);
    REQUIRE(line.size() == 200);
    const double length = std::hypot(3.0, 1.9);
    CHECK(line.front().along == 0.0);
    CHECK(line.back().along == Approx(length));
    for (const ProfilePoint& p : line) {
      const double t = p.along / length;
      CHECK(p.value == Approx(linear(3.0 * t, -1.0 + 1.9 * t)).epsilon(1e-12));
    }
  }
}

TEST_CASE("between centres the field is bilinear", "[plot][profile]") {
  const Field f{10, 10, true, [](double x, double y) { return x * y; }};
  for (const ProfilePoint& p : profile(f.picture, {0.4, -0.3}, {2.6, 0.7}, 57)) {
    const double t = p.along / std::hypot(2.2, 1.0);
    CHECK(p.value == Approx((0.4 + 2.2 * t) * (-0.3 + t)).margin(1e-12));
  }
}

TEST_CASE("a hole is a gap, up to whose edge the field goes on straight", "[plot][profile]") {
  const auto hole = [](double x, double y) { return std::hypot(x - 1.5, y) < 0.5; };
  const Field f{60, 40, true, [&](double x, double y) { return hole(x, y) ? nan_value : linear(x, y); }};
  int gaps = 0;
  for (const ProfilePoint& p : profile(f.picture, {0.0, 0.1}, {3.0, 0.1}, 601, hole)) {
    const bool in = hole(p.along, 0.1);
    CHECK(std::isnan(p.value) == in);
    gaps += in;
    if (!in) CHECK(p.value == Approx(linear(p.along, 0.1)).epsilon(1e-12));
  }
  CHECK(gaps > 100);
  // Where nobody knows what the hole looks like the cells say so.
  for (const ProfilePoint& p : profile(f.picture, {0.0, 0.1}, {3.0, 0.1}, 601))
    CHECK(std::isnan(p.value) == !has_value(f.picture, p.along, 0.1));
}

TEST_CASE("a single row of cells has a profile too", "[plot][profile]") {
  const Field f{12, 1, false, [](double x, double) { return x; }};
  for (const ProfilePoint& p : profile(f.picture, {0.0, 0.9}, {3.0, 0.9}, 31))
    CHECK(p.value == Approx(p.along).margin(1e-12));
}

TEST_CASE("no line is drawn across a gap, and none has markers if there are to be none", "[plot][profile]") {
  TablePicture p;
  p.x = TableAxis{"distance", "m", {}, false};
  p.y = TableAxis{"temperature", "K", {}, false};
  p.joined = true;
  p.markers = false;
  p.series = {{"", 0.0, {{0.0, 1.0}, {1.0, 1.0}, {2.0, 1.0}, {3.0, 1.0}}, {2}}};
  const TablePlot plot = render(p);
  const Image image = plot.canvas.image();
  const auto colour_at = [&](double x) {
    const double share = plot.x.place(x);
    return image.at(plot.field.x + static_cast<int>(share * plot.field.width),
                    static_cast<int>(plot.points[0][0].y));
  };
  for (const double x : {0.3, 0.6, 2.3, 2.6}) CHECK(colour_at(x) == plot.colours[0]);
  for (const double x : {1.2, 1.4, 1.6, 1.8}) CHECK_FALSE(colour_at(x) == plot.colours[0]);
  // Five pixels over the line, where a marker would be, is paper.
  CHECK_FALSE(image.at(static_cast<int>(plot.points[0][1].x), static_cast<int>(plot.points[0][1].y) - 4) ==
              plot.colours[0]);
}

TEST_CASE("several pictures of tables become one, a series each", "[plot][table]") {
  const auto curve = [](const TableAxis& y, double last) {
    TablePicture p;
    p.x = TableAxis{"time", "s", {}, false};
    p.y = y;
    p.joined = true;
    p.series = {{"", 0.0, {{0.0, 1.0}, {1.0, last}}}};
    return p;
  };
  const TableAxis kelvin{"T", "K", {}, false}, other{"U", "K", {}, false}, power{"P", "W", {}, false};
  const TablePicture all = together({curve(kelvin, 2.0), curve(kelvin, 5.0)}, {"first", "second"}, "run");
  REQUIRE(all.series.size() == 2);
  CHECK(all.series[1].name == "second");
  CHECK(all.series[1].points[1].y == 5.0);
  CHECK(all.y.name == "T");
  const TablePlot plot = render(all);
  CHECK(plot.named == std::vector<std::string>{"first", "second"});
  CHECK_FALSE(plot.colours[0] == plot.colours[1]);
  CHECK(together({curve(kelvin, 2.0), curve(other, 5.0)}, {"first", "second"}, "column").y.name == "value");
  CHECK_THROWS_AS(together({curve(kelvin, 2.0), curve(power, 5.0)}, {"first", "second"}, "column"), Error);
}
