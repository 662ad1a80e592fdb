// SPDX-License-Identifier: BSD-3-Clause
#include "app/text/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "decomposition/error.hpp"

namespace calor::app {

namespace {

/// Takes one record off the front of the text. False: a quote has no end.
bool take_record(std::string_view& text, std::vector<std::string>& cells, int& lines) {
  cells.assign(1, "");
  lines = 1;
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c == '\n') ++lines;
      if (c != '"')
        cells.back() += c;
      else if (at + 1 < text.size() && text[at + 1] == '"')
        cells.back() += text[at++];
      else
        quoted = false;
    } else if (c == '"' && cells.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      cells.emplace_back();
    } else if (c == '\n') {
      break;
    } else if (c != '\r' || at + 1 >= text.size() || text[at + 1] != '\n') {
      cells.back() += c;
    }
  }
  text.remove_prefix(std::min(at + 1, text.size()));
  return !quoted;
}

}  // namespace

int CsvTable::column(std::string_view heading) const {
  const auto found = std::find(columns.begin(), columns.end(), heading);
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

CsvTable read_csv(std::string_view text, const std::string& name) {
  CsvTable table;
  table.name = name;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);  // a byte-order mark, as spreadsheets write
  const auto wrong = [&](int line, const std::string& what) {
    return Error{Exit::bad_case, fmt::format("{}:{}: {}", name, line, what)};
  };
  std::vector<std::string> cells;
  for (int line = 1, taken = 0; !text.empty(); line += taken) {
    const bool comment = table.columns.empty() && text.front() == '#';
    if (!take_record(text, cells, taken)) throw wrong(line, "a quote has no end");
    if (comment || (cells.size() == 1 && cells[0].empty())) continue;
    if (table.columns.empty()) {
      table.columns = cells;
      continue;
    }
    if (cells.size() != table.columns.size())
      throw wrong(line, fmt::format("{} cells, but the heading has {}", cells.size(), table.columns.size()));
    table.rows.push_back(cells);
    table.lines.push_back(line);
  }
  if (table.columns.empty()) throw wrong(1, "there is no heading");
  return table;
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string{text};
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string{"\"\""} : std::string(1, c);
  return quoted + '"';
}

}  // namespace calor::app
