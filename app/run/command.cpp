// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/command.hpp"

#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "app/case/case_io.hpp"
#include "app/console/log.hpp"
#include "app/console/progress.hpp"
#include "app/console/stop.hpp"
#include "app/console/wall_clock.hpp"
#include "app/console/watchdog.hpp"
#include "app/run/cavity_table.hpp"
#include "app/run/control.hpp"
#include "app/run/estimate.hpp"
#include "app/run/output.hpp"
#include "app/run/run_words.hpp"
#include "app/run/setup.hpp"
#include "app/text/units.hpp"
#include "app/text/version.hpp"
#include "decomposition/thread_count.hpp"
#include "io/checkpoint.hpp"
#include "solver/run/columns.hpp"
#include "solver/run/guard.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

void log_heat(const nlohmann::json& summary, bool steady, Log& log) {
  const auto& h = summary.at("heat");
  const std::string unit = h.at("unit");
  const auto n = [&](const char* key) { return h.at(key).get<double>(); };
  std::string sides_text;
  for (const char* side : side_words)
    sides_text += fmt::format("{} {:.7g}, ", side, h.at("sides").at(side).get<double>());
  const std::string per = unit.size() > 1 ? unit + " of depth" : unit;
  log.line(steady
               ? fmt::format("heat balance [{}]", per)
               : fmt::format("heat balance [{}]: content {:.7g} -> {:.7g}", per, n("initial"), n("final")));
  const nlohmann::json named = h.value("named_pieces", nlohmann::json::object());
  std::string of_them;  // parts of the sides
  for (const auto& [name, heat] : h.at("walls").items())
    (named.contains(name) ? of_them : sides_text) += fmt::format("{} {:.7g}, ", name, heat.get<double>());
  if (const double plate = n("plate"); plate != 0.0) sides_text += fmt::format("plate {:.7g}, ", plate);
  log.line(fmt::format("  came in: {}source {:.7g}; residual {:.2g}, {:.1g} of the sum of all terms",
                       sides_text, n("source"), n("residual"), n("relative_residual")));
  if (!of_them.empty()) log.line(fmt::format("  of the sides: {}", of_them.substr(0, of_them.size() - 2)));
}

/// The checkpoint to go on from, if there ever was one. Collective.
/// @param older  the one before the newest, if that is whole too
std::optional<io::Manifest> newest_checkpoint(const mpi::Comm& comm, const RunDirectory& directory,
                                              bool older, Log& log) {
  std::vector<std::string> messages;
  auto found = io::newest_whole(comm, directory.checkpoints(), messages);
  if (older && found) {
    std::optional<io::Manifest> before;
    try {
      before = io::newest_whole(comm, directory.checkpoints(), messages, found->header.step);
    } catch (const Error& e) {  // the same on all ranks
      if (e.code() != Exit::bad_data) throw;
    }
    messages.push_back(before ? fmt::format("{} is passed over, as wished", found->path.string())
                              : fmt::format("there is no whole checkpoint before {}", found->path.string()));
    if (before) found = std::move(before);
  }
  for (const std::string& m : messages) log.line("warning: " + m);
  return found;
}

/// The run that finished in the directory, if one has. Collective.
struct Finished {
  std::string text;  // of its case
  nlohmann::json summary;
};
std::optional<Finished> finished_case(const mpi::Comm& comm, const fs::path& directory) {
  std::string text, summary_text;
  io::collectively(comm, [&] {
    std::error_code none;
    if (!fs::exists(directory / "summary.json", none) || !fs::exists(directory / "case.toml", none)) return;
    summary_text = io::read_text(directory / "summary.json");
    const auto summary = nlohmann::json::parse(summary_text, nullptr, false);
    if (!summary.is_discarded() && summary.value("status", "") == "finished")
      text = io::read_text(directory / "case.toml");
  });
  text = comm.broadcast(text);
  if (text.empty()) return {};
  return Finished{text, nlohmann::json::parse(comm.broadcast(summary_text))};
}

/// A run that died between its summary and its last status is finished all the same, and says so from now on.
/// Rank 0 only.
void say_finished(const RunDirectory& directory, const nlohmann::json& summary) {
  const fs::path path = directory.path() / "status.json";
  const auto before = nlohmann::json::parse(io::read_text(path), nullptr, false);
  if (before.is_object() && before.value("state", "") == "finished") return;
  nlohmann::json j = directory.status("finished", summary.value("reason", ""));
  j.update({{"step", summary.value("steps", std::int64_t{0})},
            {"time", summary.value("time", 0.0)},
            {"generation", before.is_object() ? before.value("generation", std::int64_t{-1}) : -1}});
  io::write_atomically(path, j.dump(2) + "\n", [&] { directory.check_still_ours(); });
}

/// Tells how far the search for a steady state is: its residual falls by about the same factor each time.
void show_search(Progress& progress, const Simulation& sim) {
  const double left = sim.left();
  const double share =
      left > 0.0 && left < 1.0 ? std::min(std::log(left) / std::log(sim.wanted()), 1.0) : 0.0;
  progress.update_search(sim.step(), share, fmt::format("residual {:.1e} of the first", left));
}

/// What its steps took besides steps; empty: nothing.
std::string solver_text(const Simulation& sim) {
  const SolveReport r = sim.solver();
  if (r.iterations == 0) return {};
  const Method& method = *sim.method().method;
  if (method.describe != nullptr) return method.describe(r, std::max<std::int64_t>(1, sim.step()));
  return fmt::format("{}, last residual {:.2g} of the first", counted(r.iterations, "iteration"), r.residual);
}

/// What output.every will write, where that is much; empty: it is not.
std::string many_snapshots(const Simulation& sim, const Case& c) {
  constexpr double much = 200.0;
  const double left = sim.clock().end() - sim.clock().time();
  if (sim.steady() || !c.output.every || !(left / *c.output.every >= much)) return "";
  const auto count = static_cast<std::int64_t>(left / *c.output.every * (1.0 + 1e-12));
  const auto bytes = memory_estimate(c, sim.comm().size()).at("snapshot_bytes").get<std::int64_t>();
  return fmt::format("{} are to be written, {} of numbers in all (output.every)", counted(count, "snapshot"),
                     bytes_text(count * bytes));
}

/// So few cells that ranks wait for one another more than they compute; empty: there are enough.
std::string few_cells(const Simulation& sim, const Case& c) {
  constexpr std::int64_t enough = 10000;  // as `calor estimate` advises
  const std::int64_t cells = c.grid.nx * c.grid.ny, ranks = sim.comm().size();
  if (ranks == 1 || cells >= enough * ranks) return "";
  return fmt::format("{} a rank gain little by more ranks: `calor estimate` tells what pays",
                     counted(cells / ranks, "cell"));
}

/// What is known of the steps before they are made.
std::string steps_text(const Simulation& sim, const Case& c) {
  const MethodChoice& m = sim.method();
  const std::string to = fmt::format("to t = {:.9g} s", m.end);
  if (m.by_error)
    return fmt::format("steps {} as long as time.tolerance = {:.3g} allows; explicit ones could be {:.6g} s",
                       to, c.time.tolerance, sim.stable_dt());
  const std::int64_t steps = sim.steps_left();
  return fmt::format("{}{} {}; explicit limit {:.6g} s", steps > 1 ? "about " : "", counted(steps, "step"),
                     to, sim.stable_dt());
}

/// Makes the steps of a run and writes what is due between them. Collective.
class Stepping {
 public:
  Stepping(const Case& c, Simulation& sim, Output& output, const RunContext& context, StopReasons& reasons)
      : sim_{sim},
        output_{output},
        context_{context},
        reasons_{reasons},
        control_{sim.comm(), c.checkpoint, reasons},
        cells_{c.grid.nx * c.grid.ny},
        guard_{sim, c.parallel.guard},
        layout_{sim.layout()} {}

  /// Until it is finished or to stop. Why it stopped; empty: it is finished.
  std::string to_the_end();
  /// Steps that were made here.
  std::int64_t steps() const { return sim_.step() - first_step_; }
  /// Warnings that have come since the last time.
  void tell_warnings();

 private:
  void look_and_write(const Control::Orders& orders);
  void show_progress();

  Simulation& sim_;
  Output& output_;
  const RunContext& context_;
  StopReasons& reasons_;
  Control control_;
  const std::int64_t cells_, first_step_ = sim_.step();
  std::size_t warned_ = 0;
  Guard guard_;
  std::string layout_;     // known before the first step, or after it
  std::int64_t made_ = 0;  // steps since the last look
  double seconds_ = 0.0;   // that they took
};

void Stepping::tell_warnings() {
  for (const auto& all = output_.warnings(); warned_ < all.size(); ++warned_)
    context_.log.line("warning: " + all[warned_]);
}

/// What is not to be trusted is not written: the guard looks first, and may go back.
void Stepping::look_and_write(const Control::Orders& orders) {
  if (made_ > 0 && (orders.guard || !orders.stop.empty() || output_.due(orders.checkpoint)) &&
      !guard_.look(orders.guard))
    made_ = 0;
  for (std::string& text : guard_.news()) output_.warn(std::move(text));
  control_.guard_every(guard_.interval());
  context_.watchdog.phase("files");
  if (made_ > 0 || sim_.finished()) output_.write_due(orders.checkpoint);
  context_.watchdog.phase("stepping");
  tell_warnings();
}

void Stepping::show_progress() {
  if (layout_.empty() && !sim_.layout().empty()) context_.log.line(layout_ = sim_.layout());
  if (!sim_.comm().root()) return;
  if (sim_.steady()) {
    show_search(context_.progress, sim_);
    return;
  }
  const std::int64_t total = sim_.method().by_error ? 0 : sim_.step() + sim_.steps_left();
  context_.progress.update(sim_.step(), total, sim_.clock().time(), sim_.clock().end(), steps() * cells_);
}

std::string Stepping::to_the_end() {
  for (;;) {
    const Control::Orders orders =
        control_.ask(made_, seconds_, output_.checkpoint_seconds(), sim_.steps_a_pass());
    look_and_write(orders);
    if (sim_.finished()) return {};
    if (!orders.stop.empty()) return orders.stop;
    const double begin = wall_seconds();
    reasons_.begin_work();
    try {
      made_ = guard_.advance(std::min(orders.most, output_.steps_until_due()), orders.long_steps);
    } catch (const Interrupted&) {
      return reasons_.agreed();
    }
    seconds_ = wall_seconds() - begin;
    context_.watchdog.step(sim_.step());
    show_progress();
  }
}

/// What a run has taken so far.
struct Effort {
  double begun = 0.0;      // on the clock of wall_seconds()
  double setup = 0.0;      // s, until the first step
  std::int64_t steps = 0;  // made here, not by a run that it goes on from
  double rate = 0.0;       // cell updates a second
};

/// The part of summary.json that tells of the run, not of what it computed. Collective.
nlohmann::json about_run(const Effort& effort, const Case& c, Simulation& sim, const Output& output) {
  const mpi::Comm& comm = sim.comm();
  return {{"threads", omp_get_max_threads()},
          {"seconds",
           {{"total", wall_seconds() - effort.begun},
            {"setup", effort.setup},
            {"stepping", sim.seconds_stepping()},
            {"halo", comm.max(sim.problem().seconds_in_halo())},
            {"halo_least", comm.min(sim.problem().seconds_in_halo())},
            {"io", output.seconds()}}},
          {"cell_updates_per_second", effort.rate},
          {"estimate", memory_estimate(c, comm.size())}};
}

void log_temperatures(const nlohmann::json& summary, const Simulation& sim, const std::string& degree,
                      Log& log) {
  const auto& T = summary.at("temperature");
  const std::string when = !sim.steady()
                               ? fmt::format("step {}, t = {:.9g} s", sim.step(), sim.clock().time())
                           : sim.finished() ? "steady state"
                                            : "not yet steady";
  log.line(fmt::format("{}: T from {:.7g} to {:.7g} {}, mean {:.7g} {}", when, T.at("min").get<double>(),
                       T.at("max").get<double>(), degree, T.at("mean").get<double>(), degree));
}

void log_loads(const nlohmann::json& summary, Log& log) {
  // Of temperatures over time nobody asks; summary.json has them, and a difference is a warning.
  for (const auto& l : summary.at("loads"))
    if (l.at("unit").get<std::string>().starts_with('J'))
      log.line(fmt::format("  {}: {:.7g} {} over time, steps used {:.7g}", l.at("name").get<std::string>(),
                           l.at("integral").get<double>(), l.at("unit").get<std::string>(),
                           l.at("used").get<double>()));
}

/// What the case asks to be read off: probes, sections, the thermal bridge, cavities, integrals.
void log_readings(const nlohmann::json& summary, const Case& c, const std::string& degree, Log& log) {
  for (const auto& [name, value] : summary.at("probes").items())
    log.line(fmt::format("probe {}: {:.8g} {}", name, value.get<double>(), degree));
  const std::string heat_unit = summary.at("heat").at("unit");
  for (const auto& [name, s] : summary.at("sections").items())
    log.line(fmt::format("section {}: {:.8g} {} now, {:.8g} {} in all", name, s.at("now").get<double>(),
                         heat_unit.size() == 1 ? "W" : "W/m", s.at("total").get<double>(), heat_unit));
  for (const auto& column : thermal_bridge_columns())
    if (const auto& bridge = summary.at("thermal_bridge"); bridge.contains(column.name))
      log.line(fmt::format("{}: {:.6g}{} ({})", column.name, bridge.at(column.name).get<double>(),
                           column.unit == "1" ? "" : " W/(m K)", column.help));
  std::map<std::string, double> differences;
  for (const auto& [name, region] : summary.at("regions").items())
    if (region.contains("cavity")) differences[name] = region.at("cavity").at("found_difference");
  const CavityTable cavities = cavity_table(c, summary.at("regions"), differences);
  for (const std::string& line : cavities.lines) log.line(line);
  for (const auto& [name, value] : summary.at("integrals").items())
    log.line(fmt::format("integral {}: {:.10g}", name, value.get<double>()));
}

/// @param halo  of the rank that waited longest [s]
void log_effort(const Effort& effort, double halo, const Simulation& sim, const Output& output, Log& log) {
  const std::string solved = solver_text(sim);
  if (!solved.empty()) log.line(solved);
  log.line(fmt::format("{} in {}{}; halo {}, files {}",
                       sim.steady() ? "solved" : counted(effort.steps, "step"),
                       duration_text(sim.seconds_stepping()),
                       sim.steady() ? "" : ": " + si_text(effort.rate, "cell updates/s"), duration_text(halo),
                       duration_text(output.seconds())));
  if (const std::int64_t n = output.checkpoints_written(); n > 0)
    log.line(
        fmt::format("{} in {}: {:.2g} % of the run's time", counted(n, "checkpoint"),
                    duration_text(output.seconds_in_checkpoints()),
                    100.0 * output.seconds_in_checkpoints() / std::max(wall_seconds() - effort.begun, 1e-9)));
}

CaseRun compute(const Case& c, Simulation& sim, Output& output, const RunContext& context,
                StopReasons& reasons, double begun) {
  Log& log = context.log;
  Effort effort{begun, wall_seconds() - begun};
  const std::int64_t cells = c.grid.nx * c.grid.ny;
  constexpr double bytes_a_cell = 8.0, written_and_read_back = 2.0;
  context.watchdog.expect_file(written_and_read_back * bytes_a_cell * static_cast<double>(cells) *
                               static_cast<double>(1 + sim.memory().size()));
  Stepping stepping{c, sim, output, context, reasons};
  const std::string stopped = stepping.to_the_end();
  context.progress.finish();
  context.watchdog.phase("last files");

  if (!stopped.empty()) output.checkpoint_before_stop();
  effort.steps = stepping.steps();
  if (sim.seconds_stepping() > 0.0)
    effort.rate = static_cast<double>(effort.steps * cells) / sim.seconds_stepping();
  const nlohmann::json about = about_run(effort, c, sim, output);
  std::string reason = stopped;
  if (stopped.empty() && sim.steady_at())
    reason = fmt::format("steady: no temperature changes by more than {:.3g} K/s", *sim.steady_at());
  const nlohmann::json summary = output.finish(stopped.empty() ? "finished" : "stopped", reason, about);
  stepping.tell_warnings();
  const std::string degree = name_of(c.output.unit());
  log_temperatures(summary, sim, degree, log);
  if (sim.steady_at()) log.line(reason);
  log_heat(summary, sim.steady(), log);
  log_loads(summary, log);
  log_readings(summary, c, degree, log);
  log_effort(effort, about.at("seconds").at("halo").get<double>(), sim, output, log);
  if (stopped.empty() && context.finished) context.finished(sim);
  if (stopped.empty()) return {Exit::done, summary};
  log.line(fmt::format("stopped early ({}) at step {}; go on with the same command and --resume", stopped,
                       sim.step()));
  return {Exit::stopped, summary};
}

/// All files that a run reads.
std::vector<std::string> files_read(const Case& c, std::vector<std::string> files) {
  for (const InputFile& f : c.inputs) files.push_back(f.path);
  if (!c.initial.file.empty()) files.push_back(c.initial.file);
  return files;
}

/// What --resume goes on from; nothing: it begins. Collective.
/// @param other_finished  the directory has the finished run of another case
std::optional<io::Manifest> checkpoint_to_resume(const Case& c, const Simulation& sim,
                                                 const RunDirectory& directory, bool older,
                                                 bool other_finished, Log& log) {
  std::optional<io::Manifest> checkpoint = newest_checkpoint(sim.comm(), directory, older, log);
  if (checkpoint) check_same_problem(*checkpoint, c, sim);
  if (other_finished && !checkpoint)
    throw Error{
        Exit::cannot_create,
        fmt::format("output directory {}: holds the finished run of another case, or of this one with "
                    "another end, and no checkpoint to go on from (with checkpoint.every a run leaves one at "
                    "its end, too); discard it by --fresh, or choose another by --output",
                    directory.path().string())};
  return checkpoint;
}

/// What is known of a run before its first step.
void log_outlook(const Simulation& sim, const Case& c, Log& log) {
  const MethodChoice& m = sim.method();
  log.line(fmt::format("method {}{}{}", name_of(m.method), m.reason.empty() ? "" : ": ", m.reason));
  if (sim.steady() && sim.spec().problem.of_time()) log.line("functions of t are taken at t = 0");
  if (!sim.steady()) log.line(steps_text(sim, c));
  if (const std::string many = many_snapshots(sim, c); !many.empty()) log.line(many);
  if (const std::string few = few_cells(sim, c); !few.empty()) log.line(few);
  if (const std::string layout = sim.layout(); !layout.empty()) log.line(layout);
}

/// Who takes a directory over also removes what is unfinished there, and the oldest checkpoints later on:
/// that a file is not there, or not whole, is then no fault of the disk's. Says so instead. Collective.
void tell_new_owner(const mpi::Comm& comm, const RunDirectory& directory, const Error& e) {
  if (e.code() != Exit::io_error && e.code() != Exit::no_input && e.code() != Exit::bad_data) return;
  io::collectively(comm, [&] { directory.check_still_ours(); });
}

/// Begins the files of a run, or goes on with those of the checkpoint. Collective.
void begin_files(Output& output, const std::optional<io::Manifest>& checkpoint, const Simulation& sim,
                 Log& log) {
  if (checkpoint) {
    output.resume(*checkpoint);
    log.line(fmt::format("resumed from {} at step {}, t = {:.9g} s", checkpoint->path.string(), sim.step(),
                         sim.clock().time()));
  } else {
    output.start();
  }
  for (const std::string& line : output.region_lines()) log.line(line);
}

}  // namespace

CaseRun run_case(const mpi::Comm& comm, const Case& c, const fs::path& where, const DirectoryWish& wish,
                 const std::vector<std::string>& inputs, const RunContext& context, double begun) {
  Log& log = context.log;
  const std::string text = emit(c);
  Simulation* running = nullptr;
  Output* writing = nullptr;
  StopReasons reasons{comm, context.wall_limit, [&] {
                        if (writing != nullptr) writing->heartbeat();  // a long step, too, is alive
                        if (writing != nullptr && writing->taken_over())
                          return std::string{"another run took the directory over"};
                        return running != nullptr && context.stop ? context.stop(*running) : std::string{};
                      }};
  Heed heed{comm, [&] { return reasons.mine(); }};
  std::optional<Simulation> made;
  try {
    made.emplace(simulation_spec(c), comm, context.cache, &heed);
  } catch (const Interrupted&) {
    log.line(
        fmt::format("stopped early ({}) while it was set up; go on with the same command", reasons.agreed()));
    return {Exit::stopped, {}, false};
  }
  Simulation& sim = *made;
  running = &sim;
  // Refused before anything is made on disk, as far as it can be known by then.
  std::optional<io::Manifest> checkpoint;
  if (!wish.restart.empty()) {
    checkpoint = io::read_checkpoint(comm, wish.restart);
    check_same_problem(*checkpoint, c, sim);
  }
  if (c.covered_until && sim.method().end > *c.covered_until * (1.0 + 1e-9))
    throw Error{Exit::bad_case, fmt::format("the run ends at {} s, a table with beyond = \"error\" at {} s",
                                            sim.method().end, *c.covered_until)};
  RunDirectory directory{comm, where, wish, files_read(c, inputs)};
  if (wish.resume) {
    const auto finished = finished_case(comm, directory.path());
    if (finished && finished->text == text) {
      io::collectively(comm, [&] { say_finished(directory, finished->summary); });
      log.line(fmt::format("{}: this case is finished already", directory.path().string()));
      return {Exit::done, finished->summary, false};
    }
    try {
      checkpoint = checkpoint_to_resume(c, sim, directory, wish.older, finished.has_value(), log);
    } catch (const Error& e) {
      tell_new_owner(comm, directory, e);
      throw;
    }
  }

  io::collectively(comm, [&] {
    log.open(directory.path() / "run.log");
    copy_inputs(c.inputs, directory.path().string());
  });
  log_outlook(sim, c, log);

  Output output{c, sim, directory, text};
  writing = &output;
  try {
    begin_files(output, checkpoint, sim, log);
    CaseRun done = compute(c, sim, output, context, reasons, begun);
    log.line(fmt::format("results in {}", directory.path().string()));
    return done;
  } catch (const Error& e) {
    context.progress.finish();
    tell_new_owner(comm, directory, e);
    output.failed(e.what());
    if (e.code() == Exit::numerical) output.dump_suspect();
    throw;
  }
}

Exit run(const mpi::Comm& world, const RunOptions& options) {
  Progress progress{options.quiet || !world.root()};
  Log log{world, progress};
  const Case c = read_case(world, options.files, options.overrides);
  check_memory(c, world);
  leave_if_asked(world);

  log.line(fmt::format("calor {}: {}", version, c.title.empty() ? c.name : c.title));
  double imbalance = 1.0;
  const Partition parts = partition_of(c, world.size(), &imbalance);
  const ThreadCount threads{parts[static_cast<std::size_t>(world.rank())]};
  log_layout(world,
             fmt::format("{} x {} cells, blocks of about {} x {}, imbalance {:.3f}", c.grid.nx, c.grid.ny,
                         parts[0].nx(), parts[0].ny(), imbalance),
             log);
  if (c.has_plan) log.line("one case: [sweep] is for `calor sweep`");
  if (options.verbose) log.line(emit(c));
  const fs::path where = options.output.empty() ? fs::path{"out"} / c.name : fs::path{options.output};
  Watchdog watchdog{world.rank(), options.watchdog};
  const RunContext context{progress, log, watchdog, wall_limit(options.max_walltime), {}, {}, {}};
  return run_case(world, c, where, options.directory, options.files, context, 0.0).exit;
}

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  struct Words : RunWords {
    RunOptions options;
    std::string restart;
  };
  const auto w = std::make_shared<Words>();
  w->declare_directory(app, w->options,
                       "go on from the newest whole checkpoint; start afresh only where there never was one")
      ->excludes(app.add_option("--restart", w->restart, "go on from this checkpoint"));
  app.add_flag(
         "--older", w->options.directory.older,
         "with --resume: from the checkpoint before the newest one, as under --supervise after two crashes")
      ->needs("--resume");
  w->declare_limits(app, w->options, "use a directory that is locked by a run known to be dead");
  return [w]() -> Task {
    w->settle(w->options);
    w->options.directory.restart = w->restart;
    if (auto alone = w->under_supervision(w->options, false)) return *alone;
    return [w](const mpi::Comm& world) { return app::run(world, w->options); };
  };
}

}  // namespace

extern constinit const Command run{"run", "one simulation", declare, true};

}  // namespace commands

}  // namespace calor::app
