// SPDX-License-Identifier: BSD-3-Clause
// What lies over a field: outlines, holes, and the map for values of both signs.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "app/plot/colour_map.hpp"
#include "app/plot/plot.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;

namespace {

constexpr Colour white{255, 255, 255}, grey{158, 162, 166};
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

Picture square(int n, const std::vector<double>& values) {
  Picture p;
  p.nx = p.ny = n;
  p.values = values.data();
  p.isolines = false;
  return p;
}

double lightness(Colour c) { return to_oklab(c).L; }

}  // namespace

TEST_CASE("an outline is drawn where the edge lies, dark in a light halo", "[plot][outline]") {
  // Bright and dark fields: the line shows on both.
  for (const double level : {0.0, 0.5, 1.0}) {
    const std::vector<double> values(16, level);
    Picture p = square(4, values);
    p.vmin = 0.0;
    p.vmax = 1.0;
    const Plot plain = render(p);
    p.outlines = {{{0.2, 0.3}, {0.7, 0.3}, {0.7, 0.8}, {0.2, 0.8}, {0.2, 0.3}}};
    const Plot plot = render(p);
    CHECK(plot.outlines == 1);
    CHECK(plain.outlines == 0);
    REQUIRE(plot.field.width == plain.field.width);
    const Image image = plot.canvas.image(), before = plain.canvas.image();
    const Rect& f = plot.field;
    const Colour field = before.at(f.x + f.width / 2, f.y + f.height / 2);
    // The upper edge, y = 0.8, in the middle of the picture.
    const int row = static_cast<int>(0.2 * f.height), middle = f.width / 2;
    int first = row, last = row;
    for (int y = row - 8; y < row + 8; ++y) {
      if (image.at(f.x + middle, f.y + y) == field) continue;
      first = std::min(first, y);
      last = std::max(last, y);
    }
    CHECK(last - first <= 4);
    CHECK(std::abs(first + last - 2 * row) <= 2);
    double dark = 1.0, light = 0.0;
    for (int y = first; y <= last; ++y) {
      dark = std::min(dark, lightness(image.at(f.x + middle, f.y + y)));
      light = std::max(light, lightness(image.at(f.x + middle, f.y + y)));
    }
    CHECK(dark < 0.45);
    CHECK(light > 0.6);
    // Nothing is drawn eight pixels off the edge, nor beyond its corners.
    CHECK(image.at(f.x + middle, f.y + row + 8) == field);
    CHECK(image.at(f.x + middle, f.y + row - 8) == field);
    CHECK(image.at(f.x + static_cast<int>(0.9 * f.width), f.y + row) == field);
  }
}

TEST_CASE("outlines end at the domain, and leave its own edge alone", "[plot][outline]") {
  const std::vector<double> values(16, 0.5);
  Picture p = square(4, values);
  p.vmin = 0.0;
  p.vmax = 1.0;
  const Image plain = render(p).canvas.image();
  // The domain itself, and what lies wholly outside.
  p.outlines = {{{0.0, 0.0}, {1.0, 0.0}, {1.0, 1.0}, {0.0, 1.0}, {0.0, 0.0}}, {{2.0, 0.0}, {2.0, 1.0}}};
  Plot plot = render(p);
  CHECK(plot.outlines == 0);
  CHECK(bool(plot.canvas.image().pixels == plain.pixels));
  // Half outside: the page beside the field stays as it is.
  p.outlines = {{{0.5, 0.5}, {3.0, 0.5}, {3.0, 3.0}, {0.5, 3.0}, {0.5, 0.5}}};
  plot = render(p);
  CHECK(plot.outlines == 2);
  const Image image = plot.canvas.image();
  const Rect& f = plot.field;
  bool same = true;
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      if (x < f.x - 4 || x >= f.right() + 4 || y < f.y - 4 || y >= f.bottom() + 4)
        same = same && image.at(x, y) == plain.at(x, y);
  CHECK(same);
  const Colour corner = image.at(f.x + f.width / 2, f.y + f.height / 4);
  CHECK(lightness(corner) < 0.5);  // the edge x = 0.5 goes up to the frame
}

TEST_CASE("outlines that would hide the field are left out", "[plot][outline]") {
  const std::vector<double> values(16, 0.5);
  Picture p = square(4, values);
  for (int k = 1; k < 400; ++k) p.outlines.push_back({{0.0, k / 400.0}, {1.0, k / 400.0}});
  const Plot plot = render(p);
  CHECK(plot.outlines == 0);
  const Image image = plot.canvas.image();
  const Rect& f = plot.field;
  CHECK(image.at(f.x + f.width / 2, f.y + f.height / 2) == image.at(f.x + 3, f.y + 3));
  p.outlines.resize(40);
  CHECK(render(p).outlines == 40);
}

TEST_CASE("holes are left white, other gaps are grey", "[plot]") {
  std::vector<double> values(25, 1.0);
  values[12] = nan_value;
  Picture p = square(5, values);
  const auto middle = [&] {
    const Plot plot = render(p);
    return plot.canvas.image().at(plot.field.x + plot.field.width / 2, plot.field.y + plot.field.height / 2);
  };
  CHECK(middle() == grey);
  p.holes = true;
  CHECK(middle() == white);
}

TEST_CASE("the map of signed values darkens alike on both sides of zero", "[plot][colour]") {
  const double step = distance(sign_path(0.5), sign_path(0.51));
  for (int k = 0; k <= 50; ++k) {
    const double s = k / 100.0;
    CHECK(sign_path(0.5 - s).L == Approx(sign_path(0.5 + s).L));
    if (k > 0) {
      CHECK(distance(sign_path(0.5 - s), sign_path(0.5 - s + 0.01)) == Approx(step).epsilon(0.01));
      CHECK(distance(sign_path(0.5 + s), sign_path(0.5 + s - 0.01)) == Approx(step).epsilon(0.01));
      CHECK(sign_path(0.5 - s).b < 0.0);  // blue
      CHECK(sign_path(0.5 + s).a > 0.0);  // red
    }
  }
  for (int k = 0; k <= 1000; ++k)
    for (const double c : to_linear_srgb(sign_path(k / 1000.0))) CHECK((c >= 0.0 && c <= 1.0));
  CHECK(std::hypot(sign_path(0.5).a, sign_path(0.5).b) < 1e-12);
}

TEST_CASE("zero is the middle of a diverging scale", "[plot]") {
  const std::vector<double> values{-1.0, 0.0, 3.0, 1.0};
  Picture p = square(2, values);
  p.diverging = true;
  const Plot plot = render(p);
  CHECK(plot.low == -3.0);
  CHECK(plot.high == 3.0);
  const Image image = plot.canvas.image();
  const Rect& f = plot.field;
  const auto cell = [&](int i, int j) {
    return image.at(f.x + (2 * i + 1) * f.width / 4, f.y + (3 - 2 * j) * f.height / 4);
  };
  CHECK(cell(1, 0) == sign_colour(0.5));
  CHECK(cell(0, 0) == sign_colour(1.0 / 3.0));
  CHECK(cell(0, 1) == sign_colour(1.0));
  CHECK(cell(1, 1) == sign_colour(2.0 / 3.0));
  p.vmin = -0.5;
  p.vmax = 2.0;
  const Plot given = render(p);
  CHECK(given.low == -2.0);
  CHECK(given.high == 2.0);
}
