// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "app/case/case_io.hpp"
#include "decomposition/error.hpp"
#include "io/array_file.hpp"
#include "solver/blocked/kernels.hpp"
#include "solver/blocked/stages.hpp"

namespace calor {

Partition make_partition(const Case& c, int ranks) {
  const Box domain{0, 0, static_cast<int>(c.grid.nx), static_cast<int>(c.grid.ny)};
  if (c.parallel.ranks) {
    const auto [px, py] = *c.parallel.ranks;
    if (px > domain.nx() || py > domain.ny())
      throw Error{
          Exit::bad_case,
          fmt::format("parallel.ranks = [{}, {}]: more ranks than cells along a side; a grid of {} x {} "
                      "cells takes at most [{}, {}]",
                      px, py, domain.nx(), domain.ny(), domain.nx(), domain.ny())};
    if (px * py != ranks)
      throw Error{
          Exit::bad_case,
          fmt::format(
              "parallel.ranks = [{}, {}] makes {} ranks, but {} are running; start {} or write \"auto\"", px,
              py, px * py, ranks, px * py)};
    return partition(domain, static_cast<int>(px), static_cast<int>(py));
  }
  if (ranks > most_ranks(domain))
    throw Error{
        Exit::bad_case,
        fmt::format("{} ranks are too many for a grid of {} x {} cells: every rank needs a cell of its own; "
                    "start at most {}",
                    ranks, domain.nx(), domain.ny(), most_ranks(domain))};
  return partition(domain, ranks);
}

int halo_depth(const Case& c, const Partition& parts, Method method) {
  constexpr int least = 2;  // probes look past a neighbour cell at its wall
  const ProblemSpec spec = make_spec(c);
  if ((method != Method::euler && method != Method::rkl2 && method != Method::exponential) ||
      spec.limit_varies())
    return least;
  const auto recursion = method == Method::exponential ? Recursion::chebyshev : Recursion::legendre;
  const int deepest = method == Method::euler ? most_levels(spec.fields(), c.parallel.precision)
                                              : stages_that_pay(recursion, spec.materials.uniform());
  if (c.parallel.halo_depth) {
    const auto wish = static_cast<int>(*c.parallel.halo_depth);
    return std::max(least, method == Method::euler ? wish : std::min(wish, deepest));
  }
  if (parts.size() == 1 && !periodic(c.boundary.left) && !periodic(c.boundary.bottom)) return least;
  // What is computed again in the halo grows with the depth, against the narrowest rank.
  int narrowest = std::numeric_limits<int>::max();
  for (const Box& b : parts) narrowest = std::min({narrowest, b.nx(), b.ny()});
  int depth = 4;
  while (2 * depth <= deepest && 8 * depth <= narrowest) depth *= 2;
  return depth;
}

void round_to(Precision precision, Problem& problem) {
  if (precision != Precision::single) return;
  const View2D<double> u = problem.u.view();
  for_each(problem.owned, [&](int i, int j) { u(i, j) = static_cast<float>(u(i, j)); });
}

std::unique_ptr<Problem> make_problem(const Case& c, const mpi::Comm& comm, Method method, Kept* kept) {
  // One node may lack the instruction set that CALOR_ISA asks for.
  std::string wrong;
  try {
    static_cast<void>(kernels());
  } catch (const Error& e) {
    wrong = e.what();
  }
  if (wrong = comm.first_message(wrong); !wrong.empty()) throw Error{Exit::usage, wrong};
  Partition parts = make_partition(c, comm.size());
  const int depth = halo_depth(c, parts, method);
  std::shared_ptr<const CoefficientFields> earlier;
  if (kept != nullptr) earlier = std::exchange(kept->coefficients, nullptr);
  auto problem = std::make_unique<Problem>(comm, make_spec(c), std::move(parts), depth, std::move(earlier));
  if (!c.initial.file.empty()) {
    io::read_foreign(comm, c.initial.file, c.initial.dataset, c.grid.nx, c.grid.ny, problem->u.view(),
                     problem->owned);
    // Regions win over what is underneath, also over a file.
    const Layered<Function> initial = make_spec(c).initial;
    for_each(problem->owned, [&](int i, int j) {
      const double x = problem->grid.x(i), y = problem->grid.y(j);
      if (const std::int32_t n = initial.at(x, y); n > 0) problem->u.view()(i, j) = initial[n](x, y);
    });
  }
  round_to(c.parallel.precision, *problem);
  return problem;
}

namespace {

/// The times at which output is written, and the end.
std::vector<double> target_times(const Case& c, double end) {
  std::vector<double> targets;
  // A cadence whose last time falls on the end but for rounding stops short of it.
  constexpr double most = 1e6;
  if (c.output.every && end / *c.output.every > most)
    throw Error{Exit::bad_case, fmt::format("output.every = {:.6g}: {:.3g} snapshots until {:.6g} s are more "
                                            "than {:.0g} files; write less often",
                                            *c.output.every, end / *c.output.every, end, most)};
  if (c.output.every)
    for (std::int64_t n = 1; static_cast<double>(n) * *c.output.every < end * (1.0 - 1e-9); ++n)
      targets.push_back(static_cast<double>(n) * *c.output.every);
  for (const double time : c.output.times)
    if (time > 0.0 && time < end) targets.push_back(time);
  targets.push_back(end);
  return targets;
}

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

/// Work of a method in sweeps of blocked explicit steps, so that methods can be compared. The weights were
/// measured once, on grids beyond the caches, and are not measured anew in each run: the choice must be the
/// same on every machine and after every restart.
double expected_sweeps(Method method, const Case& c, const std::vector<double>& targets, double stable_dt,
                       bool varies, double source) {
  const double end = targets.back();
  // Steps that the tolerance asks for, in a decay by some powers of ten.
  const double by_error =
      std::max(2.0 * static_cast<double>(targets.size()), 80.0 * std::cbrt(1e-4 / c.time.tolerance));
  const double steps = c.time.dt ? end / *c.time.dt : by_error;
  double sweeps = 0.0, from = 0.0;
  switch (method) {
    case Method::euler:
      return end / (c.time.dt ? *c.time.dt : explicit_safety * stable_dt) * ((varies ? 4.0 : 1.0) + source);
    case Method::exponential:
      for (const double to : targets) {
        sweeps += 2.5 * (20.0 + 6.0 * std::sqrt((to - from) / stable_dt));
        from = to;
      }
      return sweeps;
    case Method::rkl2:
      return steps * ((varies ? 7.0 : 3.0) + source) * (3.0 + 2.0 * std::sqrt(end / steps / stable_dt));
    case Method::tr_bdf2:
      return steps * (700.0 + 2.0 * source);
    default:
      return steps * (350.0 + source);
  }
}

}  // namespace

MethodChoice choose_method(const Case& c, double stable_dt) {
  const TimeCase& t = c.time;
  MethodChoice choice;
  choice.method = t.method;
  if (t.method == Method::steady) return choice;
  const ProblemSpec spec = make_spec(c);
  const bool varies = spec.limit_varies();
  if (t.steps) {
    const double dt = t.dt.value_or(explicit_safety * stable_dt);
    if (!std::isfinite(dt))
      throw Error{Exit::bad_case, "time.steps: nothing limits the time step here; give time.dt or time.end"};
    choice.dt = dt;
    choice.end = static_cast<double>(*t.steps) * dt;
  } else {
    choice.dt = t.dt.value_or(0.0);
    choice.end = t.end.value();
  }
  choice.targets = target_times(c, choice.end);
  const double source = source_sweeps(spec);
  const auto work = [&](Method m) {
    return expected_sweeps(m, c, choice.targets, stable_dt, varies, source);
  };
  if (t.method == Method::automatic) {
    if (t.dt) {
      const bool small_steps = *t.dt <= stable_dt;
      choice.method = small_steps ? Method::euler : Method::backward_euler;
      choice.reason = fmt::format("time.dt = {:.6g} s is {} the explicit limit {:.6g} s", *t.dt,
                                  small_steps ? "within" : "beyond", stable_dt);
    } else if (t.steps || c.parallel.precision == Precision::single || !std::isfinite(stable_dt)) {
      choice.method = Method::euler;
      choice.reason = "the case gives no time step, and euler finds its own";
    } else {
      std::vector<Method> candidates{Method::euler, Method::tr_bdf2, Method::rkl2};
      if (spec.autonomous()) candidates.push_back(Method::exponential);
      choice.method = *std::min_element(candidates.begin(), candidates.end(),
                                        [&](Method a, Method b) { return work(a) < work(b); });
      for (const Method m : candidates)
        choice.reason += fmt::format(
            "{}{} {:.3g}", choice.reason.empty() ? "expected work in sweeps: " : ", ", name_of(m), work(m));
    }
  }
  if (choice.method == Method::euler && t.dt && *t.dt > stable_dt * (1.0 + 1e-9))
    throw Error{
        Exit::bad_case,
        fmt::format(
            "time.dt = {:.9g}: forward Euler is unstable beyond {:.9g} s on this grid and material; write "
            "time.dt = {:.3g}, or \"auto\", or time.method = \"backward-euler\"",
            *t.dt, stable_dt, explicit_safety * stable_dt)};
  choice.sweeps = work(choice.method);
  choice.by_error = !t.dt && choice.method != Method::euler && choice.method != Method::exponential;
  if (!t.dt && choice.method == Method::exponential) choice.dt = choice.end;
  return choice;
}

namespace {

/// The explicit limit, from a few places of the grid and the initial temperature there.
double rough_limit(const ProblemSpec& spec) {
  const Grid& g = spec.grid;
  const double rdx2 = 1.0 / (g.dx() * g.dx()), rdy2 = 1.0 / (g.dy() * g.dy());
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

Outlook outlook(const Case& c) {
  const auto cells = static_cast<double>(c.grid.nx) * static_cast<double>(c.grid.ny);
  Outlook o;
  o.method = c.time.method;
  constexpr double sweeps_of_steady = 2500.0;  // about ten solves, for laws of T
  o.work = sweeps_of_steady * cells;
  if (c.time.method == Method::steady) return o;
  try {
    const double limit = rough_limit(make_spec(c));
    const MethodChoice choice = choose_method(c, limit);
    o.method = choice.method;
    o.work = std::max(1.0, choice.sweeps) * cells;
  } catch (const Error&) {
    // What is wrong with it is found when it is set up.
  }
  return o;
}

std::unique_ptr<Integrator> make_integrator(const Case& c, const MethodChoice& choice,
                                            std::shared_ptr<KeptOperator> kept) {
  if (choice.method == Method::euler) {
    ExplicitOptions options;
    options.precision = c.parallel.precision;
    if (c.parallel.halo_depth) options.levels = static_cast<int>(*c.parallel.halo_depth);
    if (c.parallel.tile)
      options.tile = {{static_cast<int>((*c.parallel.tile)[0]), static_cast<int>((*c.parallel.tile)[1])}};
    return make_forward_euler(options);
  }
  if (choice.method == Method::rkl2) return make_super_time_stepping(choice.by_error);
  if (choice.method == Method::exponential) {
    // Who leaves the choice to the program has said with time.tolerance how exact the time is to be.
    const bool chosen = c.time.method == Method::automatic;
    return make_exponential(chosen ? std::max(c.solver.tolerance, 0.1 * c.time.tolerance)
                                   : c.solver.tolerance);
  }
  ImplicitOptions options;
  options.tolerance = c.solver.tolerance;
  options.preconditioner = c.solver.preconditioner;
  options.iteration = c.solver.iteration;
  options.first_guess = c.solver.first_guess;
  const std::int64_t enough =
      is_multigrid(options.preconditioner) ? 1000 : 20 * (c.grid.nx + c.grid.ny) + 1000;
  options.max_iterations = c.solver.max_iterations.value_or(enough);
  options.estimate_error = choice.by_error;
  options.kept = std::move(kept);
  switch (choice.method) {
    case Method::steady:
      return make_steady(options);
    case Method::crank_nicolson:
      return make_crank_nicolson(options);
    case Method::bdf2:
      return make_bdf2(options);
    case Method::tr_bdf2:
      return make_tr_bdf2(options);
    default:
      return make_backward_euler(options);
  }
}

}  // namespace calor
