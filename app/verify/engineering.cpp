// SPDX-License-Identifier: BSD-3-Clause
// What engineers ask for: fires, thermal bridges, joints, fins; against converged numbers or solutions on
// paper.
#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "app/verify/problems.hpp"

namespace calor::app::problems {

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

Verdicts iso_13786(const mpi::Comm& comm) {
  // The flow inside over the last day, as the means of half hours that the ledger has: of a wave they have
  // sin(w / 2) / (w / 2) of its height, w the half hour in radians.
  const double pi = 3.14159265358979323846, day = 86400.0, part = 1800.0, w = 2.0 * pi * part / day;
  double before = 0.0, sine = 0.0, cosine = 0.0;
  compute_shipped(comm, "iso_13786", {}, [&](Simulation& s) {
    const double t = s.clock().time(), out = -s.measure().heat.sides[Side::left],
                 flow = (out - before) / part;
    before = out;
    if (t < 9.0 * day + 0.5 * part) return;
    const double middle = 2.0 * pi * (t - 0.5 * part) / day;
    sine += 2.0 / 48.0 * flow * std::sin(middle);
    cosine += 2.0 / 48.0 * flow * std::cos(middle);
  });
  const double height = std::hypot(sine, cosine) / (std::sin(0.5 * w) / (0.5 * w));
  const double lag = std::atan2(-cosine, sine) / (2.0 * pi) * 24.0;
  return {{"Y12 [W/(m2 K)]", height, 1.827071, 1e-4, true}, {"lag [h]", lag, 5.6757, 2e-3, false}};
}

Verdicts two_slabs(const mpi::Comm& comm) {
  Verdicts v;
  for (const int n : {20, 19, 15}) {  // the joint on a face, within a cell, and on its centre
    const auto sim = compute_shipped(comm, "two_slabs", {cells(n)});
    v.push_back(
        {fmt::format("flux, {} cells", n), sim->measure().heat.sides[Side::left], 1e5 / 30.0, 1e-10, true});
    v.push_back({fmt::format("joint, left, {} cells", n), sim->probes()[0], 200.0 / 3.0, 1e-9, true});
    v.push_back({fmt::format("joint, right, {} cells", n), sim->probes()[1], 100.0 / 3.0, 1e-9, true});
  }
  return v;
}

Verdicts contact_ring(const mpi::Comm& comm) {
  const auto sim = compute_shipped(comm, "contact_ring");
  const std::vector<double> joint = sim->probes();  // in the order in which the regions lie over one another
  const Budget::Report heat = sim->measure().heat;
  return {{"heat around", 4.0 * (heat.sides[Side::left] + heat.sides[Side::bottom]), 6121.096, 1e-3, true},
          {"joint, inner shell", joint[1], 60.500, 0.05, false},
          {"joint, outer shell", joint[0], 28.026, 0.05, false}};
}

Verdicts fin(const mpi::Comm& comm) {
  const auto sim = compute_shipped(comm, "fin");
  const HistoryRow row = sim->measure();
  Verdicts v{{"T at the tip", sim->probes()[0], 83.462254, 1e-3, false},
             {"heat of 1 m", row.heat.sides[Side::left] * 0.002, 137.76915, 1e-4, true},
             {"through the faces", row.heat.plate * 0.002, -137.76915, 1e-4, true}};
  v.push_back(order("space", probe_errors(comm, "fin", 10, 83.462253974, 0, true), 2.0));
  // On its way there: a long time in one step.
  const auto exponential = compute_shipped(comm, "fin", {"time.method=exponential", "time.end=5000.0"});
  v.push_back({"tip after a long time, exponential", exponential->probes()[0], sim->probes()[0], 1e-6, true});
  return v;
}

Verdicts iso_10211_2_picture(const mpi::Comm& comm) {
  const auto sim = compute_shipped(comm, "iso_10211_2_picture");
  const HistoryRow row = sim->measure();
  Verdicts v{{"heat flow through the bottom", row.heat.sides[Side::bottom], 9.4893, 0.01, false},
             {"L2D", row.thermal_bridge.value().L2D, 9.4893 / 20.0, 5e-4, false}};
  // A pixel a cell: what is drawn by rectangles, number for number.
  const auto drawn = compute_shipped(comm, "iso_10211_2");
  for (std::size_t n = 0; n < sim->probes().size(); ++n)
    v.push_back({"T at " + sim->spec().probes[n].name, sim->probes()[n], drawn->probes()[n], 1e-6, false});
  return v;
}

Verdicts wall_corner(const mpi::Comm& comm) {
  const auto sim = compute_shipped(comm, "wall_corner");
  const ThermalBridgeReport bridge = sim->measure().thermal_bridge.value();
  // The surface inside is the wall's side of the contact around the room.
  return {{"L2D", bridge.L2D, 3.5533, 1e-3, false},
          {"psi by inside lengths", bridge.psi, 0.2120, 1e-3, false},
          {"psi by outside lengths", bridge.L2D - 2.6 / (0.17 + 0.3 / 0.7), -0.7904, 1e-3, false},
          {"fRsi", sim->probes()[0] / 20.0, 0.6335, 1e-3, false}};
}

}  // namespace calor::app::problems
