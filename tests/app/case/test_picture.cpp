// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/picture.hpp"

#include <png.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/case/case_warnings.hpp"
#include "app/case/spec_of_case.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;
using Catch::Contains;

namespace {

/// RGBA pixels, four bytes each, from the upper left, as a PNG file.
std::string png_of(std::uint32_t nx, std::uint32_t ny, const std::vector<png_byte>& rgba) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = nx;
  image.height = ny;
  image.format = PNG_FORMAT_RGBA;
  png_alloc_size_t size = 0;
  REQUIRE(png_image_write_to_memory(&image, nullptr, &size, 0, rgba.data(), 0, nullptr) != 0);
  std::string bytes(size, '\0');
  REQUIRE(png_image_write_to_memory(&image, bytes.data(), &size, 0, rgba.data(), 0, nullptr) != 0);
  bytes.resize(size);
  return bytes;
}

/// 3 x 2: red, green, green over blue, red, red.
const std::vector<png_byte> six{255, 0, 0,   255, 0,   255, 0, 255, 0,   255, 0, 255,
                                0,   0, 255, 255, 255, 0,   0, 255, 255, 0,   0, 255};

struct File {
  std::string path;
  explicit File(const std::string& bytes)
      : path{(std::filesystem::temp_directory_path() / ("calor_picture_" + std::to_string(getpid()) + ".png"))
                 .string()} {
    std::ofstream{path, std::ios::binary} << bytes;
  }
  ~File() { std::filesystem::remove(path); }
};

std::string plate(const std::string& file, const std::string& materials) {
  return "[grid]\nnx = 6\nny = 4\nx = [0.0, 3.0]\ny = [0.0, 2.0]\n[material]\nconductivity = 1.0\ndensity = "
         "1.0\n"
         "specific_heat = 1.0\n[initial]\ntemperature = 300.0\n[time]\nend = "
         "1.0\n[materials.thin]\nconductivity = [2.0, 3.0]\n"
         "density = 4.0\nspecific_heat = 5.0\n[[region]]\nname = \"drawn\"\nshape = \"image\"\nx = [0.0, "
         "3.0]\ny = [0.0, 2.0]\nfile = \"" +
         file + "\"\nmaterials = " + materials + "\n";
}
const std::string all_three =
    "{ \"#FF0000\" = \"copper\", \"00ff00\" = \"thin\", \"#0000ff\" = \"silicon_of_T\" }";

std::string refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    parse_case({{"a.toml", text}}, overrides);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a picture is read upright, with its colours counted") {
  const ColourPicture p = read_picture(png_of(3, 2, six), "a.png");
  CHECK(p.nx == 3);
  CHECK(p.ny == 2);
  CHECK(p.colours == std::vector<std::string>{"#0000ff", "#00ff00", "#ff0000"});
  CHECK(p.count == std::vector<std::int64_t>{1, 2, 3});
  CHECK(p.pixels == std::vector<std::uint16_t>{0, 2, 2, 2, 1, 1});  // from below
  std::vector<png_byte> glassy = six;
  glassy[3] = 128;
  CHECK(read_picture(png_of(3, 2, glassy), "a.png").colours.at(2) == "#ff000080");
  CHECK_THROWS_WITH(read_picture("GIF89a", "a.png"), Contains("a.png") && Contains("no PNG"));
  const std::string cut = png_of(3, 2, six).substr(0, 50);
  CHECK_THROWS_WITH(read_picture(cut, "a.png"), Contains("a.png"));
  CHECK(colour_name("B87333") == "#b87333");
  CHECK(colour_name("#b87333ff") == "#b87333");
  CHECK(colour_name("#b8733").empty());
  CHECK(colour_name("copper").empty());
}

TEST_CASE("each pixel has its material") {
  const File file{png_of(3, 2, six)};
  const Case c = parse_case({{"a.toml", plate(file.path, all_three)}});
  const ProblemSpec s = make_spec(c);
  const auto k = [&](double x, double y, double T = 300.0) {
    return s.materials.conductivity(x, y)(x, y, T);
  };
  CHECK(k(0.5, 1.5) == std::array{401.0, 401.0});
  CHECK(k(1.5, 1.5) == std::array{2.0, 3.0});
  CHECK(k(2.9, 1.1) == std::array{2.0, 3.0});
  CHECK(k(0.2, 0.3)[0] == Approx(148.0));
  CHECK(k(0.2, 0.3, 400.0)[1] == Approx(98.9));
  CHECK(s.materials.density(1.5, 1.5)(1.5, 1.5) == 4.0);
  CHECK(s.materials.specific_heat(0.5, 1.5)(0.5, 1.5) == 385.0);
  CHECK(s.materials.of_temperature());
  CHECK_FALSE(s.materials.constant());
  const std::string steady = "{ \"#ff0000\" = \"copper\", \"#00ff00\" = \"thin\", \"#0000ff\" = \"tin\" }";
  const ProblemSpec constants = make_spec(parse_case({{"a.toml", plate(file.path, steady)}}));
  CHECK(constants.materials.constant());  // so that explicit steps look it up
  CHECK_FALSE(constants.materials.uniform());
  CHECK(c.inputs.size() == 1);
  CHECK_THAT(emit(c), Contains("file = \"inputs/calor_picture_"));
  CHECK(case_warnings(c).empty());
  // Larger cells than pixels, and a colour that is not there.
  const std::string four = all_three.substr(0, all_three.size() - 2) + ", \"#123456\" = \"tin\" }";
  const std::vector<std::string> warnings =
      case_warnings(parse_case({{"a.toml", plate(file.path, four)}}, {"grid.nx=2"}));
  REQUIRE(warnings.size() == 2);
  CHECK_THAT(warnings[0], Contains("smaller than the cells"));
  CHECK_THAT(warnings[1], Contains("no pixel of #123456"));
}

TEST_CASE("a picture may stand in the case") {
  // 1 x 1, half of it red: made by another program.
  const std::string red =
      "data:image/"
      "png;base64,"
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
  const Case c = parse_case({{"a.toml", plate(red, "{ \"#ff00007f\" = \"tin\" }")}});
  REQUIRE(c.regions[0].picture.picture);
  CHECK(c.regions[0].picture.picture->colours == std::vector<std::string>{"#ff00007f"});
  CHECK_THAT(c.inputs[0].name, Contains("picture-") && Contains(".png"));
  CHECK_THAT(refusal(plate("data:text/plain,red", "{ \"#ff0000\" = \"tin\" }")), Contains("must begin with"));
  CHECK_THAT(refusal(plate("data:image/png;base64,!!", "{ \"#ff0000\" = \"tin\" }")),
             Contains("not written so"));
}

TEST_CASE("what is wrong with a picture is told, colours with their counts") {
  const File file{png_of(3, 2, six)};
  const std::string missing = refusal(plate(file.path, "{ \"#ff0000\" = \"copper\" }"));
  CHECK_THAT(missing, Contains("2 colours of the picture have no material") &&
                          Contains("#00ff00 (2 pixels), #0000ff (1 pixel)"));
  CHECK_THAT(refusal(plate(file.path, "{ \"red\" = \"copper\" }")), Contains("is no colour"));
  CHECK_THAT(
      refusal(plate(file.path, "{ \"#ff0000\" = \"coper\", \"#00ff00\" = \"tin\", \"#0000ff\" = \"tin\" }")),
      Contains("did you mean \"copper\""));
  CHECK_THAT(refusal(plate(file.path, all_three) + "conductivity = 3.0\n"),
             Contains("does not go with a picture"));
  CHECK_THAT(refusal(plate(file.path, all_three), {"region.drawn.radius=0.1"}), Contains("does not belong"));
  CHECK_THAT(refusal(plate("nowhere.png", all_three)), Contains("nowhere.png"));
  CHECK_THAT(refusal(plate(file.path, all_three) + "[materials.copper]\nconductivity = 3.0\n"),
             Contains("[materials.copper] does not give density"));
  const File text{"no picture"};
  CHECK_THAT(refusal(plate(text.path, all_three)), Contains("is no PNG picture"));
}
