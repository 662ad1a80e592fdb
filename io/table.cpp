// SPDX-License-Identifier: BSD-3-Clause
#include "io/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>

#include "io/hdf5.hpp"
#include "io/memory_file.hpp"
#include "io/netcdf.hpp"

namespace calor::io {

namespace {

/// Names for datasets that HDF5 can hold: no path, and none twice.
class Names {
 public:
  explicit Names(const std::optional<TableFields>& fields) {
    if (fields) used_ = {"x", "y", "x_bnds", "y_bnds", "bnds", fields->name};
  }
  std::string take(const std::string& wanted) {
    std::string name = wanted.empty() || wanted == "." ? "_" : wanted;
    std::replace(name.begin(), name.end(), '/', '_');
    while (!used_.insert(name).second) name += '_';
    return name;
  }

 private:
  std::set<std::string> used_;
};

std::int64_t width_of(const std::vector<std::string>& texts) {
  std::size_t width = 1;
  for (const std::string& t : texts) width = std::max(width, t.size());
  return static_cast<std::int64_t>(width);
}

/// Columns of texts as matrices of characters, filled up with zeros. It is the one layout that all programs
/// read: netCDF-C 4.9.0 crashes on arrays of texts of fixed length, Octave knows none of any length.
class Texts {
 public:
  Texts(hid_t parent, const hdf5::Handle& rows, Names& names) : parent_{parent}, rows_{rows}, names_{names} {}

  void write(const std::string& name, const Column& c) {
    const auto& texts = std::get<std::vector<std::string>>(c.values);
    const std::int64_t width = width_of(texts);
    const hdf5::Handle type{H5Tcopy(H5T_C_S1), H5Tclose, "make a type of characters"};
    hdf5::check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "make a type of characters");
    std::string characters;
    for (const std::string& t : texts)
      characters += t + std::string(static_cast<std::size_t>(width) - t.size(), '\0');
    const hdf5::Handle d =
        hdf5::create_dataset(parent_, name, type.get(), {static_cast<std::int64_t>(texts.size()), width});
    hdf5::check(H5Dwrite(d.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, characters.data()),
                "write " + name);
    auto along = widths_.find(width);
    if (along == widths_.end())
      along = widths_.emplace(width, dimension(parent_, names_.take(fmt::format("string{}", width)), width))
                  .first;
    attach(d, {&rows_, &along->second});
    hdf5::attribute(d.get(), "_Encoding", "utf-8");
    if (name != c.name) hdf5::attribute(d.get(), "long_name", c.name);
  }

 private:
  hid_t parent_;
  const hdf5::Handle& rows_;
  Names& names_;
  std::map<std::int64_t, hdf5::Handle> widths_;
};

/// Numbers. What is not there is NaN, or netCDF's own value for integers, and this is said.
void write_numbers(hid_t parent, const std::string& name, const Column& c, const hdf5::Handle& rows) {
  const auto* integers = std::get_if<Integers>(&c.values);
  const hdf5::Handle d = hdf5::create_dataset(parent, name, integers ? H5T_STD_I64LE : H5T_IEEE_F64LE,
                                              {static_cast<std::int64_t>(c.rows())});
  if (integers) {
    std::vector<std::int64_t> values;
    for (const auto& n : *integers) values.push_back(n.value_or(no_integer));
    hdf5::write(d.get(), values);
    if (std::any_of(integers->begin(), integers->end(), [](const auto& n) { return !n; }))
      hdf5::attribute(d.get(), "_FillValue", no_integer);
  } else {
    hdf5::write(d.get(), std::get<std::vector<double>>(c.values));
    hdf5::attribute(d.get(), "_FillValue", std::numeric_limits<double>::quiet_NaN());
  }
  attach(d, {&rows});
  if (name != c.name) hdf5::attribute(d.get(), "long_name", c.name);
  if (!c.units.empty()) hdf5::attribute(d.get(), "units", c.units);
}

/// Lays the fields out, unwritten. Returns where they begin [bytes].
std::int64_t lay_out_fields(hid_t root, const TableFields& f, std::int64_t rows,
                            const hdf5::Handle& dimension) {
  const GlobalGrid& g = f.grid;
  const hdf5::Handle y = coordinate(root, "y", y_centres(g), "m", y_name(g) + " of the cell centres");
  const hdf5::Handle x = coordinate(root, "x", x_centres(g), "m", x_name(g) + " of the cell centres");
  const hdf5::Handle ends = io::dimension(root, "bnds", 2);
  put_bounds(root, y, "y_bnds", y_edges(g), ends);
  put_bounds(root, x, "x_bnds", x_edges(g), ends);
  const hdf5::Handle d = hdf5::create_dataset(root, f.name, H5T_IEEE_F64LE, {rows, g.ny, g.nx});
  attach(d, {&dimension, &y, &x});
  hdf5::attribute(d.get(), "_FillValue", std::numeric_limits<double>::quiet_NaN());
  hdf5::attribute(d.get(), "units", f.units);
  hdf5::attribute(d.get(), "long_name", f.long_name);
  return static_cast<std::int64_t>(H5Dget_offset(d.get()));
}

/// Everything but the numbers of the fields. Returns where those begin [bytes]; -1 without.
std::int64_t lay_out(const MemoryFile& memory, const std::string& title, const std::vector<Column>& columns,
                     const std::optional<TableFields>& fields) {
  std::vector<std::int64_t> numbers;
  for (const auto& n : std::get<Integers>(columns.at(0).values)) numbers.push_back(n.value());
  const auto rows = static_cast<std::int64_t>(numbers.size());
  Names names{fields};
  std::int64_t at = -1;
  hdf5::Handle file = hdf5::create_file(memory, static_cast<std::int64_t>(title.size()));
  const hid_t root = file.get();
  hdf5::attribute(root, "Conventions", "CF-1.10");
  hdf5::attribute(root, "title", title);
  hdf5::attribute(root, "source", std::string{"calor "} + CALOR_VERSION);
  {
    const hdf5::Handle scale =
        coordinate(root, names.take(columns[0].name), numbers, "1", "row of the table");
    std::vector<std::string> taken;  // the columns come before what texts need
    for (std::size_t n = 1; n < columns.size(); ++n) taken.push_back(names.take(columns[n].name));
    Texts texts{root, scale, names};
    for (std::size_t n = 1; n < columns.size(); ++n) {
      const Column& c = columns[n];
      if (std::holds_alternative<std::vector<std::string>>(c.values))
        texts.write(taken[n - 1], c);
      else
        write_numbers(root, taken[n - 1], c, scale);
    }
    if (fields) at = lay_out_fields(root, *fields, rows, scale);
  }
  file.close("finish a table");
  return at;
}

}  // namespace

namespace {

/// More than a table will have.
std::int64_t most_bytes(const std::vector<Column>& columns, const std::optional<TableFields>& fields) {
  const auto rows = static_cast<std::int64_t>(columns.at(0).rows());
  std::int64_t bytes = std::int64_t{4} << 20;
  for (const Column& c : columns) {
    bytes += 32 * rows + 16384;
    if (const auto* texts = std::get_if<std::vector<std::string>>(&c.values))
      bytes += rows * width_of(*texts);
  }
  if (fields)
    bytes += 8 * rows * fields->grid.nx * fields->grid.ny + 128 * (fields->grid.nx + fields->grid.ny) + 16384;
  return bytes;
}

}  // namespace

void write_table(const std::filesystem::path& path, const std::string& title,
                 const std::vector<Column>& columns, const std::optional<TableFields>& fields) {
  hdf5::prepare();
  const MemoryFile memory{most_bytes(columns, fields), path};
  const std::int64_t fields_at = lay_out(memory, title, columns, fields), bytes = memory.size();
  Partial partial{path};
  File file{partial.path(), File::Mode::create};
  file.reserve(0, bytes);
  if (fields) {
    const auto rows = static_cast<std::int64_t>(columns.at(0).rows());
    const std::int64_t cells = fields->grid.nx * fields->grid.ny;
    memory.copy(0, fields_at, file);
    for (std::int64_t n = 0; n < rows; ++n) {
      std::vector<double> values = fields->row(n);
      if (static_cast<std::int64_t>(values.size()) != cells)
        values.assign(static_cast<std::size_t>(cells), std::numeric_limits<double>::quiet_NaN());
      file.write_at(values.data(), 8 * cells, fields_at + 8 * cells * n);
    }
    memory.copy(fields_at + 8 * cells * rows, bytes, file);
  } else {
    memory.copy(0, bytes, file);
  }
  file.resize(bytes);
  file.sync();
  file.close();
  partial.commit();
}

std::map<std::string, std::string> column_units(const std::filesystem::path& path) {
  std::map<std::string, std::string> units;
  if (kind_of(path) != Kind::file) return units;
  hdf5::prepare();
  try {
    const hdf5::Handle file = hdf5::open_file(path, Exit::bad_data);
    for (const std::string& name : hdf5::dataset_names(file.get())) {
      const hdf5::Handle d{H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT), H5Dclose, "open " + name,
                           Exit::bad_data};
      const std::string unit = hdf5::text_attribute(d.get(), "units");
      if (unit.empty()) continue;
      units[name] = unit;
      // The name that HDF5 could not hold.
      if (const std::string whole = hdf5::text_attribute(d.get(), "long_name"); !whole.empty())
        units[whole] = unit;
    }
  } catch (const Error&) {
    units.clear();
  }
  return units;
}

namespace {

/// The edges of `cells` cells, from pairs that each begin where the one before ends.
std::vector<double> edges_of(hid_t file, const std::string& name, std::int64_t cells,
                             const std::filesystem::path& path) {
  const hdf5::Handle d = hdf5::open_numbers(file, name, path);
  if (hdf5::shape_of(d.get()) != std::vector<std::int64_t>{cells, 2})
    throw Error{Exit::bad_data, fmt::format("{}: {} has not two edges for each cell", path.string(), name)};
  std::vector<double> pairs(static_cast<std::size_t>(2 * cells));
  hdf5::check(H5Dread(d.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, pairs.data()),
              "read " + name, Exit::bad_data);
  std::vector<double> edges{pairs.at(0)};
  for (std::size_t k = 1; k < pairs.size(); k += 2) edges.push_back(pairs[k]);
  if (std::any_of(edges.begin(), edges.end(), [](double v) { return !std::isfinite(v); }) ||
      std::adjacent_find(edges.begin(), edges.end(), std::greater_equal<>{}) != edges.end())
    throw Error{Exit::bad_data, fmt::format("{}: the edges in {} do not rise", path.string(), name)};
  return edges;
}

/// The edges where they are not those of equal cells.
std::vector<double> unequal(const std::vector<double>& faces) {
  const std::vector<double> equal =
      edges(faces.front(), faces.back(), static_cast<std::int64_t>(faces.size()) - 1);
  const double least = 1e-9 * (faces.back() - faces.front()) / static_cast<double>(faces.size());
  for (std::size_t n = 0; n < faces.size(); ++n)
    if (std::abs(faces[n] - equal[n]) > least) return faces;
  return {};
}

/// The dataset over (case, y, x). Nothing where there is none.
std::string name_of_fields(hid_t file) {
  for (const std::string& name : hdf5::dataset_names(file)) {
    const hdf5::Handle d{H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose, "open " + name, Exit::bad_data};
    if (hdf5::shape_of(d.get()).size() == 3) return name;
  }
  return {};
}

}  // namespace

std::optional<TableFields> read_table_fields(const std::filesystem::path& path, const std::string& first) {
  if (kind_of(path) != Kind::file) return {};
  hdf5::prepare();
  struct Stored {
    hdf5::Handle file, dataset;
  };
  const auto stored = std::make_shared<Stored>();
  stored->file = hdf5::open_file(path, Exit::bad_data);
  const hid_t file = stored->file.get();
  TableFields f;
  f.name = name_of_fields(file);
  if (f.name.empty()) return {};
  stored->dataset = hdf5::open_numbers(file, f.name, path);
  const hid_t dataset = stored->dataset.get();
  f.units = hdf5::text_attribute(dataset, "units");
  f.long_name = hdf5::text_attribute(dataset, "long_name");
  const std::vector<std::int64_t> shape = hdf5::shape_of(dataset);
  const std::int64_t rows = shape[0];
  constexpr std::int64_t most = std::int64_t{1} << 31;  // of a field; a damaged file may claim any number
  if (shape[1] < 1 || shape[2] < 1 || shape[1] > most || shape[2] > most / shape[1])
    throw Error{Exit::bad_data, fmt::format("{}: {} has no field's shape", path.string(), f.name)};
  const std::vector<double> x = edges_of(file, "x_bnds", shape[2], path),
                            y = edges_of(file, "y_bnds", shape[1], path);
  f.grid = {shape[2], shape[1], x.front(), x.back(), y.front(), y.back(), unequal(x), unequal(y)};
  for (const double number : hdf5::read_1d(file, first))
    f.numbers.push_back(static_cast<std::int64_t>(number));
  if (static_cast<std::int64_t>(f.numbers.size()) != rows)
    throw Error{Exit::bad_data, fmt::format("{}: {} has not a number for each row", path.string(), first)};
  f.row = [stored, rows, path, nx = f.grid.nx, ny = f.grid.ny](std::int64_t n) {
    const std::string doing = fmt::format("{}: read row {}", path.string(), n);
    if (n < 0 || n >= rows) throw Error{Exit::bad_data, doing + ": there are fewer"};
    std::vector<double> values(static_cast<std::size_t>(nx * ny));
    const std::array<hsize_t, 3> from{static_cast<hsize_t>(n), 0, 0},
        count{1, static_cast<hsize_t>(ny), static_cast<hsize_t>(nx)};
    const hdf5::Handle space{H5Dget_space(stored->dataset.get()), H5Sclose, doing, Exit::bad_data};
    const hdf5::Handle memory{H5Screate_simple(3, count.data(), nullptr), H5Sclose, doing, Exit::bad_data};
    hdf5::check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, from.data(), nullptr, count.data(), nullptr),
                doing, Exit::bad_data);
    hdf5::check(H5Dread(stored->dataset.get(), H5T_NATIVE_DOUBLE, memory.get(), space.get(), H5P_DEFAULT,
                        values.data()),
                doing, Exit::bad_data);
    return values;
  };
  return f;
}

}  // namespace calor::io
