// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <variant>

#include "app/run/bits.hpp"
#include "decomposition/error.hpp"
#include "solver/stencil/explicit_limit.hpp"

namespace calor {

namespace {

/// The explicit limit, after the properties were found to be such that there is one.
double checked_limit(const Case& c, Problem& p) {
  if (const std::string wrong = wrong_property(p, 0.0); !wrong.empty())
    throw Error{Exit::bad_case, wrong +
                                    ": conductivities and heat capacities must come out > 0, film "
                                    "coefficients >= 0; look at their expressions"};
  return c.time.method == Method::steady ? 0.0 : explicit_limit(p, 0.0);
}

/// Whether a case begins with one temperature everywhere.
bool begins_even(const Case& c) {
  return c.initial.file.empty() && std::holds_alternative<double>(c.initial.temperature) &&
         std::none_of(c.regions.begin(), c.regions.end(),
                      [](const RegionCase& r) { return r.temperature.has_value(); });
}

}  // namespace

Simulation::Simulation(const Case& c, const mpi::Comm& comm, Kept* kept)
    : case_{c},
      comm_{comm},
      problem_{make_problem(c, comm, c.time.method, kept)},
      stable_dt_{checked_limit(c, *problem_)},
      choice_{choose_method(c, stable_dt_)},
      integrator_{make_integrator(c, choice_, kept != nullptr ? kept->hierarchy : nullptr)},
      clock_{choice_.targets} {
  const auto keep = [&] {
    if (kept != nullptr) kept->coefficients = problem_->coefficients.steady();
  };
  keep();
  if (halo_depth(c, problem_->parts, choice_.method) != problem_->depth) {
    problem_.reset();  // not both at a time
    problem_ = make_problem(c, comm, choice_.method, kept);
    keep();
  }
  if (c.parallel.precision == Precision::single &&
      (choice_.method != Method::euler || problem_->limit_varies()))
    throw Error{
        Exit::bad_case,
        "parallel.precision = \"single\": only euler steps with properties that do not depend on T can be "
        "made so; write time.method = \"euler\", or \"double\""};
  if (const std::string why = integrator_->refusal(*problem_); !why.empty())
    throw Error{Exit::bad_case, fmt::format("time.method = \"{}\": {}; write \"tr-bdf2\" or \"rkl2\"",
                                            integrator_->name(), why)};
  if (steady() && !problem_->walls.fixes_level() && !problem_->source.of_temperature())
    throw Error{Exit::bad_case,
                "time.method = \"steady\": nothing fixes the level of the temperature; give a wall with a "
                "temperature, "
                "convection or radiation"};
  if (c.time.steps && !steady()) {
    const bool varies = choice_.method == Method::euler && integrator_->limit_varies(*problem_) && !c.time.dt;
    if (varies)
      throw Error{Exit::bad_case,
                  "time.steps: the explicit limit changes while this case runs, and with it the number of "
                  "steps; give time.end, or a number for time.dt"};
    if (const std::int64_t n = clock_.steps_left(choice_.dt); n != *c.time.steps)
      throw Error{Exit::bad_case, fmt::format("time.steps = {}: the output times cut them into {}; write "
                                              "output.every_steps, or give time.end",
                                              *c.time.steps, n)};
  }
  const double start_heat = heat_content(*problem_, begins_even(c));
  if (!std::isfinite(start_heat)) measure();  // says where
  problem_->budget.start(steady() ? 0.0 : start_heat);
  const double dt = choice_.dt > 0.0 ? choice_.dt : explicit_safety * stable_dt_;
  const auto cells = static_cast<double>(problem_->grid.domain().cells());
  if (choice_.by_error)
    control_.emplace(c.time.tolerance, first_step(*problem_, 0.0, stable_dt_, choice_.end, c.time.tolerance));
  if (!steady()) integrator_->settle(*problem_, dt, static_cast<double>(steps_left()) * cells);
}

SolveReport Simulation::solver() const {
  SolveReport r = integrator_->report();
  r.iterations += iterations_before_;
  return r;
}

std::int64_t Simulation::steps_left() const {
  if (steady()) return std::int64_t{!steady_done_};
  if (control_) return clock_.steps_left(control_->dt());
  if (choice_.method != Method::euler) return clock_.steps_left(choice_.dt);
  return clock_.steps_left(choice_.dt > 0.0 ? choice_.dt : explicit_safety * stable_dt_);
}

/// Makes a step by error; what went wrong if it has no solution: a shorter one may have.
std::optional<Error> Simulation::advance_or_say(const Steps& step) {
  try {
    integrator_->advance(*problem_, step);
  } catch (const Error& e) {
    if (e.code() != Exit::numerical) throw;
    return e;
  }
  return {};
}

std::int64_t Simulation::advance(std::int64_t most) {
  const double begin = MPI_Wtime();
  std::int64_t made = 1;
  if (steady()) {
    integrator_->advance(*problem_, Steps{});
    steady_done_ = true;
  } else if (control_) {
    for (;;) {
      const double longest = integrator_->stable_dt(*problem_, clock_.time());
      const Steps step = clock_.plan(std::min(control_->dt(), longest), 1);
      const std::optional<Error> failure = advance_or_say(step);
      const double error = failure ? std::numeric_limits<double>::infinity() : integrator_->step_error();
      if (control_->judge(error, step.dt, integrator_->order())) {
        clock_.tick(1);
        break;
      }
      ++steps_rejected_;
      integrator_->undo(*problem_);
      if (!(control_->dt() > 1e-12 * clock_.end())) {
        measure();  // says where a temperature is no number, if that is why
        if (failure) throw Error{*failure};
        throw Error{Exit::numerical,
                    fmt::format("no step is short enough for time.tolerance = {:.3g} at t = {:.9g} s",
                                case_.time.tolerance, clock_.time())};
      }
    }
  } else {
    double limit = choice_.dt;
    const bool varies = integrator_->limit_varies(*problem_);
    if (choice_.method == Method::euler && (limit == 0.0 || varies)) {
      const double stable = varies ? integrator_->stable_dt(*problem_, clock_.time()) : stable_dt_;
      if (!(stable > 0.0)) {
        measure();  // says where, if it can
        throw Error{Exit::numerical,
                    fmt::format("no stable time step at t = {:.9g} s: the limit came out as {}",
                                clock_.time(), stable)};
      }
      limit = limit == 0.0 ? explicit_safety * stable : std::min(limit, stable);
    }
    if (choice_.method != Method::euler)
      limit = std::min(limit, integrator_->stable_dt(*problem_, clock_.time()));
    const Steps steps = clock_.plan(limit, varies ? 1 : most);
    integrator_->advance(*problem_, steps);
    clock_.tick(steps.count);
    made = steps.count;
  }
  seconds_stepping_ += MPI_Wtime() - begin;
  steps_made_ += made;
  return made;
}

HistoryRow Simulation::measure() {
  HistoryRow row;
  row.step = step();
  row.time = clock_.time();
  row.dt = clock_.last_dt();
  row.temperature = survey(*problem_);
  if (!row.temperature.finite) {
    const Grid& g = problem_->grid;
    const Survey& e = row.temperature;
    throw Error{
        Exit::numerical,
        fmt::format(
            "the temperature is not a finite number at step {}, t = {:.9g} s, first in cell ({}, {}) at x = "
            "{:.6g} m, "
            "y = {:.6g} m; look at the expressions and initial values there, or take a smaller time.dt",
            row.step, row.time, e.i, e.j, g.x(e.i), g.y(e.j))};
  }
  const Problem& p = *problem_;
  if (p.coefficients.of_temperature() || p.walls.of_time() || p.walls.of_temperature())
    if (const std::string wrong = wrong_property(*problem_, clock_.time()); !wrong.empty())
      throw Error{Exit::numerical, fmt::format("step {}, t = {:.9g} s: {}", row.step, row.time, wrong)};
  row.heat = problem_->budget.report(comm_, steady() ? 0.0 : row.temperature.heat);
  return row;
}

std::vector<double> Simulation::probes() {
  std::vector<double> values;
  for (const ProbeCase& p : case_.probes)
    values.push_back(temperature_at(*problem_, p.at[0], p.at[1], clock_.time()));
  return values;
}

std::vector<double> Simulation::integrals() {
  const Problem& p = *problem_;
  const ProblemSpec spec = make_spec(case_);
  const View2D<const double> u = std::as_const(problem_->u).view();
  std::vector<double> values;
  for (const IntegralCase& integral : case_.integrals) {
    const Area* area = nullptr;
    for (const Region& r : spec.regions)
      if (r.name == integral.region) area = &r.area;
    const auto add = [&](auto&& weight) { values.push_back(weighted_integral(p, area, weight)); };
    const auto property = [&](const Layered<Function>& f) {
      add([&](int i, int j) {
        const double x = p.grid.x(i), y = p.grid.y(j);
        return f(x, y)(x, y);
      });
    };
    const auto* word = std::get_if<std::string>(&integral.weight);
    if (word == nullptr)
      add([&](int, int) { return std::get<double>(integral.weight); });
    else if (*word == "density")
      property(spec.materials.density);
    else if (*word == "specific_heat")
      property(spec.materials.specific_heat);
    else if (*word == "heat_capacity")
      add([&](int i, int j) { return p.coefficients.rho_c(i, j); });
    else if (*word == "conductivity")
      add([&](int i, int j) { return p.coefficients.conductivity(i, j, u(i, j))[0]; });
    else {
      const Function f = Function::expression(*word, "xyt");
      add([&](int i, int j) { return f(p.grid.x(i), p.grid.y(j), clock_.time()); });
    }
  }
  return values;
}

nlohmann::json Simulation::state() {
  return {{"clock", clock_.state()},
          {"steady_done", steady_done_},
          {"iterations", solver().iterations},
          {"rejected", steps_rejected_},
          {"control", bits_of_all(control_ ? control_->numbers() : std::vector<double>{})},
          {"method", bits_of_all(integrator_->numbers())},
          {"initial_heat", bits_of(problem_->budget.initial())},
          {"budget", problem_->budget.state(comm_)}};
}

void Simulation::restore(const nlohmann::json& s) {
  round_to(case_.parallel.precision, *problem_);  // the checkpoint may come from a run in double
  clock_.restore(s.at("clock"));
  steady_done_ = s.at("steady_done");
  iterations_before_ = s.at("iterations");
  steps_rejected_ = s.at("rejected");
  if (control_) control_->restore(all_from_bits(s.at("control").get<std::vector<std::int64_t>>()));
  integrator_->restore_numbers(all_from_bits(s.at("method").get<std::vector<std::int64_t>>()));
  problem_->budget.restore(comm_, from_bits(s.at("initial_heat")),
                           s.at("budget").get<std::vector<std::int64_t>>());
}

}  // namespace calor
