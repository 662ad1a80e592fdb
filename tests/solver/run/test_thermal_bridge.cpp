// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/thermal_bridge.hpp"

#include <cmath>
#include <vector>

#include "solver/run/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;

namespace {

/// A wall of 0.3 m, k = 0.6, 0.5 m high, films 7.5 and 25, with or without a bar of metal through it.
SimulationSpec wall(double inside, double outside, bool bar) {
  SimulationSpec s;
  ProblemSpec& p = s.problem;
  p.grid = {30, 50, 0.0, 0.3, 0.0, 0.5, false, false};
  p.materials.conductivity = Layered{ConductivityLaw{0.6, 0.6, true}};
  if (bar)
    p.materials.conductivity.add(Rectangle{{0.0, 0.3}, {0.0, 0.03}}, ConductivityLaw{50.0, 50.0, true});
  p.walls = {{{{Convection{25.0, outside}, 0.0, 0.5}}, {{Convection{7.5, inside}, 0.0, 0.5}}, {}, {}}};
  s.time.method = &methods::steady;
  s.solver.tolerance = 1e-13;
  s.thermal_bridge = ThermalBridge{inside, outside, {{1.0 / (1.0 / 7.5 + 0.5 + 0.04), 0.5}}};
  return s;
}

ThermalBridgeReport report(const SimulationSpec& s) {
  Simulation run{s, test::world()};
  CHECK_FALSE(run.measure().thermal_bridge);  // before there is a steady state
  while (!run.finished()) run.advance(40);
  return run.measure().thermal_bridge.value();
}

}  // namespace

TEST_CASE("a plane wall is no thermal bridge, whichever side is warm", "[mpi]") {
  const double U = 1.0 / (1.0 / 7.5 + 0.5 + 0.04);
  for (const auto& [inside, outside] : {std::pair{20.0, 0.0}, {-5.0, 30.0}}) {
    const ThermalBridgeReport r = report(wall(inside, outside, false));
    CHECK(r.L2D == Approx(0.5 * U).epsilon(1e-10));
    CHECK(std::abs(r.psi) < 1e-10);
    CHECK(r.fRsi == Approx(1.0 - U / 7.5).epsilon(1e-10));
  }
}

TEST_CASE("a bar through the wall: more heat, and a cold place where it ends, in the corner", "[mpi]") {
  const ThermalBridgeReport r = report(wall(20.0, 0.0, true)), other = report(wall(0.0, 20.0, true));
  CHECK(r.psi > 0.1);
  CHECK(r.L2D == Approx(other.L2D).epsilon(1e-10));
  CHECK(r.fRsi == Approx(other.fRsi).epsilon(1e-9));
  // The corner is as cold as anything on the surface inside.
  Simulation run{wall(20.0, 0.0, true), test::world()};
  while (!run.finished()) run.advance(40);
  const double corner = temperature_at(run.problem(), 0.3, 0.0, 0.0);
  CHECK(r.fRsi <= corner / 20.0 + 1e-12);
  CHECK(r.fRsi > corner / 20.0 - 0.01);
}

TEST_CASE("surfaces inside whose temperature is given have no temperature factor", "[mpi]") {
  SimulationSpec s = wall(20.0, 0.0, false);
  bool replaced = false;
  for (auto& side : s.problem.walls)
    for (WallPiece& piece : side)
      if (bridge_wall(piece.law, *s.thermal_bridge) == BridgeWall::inside) {
        piece.law = FixedTemperature{20.0};
        replaced = true;
      }
  REQUIRE(replaced);
  const ThermalBridgeReport r = report(s);
  CHECK(r.L2D == Approx(0.5 / (0.5 + 0.04)).epsilon(1e-10));
  CHECK(std::isnan(r.fRsi));  // 1, were the surface looked at
}

TEST_CASE("what a wall is to a thermal bridge") {
  const ThermalBridge bridge{20.0, -5.0, {}};
  const auto kind = [&](const WallLaw& law) { return bridge_wall(law, bridge); };
  CHECK(kind(Convection{10.0, 20.0}) == BridgeWall::inside);
  CHECK(kind(FixedTemperature{-5.0}) == BridgeWall::outside);
  CHECK(kind(Insulated{}) == BridgeWall::insulated);
  CHECK(kind(Convection{10.0, 19.0}) == BridgeWall::other);
  CHECK(kind(HeatFlux{0.0}) == BridgeWall::other);
  CHECK(kind(Convection{10.0, Function::expression("20 + x", "xytT")}) == BridgeWall::other);
  CHECK(kind(WallLaw{Convection{10.0, 20.0}}.plus(Radiation{0.9, 20.0})) == BridgeWall::inside);
  CHECK(kind(WallLaw{Convection{10.0, 20.0}}.plus(Radiation{0.9, 10.0})) == BridgeWall::other);
  CHECK(kind(WallLaw{Convection{10.0, 20.0}}.plus(HeatFlux{100.0})) == BridgeWall::other);
}
