// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace calor::app {

/// A table of comma-separated values (RFC 4180): the heading's names, then a row of as many cells a line.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<int> lines;  ///< of the text, where each row begins
  std::string name;        ///< for messages

  /// Number of a column, or -1.
  int column(std::string_view heading) const;
};

/// Cells may stand in quotes, a quote within them doubled; blank lines and, before the heading, lines that
/// begin with '#' are left out. @param name  for messages
/// @throws Error{Exit::bad_case} with "name:line" for a row of another length, a quote without end, no
/// heading
CsvTable read_csv(std::string_view text, const std::string& name);

/// A cell as it stands in a file: in quotes where it needs them.
std::string csv_cell(std::string_view text);

}  // namespace calor::app
