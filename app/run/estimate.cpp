// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/estimate.hpp"

#include <fmt/format.h>
#include <omp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>

#include "app/case/case_io.hpp"
#include "app/case/case_words.hpp"
#include "app/case/spec_of_case.hpp"
#include "app/console/product.hpp"
#include "app/console/wall_clock.hpp"
#include "app/run/memory_sample.hpp"
#include "app/run/setup.hpp"
#include "app/text/units.hpp"
#include "decomposition/error.hpp"
#include "solver/stencil/explicit_limit.hpp"

namespace calor::app {

namespace {

/// Fields that a run keeps, in bytes a cell.
std::int64_t bytes_per_cell(const Case& c) {
  const ProblemSpec spec = make_spec(c);
  std::int64_t fields = 1;                                           // u
  if (!spec.materials.constant() || !spec.grid.even()) fields += 3;  // faces and heat capacity
  if (spec.materials.of_temperature()) fields += 3;                  // conductivities and their laws
  if (spec.power.any([](const Function& f) { return !f.constant() || f(0.0, 0.0) != 0.0; }))
    fields += 2;  // at two times
  const ImplicitOptions solver = simulation_spec(c).solver;
  fields += c.time.method != nullptr ? c.time.method->fields(spec, solver) : implicit_fields(spec, solver);
  if (c.parallel.guard != GuardKind::off && !c.time.steady()) fields += 1;  // the last good temperatures
  return 8 * fields;
}

/// Memory that this node can still give, within the limits of the control group [bytes].
std::optional<std::int64_t> available_memory() {
  std::optional<std::int64_t> least;
  const auto consider = [&](std::int64_t bytes) { least = std::min(least.value_or(bytes), bytes); };
  std::ifstream meminfo{"/proc/meminfo"};
  std::string word;
  std::int64_t kib = 0;
  while (meminfo >> word)
    if (word == "MemAvailable:" && meminfo >> kib) consider(kib * 1024);
  std::int64_t limit = 0, used = 0;
  std::ifstream max{"/sys/fs/cgroup/memory.max"}, current{"/sys/fs/cgroup/memory.current"};
  if (max >> limit && current >> used) consider(limit - used);  // "max" is no number: no limit
  return least;
}

/// The case on a grid of at most so many cells, coarsened by a whole factor along both sides.
struct Sample {
  Case c;
  double factor = 1.0;
};
Sample sample_of(const Case& c, double most_cells, int ranks) {
  Sample s{c};
  const double too_many =
      std::max(1.0, std::sqrt(static_cast<double>(c.grid.nx) * static_cast<double>(c.grid.ny) / most_cells));
  const auto factor = static_cast<std::int64_t>(std::ceil(too_many));
  const auto coarsen = [factor](std::int64_t& n, AxisCase& lines) {
    const std::vector<double> faces = lines.lines();
    if (!lines.given() || factor == 1) {
      n = std::max<std::int64_t>(1, n / factor);
      return;
    }
    lines = {};
    for (std::size_t k = 0; k < faces.size(); k += static_cast<std::size_t>(factor))
      lines.faces.push_back(faces[k]);
    if (lines.faces.size() == 1)
      lines.faces.push_back(faces.back());
    else
      lines.faces.back() = faces.back();
    n = lines.count();
  };
  coarsen(s.c.grid.nx, s.c.grid.x_lines);
  coarsen(s.c.grid.ny, s.c.grid.y_lines);
  s.c.parallel.ranks.reset();
  if (s.c.grid.nx * s.c.grid.ny < ranks) s.c.grid = c.grid;
  s.factor = static_cast<double>(c.grid.nx) / static_cast<double>(s.c.grid.nx);
  // A file has the temperatures of all cells, or of none.
  if (s.factor > 1.0) s.c.initial.file.clear();
  return s;
}

/// Takes away all that a run would write.
void write_nothing(Case& c) {
  const auto unit = c.output.temperature_unit;  // in which all temperatures are
  c.output = {};
  c.output.temperature_unit = unit;
}

/// Explicit limit [s]: exact up to 16 million cells, beyond that from a coarser grid, on which the limit
/// grows with the square of the factor.
double explicit_limit_of(const mpi::Comm& comm, const Case& c) {
  const Sample s = sample_of(c, 16e6, comm.size());
  const auto problem = make_problem(simulation_spec(s.c), comm, nullptr);
  return explicit_limit(*problem, 0.0) / (s.factor * s.factor);
}

/// Cell updates a second of this machine's explicit sweep, on a sample of the case's kind that is too large
/// for caches. Its steps are so short that temperatures stay where the case begins.
double measured_rate(const mpi::Comm& comm, const Case& c, double dt) {
  Sample s = sample_of(c, 1024.0 * 1024.0, comm.size());
  s.c.time = {};
  s.c.time.method = &methods::euler;
  s.c.time.dt = dt;
  s.c.time.steps = 1'000'000;
  write_nothing(s.c);
  Simulation sim{simulation_spec(s.c), comm};
  std::int64_t made = 0;
  sim.advance(2);
  const double start = comm.max(wall_seconds());
  double seconds = 0.0;
  do {
    made += sim.advance(4 * sim.steps_a_pass());
    seconds = comm.max(wall_seconds()) - start;
  } while (seconds < 0.3 && !sim.finished());
  return static_cast<double>(made * s.c.grid.nx * s.c.grid.ny) / seconds;
}

/// The same of one material in equal cells, without anything else: what sweeps are counted in.
double plain_rate(const mpi::Comm& comm, const Case& c) {
  Case plain;
  plain.grid.nx = c.grid.nx;
  plain.grid.ny = c.grid.ny;
  plain.material.conductivity = ConductivityCase{};
  plain.material.conductivity->x = plain.material.conductivity->y = 1.0;
  plain.material.density = 1.0;
  plain.material.specific_heat = SpecificHeatCase{};
  plain.initial.temperature = 0.0;
  plain.parallel.precision = c.parallel.precision;
  const auto finest = static_cast<double>(std::max(c.grid.nx, c.grid.ny));
  return measured_rate(comm, plain, 1e-9 / (finest * finest));
}

/// What a rank's share of writing takes: the rows that are packed at a time (io/writers.hpp), and the
/// fields that are worked out for it.
double writing_bytes(const Case& c, double cells) {
  constexpr double slab = 4.0 * (1 << 20);
  double fields = 0.0;
  for (const std::string& f : c.output.fields) fields += f == "temperature" ? 0.0 : 2.0;
  const double number = c.output.precision == Precision::single ? 4.0 : 8.0;
  return std::min(slab, number * cells) + 8.0 * fields * cells;
}

/// What HDF5 and MPI-IO take beside the rows [bytes].
constexpr double of_file_libraries = 5.5 * (1 << 20);

/// Peak memory of a rank beyond the program [bytes], from beginning the case on two grids that are no larger
/// than its own and take a second: what does not grow with the cells is told from what does. Nothing where
/// that fails.
std::optional<double> measured_memory(const mpi::Comm& comm, const Case& c, const MethodChoice& m,
                                      double limit, double cells) {
  const auto begin = [&](double most_cells) {
    Sample s = sample_of(c, most_cells * comm.size(), comm.size());
    const double longer = s.factor * s.factor;  // as the limit, so that operators look alike
    s.c.time.method = m.method;
    write_nothing(s.c);
    if (s.c.time.dt) s.c.time.dt = std::min(*s.c.time.dt * longer, 1000.0 * limit * longer);
    // Steps grow as their error allows; what long implicit ones need is to be seen within a few of them.
    if (m.method->automatic == AutomaticStep::by_error && m.method->deepest == nullptr)
      s.c.time.tolerance = std::max(s.c.time.tolerance, 0.1);
    // Neither a series of many terms nor more steps than it takes to see.
    if (s.c.time.end && m.method->automatic == AutomaticStep::whole)
      s.c.time.end = std::min(*s.c.time.end, 1000.0 * limit * longer);
    return sample_memory(comm, simulation_spec(s.c), c.parallel.guard, longer);
  };
  constexpr double largest = 1e6;  // cells of a rank
  const auto small = begin(std::min(cells, largest) / 4.0), large = begin(std::min(cells, largest));
  if (!small || !large) return {};
  const auto grown_to = [&](double MemorySample::*bytes) {
    const double more = large->cells - small->cells;
    const double slope =
        more > 0.0 ? std::max(0.0, (*large.*bytes - *small.*bytes) / more) : *large.*bytes / large->cells;
    return *large.*bytes + slope * (cells - large->cells) + large->beyond;
  };
  return std::max(grown_to(&MemorySample::peak), grown_to(&MemorySample::held) + writing_bytes(c, cells));
}

/// What an estimate has found: for people a line at a time, for programs one object at the end. Rank 0
/// prints.
class Findings {
 public:
  Findings(bool root, bool json) : root_{root}, json_{json} {}
  void say(const std::string& text) const {
    if (root_ && !json_) answer(text + "\n");
  }
  void end(const Case& c) const {
    if (json_ && root_) answer_json(all);
    if (c.has_plan)
      say("            the case without its [sweep]; `calor sweep --dry-run` lists all of them");
  }

  nlohmann::ordered_json all;

 private:
  bool root_, json_;
};

void tell_size_and_files(const Case& c, int ranks, const nlohmann::json& memory, Findings& found) {
  found.all = {{"title", c.title.empty() ? c.name : c.title},
               {"cells", c.grid.nx * c.grid.ny},
               {"nx", c.grid.nx},
               {"ny", c.grid.ny},
               {"ranks", ranks},
               {"threads", omp_get_max_threads()}};
  found.all["files"] = {{"snapshot_bytes", memory["snapshot_bytes"]},
                        {"checkpoint_bytes", memory["checkpoint_bytes"]},
                        {"checkpoints_kept", c.checkpoint.keep}};
  found.say(fmt::format("{}: {} x {} cells on {} rank{} x {} thread{}", c.title.empty() ? c.name : c.title,
                        c.grid.nx, c.grid.ny, ranks, ranks == 1 ? "" : "s", omp_get_max_threads(),
                        omp_get_max_threads() == 1 ? "" : "s"));
  found.say(fmt::format("files       snapshot {}, checkpoint {} ({} kept)",
                        bytes_text(memory["snapshot_bytes"]), bytes_text(memory["checkpoint_bytes"]),
                        c.checkpoint.keep));
}

/// Memory of a rank [bytes].
struct RankMemory {
  double cells = 0.0;     // that it has, halo included
  double arrays = 0.0;    // what grows with them
  double program = 0.0;   // and its libraries
  bool measured = false;  // the arrays; else they were counted
};
void tell_memory(const RankMemory& m, int ranks, Findings& found) {
  const double whole = m.arrays + of_file_libraries + m.program;
  found.say(fmt::format("memory      {} a rank: {} the program and its libraries, {} a cell {}; {} in all",
                        bytes_text(whole), bytes_text(whole - m.arrays), bytes_text(m.arrays / m.cells),
                        m.measured ? "(measured on a small grid)" : "(counted)", bytes_text(whole * ranks)));
  found.all["memory"] = {{"bytes", static_cast<std::int64_t>(whole * ranks)},
                         {"bytes_per_rank", static_cast<std::int64_t>(whole)},
                         {"program_bytes_per_rank", static_cast<std::int64_t>(whole - m.arrays)},
                         {"bytes_per_cell", m.arrays / m.cells},
                         {"measured", m.measured}};
}

/// @param rate  cell updates a second
void tell_steady(const Case& c, double rate, Findings& found) {
  const auto cells = static_cast<double>(c.grid.nx * c.grid.ny);
  const double iterations =
      is_multigrid(c.solver.preconditioner)
          ? 10.0
          // Iterations grow with the cells along a side.
          : static_cast<double>(std::max(c.grid.nx, c.grid.ny)) * std::log(2.0 / c.solver.tolerance) / M_PI;
  const double sweeps = c.solver.preconditioner == PreconditionerKind::algebraic ? 100.0 * iterations + 4000.0
                        : c.solver.preconditioner == PreconditionerKind::multigrid ? 25.0 * iterations
                                                                                   : 8.0 * iterations;
  found.say(fmt::format("steady      about {:.0f} iterations, {}", iterations,
                        duration_text(sweeps * cells / rate)));
  found.all["iterations"] = static_cast<std::int64_t>(iterations);
  found.all["seconds"] = sweeps * cells / rate;
}

/// @param limit  explicit limit [s]     @param rate  cell updates a second of one material
/// @param extra  sweeps that a step costs beside what the method reckons with: functions of place, t and T
void tell_steps(const Case& c, const MethodChoice& m, double limit, double rate, double extra,
                bool of_temperature, Findings& found) {
  const auto cells = static_cast<double>(c.grid.nx * c.grid.ny);
  found.say(fmt::format("explicit    stable up to dt = {:.6g} s", limit));
  const double dt = m.dt > 0.0 ? m.dt : explicit_safety * limit;
  const auto steps = static_cast<double>(Clock{m.targets.all}.steps_left(dt));
  // Where something depends on T, an implicit step, which is worth hundreds of sweeps, takes several solves.
  constexpr double rounds = 4.0, of_implicit = 100.0;
  const bool solves_again = of_temperature && m.sweeps_without_source > of_implicit * m.evaluations;
  const double seconds =
      (solves_again ? rounds : 1.0) * (m.sweeps_without_source + m.evaluations * extra) * cells / rate;
  found.all["stable_dt"] = limit;
  found.all["by_error"] = m.by_error;
  if (!m.by_error) found.all.update({{"steps", static_cast<std::int64_t>(steps)}, {"dt", dt}});
  found.all["seconds"] = seconds;
  const auto threads = static_cast<std::int64_t>(std::max(1.0, cells / 1e4));
  found.all["most_threads"] = threads;
  if (m.by_error)
    found.say(fmt::format("method      {}: as many steps as time.tolerance = {:.3g} asks for",
                          name_of(m.method), c.time.tolerance));
  else
    found.say(fmt::format("method      {}: {} of {:.6g} s", name_of(m.method),
                          counted(static_cast<std::int64_t>(steps), "step"), dt));
  if (!m.reason.empty()) found.say("            " + m.reason);
  found.say(fmt::format("time        about {}, files not counted", duration_text(seconds)));
  found.say(
      fmt::format("advice      one rank a socket or node, its cores as threads; blocks below about 100 x 100 "
                  "cells a thread gain little: "
                  "at most {} in all",
                  counted(threads, "thread")));
}

}  // namespace

nlohmann::json memory_estimate(const Case& c, int ranks) {
  const std::int64_t cells = c.grid.nx * c.grid.ny, each = bytes_per_cell(c);
  std::int64_t arrays = 0;
  for (const std::string& f : c.output.fields) arrays += f == "temperature" ? 1 : 2;
  // The checkpoint's and snapshot's rows are written straight from the field; the halo is a few rows and
  // columns.
  const SimulationSpec spec = simulation_spec(c);
  const Partition parts = make_partition(spec.problem, spec.layout, c.time.method, ranks);
  const int depth = halo_depth(spec.problem, spec.layout, parts, c.time.method);
  std::int64_t most = 0;  // cells of a rank, halo included
  for (const Box& b : parts) most = std::max(most, b.grown(depth).cells());
  return {{"cells", cells},
          {"cells_per_rank", most},
          {"bytes_per_cell", each},
          {"bytes_per_rank", each * most},
          {"snapshot_bytes", cells * arrays * (c.output.precision == Precision::single ? 4 : 8)},
          {"checkpoint_bytes", cells * 8}};
}

void check_memory(const Case& c, const mpi::Comm& comm) {
  check_memory(memory_estimate(c, comm.size()).at("bytes_per_rank").get<std::int64_t>(),
               fmt::format("grid.nx, grid.ny = {}, {}", c.grid.nx, c.grid.ny), comm);
}

void check_memory(std::int64_t bytes, const std::string& what, const mpi::Comm& comm) {
  MPI_Comm handle = MPI_COMM_NULL;
  mpi::check(MPI_Comm_split_type(comm.get(), MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &handle));
  const mpi::Comm node{handle};
  const std::int64_t want = node.sum(bytes);
  const auto have = available_memory();
  std::string problem;
  if (have && want > *have)
    problem = fmt::format(
        "{}: the {} rank{} on one node need {}, and the node has {} left; use more nodes or a coarser grid",
        what, node.size(), node.size() == 1 ? "" : "s", bytes_text(want), bytes_text(*have));
  problem = comm.first_message(problem);
  if (!problem.empty()) throw Error{Exit::bad_case, problem};
}

void estimate(const mpi::Comm& comm, const Case& c, bool json) {
  const std::int64_t program = resident_bytes();  // as long as there is nothing else
  const nlohmann::json memory = memory_estimate(c, comm.size());
  partition_of(c, comm.size());
  Findings found{comm.root(), json};
  tell_size_and_files(c, comm.size(), memory, found);

  const double limit = explicit_limit_of(comm, c);
  // As the run will choose, which looks at functions of time first.
  SimulationSpec spec = simulation_spec(c);
  Loads loads{spec.problem};
  const double end = c.time.steady() ? 0.0 : end_of(spec.time, limit);
  if (std::isfinite(end)) loads.look(end, spec.time.tolerance, nullptr, &comm);
  const MethodChoice m = choose_method(spec, limit, loads.events(), loads.swings());
  const auto most = memory["cells_per_rank"].get<double>();
  const std::optional<double> measured = measured_memory(comm, c, m, limit, most);
  const double arrays = measured.value_or(memory["bytes_per_rank"].get<double>());
  tell_memory({most, arrays, comm.max(static_cast<double>(program)), measured.has_value()}, comm.size(),
              found);
  const double rate = measured_rate(comm, c, std::isfinite(limit) ? 1e-9 * limit : 1.0),
               plain = plain_rate(comm, c);
  found.say(fmt::format("speed       {} explicitly, measured now on these ranks and threads",
                        si_text(rate, "cell updates/s")));
  found.all["cell_updates_per_second"] = rate;
  found.all["method"] = name_of(m.method);
  found.all["method_reason"] = m.reason;
  if (c.time.steady())
    tell_steady(c, plain, found);
  else
    tell_steps(c, m, limit, plain, std::max(0.0, plain / rate - m.step_sweeps), spec.problem.of_temperature(),
               found);
  found.end(c);
}

namespace commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  struct Words : CaseWords {
    bool json = false;
  };
  const auto words = std::make_shared<Words>();
  words->declare(app, "CASE.toml [more.toml ...] [key=value ...]");
  app.add_flag("--json", words->json, json_help);
  return [words]() -> Task {
    words->split();
    return [words](const mpi::Comm& world) {
      app::estimate(world, read_case(world, words->files, words->overrides), words->json);
      return Exit::done;
    };
  };
}

}  // namespace

extern constinit const Command estimate{"estimate", "no run: memory, file sizes, stable step, time", declare};

}  // namespace commands

}  // namespace calor::app
