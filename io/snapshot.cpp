// SPDX-License-Identifier: BSD-3-Clause
#include "io/snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "io/hdf5.hpp"
#include "io/netcdf.hpp"

namespace calor::io {

namespace {

void lay_out(const MemoryFile& memory, const SnapshotInfo& info, const std::vector<FieldOut>& fields) {
  const GlobalGrid& g = info.grid;
  const auto longest = static_cast<std::int64_t>(std::max(info.case_text.size(), info.title.size()));
  hdf5::Handle file = hdf5::create_file(memory, longest);
  const hid_t root = file.get();
  hdf5::attribute(root, "Conventions", "CF-1.10");
  hdf5::attribute(root, "title", info.title);
  hdf5::attribute(root, "source", std::string{"calor "} + CALOR_VERSION);
  // Without the hour: what a run writes is the same at every time.
  hdf5::attribute(root, "history",
                  fmt::format("calor {}: step {} of run {:016x}", CALOR_VERSION, info.step, info.run_id));
  hdf5::attribute(root, "calor_version", CALOR_VERSION);
  hdf5::attribute(root, "run", fmt::format("{:016x}", info.run_id));
  hdf5::attribute(root, "step", info.step);
  hdf5::attribute(root, "case", info.case_text);
  if (g.axisymmetric)  // not "coordinates": xarray would take its words for names of variables
    hdf5::attribute(root, "coordinate_system", "axisymmetric: x is the distance r from the axis, y is z");
  {
    const hdf5::Handle time = coordinate(root, "time", std::vector{info.time}, "s", "time");
    hdf5::attribute(time.get(), "axis", "T");
    // No axis for x and y: ParaView would take them for longitude and latitude and bend the plane.
    const hdf5::Handle y = coordinate(root, "y", y_centres(g), "m", y_name(g) + " of the cell centres");
    const hdf5::Handle x = coordinate(root, "x", x_centres(g), "m", x_name(g) + " of the cell centres");
    const hdf5::Handle ends = dimension(root, "bnds", 2);
    put_bounds(root, y, "y_bnds", y_edges(g), ends);
    put_bounds(root, x, "x_bnds", x_edges(g), ends);
    for (const FieldOut& f : fields) {
      const hdf5::Handle d =
          hdf5::create_dataset(root, f.name, info.single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE, {1, g.ny, g.nx});
      attach(d, {&time, &y, &x});
      hdf5::attribute(d.get(), "units", f.units);
      hdf5::attribute(d.get(), "long_name", f.long_name);
      hdf5::attribute(d.get(), "cell_methods", "area: mean time: point");
      if (info.gaps && info.single)
        hdf5::attribute(d.get(), "_FillValue", std::numeric_limits<float>::quiet_NaN());
      if (info.gaps && !info.single)
        hdf5::attribute(d.get(), "_FillValue", std::numeric_limits<double>::quiet_NaN());
    }
    const hdf5::Handle mesh = hdf5::create_group(root, "mesh");
    coordinate(mesh.get(), "y", y_edges(g), "m", y_name(g) + " of the cell edges");
    coordinate(mesh.get(), "x", x_edges(g), "m", x_name(g) + " of the cell edges");
  }
  file.close("finish the layout of a snapshot");
}

}  // namespace

std::string snapshot_name(std::int64_t step) { return fmt::format("snapshot_{:09d}.nc", step); }

std::vector<std::filesystem::path> snapshots_in(const std::filesystem::path& directory) {
  const std::filesystem::path inside = std::filesystem::is_directory(directory / "snapshots")
                                           ? directory / "snapshots"
                                           : std::filesystem::path{directory};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(inside))
    if (entry.path().extension() == ".nc" && entry.is_regular_file()) files.push_back(entry.path());
  // Names carry the step with leading zeros; longer names are later steps.
  std::sort(files.begin(), files.end(), [](const std::filesystem::path& a, const std::filesystem::path& b) {
    const std::string x = a.filename(), y = b.filename();
    return x.size() != y.size() ? x.size() < y.size() : x < y;
  });
  return files;
}

void write_snapshot(const mpi::Comm& comm, const std::filesystem::path& path, const SnapshotInfo& info,
                    const std::vector<FieldOut>& fields, const WriteOptions& options) {
  WriteOptions own = options;
  own.single = info.single;
  own.lay_out = [&](const MemoryFile& memory) { lay_out(memory, info, fields); };
  const Header header{"snapshot", info.run_id, info.step, info.time, info.grid, nullptr};
  write_array_file(comm, path, header, fields, own);
}

SnapshotInfo read_snapshot_info(const std::filesystem::path& path) {
  static_cast<void>(File{path, File::Mode::read});  // no_input if it is missing
  hdf5::prepare();
  const hdf5::Handle file = hdf5::open_file(path, Exit::bad_data);
  SnapshotInfo info;
  info.title = hdf5::text_attribute(file.get(), "title");
  info.case_text = hdf5::text_attribute(file.get(), "case");
  info.calor_version = hdf5::text_attribute(file.get(), "calor_version");
  info.run_id = std::strtoull(hdf5::text_attribute(file.get(), "run").c_str(), nullptr, 16);
  info.step = hdf5::integer_attribute(file.get(), "step");
  const std::vector<double> time = hdf5::read_1d(file.get(), "time");
  info.time = time.back();
  const auto extent = [&](const char* edge_name, const char* centre_name, double& from, double& to,
                          std::int64_t& cells) {
    const std::vector<double> c = hdf5::read_1d(file.get(), centre_name);
    cells = static_cast<std::int64_t>(c.size());
    if (H5Lexists(file.get(), "/mesh", H5P_DEFAULT) > 0) {
      const std::vector<double> e = hdf5::read_1d(file.get(), edge_name);
      from = e.front();
      to = e.back();
    } else {  // a program that copied the file may have dropped the group
      const double half =
          c.size() > 1 ? 0.5 * (c.back() - c.front()) / static_cast<double>(c.size() - 1) : 0.5;
      from = c.front() - half;
      to = c.back() + half;
    }
  };
  extent("/mesh/x", "/x", info.grid.x0, info.grid.x1, info.grid.nx);
  extent("/mesh/y", "/y", info.grid.y0, info.grid.y1, info.grid.ny);
  for (const std::string& name : hdf5::dataset_names(file.get())) {
    const hdf5::Handle d = hdf5::open_numbers(file.get(), name, path);
    const hdf5::Handle type{H5Dget_type(d.get()), H5Tclose, "read a type", Exit::bad_data};
    if (hdf5::shape_of(d.get()) != std::vector<std::int64_t>{1, info.grid.ny, info.grid.nx}) continue;
    info.single = H5Tget_size(type.get()) == 4;
    info.fields.push_back(name);
  }
  return info;
}

}  // namespace calor::io
