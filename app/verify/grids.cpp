// SPDX-License-Identifier: BSD-3-Clause
// Bodies around an axis, and cells that are not equal; against solutions on paper.
#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "app/verify/problems.hpp"

namespace calor::app::problems {

namespace {

/// n cells along an axis from 0 to 1, whose last is `ratio` times as wide as the first.
std::string graded(const char* key, int n, double ratio) {
  return fmt::format("{}={{at=[0.0,1.0],cells=[{}],ratio=[{}]}}", key, n, ratio);
}

}  // namespace

Verdicts tube(const mpi::Comm& comm) {
  Verdicts v;
  for (const auto& [what, grid] :
       {std::pair{"20 cells", std::vector{cells(20)}},
        {"2 cells", std::vector{cells(2)}},
        {"12 cells, ratio 12",
         std::vector<std::string>{"grid.nx=12", "grid.x={at=[1.0,2.0],cells=[12],ratio=[12.0]}"}}}) {
    const auto sim = compute_shipped(comm, "tube", grid);
    v.push_back({fmt::format("heat, {}", what), sim->measure().heat.sides[Side::left], 906.4720, 1e-7, true});
    if (std::string{what} != "12 cells, ratio 12")
      v.push_back({fmt::format("r = 1.5 m, {}", what), sim->probes()[0], 41.503750, 1e-6, false});
  }
  return v;
}

Verdicts contact_tube(const mpi::Comm& comm) {
  Verdicts v;
  for (const int n : {33, 100}) {
    const auto sim = compute_shipped(comm, "contact_tube", {cells(n)});
    const std::vector<double> joint = sim->probes();
    v.push_back(
        {fmt::format("heat, {} cells", n), sim->measure().heat.sides[Side::left], 6121.096, 1e-6, true});
    // Where the joint lies within a cell, what its sides have is extrapolated.
    const double limit = n % 2 == 0 ? 1e-3 : 0.05;
    v.push_back({fmt::format("joint, inner shell, {} cells", n), joint[1], 60.500, limit, false});
    v.push_back({fmt::format("joint, outer shell, {} cells", n), joint[0], 28.026, limit, false});
  }
  return v;
}

Verdicts cylinder_quench(const mpi::Comm& comm) {
  const std::vector<double> axis{0.98709922, 0.84835511, 0.50148686},
      mean{0.54787900, 0.39417581, 0.21785245};
  Verdicts v;
  std::vector<double> axis_errors, mean_errors;
  for (const int n : {20, 40, 80}) {
    std::size_t k = 0;
    compute_shipped(comm, "cylinder_quench", {cells(n), "time.tolerance=1e-7"}, [&](Simulation& s) {
      const double T = s.probes()[0], all = s.measure().temperature.mean;
      if (n == 80) {
        v.push_back({fmt::format("axis at {:.4g} s", s.clock().time()), T, axis[k], 2e-4, false});
        v.push_back({fmt::format("mean at {:.4g} s", s.clock().time()), all, mean[k], 2e-4, false});
      }
      if (++k < 3) return;
      axis_errors.push_back(std::abs(T - axis[2]));
      mean_errors.push_back(std::abs(all - mean[2]));
    });
  }
  v.push_back(order("space, mean", mean_errors, 2.0));
  v.push_back(order("space, axis", axis_errors, 1.8));  // h^2 ln h: of the first cells
  return v;
}

Verdicts graded_manufactured(const mpi::Comm& comm) {
  std::vector<double> errors;
  for (int n = 16; n <= 64; n *= 2)
    errors.push_back(largest_error(
        *compute_shipped(comm, "manufactured",
                         {cells(n), rows(n), graded("grid.x", n, 4.0), graded("grid.y", n, 0.25),
                          "time.method=crank-nicolson", "time.dt=1e-3"}),
        "sin(pi*x)^2*sin(pi*y)^2*cos(pi*t)^2"));
  return {{"largest error, 64 cells a side", errors.back(), 0.0, 2e-3, false}, order("space", errors, 2.0)};
}

Verdicts iso_10211_2_graded(const mpi::Comm& comm) {
  const auto sim = compute_shipped(comm, "iso_10211_2_graded");
  const HistoryRow row = sim->measure();
  Verdicts v{{"cells", static_cast<double>(sim->problem().grid.domain().cells()), 2436.0, 0.0, false},
             {"heat flow through the bottom", row.heat.sides[Side::bottom], 9.489, 0.01, false}};
  const std::vector<double> known{7.06, 0.76, 7.895, 6.27, 0.83, 16.41, 16.77, 18.33}, T = sim->probes();
  for (std::size_t n = 0; n < known.size(); ++n)
    v.push_back({fmt::format("temperature at {}", sim->spec().probes[n].name), T[n], known[n], 0.05, false});
  return v;
}

Verdicts brake_disc(const mpi::Comm& comm) {
  const auto sim = compute_shipped(comm, "brake_disc");
  const Budget::Report heat = sim->measure().heat;
  double given = 0.0;
  for (const auto& load : sim->loads())
    if (load.name.find("inward") != std::string::npos) given = load.integral;
  return {{"heat balance, of the heat in it", heat.relative_residual(), 0.0, 1e-9, false},
          {"heat of the pads [J/m2]", given, 2.0 * 1134.8e3, 1e-9, true}};
}

}  // namespace calor::app::problems
