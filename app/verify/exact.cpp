// SPDX-License-Identifier: BSD-3-Clause
// Problems with an exact answer: a solution on paper, one on the grid, or what the equation forbids.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/verify/eigenmode.hpp"
#include "app/verify/problems.hpp"
#include "solver/time/methods.hpp"

namespace calor::app::problems {

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
    v.push_back(
        {fmt::format("flux, {} cells", n), sim->measure().heat.sides[Side::right], 20.0 / 11.0, 1e-10, true});
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

Verdicts moving_source(const mpi::Comm& comm) {
  const std::vector<double> expected{22.548080, 6.791351};
  struct Grid {
    const char* name;
    std::vector<std::string> words;
    std::vector<double> limits;
  };
  // Cells and steps both twice as long.
  const Grid halved{"50 mm",
                    {"grid.x={at=[-9.0, -2.0, 0.5, 2.5], cells=[70, 50, 20], ratio=[0.5, 1.0, 3.0]}",
                     "grid.y={at=[0.0, 0.5, 3.0], cells=[10, 15], ratio=[1.0, 8.0]}", "time.dt=0.02"},
                    {2e-3, 2e-2}},
      shipped{"25 mm", {}, {5e-4, 5e-3}};
  Verdicts v;
  std::vector<double> ahead;
  for (const Grid& g : {halved, shipped}) {
    const auto sim = compute_shipped(comm, "moving_source", g.words);
    for (std::size_t n = 0; n < expected.size(); ++n)
      v.push_back({fmt::format("0.3 m {}, cells of {}", sim->spec().probes[n].name, g.name), sim->probes()[n],
                   expected[n], g.limits[n], true});
    ahead.push_back(std::abs(sim->probes()[1] - expected[1]));
    v.push_back({"heat balance", sim->measure().heat.relative_residual(), 0.0, 1e-9, false});
  }
  v.push_back(order("space and time", ahead, 2.0));
  return v;
}

Verdicts eigenmode(const mpi::Comm& comm) {
  Verdicts v;
  for (const Method* method : all_methods()) {
    if (method->decay == nullptr) continue;
    const std::string word{method->word};
    std::vector<std::string> more{"time.method=" + word, "solver.tolerance=1e-13"};
    if (method == &methods::rkl2) more.push_back("time.dt=0.004");
    // The error that a step may leave, and there are a hundred.
    if (method == &methods::exponential) more.push_back("solver.tolerance=1e-14");
    const auto sim = compute_shipped(comm, "eigenmode", more);
    const double dt = sim->clock().last_dt(), z = dt * eigenvalue(sim->problem().grid);
    const double factor = method->decay({z, dt / sim->stable_dt(), static_cast<int>(sim->step())});
    v.push_back({word + ": largest error",
                 largest_error(*sim, fmt::format("{}*sin(2*pi*x)*sin(pi*y)", factor)), 0.0, 1e-12, false});
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

}  // namespace calor::app::problems
