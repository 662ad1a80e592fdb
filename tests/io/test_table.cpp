// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <filesystem>
#include <limits>

#include "io/hdf5.hpp"
#include "io/table.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
namespace fs = std::filesystem;

namespace {

struct Scratch {
  fs::path path = fs::temp_directory_path() / ("calor-table-" + io::random_token());
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
};

std::vector<double> read_all(hid_t file, const std::string& name, std::size_t count) {
  std::vector<double> values(count);
  const io::hdf5::Handle d = io::hdf5::open_numbers(file, name, "table");
  REQUIRE(H5Dread(d.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
  return values;
}

constexpr double none = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("a table reads back: numbers, texts, and a field for every row", "[table]") {
  const Scratch s;
  const fs::path path = s.path / "results.h5";
  const std::vector<io::Column> columns{{"case", "1", io::Integers{7, 8, 2}},
                                        {"tries", "1", io::Integers{1, 2, 3}},
                                        {"steps", "1", io::Integers{1, std::nullopt, 9007199254740993}},
                                        {"material.conductivity", "", std::vector<double>{1.5, none, -3e300}},
                                        {"T/max", "K", std::vector<double>{1, 2, 3}},
                                        {"status", "", std::vector<std::string>{"done", "", "fail\u00e9"}}};
  io::TableFields fields{"temperature", "K", "temperature at the end", {3, 2, 0.0, 3.0, 1.0, 2.0}, {}};
  fields.row = [](std::int64_t n) {
    std::vector<double> v;
    for (int k = 0; n != 1 && k < 6; ++k) v.push_back(100.0 * static_cast<double>(n) + k);
    return v;
  };
  io::write_table(path, "three rows", columns, fields);
  CHECK(std::distance(fs::directory_iterator{s.path}, fs::directory_iterator{}) == 1);

  io::hdf5::prepare();
  const io::hdf5::Handle file = io::hdf5::open_file(path, Exit::bad_data);
  CHECK(io::hdf5::text_attribute(file.get(), "title") == "three rows");
  CHECK(io::column_units(path).at("T/max") == "K");
  CHECK(io::column_units(path).at("tries") == "1");
  CHECK(io::column_units(path).count("status") == 0);
  CHECK(io::column_units(s.path / "none").empty());
  CHECK(read_all(file.get(), "case", 3) == std::vector<double>{7, 8, 2});
  const auto integers = [&](const char* name) {
    std::vector<std::int64_t> values(3);
    const io::hdf5::Handle d = io::hdf5::open_numbers(file.get(), name, "table");
    const io::hdf5::Handle type{H5Dget_type(d.get()), H5Tclose, "type"};
    CHECK(H5Tequal(type.get(), H5T_STD_I64LE) > 0);
    REQUIRE(H5Dread(d.get(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    if (io::hdf5::has_attribute(d.get(), "_FillValue"))
      for (const std::int64_t fill = io::hdf5::integer_attribute(d.get(), "_FillValue");
           std::int64_t & v : values)
        if (v == fill) v = -1;
    CHECK(io::hdf5::has_attribute(d.get(), "_FillValue") == (name == std::string{"steps"}));
    return values;
  };
  CHECK(integers("tries") == std::vector<std::int64_t>{1, 2, 3});
  CHECK(integers("steps") == std::vector<std::int64_t>{1, -1, 9007199254740993});
  const std::vector<double> k = read_all(file.get(), "material.conductivity", 3);
  CHECK((k[0] == 1.5 && std::isnan(k[1]) && k[2] == -3e300));
  CHECK(io::hdf5::read_1d(file.get(), "x") == std::vector<double>{0.5, 1.5, 2.5});
  CHECK(io::hdf5::read_1d(file.get(), "y") == std::vector<double>{1.25, 1.75});
  CHECK(read_all(file.get(), "x_bnds", 6) == std::vector<double>{0, 1, 1, 2, 2, 3});
  CHECK(read_all(file.get(), "y_bnds", 4) == std::vector<double>{1, 1.5, 1.5, 2});
  const std::vector<double> T = read_all(file.get(), "temperature", 18);
  for (std::size_t n = 0; n < 18; ++n)
    if (n / 6 == 1)
      CHECK(std::isnan(T[n]));
    else
      CHECK(T[n] == 100.0 * static_cast<double>(n / 6) + static_cast<double>(n % 6));
  const io::hdf5::Handle d{H5Dopen2(file.get(), "status", H5P_DEFAULT), H5Dclose, "open"};
  const io::hdf5::Handle type{H5Dget_type(d.get()), H5Tclose, "type"};
  // A matrix of characters: of texts of fixed length, netCDF would read beyond their ends.
  CHECK(H5Tget_size(type.get()) == 1);
  CHECK(io::hdf5::shape_of(d.get()) == std::vector<std::int64_t>{3, 6});
  std::string texts(18, '?');
  REQUIRE(H5Dread(d.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()) >= 0);
  CHECK(texts == std::string("done\0\0\0\0\0\0\0\0fail\u00e9", 18));
  CHECK(io::hdf5::text_attribute(d.get(), "_Encoding") == "utf-8");
}

TEST_CASE("the fields of a table come back row by row", "[table]") {
  const Scratch s;
  const std::vector<io::Column> columns{{"case", "1", io::Integers{7, 3}}};
  const std::vector<double> graded{0.0, 0.5, 2.0, 3.0};
  for (const bool equal : {true, false}) {
    const fs::path path = s.path / (equal ? "equal.h5" : "graded.h5");
    io::TableFields fields{"temperature", "degC", "temperature at the end", {3, 1, 0.0, 3.0, -1.0, 2.0}, {}};
    if (!equal) fields.grid.x_faces = graded;
    fields.row = [](std::int64_t n) { return n == 0 ? std::vector<double>{} : std::vector<double>{1, 2, 3}; };
    io::write_table(path, "two rows", columns, fields);
    const std::optional<io::TableFields> back = io::read_table_fields(path, "case");
    CHECK_THROWS_AS(io::read_table_fields(path, "row"), Error);
    REQUIRE(back);
    CHECK(back->name == "temperature");
    CHECK(back->units == "degC");
    CHECK(back->long_name == "temperature at the end");
    CHECK(back->grid == fields.grid);
    CHECK(back->numbers == std::vector<std::int64_t>{7, 3});
    CHECK(back->row(1) == std::vector<double>{1, 2, 3});
    const std::vector<double> none_there = back->row(0);
    CHECK(none_there.size() == 3);
    for (const double v : none_there) CHECK(std::isnan(v));
    CHECK_THROWS_AS(back->row(2), Error);
    CHECK_THROWS_AS(back->row(-1), Error);
  }
  const fs::path bare = s.path / "bare.h5";
  io::write_table(bare, "no fields", columns, std::nullopt);
  CHECK(!io::read_table_fields(bare, "case"));
  CHECK(!io::read_table_fields(s.path / "none", "case"));
  fs::resize_file(s.path / "equal.h5", 2000);
  CHECK_THROWS_AS(io::read_table_fields(s.path / "equal.h5", "case"), Error);
}

TEST_CASE("a table that cannot be written leaves the old one", "[table]") {
  const Scratch s;
  const fs::path path = s.path / "results.h5";
  const std::vector<io::Column> columns{{"case", "1", io::Integers{0}}};
  io::write_table(path, "old", columns, std::nullopt);
  io::TableFields fields{"temperature", "K", "", {1, 1, 0.0, 1.0, 0.0, 1.0}, {}};
  fields.row = [](std::int64_t) -> std::vector<double> { throw Error{Exit::bad_data, "damaged"}; };
  CHECK_THROWS_AS(io::write_table(path, "new", columns, fields), Error);
  io::hdf5::prepare();
  CHECK(io::hdf5::text_attribute(io::hdf5::open_file(path, Exit::bad_data).get(), "title") == "old");
  CHECK(std::distance(fs::directory_iterator{s.path}, fs::directory_iterator{}) == 1);
}
