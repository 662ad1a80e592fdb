// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "app/case/case_io.hpp"
#include "app/console/stop.hpp"
#include "app/console/wall_clock.hpp"
#include "app/run/control.hpp"
#include "app/run/estimate.hpp"
#include "app/run/setup.hpp"
#include "app/sweep/directory.hpp"
#include "app/sweep/plan.hpp"
#include "app/sweep/table.hpp"
#include "app/sweep/team.hpp"
#include "app/text/units.hpp"
#include "app/text/version.hpp"
#include "decomposition/field_memory.hpp"

namespace calor {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t longest_table = std::int64_t{1} << 28;  // bytes of sweep.file

/// Everything that the texts say, before any case is made.
struct Reading {
  std::string name;
  Document document;
  SweepCase sweep;
  Plan plan;
};

/// Rank 0 reads the table of a plan. Collective.
std::optional<CsvTable> read_plan_table(const mpi::Comm& world, const SweepCase& sweep) {
  if (sweep.file.empty()) return {};
  std::string text;
  io::collectively(world, [&] {
    const io::File file{sweep.file, io::File::Mode::read};
    if (file.size() > longest_table)
      throw Error{Exit::bad_case, fmt::format("sweep.file = {}: {} is more than {}", sweep.file,
                                              bytes_text(file.size()), bytes_text(longest_table))};
    text = file.read_from(0, longest_table);
  });
  return read_csv(world.broadcast(text), printable(sweep.file, 255));
}

Reading read_plan(const mpi::Comm& world, const SweepOptions& options) {
  const CaseText text = read_texts(world, options.files, options.overrides);
  Mistakes mistakes;
  Document document{text.texts, text.overrides, mistakes};
  SweepCase sweep = read_sweep(document, mistakes);
  mistakes.throw_if_any();
  Plan plan{sweep, read_plan_table(world, sweep), document.layers(), mistakes};
  mistakes.throw_if_any();
  return {fs::path{text.texts.front().name}.stem().string(), std::move(document), std::move(sweep),
          std::move(plan)};
}

/// What is found out about a case by making it once.
struct Finding {
  std::array<char, 32> name{};
  double work = 0.0;
  std::int64_t kind = 0, cells = 0, bytes = 0;
  std::array<char, 16> grid{};
};

bool has_expressions(const Case& c) {
  const auto varies = [](const Quantity& q) { return std::holds_alternative<std::string>(q); };
  const auto of_law = [&](const ConductivityCase& k) { return varies(k.x) || varies(k.y); };
  if (of_law(c.material.conductivity) || varies(c.material.density) || varies(c.material.specific_heat) ||
      varies(c.initial.temperature))
    return true;
  for (const RegionCase& r : c.regions)
    if ((r.conductivity && of_law(*r.conductivity)) || (r.density && varies(*r.density)) ||
        (r.specific_heat && varies(*r.specific_heat)) || (r.temperature && varies(*r.temperature)))
      return true;
  for (const auto* side : {&c.boundary.left, &c.boundary.right, &c.boundary.bottom, &c.boundary.top})
    for (const WallCase& w : *side)
      for (const auto& [key, value] : w.values)
        if (varies(value)) return true;
  return false;
}

/// What shows that a file was replaced: its size and the time of its last change; empty for no file.
std::string state_of(const std::string& file) {
  if (file.empty()) return {};
  std::error_code failed;
  const auto size = fs::file_size(file, failed);
  return fmt::format("{} {}", size, fs::last_write_time(file, failed).time_since_epoch().count());
}

/// A number for each method, 0 where it is not known.
std::int64_t method_number(const Method* method) {
  const auto rows = all_methods();
  const auto row = std::find(rows.begin(), rows.end(), method);
  return row == rows.end() ? 0 : row - rows.begin() + 1;
}

/// The word for such a number.
std::string method_name(std::int64_t number) {
  return name_of(number == 0 ? nullptr : all_methods()[static_cast<std::size_t>(number - 1)]);
}

/// Whether only setting it up can tell that the case is sound.
bool needs_trial(const Case& c) {
  const bool explicit_step =
      c.time.dt && (c.time.method == nullptr || c.time.method->automatic == AutomaticStep::by_limit);
  const bool cut_steps = c.time.steps && (c.output.every || !c.output.times.empty());
  return explicit_step || cut_steps || has_expressions(c) || c.parallel.precision == Precision::single ||
         (c.time.method != nullptr && c.time.method->linear_only);
}

/// Throws what any rank has found, each line once. Collective.
void throw_all(const mpi::Comm& world, const Mistakes& mistakes, Exit code) {
  std::string mine, all;
  try {
    mistakes.throw_if_any();
  } catch (const Error& e) {
    mine = e.what() + std::string{"\n"};
  }
  if (!world.any(!mine.empty())) return;
  std::set<std::string> seen;
  for (int rank = 0; rank < world.size(); ++rank) {
    std::istringstream lines{world.broadcast(mine, rank)};
    for (std::string line; std::getline(lines, line);)
      if (seen.insert(line).second) all += (all.empty() ? "" : "\n") + line;
  }
  throw Error{code, all};
}

/// Makes every case once and looks for mistakes, all ranks together. Collective.
std::vector<Finding> check_cases(const mpi::Comm& world, const Reading& r, bool thoroughly) {
  constexpr std::size_t enough = 200;  // mistakes of one rank
  const mpi::Comm self = world.split(world.rank());
  CaseMaker maker{r.document, r.plan, r.name};
  Mistakes mistakes, missing;
  std::vector<Finding> mine;
  const std::int64_t ranks_a_case = r.sweep.ranks_per_case.value_or(1);
  for (std::int64_t n = world.rank(); n < r.plan.size() && mistakes.count() < enough; n += world.size()) {
    Mistakes here;
    const Case& c = maker.make(n, here);
    if (here.empty() && !maker.missing_file().empty()) missing.add({0, 0, 0, r.name}, maker.missing_file());
    const auto refuse = [&](const std::string& what) {
      here.add({std::numeric_limits<int>::max(), static_cast<int>(n), 0, r.plan.label(n)}, what);
    };
    if (here.empty() && c.parallel.ranks && (*c.parallel.ranks)[0] * (*c.parallel.ranks)[1] != ranks_a_case)
      refuse(fmt::format("parallel.ranks makes {} ranks, sweep.ranks_per_case is {}",
                         (*c.parallel.ranks)[0] * (*c.parallel.ranks)[1],
                         r.sweep.ranks_per_case ? std::to_string(ranks_a_case) : "\"auto\""));
    const std::int64_t cells = c.grid.nx * c.grid.ny;
    if (here.empty() && cells < std::min<std::int64_t>(ranks_a_case, world.size()))
      refuse(
          fmt::format("sweep.ranks_per_case = {}: the grid has {} cells, and every rank needs "
                      "one",
                      ranks_a_case, cells));
    std::vector<std::string> names = r.plan.keys();
    for (const ProbeCase& p : c.probes) names.push_back(p.name);
    for (const IntegralCase& i : c.integrals) names.push_back(i.name);
    for (auto name = names.begin() + static_cast<std::ptrdiff_t>(r.plan.keys().size()); name != names.end();
         ++name)
      if (here.empty() && (is_table_column(*name) || std::find(names.begin(), name, *name) != name))
        here.add({0, 0, 0, r.name},
                 fmt::format("\"{}\" is the name of a probe or integral and of another column of sweep.csv",
                             *name));
    Finding f;
    if (here.empty() && maker.missing_file().empty()) {
      const Outlook o = outlook(simulation_spec(c));
      f.work = o.work;
      f.kind = 64 * method_number(o.method) + std::bit_width(static_cast<std::uint64_t>(cells)) / 2;
      f.cells = cells;
      const std::string grid = text_sum(fmt::format("{} {} {} {} {} {}", c.grid.nx, c.grid.ny, c.grid.x[0],
                                                    c.grid.x[1], c.grid.y[0], c.grid.y[1]));
      std::copy(grid.begin(), grid.end(), f.grid.begin());
      Case alone = c;
      alone.parallel.ranks.reset();
      f.bytes = memory_estimate(alone, 1).at("bytes_per_rank").get<std::int64_t>() / ranks_a_case;
      if (thoroughly) {
        // What is kept of a case belongs to its name: asked for later, it is computed again.
        const std::string name = content_name(fmt::format(
            "{}fields {} directories {} input {}", results_signature(c), static_cast<int>(r.sweep.fields),
            r.sweep.directories == SweepDirectories::all, state_of(c.initial.file)));
        std::copy(name.begin(), name.end(), f.name.begin());
      }
      constexpr std::int64_t most_of_a_trial = 16'000'000;  // cells that one rank has room for
      if (thoroughly && cells <= most_of_a_trial && needs_trial(c)) {
        try {
          const Simulation trial{simulation_spec(alone), self};
        } catch (const Error& e) {
          refuse(e.what());
        }
      }
    }
    mine.push_back(f);
    mistakes.take(std::move(here));
  }
  throw_all(world, mistakes, Exit::bad_case);
  throw_all(world, missing, Exit::no_input);
  // Everybody gets all findings.
  std::vector<int> bytes(static_cast<std::size_t>(world.size())), starts(bytes.size());
  for (int rank = 0; rank < world.size(); ++rank) {
    const auto count = (r.plan.size() - rank + world.size() - 1) / world.size();
    bytes[static_cast<std::size_t>(rank)] = static_cast<int>(count * std::int64_t{sizeof(Finding)});
  }
  for (std::size_t rank = 1; rank < starts.size(); ++rank) starts[rank] = starts[rank - 1] + bytes[rank - 1];
  std::vector<Finding> shared(static_cast<std::size_t>(r.plan.size())), all(shared.size());
  mpi::check(MPI_Allgatherv(mine.data(), static_cast<int>(mine.size() * sizeof(Finding)), MPI_BYTE,
                            shared.data(), bytes.data(), starts.data(), MPI_BYTE, world.get()));
  for (std::size_t rank = 0, from = 0; rank < starts.size(); ++rank)
    for (std::size_t n = rank; n < all.size(); n += starts.size()) all[n] = shared[from++];
  return all;
}

/// What only all cases together show: fields need one grid, and no two cases may be one. The same on all
/// ranks.
void check_together(const Reading& r, const std::vector<Finding>& findings) {
  if (r.sweep.fields == SweepFields::final)
    for (const Finding& f : findings)
      if (f.grid != findings[0].grid)
        throw Error{
            Exit::bad_case,
            "sweep.fields = \"final\": the cases have different grids, and their fields no common array; "
            "write \"none\", and sweep.directories = \"all\" for files of each case"};
  std::map<std::string_view, std::int64_t> names;
  for (std::int64_t n = 0; n < r.plan.size(); ++n) {
    const Finding& f = findings[static_cast<std::size_t>(n)];
    const auto [other, is_new] = names.emplace(std::string_view{f.name.data(), f.name.size()}, n);
    if (!is_new && f.name[0] != '\0')
      throw Error{Exit::bad_case,
                  fmt::format("{} is the same as {}; every value, and every row of a table, must "
                              "make a case of its own",
                              r.plan.label(n), r.plan.label(other->second))};
  }
}

std::string shown(const std::optional<Node>& value) { return value ? value->shown() : "-"; }

/// `--dry-run`: every case with what it will cost.
void list_cases(const Reading& r, const std::vector<Finding>& findings) {
  constexpr double updates_a_second = 1e9;  // of one core, for a first idea
  fmt::print("{:>6}  {:>12}  {:<14}  {:>9}  {:>10}", "case", "cells", "method", "work", "about");
  for (const std::string& key : r.plan.keys()) fmt::print("  {}", key);
  fmt::print("\n");
  Mistakes unused;
  double all = 0.0, longest = 0.0;
  std::string lines;
  for (std::int64_t n = 0; n < r.plan.size(); ++n) {
    const Finding& f = findings[static_cast<std::size_t>(n)];
    const double seconds = f.work / updates_a_second;
    all += seconds;
    longest = std::max(longest, seconds);
    fmt::format_to(std::back_inserter(lines), "{:>6}  {:>12}  {:<14}  {:>9.3g}  {:>10}", n, f.cells,
                   method_name(f.kind / 64), f.work, duration_text(seconds));
    for (const auto& value : r.plan.values(n, unused)) lines += "  " + shown(value);
    lines += "\n";
    if (lines.size() > 60000) {
      std::fwrite(lines.data(), 1, lines.size(), stdout);
      lines.clear();
    }
  }
  std::fwrite(lines.data(), 1, lines.size(), stdout);
  fmt::print(
      "{} cases, {} left out; work in updates of a cell; at {} on a core about {} in all, the longest {}\n",
      r.plan.size(), r.plan.excluded(), si_text(updates_a_second, "updates/s"), duration_text(all),
      duration_text(longest));
}

/// Looks after the cases that other jobs have taken: those of dead jobs are free again. True if there is
/// something to do again. Rank 0 only.
bool take_over(SweepDirectory& directory, SweepQueue& queue, Log& log) {
  constexpr std::chrono::milliseconds nap{500};
  std::map<std::string, fs::file_time_type> beats;  // as they were when we began to look
  for (;;) {
    queue.refresh();
    bool doubt = false, found = false;
    for (const SweepQueue::Other& other : queue.others()) {
      const auto life = directory.life(other.job, other.process);
      const auto beat = directory.last_beat(other.job);
      const bool silent = beats.emplace(other.job, beat).first->second == beat;
      doubt = doubt || (life == SweepDirectory::Life::unknown && silent);
      if (life != SweepDirectory::Life::dead) continue;
      log.line(fmt::format("a job on {} has died with {} case{}: taken over",
                           other.process.host.empty() ? "a host unknown" : other.process.host, other.cases,
                           other.cases == 1 ? "" : "s"));
      queue.bury(other.job);
      directory.remove_lease(other.job);
      found = true;
    }
    double seconds = 0.0;
    if (found || queue.longest_waiting(seconds) >= 0) return true;
    if (!doubt || !stop_signal().empty()) return false;
    mpi::sign_of_life();
    std::this_thread::sleep_for(nap);
  }
}

/// What is kept of a done case's field, the lower row first; empty where it is damaged.
std::vector<double> kept_field(const SweepDirectory& directory, const GridCase& g, const nlohmann::json& at) {
  std::vector<double> values;
  const std::int64_t bytes = 8 * g.nx * g.ny;
  const fs::path name = directory.fields() / at.at("file").get<std::string>();
  std::error_code failed;
  if (!fs::exists(name, failed)) return values;
  const std::string text = io::File{name, io::File::Mode::read}.read_from(at.at("offset"), bytes);
  if (static_cast<std::int64_t>(text.size()) != bytes || at.at("sum") != text_sum(text)) return values;
  values.resize(static_cast<std::size_t>(g.nx * g.ny));
  std::memcpy(values.data(), text.data(), text.size());
  return values;
}

/// Has done cases computed again whose fields are damaged. Fields are not flushed before the journal says
/// that a case is done: a machine that lost its power may have kept the one and not the other. Rank 0 only.
void look_at_fields(const SweepDirectory& directory, const GridCase& grid, SweepQueue& queue, Log& log) {
  std::vector<std::int64_t> damaged;
  for (std::int64_t n = 0; n < queue.size(); ++n) {
    const SweepQueue::Entry& e = queue.entry(n);
    if (e.state != SweepQueue::State::done) continue;
    const nlohmann::json result = nlohmann::json::parse(e.result);
    if (result.contains("field") && kept_field(directory, grid, result.at("field")).empty())
      damaged.push_back(n);
  }
  if (damaged.empty()) return;
  log.line(fmt::format("the fields of {} case{} are damaged: computed again", damaged.size(),
                       damaged.size() == 1 ? "" : "s"));
  queue.lose(damaged);
}

/// sweep.csv, results.h5. Rank 0 only.
void write_tables(const SweepDirectory& directory, const Reading& r, const SweepQueue& queue,
                  const Case& example, Log& log) {
  const std::vector<io::Column> columns = sweep_columns(r.plan, queue, example);
  write_csv(directory.path() / "sweep.csv", columns);
  std::optional<io::TableFields> fields;
  if (r.sweep.fields == SweepFields::final) {
    fields.emplace();
    fields->name = "temperature";
    fields->units = name_of(example.output.temperature_unit);
    fields->long_name = "temperature at the end";
    const GridCase& g = example.grid;
    fields->grid = {g.nx, g.ny, g.x[0], g.x[1], g.y[0], g.y[1]};
    fields->row = [&](std::int64_t n) {
      const SweepQueue::Entry& e = queue.entry(n);
      if (e.state != SweepQueue::State::done) return std::vector<double>{};
      const nlohmann::json result = nlohmann::json::parse(e.result);
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

struct Shares {
  double solving = 0.0, setup = 0.0, waiting = 0.0, dispatch = 0.0, most = 0.0, first_setup = 0.0,
         later = 0.0;
};

void report(const Shares& s, const SweepQueue& queue, int ranks, double seconds, Log& log) {
  const SweepQueue::Counts counts = queue.counts();
  log.line(fmt::format("{} cases: {} done, {} failed, {} not done; {} on {} rank{}", queue.size(),
                       counts.done, counts.failed, counts.waiting + counts.taken, duration_text(seconds),
                       ranks, ranks == 1 ? "" : "s"));
  const double all = ranks * seconds;
  const auto share = [&](double part) { return all > 0.0 ? 100.0 * part / all : 0.0; };
  log.line(
      fmt::format("  of the ranks' time: solving {:.1f} %, set-up {:.1f} %, dispatch {:.1f} %, waiting "
                  "for others {:.1f} %",
                  share(s.solving), share(s.setup), share(s.dispatch), share(s.waiting)));
  if (s.solving + s.setup > 0.0)
    log.line(fmt::format("  balance: the busiest rank worked {:.3f} of the mean",
                         s.most * ranks / (s.solving + s.setup)));
  if (s.later > 0.0)
    log.line(fmt::format("  set-up: {} the first case of a rank, {} a later one", si_text(s.first_setup, "s"),
                         si_text(s.later, "s")));
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
}

}  // namespace

Exit sweep(const mpi::Comm& world, const SweepOptions& options) {
#ifdef __GLIBC__
  // What a case gives back is for the next one, not for the system, which would hand out its pages anew.
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
  const double begun = wall_seconds();
  Progress progress{options.quiet || options.dry_run || !world.root()};
  Log log{world, progress};
  const Reading r = read_plan(world, options);
  constexpr std::int64_t listed_quickly = 20'000;  // more are only listed, and checked when they are run
  const std::vector<Finding> findings =
      check_cases(world, r, !options.dry_run || r.plan.size() <= listed_quickly);
  check_together(r, findings);
  if (options.dry_run) {
    if (world.root()) list_cases(r, findings);
    return Exit::done;
  }
  const auto largest = std::max_element(findings.begin(), findings.end(),
                                        [](const Finding& a, const Finding& b) { return a.bytes < b.bytes; });
  check_memory(largest->bytes, "the largest case", world);
  field_memory::keep(true);  // not earlier: what waits there would count as used

  const fs::path where = options.output.empty() ? fs::path{"out"} / r.name : fs::path{options.output};
  SweepDirectory directory{world, where, options.directory};
  io::collectively(world, [&] {
    log.open(directory.path() / "run.log");
    io::write_atomically(directory.path() / "case.toml", toml_document(r.document.root()));
  });
  const std::string ranks_a_case =
      r.sweep.ranks_per_case ? std::to_string(*r.sweep.ranks_per_case) : "as many as help";
  log.line(fmt::format("calor {}: sweep {}, {} cases, {} left out", version, r.name, r.plan.size(),
                       r.plan.excluded()));
  log_layout(world, fmt::format("ranks a case: {}", ranks_a_case), log);
  if (options.verbose) log.line(emit(r.sweep));

  std::vector<Expectation> expected;
  std::vector<std::int64_t> cells;
  for (const Finding& f : findings) {
    expected.push_back({{f.name.begin(), f.name.end()}, f.work, f.kind});
    cells.push_back(f.cells);
  }
  CaseMaker maker{r.document, r.plan, r.name};
  Mistakes unused;
  const Case example = maker.make(0, unused);
  io::collectively(world, [&] {
    SweepQueue first{directory.journal(), directory.job(), 0, expected, r.sweep.retries};
    first.open(this_process(), world.size());
    take_over(directory, first, log);
    if (r.sweep.fields == SweepFields::final) look_at_fields(directory, example.grid, first, log);
    const SweepQueue::Counts counts = first.counts();
    if (counts.done > 0 || first.elsewhere() > 0)
      log.line(fmt::format("{} of {} cases are done already; {} done before are not in this plan",
                           counts.done, first.size(), first.elsewhere()));
  });

  Watchdog watchdog{world.rank(), options.watchdog};
  const RunContext context{progress, log, watchdog, wall_limit(options.max_walltime), {}, {}, {}};
  const auto write_table = [&](const SweepQueue& queue) {
    write_csv(directory.path() / "sweep.csv", sweep_columns(r.plan, queue, example));
  };
  SweepTeams teams{world,
                   {r.document, r.plan, r.sweep, r.name, expected, cells, directory, context, write_table}};
  for (bool again = true; again;) {
    teams.serve();
    io::collectively(world, [&] { again = !teams.stopped() && take_over(directory, teams.queue(), log); });
    world.broadcast(&again, sizeof again);
  }
  progress.finish();
  watchdog.phase("last files");

  const SweepTeams::Times& mine = teams.times();
  const double busy = mine.solving + mine.setup;
  const auto sum = [&](double v) {
    double all = 0.0;
    mpi::check(MPI_Allreduce(&v, &all, 1, MPI_DOUBLE, MPI_SUM, world.get()));
    return all;
  };
  Shares shares{sum(mine.solving),
                sum(mine.setup),
                sum(mine.waiting),
                sum(teams.dispatch_seconds()),
                world.max(busy),
                world.max(mine.first_setup),
                world.max(mine.later_setup)};
  int code = 0;
  io::collectively(world, [&] {
    SweepQueue& queue = teams.queue();
    queue.refresh();
    std::int64_t ended = -1;
    // Another job may end at the same moment: the last to write has seen what both have done.
    for (auto counts = queue.counts(); counts.done + counts.failed != ended; counts = queue.counts()) {
      ended = counts.done + counts.failed;
      write_tables(directory, r, queue, example, log);
      queue.refresh();
    }
    teams.tell(true);
    queue.leave();
    directory.remove_dead();
    std::error_code not_empty;
    if (queue.others().empty()) fs::remove(directory.path() / "cases", not_empty);
    progress.finish();
    report(shares, queue, world.size(), wall_seconds() - begun, log);
    const SweepQueue::Counts counts = queue.counts();
    for (std::int64_t n = 0; n < queue.size() && code == 0; ++n)
      if (queue.entry(n).state == SweepQueue::State::failed) code = static_cast<int>(queue.entry(n).code);
    if (teams.stopped() && counts.done + counts.failed < queue.size()) {
      code = static_cast<int>(Exit::stopped);
      log.line(fmt::format("stopped early ({}); go on with the same command and --resume",
                           stop_signal().empty() ? "wall-time limit" : stop_signal()));
    } else if (counts.taken > 0) {
      log.line(fmt::format("{} {} with other jobs that work here; the last of them completes the table",
                           counts.taken, counts.taken == 1 ? "case is" : "cases are"));
    }
    log.line(fmt::format("table: {}", (directory.path() / "sweep.csv").string()));
  });
  world.broadcast(&code, sizeof code);
  return static_cast<Exit>(code);
}

}  // namespace calor
