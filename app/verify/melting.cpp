// SPDX-License-Identifier: BSD-3-Clause
// Latent heat and specific heats of T; against similarity solutions, and an equation of one variable.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "app/verify/problems.hpp"
#include "decomposition/reduce.hpp"
#include "solver/run/quantities.hpp"

namespace calor::app::problems {

namespace {

/// What is liquid, in columns of one row of cells, as a length along x [m].
double liquid_length(Simulation& s) {
  Problem& p = s.problem();
  Field2D<double> liquid{p.owned, 0};
  find_quantity("liquid")->fill(p, s.clock().time(), liquid.view(), {});
  const View2D<const double> share = liquid.cview();
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return share(i, j); });
  reduce(p.comm, {&sum, 1});
  return p.grid.dx() * sum.value();
}

}  // namespace

Verdicts freezing(const mpi::Comm& comm) {
  // Neumann's solution: lambda = 0.16611768. Times, lengths of the body, fronts [mm].
  struct Row {
    double end, length, front;
  };
  Verdicts v;
  for (const Row& r : {Row{3600.0, 0.1, 20.4958}, Row{86400.0, 0.5, 100.4083}, Row{864000.0, 2.0, 317.519}})
    for (const char* method : {"tr-bdf2", "rkl2"}) {
      const auto s =
          compute_shipped(comm, "freezing",
                          {set("time.end", r.end), set("output.every", r.end),
                           fmt::format("grid.x=[0.0, {}]", r.length), fmt::format("time.method={}", method)});
      const double half_a_cell = 500.0 * s->problem().grid.dx();
      v.push_back({fmt::format("front after {:.0f} h, {} [mm]", r.end / 3600.0, method),
                   1000.0 * (r.length - liquid_length(*s)), r.front, half_a_cell, false});
      const Budget::Report heat = s->measure().heat;
      v.push_back({"heat balance", heat.relative_residual(), 0.0, 1e-12, false});
    }
  return v;
}

Verdicts melting(const mpi::Comm& comm) {
  // Stefan's solution: front 2 lambda sqrt(alpha t), lambda exp(lambda^2) erf(lambda) sqrt(pi) = St.
  Verdicts v;
  for (const auto& [stefan, lambda] : {std::pair{0.1, 0.22001627}, {1.0, 0.62006263}})
    for (const char* method : {"euler", "tr-bdf2"}) {
      const double end = 0.25 / (4.0 * lambda * lambda);  // at 0.5
      const auto s = compute_shipped(
          comm, "melting",
          {set("time.end", end), set("output.every", end),
           fmt::format("material.phase_change=[{{from=0.0, to=0.0, latent_heat={}}}]", 1.0 / stefan),
           fmt::format("time.method={}", method)});
      v.push_back({fmt::format("front at Stefan number {}, {}", stefan, method), liquid_length(*s), 0.5,
                   0.5 * s->problem().grid.dx(), false});
    }
  return v;
}

Verdicts fire_steel_of_T(const mpi::Comm& comm) {
  // One ordinary differential equation, with sigma = 5.67e-8.
  const std::vector<double> expected{552.491, 681.820, 828.183, 941.821};
  Verdicts v;
  compute_shipped(comm, "fire_steel_of_T", {}, [&](Simulation& s) {
    if (v.size() < expected.size())
      v.push_back({fmt::format("steel after {:.0f} min", s.clock().time() / 60.0), s.probes()[0],
                   expected[v.size()], 0.05, false});
  });
  return v;
}

}  // namespace calor::app::problems
