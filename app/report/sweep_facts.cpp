// SPDX-License-Identifier: BSD-3-Clause
#include "app/report/sweep_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/report/case_facts.hpp"
#include "app/report/pictures.hpp"
#include "app/report/table_facts.hpp"
#include "app/text/units.hpp"
#include "app/text/version.hpp"
#include "io/file.hpp"
#include "io/table.hpp"

namespace calor::app {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

/// The rows that are shown: of too many evenly spread ones, and of those that failed the first.
std::vector<std::size_t> shown_rows(const CsvTable& table, std::size_t most) {
  constexpr std::size_t most_failed = 1000;
  std::vector<std::size_t> keep = spread(table.rows.size(), most);
  const int status = table.column("status");
  if (keep.size() == table.rows.size() || status < 0) return keep;
  std::vector<std::size_t> failed, both;
  for (std::size_t n = 0; n < table.rows.size() && failed.size() < most_failed; ++n)
    if (table.rows[n][static_cast<std::size_t>(status)] == "failed") failed.push_back(n);
  std::set_union(keep.begin(), keep.end(), failed.begin(), failed.end(), std::back_inserter(both));
  return both;
}

/// Pictures of fields that the sweep has kept, of cases that are done and shown in the table: evenly chosen.
/// Each says in `row` which of the table's rows it belongs to, by the number of the case: somebody may have
/// sorted the table.
void add_fields(Page& page, const fs::path& file, const CsvTable& table, const std::vector<std::size_t>& keep,
                const PageLimits& limits) {
  const int status = table.column("status"), number = table.column("case");
  if (status < 0 || number < 0) return;
  Json& notes = page.data["notes"];
  try {
    const std::optional<io::TableFields> fields = io::read_table_fields(file, "case");
    if (!fields) return;
    std::map<std::string, std::int64_t> stored;
    for (std::size_t n = 0; n < fields->numbers.size(); ++n)
      stored[fmt::to_string(fields->numbers[n])] = static_cast<std::int64_t>(n);
    std::vector<std::pair<std::size_t, std::int64_t>> done;  // place in `keep`, row of the file
    for (std::size_t k = 0; k < keep.size(); ++k) {
      const auto& row = table.rows[keep[k]];
      if (row[static_cast<std::size_t>(status)] != "done") continue;
      if (const auto found = stored.find(row[static_cast<std::size_t>(number)]); found != stored.end())
        done.emplace_back(k, found->second);
    }
    const std::vector<std::size_t> chosen = spread(done.size(), static_cast<std::size_t>(limits.pictures));
    if (chosen.empty()) return;
    if (chosen.size() < done.size())
      notes.push_back(fmt::format("fields of {} of {} are shown, evenly chosen", chosen.size(),
                                  counted(static_cast<std::int64_t>(done.size()), "case")));
    notes.push_back("values of pictures are rounded to 1/65534 of the range of their picture");
    const std::int64_t most = std::clamp<std::int64_t>(
        limits.cells_of_others / static_cast<std::int64_t>(chosen.size()), 1, limits.cells_of_last);
    std::int64_t factor = 1;
    for (const std::size_t n : chosen) {
      std::vector<double> values = fields->row(done[n].second);
      // Of cases that were computed again the table may be ahead of its fields.
      if (std::none_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) continue;
      Json& shown = add_picture(page, fields->grid, std::move(values), most);
      shown.update(
          {{"row", done[n].first}, {"field", fields->long_name}, {"unit", printed_unit(fields->units)}});
      factor = shown.at("factor");
    }
    if (factor > 1)
      notes.push_back(fmt::format("a point of the pictures is the mean of {0} x {0} cells", factor));
  } catch (const Error& e) {
    notes.push_back(fmt::format("fields are left out: {}", e.what()));
  }
}

/// How many cases have each status, also of those that are not shown.
Json counts_of(const CsvTable& table) {
  Json counts = Json::object();
  const int status = table.column("status");
  if (status < 0) return counts;
  for (const auto& row : table.rows) {
    Json& n = counts[row[static_cast<std::size_t>(status)]];
    n = n.is_null() ? 1 : n.get<std::int64_t>() + 1;
  }
  return counts;
}

}  // namespace

bool holds_sweep(const fs::path& directory) {
  return io::kind_of(directory / "journal") == io::Kind::file ||
         io::kind_of(directory / "sweep.csv") == io::Kind::file;
}

Page sweep_page(const fs::path& directory, const PageLimits& limits) {
  Page page;
  Json& d = page.data;
  const std::string case_text = text_in(directory / "case.toml");
  d["kind"] = "sweep";
  d["directory"] = name_of_directory(directory);
  d["calor"] = version;
  d["notes"] = Json::array();
  d["status"] = json_in(directory / "status.json");
  d["case"] = case_json(case_text);
  d["case_text"] = case_text;
  d["log"] = log_json(directory / "run.log");
  if (d["case"].is_object()) page.title = d["case"].value("title", "");
  if (page.title.empty()) page.title = d["directory"];
  d["title"] = page.title;

  std::string note;
  const CsvTable table = results_table(directory / "sweep.csv", note);
  if (!note.empty()) d["notes"].push_back(note);
  if (table.columns.empty())
    d["notes"].push_back("there is no table yet: a job writes it every half minute, and at its end");
  const std::vector<std::size_t> keep = shown_rows(
      table, std::max<std::size_t>(2, limits.sweep_cells / std::max<std::size_t>(1, table.columns.size())));
  if (keep.size() < table.rows.size())
    d["notes"].push_back(
        fmt::format("{} of {} are shown: evenly chosen ones, and of those that failed the "
                    "first 1000",
                    keep.size(), counted(static_cast<std::int64_t>(table.rows.size()), "case")));
  const std::map<std::string, std::string> units = io::column_units(directory / "results.h5");
  // The varied keys stand between the case's number and its status.
  const int status = table.column("status");
  d["table"] = table_json(table, keep, [&](const std::string& name) -> Json {
    const int at = table.column(name);
    const auto unit = units.find(name);
    return {{"unit", unit == units.end() ? "" : printed_unit(unit->second)},
            {"varied", at > 0 && at < status}};
  });
  d["series"] = Json::array();
  d["colours"] = picture_colours();
  add_fields(page, directory / "results.h5", table, keep, limits);
  d["counts"] = counts_of(table);
  const auto done = d["counts"].value("done", std::int64_t{0});
  page.words = fmt::format("A sweep of calor: {} of {} done.", done,
                           counted(static_cast<std::int64_t>(table.rows.size()), "case"));
  return page;
}

}  // namespace calor::app
