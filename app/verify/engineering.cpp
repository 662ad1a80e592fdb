// SPDX-License-Identifier: BSD-3-Clause
// What engineers ask for: fires, thermal bridges, joints, fins; against converged numbers or solutions on
// paper.
#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "app/verify/problems.hpp"

namespace calor::problems {

Verdicts fire_steel(const mpi::Comm& comm) {
  // One ordinary differential equation, with sigma = 5.67e-8.
  const std::vector<double> expected{549.906, 698.802, 833.022, 942.101};
  Verdicts v;
  compute_shipped(comm, "fire_steel", {}, [&](Simulation& s) {
    if (v.size() < expected.size())
      v.push_back({fmt::format("steel after {:.0f} min", s.clock().time() / 60.0), s.probes()[0],
                   expected[v.size()], 0.05, false});
  });
  return v;
}

Verdicts fire_wall(const mpi::Comm& comm) {
  Verdicts v = probes(comm, "fire_wall", {880.2, 498.6}, 0.1, false);
  // In space, without what they leave in time.
  std::vector<double> T;
  for (const int n : {40, 80, 160, 320})  // 30 mm is a face on all
    T.push_back(
        compute_shipped(comm, "fire_wall", {cells(n), "time.dt=10.0", "time.method=bdf2"})->probes()[1]);
  v.push_back(order("space", {std::abs(T[0] - T[1]), std::abs(T[1] - T[2]), std::abs(T[2] - T[3])}, 2.0));
  return v;
}

}  // namespace calor::problems
