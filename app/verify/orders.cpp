// SPDX-License-Identifier: BSD-3-Clause
// Observed orders: errors on successively finer grids and steps.
#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "app/verify/eigenmode.hpp"
#include "app/verify/problems.hpp"

namespace calor::app::problems {

/// Against the exact solution of the equations in time, on one grid.
Verdicts orders_in_time(const mpi::Comm& comm) {
  Verdicts v;
  for (const auto& [method, expected] : {std::pair{"backward-euler", 1.0},
                                         {"crank-nicolson", 2.0},
                                         {"bdf2", 2.0},
                                         {"tr-bdf2", 2.0},
                                         {"rkl2", 2.0}}) {
    std::vector<double> errors;
    for (const double dt : {0.0005, 0.00025, 0.000125}) {
      const auto sim = compute_shipped(comm, "eigenmode",
                                       {std::string{"time.method="} + method, set("time.dt", dt),
                                        "solver.tolerance=1e-13", "time.end=0.02"});
      const double factor = std::exp(-eigenvalue(sim->problem().grid) * sim->clock().time());
      errors.push_back(largest_error(*sim, fmt::format("{}*sin(2*pi*x)*sin(pi*y)", factor)));
    }
    v.push_back(order(std::string{"time, "} + method, errors, expected));
  }
  // A source that changes with time: differences between dt, dt/2, dt/4 on one grid.
  for (const char* method : {"crank-nicolson", "bdf2", "tr-bdf2", "rkl2"}) {
    std::vector<double> T;
    // rkl2's stages grow with the step, and its error with them: only the same number shows the order.
    const double longest = method[0] == 'r' ? 0.00025 : 0.002;
    for (const double dt : {longest, 0.5 * longest, 0.25 * longest, 0.125 * longest}) {
      const auto sim = compute_shipped(
          comm, "manufactured",
          {std::string{"time.method="} + method, set("time.dt", dt), "solver.tolerance=1e-13"});
      T.push_back(temperature_at(sim->problem(), 0.4, 0.6, 0.1));
    }
    v.push_back(order(std::string{"time, with a source, "} + method,
                      {std::abs(T[0] - T[1]), std::abs(T[1] - T[2]), std::abs(T[2] - T[3])}, 2.0));
  }
  return v;
}

namespace {

Verdicts orders_in_space(const mpi::Comm& comm, const std::string& name, const std::string& exact, int n,
                         double limit, const std::vector<std::string>& overrides = {}) {
  std::vector<double> errors;
  for (int k = 0; k < 3; ++k, n *= 2) {
    std::vector<std::string> more{cells(n), rows(n)};
    more.insert(more.end(), overrides.begin(), overrides.end());
    errors.push_back(largest_error(*compute_shipped(comm, name, more), exact));
  }
  return {{fmt::format("largest error, {} cells a side", n / 2), errors.back(), 0.0, limit, false},
          order("space", errors, 2.0)};
}

}  // namespace

Verdicts manufactured(const mpi::Comm& comm) {
  Verdicts v = orders_in_space(comm, "manufactured", "sin(pi*x)^2*sin(pi*y)^2*cos(pi*t)^2", 16, 2e-3);
  // Order in time from the differences between dt, dt/2, dt/4 on one grid: its error in space cancels.
  std::vector<double> T;
  for (const double dt : {0.005, 0.0025, 0.00125, 0.000625}) {
    const auto sim =
        compute_shipped(comm, "manufactured", {"time.method=backward-euler", set("time.dt", dt)});
    T.push_back(temperature_at(sim->problem(), 0.4, 0.6, 0.1));
  }
  v.push_back(order("time, backward-euler",
                    {std::abs(T[0] - T[1]), std::abs(T[1] - T[2]), std::abs(T[2] - T[3])}, 1.0));
  T.clear();
  for (const double dt : {1e-4, 5e-5, 2.5e-5, 1.25e-5}) {
    const auto sim = compute_shipped(comm, "manufactured", {set("time.dt", dt)});
    T.push_back(temperature_at(sim->problem(), 0.4, 0.6, 0.1));
  }
  v.push_back(
      order("time, euler", {std::abs(T[0] - T[1]), std::abs(T[1] - T[2]), std::abs(T[2] - T[3])}, 1.0));
  return v;
}

Verdicts mixed_walls(const mpi::Comm& comm) {
  Verdicts v = orders_in_space(comm, "mixed_walls", "2*t + x^2 + y^2", 16, 1e-3);
  const Verdicts implicit = orders_in_space(comm, "mixed_walls", "2*t + x^2 + y^2", 16, 1e-3,
                                            {"time.method=backward-euler", "time.dt=0.02"});
  for (Verdict i : implicit) {
    i.quantity += ", backward-euler";
    v.push_back(i);
  }
  return v;
}

}  // namespace calor::app::problems
