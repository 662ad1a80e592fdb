// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "app/console/product.hpp"
#include "app/files/plot_kinds.hpp"
#include "app/plot/plot_table.hpp"
#include "app/text/units.hpp"
#include "io/array_file.hpp"
#include "io/table.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

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

CsvTable read_table(const std::string& file) {
  try {
    return read_csv(io::read_text(file), file);
  } catch (const Error& e) {
    if (e.code() != Exit::bad_case) throw;
    throw Error{Exit::bad_data, e.what()};  // not a case's table here, but results
  }
}

bool holds_probes(const fs::path& file) { return file.filename() == "probes.csv"; }

/// Without a name, a run's probes.csv is over its time, and all of it.
TableChoice choice_of(const PlotOptions& o, const CsvTable& table, const std::string& file) {
  TableChoice choice{o.x,
                     {},
                     o.colour,
                     o.log_x,
                     o.log_y,
                     degree_of(file),
                     io::column_units(fs::path{file}.parent_path() / "results.h5")};
  if (choice.x.empty() && table.column("time") >= 0) choice.x = "time";
  if (holds_probes(file))
    for (const std::string& name : table.columns)
      if (name != "time") choice.units.emplace(name, "K");
  return choice;
}

std::vector<std::string> columns_of(const PlotOptions& o, const CsvTable& table, const std::string& file) {
  if (!o.y.empty() || !holds_probes(file)) return o.y;
  std::vector<std::string> all;
  for (const std::string& name : table.columns)
    if (name != "time") all.push_back(name);
  return all;
}

/// Long times in hours or days.
void tell_time_by_the_clock(TablePicture& p) {
  if (p.x.name != "time" || p.x.unit != "s" || p.x.logarithmic) return;
  double last = 0.0;
  for (const TableSeries& s : p.series)
    for (const auto& point : s.points) last = std::max(last, point.x);
  const ClockUnit unit = clock_unit(last);
  p.x.unit = unit.name;
  for (TableSeries& s : p.series)
    for (auto& point : s.points) point.x /= unit.seconds;
}

}  // namespace

std::vector<std::string> telling_names(const std::vector<std::vector<std::string>>& lists) {
  for (const std::vector<std::string>& names : lists)
    if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return names;
  return lists.back();
}

Exit plot_tables(const mpi::Comm& comm, const PlotOptions& o, const std::vector<std::string>& tables) {
  if (const std::string option = o.of_snapshots(); !option.empty())
    throw Error{Exit::usage, fmt::format("{} is a table: {} is for snapshots", tables[0], option)};
  io::collectively(comm, [&] {
    std::vector<TablePicture> pictures;
    std::vector<std::string> columns, files, both;
    for (const std::string& file : tables) {
      const CsvTable table = read_table(file);
      TableChoice choice = choice_of(o, table, file);
      std::vector<std::string> names = columns_of(o, table, file);
      if (names.empty()) names.emplace_back();  // the picture says which there are
      for (const std::string& y : names) {
        choice.y = y;
        pictures.push_back(table_picture(table, choice, title_of(file)));
        columns.push_back(pictures.back().y.name);
        files.push_back(file);
        both.push_back(fmt::format("{}, {}", file, columns.back()));
      }
    }
    TablePicture p = pictures[0];
    if (pictures.size() > 1) {
      if (!o.colour.empty())
        throw Error{Exit::usage,
                    "--colour parts one column of one table into series; there are several here"};
      const std::vector<std::string> names = telling_names({columns, files, both});
      p = together(pictures, names, names == columns ? "column" : names == files ? "table" : "table, column");
    }
    if (p.y.name == "value" && std::all_of(files.begin(), files.end(), holds_probes))
      p.y.name = "temperature";
    tell_time_by_the_clock(p);
    p.width = o.width;
    draw(p, o.out);
    answer_written(o.out);
  });
  return Exit::done;
}

}  // namespace calor::app
