// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "io/array_file.hpp"

namespace calor::io {

/// Whole numbers; one that is not there is empty.
using Integers = std::vector<std::optional<std::int64_t>>;

/// A column of a table: a value a row. Numbers that are not there are NaN.
struct Column {
  /// Any text; the dataset's name too, but for what HDF5 cannot hold: then it stands in its long_name.
  std::string name;
  std::string units;  ///< may be empty
  std::variant<std::vector<double>, Integers, std::vector<std::string>> values;

  std::size_t rows() const {
    return std::visit([](const auto& v) { return v.size(); }, values);
  }
};

/// A field over the same grid for every row.
struct TableFields {
  std::string name, units, long_name;
  GlobalGrid grid;
  /// The ny x nx values of row n, the first row of cells at y0; empty: there are none, and NaN is written.
  std::function<std::vector<double>(std::int64_t n)> row{};
  std::vector<std::int64_t> numbers{};  ///< of fields that were read: what the first column says of each row
};

/// Serial. A netCDF-4 file (docs/file_format.md) with a variable a column. The first column, of integers that
/// are all there, is the dimension of the others, and the fields lie over it, y and x. Appears under `path`
/// whole and durable, or not at all: io_error.
void write_table(const std::filesystem::path& path, const std::string& title,
                 const std::vector<Column>& columns, const std::optional<TableFields>& fields);

/// Serial. The units of its columns, by their names; none where it is no such file.
std::map<std::string, std::string> column_units(const std::filesystem::path& path);

/// Serial. The fields of a table as write_table wrote them; none where it has none, or there is no such file.
/// `row` holds the file open and gives NaN where a row has no field. Error{bad_data}, there too, where
/// something cannot be read, or an earlier version has not written the cells' edges.
/// @param first  the name of the first column
std::optional<TableFields> read_table_fields(const std::filesystem::path& path, const std::string& first);

}  // namespace calor::io
