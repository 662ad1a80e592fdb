// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/thermal_bridge.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "solver/model/measure.hpp"
#include "solver/model/points_around.hpp"

namespace calor {

BridgeWall bridge_wall(const WallLaw& law, const ThermalBridge& bridge) {
  if (!passes_heat(law)) return BridgeWall::insulated;
  bool inside = true, outside = true, any = false;
  for_each_function(law, [&](const char*, const Function& f, const Allowed& allowed) {
    if (allowed.quantity == WallQuantity::flux) {
      inside = outside = false;
      return;
    }
    if (!allowed.temperature()) return;
    any = true;
    const bool same = !f.of_place() && !f.of_temperature();  // steady: functions of t are taken at t = 0
    const double T = f(0.0, 0.0);
    inside = inside && same && T == bridge.inside;
    outside = outside && same && T == bridge.outside;
  });
  if (any && inside) return BridgeWall::inside;
  return any && outside ? BridgeWall::outside : BridgeWall::other;
}

namespace {

/// Whether there is a resistance between the surface and what is around it. Without, as where the surface's
/// temperature is given, it is as warm as inside, and no measure of what a surface there would be.
bool has_surface(const WallLaw& law) {
  bool found = false;
  for_each_function(law, [&](const char*, const Function&, const Allowed& allowed) {
    found = found || allowed.quantity == WallQuantity::surroundings;
  });
  return found;
}

/// Corners of an area.
std::vector<std::array<double, 2>> corners(const Area& area) {
  if (const auto* r = std::get_if<Rectangle>(&area))
    return {{r->x[0], r->y[0]}, {r->x[1], r->y[0]}, {r->x[1], r->y[1]}, {r->x[0], r->y[1]}};
  if (const auto* p = std::get_if<Polygon>(&area)) return p->points;
  return {};
}

/// Surfaces of holes that are inside, and their corners. Collective.
template <class See>
void see_holes(Problem& p, const std::vector<BridgeWall>& kinds, bool warm_inside, See&& see) {
  const HoleWalls& holes = *p.source.holes();
  const auto counts = [&](std::int32_t hole) {
    const auto n = static_cast<std::size_t>(hole);
    return kinds[n] == BridgeWall::inside && has_surface(holes.holes()[n].law);
  };
  const std::vector<HoleWalls::Surface> surfaces = holes.surfaces(p.comm, p.u.view());
  for (std::size_t n = 0; n < surfaces.size(); ++n)
    if (counts(static_cast<std::int32_t>(n)) && std::isfinite(surfaces[n].min))
      see(warm_inside ? surfaces[n].min : surfaces[n].max);
  const Grid& g = p.grid;
  const Voids& voids = p.coefficients.materials().voids;
  for (const Area& area : voids.areas)
    for (const auto& [x, y] : corners(area)) {
      // On a side of the domain the ends of its pieces are looked at.
      bool within = true, body = false, inside = false, bare = true;
      for_points_around(g, x, y, [&](double px, double py) {
        within = within && px > g.x0 && px < g.x1 && py > g.y0 && py < g.y1;
        const std::int32_t hole = voids.at(px, py);
        body = body || hole == Voids::body;
        if (hole == Voids::body) return;
        inside = inside || counts(hole);
        bare = bare && (counts(hole) || kinds[static_cast<std::size_t>(hole)] == BridgeWall::insulated);
      });
      if (within && body && inside && bare) see(temperature_at(p, x, y, 0.0));
    }
}

}  // namespace

ThermalBridgeReport report_thermal_bridge(Problem& p, const ThermalBridge& bridge,
                                          const Budget::Report& heat) {
  const double difference = bridge.inside - bridge.outside;
  const bool warm_inside = difference > 0.0;
  double entered = 0.0;
  // The end of the surface inside that is nearest to outside.
  double extreme =
      warm_inside ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  const auto see = [&](double T) { extreme = warm_inside ? std::min(extreme, T) : std::max(extreme, T); };
  BySide<std::vector<BridgeWall>> kinds;
  BySide<std::vector<bool>> surfaces;  // inside, whose temperature counts
  for (const Side side : sides) {
    for (std::size_t n = 0; n < p.walls.pieces()[side].size(); ++n) {
      kinds[side].push_back(bridge_wall(p.walls.pieces()[side][n].law, bridge));
      const bool inside = kinds[side].back() == BridgeWall::inside;
      if (inside) entered += heat.pieces[side][n];
      surfaces[side].push_back(inside && has_surface(p.walls.pieces()[side][n].law));
    }
  }
  std::vector<BridgeWall> hole_kinds;
  for (std::size_t n = 0; p.source.holes() && n < p.source.holes()->holes().size(); ++n) {
    hole_kinds.push_back(bridge_wall(p.source.holes()->holes()[n].law, bridge));
    if (hole_kinds.back() == BridgeWall::inside) entered += heat.holes[n];
  }
  const View2D<double> u = p.u.view();
  p.halo(u);
  p.prepare(p.owned, 0.0, u);
  if (p.source.holes()) see_holes(p, hole_kinds, warm_inside, see);
  p.walls.for_each_face(p.owned, [&](const Walls::Face& f) {
    if (f.piece < 0 || !surfaces[f.side][static_cast<std::size_t>(f.piece)]) return;
    see(0.5 * (u(f.i, f.j) + (f.rule.a * u(f.i, f.j) + f.rule.b)));
  });
  // The coldest place often is a corner, half a cell from the nearest middle of a face.
  const Grid& g = p.grid;
  for (const Side side : sides) {
    const bool upright = side == Side::left || side == Side::right;
    for (std::size_t n = 0; n < kinds[side].size(); ++n) {
      if (!surfaces[side][n]) continue;
      const WallPiece& piece = p.walls.pieces()[side][n];
      for (const double end : {piece.from, piece.to}) {
        bool bare = true;  // nothing else passes heat there
        for (std::size_t m = 0; m < kinds[side].size(); ++m)
          if (m != n && kinds[side][m] != BridgeWall::insulated)
            bare = bare && !(p.walls.pieces()[side][m].from <= end && end <= p.walls.pieces()[side][m].to);
        if (!bare) continue;
        const double across = side == Side::left     ? g.x0
                              : side == Side::right  ? g.x1
                              : side == Side::bottom ? g.y0
                                                     : g.y1;
        see(upright ? temperature_at(p, across, end, 0.0) : temperature_at(p, end, across, 0.0));
      }
    }
  }
  extreme = warm_inside ? p.comm.min(extreme) : p.comm.max(extreme);
  ThermalBridgeReport r;
  r.L2D = entered / difference / p.grid.depth;
  r.fRsi = std::isfinite(extreme) ? (extreme - bridge.outside) / difference
                                  : std::numeric_limits<double>::quiet_NaN();
  r.psi = bridge.parts.empty() ? std::numeric_limits<double>::quiet_NaN() : r.L2D;
  for (const ThermalBridge::Part& part : bridge.parts) r.psi -= part.U * part.length;
  return r;
}

}  // namespace calor
