// SPDX-License-Identifier: BSD-3-Clause
// Bodies of any shape, in holes and with holes; against solutions on paper.
#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "app/verify/problems.hpp"

namespace calor::app::problems {

namespace {

std::vector<std::string> square(int n) { return {cells(n), rows(n)}; }

}  // namespace

Verdicts insulated_pipe(const mpi::Comm& comm) {
  Verdicts v;
  struct Grid {
    int n;
    double heat, surface;
  };
  for (const Grid& g : {Grid{40, 1e-3, 0.01}, Grid{160, 1e-4, 0.002}}) {
    const auto sim = compute_shipped(comm, "insulated_pipe", square(g.n));
    const HistoryRow row = sim->measure();
    v.push_back({fmt::format("out of the water, {} cells", g.n), row.heat.holes[1], 22.9786, g.heat, true});
    v.push_back({fmt::format("what enters leaves, {} cells", g.n), row.heat.holes[0] + row.heat.holes[1], 0.0,
                 1e-6, false});
    v.push_back({fmt::format("surface, its mean, {} cells", g.n), row.regions[0].now.mean, 23.6572, g.surface,
                 false});
  }
  return v;
}

Verdicts disc_quench(const mpi::Comm& comm) {
  const std::vector<double> centre{0.98709922, 0.84835511, 0.50148686},
      mean{0.54787900, 0.39417581, 0.21785245};
  Verdicts v;
  struct Grid {
    int n;
    double limit;
  };
  for (const Grid& g : {Grid{40, 5e-3}, Grid{80, 1.3e-3}}) {
    std::size_t k = 0;
    compute_shipped(comm, "disc_quench", square(g.n), [&](Simulation& s) {
      const double t = s.clock().time();
      v.push_back({fmt::format("mean at {:.4g} s, {} cells", t, g.n), s.measure().temperature.mean, mean[k],
                   g.limit, false});
      v.push_back(
          {fmt::format("centre at {:.4g} s, {} cells", t, g.n), s.probes()[0], centre[k], g.limit, false});
      ++k;
    });
  }
  return v;
}

Verdicts eccentric_annulus(const mpi::Comm& comm) {
  Verdicts v;
  for (const auto& [n, limit] : {std::pair{20, 8e-3}, std::pair{80, 6e-4}})
    v.push_back({fmt::format("shape factor, {} cells", n),
                 compute_shipped(comm, "eccentric_annulus", square(n))->measure().heat.holes[1], 6.246548,
                 limit, true});
  return v;
}

Verdicts square_hole(const mpi::Comm& comm) {
  Verdicts v;
  for (const auto& [n, limit] : {std::pair{80, 5e-3}, std::pair{320, 1e-3}})
    v.push_back({fmt::format("shape factor, {} cells", n),
                 compute_shipped(comm, "square_hole", square(n))->measure().heat.holes[0], 10.23409, limit,
                 true});
  return v;
}

Verdicts hollow_sphere(const mpi::Comm& comm) {
  Verdicts v;
  for (const auto& [n, limit] : {std::pair{20, 8e-4}, std::pair{80, 8e-5}}) {
    const auto sim = compute_shipped(comm, "hollow_sphere", {cells(n), rows(2 * n)});
    v.push_back({fmt::format("heat, {} cells", n), sim->measure().heat.holes[1], 2513.27412, limit, true});
    const std::vector<double> probes = sim->probes();
    v.push_back({fmt::format("on the axis, {} cells", n), probes[0], 100.0 / 3.0, 100.0 * limit, false});
    v.push_back({fmt::format("away from it, {} cells", n), probes[1], 100.0 / 3.0, 100.0 * limit, false});
  }
  return v;
}

Verdicts ring_of_temperature(const mpi::Comm& comm) {
  Verdicts v;
  for (const auto& [n, limit] : {std::pair{20, 5e-3}, std::pair{80, 3e-4}}) {
    const auto sim = compute_shipped(comm, "ring_of_temperature", square(n));
    v.push_back({fmt::format("heat, {} cells", n), sim->measure().heat.holes[1], 1371.4392, limit, true});
    v.push_back({fmt::format("middle, {} cells", n), sim->probes()[0], 61.803399, 100.0 * limit, false});
  }
  return v;
}

}  // namespace calor::app::problems
