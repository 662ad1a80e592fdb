// SPDX-License-Identifier: BSD-3-Clause
// Tables: CSV, columns over time, instants. What is taken is finite and does not go back in time.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/text/csv.hpp"
#include "app/text/time_series.hpp"
#include "decomposition/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace calor;
  using namespace calor::app;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const CsvTable table = read_csv(text, "fuzz.csv");
    for (const auto& row : table.rows)
      if (row.size() != table.columns.size()) std::abort();
    // Cells survive being written.
    for (const std::string& name : table.columns)
      if (const std::string cell = csv_cell(name);
          !name.empty() && name.find_first_of("\r\n") == std::string::npos) {
        const CsvTable again = read_csv(cell + ",x\n", "again.csv");
        if (name[0] != '#' && again.columns.size() != 2) std::abort();
      }
  } catch (const Error&) {
  }
  for (const ColumnChoice& column : {ColumnChoice{}, ColumnChoice{"v", 0}, ColumnChoice{"", 2}}) {
    try {
      const TimeSeries s = read_time_series(text, "fuzz.csv", column, {});
      if (s.t.size() != s.value.size() || s.t.empty()) std::abort();
      for (std::size_t k = 0; k < s.t.size(); ++k) {
        if (!std::isfinite(s.t[k]) || !std::isfinite(s.value[k])) std::abort();
        if (k > 0 && s.t[k] < s.t[k - 1]) std::abort();
        if (k > 1 && s.t[k] == s.t[k - 2]) std::abort();
      }
    } catch (const Error&) {
    }
  }
  if (const auto stamp = parse_stamp(text); stamp && !(stamp->fraction >= 0.0 && stamp->fraction < 1.0))
    std::abort();
  return 0;
}
