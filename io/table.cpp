// SPDX-License-Identifier: BSD-3-Clause
#include "io/table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "io/hdf5.hpp"
#include "io/netcdf.hpp"

namespace calor::io {

namespace {

/// Names for datasets that HDF5 can hold: no path, none twice, none of the fields'.
std::vector<std::string> dataset_names(const std::vector<Column>& columns,
                                       const std::optional<TableFields>& fields) {
  std::vector<std::string> names;
  std::set<std::string> used;
  if (fields) used = {"x", "y", fields->name};
  for (const Column& c : columns) {
    std::string name = c.name.empty() || c.name == "." ? "_" : c.name;
    std::replace(name.begin(), name.end(), '/', '_');
    while (!used.insert(name).second) name += '_';
    names.push_back(name);
  }
  return names;
}

/// A column of texts of any length, as netCDF-4 has them: netCDF 4.9 reads beyond the end of those of fixed
/// length, and takes its program down.
void write_texts(hid_t parent, const std::string& name, const Column& c, const hdf5::Handle& rows) {
  std::vector<const char*> texts;
  for (const std::string& t : std::get<std::vector<std::string>>(c.values)) texts.push_back(t.c_str());
  const hdf5::Handle type{H5Tcopy(H5T_C_S1), H5Tclose, "make a text type"};
  hdf5::check(H5Tset_size(type.get(), H5T_VARIABLE), "make a text type");
  hdf5::check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "make a text type");
  hdf5::Handle d = hdf5::create_dataset(parent, name, type.get(), {static_cast<std::int64_t>(texts.size())});
  hdf5::check(H5Dwrite(d.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), "write " + name);
  attach(d, {&rows});
  if (name != c.name) hdf5::attribute(d.get(), "long_name", c.name);
}

void write_fields(hid_t root, const TableFields& f, std::int64_t rows, const hdf5::Handle& dimension) {
  const GlobalGrid& g = f.grid;
  const hdf5::Handle y = coordinate(root, "y", centres(g.y0, g.y1, g.ny), "m", "y of the cell centres");
  const hdf5::Handle x = coordinate(root, "x", centres(g.x0, g.x1, g.nx), "m", "x of the cell centres");
  const hdf5::Handle d = hdf5::create_dataset(root, f.name, H5T_IEEE_F64LE, {rows, g.ny, g.nx});
  attach(d, {&dimension, &y, &x});
  hdf5::attribute(d.get(), "units", f.units);
  hdf5::attribute(d.get(), "long_name", f.long_name);
  const hdf5::Handle file_space{H5Dget_space(d.get()), H5Sclose, "select a row"};
  const hsize_t one[3] = {1, static_cast<hsize_t>(g.ny), static_cast<hsize_t>(g.nx)};
  const hdf5::Handle memory_space{H5Screate_simple(3, one, nullptr), H5Sclose, "select a row"};
  const auto cells = static_cast<std::size_t>(g.nx * g.ny);
  for (std::int64_t n = 0; n < rows; ++n) {
    std::vector<double> values = f.row(n);
    if (values.size() != cells) values.assign(cells, std::numeric_limits<double>::quiet_NaN());
    const hsize_t start[3] = {static_cast<hsize_t>(n), 0, 0};
    hdf5::check(H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start, nullptr, one, nullptr),
                "select a row");
    hdf5::check(H5Dwrite(d.get(), H5T_NATIVE_DOUBLE, memory_space.get(), file_space.get(), H5P_DEFAULT,
                         values.data()),
                "write " + f.name);
  }
}

}  // namespace

void write_table(const std::filesystem::path& path, const std::string& title,
                 const std::vector<Column>& columns, const std::optional<TableFields>& fields) {
  hdf5::prepare();
  Partial partial{path};
  const auto& numbers = std::get<std::vector<double>>(columns.at(0).values);
  const auto rows = static_cast<std::int64_t>(numbers.size());
  const std::vector<std::string> names = dataset_names(columns, fields);
  {
    // The library's own crash on a full disk is met by asking for the space beforehand.
    std::int64_t bytes = 1 << 20;
    for (const Column& c : columns) {
      if (const auto* texts = std::get_if<std::vector<std::string>>(&c.values)) {
        std::size_t longest = 1;
        for (const std::string& t : *texts) longest = std::max(longest, t.size());
        bytes += rows * static_cast<std::int64_t>(longest);
      } else {
        bytes += 8 * rows;
      }
      bytes += 4096;
    }
    if (fields) bytes += 8 * rows * fields->grid.nx * fields->grid.ny;
    if (free_bytes(directory_of(path)) < bytes) throw system_error(Exit::io_error, "write", path, ENOSPC);

    hdf5::Handle file = hdf5::create_file(partial.path(), static_cast<std::int64_t>(title.size()));
    const hid_t root = file.get();
    hdf5::attribute(root, "Conventions", "CF-1.10");
    hdf5::attribute(root, "title", title);
    hdf5::attribute(root, "source", std::string{"calor "} + CALOR_VERSION);
    {
      const hdf5::Handle scale = coordinate(root, names[0], numbers, "1", "row of the table");
      for (std::size_t n = 1; n < columns.size(); ++n) {
        const Column& c = columns[n];
        if (std::holds_alternative<std::vector<std::string>>(c.values)) {
          write_texts(root, names[n], c, scale);
          continue;
        }
        const hdf5::Handle d = hdf5::create_dataset(root, names[n], H5T_IEEE_F64LE, {rows});
        hdf5::write(d.get(), std::get<std::vector<double>>(c.values));
        attach(d, {&scale});
        if (names[n] != c.name) hdf5::attribute(d.get(), "long_name", c.name);
        if (!c.units.empty()) hdf5::attribute(d.get(), "units", c.units);
      }
      if (fields) write_fields(root, *fields, rows, scale);
    }
    file.close("finish " + path.string());
  }
  File{partial.path(), File::Mode::update}.sync();
  partial.commit();
}

}  // namespace calor::io
