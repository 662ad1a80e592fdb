// SPDX-License-Identifier: BSD-3-Clause
#include "app/files/plot_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "app/console/product.hpp"
#include "app/files/stored.hpp"
#include "app/plot/picture_file.hpp"
#include "app/plot/plot.hpp"
#include "app/plot/plot_table.hpp"
#include "app/text/units.hpp"
#include "decomposition/field.hpp"
#include "io/array_file.hpp"
#include "io/snapshot.hpp"
#include "io/table.hpp"

namespace calor {

namespace fs = std::filesystem;

namespace {

Box whole(const io::GlobalGrid& g) { return {0, 0, static_cast<int>(g.nx), static_cast<int>(g.ny)}; }

/// The table that is meant: a file NAME.csv, or the sweep.csv of a directory without snapshots; empty: none.
std::string table_of(const mpi::Comm& comm, const std::string& what) {
  std::string found;
  io::collectively(comm, [&] {
    const fs::path inside = fs::path{what} / "sweep.csv";
    if (!fs::is_directory(what)) {
      if (fs::path{what}.extension() == ".csv") found = what;
    } else if (fs::is_regular_file(inside) && snapshots_in(what).empty()) {
      found = inside.string();
    }
  });
  return comm.broadcast(found);
}

/// sweep.csv is what every sweep has: then its directory says which.
std::string title_of(const fs::path& table) {
  const fs::path whole = fs::weakly_canonical(table);
  const std::string directory = whole.parent_path().filename().string();
  return whole.filename() == "sweep.csv" && !directory.empty() ? directory : whole.stem().string();
}

/// What the temperatures of a table are in: the case beside it says so.
std::string degree_of(const fs::path& table) {
  std::error_code none;
  const fs::path beside = table.parent_path() / "case.toml";
  if (!fs::is_regular_file(beside, none)) return "K";
  return io::read_text(beside).find("temperature_unit = \"degC\"") == std::string::npos ? "K" : "\u00b0C";
}

Exit plot_table(const mpi::Comm& comm, const PlotOptions& o, const std::string& file) {
  if (o.field != PlotOptions{}.field || o.low || o.high || o.no_isolines)
    throw Error{
        Exit::usage,
        fmt::format("{} is a table: --field, --min, --max and --no-isolines are for snapshots", file)};
  io::collectively(comm, [&] {
    const std::string text = io::read_text(file);
    CsvTable table;
    try {
      table = read_csv(text, file);
    } catch (const Error& e) {
      throw Error{Exit::bad_data, e.what()};  // not a case's table here, but results
    }
    TablePicture p = table_picture(table,
                                   {o.x, o.y, o.colour, o.log_x, o.log_y, degree_of(file),
                                    io::column_units(fs::path{file}.parent_path() / "results.h5")},
                                   title_of(file));
    p.width = o.width;
    draw(p, o.out);
    answer(fmt::format("{}\n", o.out));
  });
  return Exit::done;
}

}  // namespace

Exit plot_command(const mpi::Comm& comm, const PlotOptions& o) {
  picture_format(o.out);  // a name that will not do is told before anything is read
  if (const std::string table = table_of(comm, o.what); !table.empty()) return plot_table(comm, o, table);
  const fs::path file = snapshot_of(comm, o.what);
  const io::Manifest m = io::verify_file(comm, file);
  if (!o.x.empty() || !o.y.empty() || !o.colour.empty() || o.log_x || o.log_y)
    throw Error{Exit::usage, fmt::format("{} is a {}: --x, --y, --colour, --log-x and --log-y are for tables "
                                         "(NAME.csv, or a sweep's directory)",
                                         file.string(), m.header.kind)};
  const io::FieldEntry* const field = m.find(o.field);
  if (field == nullptr) {
    std::string names;
    for (const auto& f : m.fields) names += (names.empty() ? "" : ", ") + f.name;
    throw Error{Exit::usage, fmt::format("{}: no field {} in it; it has {}", file.string(), o.field, names)};
  }
  // One rank draws; the others only take part in reading.
  const Box box = comm.root() ? whole(m.header.grid) : Box{};
  Field2D<double> u{box, 0};
  io::read_array(comm, m, o.field, u.view(), box);
  io::collectively(comm, [&] {
    const int nx = box.nx(), ny = box.ny();
    std::vector<double> values(static_cast<std::size_t>(box.cells()));
    for (int j = 0; j < ny; ++j) std::copy_n(u.view().row(j), nx, values.data() + std::ptrdiff_t{j} * nx);
    Picture p;
    p.nx = nx;
    p.ny = ny;
    p.x0 = m.header.grid.x0;
    p.x1 = m.header.grid.x1;
    p.y0 = m.header.grid.y0;
    p.y1 = m.header.grid.y1;
    p.x_faces = m.header.grid.x_faces;
    p.y_faces = m.header.grid.y_faces;
    if (m.header.grid.axisymmetric)
      std::tie(p.x_name, p.y_name) = std::pair{std::string{"r"}, std::string{"z"}};
    p.values = static_cast<const double*>(values.data());
    p.title = m.header.kind == "snapshot" ? io::read_snapshot_info(file).title : "checkpoint";
    p.subtitle = is_steady(m) ? "steady state" : time_text(m.header.time, m.header.step);
    p.quantity = field->long_name;
    p.unit = field->units == "degC" ? "\u00b0C" : field->units == "1" ? "" : field->units;
    p.width = o.width;
    p.vmin = o.low;
    p.vmax = o.high;
    p.isolines = !o.no_isolines;
    draw(p, o.out);
    answer(fmt::format("{}\n", o.out));
  });
  return Exit::done;
}

}  // namespace calor
