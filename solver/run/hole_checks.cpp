// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/hole_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "decomposition/error.hpp"
#include "solver/model/points_around.hpp"

namespace calor {

namespace {

/// The hole that a point lies in; on the edge of a hole it is on a body's wall.
std::int32_t hole_at(const Voids& voids, const Grid& grid, double x, double y) {
  bool beside_body = false;
  for_points_around(grid, x, y, [&](double px, double py) {
    beside_body = beside_body || voids.at(px, py) == Voids::body;
  });
  return beside_body ? Voids::body : voids.at(x, y);
}

/// The first cell, row by row, for which that is so; none: nx ny. Collective.
template <class Which>
std::int64_t first_cell(const Problem& p, const Which& which) {
  const std::int64_t none = std::int64_t{p.grid.nx} * p.grid.ny;
  std::int64_t first = none;
  for_each(p.owned, [&](int i, int j) {
    if (which(i, j)) first = std::min(first, std::int64_t{j} * p.grid.nx + i);
  });
  return -p.comm.max(-first);
}

std::string place_of(const Grid& g, std::int64_t cell) {
  return fmt::format("x = {:.6g} m, y = {:.6g} m", g.x(static_cast<int>(cell % g.nx)),
                     g.y(static_cast<int>(cell / g.nx)));
}

/// Spreads what is marked (> 0) over all that conducts.
void spread(Problem& p, View2D<double> marked) {
  const Box own = p.owned;
  const Coefficients& c = p.coefficients;
  const auto has = [&](int i, int j) { return !p.grid.within_reach({i, j, i + 1, j + 1}).empty(); };
  const auto reach = [&](int i, int j) {
    if (marked(i, j) > 0.0 || !p.live(i, j)) return false;
    const bool reached = (c.gx(i, j) > 0.0 && has(i - 1, j) && marked(i - 1, j) > 0.0) ||
                         (c.gx(i + 1, j) > 0.0 && has(i + 1, j) && marked(i + 1, j) > 0.0) ||
                         (c.gy(i, j) > 0.0 && has(i, j - 1) && marked(i, j - 1) > 0.0) ||
                         (c.gy(i, j + 1) > 0.0 && has(i, j + 1) && marked(i, j + 1) > 0.0);
    if (reached) marked(i, j) = 1.0;
    return reached;
  };
  for (bool changed = true; p.comm.any(changed);) {
    p.halo(marked);
    changed = false;
    for (int j = own.j0; j < own.j1; ++j) {
      for (int i = own.i0; i < own.i1; ++i) changed = reach(i, j) || changed;
      for (int i = own.i1; i-- > own.i0;) changed = reach(i, j) || changed;
    }
    for (int j = own.j1; j-- > own.j0;) {
      for (int i = own.i0; i < own.i1; ++i) changed = reach(i, j) || changed;
      for (int i = own.i1; i-- > own.i0;) changed = reach(i, j) || changed;
    }
  }
}

/// Of bodies beside holes each must be bound to some temperature, or a steady state has many answers; where
/// nothing is, the heat at the start settles which, and that is of one body.
void refuse_untied(Problem& p) {
  Scratch::Lent room = p.scratch.lend();
  const View2D<double> u = p.u.view(), tied = room.view();
  const Box own = p.owned;
  p.halo(u);
  p.prepare(own, 0.0, u);
  const bool open = p.level_open();
  const std::int64_t cells = std::int64_t{p.grid.nx} * p.grid.ny;
  std::int64_t seed = cells;
  if (open) {
    seed = first_cell(p, [&](int i, int j) { return p.live(i, j); });
    for_each(own, [&](int i, int j) { tied(i, j) = std::int64_t{j} * p.grid.nx + i == seed ? 1.0 : 0.0; });
  } else {
    p.source.sink_slope(own, 0.0, u, tied);
    p.walls.for_each_face(own, [&](const Walls::Face& f) { tied(f.i, f.j) += (1.0 - f.rule.a) * f.g; });
  }
  spread(p, tied);
  const std::int64_t first = first_cell(p, [&](int i, int j) { return p.live(i, j) && !(tied(i, j) > 0.0); });
  if (first == cells) return;
  if (open)
    throw Error{Exit::bad_case,
                fmt::format("time.method = \"steady\": no wall fixes the level of the temperature, and the "
                            "bodies at {} and at {} are apart, so that each has a level of its own, which is "
                            "not in this version; compute them one by one, or let a wall of each be a "
                            "temperature, convection or radiation",
                            place_of(p.grid, seed), place_of(p.grid, first))};
  throw Error{Exit::bad_case,
              fmt::format("time.method = \"steady\": the body at {} is bound to no temperature, and any "
                          "would do for it; let a wall that it has be a temperature, convection or "
                          "radiation, or join it to another body",
                          place_of(p.grid, first))};
}

}  // namespace

void refuse_beside_holes(const SimulationSpec& all) {
  const ProblemSpec& spec = all.problem;
  if (spec.holes.empty()) return;
  const auto refuse = [](const std::string& what) {
    throw Error{Exit::bad_case, "region: void = true beside " + what};
  };
  const Contacts& contacts = spec.materials.contacts;
  for (const Contact& c : contacts.list)
    for (const std::int32_t body : {c.first, c.second}) {
      if (body == Contact::any) continue;
      const std::string& name = contacts.names[static_cast<std::size_t>(body)];
      const std::vector<std::string>& holes = spec.materials.voids.names;
      if (std::find(holes.begin(), holes.end(), name) != holes.end())
        throw Error{
            Exit::bad_case,
            fmt::format("contact: \"{}\" is a hole, which touches nothing; a resistance at its wall is the "
                        "film of region.{}.wall",
                        name, name)};
    }
  if (spec.grid.coverage == Coverage::centre)
    refuse(
        "grid.coverage = \"centre\" or face_mean = \"arithmetic\" is not in this version: walls of holes "
        "need \"area\"");
  for (const ProbeSpec& probe : all.probes)
    if (const std::int32_t hole = hole_at(spec.materials.voids, spec.grid, probe.at[0], probe.at[1]);
        hole != Voids::body)
      throw Error{Exit::bad_case,
                  fmt::format("probe {}: at = [{}, {}] lies in the hole \"{}\"; a probe can stand in a body "
                              "or on its wall",
                              probe.name, probe.at[0], probe.at[1],
                              spec.materials.voids.names[static_cast<std::size_t>(hole)])};
}

void check_bodies(Problem& p, bool steady, std::vector<std::string>& warnings) {
  const BodyCells& bodies = *p.coefficients.bodies();
  if (bodies.live_cells() == 0)
    throw Error{Exit::bad_case, "region: void = true: no centre of a cell lies in a body"};
  if (steady) refuse_untied(p);
  if (const double lost = bodies.lost(); lost > 1e-9 * bodies.area())
    warnings.push_back(fmt::format(
        "bodies beside holes are so thin that {:.4g} {} of them ({:.2g} %) lie in cells whose centres are in "
        "holes, and too far from any other: that is left out, with what it holds and what heats it; take "
        "more "
        "cells",
        lost * p.grid.cell_volume() / p.grid.depth, p.grid.axisymmetric() ? "m3" : "m2",
        100.0 * lost / (bodies.area() + lost)));
  // Three cells in a row with walls on both sides: a strip as thin as a cell.
  const auto between_walls = [&](int i, int j, int axis) {
    if (p.grid.within_reach({i, j, i + 1, j + 1}).empty()) return false;
    const auto of_cell = bodies.elements(i, j);
    return std::count_if(of_cell.begin(), of_cell.end(),
                         [&](const BodyCells::Element& e) { return e.axis == axis; }) == 2;
  };
  std::int64_t thin = 0;
  for_each(p.owned, [&](int i, int j) {
    for (const int axis : {0, 1}) {
      const int di = axis == 0 ? 0 : 1, dj = axis == 0 ? 1 : 0;
      thin += p.live(i, j) && between_walls(i, j, axis) && between_walls(i - di, j - dj, axis) &&
                      between_walls(i + di, j + dj, axis)
                  ? 1
                  : 0;
    }
  });
  if (thin = p.comm.sum(thin); thin > 0)
    warnings.push_back(fmt::format(
        "bodies beside holes are less than two cells thick in {} cells: heat along them is known to whole "
        "cells alone; take more cells",
        thin));
}

}  // namespace calor
