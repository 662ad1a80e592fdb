// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "app/files/commands.hpp"
#include "app/files/import_tealeaf.hpp"
#include "app/files/snapshots.hpp"
#include "app/text/units.hpp"
#include "decomposition/field.hpp"
#include "decomposition/partition.hpp"
#include "io/array_file.hpp"
#include "io/checkpoint.hpp"
#include "io/snapshot.hpp"

namespace calor {

namespace fs = std::filesystem;

namespace {

/// Rows for every rank; ranks beyond the rows get none.
Box share(const io::GlobalGrid& g, const mpi::Comm& comm) {
  const auto row = [&](int r) { return static_cast<int>(g.ny * r / comm.size()); };
  return {0, row(comm.rank()), static_cast<int>(g.nx), row(comm.rank() + 1)};
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
