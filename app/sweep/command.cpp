// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "app/case/case_io.hpp"
#include "app/case/case_warnings.hpp"
#include "app/case/inputs.hpp"
#include "app/console/stop.hpp"
#include "app/console/wall_clock.hpp"
#include "app/run/control.hpp"
#include "app/run/estimate.hpp"
#include "app/run/run_words.hpp"
#include "app/sweep/check.hpp"
#include "app/sweep/directory.hpp"
#include "app/sweep/report.hpp"
#include "app/sweep/table.hpp"
#include "app/sweep/team.hpp"
#include "app/text/units.hpp"
#include "app/text/version.hpp"
#include "decomposition/field_memory.hpp"
#include "io/file.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

/// What a case gives back is for the next one, not for the system, which would hand out its pages anew.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
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

/// Has done cases computed again whose fields are damaged. Fields are not flushed before the journal says
/// that a case is done: a machine that lost its power may have kept the one and not the other. Rank 0 only.
void look_at_fields(const SweepDirectory& directory, const GridCase& grid, SweepQueue& queue, Log& log) {
  std::vector<std::int64_t> damaged;
  for (std::int64_t n = 0; n < queue.size(); ++n) {
    const SweepQueue::Entry& e = queue.entry(n);
    if (e.state != SweepQueue::State::done) continue;
    const nlohmann::json result = queue.result(n);
    if (result.contains("field") && kept_field(directory, grid, result.at("field")).empty())
      damaged.push_back(n);
  }
  if (damaged.empty()) return;
  log.line(fmt::format("the fields of {} case{} are damaged: computed again", damaged.size(),
                       damaged.size() == 1 ? "" : "s"));
  queue.lose(damaged);
}

/// Goes on from what earlier jobs have left of this plan. Rank 0 only.
void take_up(SweepQueue first, int ranks, const PlanReading& r, const GridCase& grid,
             SweepDirectory& directory, Log& log) {
  first.open(this_process(), ranks);
  take_over(directory, first, log);
  if (r.sweep.fields == SweepFields::final) look_at_fields(directory, grid, first, log);
  const SweepQueue::Counts counts = first.counts();
  if (counts.done > 0 || first.elsewhere() > 0)
    log.line(fmt::format("{} of {} cases are done already; {} done before are not in this plan", counts.done,
                         first.size(), first.elsewhere()));
}

/// Where the ranks' time went. Collective.
Shares shares_of(const mpi::Comm& world, const SweepTeams& teams) {
  const SweepTeams::Times& mine = teams.times();
  const double busy = mine.solving + mine.setup;
  const auto sum = [&](double v) {
    double all = 0.0;
    mpi::check(MPI_Allreduce(&v, &all, 1, MPI_DOUBLE, MPI_SUM, world.get()));
    return all;
  };
  return {sum(mine.solving),
          sum(mine.setup),
          sum(mine.waiting),
          sum(teams.dispatch_seconds()),
          world.max(busy),
          world.max(mine.first_setup),
          world.max(mine.later_setup)};
}

/// The last tables; leaves the queue. Rank 0 only.
void write_last(SweepTeams& teams, SweepDirectory& directory, const PlanReading& r, const Case& example,
                Log& log) {
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
  if (queue.others().empty()) io::remove_if_empty(directory.path() / "cases");
}

/// How the program ends, and what is said of it. Rank 0 only.
Exit conclude(SweepTeams& teams, Log& log) {
  const SweepQueue& queue = teams.queue();
  Exit code = Exit::done;
  const SweepQueue::Counts counts = queue.counts();
  for (std::int64_t n = 0; n < queue.size() && code == Exit::done; ++n)
    if (queue.entry(n).state == SweepQueue::State::failed) code = queue.entry(n).code;
  if (teams.stopped() && counts.done + counts.failed < queue.size()) {
    code = Exit::stopped;
    log.line(fmt::format("stopped early ({}); go on with the same command and --resume",
                         stop_signal().empty() ? "wall-time limit" : stop_signal()));
  } else if (counts.taken > 0) {
    log.line(fmt::format("{} {} with other jobs that work here; the last of them completes the table",
                         counts.taken, counts.taken == 1 ? "case is" : "cases are"));
  }
  return code;
}

/// A job that another one has taken for dead, because it stood still, has lost its cases. It ends as any
/// other where they are all over by now, and else says so. Rank 0 only.
void check_not_buried(SweepQueue& queue, const SweepDirectory& directory) {
  if (!queue.buried()) return;
  queue.refresh();
  const SweepQueue::Counts counts = queue.counts();
  if (counts.waiting + counts.taken > 0) throw directory.taken_for_dead();
}

/// Everything after the checks: from an empty directory, or what is in it, to the table. Collective.
Exit work_in(SweepDirectory& directory, const mpi::Comm& world, const SweepOptions& options,
             const PlanReading& r, const std::vector<Finding>& findings, Progress& progress, Log& log,
             double begun) {
  io::collectively(world, [&] {
    log.open(directory.path() / "run.log");
    io::write_atomically(directory.path() / "case.toml", toml_document(r.document.with_copies(r.inputs())));
    copy_inputs(r.inputs(), directory.path().string());
  });
  const std::string ranks_a_case =
      r.sweep.ranks_per_case ? std::to_string(*r.sweep.ranks_per_case) : "as many as help";
  log.line(fmt::format("calor {}: sweep {}, {}{}", version, r.name, counted(r.plan.size(), "case"),
                       left_out_text(r.plan)));
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
  for (const std::string& w : case_warnings(example)) log.line("warning: case 0: " + w);
  if (std::any_of(findings.begin(), findings.end(),
                  [&](const Finding& f) { return f.steady != findings[0].steady; }))
    log.line(
        "warning: time.method: heat of steady cases is told in W, of others in J; columns have the unit of "
        "case 0");
  io::collectively(world, [&] {
    take_up({directory.journal(), directory.job(), 0, expected, r.sweep.retries}, world.size(), r,
            example.grid, directory, log);
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
    io::collectively(world, [&] {
      check_not_buried(teams.queue(), directory);
      again = !teams.stopped() && !teams.queue().buried() && take_over(directory, teams.queue(), log);
    });
    world.broadcast(&again, sizeof again);
  }
  progress.finish();
  watchdog.phase("last files");

  const Shares shares = shares_of(world, teams);
  Exit code = Exit::done;
  io::collectively(world, [&] {
    write_last(teams, directory, r, example, log);
    progress.finish();
    report(shares, teams.queue(), world.size(), wall_seconds() - begun, log);
    code = conclude(teams, log);
    log.line(fmt::format("results in {}: sweep.csv, results.h5", directory.path().string()));
  });
  world.broadcast(&code, sizeof code);
  return code;
}

/// The same in the directory that is asked for. Collective.
Exit carry_out(const mpi::Comm& world, const SweepOptions& options, const PlanReading& r,
               const std::vector<Finding>& findings, Progress& progress, Log& log, double begun) {
  const fs::path where = options.output.empty() ? fs::path{"out"} / r.name : fs::path{options.output};
  std::vector<std::string> inputs = options.files;
  for (const InputFile& f : r.inputs()) inputs.push_back(f.path);
  SweepDirectory directory{world, where, options.directory, inputs};
  try {
    return work_in(directory, world, options, r, findings, progress, log, begun);
  } catch (const Error& e) {
    // Who takes a job for dead also takes away its unfinished files: not the disk's fault.
    if (e.code() == Exit::io_error)
      io::collectively(world, [&] {
        if (directory.buried()) throw directory.taken_for_dead();
      });
    throw;
  }
}

}  // namespace

Exit sweep(const mpi::Comm& world, const SweepOptions& options) {
  keep_freed_memory();
  const double begun = wall_seconds();
  Progress progress{options.quiet || options.dry_run || !world.root()};
  Log log{world, progress};
  const PlanReading r = read_plan(world, options);
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
  leave_if_asked(world);
  field_memory::keep(true);  // not earlier: what waits there would count as used
  return carry_out(world, options, r, findings, progress, log, begun);
}

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  struct Words : RunWords {
    SweepOptions options;
  };
  const auto w = std::make_shared<Words>();
  w->declare_directory(app, w->options, "go on with what is missing, or join a sweep that is running");
  app.add_flag("--dry-run", w->options.dry_run, "list the cases with estimates, compute nothing");
  w->declare_limits(app, w->options, "take the cases of all other jobs here, known to be dead");
  return [w]() -> Task {
    w->settle(w->options);
    if (auto alone = w->under_supervision(w->options, true)) {
      if (w->options.dry_run)
        throw Error{Exit::usage, "--dry-run computes nothing that --supervise could watch over"};
      return *alone;
    }
    return [w](const mpi::Comm& world) { return app::sweep(world, w->options); };
  };
}

}  // namespace

extern constinit const Command sweep{"sweep", "many cases of one plan, [sweep] in the file", declare, true};

}  // namespace commands

}  // namespace calor::app
