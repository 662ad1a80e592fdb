// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/open_level.hpp"

#include <fmt/format.h>

#include <cmath>

#include "decomposition/error.hpp"
#include "decomposition/reduce.hpp"

namespace calor {

void refuse_unbalanced(Problem& p, double t) {
  constexpr double rounding = 1e-9;  // of the heat that is brought and taken
  const View2D<double> u = p.u.view();
  p.halo(u);
  p.prepare(p.owned, t, u);
  const double volume = p.grid.cell_volume();
  ExactSum sums[4];  // of the source, of its magnitude, of walls, of theirs
  if (!p.source.zero()) {
    const View2D<const double> q = p.source.q();
    sums[0] = exact_sum(p.owned, [&](int i, int j) { return volume * q(i, j); });
    sums[1] = exact_sum(p.owned, [&](int i, int j) { return std::abs(volume * q(i, j)); });
  }
  p.walls.for_each_face(p.owned, [&](const Walls::Face& f) {
    const double heat = volume * (f.g * (u(f.gi, f.gj) - u(f.i, f.j)));
    sums[2].add(heat);
    sums[3].add(std::abs(heat));
  });
  reduce(p.comm, sums);
  const double source = sums[0].value(), walls = sums[2].value(), net = source + walls;
  if (std::abs(net) <= rounding * (sums[1].value() + sums[3].value())) return;
  throw Error{
      Exit::bad_case,
      fmt::format("time.method = \"steady\": no wall fixes the level of the temperature, so that what "
                  "comes in must go out; sources{} bring {:.9g} {}, walls {:.9g}, and {:.9g} "
                  "is left over; let them balance, or give a wall with a temperature, convection or "
                  "radiation",
                  p.source.holes() ? " and walls of holes" : "", source,
                  p.grid.per_metre_of_plane() ? "W per m of depth" : "W", walls, net)};
}

}  // namespace calor
