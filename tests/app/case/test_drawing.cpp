// SPDX-License-Identifier: BSD-3-Clause
// Outlines from DXF drawings: areas against geometry on paper, and what is wrong with a drawing.
#include "app/case/drawing.hpp"

#include <unistd.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <string>
#include <variant>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/case/spec_of_case.hpp"
#include "decomposition/error.hpp"
#include "solver/model/overlay.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;
using Catch::Contains;

namespace {

constexpr double pi = std::numbers::pi;

/// Group codes and values, a line each.
template <class... T>
std::string groups(const T&... all) {
  std::string text;
  const auto put = [&](const auto& v) {
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(v)>>)
      text += std::to_string(v) + "\n";
    else
      text += std::string{v} + "\n";
  };
  (put(all), ...);
  return text;
}

using Corner = std::array<double, 3>;  // x, y, bulge

std::string light(const std::string& layer, const std::vector<Corner>& corners, bool closed = true,
                  const std::string& more = "") {
  std::string text = groups(0, "LWPOLYLINE", 8, layer, 90, corners.size(), 70, closed ? 1 : 0) + more;
  for (const Corner& c : corners) text += groups(10, c[0], 20, c[1], 42, c[2]);
  return text;
}
std::string heavy(const std::string& layer, const std::vector<Corner>& corners, int flags = 1) {
  std::string text = groups(0, "POLYLINE", 8, layer, 66, 1, 70, flags, 10, 0.0, 20, 0.0, 30, 0.0);
  for (const Corner& c : corners)
    text += groups(0, "VERTEX", 8, layer, 10, c[0], 20, c[1], 30, 0.0, 42, c[2]);
  return text + groups(0, "SEQEND", 8, layer);
}
std::string line(const std::string& layer) {
  return groups(0, "LINE", 8, layer, 10, 0.0, 20, 0.0, 11, 1.0, 21, 1.0);
}
/// @param unit  $INSUNITS; 0: not said
std::string drawing(const std::string& entities, int unit = 4, const std::string& blocks = "") {
  std::string text;
  if (unit != 0)
    text +=
        groups(0, "SECTION", 2, "HEADER", 9, "$ACADVER", 1, "AC1015", 9, "$INSUNITS", 70, unit, 0, "ENDSEC");
  if (!blocks.empty()) text += groups(0, "SECTION", 2, "BLOCKS") + blocks + groups(0, "ENDSEC");
  return text + groups(0, "SECTION", 2, "ENTITIES") + entities + groups(0, "ENDSEC", 0, "EOF");
}
const std::vector<Corner> square{{0, 0, 0}, {10, 0, 0}, {10, 10, 0}, {0, 10, 0}},
    inner{{3, 2, 0}, {3, 6, 0}, {8, 6, 0}, {8, 2, 0}};

double area_on(const std::string& text, const std::string& layer, double unit = 1.0) {
  const Drawing d = read_drawing(text, "a.dxf");
  REQUIRE(d.layer(layer) != nullptr);
  return area_of(outlines_of(*d.layer(layer), unit));
}

struct File {
  std::string path;
  explicit File(const std::string& bytes)
      : path{(std::filesystem::temp_directory_path() / ("calor_drawing_" + std::to_string(getpid()) + ".dxf"))
                 .string()} {
    std::ofstream{path, std::ios::binary} << bytes;
  }
  ~File() { std::filesystem::remove(path); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
};

std::string plate(const std::string& file, const std::string& keys) {
  return "[grid]\nnx = 20\nny = 20\nx = [0.0, 0.02]\ny = [0.0, 0.02]\n[material]\nconductivity = "
         "1.0\ndensity = 1.0\n"
         "specific_heat = 1.0\n[initial]\ntemperature = 300.0\n[time]\nend = 1.0\n[[region]]\nname = "
         "\"frame\"\nshape "
         "= \"dxf\"\nfile = \"" +
         file + "\"\nconductivity = 5.0\n" + keys + "\n";
}
std::string refusal(const std::string& drawn, const std::string& keys) {
  const File f{drawn};
  try {
    parse_case({{"a.toml", plate(f.path, keys)}});
  } catch (const Error& e) {
    CHECK(e.code() == Exit::bad_case);
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("closed polylines of both kinds and circles are outlines", "[drawing]") {
  CHECK(area_on(drawing(light("a", square)), "a") == Approx(100.0).epsilon(1e-14));
  CHECK(area_on(drawing(heavy("a", square)), "a") == Approx(100.0).epsilon(1e-14));
  // Closed by its last corner; with the line ends of another system; a layer's name with other capitals.
  std::vector<Corner> back = square;
  back.push_back(square.front());
  CHECK(area_on(drawing(light("Wall", back, false)), "wALL") == Approx(100.0).epsilon(1e-14));
  std::string crlf;
  for (const char c : drawing(heavy("a", back, 0))) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(area_on(crlf, "a") == Approx(100.0).epsilon(1e-14));
  CHECK(area_on(drawing(groups(0, "CIRCLE", 8, "a", 10, 3.0, 20, -4.0, 40, 2.0)), "a", 1e-3) ==
        Approx(4e-6 * pi).epsilon(1e-12));
  // Several outlines: what lies in an odd number of them.
  const std::string ring = drawing(light("a", square) + light("b", inner) + heavy("a", inner));
  CHECK(area_on(ring, "a") == Approx(80.0).epsilon(1e-13));
  CHECK(area_on(ring, "b") == Approx(20.0).epsilon(1e-13));
  const Drawing d = read_drawing(ring, "a.dxf");
  const Area area = outlines_of(*d.layer("a"), 1e-3);
  CHECK(contains(area, 1e-3, 1e-3));
  CHECK_FALSE(contains(area, 5e-3, 4e-3));
  CHECK(contains(area, 9e-3, 4e-3));
  CHECK_FALSE(contains(area, 11e-3, 4e-3));
}

TEST_CASE("arcs keep their area, and chords stay close to them", "[drawing]") {
  // A disc of two half circles, a plate with round corners, a bite, three quarters of a disc.
  CHECK(area_on(drawing(light("a", {{-2, 1, 1}, {2, 1, 1}})), "a") == Approx(4.0 * pi).epsilon(1e-12));
  const double quarter = std::tan(pi / 8.0), r = 1.5;
  CHECK(area_on(drawing(light("a", {{r, 0, 0},
                                    {10 - r, 0, quarter},
                                    {10, r, 0},
                                    {10, 6 - r, quarter},
                                    {10 - r, 6, 0},
                                    {r, 6, quarter},
                                    {0, 6 - r, 0},
                                    {0, r, quarter}})),
                "a") ==
        Approx(60.0 - (4.0 - pi) * r * r).epsilon(1e-6));  // the bulge is written with six digits
  CHECK(area_on(drawing(light("a", {{0, 0, 0}, {3, 0, -1}, {7, 0, 0}, {10, 0, 0}, {10, 10, 0}, {0, 10, 0}})),
                "a") == Approx(100.0 - 2.0 * pi).epsilon(1e-12));
  const double wide = std::tan(0.25 * 1.5 * pi);
  const Drawing three = read_drawing(drawing(light("a", {{0, 0, 0}, {2, 0, wide}, {0, -2, 0}})), "a.dxf");
  const Polygon p = outlines_of(*three.layer("a"), 1.0);
  CHECK(area_of(p) == Approx(3.0 * pi).epsilon(1e-6));
  double most = 0.0;
  p.for_edges([&](std::size_t a, std::size_t b) {
    const double middle =
        std::hypot(0.5 * (p.points[a][0] + p.points[b][0]), 0.5 * (p.points[a][1] + p.points[b][1]));
    if (middle > 1.5) most = std::max(most, std::abs(middle / 2.0 - 1.0));
    if (middle > 1.5) most = std::max(most, std::abs(std::hypot(p.points[a][0], p.points[a][1]) / 2.0 - 1.0));
  });
  CHECK(most > 1e-6);
  CHECK(most < 1e-4);
}

TEST_CASE("what is drawn from behind, on paper or in blocks", "[drawing]") {
  const std::string behind = groups(210, 0.0, 220, 0.0, 230, -1.0);
  const Drawing d =
      read_drawing(drawing(light("a", {{1, 0, 0}, {3, 0, 1}, {3, 2, 0}, {1, 2, 0}}, true, behind)), "a.dxf");
  const Area mirrored = outlines_of(*d.layer("a"), 1.0);
  CHECK(contains(mirrored, -2.0, 1.0));
  CHECK(contains(mirrored, -3.5, 1.0));  // the arc bulges outward
  CHECK_FALSE(contains(mirrored, 2.0, 1.0));
  CHECK(area_of(mirrored) == Approx(4.0 + 0.5 * pi).epsilon(1e-12));
  const std::string tilted = groups(210, 0.5, 220, 0.0, 230, 0.8);
  CHECK(read_drawing(drawing(light("a", square, true, tilted)), "a.dxf")
            .layer("a")
            ->others.count("POLYLINE in space") == 1);
  const std::string paper = groups(67, 1);
  const Drawing two = read_drawing(drawing(light("a", inner, true, paper) + light("a", square), 4,
                                           groups(0, "BLOCK", 8, "a", 2, "door", 70, 0, 10, 0.0, 20, 0.0) +
                                               light("a", inner) + groups(0, "ENDBLK")),
                                   "a.dxf");
  REQUIRE(two.layer("a") != nullptr);
  CHECK(two.layer("a")->outlines.size() == 1);
}

TEST_CASE("reading comes to an end, whatever the lines", "[drawing]") {
  const std::string note = groups(0, "TEXT", 8, "a", 1, std::string(5000, 'x'));
  CHECK(area_on(drawing(note + light("a", square)), "a") == Approx(100.0).epsilon(1e-14));
  const std::string whole = drawing(light("a", square));
  for (std::size_t length = 0; length + 2 < whole.size(); length += 7) {
    INFO(length);
    CHECK_THROWS_AS(read_drawing(whole.substr(0, length), "a.dxf"), Error);  // never half a drawing
  }
}

TEST_CASE("a region is the layer of a drawing", "[drawing]") {
  const File f{drawing(light("frame", square) + light("glass", inner) + heavy("frame", inner) +
                       groups(0, "TEXT", 8, "frame", 10, 0.0, 20, 0.0, 40, 1.0, 1, "a note") +
                       line("other"))};
  const Case c = parse_case({{"a.toml", plate(f.path, "layer = \"frame\"")}});
  CHECK(area_of(make_spec(c).regions.at(0).area) == Approx(80e-6).epsilon(1e-12));
  CHECK(area_of(make_spec(parse_case({{"a.toml", plate(f.path, "layer = \"glass\"\nscale = 2e-3")}}))
                    .regions.at(0)
                    .area) == Approx(80e-6).epsilon(1e-12));
  REQUIRE(c.inputs.size() == 1);
  CHECK(c.inputs[0].copied());
  CHECK_THAT(emit(c), Contains("file = \"inputs/calor_drawing_") && Contains("layer = \"frame\"") &&
                          Contains("# scale: not given"));
}

TEST_CASE("what is wrong with a drawing is told", "[drawing]") {
  const std::string frame = light("frame", square);
  CHECK_THAT(refusal(drawing(frame), "layer = \"fram\""),
             Contains("region.frame.layer") && Contains("there is: frame") && Contains("did you mean"));
  CHECK_THAT(refusal(drawing(frame), ""), Contains("region.frame.layer") && Contains("missing"));
  CHECK_THAT(refusal(drawing(frame + line("frame") + line("frame") + light("frame", inner, false) +
                             groups(0, "ARC", 8, "frame", 10, 0.0, 20, 0.0, 40, 1.0, 50, 0.0, 51, 90.0)),
                     "layer = \"frame\""),
             Contains("1 ARC, 2 LINE, 1 open polyline"));
  CHECK_THAT(refusal(drawing(frame, 0), "layer = \"frame\""),
             Contains("region.frame.scale") && Contains("$INSUNITS"));
  CHECK(refusal(drawing(frame, 0), "layer = \"frame\"\nscale = 1e-3").empty());
  CHECK_THAT(refusal(drawing(frame), "layer = \"frame\"\nscale = 0.0"), Contains("region.frame.scale"));
  CHECK_THAT(refusal("t,value\n0,1\n", "layer = \"frame\""), Contains("is no DXF drawing"));
  CHECK_THAT(refusal("AutoCAD Binary DXF\r\n\x1a", "layer = \"frame\""), Contains("binary DXF"));
  CHECK_THAT(refusal(drawing(""), "layer = \"frame\""), Contains("nothing is drawn there"));
  CHECK_THAT(refusal(drawing(light("frame", {{0, 0, 0}, {1, 1, 0}, {3, 3, 0}})), "layer = \"frame\""),
             Contains("has no area"));
}
