// SPDX-License-Identifier: BSD-3-Clause
#include "app/files/plot_command.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "app/files/plot_kinds.hpp"
#include "app/files/stored.hpp"
#include "app/plot/picture_file.hpp"
#include "io/array_file.hpp"
#include "io/snapshot.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

/// The table that is meant: a file NAME.csv, or the sweep.csv of a directory without snapshots; empty: none.
std::string table_of(const mpi::Comm& comm, const std::string& what) {
  std::string found;
  io::collectively(comm, [&] {
    const fs::path inside = fs::path{what} / "sweep.csv";
    if (!fs::is_directory(what)) {
      if (fs::path{what}.extension() == ".csv") found = what;
    } else if (fs::is_regular_file(inside) && io::snapshots_in(what).empty()) {
      found = inside.string();
    }
  });
  return comm.broadcast(found);
}

}  // namespace

Exit plot_command(const mpi::Comm& comm, const PlotOptions& options) {
  PlotOptions o = options;
  if (o.out.empty() && (o.all || o.what.size() > 1))
    throw Error{Exit::usage, "what is made of several is given its name by -o"};
  if (o.out.empty()) o.out = name_for(comm, o.what.front(), ".png");
  if (!o.writes_numbers()) picture_format(o.out);  // a name that will not do is told before anything is read
  std::vector<std::string> tables;
  for (const std::string& what : o.what)
    if (const std::string table = table_of(comm, what); !table.empty()) tables.push_back(table);
  if (!tables.empty() && tables.size() < o.what.size())
    throw Error{Exit::usage,
                fmt::format("{} is a table; tables and snapshots go into one picture each", tables[0])};
  if (!tables.empty()) return plot_tables(comm, o, tables);
  return o.line.empty() ? plot_fields(comm, o) : plot_profiles(comm, o);
}

}  // namespace calor::app
