// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <variant>

#include "solver/run/enthalpy_checks.hpp"
#include "solver/run/given_step.hpp"
#include "solver/run/hole_checks.hpp"
#include "solver/run/open_level.hpp"
#include "solver/run/quantities.hpp"
#include "solver/run/wall_checks.hpp"
#include "solver/stencil/explicit_limit.hpp"
#include "solver/time/step_error.hpp"

namespace calor {

namespace {

/// The explicit limit, after the properties were found to be such that there is one.
double checked_limit(const SimulationSpec& spec, Problem& p) {
  if (const std::string wrong = wrong_property(p, 0.0); !wrong.empty())
    throw Error{Exit::bad_case, wrong +
                                    ": conductivities and heat capacities must come out > 0, film "
                                    "coefficients >= 0; look at their expressions"};
  return spec.time.method != nullptr && spec.time.method->steady() ? 0.0 : explicit_limit(p, 0.0);
}

/// Explicit steps between two looks at whether it has become steady.
constexpr std::int64_t looks_apart = 100;

/// The spec, with what the problem is to know of its time.
SimulationSpec with_end(SimulationSpec spec) {
  refuse_beside_holes(spec);
  const TimeSpec& t = spec.time;
  if (t.method != nullptr && t.method->steady()) return spec;
  if (t.steps && t.dt)
    spec.problem.end = static_cast<double>(*t.steps) * *t.dt;
  else if (!t.steps)
    spec.problem.end = t.end;
  return spec;
}

/// Whether it begins with one temperature everywhere.
bool begins_even(const SimulationSpec& spec) {
  return !spec.initial_field && spec.problem.initial.single() && spec.problem.initial[0].constant();
}

std::unique_ptr<Integrator> make_integrator(const SimulationSpec& spec, const MethodChoice& choice,
                                            const SetupCache* cache) {
  MethodOptions options;
  options.solver = spec.solver;
  if (cache != nullptr) options.solver.cache = cache->hierarchy;
  // Who leaves the choice open has said with time.tolerance how exact the time is to be.
  options.series_tolerance = spec.time.method == nullptr
                                 ? std::max(spec.solver.tolerance, 0.1 * spec.time.tolerance)
                                 : spec.solver.tolerance;
  options.estimate_error = choice.by_error;
  options.precision = spec.layout.precision;
  options.levels = spec.layout.halo_depth;
  options.tile = spec.layout.tile;
  return choice.method->make(options);
}

}  // namespace

Simulation::Simulation(SimulationSpec spec, const mpi::Comm& comm, SetupCache* cache, Heed* heed)
    : spec_{with_end(std::move(spec))},
      comm_{comm},
      heed_{heed},
      loads_{std::make_unique<Loads>(spec_.problem)},
      problem_{make_problem(spec_, comm, spec_.time.method, cache, heed)},
      stable_dt_{checked_limit(spec_, *problem_)},
      choice_{look_ahead(cache)},
      integrator_{make_integrator(spec_, choice_, cache)},
      clock_{choice_.targets.all, choice_.targets.begin} {
  const auto keep = [&] {
    if (cache != nullptr) cache->coefficients = problem_->coefficients.steady();
  };
  keep();
  if (const Partition parts = make_partition(spec_.problem, spec_.layout, choice_.method, comm.size());
      parts != problem_->parts ||
      halo_depth(spec_.problem, spec_.layout, parts, choice_.method) != problem_->depth) {
    problem_.reset();  // not both at a time
    problem_ = make_problem(spec_, comm, choice_.method, cache, heed);
    keep();
  }
  give_loads();
  refuse_what_cannot_be();
  if (problem_->coldest)
    if (const std::string why = loads_->below(*problem_->coldest); !why.empty())
      throw Error{Exit::bad_case, why};
  if (choice_.method->automatic == AutomaticStep::by_limit && spec_.time.dt &&
      *spec_.time.dt > stable_dt_ * (1.0 + 1e-9))
    warnings_.push_back(judge_given_step(*problem_, 0.0, *spec_.time.dt, stable_dt_));
  if (const double least = problem_->coldest ? survey(*problem_).min : 0.0;
      problem_->coldest && least < *problem_->coldest)
    throw Error{
        Exit::bad_case,
        fmt::format("initial.temperature: the lowest is {:.9g}, below absolute zero, {}; the case's unit "
                    "is output.temperature_unit",
                    least, *problem_->coldest)};
  heed_here(heed_, set_up_sweeps);
  const double start_heat = heat_content(*problem_, begins_even(spec_));
  if (!std::isfinite(start_heat)) measure();  // says where
  std::vector<ExactSum> held_sums = steady() ? std::vector<ExactSum>{} : problem_->held_by_walls();
  if (!held_sums.empty()) reduce(comm_, held_sums);
  std::vector<double> held;
  for (const ExactSum& h : held_sums) held.push_back(h.value());
  problem_->budget.start(steady() ? 0.0 : start_heat, region_contents(*problem_), std::move(held));
  length_ = make_step_length(spec_.time, choice_, *integrator_, *problem_, stable_dt_, [this] { measure(); });
  heed_here(heed_, set_up_sweeps);
  const auto cells = static_cast<double>(problem_->grid.domain().cells());
  if (auto* const settles = ability<Settles>(*integrator_))
    settles->settle(*problem_, length_->expected(), static_cast<double>(steps_left()) * cells);
}

bool Simulation::limited() const { return dynamic_cast<const Limited*>(integrator_.get()) != nullptr; }

double Simulation::left() const {
  const auto* const gradual = dynamic_cast<const Gradual*>(integrator_.get());
  return gradual != nullptr ? gradual->left() : 0.0;
}

double Simulation::wanted() const {
  const auto* const gradual = dynamic_cast<const Gradual*>(integrator_.get());
  return gradual != nullptr ? gradual->wanted() : 0.0;
}

/// What the functions of time do, and with what method and up to which times steps are made then.
MethodChoice Simulation::look_ahead(SetupCache* cache) {
  const bool steady = spec_.time.method != nullptr && spec_.time.method->steady();
  const double end = end_of(spec_.time, stable_dt_);
  heed_here(heed_, set_up_sweeps);
  if (!steady && std::isfinite(end))
    loads_->look(end, spec_.time.tolerance, cache != nullptr ? &cache->loads : nullptr, &comm_);
  return choose_method(spec_, stable_dt_, loads_->events(), loads_->swings());
}

void Simulation::give_loads() {
  problem_->scale = loads_->scale();
  if (!loads_->none()) problem_->loads = loads_.get();
}

void Simulation::refuse_what_cannot_be() {
  const Method& method = *choice_.method;
  if (problem_->enthalpy) refuse_beside_enthalpy(spec_, steady() && problem_->level_open());
  if (spec_.layout.precision == Precision::single && (!method.single || !problem_->steps_are_blocked()))
    throw Error{
        Exit::bad_case,
        "parallel.precision = \"single\": only euler steps with properties that do not depend on T can be "
        "made so; write time.method = \"euler\", or \"double\""};
  if (method.linear_only)
    if (const std::string why = not_linear_and_constant(*problem_); !why.empty())
      throw Error{Exit::bad_case,
                  fmt::format("time.method = \"{}\": {}; write \"tr-bdf2\" or \"rkl2\"", method.word, why)};
  if (!spec_.problem.holes.empty()) check_bodies(*problem_, steady(), warnings_);
  check_walls(*problem_, warnings_);
  if (steady() && problem_->level_open()) refuse_unbalanced(*problem_, 0.0);
  for (const IntegralSpec& integral : spec_.integrals)
    if (const auto* word = std::get_if<std::string>(&integral.weight);
        word != nullptr && find_quantity(*word) == nullptr)
      throw Error{Exit::bad_case,
                  fmt::format("integral {}: no quantity is called \"{}\"", integral.name, *word)};
  for (std::size_t n = 0; n < spec_.problem.sections.size(); ++n) {
    std::int64_t faces = 0;
    for (const Sections::Face& f : problem_->sections.faces())
      faces += f.section == n && problem_->live(f.i, f.j) &&
                       problem_->live(f.upright ? f.i - 1 : f.i, f.upright ? f.j : f.j - 1)
                   ? 1
                   : 0;
    if (comm_.sum(faces) == 0)
      throw Error{
          Exit::bad_case,
          fmt::format("section {}: it passes no face between two cells; heat through a wall is told by side "
                      "and piece of [boundary], through that of a hole by heat.walls",
                      spec_.problem.sections[n].name)};
  }
  std::vector<std::int64_t> passes = problem_->coefficients.contact_passes();
  for (std::size_t n = 0; n < passes.size(); ++n)
    if (comm_.sum(passes[n]) == 0)
      warnings_.push_back(fmt::format("contact {}: they touch nowhere, and it resists nothing",
                                      spec_.problem.materials.contacts.list[n].name));
  if (spec_.time.steps && !steady()) check_step_count();
  const std::vector<double>& breaks = spec_.time.breaks;
  const auto beyond = std::find_if(breaks.begin(), breaks.end(), [&](double t) { return t > choice_.end; });
  if (!steady() && beyond != breaks.end())
    warnings_.push_back(
        fmt::format("time.breaks: {:.9g} s lies beyond the end of the run, {:.9g} s: nothing "
                    "breaks there",
                    *beyond, choice_.end));
}

/// time.steps is how many steps are made, or is refused.
void Simulation::check_step_count() {
  auto* const limited = ability<Limited>(*integrator_);
  if (choice_.method->automatic == AutomaticStep::by_limit && limited->limit_varies(*problem_) &&
      !spec_.time.dt)
    throw Error{Exit::bad_case,
                "time.steps: the explicit limit changes while this case runs, and with it the number of "
                "steps; give time.end, or a number for time.dt"};
  std::vector<Target> outputs;  // other targets add steps
  for (const double t : output_times(spec_.time, choice_.end)) outputs.push_back({.time = t});
  if (const std::int64_t n = Clock{outputs}.steps_left(choice_.dt); n != *spec_.time.steps)
    throw Error{Exit::bad_case, fmt::format("time.steps = {}: the output times cut them into {}; write "
                                            "output.every_steps, or give time.end",
                                            *spec_.time.steps, n)};
}

SolveReport Simulation::solver() const {
  SolveReport r = integrator_->report();
  r.iterations += iterations_before_;
  return r;
}

std::int64_t Simulation::steps_a_pass() const {
  const auto* const settles = ability<Settles>(*integrator_);
  return settles != nullptr ? settles->steps_a_pass() : 1;
}

std::vector<Memory> Simulation::with_state(const std::vector<Memory>& of_method) {
  std::vector<Memory> all;
  if (problem_->enthalpy) all.push_back({"enthalpy_state", problem_->h.view()});
  all.insert(all.end(), of_method.begin(), of_method.end());
  return all;
}

std::vector<Memory> Simulation::memory() {
  auto* const remembers = ability<Remembers>(*integrator_);
  return with_state(remembers != nullptr ? remembers->memory(*problem_) : std::vector<Memory>{});
}

std::vector<Memory> Simulation::memory_for(const State& state) {
  auto* const remembers = ability<Remembers>(*integrator_);
  return with_state(remembers != nullptr ? remembers->memory_for(*problem_, state.method)
                                         : std::vector<Memory>{});
}

std::int64_t Simulation::advance(std::int64_t most, bool heeding) {
  const double begin = MPI_Wtime();
  if (spec_.time.until_steady) most = std::min(most, looks_apart - clock_.step() % looks_apart);
  heeding = heeding && heed_ != nullptr;
  std::int64_t made = 0;
  if (auto* const gradual = ability<Gradual>(*integrator_))
    made = advance_gradually(*gradual, most);
  else if (heeding && choice_.method->automatic != AutomaticStep::by_limit)  // whose steps are single sweeps
    made = advance_heeding(most);
  else
    made = advance_plain(most);
  problem_->at_start = clock_.step() == 0;
  end_when_steady();
  if (clock_.finished() && solver().unstable)
    warnings_.emplace_back(
        "the steady state is not stable: where it is a little warmer, sources that grow with T bring more "
        "than is "
        "carried off, so that a body neither comes to it nor stays in it; a transient, such as time.method = "
        "\"tr-bdf2\", tells what happens");
  if (clock_.finished()) warn_of_loads();
  seconds_stepping_ += MPI_Wtime() - begin;
  steps_made_ += made;
  return made;
}

std::int64_t Simulation::advance_plain(std::int64_t most) {
  if (length_->forgives()) return advance_forgiving();
  const Steps steps = length_->plan(*problem_, clock_, most);
  integrator_->advance(*problem_, steps);
  loads_->end_steps();
  clock_.tick(steps.count);
  return steps.count;
}

std::int64_t Simulation::advance_gradually(Gradual& method, std::int64_t most) {
  problem_->heed = heed_;
  const Steps step = length_->plan(*problem_, clock_, 1);
  const Gradual::Pieces pieces = method.go_on(*problem_, step, most);
  loads_->end_steps();
  clock_.tick(pieces.made);
  if (pieces.done) clock_.finish();
  return pieces.made;
}

std::int64_t Simulation::advance_heeding(std::int64_t most) {
  Problem& p = *problem_;
  Scratch::Lent before = p.scratch.lend();
  copy_cells(p.owned, p.u.view(), before.view());
  const Budget budget = p.budget;
  const Clock clock = clock_;
  const std::vector<double> control = length_->numbers();
  const std::int64_t rejected = steps_rejected_, iterations = integrator_->report().iterations;
  auto* const remembers = ability<Remembers>(*integrator_);
  const std::vector<double> remembered = remembers != nullptr ? remembers->numbers() : std::vector<double>{};
  std::vector<Scratch::Lent> copies;
  for (const Memory& m : memory()) copy_cells(p.owned, m.field, copies.emplace_back(p.scratch.lend()).view());
  p.heed = heed_;
  try {
    const std::int64_t made = advance_plain(most);
    p.heed = nullptr;
    return made;
  } catch (const Interrupted&) {
    p.heed = nullptr;
    copy_cells(p.owned, before.cview(), p.u.view());
    for (std::size_t n = 0; n < copies.size(); ++n) copy_cells(p.owned, copies[n].cview(), memory()[n].field);
    if (remembers != nullptr) remembers->restore_numbers(remembered);
    p.budget = budget;
    clock_ = clock;
    if (!control.empty()) length_->restore(control);
    loads_->end_steps(false);
    steps_rejected_ = rejected;
    iterations_before_ -= integrator_->report().iterations - iterations;
    throw;
  }
}

/// Makes a step that stands, after as many tries as it takes.
std::int64_t Simulation::advance_forgiving() {
  auto& estimates = *ability<EstimatesError>(*integrator_);
  for (;;) {
    problem_->walls.forget_trouble();
    const Steps step = length_->plan(*problem_, clock_, 1);
    const std::optional<Error> failure = advance_or_say(step);
    const double error = failure ? std::numeric_limits<double>::infinity() : estimates.step_error();
    const bool stands = length_->judge(error, step);
    loads_->end_steps(stands);
    if (stands) {
      clock_.tick(1);
      return 1;
    }
    ++steps_rejected_;
    estimates.undo(*problem_);
    if (!length_->hopeless(clock_)) continue;
    measure();  // says where a temperature is no number, if that is why
    if (failure) throw Error{*failure};
    throw Error{Exit::numerical,
                fmt::format("no step is short enough for time.tolerance = {:.3g} at t = {:.9g} s",
                            spec_.time.tolerance, clock_.time())};
  }
}

/// Looks after so many steps, and at targets, whether anything still changes: at the same steps on any layout
/// and after any restart.
void Simulation::end_when_steady() {
  if (!spec_.time.until_steady || steady()) return;
  const bool each = choice_.method->automatic != AutomaticStep::by_limit;
  if (!each && clock_.step() % looks_apart != 0 && !clock_.on_target()) return;
  // What is known to come, a load that jumps or turns or a break, is waited for.
  const auto ahead = [&](double t) { return t > clock_.time() && t < choice_.end; };
  if (std::any_of(loads_->events().begin(), loads_->events().end(),
                  [&](const LoadEvent& e) { return ahead(e.after); }) ||
      std::any_of(spec_.time.breaks.begin(), spec_.time.breaks.end(), ahead))
    return;
  const double rate = largest_rate(*problem_, clock_.now());
  if (!(rate <= *spec_.time.until_steady)) return;
  if (!loads_->quiet_after(clock_.time(), *spec_.time.until_steady,
                           temperature_range(*problem_, problem_->u.view())))
    return;
  steady_at_ = rate;
  clock_.finish();
}

/// What went wrong if the step has no solution: a shorter one may have.
std::optional<Error> Simulation::advance_or_say(const Steps& step) {
  try {
    integrator_->advance(*problem_, step);
  } catch (const Error& e) {
    if (e.code() != Exit::numerical) throw;
    return e;
  }
  return {};
}

void Simulation::refuse_not_finite() { refuse_not_finite(survey(*problem_)); }

void Simulation::refuse_not_finite(const Survey& e) {
  if (e.finite) return;
  if (const std::string why = comm_.first_message(problem_->walls.trouble()); !why.empty())
    throw Error{Exit::numerical, fmt::format("step {}: {}", step(), why)};
  const Grid& g = problem_->grid;
  throw Error{
      Exit::numerical,
      fmt::format(
          "the temperature is not a finite number at step {}, t = {:.9g} s, first in cell ({}, {}) at x = "
          "{:.6g} m, "
          "y = {:.6g} m; look at the expressions and initial values there, or take a smaller time.dt",
          step(), clock_.time(), e.i, e.j, g.x(e.i), g.y(e.j))};
}

HistoryRow Simulation::measure() {
  HistoryRow row;
  row.step = step();
  row.time = clock_.time();
  row.dt = clock_.last_dt();
  // What walls of holes hold, as they are now.
  if (problem_->source.holes() && problem_->source.of_time())
    problem_->source.update(problem_->owned, row.time, problem_->u.view());
  row.temperature = survey(*problem_);
  refuse_not_finite(row.temperature);
  const Problem& p = *problem_;
  if (const std::string wrong = beyond_specific_heats(*problem_, row.temperature); !wrong.empty())
    throw Error{Exit::numerical, fmt::format("step {}, t = {:.9g} s: {}", row.step, row.time, wrong)};
  const bool iterate = steady() && !finished();  // may go through what no solution may have
  if (!iterate && (p.coefficients.of_temperature() || p.walls.of_time() || p.walls.of_temperature()))
    if (const std::string wrong = wrong_property(*problem_, clock_.time()); !wrong.empty())
      throw Error{Exit::numerical, fmt::format("step {}, t = {:.9g} s: {}", row.step, row.time, wrong)};
  if (ability<Limited>(*integrator_) != nullptr && !surprised_)
    if (const std::string why = comm_.first_message(p.walls.surprise()); !why.empty()) {
      surprised_ = true;
      warnings_.push_back(why);
    }
  if (p.coldest && row.temperature.min < *p.coldest && !too_cold_ && !iterate) {
    too_cold_ = true;
    warnings_.push_back(fmt::format("the temperature fell to {:.9g} at t = {:.9g} s, below absolute zero",
                                    row.temperature.min, row.time));
  }
  const Survey& s = row.temperature;
  row.heat = problem_->budget.report(comm_, steady() ? 0.0 : s.heat, steady() ? 0.0 : s.heat_size,
                                     steady() ? std::vector<ExactSum>{} : p.held_by_walls());
  measure_parts(row);
  if (spec_.thermal_bridge && steady() && finished())
    row.thermal_bridge = report_thermal_bridge(*problem_, *spec_.thermal_bridge, row.heat);
  return row;
}

void Simulation::measure_parts(HistoryRow& row) {
  if (problem_->region_cells.empty() && problem_->sections.empty()) return;
  const PartsSurvey now = survey_parts(*problem_, clock_.time());
  const std::vector<double>& initial = problem_->budget.initial_of_regions();
  for (std::size_t n = 0, hole = 0; n < now.regions.size(); ++n) {
    RegionSurvey r = now.regions[n];
    if (!problem_->regions[n].capacity_known) r.content = std::numeric_limits<double>::quiet_NaN();
    if (problem_->regions[n].is_void.value_or(false)) {
      row.regions.push_back({r, 0.0, steady() ? r.out : row.heat.holes[hole]});
      ++hole;
      continue;
    }
    const double power = row.heat.regions[n];
    // What was made in it and is not there any more has left it.
    row.regions.push_back({r, power, steady() ? r.out : power - (r.content - initial[n])});
  }
  for (std::size_t n = 0; n < now.sections.size(); ++n)
    row.sections.push_back({now.sections[n], row.heat.sections[n]});
}

std::vector<double> Simulation::probes() {
  std::vector<double> values;
  for (const ProbeSpec& p : spec_.probes)
    values.push_back(p.body ? temperature_in(*problem_, *p.body, p.at[0], p.at[1], clock_.time())
                            : temperature_at(*problem_, p.at[0], p.at[1], clock_.time()));
  return values;
}

std::vector<double> Simulation::integrals() {
  Problem& p = *problem_;
  std::vector<double> values;
  std::optional<Scratch::Lent> room;
  for (const IntegralSpec& integral : spec_.integrals) {
    const Area* const area = integral.area ? &*integral.area : nullptr;
    const auto add = [&](auto&& weight) { values.push_back(weighted_integral(p, area, weight)); };
    if (const auto* number = std::get_if<double>(&integral.weight)) {
      add([&](int, int) { return *number; });
    } else if (const auto* f = std::get_if<Function>(&integral.weight)) {
      add([&](int i, int j) { return (*f)(p.grid.x(i), p.grid.y(j), clock_.time()); });
    } else {
      if (!room) room.emplace(p.scratch.lend());
      const View2D<double> w = room->view();
      const auto& word = std::get<std::string>(integral.weight);
      find_quantity(word)->fill(p, clock_.time(), w, {});
      values.push_back(weighted_integral(
          p, area, [&](int i, int j) { return w(i, j); }, property_of_parts(p, word)));
    }
  }
  return values;
}

Simulation::State Simulation::state() {
  const auto* const remembers = ability<Remembers>(*integrator_);
  return {clock_.state(),
          solver().iterations,
          steps_rejected_,
          length_->numbers(),
          remembers != nullptr ? remembers->numbers() : std::vector<double>{},
          loads_->numbers(),
          problem_->budget.initial(),
          problem_->budget.state(comm_)};
}

void Simulation::restore(const State& s) {
  // A steady state's iterate is its temperature; elsewhere that is the enthalpy's, to the bit.
  if (problem_->enthalpy && !steady()) problem_->find_temperatures();
  round_to(spec_.layout.precision, *problem_);  // the checkpoint may come from a run in double
  clock_.restore(s.clock);
  problem_->at_start = clock_.step() == 0;
  iterations_before_ = s.iterations - integrator_->report().iterations;
  steps_rejected_ = s.rejected;
  steady_at_.reset();
  loads_->end_steps(false);
  problem_->walls.forget_trouble();
  length_->restore(s.control);
  loads_->restore(s.loads);
  if (auto* const remembers = ability<Remembers>(*integrator_)) remembers->restore_numbers(s.method);
  problem_->budget.restore(comm_, s.initial_heat, s.budget);
  if (clock_.finished()) warn_of_loads();
}

void Simulation::warn_of_loads() {
  for (std::string& text : loads_->complaints(clock_.time())) warnings_.push_back(std::move(text));
}

}  // namespace calor
