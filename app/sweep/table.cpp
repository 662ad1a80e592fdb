// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "app/case/case_io.hpp"
#include "app/run/remarks.hpp"
#include "app/run/setup.hpp"
#include "app/text/csv.hpp"
#include "io/file.hpp"
#include "solver/run/columns.hpp"

namespace calor::app {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

struct Measure {
  const char* name;
  const char* units;
};
/// In the order of the array "values" of a result.
constexpr std::array<Measure, 13> measures{{{"steps", "1"},
                                            {"time", "s"},
                                            {"T_min", "K"},
                                            {"T_max", "K"},
                                            {"T_mean", "K"},
                                            {"heat_initial", "J m-1"},
                                            {"heat_final", "J m-1"},
                                            {"heat_left", "J m-1"},
                                            {"heat_right", "J m-1"},
                                            {"heat_bottom", "J m-1"},
                                            {"heat_top", "J m-1"},
                                            {"heat_source", "J m-1"},
                                            {"heat_residual", "J m-1"}}};
constexpr std::array<const char*, 8> about{
    {"case", "status", "tries", "ranks", "seconds", "setup_seconds", "reason", "warnings"}};
constexpr std::size_t most_warnings = 5;  // of a case

double number_in(const nlohmann::json& j) { return j.is_number() ? j.get<double>() : none; }

/// The first of them, in as much room as the journal has for a case.
nlohmann::json kept_warnings(std::vector<std::string> all) {
  if (all.size() > most_warnings) {
    const std::size_t more = all.size() - most_warnings;
    all.resize(most_warnings);
    all.push_back(fmt::format("and {} more", more));
  }
  return all;
}

/// Names in the order of the example's, then those that only other cases have.
std::vector<std::string> names_of(const std::vector<nlohmann::json>& results, const char* what,
                                  std::vector<std::string> names) {
  for (const nlohmann::json& r : results) {
    if (r.is_null()) continue;
    for (const auto& [name, value] : r.at(what).items())
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

/// Numbers where all are, else texts. @param degree  the unit of the case's temperatures
io::Column varied_column(const std::string& name, const std::vector<std::string>& path,
                         const std::string& degree, const std::vector<std::optional<Node>>& values) {
  const auto is_whole = [](const std::optional<Node>& n) { return !n || n->kind == Node::Kind::integer; };
  const auto is_number = [](const std::optional<Node>& n) {
    return !n || n->kind == Node::Kind::integer || n->kind == Node::Kind::number;
  };
  if (std::all_of(values.begin(), values.end(), is_number)) {
    const KeyNumbers are = numbers_at(path);
    const std::string unit = are.unit == "K" ? degree : are.unit;  // no key is a difference of temperatures
    if (are.whole && std::all_of(values.begin(), values.end(), is_whole)) {
      io::Integers whole;
      for (const auto& n : values) whole.push_back(n ? std::optional{n->integer} : std::nullopt);
      return {name, unit.empty() ? "1" : unit, whole};
    }
    std::vector<double> numbers;
    for (const auto& n : values) numbers.push_back(n ? n->number : none);
    return {name, unit, numbers};
  }
  std::vector<std::string> texts;
  for (const auto& n : values)
    texts.push_back(!n ? "" : n->kind == Node::Kind::string ? n->text : toml_value(*n));
  return {name, "", texts};
}

std::string status_word(SweepQueue::State state) {
  switch (state) {
    case SweepQueue::State::done:
      return "done";
    case SweepQueue::State::failed:
      return "failed";
    case SweepQueue::State::taken:
      return "running";
    case SweepQueue::State::waiting:
      return "waiting";
  }
  throw Error{Exit::internal, "a state of a case without a word"};
}

}  // namespace

nlohmann::json result_of(const Case& c, Simulation& sim, std::vector<RegionReport>& known) {
  const HistoryRow row = sim.measure();
  const std::vector<double> probes = sim.probes(), integrals = sim.integrals();
  const SimulationSpec& spec = sim.spec();
  nlohmann::json at = nlohmann::json::object(), sums = nlohmann::json::object();
  for (std::size_t n = 0; n < probes.size(); ++n) at[spec.probes[n].name] = probes[n];
  for (std::size_t n = 0; n < integrals.size(); ++n) sums[spec.integrals[n].name] = integrals[n];
  const Survey& T = row.temperature;
  const Budget::Report& h = row.heat;
  nlohmann::json parts = nlohmann::json::object();
  const auto add_parts = [&](const auto& named, const auto& rows, const auto& columns) {
    for (std::size_t n = 0; n < rows.size(); ++n)
      for (const auto& column : columns)
        parts[fmt::format("{}.{}", named[n].name, column.name)] = column.value(rows[n]);
  };
  add_parts(spec.problem.regions, row.regions, region_columns());
  add_parts(spec.problem.sections, row.sections, section_columns());
  for (const NamedWall& w : named_walls(spec.problem)) parts[w.name + ".heat"] = w.heat(h);
  if (spec.problem.plate) parts["plate.heat"] = h.plate;
  if (row.thermal_bridge)
    for (const auto& column : thermal_bridge_columns())
      parts[fmt::format("thermal_bridge.{}", column.name)] = column.value(*row.thermal_bridge);
  return {{"values",
           {row.step, row.time, T.min, T.max, T.mean, h.initial, h.content, h.sides[Side::left],
            h.sides[Side::right], h.sides[Side::bottom], h.sides[Side::top], h.source, h.residual()}},
          {"probes", at},
          {"integrals", sums},
          {"parts", parts},
          {"warnings", kept_warnings(warnings_of(c, sim, row, known))}};
}

nlohmann::json result_of(const nlohmann::json& s) {
  const nlohmann::json &T = s.at("temperature"), &h = s.at("heat"), &in = h.at("sides");
  nlohmann::json parts = nlohmann::json::object();
  const auto add_parts = [&](const char* what, const auto& columns) {
    if (!s.contains(what)) return;
    for (const auto& [name, part] : s.at(what).items())
      for (const auto& c : columns)
        parts[fmt::format("{}.{}", name, c.name)] = part.value(std::string{c.name}, nlohmann::json{});
  };
  add_parts("regions", region_columns());
  add_parts("sections", section_columns());
  if (h.contains("walls"))
    for (const auto& [name, heat] : h.at("walls").items()) parts[name + ".heat"] = heat;
  if (h.contains("plate")) parts["plate.heat"] = h.at("plate");
  if (s.contains("thermal_bridge"))
    for (const auto& c : thermal_bridge_columns())
      parts[fmt::format("thermal_bridge.{}", c.name)] =
          s.at("thermal_bridge").value(std::string{c.name}, nlohmann::json{});
  return {
      {"values",
       {s.at("steps"), s.at("time"), T.at("min"), T.at("max"), T.at("mean"), h.at("initial"), h.at("final"),
        in.at("left"), in.at("right"), in.at("bottom"), in.at("top"), h.at("source"), h.at("residual")}},
      {"probes", s.at("probes")},
      {"integrals", s.at("integrals")},
      {"parts", parts},
      {"warnings", kept_warnings(s.at("warnings"))}};
}

std::vector<std::string> warnings_in(const nlohmann::json& result) {
  return result.is_null() ? std::vector<std::string>{}
                          : result.value("warnings", std::vector<std::string>{});  // older journals have none
}

std::vector<io::Column> part_columns(const Case& c) {
  const std::string degree = name_of(c.output.unit());
  std::vector<io::Column> all;
  const auto add = [&](const std::string& name, const auto& columns) {
    for (const auto& column : columns)
      all.push_back({fmt::format("{}.{}", name, column.name),
                     column.unit.empty()
                         ? degree
                         : std::string{unit_in(c.time.steady(), c.grid.per_metre(), column.unit)},
                     {}});
  };
  for (const RegionCase& r : c.regions) add(r.name, region_columns());
  for (const SectionCase& s : c.sections) add(s.name, section_columns());
  const std::string heat{unit_in(c.time.steady(), c.grid.per_metre(), "J m-1")};
  for (const RegionCase& r : c.regions)
    if (r.is_void.value_or(false)) all.push_back({r.name + ".heat", heat, {}});
  for (const auto* side : {&c.boundary.left, &c.boundary.right, &c.boundary.bottom, &c.boundary.top})
    for (const WallCase& w : *side)
      if (!w.name.empty()) all.push_back({w.name + ".heat", heat, {}});
  if (c.plate.given()) all.push_back({"plate.heat", heat, {}});
  if (c.thermal_bridge.given())
    for (const auto& column : thermal_bridge_columns())
      if (column.name != "psi" || !c.thermal_bridge.parts.empty())
        all.push_back({fmt::format("thermal_bridge.{}", column.name), std::string{column.unit}, {}});
  return all;
}

bool is_table_column(const std::string& name) {
  return std::find(about.begin(), about.end(), name) != about.end() ||
         std::any_of(measures.begin(), measures.end(), [&](const Measure& m) { return m.name == name; });
}

namespace {

/// The columns of a sweep's table, as they are added: a row a case, in the order of the plan.
class SweepTable {
 public:
  SweepTable(const Plan& plan, const SweepQueue& queue, const Case& example);

  void add_numbers_of_cases();
  void add_varied_keys();
  void add_progress();
  void add_measures();
  /// What goes by a name, of all cases.
  void add_probes_and_integrals();
  void add_parts();
  void add_remarks();
  std::vector<io::Column> columns() && { return std::move(columns_); }

 private:
  template <class F>
  void add(const std::string& name, const std::string& units, F&& value);
  template <class F>
  void add_counts(const std::string& name, F&& count);
  template <class F>
  void add_texts(const std::string& name, F&& text);
  void add_named(const char* what, const std::vector<std::string>& names, const std::string& units);
  template <class F>
  double of_result(std::int64_t n, F&& value) const;

  const Plan& plan_;
  const SweepQueue& queue_;
  const Case& example_;
  const std::size_t rows_;
  const std::string degree_;
  std::vector<nlohmann::json> results_;  // null: not done
  std::vector<io::Column> columns_;
};

SweepTable::SweepTable(const Plan& plan, const SweepQueue& queue, const Case& example)
    : plan_{plan},
      queue_{queue},
      example_{example},
      rows_{static_cast<std::size_t>(plan.size())},
      degree_{name_of(example.output.unit())},
      results_(rows_) {
  for (std::size_t n = 0; n < rows_; ++n) {
    const SweepQueue::Entry& e = queue.entry(static_cast<std::int64_t>(n));
    if (e.state == SweepQueue::State::done) results_[n] = queue.result(static_cast<std::int64_t>(n));
  }
}

template <class F>
void SweepTable::add(const std::string& name, const std::string& units, F&& value) {
  std::vector<double> numbers(rows_);
  for (std::size_t n = 0; n < rows_; ++n) numbers[n] = value(static_cast<std::int64_t>(n));
  columns_.push_back({name, units, std::move(numbers)});
}

template <class F>
void SweepTable::add_counts(const std::string& name, F&& count) {
  io::Integers whole(rows_);
  for (std::size_t n = 0; n < rows_; ++n) whole[n] = count(static_cast<std::int64_t>(n));
  columns_.push_back({name, "1", std::move(whole)});
}

template <class F>
void SweepTable::add_texts(const std::string& name, F&& text) {
  std::vector<std::string> texts(rows_);
  for (std::size_t n = 0; n < rows_; ++n) texts[n] = text(queue_.entry(static_cast<std::int64_t>(n)));
  columns_.push_back({name, "", std::move(texts)});
}

template <class F>
double SweepTable::of_result(std::int64_t n, F&& value) const {
  const nlohmann::json& r = results_[static_cast<std::size_t>(n)];
  return r.is_null() ? none : number_in(value(r));
}

void SweepTable::add_numbers_of_cases() {
  add_counts("case", [&](std::int64_t n) { return queue_.number(n); });
}

void SweepTable::add_varied_keys() {
  std::vector<std::vector<std::optional<Node>>> varied(plan_.keys().size());
  Mistakes unused;
  for (std::int64_t n = 0; n < plan_.size(); ++n) {
    std::vector<std::optional<Node>> values = plan_.values(n, unused);
    for (std::size_t k = 0; k < values.size(); ++k) varied[k].push_back(std::move(values[k]));
  }
  for (std::size_t k = 0; k < varied.size(); ++k)
    columns_.push_back(varied_column(plan_.keys()[k], plan_.paths()[k], degree_, varied[k]));
}

void SweepTable::add_progress() {
  add_texts("status", [](const SweepQueue::Entry& e) { return status_word(e.state); });
  const auto is_done = [](const SweepQueue::Entry& e) { return e.state == SweepQueue::State::done; };
  add_counts("tries", [&](std::int64_t n) { return queue_.entry(n).tries; });
  add_counts("ranks", [&](std::int64_t n) -> std::optional<std::int64_t> {
    const SweepQueue::Entry& e = queue_.entry(n);
    return is_done(e) ? std::optional<std::int64_t>{e.ranks} : std::nullopt;
  });
  add("seconds", "s", [&](std::int64_t n) {
    const SweepQueue::Entry& e = queue_.entry(n);
    return is_done(e) ? e.seconds : none;
  });
  add("setup_seconds", "s", [&](std::int64_t n) {
    return of_result(n, [](const nlohmann::json& r) { return r.at("setup_seconds"); });
  });
}

void SweepTable::add_measures() {
  const bool rates = example_.time.steady();  // the ledger of a steady state
  for (std::size_t k = 0; k < measures.size(); ++k) {
    if (measures[k].name == std::string{"steps"}) {
      add_counts("steps", [&](std::int64_t n) -> std::optional<std::int64_t> {
        const nlohmann::json& r = results_[static_cast<std::size_t>(n)];
        return r.is_null() ? std::nullopt : std::optional{r.at("values").at(k).get<std::int64_t>()};
      });
      continue;
    }
    const std::string units = measures[k].units == std::string{"K"} ? degree_ : measures[k].units;
    add(measures[k].name, std::string{unit_in(rates, example_.grid.per_metre(), units)}, [&](std::int64_t n) {
      return of_result(n, [k](const nlohmann::json& r) { return r.at("values").at(k); });
    });
  }
}

void SweepTable::add_named(const char* what, const std::vector<std::string>& names,
                           const std::string& units) {
  for (const std::string& name : names)
    add(name, units, [&](std::int64_t n) {
      return of_result(n, [&](const nlohmann::json& r) { return r.at(what).value(name, nlohmann::json{}); });
    });
}

void SweepTable::add_probes_and_integrals() {
  std::vector<std::string> integrals;
  for (const IntegralCase& i : example_.integrals) integrals.push_back(i.name);
  add_named("probes", names_of(results_, "probes", probe_names(example_)), degree_);
  add_named("integrals", names_of(results_, "integrals", integrals), "");
}

void SweepTable::add_parts() {
  for (const io::Column& part : part_columns(example_))
    add(part.name, part.units, [&](std::int64_t n) {
      return of_result(n, [&](const nlohmann::json& r) {
        return r.value("parts", nlohmann::json::object()).value(part.name, nlohmann::json{});
      });
    });
}

void SweepTable::add_remarks() {
  add_texts("reason", [](const SweepQueue::Entry& e) {
    return e.state == SweepQueue::State::failed ? e.reason : std::string{};
  });
  std::vector<std::string> warnings(rows_);
  for (std::size_t n = 0; n < rows_; ++n)
    for (const std::string& w : warnings_in(results_[n]))
      warnings[n] += (warnings[n].empty() ? "" : "; ") + w;
  columns_.push_back({"warnings", "", std::move(warnings)});
}

}  // namespace

std::vector<io::Column> sweep_columns(const Plan& plan, const SweepQueue& queue, const Case& example) {
  SweepTable table{plan, queue, example};
  table.add_numbers_of_cases();
  table.add_varied_keys();
  table.add_progress();
  table.add_measures();
  table.add_probes_and_integrals();
  table.add_parts();
  table.add_remarks();
  return std::move(table).columns();
}

void write_csv(const std::filesystem::path& path, const std::vector<io::Column>& columns) {
  std::string text;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c > 0) text += ',';
    text += csv_cell(columns[c].name);
  }
  text += "\n";
  const std::size_t rows = columns.at(0).rows();
  for (std::size_t n = 0; n < rows; ++n) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c > 0) text += ',';
      if (const auto* numbers = std::get_if<std::vector<double>>(&columns[c].values)) {
        if (!std::isnan((*numbers)[n])) fmt::format_to(std::back_inserter(text), "{}", (*numbers)[n]);
      } else if (const auto* whole = std::get_if<io::Integers>(&columns[c].values)) {
        if (const auto& count = (*whole)[n]) fmt::format_to(std::back_inserter(text), "{}", *count);
      } else {
        text += csv_cell(std::get<std::vector<std::string>>(columns[c].values)[n]);
      }
    }
    text += "\n";
  }
  io::write_atomically(path, text);
}

}  // namespace calor::app
