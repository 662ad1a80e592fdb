// SPDX-License-Identifier: BSD-3-Clause
#include "app/verify/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>

#include "app/case/case_io.hpp"
#include "app/case/shipped_cases.hpp"
#include "app/console/wall_clock.hpp"
#include "app/files/commands.hpp"
#include "app/run/setup.hpp"
#include "app/text/units.hpp"

namespace calor {

double Verdict::error() const {
  return std::abs(value - reference) / (relative && reference != 0.0 ? std::abs(reference) : 1.0);
}
bool Verdict::pass() const { return error() <= limit; }  // NaN fails

std::unique_ptr<Simulation> compute_shipped(const mpi::Comm& comm, const std::string& name,
                                            const std::vector<std::string>& overrides,
                                            const std::function<void(Simulation&)>& at) {
  const Case c = parse_case({{name + ".toml", shipped_cases().at(name)}}, overrides);
  auto sim = std::make_unique<Simulation>(simulation_spec(c), comm);
  while (!sim->finished()) {
    sim->advance(1'000'000'000);
    if (at && (sim->finished() || sim->clock().on_target())) at(*sim);
  }
  return sim;
}

double largest_error(Simulation& sim, const std::string& exact) {
  const Function f = Function::expression(exact, "xyt");
  const Problem& p = sim.problem();
  const View2D<const double> u = std::as_const(sim.problem().u).view();
  double worst = 0.0;
  for_each(p.owned, [&](int i, int j) {
    const double d = std::abs(u(i, j) - f(p.grid.x(i), p.grid.y(j), sim.clock().time()));
    worst = d <= worst ? worst : d;  // keeps NaN
  });
  return p.comm.max(worst);
}

namespace {

using Verdicts = std::vector<Verdict>;

std::string set(const char* key, double value) { return fmt::format("{}={}", key, value); }
std::string cells(int n) { return fmt::format("grid.nx={}", n); }
std::string rows(int n) { return fmt::format("grid.ny={}", n); }

/// Observed order from errors on successively halved spacings or steps: log2 of the ratio of the last two.
Verdict order(const std::string& what, const std::vector<double>& errors, double expected) {
  const double p = std::log2(errors[errors.size() - 2] / errors.back());
  return {"order in " + what, p, expected, 0.1, false};
}

Verdicts tealeaf(const mpi::Comm& comm, int n, const std::vector<double>& check,
                 const std::vector<std::array<double, 3>>& cells_at_end = {}) {
  Verdicts v;
  std::vector<std::string> more;
  if (check.size() > 1) more.push_back("output.every=0.004");
  const auto sim = compute_shipped(comm, fmt::format("tealeaf_bm_{}", n), more, [&](Simulation& s) {
    const std::size_t step = static_cast<std::size_t>(s.step()) - 1;
    const double value = s.integrals()[0];
    if (check.size() > 1)
      v.push_back({fmt::format("check value, step {}", s.step()), value, check[step], 1e-8, true});
    else
      v.push_back({"check value", value, check[0], 1e-8, true});
  });
  v.push_back({"total of u", sim->integrals()[1], 3.49, 1e-12, true});
  // As many on every grid: the shipped tolerance asks for two digits more than the benchmark.
  v.push_back({"iterations a step",
               static_cast<double>(sim->solver().iterations) / static_cast<double>(sim->step()), 0.0, 12.0,
               false});
  for (const auto& c : cells_at_end) {
    const double dx = 10.0 / sim->problem().grid.nx;
    const double value =
        temperature_at(sim->problem(), (c[0] + 0.5) * dx, (c[1] + 0.5) * dx, sim->clock().time());
    v.push_back({fmt::format("u in cell ({:.0f}, {:.0f})", c[0], c[1]), value, c[2], 1e-10,
                 false});  // as many digits as it was given
  }
  return v;
}

Verdicts probes(const mpi::Comm& comm, const std::string& name, const std::vector<double>& expected,
                double limit, bool relative, const std::vector<std::string>& overrides = {}) {
  const auto sim = compute_shipped(comm, name, overrides);
  const std::vector<double> values = sim->probes();
  Verdicts v;
  for (std::size_t n = 0; n < expected.size(); ++n)
    v.push_back({"T at " + sim->spec().probes[n].name, values[n], expected[n], limit, relative});
  return v;
}

Verdicts nafems_t2(const mpi::Comm& comm) {
  const auto sim = compute_shipped(comm, "nafems_t2");
  const Budget::Report heat = sim->measure().heat;
  return {{"T at the radiating end", sim->probes()[0], 927.0, 5e-4, true},
          {"flux", heat.sides[0] / 0.01, 40577.24, 5e-4, true},
          {"what enters leaves", heat.sides[0] + heat.sides[1], 0.0, 1e-6, false}};
}

Verdicts iso_2(const mpi::Comm& comm) {
  const auto sim = compute_shipped(comm, "iso_10211_2");
  const Budget::Report heat = sim->measure().heat;
  Verdicts v{{"heat flow through the top", -heat.sides[3], 9.4893, 0.1, false},
             {"heat flow through the bottom", heat.sides[2], 9.4893, 0.1, false}};
  const std::vector<double> expected{7.06, 0.76, 7.895, 6.27, 0.83, 16.41, 16.77, 18.33},
      values = sim->probes();
  for (std::size_t n = 0; n < expected.size(); ++n)
    v.push_back({"T at " + sim->spec().probes[n].name, values[n], expected[n], 0.1, false});
  return v;
}

Verdicts square_quench(const mpi::Comm& comm) {
  const std::vector<double> centre{.9983728544, .5964652181, .2251383501},
      mean{.5995779150, .2459288901, .0912753426};
  Verdicts v;
  std::vector<double> errors;
  for (const int n : {16, 32, 64}) {
    std::size_t at = 0;
    compute_shipped(comm, "square_quench", {cells(n), rows(n)}, [&](Simulation& s) {
      const double T = s.probes()[0];
      if (n == 64) {
        v.push_back({fmt::format("centre at t = {}", s.clock().time()), T, centre[at], 1e-3, false});
        v.push_back({fmt::format("mean at t = {}", s.clock().time()), s.measure().temperature.mean, mean[at],
                     1e-3, false});
      }
      if (++at == 3) errors.push_back(std::abs(T - centre[2]));
    });
  }
  v.push_back(order("space", errors, 2.0));
  return v;
}

/// Errors of a probe on grids of n, 2n, 4n cells a side.
std::vector<double> probe_errors(const mpi::Comm& comm, const std::string& name, int n, double exact,
                                 std::size_t probe = 0, bool one_row = false) {
  std::vector<double> errors;
  for (int k = 0; k < 3; ++k, n *= 2) {
    std::vector<std::string> size{cells(n)};
    if (!one_row) size.push_back(rows(n));
    const auto sim = compute_shipped(comm, name, size);
    errors.push_back(std::abs(sim->probes()[probe] - exact));
  }
  return errors;
}

Verdicts hot_plate(const mpi::Comm& comm) {
  Verdicts v = probes(comm, "hot_plate", {25.0, 43.2028332, 6.7971668}, 5e-3, false);
  v[0].limit = 1e-6;  // the centre is exact by symmetry
  v.push_back(order("space", probe_errors(comm, "hot_plate", 32, 43.2028332, 1), 2.0));
  return v;
}

Verdicts poisson(const mpi::Comm& comm) {
  const auto sim = compute_shipped(comm, "poisson");
  Verdicts v{{"T at the centre", sim->probes()[0], 0.0736713533, 1e-3, true},
             {"mean T", sim->measure().temperature.mean, 0.035144254, 2e-3, true}};
  v.push_back(order("space", probe_errors(comm, "poisson", 32, 0.0736713533), 2.0));
  return v;
}

Verdicts two_layer_wall(const mpi::Comm& comm) {
  Verdicts v;
  for (const int n : {2, 10, 46}) {
    const auto sim = compute_shipped(comm, "two_layer_wall", {cells(n)});
    v.push_back({fmt::format("interface, {} cells", n), sim->probes()[0], 10.0 / 11.0, 1e-10, true});
    v.push_back({fmt::format("flux, {} cells", n), sim->measure().heat.sides[1], 20.0 / 11.0, 1e-10, true});
  }
  return v;
}

Verdicts gaussian(const mpi::Comm& comm) {
  std::vector<double> errors;
  Verdicts v;
  const std::string exact = "exp(-(x^2+y^2)/(2*(0.01+2*t)))*0.01/(0.01+2*t)";
  for (const int n : {60, 120, 240}) {
    const auto sim = compute_shipped(comm, "gaussian", {cells(n), rows(n)});
    errors.push_back(largest_error(*sim, exact));
    if (n != 240) continue;
    const HistoryRow row = sim->measure();
    v.push_back({"peak", sim->probes()[0], 1.0 / 3.0, 2e-3, true});
    v.push_back({"total heat, final over initial", row.heat.content / row.heat.initial, 1.0, 1e-13, false});
  }
  v.push_back(order("space", errors, 2.0));
  return v;
}

Verdicts kt_slab(const mpi::Comm& comm) {
  Verdicts v = probes(comm, "kt_slab", {87.08286933869707}, 1e-4, true);
  v.push_back(order("space", probe_errors(comm, "kt_slab", 50, 87.08286933869707, 0, true), 2.0));
  return v;
}

/// The mode sin(2 pi x) sin(pi y) on the grid: A has the eigenvalue lambda, so the factor of every method is
/// known, and met to round-off or to what the solver leaves.
double eigenvalue(const Grid& g) {
  const double pi = 3.14159265358979323846;
  const double lx = 2.0 / g.dx() * std::sin(0.5 * 2.0 * pi * g.dx()),
               ly = 2.0 / g.dy() * std::sin(0.5 * pi * g.dy());
  return lx * lx + ly * ly;
}

Verdicts eigenmode(const mpi::Comm& comm) {
  Verdicts v;
  for (const char* method :
       {"euler", "rkl2", "backward-euler", "crank-nicolson", "bdf2", "tr-bdf2", "exponential"}) {
    std::vector<std::string> more{std::string{"time.method="} + method, "solver.tolerance=1e-13"};
    if (method == std::string{"rkl2"}) more.push_back("time.dt=0.004");
    // The error that a step may leave, and there are a hundred.
    if (method == std::string{"exponential"}) more.push_back("solver.tolerance=1e-14");
    const auto sim = compute_shipped(comm, "eigenmode", more);
    const double dt = sim->clock().last_dt(), z = dt * eigenvalue(sim->problem().grid);
    const double factor =
        find_method(method)->decay({z, dt / sim->stable_dt(), static_cast<int>(sim->step())});
    v.push_back({std::string{method} + ": largest error",
                 largest_error(*sim, fmt::format("{}*sin(2*pi*x)*sin(pi*y)", factor)), 0.0, 1e-12, false});
  }
  return v;
}

/// Against the exact solution of the equations in time, on one grid.
Verdicts orders_in_time(const mpi::Comm& comm) {
  Verdicts v;
  for (const auto& [method, expected] : {std::pair{"backward-euler", 1.0},
                                         {"crank-nicolson", 2.0},
                                         {"bdf2", 2.0},
                                         {"tr-bdf2", 2.0},
                                         {"rkl2", 2.0}}) {
    std::vector<double> errors;
    for (const double dt : {0.0005, 0.00025, 0.000125}) {
      const auto sim = compute_shipped(comm, "eigenmode",
                                       {std::string{"time.method="} + method, set("time.dt", dt),
                                        "solver.tolerance=1e-13", "time.end=0.02"});
      const double factor = std::exp(-eigenvalue(sim->problem().grid) * sim->clock().time());
      errors.push_back(largest_error(*sim, fmt::format("{}*sin(2*pi*x)*sin(pi*y)", factor)));
    }
    v.push_back(order(std::string{"time, "} + method, errors, expected));
  }
  // A source that changes with time: differences between dt, dt/2, dt/4 on one grid.
  for (const char* method : {"crank-nicolson", "bdf2", "tr-bdf2", "rkl2"}) {
    std::vector<double> T;
    // rkl2's stages grow with the step, and its error with them: only the same number shows the order.
    const double longest = method[0] == 'r' ? 0.00025 : 0.002;
    for (const double dt : {longest, 0.5 * longest, 0.25 * longest, 0.125 * longest}) {
      const auto sim = compute_shipped(
          comm, "manufactured",
          {std::string{"time.method="} + method, set("time.dt", dt), "solver.tolerance=1e-13"});
      T.push_back(temperature_at(sim->problem(), 0.4, 0.6, 0.1));
    }
    v.push_back(order(std::string{"time, with a source, "} + method,
                      {std::abs(T[0] - T[1]), std::abs(T[1] - T[2]), std::abs(T[2] - T[3])}, 2.0));
  }
  return v;
}

/// T = 1 against walls at 0, in steps some 200 times the explicit limit: nothing may leave [0, 1] with
/// backward Euler, and with the others no more than they are known for.
Verdicts damping(const mpi::Comm& comm) {
  Verdicts v;
  for (const auto& [method, limit] : {std::pair{"backward-euler", 1e-9},
                                      {"crank-nicolson", 5e-3},
                                      {"bdf2", 2e-1},
                                      {"tr-bdf2", 2e-1},
                                      {"rkl2", 5e-2},
                                      {"exponential", 1e-7}}) {
    double beyond = 0.0;
    compute_shipped(comm, "square_quench",
                    {std::string{"time.method="} + method, "time.dt=0.01", "output.every=0.01"},
                    [&](Simulation& s) {
                      const Survey t = s.measure().temperature;
                      if (s.step() > 1) beyond = std::max({beyond, -t.min, t.max - 1.0});
                    });
    v.push_back({std::string{"beyond [0, 1], "} + method, beyond, 0.0, limit, false});
  }
  return v;
}

Verdicts orders_in_space(const mpi::Comm& comm, const std::string& name, const std::string& exact, int n,
                         double limit, const std::vector<std::string>& overrides = {}) {
  std::vector<double> errors;
  for (int k = 0; k < 3; ++k, n *= 2) {
    std::vector<std::string> more{cells(n), rows(n)};
    more.insert(more.end(), overrides.begin(), overrides.end());
    errors.push_back(largest_error(*compute_shipped(comm, name, more), exact));
  }
  return {{fmt::format("largest error, {} cells a side", n / 2), errors.back(), 0.0, limit, false},
          order("space", errors, 2.0)};
}

Verdicts manufactured(const mpi::Comm& comm) {
  Verdicts v = orders_in_space(comm, "manufactured", "sin(pi*x)^2*sin(pi*y)^2*cos(pi*t)^2", 16, 2e-3);
  // Order in time from the differences between dt, dt/2, dt/4 on one grid: its error in space cancels.
  std::vector<double> T;
  for (const double dt : {0.005, 0.0025, 0.00125, 0.000625}) {
    const auto sim =
        compute_shipped(comm, "manufactured", {"time.method=backward-euler", set("time.dt", dt)});
    T.push_back(temperature_at(sim->problem(), 0.4, 0.6, 0.1));
  }
  v.push_back(order("time, backward-euler",
                    {std::abs(T[0] - T[1]), std::abs(T[1] - T[2]), std::abs(T[2] - T[3])}, 1.0));
  T.clear();
  for (const double dt : {1e-4, 5e-5, 2.5e-5, 1.25e-5}) {
    const auto sim = compute_shipped(comm, "manufactured", {set("time.dt", dt)});
    T.push_back(temperature_at(sim->problem(), 0.4, 0.6, 0.1));
  }
  v.push_back(
      order("time, euler", {std::abs(T[0] - T[1]), std::abs(T[1] - T[2]), std::abs(T[2] - T[3])}, 1.0));
  return v;
}

Verdicts mixed_walls(const mpi::Comm& comm) {
  Verdicts v = orders_in_space(comm, "mixed_walls", "2*t + x^2 + y^2", 16, 1e-3);
  const Verdicts implicit = orders_in_space(comm, "mixed_walls", "2*t + x^2 + y^2", 16, 1e-3,
                                            {"time.method=backward-euler", "time.dt=0.02"});
  for (Verdict i : implicit) {
    i.quantity += ", backward-euler";
    v.push_back(i);
  }
  return v;
}

/// Turned and mirrored problems have turned and mirrored solutions.
Verdicts symmetry(const mpi::Comm& comm) {
  const std::string blob = "initial.temperature=exp(-40*((x-0.3)^2+(y-0.45)^2))";
  const auto solve = [&](const std::string& initial) {
    return compute_shipped(comm, "square_quench",
                           {"grid.nx=33", "grid.ny=33", "time.end=0.02", "output.every=0.02", initial});
  };
  const auto a = solve(blob), turned = solve("initial.temperature=exp(-40*((y-0.3)^2+(1-x-0.45)^2))"),
             mirrored = solve("initial.temperature=exp(-40*((1-x-0.3)^2+(y-0.45)^2))");
  double of_turned = 0.0, of_mirrored = 0.0;
  for (const auto& [x, y] : {std::pair{0.2, 0.5}, {0.35, 0.45}, {0.6, 0.8}}) {
    const double T = temperature_at(a->problem(), x, y, 0.02);
    of_turned = std::max(of_turned, std::abs(T - temperature_at(turned->problem(), 1.0 - y, x, 0.02)));
    of_mirrored = std::max(of_mirrored, std::abs(T - temperature_at(mirrored->problem(), 1.0 - x, y, 0.02)));
  }
  return {{"turned by 90 degrees", of_turned, 0.0, 1e-14, false},
          {"mirrored", of_mirrored, 0.0, 1e-14, false}};
}

}  // namespace

const std::vector<ReferenceProblem>& reference_problems() {
  static const std::vector<ReferenceProblem> problems{
      {"tealeaf_bm_1", "TeaLeaf, 10 x 10",
       [](const mpi::Comm& c) {
         return tealeaf(
             c, 1,
             {93.66068859830, 102.52405034508, 110.88524748675, 118.77273241029, 126.21334435231,
              133.23240066986, 139.85378298447, 146.10001848926, 151.99235668986, 157.55084183279294},
             {{0, 1, 1.2992588513}, {1, 1, 0.395315766207}, {0, 0, 0.3186376006}, {5, 1, 0.0101099739}});
       }},
      {"tealeaf_bm_2", "TeaLeaf, 250 x 250",
       [](const mpi::Comm& c) { return tealeaf(c, 2, {106.27221178646569}); }},
      {"tealeaf_bm_3", "TeaLeaf, 500 x 500",
       [](const mpi::Comm& c) { return tealeaf(c, 3, {99.955877498324}); }},
      {"tealeaf_bm_4", "TeaLeaf, 1000 x 1000",
       [](const mpi::Comm& c) { return tealeaf(c, 4, {97.27733205074998}); }},
      {"tealeaf_bm_5", "TeaLeaf, 4000 x 4000",
       [](const mpi::Comm& c) { return tealeaf(c, 5, {95.46235158336225}); }},
      {"nafems_t2", "NAFEMS, conduction with radiation", nafems_t2},
      {"nafems_t3", "NAFEMS, transient conduction",
       [](const mpi::Comm& c) {
         Verdicts v = probes(c, "nafems_t3", {0.090907, 1.150281, 8.667769, 36.60}, 5e-4, true);
         for (std::size_t n = 0; n < 3;
              ++n) {  // small beside the driving amplitude of 100: no relative error
           v[n].relative = false;
           v[n].limit = 1e-3;
         }
         return v;
       }},
      {"nafems_t4", "NAFEMS, plate with convection",
       [](const mpi::Comm& c) {
         return probes(c, "nafems_t4", {18.25375654, 70.060663, 28.319960, 0.554130}, 5e-4, true);
       }},
      {"iso_10211_1", "ISO 10211, square column",
       [](const mpi::Comm& c) {
         return probes(c, "iso_10211_1",
                       {9.6582, 13.3791, 14.7289, 15.0854, 5.2517, 8.6406, 10.3155, 10.8106, 3.1887, 5.6090,
                        7.0142, 7.4651,  2.0142,  3.6406,  4.6582, 5.0000, 1.2625,  2.3086,  2.9858, 3.2185,
                        0.7396, 1.3594,  1.7668,  1.9083,  0.3418, 0.6296, 0.8199,  0.8863},
                       0.1, false);
       }},
      {"iso_10211_2", "ISO 10211, roof with a thermal bridge", iso_2},
      {"kt_slab", "Arpaci, slab with k(T)", kt_slab},
      {"square_quench", "exact: Fourier series", square_quench},
      {"hot_plate", "exact: Fourier series", hot_plate},
      {"poisson", "exact: Fourier series", poisson},
      {"two_layer_wall", "exact: series resistance", two_layer_wall},
      {"gaussian", "exact: heat kernel", gaussian},
      {"eigenmode", "exact on the grid", eigenmode},
      {"orders_in_time", "exact in time, and a made-up source", orders_in_time},
      {"damping", "maximum principle", damping},
      {"manufactured", "made-up solution, anisotropic", manufactured},
      {"mixed_walls", "made-up solution, four kinds of wall", mixed_walls},
      {"symmetry", "the equation's own symmetries", symmetry}};
  return problems;
}

Exit verify_command(const mpi::Comm& comm, const std::vector<std::string>& names, bool list) {
  const auto& all = reference_problems();
  for (const std::string& n : names)
    if (std::none_of(all.begin(), all.end(), [&](const auto& p) { return p.name == n; }))
      throw Error{Exit::usage,
                  fmt::format("verify {}: no such reference problem; `calor verify --list` names them", n)};
  int failures = 0, count = 0;
  const auto say = [&](const std::string& line) {
    if (comm.root()) fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  for (const ReferenceProblem& p : all) {
    if (!names.empty() && std::find(names.begin(), names.end(), p.name) == names.end()) continue;
    if (list) {
      say(fmt::format("{:<16} {}", p.name, p.source));
      continue;
    }
    const double begin = wall_seconds();
    const Verdicts verdicts = p.run(comm);
    say(fmt::format("{} ({}), {}", p.name, p.source, duration_text(wall_seconds() - begin)));
    for (const Verdict& v : verdicts) {
      ++count;
      failures += !v.pass();
      say(fmt::format("  {}  {:<38} {:>18.12g}  reference {:>18.12g}  {} {:.2g} (limit {:.2g})",
                      v.pass() ? "pass" : "FAIL", v.quantity, v.value, v.reference,
                      v.relative ? "relative error" : "error", v.error(), v.limit));
    }
  }
  if (!list) say(fmt::format("{} of {} values pass", count - failures, count));
  return failures == 0 ? Exit::done : Exit::difference;
}

}  // namespace calor
