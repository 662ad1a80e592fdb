// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "app/files/drawn_regions.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;

namespace {

const std::string plate = R"([grid]
nx = 10
[[region]]
name = "around"
shape = "rectangle"
x = [0, 4.0]
y = [0.0, 2.0]
void = true
[[region]]
name = "disc"
shape = "circle"
center = [1.0, 1.0]
radius = 0.5
void = false
[[region]]
name = "part"
shape = "polygon"
points = [[2.0, 0.0], [4.0, 0.0], [2.0, 2.0]]
conductivity = 3.0
[[region]]
name = "heater"
shape = "rectangle"
x = [3.5, 4.0]
y = [1.5, 2.0]
power = 1.0
)";

}  // namespace

TEST_CASE("outlines are those that the case draws", "[plot][outline]") {
  const DrawnRegions regions{plate};
  const auto lines = regions.outlines();
  REQUIRE(lines.size() == 4);
  for (const auto& line : lines) CHECK(line.front() == line.back());
  CHECK(lines[0].size() == 5);
  CHECK(lines[0][2] == DrawnRegions::Point{4.0, 2.0});
  for (const auto& at : lines[1]) CHECK(std::hypot(at[0] - 1.0, at[1] - 1.0) == Approx(0.5));
  CHECK(lines[2].size() == 4);
  CHECK(lines[3][0] == DrawnRegions::Point{3.5, 1.5});
}

TEST_CASE("what lies on top says whether there is a hole", "[plot][outline]") {
  const DrawnRegions regions{plate};
  CHECK(regions.show_holes());
  CHECK_FALSE(regions.in_hole({1.2, 1.3}));  // the disc
  CHECK(regions.in_hole({1.5, 1.5}));        // beside it
  CHECK_FALSE(regions.in_hole({2.5, 0.5}));  // a body by its conductivity
  CHECK(regions.in_hole({3.5, 1.0}));        // beyond its oblique edge
  CHECK(regions.in_hole({3.7, 1.7}));        // what only heats leaves what is under it
  CHECK_FALSE(regions.in_hole({5.0, 1.0}));
}

TEST_CASE("where a region from a file may lie on top nothing is said of holes", "[plot][outline]") {
  const DrawnRegions regions{plate + "[[region]]\nname = \"picture\"\nshape = \"image\"\nfile = \"a.png\"\n"};
  CHECK_FALSE(regions.show_holes());
  CHECK(regions.outlines().size() == 4);
}

TEST_CASE("what comes from files is drawn by its rectangle, or as its drawing has it", "[plot][outline]") {
  const DrawnRegions arrays{plate +
                            "[[region]]\nname = \"map\"\nshape = \"hdf5\"\nx = [1.2, 1.8]\ny = [1.2, 1.8]\n"
                            "file = \"k.h5\"\nconductivity = \"k\"\n"};
  CHECK(arrays.outlines().size() == 5);
  CHECK(arrays.show_holes());
  CHECK_FALSE(arrays.in_hole({1.5, 1.5}));
  CHECK(arrays.in_hole({1.9, 1.9}));

  const std::string drawn = plate +
                            "[[region]]\nname = \"cut\"\nshape = \"dxf\"\nfile = \"inputs/a.dxf\"\n"
                            "layer = \"holes\"\nscale = 0.001\nvoid = true\n";
  CHECK_FALSE(DrawnRegions{drawn, "nowhere"}.show_holes());
  const std::filesystem::path at = std::filesystem::temp_directory_path() / "calor_test_drawn_regions";
  std::filesystem::create_directories(at / "inputs");
  // Two squares of 200 mm, in the body on the right.
  std::string text = "0\nSECTION\n2\nENTITIES\n";
  for (const int x : {2100, 2500}) {
    text += "0\nLWPOLYLINE\n100\nAcDbEntity\n8\nholes\n100\nAcDbPolyline\n90\n4\n70\n1\n";
    for (const auto& [dx, y] :
         {std::pair{0, 100}, std::pair{200, 100}, std::pair{200, 300}, std::pair{0, 300}})
      text += "10\n" + std::to_string(x + dx) + "\n20\n" + std::to_string(y) + "\n";
  }
  std::ofstream{at / "inputs" / "a.dxf"} << text << "0\nENDSEC\n0\nEOF\n";
  const DrawnRegions regions{drawn, at};
  std::filesystem::remove_all(at);
  if (!regions.show_holes()) return;  // a program that reads no drawings
  const auto lines = regions.outlines();
  REQUIRE(lines.size() == 6);
  for (const std::size_t n : {std::size_t{4}, std::size_t{5}}) {
    CHECK(lines[n].size() == 5);
    CHECK(lines[n].front() == lines[n].back());
  }
  CHECK(lines[5][0] == DrawnRegions::Point{2.5, 0.1});
  CHECK(regions.in_hole({2.2, 0.2}));
  CHECK_FALSE(regions.in_hole({2.4, 0.2}));
  CHECK(regions.in_hole({2.6, 0.2}));
}

TEST_CASE("a text that is no case has no regions", "[plot][outline]") {
  for (const char* text : {"", "no toml at all [", "region = 3", "[[region]]\nshape = 5",
                           "[[region]]\nshape = \"circle\"\ncenter = [1.0]\nradius = \"x\""}) {
    const DrawnRegions regions{text};
    CHECK(regions.outlines().empty());
    CHECK_FALSE(regions.show_holes());
    CHECK_FALSE(regions.in_hole({0.0, 0.0}));
  }
}
