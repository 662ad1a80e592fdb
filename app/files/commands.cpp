// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "app/files/commands.hpp"
#include "app/files/import_tealeaf.hpp"
#include "app/plot/plot.hpp"
#include "app/plot/plot_table.hpp"
#include "app/text/units.hpp"
#include "decomposition/field.hpp"
#include "decomposition/partition.hpp"
#include "io/array_file.hpp"
#include "io/checkpoint.hpp"
#include "io/snapshot.hpp"

namespace calor {

namespace fs = std::filesystem;

namespace {

Box whole(const io::GlobalGrid& g) { return {0, 0, static_cast<int>(g.nx), static_cast<int>(g.ny)}; }

/// Rows for every rank; ranks beyond the rows get none.
Box share(const io::GlobalGrid& g, const mpi::Comm& comm) {
  const auto row = [&](int r) { return static_cast<int>(g.ny * r / comm.size()); };
  return {0, row(comm.rank()), static_cast<int>(g.nx), row(comm.rank() + 1)};
}

/// The snapshots in a run's directory.
std::vector<fs::path> snapshots_in(const fs::path& directory) {
  const fs::path inside =
      fs::is_directory(directory / "snapshots") ? directory / "snapshots" : fs::path{directory};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(inside))
    if (entry.path().extension() == ".nc" && entry.is_regular_file()) files.push_back(entry.path());
  return files;
}

/// The newest snapshot of a run's directory, or the file itself.
fs::path snapshot_of(const mpi::Comm& comm, const std::string& what) {
  std::string found = what;
  io::collectively(comm, [&] {
    if (!fs::is_directory(what)) return;
    const std::vector<fs::path> files = snapshots_in(what);
    if (files.empty()) throw Error{Exit::no_input, fmt::format("{}: no snapshot there", what)};
    // Names carry the step with leading zeros; longer names are later steps.
    found = std::max_element(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
              const std::string x = a.filename(), y = b.filename();
              return x.size() != y.size() ? x.size() < y.size() : x < y;
            })->string();
  });
  return comm.broadcast(found);
}

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
    TablePicture p = table_picture(table, {o.x, o.y, o.colour, o.log_x, o.log_y}, title_of(file));
    p.width = o.width;
    draw_png(p, o.out);
    fmt::print("{}\n", o.out);
  });
  return Exit::done;
}

}  // namespace

Exit info_command(const mpi::Comm& comm, const std::string& file) {
  const io::Manifest m = io::verify_file(comm, snapshot_of(comm, file));
  if (!comm.root()) return Exit::done;
  const io::Header& h = m.header;
  fmt::print("{}: {} of calor {}, {}\n", m.path.string(), h.kind, m.calor_version, bytes_text(m.file_bytes));
  fmt::print("step {}, t = {:.17g} s, run {:016x}\n", h.step, h.time, h.run_id);
  fmt::print("grid {} x {} on [{}, {}] x [{}, {}] m\n", h.grid.nx, h.grid.ny, h.grid.x0, h.grid.x1, h.grid.y0,
             h.grid.y1);
  for (const io::FieldEntry& f : m.fields)
    fmt::print("field {} [{}], {}, {} rows of {}, float{}\n", f.name, f.units, f.long_name, f.rows, f.columns,
               8 * f.element());
  fmt::print("all checksums hold\n");
  return Exit::done;
}

Exit compare_command(const mpi::Comm& comm, const std::string& a, const std::string& b, double rtol) {
  const io::Manifest ma = io::verify_file(comm, snapshot_of(comm, a)),
                     mb = io::verify_file(comm, snapshot_of(comm, b));
  if (!(ma.header.grid == mb.header.grid))
    throw Error{Exit::bad_data, fmt::format("{} and {} are of different grids", a, b)};
  const Box mine = share(ma.header.grid, comm);
  bool identical = true, within = true, common = false;
  for (const io::FieldEntry& f : ma.fields) {
    if (mb.find(f.name) == nullptr) {
      if (comm.root()) fmt::print("{}: only in {}\n", f.name, a);
      identical = within = false;
      continue;
    }
    common = true;
    Field2D<double> ua{mine, 0}, ub{mine, 0};
    io::read_array(comm, ma, f.name, ua.view(), mine);
    io::read_array(comm, mb, f.name, ub.view(), mine);
    // The largest difference, and the first cell that has it; NaN on one side only counts as infinite.
    double worst = 0.0, largest = 0.0;
    std::int64_t where = -1;
    bool same = true;
    for_each(mine, [&](int i, int j) {
      const double x = ua.view()(i, j), y = ub.view()(i, j);
      if (std::memcmp(&x, &y, sizeof x) == 0) return;
      same = false;
      largest = std::max({largest, std::abs(x), std::abs(y)});
      double d = std::abs(x - y);
      if (std::isnan(d)) d = std::numeric_limits<double>::infinity();
      if (d > worst || where < 0) {
        worst = d;
        where = std::int64_t{j} * ma.header.grid.nx + i;
      }
    });
    for_each(mine, [&](int i, int j) {
      for (const double v : {ua.view()(i, j), ub.view()(i, j)})
        if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
    });
    const double global = comm.max(worst);
    largest = comm.max(largest);
    same = comm.all(same);
    identical = identical && same;
    if (same) continue;
    constexpr std::int64_t nowhere = std::numeric_limits<std::int64_t>::max();
    const std::int64_t at = -comm.max(-(where >= 0 && worst == global ? where : nowhere));
    const bool close = global <= rtol * largest;
    within = within && close;
    if (comm.root()) {
      const io::GlobalGrid& g = ma.header.grid;
      const std::int64_t i = at % g.nx, j = at / g.nx;
      fmt::print(
          "{}: largest difference {:.6g} ({:.3g} of the largest magnitude {:.6g}) in cell ({}, {}) at x = "
          "{:.6g} m, y = {:.6g} m{}\n",
          f.name, global, largest > 0.0 ? global / largest : 0.0, largest, i, j,
          g.x0 + (static_cast<double>(i) + 0.5) * (g.x1 - g.x0) / static_cast<double>(g.nx),
          g.y0 + (static_cast<double>(j) + 0.5) * (g.y1 - g.y0) / static_cast<double>(g.ny),
          close ? ", within --rtol" : "");
    }
  }
  for (const io::FieldEntry& f : mb.fields) {
    if (ma.find(f.name) != nullptr) continue;
    if (comm.root()) fmt::print("{}: only in {}\n", f.name, b);
    identical = within = false;
  }
  if (!common) throw Error{Exit::bad_data, fmt::format("{} and {} have no field in common", a, b)};
  if (identical && comm.root()) fmt::print("identical\n");
  return within ? Exit::done : Exit::difference;
}

Exit plot_command(const mpi::Comm& comm, const PlotOptions& o) {
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
    p.values = static_cast<const double*>(values.data());
    p.title = m.header.kind == "snapshot" ? io::read_snapshot_info(file).title : "checkpoint";
    p.subtitle = time_text(m.header.time, m.header.step);
    p.quantity = field->long_name;
    p.unit = field->units == "degC" ? "\u00b0C" : field->units;
    p.width = o.width;
    p.vmin = o.low;
    p.vmax = o.high;
    p.isolines = !o.no_isolines;
    draw_png(p, o.out);
    fmt::print("{}\n", o.out);
  });
  return Exit::done;
}

Exit import_command(const mpi::Comm& comm, const std::string& deck, const std::string& out) {
  io::collectively(comm, [&] {
    std::vector<std::string> unknown;
    const std::string text = import_tealeaf(io::read_text(deck), fs::path{deck}.filename().string(), unknown);
    io::write_atomically(out, text);
    for (const std::string& line : unknown) fmt::print(stderr, "calor: warning: {}\n", line);
    fmt::print("{}\n", out);
  });
  return Exit::done;
}

}  // namespace calor
