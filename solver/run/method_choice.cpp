// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/method_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "decomposition/error.hpp"

namespace calor {

namespace {

/// Sweeps that one evaluation of the source costs: an expression of place that changes with time or
/// temperature is worked out in each of its cells, whose share of the plate a grid of points tells.
double source_sweeps(const ProblemSpec& spec) {
  constexpr double of_expression = 300.0;
  constexpr int points = 64;
  const Grid& g = spec.grid;
  int costly = 0;
  for (int j = 0; j < points; ++j)
    for (int i = 0; i < points; ++i) {
      const auto within = [](double from, double to, int n) {
        return from + (to - from) * (n + 0.5) / points;
      };
      const Function& f = spec.power(within(g.x0, g.x1, i), within(g.y0, g.y1, j));
      costly += f.of_temperature() || (f.of_time() && f.of_place()) ? 1 : 0;
    }
  return of_expression * costly / (points * points);
}

/// The method that is expected to do it with the least work, and why.
void choose(MethodChoice& choice, const SimulationSpec& spec, const Workload& work) {
  const TimeSpec& t = spec.time;
  if (t.dt) {
    const bool small_steps = *t.dt <= work.stable_dt;
    choice.method = small_steps ? &methods::euler : &methods::backward_euler;
    choice.reason = fmt::format("time.dt = {:.6g} s is {} the explicit limit {:.6g} s", *t.dt,
                                small_steps ? "within" : "beyond", work.stable_dt);
    return;
  }
  if (t.steps || spec.layout.precision == Precision::single || !std::isfinite(work.stable_dt)) {
    choice.method = &methods::euler;
    choice.reason = "the case gives no time step, and euler finds its own";
    return;
  }
  double least = std::numeric_limits<double>::infinity();
  std::string left_out;
  for (const Method* m : all_methods()) {
    if (!m->candidate || (m->linear_only && !spec.problem.autonomous())) continue;
    // What goes from target to target in one step cannot end in between.
    if (t.until_steady && m->automatic == AutomaticStep::whole) continue;
    if (m->automatic == AutomaticStep::by_limit && !work.limit_serves()) {
      left_out = fmt::format("; {} has too few steps for the tolerance", m->word);
      continue;
    }
    const double sweeps = m->sweeps(work);
    choice.reason += fmt::format("{}{} {:.3g}", choice.reason.empty() ? "expected work in sweeps: " : ", ",
                                 m->word, sweeps);
    if (choice.method != nullptr && !(sweeps < least)) continue;
    choice.method = m;
    least = sweeps;
  }
  choice.reason += left_out;
}

}  // namespace

double end_of(const TimeSpec& t, double stable_dt) {
  return t.steps ? static_cast<double>(*t.steps) * t.dt.value_or(explicit_safety * stable_dt)
                 : t.end.value_or(0.0);
}

MethodChoice choose_method(const SimulationSpec& spec, double stable_dt, const std::vector<LoadEvent>& events,
                           double swings) {
  const TimeSpec& t = spec.time;
  MethodChoice choice;
  choice.method = t.method;
  if (t.method != nullptr && t.method->steady()) return choice;
  if (t.steps) {
    const double dt = t.dt.value_or(explicit_safety * stable_dt);
    if (!std::isfinite(dt))
      throw Error{Exit::bad_case, "time.steps: nothing limits the time step here; give time.dt or time.end"};
    choice.dt = dt;
    choice.end = static_cast<double>(*t.steps) * dt;
  } else {
    choice.dt = t.dt.value_or(0.0);
    if (!t.end) throw Error{Exit::bad_case, "time.end: missing; give time.end or time.steps"};
    choice.end = *t.end;
  }
  const std::vector<double> outputs = output_times(t, choice.end);
  constexpr double never = std::numeric_limits<double>::infinity();
  std::vector<double> ends;
  for (const Target& target : make_targets(outputs, t.breaks, events, never).all) ends.push_back(target.time);
  const Workload work{stable_dt,   spec.problem.limit_varies(), ends,  t.dt,
                      t.tolerance, source_sweeps(spec.problem), swings};
  if (choice.method == nullptr) choose(choice, spec, work);
  const AutomaticStep automatic = choice.method->automatic;
  choice.sweeps = choice.method->sweeps(work);
  choice.step_sweeps = work.step_sweeps();
  Workload other = work;
  other.source_sweeps = 0.0;
  choice.sweeps_without_source = choice.method->sweeps(other);
  other.source_sweeps = 1.0;
  choice.evaluations = choice.method->sweeps(other) - choice.sweeps_without_source;
  choice.by_error = !t.dt && automatic == AutomaticStep::by_error;
  if (!t.dt && automatic == AutomaticStep::whole) choice.dt = choice.end;
  // Steps by error see for themselves which corners matter.
  choice.targets = make_targets(outputs, t.breaks, events,
                                choice.by_error   ? never
                                : choice.dt > 0.0 ? choice.dt
                                                  : explicit_safety * stable_dt);
  if (choice.by_error && t.steps)
    throw Error{Exit::bad_case,
                fmt::format("time.steps: needs a number for time.dt: {} chooses its own, and with it "
                            "how many they are",
                            choice.method->word)};
  return choice;
}

namespace {

/// The explicit limit, from a few places of the grid and the initial temperature there.
double rough_limit(const ProblemSpec& spec) {
  const Grid& g = spec.grid;
  double dx = g.dx(), dy = g.dy();
  for (int i = 0; !g.even() && i < g.nx; ++i) dx = std::min(dx, g.width_x(i));
  for (int j = 0; !g.even() && j < g.ny; ++j) dy = std::min(dy, g.width_y(j));
  const double rdx2 = 1.0 / (dx * dx), rdy2 = 1.0 / (dy * dy);
  constexpr int places = 12;
  const bool uniform = spec.materials.uniform() && !spec.materials.of_temperature();
  const int nx = uniform ? 1 : std::min(g.nx, places), ny = uniform ? 1 : std::min(g.ny, places);
  double fastest = 0.0;
  for (int b = 0; b < ny; ++b)
    for (int a = 0; a < nx; ++a) {
      const double x = g.x(static_cast<int>((a + 0.5) * g.nx / nx)),
                   y = g.y(static_cast<int>((b + 0.5) * g.ny / ny));
      const auto k = spec.materials.conductivity(x, y)(x, y, spec.initial(x, y)(x, y));
      const double rho_c = spec.materials.density(x, y)(x, y) * spec.materials.specific_heat(x, y)(x, y);
      const double rate = 2.0 * (k[0] * rdx2 + k[1] * rdy2) / rho_c;
      if (rate > fastest) fastest = rate;  // false for what is not a number
    }
  return fastest > 0.0 ? 1.0 / fastest : std::numeric_limits<double>::infinity();
}

}  // namespace

Outlook outlook(const SimulationSpec& spec) {
  const auto cells = static_cast<double>(spec.problem.grid.domain().cells());
  constexpr double sweeps_of_steady = 2500.0;  // about ten solves, for laws of T
  Outlook o{spec.time.method, sweeps_of_steady * cells};
  if (o.method != nullptr && o.method->steady()) return o;
  try {
    const MethodChoice choice = choose_method(spec, rough_limit(spec.problem), {});
    o.method = choice.method;
    o.work = std::max(1.0, choice.sweeps) * cells;
  } catch (const Error&) {
    // What is wrong with it is found when it is set up.
  }
  return o;
}

}  // namespace calor
