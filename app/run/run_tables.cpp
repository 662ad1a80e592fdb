// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/run_tables.hpp"

#include <fmt/format.h>

#include <utility>

#include "app/text/csv.hpp"
#include "solver/run/columns.hpp"

namespace calor::app {

namespace {

using Cells = std::vector<std::string>;

std::string line_of(const Cells& cells) {
  std::string line;
  for (const std::string& c : cells) line += (&c == cells.data() ? "" : ",") + c;
  return line + "\n";
}

template <class Columns, class Row>
void add_values(Cells& cells, const Columns& columns, const Row& row) {
  for (const auto& c : columns) cells.push_back(fmt::format("{}", c.value(row)));
}

RunTable history(const SimulationSpec& spec) {
  Cells names;
  for (const auto& c : history_columns()) names.emplace_back(c.name);
  for (std::size_t s = 0; s < sides.size(); ++s) {
    const std::size_t pieces = spec.problem.walls[s].size();
    for (std::size_t p = 0; pieces > 1 && p < pieces; ++p)
      names.push_back(fmt::format("{}_{}", side_words[s], p + 1));
  }
  const std::vector<NamedWall> walls = named_walls(spec.problem);
  for (const NamedWall& w : walls) names.push_back(csv_cell("wall_" + w.name));
  return {"history.csv", line_of(names), [walls](const HistoryRow& row, const std::vector<double>&) {
            Cells cells;
            add_values(cells, history_columns(), row);
            for (const auto& side : row.heat.pieces)
              for (std::size_t p = 0; side.size() > 1 && p < side.size(); ++p)
                cells.push_back(fmt::format("{}", side[p]));
            for (const NamedWall& w : walls) cells.push_back(fmt::format("{}", w.heat(row.heat)));
            return line_of(cells);
          }};
}

RunTable probes(const SimulationSpec& spec) {
  Cells names;
  for (const auto& c : probe_columns()) names.emplace_back(c.name);
  for (const ProbeSpec& p : spec.probes) names.push_back(csv_cell(p.name));
  return {"probes.csv", line_of(names), [](const HistoryRow& row, const std::vector<double>& values) {
            Cells cells;
            add_values(cells, probe_columns(), row);
            for (const double v : values) cells.push_back(fmt::format("{}", v));
            return line_of(cells);
          }};
}

/// Step and time, then the columns of every part.
template <class Parts, class Columns, class Rows>
RunTable of_parts(const char* file, const Parts& parts, Columns columns, Rows HistoryRow::*rows) {
  const auto when = history_columns().first(2);
  Cells names;
  for (const auto& c : when) names.emplace_back(c.name);
  for (const auto& part : parts)
    for (const auto& c : columns) names.push_back(csv_cell(fmt::format("{}.{}", part.name, c.name)));
  return {file, line_of(names), [=](const HistoryRow& row, const std::vector<double>&) {
            Cells cells;
            add_values(cells, when, row);
            for (const auto& part : row.*rows) add_values(cells, columns, part);
            return line_of(cells);
          }};
}

}  // namespace

std::vector<RunTable> run_tables(const SimulationSpec& spec) {
  std::vector<RunTable> tables{history(spec)};
  if (!spec.probes.empty()) tables.push_back(probes(spec));
  if (!spec.problem.regions.empty())
    tables.push_back(of_parts("regions.csv", spec.problem.regions, region_columns(), &HistoryRow::regions));
  if (!spec.problem.sections.empty())
    tables.push_back(
        of_parts("sections.csv", spec.problem.sections, section_columns(), &HistoryRow::sections));
  return tables;
}

}  // namespace calor::app
