// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/team.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <new>
#include <utility>

#include "app/console/stop.hpp"
#include "app/console/wall_clock.hpp"
#include "app/run/control.hpp"
#include "app/run/output.hpp"
#include "app/run/setup.hpp"
#include "app/sweep/table.hpp"
#include "app/text/version.hpp"
#include "io/checkpoint.hpp"
#include "io/ours.hpp"
#include "solver/run/guard.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

constexpr int idle_tag = 1;
constexpr double table_every = 30.0;           // s
constexpr double least_to_share = 1.0;         // s of work left that are worth a hand-over
constexpr std::int64_t least_cells = 64 * 64;  // of a rank, worth its messages
constexpr const char* wider = "ranks without work join in";
constexpr const char* lost = "another job has taken over";

/// The whole temperature field, row by row from the bottom, on rank 0. Collective.
std::vector<double> whole_field(Simulation& sim) {
  Problem& p = sim.problem();
  const Box domain = p.grid.domain();
  std::vector<Box> want(p.parts.size());
  want[0] = domain;
  Field2D<double> all{sim.comm().root() ? domain : Box{}, 0};
  Exchange<double> gather{sim.comm(), make_plan(p.parts, want, sim.comm().rank())};
  gather.start(p.u.cview());
  gather.finish(all.view());
  std::vector<double> values;
  if (!sim.comm().root()) return values;
  values.reserve(static_cast<std::size_t>(domain.cells()));
  const View2D<double> v = all.view();
  for (int j = domain.j0; j < domain.j1; ++j) values.insert(values.end(), v.row(j), v.row(j) + domain.nx());
  return values;
}

/// Whether what the grid makes of the regions may differ from case to case.
bool shape_varies(const Plan& plan) {
  return std::any_of(plan.paths().begin(), plan.paths().end(), [](const std::vector<std::string>& path) {
    return path.front() == "grid" || path.front() == "region" || path.back() == "face_mean";
  });
}

/// Removes the checkpoints of a case that needs them no more, and its directory if nothing else is there.
void remove_checkpoints(const fs::path& where) {
  const fs::path checkpoints = where / "checkpoints";
  if (io::kind_of(checkpoints) == io::Kind::directory) {
    io::remove_partials(checkpoints);
    for (const std::int64_t step : io::checkpoint_steps(checkpoints))
      if (const fs::path file = checkpoints / io::checkpoint_name(step); io::is_calors(file))
        io::remove_name(file);
    io::remove_if_empty(checkpoints);
  }
  io::remove_if_empty(where);
}

/// Whether the case has left checkpoints behind, if that is asked for. Collective.
bool has_checkpoints(const mpi::Comm& comm, const fs::path& where, bool asked) {
  std::int64_t there = 0;
  if (comm.root()) {
    std::error_code ignored;
    there = asked && fs::exists(where / "checkpoints", ignored);
  }
  if (comm.size() > 1) comm.broadcast(&there, sizeof there);
  return there != 0;
}

/// Goes on from the newest checkpoint, if one is whole. False: what is there is damaged, and was removed; the
/// simulation is of no use any more. Collective.
bool restored_from(const fs::path& where, const Case& c, Simulation& sim) {
  std::vector<std::string> messages;
  try {
    if (const auto checkpoint = io::newest_whole(sim.comm(), where / "checkpoints", messages))
      restore(c, sim, *checkpoint);
  } catch (const Error& e) {
    if (e.code() != Exit::bad_data) throw;
    // A damaged one costs the time since the beginning of this case, and nothing else.
    io::collectively(sim.comm(), [&] { remove_checkpoints(where); });
    return false;
  }
  return true;
}

}  // namespace

SweepTeams::SweepTeams(const mpi::Comm& world, SweepJob the_job)
    : world_{world},
      job_{std::move(the_job)},
      self_{world.split(world.rank())},
      maker_{job_.base, job_.plan, job_.name},
      regions_vary_{shape_varies(job_.plan)} {
  const SweepJob& job = job_;
  const auto width = job.sweep.ranks_per_case;
  if (width) {
    const int n = static_cast<int>(std::min<std::int64_t>(*width, world.size()));
    top_ = std::make_unique<Team>(Team{world.split(world.rank() / n)});
    processes_ = (world.size() + n - 1) / n;
  } else {
    top_ = std::make_unique<Team>(Team{world.split(0)});
    for (Team* t = top_.get(); t->comm.size() > 1; t = t->half.get()) {
      t->first_half = (t->comm.size() + 1) / 2;
      t->half = std::make_unique<Team>(Team{t->comm.split(t->comm.rank() < t->first_half ? 0 : 1), t});
    }
    processes_ = world.size();
  }
  io::agree(world, [&] {
    if (!width || top_->comm.root())
      queue_.emplace(job.directory.journal(), job.directory.job(), world.rank(), job.expected,
                     job.sweep.retries);
  });
  run_id_ = io::random_id();
  world.broadcast(&run_id_, sizeof run_id_);
  for (std::int64_t n = 0; n < static_cast<std::int64_t>(job.expected.size()); ++n)
    total_work_ += job.expected[static_cast<std::size_t>(n)].work;
}

SweepTeams::~SweepTeams() = default;

/// Runs f on the team's first rank. The journal may fail there alone: then this process takes no more cases,
/// and all hear of it when they meet.
template <class F>
void SweepTeams::lead(const Team& team, F&& f) {
  if (!team.comm.root() || wrong_) return;
  try {
    f();
  } catch (const Error& e) {
    wrong_ = e;
  }
}

void SweepTeams::serve() {
  serve(*top_);
  if (queue_ && !wrong_) try {
      queue_->flush();
    } catch (const Error& e) {
      wrong_ = e;
    }
  const double begin = wall_seconds();
  world_.barrier_quietly();
  times_.waiting += wall_seconds() - begin;
  const std::string wrong = world_.first_message(wrong_ ? wrong_->what() : "");
  if (!wrong.empty())
    throw Error{static_cast<Exit>(world_.max(std::int64_t{wrong_ ? static_cast<int>(wrong_->code()) : 0})),
                wrong};
  stopped_ = world_.any(stopped_);
}

namespace {
enum : std::int64_t { nothing = -1, in_halves = -2 };
}

void SweepTeams::serve(Team& team) {
  for (;;) {
    std::int64_t n = nothing;
    lead(team, [&] { n = choose(team); });
    if (team.comm.size() > 1) team.comm.broadcast(&n, sizeof n);
    if (n == nothing) return;
    if (n == in_halves) {
      serve(*team.half);
      meet(team);
      continue;
    }
    const Ending ending = compute(team, n);
    if (ending == Ending::widened) return;
    if (ending == Ending::stopped) {
      stopped_ = true;
      return;
    }
  }
}

std::int64_t SweepTeams::choose(const Team& team) {
  if (queue_->buried()) return nothing;
  tell(false);
  if (!stop_signal().empty() || wall_seconds() + 1.0 > job_.context.wall_limit) {
    stopped_ = true;
    queue_->give_back(nothing);
    queue_->stop_job();
    return nothing;
  }
  if (queue_->stopping()) {
    queue_->give_back(nothing);
    return nothing;
  }
  if (team.half && !queue_->has_in_hand()) {
    queue_->refresh();
    double seconds = 0.0;
    const std::int64_t n = queue_->longest_waiting(seconds);
    if (n < 0) return nothing;
    if (!worth_all(team, n, seconds)) return in_halves;
  }
  const std::int64_t n = queue_->take(processes_);
  return n < 0 ? std::int64_t{nothing} : n;
}

/// Whether the longest case that waits would, on one rank, outlast all that waits on all ranks.
bool SweepTeams::worth_all(const Team& team, std::int64_t n, double seconds) const {
  if (job_.cells[static_cast<std::size_t>(n)] < least_cells * team.comm.size()) return false;
  if (queue_->entry(n).wide) return true;  // handed over with time left to share
  return seconds > least_to_share && seconds * processes_ > 1.01 * queue_->seconds_waiting();
}

/// The halves of a team come together again. The first to be there says so to the other.
void SweepTeams::meet(Team& team) {
  const double begin = wall_seconds();
  if (team.half->comm.root()) {
    const int other = team.comm.root() ? team.first_half : 0;
    char sent = 1, received = 0;
    MPI_Request requests[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
    mpi::check(MPI_Irecv(&received, 1, MPI_CHAR, other, idle_tag, team.comm.get(), &requests[0]));
    mpi::check(MPI_Isend(&sent, 1, MPI_CHAR, other, idle_tag, team.comm.get(), &requests[1]));
    mpi::wait_quietly(requests, 2);
  }
  team.comm.barrier_quietly();
  times_.waiting += wall_seconds() - begin;
}

bool SweepTeams::other_half_idle(const Team& team) const {
  if (team.parent == nullptr) return false;
  int there = 0;
  const int other = team.parent->comm.root() ? team.parent->first_half : 0;
  mpi::check(MPI_Iprobe(other, idle_tag, team.parent->comm.get(), &there, MPI_STATUS_IGNORE));
  return there != 0;
}

std::string SweepTeams::why_stop(const Team& team, const Simulation& sim) {
  tell(false);
  if (wall_seconds() - asked_ > 1.0) {
    asked_ = wall_seconds();
    lead(team, [&] { queue_->refresh(); });
  }
  if (wrong_) return "the journal cannot be written";
  if (queue_->buried()) return lost;
  if (queue_->stopping()) return "another process of the job stops";
  if (sim.steady() || sim.steps_made() == 0 || !other_half_idle(team)) return "";
  const std::int64_t cells = sim.spec().problem.grid.domain().cells();
  const double left =
      sim.seconds_stepping() / static_cast<double>(sim.steps_made()) * static_cast<double>(sim.steps_left());
  return left > least_to_share && cells >= least_cells * team.parent->comm.size() ? wider : "";
}

bool SweepTeams::has_directory(const Case& c) const {
  if (job_.sweep.directories != SweepDirectories::automatic)
    return job_.sweep.directories == SweepDirectories::all;
  const OutputCase& o = c.output;
  return o.every || o.every_steps || !o.times.empty() || o.history_steps || c.checkpoint.every_seconds ||
         c.checkpoint.every_steps;
}

SweepTeams::Ending SweepTeams::compute(Team& team, std::int64_t n) {
  const double begun = wall_seconds();
  const mpi::Comm& comm = team.comm;
  std::int64_t number = 0;
  if (comm.root()) number = queue_->number(n);
  if (comm.size() > 1) comm.broadcast(&number, sizeof number);
  const fs::path where = job_.directory.of_case(number);
  Mistakes mistakes;
  const Case& c = maker_.make(n, mistakes);
  Attempt attempt;
  std::optional<Error> failure;
  try {
    attempt = has_directory(c) ? compute_in_directory(team, c, where, begun)
                               : compute_light(team, c, where, n, begun);
  } catch (const Error& e) {
    failure = e;
  } catch (const std::bad_alloc&) {
    if (comm.size() > 1) throw;  // the others may be waiting
    failure.emplace(Exit::internal, "out of memory");
  }
  const double seconds = wall_seconds() - begun;
  times_.solving += seconds;
  if (failure) {
    lead(team, [&] {
      queue_->refresh();
      if (queue_->still_mine(n)) queue_->failed(n, failure->code(), failure->what());
    });
    return Ending::done;
  }
  if (attempt.ending == Ending::lost) return Ending::done;
  if (attempt.ending != Ending::done) {
    lead(team, [&] {
      queue_->give_back(n, attempt.ending == Ending::widened);
      if (attempt.ending == Ending::stopped) queue_->stop_job();
    });
    return attempt.ending;
  }
  const double setup = attempt.result.at("setup_seconds");
  times_.setup += setup;
  times_.solving -= setup;
  if (times_.cases++ == 0)
    times_.first_setup = setup;
  else
    times_.later_setup += (setup - times_.later_setup) / static_cast<double>(times_.cases - 1);
  lead(team, [&] {
    queue_->done(n, seconds, comm.size(), attempt.result);
    if (attempt.had_checkpoint) {
      queue_->flush();
      remove_checkpoints(where);
    }
  });
  return Ending::done;
}

SweepTeams::Ending SweepTeams::ending_by(const std::string& why) {
  return why == wider ? Ending::widened : why == lost ? Ending::lost : Ending::stopped;
}

SweepTeams::Attempt SweepTeams::compute_in_directory(Team& team, const Case& c, const fs::path& where,
                                                     double begun) {
  Progress quiet{true};
  Log log{team.comm, quiet};
  Attempt attempt;
  nlohmann::json field;
  std::string why;
  RunContext context{quiet, log, job_.context.watchdog, job_.context.wall_limit, {}, &team.cache, {}};
  context.stop = [&](const Simulation& sim) { return why = why_stop(team, sim); };
  if (job_.sweep.fields == SweepFields::final)
    context.finished = [&](Simulation& sim) { field = store_field(sim); };
  DirectoryWish wish;
  wish.resume = wish.takeover = true;  // the journal has made it ours
  const CaseRun run = run_case(team.comm, c, where, wish, {}, context, begun);
  if (run.exit == Exit::stopped) {
    attempt.ending = ending_by(team.comm.broadcast(why));
    return attempt;
  }
  attempt.result = result_of(run.summary);
  attempt.result["setup_seconds"] = run.summary.at("seconds").at("setup").get<double>() +
                                    run.summary.at("solver").at("setup_seconds").get<double>();
  // Where the run was finished by a job that died before it could say so, its last snapshot has the field.
  if (job_.sweep.fields == SweepFields::final && !run.computed) {
    io::collectively(team.comm, [&] {
      const Box domain{0, 0, static_cast<int>(c.grid.nx), static_cast<int>(c.grid.ny)};
      Field2D<double> all{domain, 0};
      io::read_foreign(self_, where / run.summary.at("final_snapshot").get<std::string>(), "temperature",
                       c.grid.nx, c.grid.ny, all.view(), domain);
      std::vector<double> values;
      for_each(domain, [&](int i, int j) { values.push_back(all.view()(i, j)); });
      field = store_field(values);
    });
  }
  if (!field.is_null()) attempt.result["field"] = field;
  return attempt;
}

/// The steps of a case without a directory. Its state goes to a checkpoint where the wall clock says so, and
/// where it is to stop. Collective over the team.
class SweepTeams::LightSteps {
 public:
  LightSteps(SweepTeams& teams, const Case& c, const fs::path& where, std::int64_t n, Simulation& sim,
             StopReasons& reasons);

  /// Until it is finished or to stop. Why it stopped; nothing: it is finished.
  std::optional<std::string> to_the_end();
  bool saved() const { return saved_; }  // a checkpoint, at least once
  std::int64_t mended() const { return guard_ ? guard_->mended() : 0; }

 private:
  /// Of what the case wishes for checkpoints, that by the wall clock.
  static CheckpointCase by_clock(const Case& c);
  void save();
  bool stands(bool ordered);

  SweepTeams& teams_;
  const Case& case_;
  const fs::path& where_;
  const std::int64_t n_;
  Simulation& sim_;
  StopReasons& reasons_;
  Control control_;
  double last_checkpoint_seconds_ = 0.0;
  bool saved_ = false;
  std::optional<Guard> guard_;  // not worth its beginning in a case of a moment
};

SweepTeams::LightSteps::LightSteps(SweepTeams& teams, const Case& c, const fs::path& where, std::int64_t n,
                                   Simulation& sim, StopReasons& reasons)
    : teams_{teams},
      case_{c},
      where_{where},
      n_{n},
      sim_{sim},
      reasons_{reasons},
      control_{sim.comm(), by_clock(c), reasons} {
  if (sim.comm().root() && sim.steps_left() > 0)
    control_.expect(teams.queue_->seconds_expected(n) / static_cast<double>(sim.steps_left()));
  last_checkpoint_seconds_ = seconds_for_first_checkpoint(sim);
}

CheckpointCase SweepTeams::LightSteps::by_clock(const Case& c) {
  CheckpointCase by_clock;
  by_clock.every_seconds = c.checkpoint.every_seconds;
  by_clock.mtbf = c.checkpoint.mtbf;
  return by_clock;
}

void SweepTeams::LightSteps::save() {
  const mpi::Comm& comm = sim_.comm();
  const double begin = wall_seconds();
  // Never commits a field with NaN over a good one; an iterate need not be sound otherwise.
  if (sim_.steady())
    sim_.refuse_not_finite();
  else
    sim_.measure();
  saved_ = true;
  io::collectively(comm, [&] {
    io::make_directories(where_.parent_path());
    io::make_directory(where_);
    io::make_directory(where_ / "checkpoints");
  });
  io::WriteOptions options;
  if (case_.checkpoint.writer == FileWriter::direct) options.writer = io::Writer::direct;
  options.before_commit = [&] {
    teams_.queue_->refresh();
    if (!teams_.queue_->still_mine(n_))
      throw Error{Exit::cannot_create, "another job has taken this case over, and this one stops with it"};
  };
  io::write_checkpoint(comm, where_ / "checkpoints", checkpoint_header(case_, sim_, teams_.run_id_),
                       checkpoint_fields(case_, sim_), 1, options);
  last_checkpoint_seconds_ = wall_seconds() - begin;
}

/// Whether the state can be trusted; false: it is the last good one again.
bool SweepTeams::LightSteps::stands(bool ordered) {
  if (!guard_ && ordered) {
    sim_.refuse_not_finite();
    guard_.emplace(sim_, case_.parallel.guard);
  } else if (guard_ && !guard_->look(ordered)) {
    return false;
  }
  if (guard_) control_.guard_every(guard_->interval());
  return true;
}

std::optional<std::string> SweepTeams::LightSteps::to_the_end() {
  Watchdog& watchdog = teams_.job_.context.watchdog;
  std::int64_t made = 0;
  double seconds = 0.0;
  watchdog.phase("stepping");
  while (!sim_.finished()) {
    const Control::Orders orders = control_.ask(made, seconds, last_checkpoint_seconds_, sim_.steps_a_pass());
    if (made > 0 && (orders.guard || orders.checkpoint || !orders.stop.empty()) && !stands(orders.guard))
      made = 0;
    if (!orders.stop.empty()) {
      if (made > 0) save();
      return orders.stop;
    }
    if (orders.checkpoint && made > 0) save();
    const double begin = wall_seconds();
    reasons_.begin_work();
    try {
      made = guard_ ? guard_->advance(orders.most, orders.long_steps)
                    : sim_.advance(orders.most, orders.long_steps);
    } catch (const Interrupted&) {
      if (sim_.steps_made() > 0) save();
      return reasons_.agreed();
    }
    seconds = wall_seconds() - begin;
    watchdog.step(sim_.step());
    if (sim_.finished()) stands(false);  // else it goes on from the last state that was good
  }
  return {};
}

SweepTeams::Attempt SweepTeams::compute_light(Team& team, const Case& c, const fs::path& where,
                                              std::int64_t n, double begun, bool from_checkpoint) {
  const mpi::Comm& comm = team.comm;
  Attempt attempt;
  Simulation* running = nullptr;
  StopReasons reasons{comm, job_.context.wall_limit,
                      [&] { return running != nullptr ? why_stop(team, *running) : std::string{}; }};
  Heed heed{comm, [&] { return reasons.mine(); }};
  std::optional<Simulation> simulation;
  const auto stopped_by = [&](const std::string& why) {
    attempt.ending = ending_by(why);
    return attempt;
  };
  try {
    simulation.emplace(simulation_spec(c), comm, &team.cache, &heed);
  } catch (const Interrupted&) {
    return stopped_by(reasons.agreed());
  }
  Simulation& sim = *simulation;
  running = &sim;
  const bool interrupted = has_checkpoints(comm, where, from_checkpoint);
  if (interrupted && !restored_from(where, c, sim)) return compute_light(team, c, where, n, begun, false);
  LightSteps steps{*this, c, where, n, sim, reasons};
  const double setup = wall_seconds() - begun;
  if (const auto why = steps.to_the_end()) return stopped_by(*why);
  job_.context.watchdog.phase("files");
  if (regions_vary_) regions_.clear();
  attempt.result = result_of(c, sim, regions_);
  attempt.result["setup_seconds"] = setup + sim.solver().setup_seconds;
  if (job_.sweep.fields == SweepFields::final)
    if (const nlohmann::json field = store_field(sim); !field.is_null()) attempt.result["field"] = field;
  if (steps.mended() > 0) attempt.result["silent_errors_mended"] = steps.mended();
  attempt.had_checkpoint = interrupted || steps.saved();
  return attempt;
}

nlohmann::json SweepTeams::store_field(Simulation& sim) {
  const std::vector<double> values = whole_field(sim);
  nlohmann::json kept;
  io::collectively(sim.comm(), [&] { kept = store_field(values); });
  return kept;
}

nlohmann::json SweepTeams::store_field(const std::vector<double>& values) {
  const std::string name = fmt::format("{}.{}.f64", job_.directory.job(), world_.rank());
  if (!fields_) {
    io::make_directory(job_.directory.fields());
    fields_.emplace(job_.directory.fields() / name);
  }
  const std::string_view bytes{reinterpret_cast<const char*>(values.data()), 8 * values.size()};
  const std::int64_t offset = fields_->offset();
  fields_->append(bytes);
  return {{"file", name}, {"offset", offset}, {"sum", text_sum(bytes)}};
}

void SweepTeams::tell(bool now) {
  if (!world_.root() || (!now && wall_seconds() - told_ < 0.2)) return;
  told_ = wall_seconds();
  const SweepQueue::Counts counts = queue_->counts();
  double done = 0.0;
  for (std::int64_t n = 0; n < queue_->size(); ++n)
    if (const auto s = queue_->entry(n).state; s == SweepQueue::State::done || s == SweepQueue::State::failed)
      done += job_.expected[static_cast<std::size_t>(n)].work;
  job_.context.progress.update_cases(counts.done + counts.failed, queue_->size(), done / total_work_);
  if (!now && told_ - table_ > table_every) {
    try {
      job_.write_table(*queue_);
    } catch (const std::exception&) {
      // The one at the end must be written; this one is for those who look meanwhile.
    }
    table_ = wall_seconds();
  }
  if (!now && told_ - status_ < 2.0) return;
  status_ = told_;
  const auto clock = std::time(nullptr);
  const bool over = counts.done + counts.failed == queue_->size();
  const nlohmann::json j{{"calor", version},
                         {"state", over       ? "finished"
                                   : stopped_ ? "stopped"
                                              : "running"},
                         {"cases", queue_->size()},
                         {"done", counts.done},
                         {"failed", counts.failed},
                         {"running", counts.taken},
                         {"waiting", counts.waiting},
                         {"host", io::host_name()},
                         {"job", job_.directory.job()},
                         {"ranks", world_.size()},
                         {"heartbeat", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(clock))},
                         {"heartbeat_unix", static_cast<std::int64_t>(clock)}};
  try {
    io::write_atomically(job_.directory.path() / "status.json", j.dump(2) + "\n");
  } catch (const std::exception&) {
    // One beat may be missed; the next file that matters will tell.
  }
}

}  // namespace calor::app
