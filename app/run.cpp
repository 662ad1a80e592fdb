// SPDX-License-Identifier: BSD-3-Clause
#include "app/run.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "app/case_io.hpp"
#include "app/estimate.hpp"
#include "app/output.hpp"
#include "app/progress.hpp"
#include "app/simulation.hpp"
#include "app/stop.hpp"
#include "app/units.hpp"
#include "app/version.hpp"
#include "app/watchdog.hpp"
#include "io/checkpoint.hpp"

namespace calor {

namespace fs = std::filesystem;

namespace {

/// What rank 0 says, on the terminal and in run.log.
class Log {
 public:
  Log(const mpi::Comm& comm, Progress& progress) : speaks_{comm.root()}, progress_{progress} {}
  void open(const fs::path& file) {
    if (!speaks_) return;
    file_.emplace(file);
    const std::vector<std::string> lines = std::move(before_);
    for (const std::string& line : lines) append(line);
  }
  void line(const std::string& text) {
    if (!speaks_) return;
    progress_.line(text);
    if (file_)
      append(text);
    else
      before_.push_back(text);
  }

 private:
  /// A log that cannot be written must not take rank 0 away from the others; what matters is in other files.
  void append(const std::string& text) {
    try {
      file_->append(text + "\n");
    } catch (const Error&) {
      if (!std::exchange(failed_, true)) progress_.line("warning: run.log cannot be written");
    }
  }
  bool speaks_, failed_ = false;
  Progress& progress_;
  std::optional<io::AppendFile> file_;
  std::vector<std::string> before_;  // said before there was a directory
};

/// Ranks x threads x cores of each rank's mask; a second line if threads share cores.
void log_layout(const mpi::Comm& comm, const Case& c, Log& log) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) CPU_ZERO(&mask);
  const int cores = CPU_COUNT(&mask), threads = omp_get_max_threads();
  const auto fewest = static_cast<int>(comm.min(cores)),
             most = static_cast<int>(comm.max(static_cast<double>(cores)));
  const Partition parts = make_partition(c, comm.size());
  const auto plural = [](int n, const char* word) {
    return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
  };
  log.line(
      fmt::format("{} x {}, {} in each rank's mask; {} x {} cells, blocks of about {} x {}, imbalance {:.3f}",
                  plural(comm.size(), "rank"), plural(threads, "thread"),
                  fewest == most ? plural(most, "core") : fmt::format("{} to {} cores", fewest, most),
                  c.grid.nx, c.grid.ny, parts[0].nx(), parts[0].ny(), imbalance(parts)));

  // All threads of a node against all cores that its ranks may use together.
  MPI_Comm handle = MPI_COMM_NULL;
  mpi::check(MPI_Comm_split_type(comm.get(), MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &handle));
  const mpi::Comm node{handle};
  cpu_set_t together;
  mpi::check(MPI_Allreduce(&mask, &together, sizeof mask, MPI_BYTE, MPI_BOR, node.get()));
  const std::int64_t on_node = node.sum(threads);
  std::string warning;
  if (cores > 0 && threads > cores)
    warning = fmt::format(
        "{} of a rank share {}; set OMP_NUM_THREADS, or give each rank its cores (Open MPI: --map-by "
        "slot:PE={} "
        "--bind-to core, or --bind-to none)",
        plural(threads, "thread"), plural(cores, "core"), threads);
  else if (cores > 0 && on_node > CPU_COUNT(&together))
    warning = fmt::format(
        "{} threads of {} on one node share {}: this can be many times slower; use fewer ranks or "
        "OMP_NUM_THREADS={}",
        on_node, plural(node.size(), "rank"), plural(CPU_COUNT(&together), "core"),
        std::max(1, CPU_COUNT(&together) / node.size()));
  warning = comm.first_message(warning);
  if (!warning.empty()) log.line("warning: " + warning);
}

void log_heat(const nlohmann::json& summary, Log& log) {
  const auto& h = summary.at("heat");
  const std::string unit = h.at("unit");
  const auto n = [&](const char* key) { return h.at(key).get<double>(); };
  std::string sides_text;
  for (const char* side : side_words)
    sides_text += fmt::format("{} {:.7g}, ", side, h.at("sides").at(side).get<double>());
  log.line(
      fmt::format("heat balance [{} of depth]: content {:.7g} -> {:.7g}", unit, n("initial"), n("final")));
  log.line(fmt::format("  came in: {}source {:.7g}; residual {:.2g}, {:.1g} of the largest term", sides_text,
                       n("source"), n("residual"), n("relative_residual")));
}

/// When to stop and when to save, decided by rank 0's clock and anybody's signals, the same on all ranks.
class Control {
 public:
  Control(const mpi::Comm& comm, const RunOptions& options, const Case& c) : comm_{comm} {
    every_ = c.checkpoint.every_seconds;
    if (!every_ && !c.checkpoint.every_steps) every_ = 600.0;
    const auto left = seconds_left_in_job();
    if (options.max_walltime) limit_ = *options.max_walltime;
    if (left) limit_ = std::min(limit_, wall_seconds() + *left);
  }

  struct Orders {
    std::string stop;  // why; empty: go on
    bool checkpoint = false;
    std::int64_t most = 1;  // steps until the next look
  };
  /// Collective. @param made, seconds  what the last steps took     @param io_seconds  what a checkpoint
  /// takes     @param pass  steps that are best made at once
  Orders ask(std::int64_t made, double seconds, double io_seconds, std::int64_t pass) {
    enum { signal, wall, save, steps };
    std::array<std::int64_t, 4> mine{stop_signal().empty() ? 0 : 1, 0, 0, 0}, all{};
    if (comm_.root()) {
      const double now = wall_seconds(), a_step = made > 0 ? seconds / static_cast<double>(made) : 0.0;
      mine[save] = every_ && now - saved_ >= *every_;
      most_ = made == 0 ? 1
                        : std::clamp<std::int64_t>(
                              static_cast<std::int64_t>(look_every / std::max(a_step, 1e-9)), 1, 8 * most_);
      // Steps made many at once are faster than the last few can tell: feel the way up to a whole pass,
      // unless that might keep a signal waiting.
      const std::int64_t more = std::min(pass, 4 * made);
      if (most_ < more && a_step * static_cast<double>(more) < longest_pass) most_ = more;
      mine[steps] = most_ > pass ? most_ / pass * pass : most_;
      const double until_next_look = a_step * static_cast<double>(mine[steps] + 1);
      mine[wall] = made > 0 && now + until_next_look + 2.0 * io_seconds + margin >= limit_;
    }
    mpi::check(MPI_Allreduce(mine.data(), all.data(), 4, MPI_INT64_T, MPI_MAX, comm_.get()));
    if (all[save] != 0) saved_ = wall_seconds();
    Orders orders;
    orders.checkpoint = all[save] != 0;
    orders.most = all[steps];
    if (all[signal] != 0) orders.stop = comm_.first_message(stop_signal());
    if (orders.stop.empty() && all[wall] != 0) orders.stop = "wall-time limit";
    return orders;
  }

 private:
  static constexpr double look_every = 0.1;     // s
  static constexpr double longest_pass = 10.0;  // s
  static constexpr double margin = 1.0;         // s, for ending the program
  const mpi::Comm& comm_;
  std::optional<double> every_;                             // s between checkpoints
  double limit_ = std::numeric_limits<double>::infinity();  // s of wall time
  double saved_ = wall_seconds();
  std::int64_t most_ = 1;
};

/// The checkpoint to go on from, if there ever was one. Collective.
std::optional<io::Manifest> newest_checkpoint(const mpi::Comm& comm, const RunDirectory& directory,
                                              Log& log) {
  std::vector<std::string> messages;
  auto found = io::newest_whole(comm, directory.checkpoints(), messages);
  for (const std::string& m : messages) log.line("warning: " + m);
  return found;
}

/// The case of the run that finished in the directory, if one has. Collective.
std::optional<std::string> finished_case(const mpi::Comm& comm, const fs::path& directory) {
  std::string text;
  io::collectively(comm, [&] {
    std::error_code none;
    if (!fs::exists(directory / "summary.json", none) || !fs::exists(directory / "case.toml", none)) return;
    const auto summary = nlohmann::json::parse(io::read_text(directory / "summary.json"), nullptr, false);
    if (!summary.is_discarded() && summary.value("status", "") == "finished")
      text = io::read_text(directory / "case.toml");
  });
  text = comm.broadcast(text);
  return text.empty() ? std::nullopt : std::optional{text};
}

Exit compute(Simulation& sim, Output& output, const RunOptions& options, Progress& progress, Log& log,
             double setup_seconds) {
  const mpi::Comm& comm = sim.comm();
  const Case& c = sim.the_case();
  Control control{comm, options, c};
  Watchdog watchdog{comm.rank(), options.watchdog};
  const std::int64_t cells = c.grid.nx * c.grid.ny, first_step = sim.step();
  std::size_t warned = 0;
  std::string stopped, told = sim.layout();  // known before the first step, or after it
  std::int64_t made = 0;
  double seconds = 0.0;
  for (;;) {
    Control::Orders orders = control.ask(made, seconds, output.last_checkpoint_seconds(), sim.steps_a_pass());
    watchdog.phase("files");
    if (made > 0) output.write_due(orders.checkpoint);
    watchdog.phase("stepping");
    for (; warned < output.warnings().size(); ++warned) log.line("warning: " + output.warnings()[warned]);
    if (sim.finished()) break;
    if (!orders.stop.empty()) {
      stopped = orders.stop;
      break;
    }
    const double begin = wall_seconds();
    made = sim.advance(std::min(orders.most, output.steps_until_due()));
    seconds = wall_seconds() - begin;
    watchdog.step(sim.step());
    if (told.empty() && !sim.layout().empty()) log.line(told = sim.layout());
    if (comm.root()) {
      const std::int64_t total = sim.step() + sim.steps_left();
      progress.update(sim.step(), total, sim.clock().time(), sim.clock().end(),
                      (sim.step() - first_step) * cells);
    }
  }
  progress.finish();
  watchdog.phase("last files");

  if (!stopped.empty()) output.checkpoint_before_stop();
  const std::int64_t steps = sim.step() - first_step;
  const double rate =
      sim.seconds_stepping() > 0.0 ? static_cast<double>(steps * cells) / sim.seconds_stepping() : 0.0;
  nlohmann::json about{{"threads", omp_get_max_threads()},
                       {"seconds",
                        {{"total", wall_seconds()},
                         {"setup", setup_seconds},
                         {"stepping", sim.seconds_stepping()},
                         {"halo", comm.max(sim.problem().seconds_in_halo())},
                         {"halo_least", comm.min(sim.problem().seconds_in_halo())},
                         {"io", output.seconds()}}},
                       {"cell_updates_per_second", rate},
                       {"estimate", memory_estimate(c, comm.size())}};
  const nlohmann::json summary = output.finish(stopped.empty() ? "finished" : "stopped", stopped, about);
  const auto& T = summary.at("temperature");
  log.line(fmt::format("step {}, t = {:.9g} s: T from {:.7g} to {:.7g}, mean {:.7g}", sim.step(),
                       sim.clock().time(), T.at("min").get<double>(), T.at("max").get<double>(),
                       T.at("mean").get<double>()));
  log_heat(summary, log);
  for (const auto& [name, value] : summary.at("probes").items())
    log.line(fmt::format("probe {}: {:.8g}", name, value.get<double>()));
  for (const auto& [name, value] : summary.at("integrals").items())
    log.line(fmt::format("integral {}: {:.10g}", name, value.get<double>()));
  if (summary.at("solver").at("iterations") > 0)
    log.line(fmt::format("{} iterations, last residual {:.2g} of the first",
                         summary.at("solver").at("iterations").get<std::int64_t>(),
                         summary.at("solver").at("residual").get<double>()));
  log.line(fmt::format("{} step{} in {}: {}; halo {}, files {}", steps, steps == 1 ? "" : "s",
                       duration_text(sim.seconds_stepping()), si_text(rate, "cell updates/s"),
                       duration_text(about["seconds"]["halo"]), duration_text(output.seconds())));
  if (stopped.empty()) return Exit::done;
  log.line(fmt::format("stopped early ({}) at step {}; go on with the same command and --resume", stopped,
                       sim.step()));
  return Exit::stopped;
}

}  // namespace

Exit run(const mpi::Comm& world, const RunOptions& options) {
  Progress progress{options.quiet || !world.root()};
  Log log{world, progress};
  const Case c = read_case(world, options.files, options.overrides);
  const std::string text = emit(c);
  check_memory(c, world);

  log.line(fmt::format("calor {}: {}", version, c.title.empty() ? c.name : c.title));
  log_layout(world, c, log);
  if (options.verbose) log.line(text);
  const fs::path where = options.output.empty() ? fs::path{"out"} / c.name : fs::path{options.output};
  Simulation sim{c, world};
  // Refused before anything is made on disk, as far as it can be known by then.
  std::optional<io::Manifest> checkpoint;
  if (!options.directory.restart.empty()) {
    checkpoint = io::read_checkpoint(world, options.directory.restart);
    check_same_problem(*checkpoint, sim);
  }
  RunDirectory directory{world, where, options.directory, options.files};
  if (options.directory.resume) {
    const auto finished = finished_case(world, directory.path());
    if (finished == text) {
      log.line(fmt::format("{}: this case is finished already", directory.path().string()));
      return Exit::done;
    }
    checkpoint = newest_checkpoint(world, directory, log);
    if (checkpoint) check_same_problem(*checkpoint, sim);
    if (finished && !checkpoint)
      throw Error{
          Exit::cannot_create,
          fmt::format(
              "output directory {}: holds the finished run of another case and no checkpoint to go on from; "
              "discard it by --fresh, or choose another by --output",
              directory.path().string())};
  }

  io::collectively(world, [&] { log.open(directory.path() / "run.log"); });
  const MethodChoice& m = sim.method();
  log.line(fmt::format("method {}{}{}", name_of(m.method), m.reason.empty() ? "" : ": ", m.reason));
  if (!sim.steady())
    log.line(fmt::format("explicit limit {:.6g} s; about {} steps to t = {:.9g} s", sim.stable_dt(),
                         sim.steps_left(), m.end));
  if (const std::string layout = sim.layout(); !layout.empty()) log.line(layout);

  Output output{sim, directory, text};
  try {
    if (checkpoint) {
      output.resume(*checkpoint);
      log.line(fmt::format("resumed from {} at step {}, t = {:.9g} s", checkpoint->path.string(), sim.step(),
                           sim.clock().time()));
    } else {
      output.start();
    }
    return compute(sim, output, options, progress, log, wall_seconds());
  } catch (const Error& e) {
    progress.finish();
    output.failed(e.what());
    if (e.code() == Exit::numerical) output.dump_suspect();
    throw;
  }
}

}  // namespace calor
