// SPDX-License-Identifier: BSD-3-Clause
#include "app/report/run_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "app/files/stored.hpp"
#include "app/report/case_facts.hpp"
#include "app/report/pictures.hpp"
#include "app/report/table_facts.hpp"
#include "app/text/units.hpp"
#include "app/text/version.hpp"
#include "decomposition/field.hpp"
#include "io/array_file.hpp"
#include "io/file.hpp"
#include "io/snapshot.hpp"
#include "solver/run/columns.hpp"

namespace calor::app {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

/// Names carry the step with leading zeros; longer names are later steps.
bool earlier(const fs::path& a, const fs::path& b) {
  const std::string x = a.filename(), y = b.filename();
  return x.size() != y.size() ? x.size() < y.size() : x < y;
}

/// The snapshots that are shown, the last one last. Rank 0 lists them; all hear of them.
std::vector<std::string> chosen_snapshots(const mpi::Comm& comm, const fs::path& directory,
                                          const PageLimits& limits, std::size_t& all) {
  Json names = Json::array();
  std::size_t there = 0;
  io::collectively(comm, [&] {
    std::vector<fs::path> files = io::snapshots_in(directory);
    std::sort(files.begin(), files.end(), earlier);
    there = files.size();
    for (const std::size_t n : spread(files.size(), static_cast<std::size_t>(limits.pictures)))
      names.push_back(files[n].string());
  });
  all = there;
  return Json::parse(comm.broadcast(names.dump())).get<std::vector<std::string>>();
}

/// Gathers pictures of a series that is read file by file.
class Pictures {
 public:
  Pictures(const mpi::Comm& comm, const PageLimits& limits, std::size_t count)
      : comm_{comm}, limits_{limits} {
    const auto others = static_cast<std::int64_t>(count) - 1;
    most_ = others > 0 ? std::max<std::int64_t>(limits.cells_of_others / others, 1) : limits.cells_of_last;
  }

  /// Collective. A damaged file becomes a note.
  void add(const std::string& file, bool last, Page& page) {
    try {
      const io::Manifest m = io::verify_file(comm_, file);
      const io::FieldEntry* const field = m.find("temperature") != nullptr ? m.find("temperature")
                                          : m.fields.empty()               ? nullptr
                                                                           : &m.fields.front();
      if (field == nullptr) return;
      const io::GlobalGrid& g = m.header.grid;
      const Box whole{0, 0, static_cast<int>(g.nx), static_cast<int>(g.ny)};
      const Box box = comm_.root() ? whole : Box{};
      Field2D<double> u{box, 0};
      io::read_array(comm_, m, field->name, u.view(), box);
      io::collectively(comm_, [&] { keep(m, *field, u, last, page); });
    } catch (const Error& e) {
      if (e.code() != Exit::bad_data && e.code() != Exit::no_input) throw;
      damaged.push_back(fs::path{file}.filename().string() + " is left out: " + e.what());
    }
  }

  std::vector<std::string> damaged;

 private:
  void keep(const io::Manifest& m, const io::FieldEntry& field, const Field2D<double>& u, bool last,
            Page& page) {
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(m.header.grid.nx * m.header.grid.ny));
    for (int j = 0; j < u.owned().ny(); ++j) {
      const double* const row = u.view().row(j);
      values.insert(values.end(), row, row + u.owned().nx());
    }
    const std::int64_t most = last ? limits_.cells_of_last : std::min(most_, limits_.cells_of_last);
    Json& shown = add_picture(page, m.header.grid, std::move(values), most);
    shown.update({{"step", m.header.step},
                  {"time", m.header.time},
                  {"steady", is_steady(m)},
                  {"field", field.long_name},
                  {"unit", printed_unit(field.units)}});
  }

  const mpi::Comm& comm_;
  const PageLimits& limits_;
  std::int64_t most_ = 0;
};

/// Units of what solver/run/columns names, in those of this run.
struct Units {
  std::string degree = "K", heat = "J/m", power = "W/m";

  std::string of(std::string_view unit) const {
    if (unit.empty()) return degree;
    if (unit == "J m-1") return heat;
    if (unit == "W m-1") return power;
    return printed_unit(std::string{unit});
  }
};

Json run_table(const fs::path& file, const Units& units, const PageLimits& limits, Json& notes) {
  std::string note;
  const CsvTable table = results_table(file, note);
  if (!note.empty()) notes.push_back(note);
  if (table.columns.empty()) return {};
  const std::string name = file.filename().string();
  const std::vector<ColumnHelp> known = all_columns();
  const auto facts = [&](const std::string& column) -> Json {
    // A region's or section's column ends with what it is; a probe's has the probe's name.
    const auto is = [&](std::string_view word) {
      const std::string dotted = "." + std::string{word};
      return column == word || (column.size() > dotted.size() &&
                                column.compare(column.size() - dotted.size(), dotted.size(), dotted) == 0);
    };
    for (const ColumnHelp& c : known)
      if (c.file == name && is(c.name)) return {{"unit", units.of(c.unit)}, {"help", std::string{c.help}}};
    if (name == "probes.csv") return {{"unit", units.degree}, {"help", "temperature"}};
    if (name == "history.csv") return {{"unit", units.heat}, {"help", "heat that came in through it"}};
    return {{"unit", column == "time" ? "s" : ""}, {"help", ""}};
  };
  const std::vector<std::size_t> keep = spread(table.rows.size(), limits.table_rows);
  if (keep.size() < table.rows.size())
    notes.push_back(fmt::format("of {}, {} of {} rows are shown, evenly chosen", name, keep.size(),
                                counted(static_cast<std::int64_t>(table.rows.size()), "row")));
  return table_json(table, keep, facts);
}

/// What of the fields is shown, for the page's foot.
void say_what_is_shown(Page& page, std::size_t all) {
  const Json& series = page.data["series"];
  if (series.empty()) return;
  Json& notes = page.data["notes"];
  if (series.size() < all) notes.push_back(fmt::format("{} of {} snapshots are shown", series.size(), all));
  const std::int64_t last = series.back().at("factor"), others = series.front().at("factor");
  const auto means = [](std::int64_t f) { return fmt::format("the mean of {0} x {0} cells", f); };
  if (last > 1 || others > 1)
    notes.push_back(others == last ? fmt::format("a point of the pictures is {}", means(last))
                                   : fmt::format("a point of the last picture is {}, of the others {}",
                                                 last > 1 ? means(last) : "a cell", means(others)));
  notes.push_back("values of pictures are rounded to 1/65534 of the range of their picture");
}

std::string sentence(const Page& page) {
  const Json& d = page.data;
  const std::string state = d["summary"].is_object()  ? d["summary"].value("status", "")
                            : d["status"].is_object() ? d["status"].value("state", "")
                                                      : "";
  return state.empty() ? "A run of calor." : fmt::format("A run of calor: {}.", state);
}

}  // namespace

Page run_page(const mpi::Comm& comm, const fs::path& directory, const PageLimits& limits) {
  Page page;
  Json& d = page.data;
  io::collectively(comm, [&] {
    const std::string case_text = text_in(directory / "case.toml");
    d["kind"] = "run";
    d["directory"] = name_of_directory(directory);
    d["calor"] = version;
    d["colours"] = picture_colours();
    d["notes"] = Json::array();
    d["summary"] = json_in(directory / "summary.json");
    d["status"] = json_in(directory / "status.json");
    d["case"] = case_json(case_text);
    d["differences"] = differences(case_text);
    d["case_text"] = case_text;
    d["log"] = log_json(directory / "run.log");
    Units units;
    const Json::json_pointer degree{"/output/temperature_unit"}, heat{"/heat/unit"};
    if (d["case"].is_object() && d["case"].value(degree, Json{}) == "degC") units.degree = "\u00b0C";
    if (d["summary"].is_object())
      if (const Json unit = d["summary"].value(heat, Json{}); unit.is_string()) units.heat = unit;
    units.power = units.heat.front() == 'J' ? "W" + units.heat.substr(1) : units.heat;
    d["units"] = {{"temperature", units.degree}, {"heat", units.heat}, {"power", units.power}};
    d["tables"] = Json::object();
    for (const char* name : {"history", "probes", "regions", "sections"})
      if (Json t = run_table(directory / (std::string{name} + ".csv"), units, limits, d["notes"]);
          !t.is_null())
        d["tables"][name] = std::move(t);
    d["series"] = Json::array();
    // Points of pictures are equally far apart; the page says where cells are not.
    for (const char* side : {"/grid/x", "/grid/y"})
      if (d["case"].is_object() && d["case"].value(Json::json_pointer{side}, Json{}).is_object())
        d["uneven"] = true;
    if (d["case"].is_object()) page.title = d["case"].value("title", "");
    if (page.title.empty()) page.title = d["directory"];
    d["title"] = page.title;
  });
  std::size_t all = 0;
  const std::vector<std::string> files = chosen_snapshots(comm, directory, limits, all);
  Pictures pictures{comm, limits, files.size()};
  for (const std::string& file : files) pictures.add(file, &file == &files.back(), page);
  io::collectively(comm, [&] {
    d["damaged"] = pictures.damaged;
    say_what_is_shown(page, all);
    page.words = sentence(page);
  });
  return page;
}

}  // namespace calor::app
