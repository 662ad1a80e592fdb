// SPDX-License-Identifier: BSD-3-Clause
#include "app/report/table_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "decomposition/error.hpp"
#include "io/file.hpp"

namespace calor::app {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::vector<std::size_t> spread(std::size_t rows, std::size_t most) {
  std::vector<std::size_t> keep;
  const std::size_t kept = std::min(rows, most);
  for (std::size_t k = 0; k < kept; ++k)
    keep.push_back(rows <= most ? k : most < 2 ? rows - 1 : k * (rows - 1) / (kept - 1));
  return keep;
}

Json cell_json(const std::string& text) {
  if (text.empty()) return {};
  double value = 0.0;
  const char* const end = text.data() + text.size();
  const auto [at, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc{} || at != end) return text;
  if (!std::isfinite(value)) return {};
  constexpr double exact = 9007199254740992.0;  // 2^53: shorter as an integer, and the same number
  if (std::fabs(value) < exact && value == std::floor(value)) return static_cast<std::int64_t>(value);
  return value;
}

Json table_json(const CsvTable& table, const std::vector<std::size_t>& keep,
                const std::function<Json(const std::string&)>& facts) {
  Json columns = Json::array();
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    Json column{{"name", table.columns[c]}, {"values", Json::array()}};
    Json& values = column["values"];
    for (const std::size_t row : keep) values.push_back(cell_json(table.rows[row][c]));
    column.update(facts(table.columns[c]));
    columns.push_back(std::move(column));
  }
  return {{"file", fs::path{table.name}.filename().string()},
          {"rows", table.rows.size()},
          {"kept", keep.size()},
          {"columns", std::move(columns)}};
}

CsvTable results_table(const fs::path& file, std::string& note) {
  std::string text = text_in(file);
  text.resize(text.find_last_of('\n') == std::string::npos ? 0 : text.find_last_of('\n') + 1);
  if (text.empty()) return {};
  try {
    return read_csv(text, file.string());
  } catch (const Error& e) {
    note = fmt::format("{} is left out: {}", file.filename().string(), e.what());
    return {};
  }
}

std::string text_in(const fs::path& file) {
  return io::kind_of(file) == io::Kind::file ? io::read_text(file) : std::string{};
}

std::string printed_unit(const std::string& unit) {
  return unit == "degC" ? "\u00b0C" : unit == "1" ? "" : unit;
}

Json json_in(const fs::path& file) {
  const Json j = Json::parse(text_in(file), nullptr, false);
  return j.is_object() ? j : Json{};
}

Json log_json(const fs::path& file) {
  constexpr std::ptrdiff_t first = 20, last = 200;
  const std::string text = text_in(file);
  if (text.empty()) return {};
  const auto lines = std::count(text.begin(), text.end(), '\n');
  if (lines <= first + last) return {{"lines", lines}, {"head", text}, {"end", ""}};
  const auto after = [&](std::ptrdiff_t n) {
    std::size_t at = 0;
    for (; n > 0; --n) at = text.find('\n', at) + 1;
    return at;
  };
  return {
      {"lines", lines}, {"head", text.substr(0, after(first))}, {"end", text.substr(after(lines - last))}};
}

std::string name_of_directory(const fs::path& directory) {
  const fs::path whole = fs::weakly_canonical(directory);
  return whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
}

}  // namespace calor::app
