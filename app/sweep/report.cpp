// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <utility>

#include "app/case/case_io.hpp"
#include "app/console/product.hpp"
#include "app/run/output.hpp"
#include "app/sweep/table.hpp"
#include "app/text/units.hpp"
#include "io/file.hpp"
#include "io/table.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

std::string shown(const std::optional<Node>& value) { return value ? value->shown() : "-"; }

/// Warnings that differ in their numbers alone are of one kind.
std::string kind_of_warning(const std::string& text) {
  static const std::regex number{R"([-+]?[0-9]+(\.[0-9]*)?(e[-+]?[0-9]+)?)"};
  return std::regex_replace(text, number, "#");
}

/// A line for each kind of warning, the first kinds of them.
void report_warnings(const SweepQueue& queue, Log& log) {
  constexpr std::size_t most_shown = 10;
  struct Kind {
    std::string text;
    std::int64_t first = 0, cases = 0;
  };
  std::vector<Kind> kinds;
  std::map<std::string, std::size_t> at;
  for (std::int64_t n = 0; n < queue.size(); ++n) {
    if (queue.entry(n).state != SweepQueue::State::done) continue;
    std::set<std::size_t> here;
    for (const std::string& w : warnings_in(queue.result(n))) {
      const auto [place, fresh] = at.try_emplace(kind_of_warning(w), kinds.size());
      if (fresh) kinds.push_back({w, queue.number(n)});
      if (here.insert(place->second).second) ++kinds[place->second].cases;
    }
  }
  for (std::size_t k = 0; k < std::min(kinds.size(), most_shown); ++k)
    log.line(
        fmt::format("warning: case {}{}: {}", kinds[k].first,
                    kinds[k].cases > 1 ? fmt::format(", and the like in {} more", kinds[k].cases - 1) : "",
                    kinds[k].text));
  if (kinds.size() > most_shown)
    log.line(fmt::format(
        "  and {} more kinds of warnings; the column \"warnings\" of sweep.csv has those of each case",
        kinds.size() - most_shown));
}

}  // namespace

std::string left_out_text(const Plan& plan) {
  return plan.excluded() > 0 ? fmt::format(", {} left out", plan.excluded()) : std::string{};
}

void list_cases(const PlanReading& r, const std::vector<Finding>& findings) {
  constexpr double updates_a_second = 1e9;  // of one core, for a first idea
  answer(fmt::format("{:>6}  {:>12}  {:<14}  {:>9}  {:>10}", "case", "cells", "method", "updates", "time"));
  for (const std::string& key : r.plan.keys()) answer(fmt::format("  {}", key));
  answer("\n");
  Mistakes unused;
  double all = 0.0, longest = 0.0;
  std::string lines;
  for (std::int64_t n = 0; n < r.plan.size(); ++n) {
    const Finding& f = findings[static_cast<std::size_t>(n)];
    const double seconds = f.work / updates_a_second;
    all += seconds;
    longest = std::max(longest, seconds);
    fmt::format_to(std::back_inserter(lines), "{:>6}  {:>12}  {:<14}  {:>9.3g}  {:>10}", n, f.cells,
                   method_of(f), f.work, duration_text(seconds));
    for (const auto& value : r.plan.values(n, unused)) lines += "  " + shown(value);
    lines += "\n";
    if (lines.size() > 60000) {
      answer(lines);
      lines.clear();
    }
  }
  answer(lines);
  answer(
      fmt::format("{}{}; updates of cells, and their time at {} on a core: about {} in all, the longest {}\n",
                  counted(r.plan.size(), "case"), left_out_text(r.plan),
                  si_text(updates_a_second, "updates/s"), duration_text(all), duration_text(longest)));
}

std::vector<double> kept_field(const SweepDirectory& directory, const GridCase& g, const nlohmann::json& at) {
  std::vector<double> values;
  const std::int64_t bytes = 8 * g.nx * g.ny;
  const fs::path name = directory.fields() / at.at("file").get<std::string>();
  std::error_code failed;
  if (!fs::exists(name, failed)) return values;
  const std::string text = io::File{name, io::File::Mode::read}.read_from(at.at("offset"), bytes);
  if (static_cast<std::int64_t>(text.size()) != bytes || text_sum(text) != at.at("sum").get<std::string>())
    return values;
  values.resize(static_cast<std::size_t>(g.nx * g.ny));
  std::memcpy(values.data(), text.data(), text.size());
  return values;
}

void write_tables(const SweepDirectory& directory, const PlanReading& r, const SweepQueue& queue,
                  const Case& example, Log& log) {
  const std::vector<io::Column> columns = sweep_columns(r.plan, queue, example);
  write_csv(directory.path() / "sweep.csv", columns);
  std::optional<io::TableFields> fields;
  if (r.sweep.fields == SweepFields::final) {
    fields.emplace();
    fields->name = "temperature";
    fields->units = name_of(example.output.unit());
    fields->long_name = "temperature at the end";
    const GridCase& g = example.grid;
    fields->grid = grid_of(example);
    fields->row = [&](std::int64_t n) {
      const SweepQueue::Entry& e = queue.entry(n);
      if (e.state != SweepQueue::State::done) return std::vector<double>{};
      const nlohmann::json result = queue.result(n);
      if (!result.contains("field")) return std::vector<double>{};
      std::vector<double> values = kept_field(directory, g, result.at("field"));
      if (values.empty())
        log.line(
            fmt::format("warning: {}: the field of case {} is damaged, and left out of results.h5; "
                        "--resume computes it again",
                        directory.fields().string(), queue.number(n)));
      return values;
    };
  }
  io::write_table(directory.path() / "results.h5", example.title.empty() ? r.name : example.title, columns,
                  fields);
}

void report(const Shares& s, const SweepQueue& queue, int ranks, double seconds, Log& log) {
  const SweepQueue::Counts counts = queue.counts();
  log.line(fmt::format("{}: {} done, {} failed, {} not done; {} on {}", counted(queue.size(), "case"),
                       counts.done, counts.failed, counts.waiting + counts.taken, duration_text(seconds),
                       counted(ranks, "rank")));
  const double all = ranks * seconds;
  const auto share = [&](double part) { return all > 0.0 ? 100.0 * part / all : 0.0; };
  const double rest = std::max(0.0, all - s.solving - s.setup - s.dispatch - s.waiting);
  log.line(fmt::format(
      "  where the time of the ranks went: solving {:.1f} %, set-up of cases {:.1f} %, dispatch {:.1f} %, "
      "waiting for others {:.1f} %, start and tables {:.1f} %",
      share(s.solving), share(s.setup), share(s.dispatch), share(s.waiting), share(rest)));
  if (ranks > 1 && s.solving + s.setup > 0.0)
    log.line(fmt::format("  balance: the busiest rank worked {:.3f} times as long as the mean",
                         s.most * ranks / (s.solving + s.setup)));
  if (s.later > 0.0)
    log.line(fmt::format("  set-up of a case: {} for the first one of a rank, {} for a later one",
                         si_text(s.first_setup, "s"), si_text(s.later, "s")));
  constexpr int most_shown = 10;
  int shown_failures = 0;
  for (std::int64_t n = 0; n < queue.size(); ++n) {
    const SweepQueue::Entry& e = queue.entry(n);
    if (e.state != SweepQueue::State::failed) continue;
    if (++shown_failures <= most_shown)
      log.line(fmt::format("  case {} failed after {} tr{}: {}", queue.number(n), e.tries,
                           e.tries == 1 ? "y" : "ies", e.reason));
  }
  if (shown_failures > most_shown)
    log.line(fmt::format("  and {} more; the column \"reason\" of sweep.csv has them all",
                         shown_failures - most_shown));
  report_warnings(queue, log);
}

}  // namespace calor::app
