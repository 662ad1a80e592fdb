// SPDX-License-Identifier: BSD-3-Clause
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "app/files/plot_command.hpp"
#include "app/plot/colour_map.hpp"
#include "app/plot/plot_table.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using namespace calor::app;

namespace {

constexpr Colour white{255, 255, 255};

/// As a sweep of two keys leaves it, its second case failed.
const std::string sweep =
    "case,material.conductivity,region.duct.radius,status,tries,seconds,T_max,heat_left,reason\n"
    "1,1,0.1,done,1,2.5,400,-1e5,\n"
    "2,2,0.1,failed,3,,,,\"no convergence, at t = 3\"\n"
    "3,4,0.1,done,1,2.5,340,-2e5,\n"
    "4,3,0.1,done,1,2.5,350,-2e5,\n"
    "5,1,0.2,done,1,2.5,420,-1e5,\n"
    "6,2,0.2,done,1,2.5,nan,-1e5,\n"
    "7,4,0.2,waiting,0,,,,\n";

TablePicture picture(const std::string& text, const TableChoice& choice) {
  return table_picture(read_csv(text, "t.csv"), choice, "title");
}

Exit refusal(const std::string& text, const TableChoice& choice, std::string* message = nullptr) {
  try {
    render(picture(text, choice));
  } catch (const Error& error) {
    if (message != nullptr) *message = error.what();
    return error.code();
  }
  return Exit::done;
}

/// The table of y over x, with a third column.
std::string table(const std::vector<TablePoint>& points, const std::vector<std::string>& third = {}) {
  std::string text = "x,y,z\n";
  for (std::size_t k = 0; k < points.size(); ++k)
    text += std::to_string(points[k].x) + "," + std::to_string(points[k].y) + "," +
            (third.empty() ? "1" : third[k]) + "\n";
  return text;
}

/// A table of `n` series of three points each.
std::string series_table(int n, const std::string& prefix) {
  std::vector<TablePoint> points;
  std::vector<std::string> third;
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < 3; ++i) {
      points.push_back({double(i), k + 0.3 * i});
      third.push_back(prefix + std::to_string(k));
    }
  return table(points, third);
}

/// A drawn table and its pixels.
struct Shown : TablePlot {
  Image image;
};
Shown show(const TablePicture& p) {
  TablePlot plot = render(p);
  Image image = plot.canvas.image();
  return {std::move(plot), std::move(image)};
}

bool inside(const Point& p, const Rect& r) {
  return p.x > r.x && p.x < r.right() && p.y > r.y && p.y < r.bottom();
}

Colour at(const Shown& plot, const Point& p) {
  return plot.image.at(static_cast<int>(p.x), static_cast<int>(p.y));
}

bool border_is_paper(const Image& image) {
  const int w = image.width, h = image.height;
  bool paper_only = true;
  for (int x = 0; x < w; ++x)
    paper_only = paper_only && image.at(x, 0) == white && image.at(x, h - 1) == white;
  for (int y = 0; y < h; ++y)
    paper_only = paper_only && image.at(0, y) == white && image.at(w - 1, y) == white;
  return paper_only;
}

bool all_paper(const Image& image, const Rect& area) {
  for (int y = area.y; y < area.bottom(); ++y)
    for (int x = area.x; x < area.right(); ++x)
      if (!(image.at(x, y) == white)) return false;
  return true;
}

/// What holds for every picture: points, ticks and words lie where they belong.
void check_sound(const TablePicture& p, const Shown& plot) {
  CHECK(border_is_paper(plot.image));
  REQUIRE(plot.points.size() == p.series.size());
  REQUIRE(plot.colours.size() == p.series.size());
  for (std::size_t k = 0; k < p.series.size(); ++k) {
    REQUIRE(plot.points[k].size() == p.series[k].points.size());
    for (const Point& point : plot.points[k]) CHECK(inside(point, plot.field));
  }
  for (const PlotAxis* axis : {&plot.x, &plot.y}) {
    CHECK(axis->low < axis->high);
    CHECK(axis->labels.text.size() == axis->ticks.at.size());
    for (const auto* list : {&axis->ticks.at, &axis->minor})
      for (const double v : *list) CHECK((axis->place(v) > -1e-6 && axis->place(v) < 1.0 + 1e-6));
  }
  for (const Rect* beside : {&plot.legend, &plot.scale}) {
    if (beside->width == 0) continue;
    CHECK(beside->x > plot.field.right() + 10);
    CHECK(beside->right() < plot.image.width - 10);
    CHECK(beside->bottom() <= plot.field.bottom());
  }
}

/// A directory of this test's own, gone with it.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("calor_test_plot_table_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return (path / name).string(); }
};

}  // namespace

TEST_CASE("a column goes by the last parts of its name", "[table]") {
  for (const char* name : {"material.conductivity", "conductivity"})
    CHECK(picture(sweep, {name, "T_max"}).x.name == "material.conductivity");
  CHECK(picture(sweep, {"duct.radius", "T_max"}).x.name == "region.duct.radius");
  std::string message;
  CHECK(refusal(sweep, {"conductivty", "T_max"}, &message) == Exit::usage);
  CHECK(message.find("t.csv; did you mean \"conductivity\"?; there is: case, material.conductivity") !=
        std::string::npos);
  CHECK(refusal(sweep, {"ductivity", "T_max"}) == Exit::usage);
  CHECK(refusal(sweep, {"conductivity", "T_max", "nothing"}) == Exit::usage);
  const std::string twice = "a.radius,b.radius,radius.c,y\n1,2,3,4\n";
  CHECK(refusal(twice, {"radius", "y"}, &message) == Exit::usage);
  CHECK(message.find("a.radius, b.radius") != std::string::npos);
  CHECK(refusal(twice, {"b.radius", "y"}) == Exit::done);
  // A whole name goes before the end of another.
  CHECK(picture("a.radius,radius,y\n1,2,3\n", {"radius", "y"}).x.name == "radius");
}

TEST_CASE("axes have the units that the table's maker has told", "[table]") {
  TableChoice choice{"material.conductivity", "T_max", "duct.radius"};
  choice.degree = "\u00b0C";
  CHECK(picture(sweep, choice).x.unit.empty());
  choice.units = {{"material.conductivity", "W/(m K)"}, {"T_max", "degC"}, {"region.duct.radius", "1"}};
  const TablePicture p = picture(sweep, choice);
  CHECK(p.x.unit == "W/(m K)");
  CHECK(p.y.unit == "\u00b0C");
  CHECK(p.colour.unit.empty());
}

TEST_CASE("cases that are not done or have no number are left out, and counted", "[table]") {
  const TablePicture p = picture(sweep, {"conductivity", "T_max", "radius"});
  REQUIRE(p.series.size() == 2);
  CHECK(p.series[0].name == "0.1");
  CHECK(p.series[1].value == 0.2);
  REQUIRE(p.series[0].points.size() == 3);
  CHECK(p.series[1].points.size() == 1);
  // In the order of x, not of the table.
  CHECK(p.series[0].points[1].x == 3.0);
  CHECK(p.series[0].points[2].y == 340.0);
  CHECK(p.joined);
  CHECK(p.title == "title");
  CHECK(p.subtitle == std::vector<std::string>{"4 cases", "2 left out: not done", "1 left out: no number"});
  CHECK(p.footer == std::vector<std::string>{"least 340 K in case 3", "greatest 420 K in case 5"});
  CHECK(p.y.unit == "K");
  CHECK(picture(sweep, {"conductivity", "T_max", "", false, false, "degC"}).y.unit == "degC");
  CHECK(picture(sweep, {"conductivity", "heat_left"}).y.unit == "J/m");
  CHECK(picture(sweep, {"conductivity", "seconds"}).y.unit == "s");
  CHECK(p.x.unit.empty());
  // A table without a column `status` is all done.
  CHECK(picture("x,y\n1,2\n3,4\n", {"x", "y"}).subtitle == std::vector<std::string>{"2 rows"});
}

TEST_CASE("several cases of one x are not joined, and the picture says why", "[table]") {
  const TablePicture p = picture(sweep, {"conductivity", "T_max"});
  CHECK(!p.joined);
  CHECK(p.subtitle.back() == "not joined: region.duct.radius varies too");
  CHECK(picture("x,y\n1,2\n1,4\n", {"x", "y"}).subtitle.back() == "not joined: several cases of one x");

  // A line between two points, or paper and grid.
  const auto between = [](const Shown& plot) {
    const Point &a = plot.points[0][0], &b = plot.points[0][1];
    const Colour seen =
        at(plot, {(a.x + b.x) / 2.0, (a.y + b.y) / 2.0});  // the line covers most of the pixel
    return distance(to_oklab(seen), to_oklab(plot.colours[0])) < 0.2;
  };
  TablePicture two = picture("x,y\n1,2\n2,4\n", {"x", "y"});
  CHECK(between(show(two)));
  two.joined = false;
  CHECK(!between(show(two)));
}

TEST_CASE("cases between which another key changes are not joined, unless it goes along with x", "[table]") {
  const auto joined_with = [](const char* second, const char* third) {
    return picture(std::string{"case,k,other,status,y\n1,1,5,done,1\n2,2,"} + second + ",done,2\n3,3," +
                       third + ",done,3\n",
                   {"k", "y"})
        .joined;
  };
  CHECK(joined_with("5", "5"));
  CHECK(joined_with("7", "9"));
  CHECK(joined_with("3", "1"));
  CHECK(!joined_with("9", "7"));
  CHECK(!joined_with("1", "3"));
  CHECK(!joined_with("five", "six"));
  CHECK(picture("case,k,other,status,y\n1,1,5,done,1\n2,1,6,done,2\n", {"k", "y"}).subtitle.back() ==
        "not joined: other varies too");
}

TEST_CASE("a marker lies where its values say", "[table]") {
  const std::string text = table({{0.0, -20.0}, {10.0, 40.0}, {30.0, 0.0}, {40.0, 20.0}});
  const TablePicture p = picture(text, {"x", "y"});
  const Shown plot = show(p);
  check_sound(p, plot);
  const Rect& f = plot.field;
  for (std::size_t k = 0; k < 4; ++k) {
    const TablePoint& value = p.series[0].points[k];
    const Point& point = plot.points[0][k];
    CHECK(point.x == Approx(f.x + (value.x - plot.x.low) / (plot.x.high - plot.x.low) * f.width));
    CHECK(point.y == Approx(f.bottom() - (value.y - plot.y.low) / (plot.y.high - plot.y.low) * f.height));
    CHECK(at(plot, point) == plot.colours[0]);
    // All four are ticks of both axes: the ticks' lines outside the frame point at the marker.
    REQUIRE(std::count(plot.x.ticks.at.begin(), plot.x.ticks.at.end(), value.x) == 1);
    REQUIRE(std::count(plot.y.ticks.at.begin(), plot.y.ticks.at.end(), value.y) == 1);
    CHECK(at(plot, {f.x - 8.0, point.y}) == ink);
    CHECK(at(plot, {point.x, f.bottom() + 8.0}) == ink);
  }
  CHECK(plot.points[0][1].y < plot.points[0][3].y);
  CHECK(plot.points[0][3].y < plot.points[0][2].y);
  // Nothing but the markers, the line and the grid has been drawn inside the frame's corners.
  CHECK(at(plot, {f.x + 3.0, f.y + 3.0}) == white);
}

TEST_CASE("axes are logarithmic where the values ask for it", "[table]") {
  CHECK(spread_over_decades({1.0, 10.0, 100.0, 1000.0}));
  CHECK(spread_over_decades({5.0, 50.0, 500.0, 5000.0, 5.0}));
  CHECK(!spread_over_decades({1.0, 10.0, 100.0}));                  // two decades, not more
  CHECK(!spread_over_decades({1.0, 250.0, 500.0, 750.0, 1000.0}));  // evenly spaced as they are
  CHECK(!spread_over_decades({1.0, 2.0, 3.0, 1000.0}));             // one far away
  CHECK(!spread_over_decades({0.0, 10.0, 100.0, 1000.0}));
  CHECK(!spread_over_decades({-1.0, 10.0, 100.0, 1000.0}));
  CHECK(!spread_over_decades({1.0, 1000.0}));
  CHECK(!spread_over_decades({}));

  const TablePicture p = picture(table({{1, 3}, {10, 4}, {100, 5}, {1000, 6}}), {"x", "y"});
  CHECK(p.x.logarithmic);
  CHECK(!p.y.logarithmic);
  const Shown plot = show(p);
  check_sound(p, plot);
  const auto& at_pixel = plot.points[0];
  CHECK(at_pixel[1].x - at_pixel[0].x == Approx(at_pixel[3].x - at_pixel[2].x));
  CHECK(at_pixel[2].x - at_pixel[1].x == Approx(at_pixel[3].x - at_pixel[2].x));
  CHECK(plot.x.ticks.at == std::vector<double>{1.0, 10.0, 100.0, 1000.0});
  CHECK(plot.x.labels.text == std::vector<std::string>{"1", "10", "100", "1000"});
  for (const Point& point : at_pixel) CHECK(at(plot, {point.x, plot.field.bottom() + 8.0}) == ink);
}

TEST_CASE("a logarithmic axis can be forced, for positive numbers", "[table]") {
  const std::string text = table({{1, 300}, {2, 310}, {3, 330}});
  CHECK(!picture(text, {"x", "y"}).x.logarithmic);
  const TablePicture p = picture(text, {"x", "y", "", true, true});
  CHECK(p.x.logarithmic);
  CHECK(p.y.logarithmic);
  const Shown plot = show(p);
  check_sound(p, plot);
  CHECK(plot.x.logarithmic);
  // Less than a decade: there are ticks all the same.
  CHECK(plot.x.ticks.at.size() >= 2);
  CHECK(plot.y.ticks.at.size() >= 2);
  const double part =
      (plot.points[0][1].x - plot.points[0][0].x) / (plot.points[0][2].x - plot.points[0][0].x);
  CHECK(part == Approx(std::log(2.0) / std::log(3.0)));

  std::string message;
  CHECK(refusal(table({{0, 1}, {2, 3}}), {"x", "y", "", true, false}, &message) == Exit::usage);
  CHECK(message.find("--log-x: x is 0 in t.csv:2") != std::string::npos);
  CHECK(refusal(table({{1, 1}, {2, -3}}), {"x", "y", "", false, true}) == Exit::usage);
  CHECK(refusal("x,y\nharmonic,2\n", {"x", "y", "", true, false}) == Exit::usage);
  // What is left out is not asked.
  CHECK(refusal("x,status,y\n0,failed,\n2,done,3\n", {"x", "y", "", true, true}) == Exit::done);
}

TEST_CASE("ticks of a logarithmic axis are powers of ten, or lie between", "[table][ticks]") {
  CHECK(make_log_axis(0.5, 2e6, 900.0, true, 18.0).labels.text.back() ==
        "10\u2076");  // not all are short as plain numbers
  CHECK(make_log_axis(3.0, 70.0, 900.0, true, 18.0).ticks.at == std::vector<double>{5.0, 10.0, 20.0, 50.0});
  for (const double low : {1e-307, 1e-300, 3.7e-5, 0.2, 1.0, 61.0, 1e200})
    for (const double factor : {1.01, 1.7, 9.0, 30.0, 1e3, 1e7, 1e40, 1e100, 1e307})
      for (const double pixels : {150.0, 300.0, 600.0, 4000.0})
        for (const bool along : {true, false}) {
          const double high = std::min(low * factor, 1e307);
          const PlotAxis axis = make_log_axis(low, high, pixels, along, 18.0);
          CAPTURE(low, high, pixels, along, axis.ticks.at, axis.labels.text);
          if (high - low > 1e-290) CHECK(axis.ticks.at.size() >= 2);
          CHECK(axis.logarithmic);
          double before = -1e9;
          for (std::size_t k = 0; k < axis.ticks.at.size(); ++k) {
            const double at = axis.place(axis.ticks.at[k]) * pixels;
            CHECK((at > -1e-3 && at < pixels + 1e-3));
            const double room = along ? text_width(axis.labels.text[k], 18.0) : 18.0;
            if (factor > 2.0 && pixels > 200.0) CHECK(at - before > room);
            before = at;
          }
        }
}

TEST_CASE("words are places along x", "[table]") {
  const std::string text =
      "mean,y\nharmonic,3\narithmetic,5\nharmonic,4\n7,6\nupwind of the stream and further on,2\n";
  const TablePicture p = picture(text, {"mean", "y"});
  CHECK(p.x.words ==
        std::vector<std::string>{"harmonic", "arithmetic", "7", "upwind of the stream and further on"});
  CHECK(!p.joined);
  const Shown plot = show(p);
  check_sound(p, plot);
  REQUIRE(plot.points[0].size() == 5);
  CHECK(plot.points[0][0].x == plot.points[0][1].x);
  for (const std::size_t k : {2u, 3u})
    CHECK(plot.points[0][k + 1].x - plot.points[0][k].x == Approx(plot.field.width / 4.0));
  CHECK(plot.points[0][0].x - plot.field.x == Approx(plot.field.width / 8.0));

  CHECK(picture("mean,y,z\nb,1,2\na,2,1\nb,2,1\n", {"mean", "y", "z"}).x.words ==
        std::vector<std::string>{"b", "a"});

  // Short words stand along the axis, long ones upwards, and of a great many only some.
  const auto height = [&](int n, const std::string& word) {
    std::string many = "mean,y\n";
    for (int k = 0; k < n; ++k) many += word + std::to_string(k) + ",1\n";
    const TablePicture q = picture(many, {"mean", "y"});
    const Shown drawn = show(q);
    check_sound(q, drawn);
    return drawn.image.height;
  };
  CHECK(height(5, "word ") + 40 < height(20, "word "));
  CHECK(height(20, "word ") < height(20, "a very long word "));
  CHECK(height(300, "a very long word ") < 1200);
}

TEST_CASE("series have colours and names of their own", "[table]") {
  for (const std::string prefix : {"", "word "})
    for (const int n : {2, 3, 7, 8, 12}) {
      TablePicture p = picture(series_table(n, prefix), {"x", "y", "z"});
      const Shown plot = show(p);
      CAPTURE(prefix, n);
      check_sound(p, plot);
      CHECK(p.joined);
      CHECK(plot.scale.width == 0);
      REQUIRE(plot.named.size() == std::size_t(n));
      CHECK(plot.named[1] == prefix + "1");
      for (std::size_t k = 0; k < std::size_t(n); ++k) {
        for (std::size_t m = 0; m < k; ++m)
          CHECK(distance(to_oklab(plot.colours[k]), to_oklab(plot.colours[m])) > 0.05);
        CHECK(distance(to_oklab(plot.colours[k]), to_oklab(white)) > 0.2);
        for (const Point& point : plot.points[k]) CHECK(at(plot, point) == plot.colours[k]);
      }
      // Every colour stands in the legend, whether lines or markers alone carry it.
      for (const bool with_lines : {true, false}) {
        p.joined = with_lines;
        const Shown drawn = show(p);
        std::set<std::tuple<int, int, int>> found;
        for (int y = drawn.legend.y; y < drawn.legend.bottom(); ++y)
          for (int x = drawn.legend.x; x < drawn.legend.right(); ++x) {
            const Colour c = drawn.image.at(x, y);
            found.emplace(c.r, c.g, c.b);
          }
        for (const Colour c : drawn.colours) CHECK(found.count({c.r, c.g, c.b}) == 1);
      }
    }
  const Shown alone = show(picture(table({{1, 2}, {2, 3}}), {"x", "y"}));
  CHECK(alone.legend.width == 0);
}

TEST_CASE("numbers of the colour key are in order, words as they appear", "[table]") {
  const std::string text = table({{1, 1}, {2, 2}, {3, 3}, {4, 4}}, {"10", "9", "1e1", "-3"});
  const TablePicture numbers = picture(text, {"x", "y", "z"});
  REQUIRE(numbers.series.size() == 3);
  CHECK(numbers.series[0].name == "\u22123");
  CHECK(numbers.series[2].points.size() == 2);
  const TablePicture words =
      picture(table({{1, 1}, {2, 2}, {3, 3}}, {"steel", "copper", ""}), {"x", "y", "z"});
  CHECK(words.colour.words == std::vector<std::string>{"steel", "copper", "(none)"});
  // Names tell apart what differs in a late digit.
  const TablePicture close = picture(table({{1, 1}, {2, 2}}, {"1.0000001", "1.0000002"}), {"x", "y", "z"});
  CHECK(close.series[0].name != close.series[1].name);
}

TEST_CASE("many numbers are shown by a colour scale, many words by some names", "[table]") {
  const TablePicture p = picture(series_table(40, ""), {"x", "y", "z"});
  const Shown plot = show(p);
  check_sound(p, plot);
  CHECK(plot.legend.width == 0);
  CHECK(plot.named.empty());
  REQUIRE(plot.scale.width > 0);
  CHECK(plot.scale.height == plot.field.height);
  const int x = plot.scale.x + plot.scale.width / 2;
  CHECK(plot.image.at(x, plot.scale.bottom() - 1) == plot.colours.front());
  CHECK(plot.image.at(x, plot.scale.y) == plot.colours.back());
  // Brighter upwards, and the colour of a value is at its place.
  for (std::size_t k = 1; k < 39; ++k) {
    CHECK(to_oklab(plot.colours[k]).L > to_oklab(plot.colours[k - 1]).L);
    const int y = plot.scale.bottom() - 1 - static_cast<int>(double(k) / 39.0 * plot.scale.height);
    CHECK(distance(to_oklab(plot.image.at(x, y)), to_oklab(plot.colours[k])) < 0.02);
  }

  const TablePicture words = picture(series_table(40, "word "), {"x", "y", "z"});
  const Shown named = show(words);
  check_sound(words, named);
  CHECK(named.scale.width == 0);
  CHECK(named.named.size() == 11);
  CHECK(named.named.front() == "word 0");
  CHECK(named.named.back() == "word 39");
}

TEST_CASE("one case, or equal values, still give a picture", "[table]") {
  for (const char* value : {"300", "0", "-1e-9", "1e300", "-1e300", "1e-300", "1e-320"})
    for (const bool logarithmic : {false, true}) {
      const std::string one = "x,y\n" + std::string{value} + "," + value + "\n";
      CAPTURE(value, logarithmic);
      const bool positive = value[0] != '-' && value[0] != '0' && std::string{value} != "1e-320";
      if (logarithmic && !positive) {
        CHECK(refusal(one, {"x", "y", "", true, true}) == Exit::usage);
        continue;
      }
      const TablePicture p = picture(one, {"x", "y", "", logarithmic, logarithmic});
      const Shown plot = show(p);
      check_sound(p, plot);
      CHECK(plot.points[0][0].x == Approx(plot.field.x + plot.field.width / 2.0).margin(1.0));
      CHECK(plot.points[0][0].y == Approx(plot.field.y + plot.field.height / 2.0).margin(1.0));
      CHECK(plot.y.ticks.at.size() >= 2);
    }
  // Equal but for the last bits: no reason to draw noise.
  const Shown nearly = show(picture("x,y\n1,300.00000000000006\n2,300\n", {"x", "y"}));
  CHECK(nearly.points[0][0].y == Approx(nearly.points[0][1].y).margin(0.1));
}

TEST_CASE("odd numbers are drawn or left out, never fatal", "[table]") {
  const std::string text =
      "x,y\n1e-300,1e300\n-1e300,-1e300\n1e300,1e-300\nnan,1\n1,inf\n-inf,2\n1e400,3\n2,1e-400\n,4\n5,\n+3, "
      "7 \n";
  const TablePicture p = picture(text, {"x", "y"});
  CHECK(p.subtitle == std::vector<std::string>{"4 rows", "7 left out: no number"});
  CHECK(p.series[0].points.back().x == 1e300);
  check_sound(p, show(p));
  const TablePicture decades = picture("x,y\n1e-300,1\n1,1\n1e300,1\n", {"x", "y"});
  CHECK(decades.x.logarithmic);
  check_sound(decades, show(decades));
}

TEST_CASE("what cannot be drawn is refused", "[table]") {
  std::string message;
  CHECK(refusal(sweep, {"", "T_max"}, &message) == Exit::usage);
  CHECK(message.find("--x; there is: case") != std::string::npos);
  CHECK(refusal(sweep, {"conductivity", ""}, &message) == Exit::usage);
  CHECK(message.find("--y; there is: case") != std::string::npos);
  CHECK(refusal(sweep, {"conductivity", "status"}, &message) == Exit::usage);
  CHECK(message.find("\"done\"") != std::string::npos);
  CHECK(message.find("t.csv:2") != std::string::npos);
  // Words of cases that are not drawn do not matter.
  CHECK(refusal("x,status,y\n1,failed,none\n2,done,3\n", {"x", "y"}) == Exit::done);
  CHECK(refusal("x,y\n", {"x", "y"}) == Exit::bad_data);
  CHECK(refusal("x,status,y\n1,failed,\n2,waiting,\n", {"x", "y"}, &message) == Exit::bad_data);
  CHECK(message.find("not one of its 2 cases is done") != std::string::npos);
  CHECK(refusal("x,status,y\n1,done,\n2,done,nan\n", {"x", "y"}) == Exit::bad_data);
  TablePicture p = picture(sweep, {"conductivity", "T_max"});
  for (const int width : {0, Picture::least_width - 1, Picture::most_width + 1}) {
    p.width = width;
    CHECK_THROWS_AS(render(p), Error);
  }
  p.width = 500;
  p.series.clear();
  CHECK_THROWS_AS(render(p), Error);
}

TEST_CASE("nothing reaches the border of a table's picture, nor stands on its neighbour", "[table]") {
  const std::string dotted = "region.a-name-that-is-long.";
  const std::string long_name =
      "conductivity_of_the_insulation_on_the_outer_side_of_the_wall_that_faces_north";
  for (const int width : {400, 777, 1200, 2000})
    for (const std::string word : {"", "the name of a material that nobody could ever pronounce "})
      for (const int n : {3, 12, 30}) {
        std::string text = dotted + long_name + "," + dotted + "response," + dotted + "colour\n";
        for (int k = 0; k < n; ++k)
          text += (k % 2 == 0 ? "1" : "-2e7") + std::to_string(k) + "," + std::to_string(300 + 1e-5 * k) +
                  "," + word + std::to_string(k) + "\n";
        TablePicture p = picture(text, {long_name, "response", "colour"});
        p.title = std::string(300, 'W');
        p.subtitle.push_back(std::string(300, 'M'));
        p.footer.push_back(std::string(300, 'm'));
        p.width = width;
        const Shown plot = show(p);
        CAPTURE(width, word, n);
        CHECK(plot.image.width == width);
        check_sound(p, plot);
        CHECK(plot.field.width > width / 3);
        // White between the frame and what is beside it.
        const Rect& beside = plot.scale.width > 0 ? plot.scale : plot.legend;
        CHECK(all_paper(plot.image, Rect{plot.field.right() + 4, plot.field.y, 8, plot.field.height}));
        CHECK(all_paper(plot.image, Rect{plot.image.width - 8, beside.y, 8, beside.height}));
      }
}

TEST_CASE("the command tells tables from snapshots", "[table][command]") {
  const Folder folder;
  std::filesystem::create_directories(folder.path / "film");
  std::filesystem::create_directories(folder.path / "run" / "snapshots");
  std::ofstream{folder / "film/sweep.csv"} << sweep;
  std::ofstream{folder / "broken.csv"} << "x,y\n1\n";
  std::ofstream{folder / "run/sweep.csv"} << sweep;
  std::ofstream{folder / "run/snapshots/snapshot_000000000.nc"} << "not one";
  PlotOptions o;
  o.out = folder / "a.png";
  o.x = "conductivity";
  o.y = {"T_max"};
  const auto code = [&](const std::string& what) {
    o.what = {folder / what};
    try {
      return plot_command(test::world(), o);
    } catch (const Error& error) {
      return error.code();
    }
  };
  CHECK(code("film") == Exit::done);
  CHECK(std::filesystem::file_size(o.out) > 1000);
  CHECK(code("film/sweep.csv") == Exit::done);
  o.out = folder / "a.gif";  // told before anything is read
  CHECK(code("none") == Exit::usage);
  CHECK(!std::filesystem::exists(o.out));
  o.out = folder / "a.PDF";
  CHECK(code("film") == Exit::done);
  CHECK(std::filesystem::file_size(o.out) > 1000);
  CHECK(code("none.csv") == Exit::no_input);
  CHECK(code("none") == Exit::no_input);
  CHECK(code("broken.csv") == Exit::bad_data);
  CHECK(code("run") == Exit::bad_data);  // its snapshot is what is meant
  o.y = {"T_mx"};
  CHECK(code("film") == Exit::usage);
  o.y = {};
  CHECK(code("film") == Exit::usage);
  o.y = {"T_max"};
  o.width = 10;
  CHECK(code("film") == Exit::usage);
  o.width = 1200;
  o.low = 3.0;
  CHECK(code("film") == Exit::usage);
  o.low = {};
  o.out = folder / "no/such/place.png";
  CHECK(code("film") == Exit::io_error);
}
