// SPDX-License-Identifier: BSD-3-Clause
// Regions that take their properties from HDF5 files: any kind of numbers in them, what is wrong with them,
// and what becomes of them in a resolved case.
#include <hdf5.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/case/spec_of_case.hpp"
#include "decomposition/error.hpp"
#include "io/array_input.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;
using Catch::Contains;

namespace {

struct File {
  std::string path;
  File()
      : path{(std::filesystem::temp_directory_path() / ("calor_arrays_" + std::to_string(getpid()) + ".h5"))
                 .string()} {
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(H5Fclose(file) >= 0);
  }
  ~File() { std::filesystem::remove(path); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  /// @param type  in the file     @param chunk  0: contiguous, else a side of what is compressed
  void put(const std::string& name, const std::vector<hsize_t>& shape, const std::vector<double>& values,
           hid_t type = H5T_IEEE_F64LE, hsize_t chunk = 0) const {
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    if (chunk > 0) {
      const std::vector<hsize_t> sides(shape.size(), chunk);
      H5Pset_chunk(how, static_cast<int>(shape.size()), sides.data());
      H5Pset_shuffle(how);
      H5Pset_deflate(how, 6);
    }
    const hid_t set = H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    REQUIRE(set >= 0);
    if (!values.empty())
      REQUIRE(H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    H5Dclose(set);
    H5Pclose(how);
    H5Sclose(space);
    H5Fclose(file);
  }
  void mark(const std::string& name, const std::string& attribute, double value) const {
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t set = H5Dopen2(file, name.c_str(), H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
    const hid_t a = H5Acreate2(set, attribute.c_str(), H5T_IEEE_F32BE, space, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(H5Awrite(a, H5T_NATIVE_DOUBLE, &value) >= 0);
    H5Aclose(a);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
  }
};

/// 3 columns, 2 rows; the first row lies below.
const std::vector<double> six{1.0, 2.0, 3.0, 4.0, 5.0, 6.0};

std::string plate(const std::string& file, const std::string& properties) {
  return "[grid]\nnx = 6\nny = 4\nx = [0.0, 3.0]\ny = [0.0, 2.0]\n[material]\nconductivity = 1.0\ndensity = "
         "1.0\n"
         "specific_heat = 1.0\n[initial]\ntemperature = 300.0\n[time]\nend = 1.0\n[[region]]\nname = "
         "\"map\"\nshape = "
         "\"hdf5\"\nx = [0.0, 3.0]\ny = [0.0, 2.0]\nfile = \"" +
         file + "\"\n" + properties + "\n";
}

struct Refusal {
  Exit code = Exit::done;
  std::string text;
};
Refusal refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    parse_case({{"a.toml", text}}, overrides);
  } catch (const Error& e) {
    return {e.code(), e.what()};
  }
  return {};
}

}  // namespace

TEST_CASE("numbers of any kind are read, in rows", "[arrays]") {
  const File f;
  f.put("double", {2, 3}, six);
  f.put("single", {2, 3}, six, H5T_IEEE_F32LE);
  f.put("big", {2, 3}, six, H5T_IEEE_F64BE);
  f.put("short", {2, 3}, six, H5T_STD_I16BE);
  f.put("bytes", {2, 3}, six, H5T_STD_U8LE);
  f.put("long", {1, 2, 3}, six, H5T_STD_I64LE);
  f.put("packed", {2, 3}, six, H5T_IEEE_F64BE, 2);
  for (const char* name : {"double", "single", "big", "short", "bytes", "long", "packed", "/double"}) {
    const io::WholeArray a = io::read_whole_array(f.path, name, 6);
    INFO(name);
    CHECK(a.nx == 3);
    CHECK(a.ny == 2);
    CHECK(a.values == six);
  }
  const auto refused = [&](const char* name, std::int64_t most = 100) {
    try {
      io::read_whole_array(f.path, name, most);
    } catch (const Error& e) {
      CHECK(e.code() == Exit::bad_data);
      return std::string{e.what()};
    }
    return std::string{};
  };
  CHECK_THAT(refused("doubel"), Contains("does not exist; there is: ") && Contains("double"));
  CHECK_THAT(refused("double", 5), Contains("2 x 3 numbers, more than 5"));
  f.put("row", {3}, {1.0, 2.0, 3.0});
  f.put("times", {2, 1, 3}, six);
  f.put("deep", {1, 1, 2, 3}, six);
  f.put("none", {0, 3}, {});
  CHECK_THAT(refused("row"), Contains("shape (3)") && Contains("(ny, nx)"));
  CHECK_THAT(refused("times"), Contains("shape (2, 1, 3)"));
  CHECK_THAT(refused("deep"), Contains("shape (1, 1, 2, 3)"));
  CHECK_THAT(refused("none"), Contains("is empty"));
  f.put("nan", {2, 3}, {1.0, 2.0, 3.0, 4.0, std::numeric_limits<double>::quiet_NaN(), 6.0});
  CHECK_THAT(refused("nan"), Contains(":nan[1,1] is nan"));
  f.put("endless", {2, 3}, {1.0, 2.0, std::numeric_limits<double>::infinity(), 4.0, 5.0, -1.0 / 0.0});
  CHECK_THAT(refused("endless"), Contains(":endless[0,2] is inf") && Contains("1 others"));
  f.put("holed", {2, 3}, {1.0, 2.0, 3.0, -999.0, 5.0, 6.0});
  f.mark("holed", "_FillValue", -999.0);
  CHECK_THAT(refused("holed"), Contains(":holed[1,0] is -999, which marks what is missing"));
  f.put("scaled", {2, 3}, six, H5T_STD_I16LE);
  f.mark("scaled", "scale_factor", 0.5);
  CHECK_THAT(refused("scaled"), Contains("is packed (scale_factor = 0.5)"));
  f.put("plain", {2, 3}, six, H5T_STD_I16LE);
  f.mark("plain", "scale_factor", 1.0);
  f.mark("plain", "add_offset", 0.0);
  f.mark("plain", "_FillValue", -1.0);
  CHECK(io::read_whole_array(f.path, "plain", 6).values == six);
}

TEST_CASE("a text is a dataset where a region has a file of arrays", "[arrays]") {
  const File f;
  f.put("k", {2, 3}, six);
  f.put("two", {2, 3}, {10.0, 20.0, 30.0, 40.0, 50.0, 60.0}, H5T_IEEE_F32BE);
  f.put("y", {1, 2, 3}, {-1.0, 0.0, 1.0, 2.0, 3.0, 4.0});
  const std::string all =
      "conductivity = \"k\"\ndensity = \"two\"\nspecific_heat = \"k\"\ntemperature = \"two\"\npower = "
      "\"y\"\n";
  const std::string text = plate(f.path, all);
  const Case c = parse_case({{"a.toml", text}});
  const ProblemSpec s = make_spec(c);
  const auto k = [&](double x, double y) { return s.materials.conductivity(x, y)(x, y, 300.0); };
  CHECK(k(0.25, 0.25) == std::array{1.0, 1.0});  // the first row lies below
  CHECK(k(2.75, 0.25) == std::array{3.0, 3.0});
  CHECK(k(0.25, 1.75) == std::array{4.0, 4.0});
  CHECK(s.materials.isotropic());
  CHECK(s.materials.density(1.25, 1.25)(1.25, 1.25) == 50.0);
  CHECK(s.materials.specific_heat(1.25, 1.25)(1.25, 1.25) == 5.0);
  CHECK(s.initial(2.75, 0.75)(2.75, 0.75) == 30.0);
  CHECK(s.power(0.25, 0.25)(0.25, 0.25) == -1.0);
  CHECK_FALSE(s.materials.of_temperature());

  // The file stays where it is, by path and hash; a resolved case is the same case.
  REQUIRE(c.inputs.size() == 1);
  CHECK_FALSE(c.inputs[0].copied());
  const std::string resolved = emit(c);
  CHECK_THAT(resolved, Contains("file = \"" + f.path + "\"") &&
                           Contains("hash = \"" + c.regions[0].arrays.found) &&
                           Contains("conductivity = \"k\"") && Contains("power = \"y\""));
  CHECK(without_places(parse_case({{"resolved.toml", resolved}})) == without_places(c));
  CHECK(emit(parse_case({{"resolved.toml", resolved}})) == resolved);

  // Larger cells: along the rows in series, and so on; anisotropic then.
  const ProblemSpec coarse = make_spec(parse_case({{"a.toml", text}}, {"grid.nx=1", "grid.ny=1"}));
  CHECK_FALSE(coarse.materials.isotropic());
  const auto mean = coarse.materials.conductivity(1.5, 1.0)(1.5, 1.0, 300.0);
  CHECK(mean[0] == Approx(0.5 * (3.0 / (1.0 + 0.5 + 1.0 / 3.0) + 3.0 / (0.25 + 0.2 + 1.0 / 6.0))));
  CHECK(mean[1] == Approx((2.0 / (1.0 + 0.25) + 2.0 / (0.5 + 0.2) + 2.0 / (1.0 / 3.0 + 1.0 / 6.0)) / 3.0));
  double mass = 0.0, heat = 0.0, content = 0.0;
  for (const double v : six) {
    mass += 10.0 * v;
    heat += 10.0 * v * v;
    content += 10.0 * v * v * 10.0 * v;
  }
  CHECK(coarse.materials.density(1.5, 1.0)(1.5, 1.0) == Approx(mass / 6.0));
  CHECK(coarse.materials.specific_heat(1.5, 1.0)(1.5, 1.0) == Approx(heat / mass));
  CHECK(coarse.initial(1.5, 1.0)(1.5, 1.0) == Approx(content / heat));
  CHECK(coarse.power(1.5, 1.0)(1.5, 1.0) == Approx(1.5));

  // Both directions of their own; numbers and tables stay what they are, and heat is an expression.
  const ProblemSpec mixed =
      make_spec(parse_case({{"a.toml", plate(f.path,
                                             "conductivity = [\"k\", 7.0]\nspecific_heat = { T = "
                                             "[0.0, 900.0], c = [1.0, 2.0] }\nheat = \"2*t\"")}}));
  CHECK(mixed.materials.conductivity(1.25, 1.25)(1.25, 1.25, 0.0) == std::array{5.0, 7.0});
  CHECK(mixed.materials.enthalpic());
  CHECK(mixed.power(1.25, 1.25).of_time());
  const ProblemSpec numbers =
      make_spec(parse_case({{"a.toml", plate(f.path, "conductivity = 3.0\npower = \"y\"")}}));
  CHECK(numbers.materials.conductivity(1.25, 1.25)(1.25, 1.25, 0.0)[0] == 3.0);
  // Beside a material what the file gives wins.
  const ProblemSpec copper =
      make_spec(parse_case({{"a.toml", plate(f.path, "material = \"copper\"\ndensity = \"two\"")}}));
  CHECK(copper.materials.conductivity(1.25, 1.25)(1.25, 1.25, 0.0)[0] == 401.0);
  CHECK(copper.materials.density(1.25, 1.25)(1.25, 1.25) == 50.0);
  CHECK(copper.materials.specific_heat(1.25, 1.25)(1.25, 1.25) == 385.0);
  // Elsewhere a text is an expression, also in a region on top.
  const ProblemSpec top = make_spec(parse_case(
      {{"a.toml", text + "[[region]]\nname = \"top\"\nshape = \"rectangle\"\nx = [0.0, 1.0]\ny = [0.0, "
                         "1.0]\nconductivity = \"x + y\"\n"}}));
  CHECK(top.materials.conductivity(0.25, 0.5)(0.25, 0.5, 0.0)[0] == 0.75);
  CHECK(top.materials.density(0.25, 0.25)(0.25, 0.25) == 10.0);
  CHECK(top.materials.conductivity(2.75, 0.25)(2.75, 0.25, 0.0)[0] == 3.0);
}

TEST_CASE("what is wrong with arrays is told with its place", "[arrays]") {
  const File f;
  f.put("k", {2, 3}, six);
  f.put("cold", {2, 3}, {1.0, 2.0, 3.0, 4.0, 0.0, 6.0});
  f.put("wide", {2, 4}, {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0});
  const auto wrong = [&](const std::string& properties, const std::vector<std::string>& overrides = {}) {
    const Refusal r = refusal(plate(f.path, properties), overrides);
    CHECK(r.code == Exit::bad_case);
    return r.text;
  };
  CHECK_THAT(wrong("conductivity = \"kk\""),
             Contains("region.map.conductivity") && Contains("'kk' does not exist; there is: "));
  CHECK_THAT(wrong("conductivity = \"cold\""), Contains(":cold[1,1] is 0; all must be > 0"));
  CHECK_THAT(wrong("density = \"cold\""), Contains("region.map.density") && Contains(":cold[1,1] is 0"));
  CHECK(refusal(plate(f.path, "temperature = \"cold\"\npower = \"cold\"")).code == Exit::done);
  CHECK_THAT(wrong("temperature = \"cold\"", {"output.temperature_unit=K", "region.map.temperature=below"}),
             Contains("does not exist"));
  f.put("below", {2, 3}, {1.0, 2.0, 3.0, -4.0, 0.0, 6.0});
  CHECK_THAT(wrong("temperature = \"below\"", {"output.temperature_unit=K"}),
             Contains("region.map.temperature") && Contains("below absolute zero"));
  CHECK_THAT(wrong("conductivity = \"k\"\ndensity = \"wide\""),
             Contains("region.map.density") && Contains("has the shape (2, 4), and k has (2, 3)"));
  CHECK_THAT(wrong("conductivity = 2.0"), Contains("region.map.file") && Contains("is asked for nothing"));
  CHECK_THAT(wrong("conductivity = \"k\"\nmaterials = { \"#ff0000\" = \"tin\" }"),
             Contains("does not belong to shape = \"hdf5\""));
  CHECK_THAT(wrong("void = true"), Contains("does not go with void = true"));
  CHECK_THAT(wrong("conductivity = \"k\"", {"region.map.x=[2.0, 1.0]"}), Contains("must be less"));
  CHECK_THAT(wrong("conductivity = \"k\"\nhash = \"12\""), Contains("16 hexadecimal digits"));
  CHECK_THROWS_WITH(
      make_spec(parse_case({{"a.toml", plate(f.path,
                                             "specific_heat = \"k\"\nphase_change = { from = 0.0, to = 1.0, "
                                             "latent_heat = 1.0 }")}})),
      Contains("region map: specific_heat") && Contains("does not go with phase_change"));
  // Not a file, not of this kind, not this one.
  const Refusal none = refusal(plate("nowhere.h5", "conductivity = \"k\"\npower = \"k\""));
  CHECK(none.code == Exit::no_input);
  CHECK_THAT(none.text, Contains("nowhere.h5"));
  const std::string csv = f.path + ".csv";
  std::ofstream{csv} << "t,value\n";
  const Refusal table = refusal(plate(csv, "conductivity = \"k\""));
  std::filesystem::remove(csv);
  CHECK(table.code == Exit::bad_case);
  CHECK_THAT(table.text, Contains(csv));
  const std::string resolved = emit(parse_case({{"a.toml", plate(f.path, "conductivity = \"k\"")}}));
  CHECK(refusal(resolved).code == Exit::done);
  f.put("new", {2, 3}, six);  // what is read is the same, the file is not
  const Refusal other = refusal(resolved);
  CHECK(other.code == Exit::bad_data);
  CHECK_THAT(other.text, Contains("has changed"));
}

TEST_CASE("results hang on what files hold, not on where they lie", "[arrays]") {
  const File f;
  f.put("k", {2, 3}, six);
  const Case c = parse_case({{"a.toml", plate(f.path, "conductivity = \"k\"")}});
  const std::string moved = f.path + ".moved";
  std::filesystem::copy_file(f.path, moved);
  const Case d = parse_case({{"a.toml", plate(moved, "conductivity = \"k\"")}});
  std::filesystem::remove(moved);
  CHECK(results_signature(c) == results_signature(d));
  CHECK(emit(c) != emit(d));
  f.put("other", {2, 3}, six);
  CHECK(results_signature(parse_case({{"a.toml", plate(f.path, "conductivity = \"k\"")}})) !=
        results_signature(c));
}
