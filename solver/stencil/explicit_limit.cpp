// SPDX-License-Identifier: BSD-3-Clause
#include "solver/stencil/explicit_limit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "solver/stencil/diffusion.hpp"

namespace calor {

namespace {

/// The least dh/dT at the temperatures that there are, and that are expected.
std::vector<double> least_capacities(const Problem& p) {
  const View2D<const double> u = p.u.view();
  double low = p.comm.min(least_over(p.owned, [&](int i, int j) { return u(i, j); }));
  double high = -p.comm.min(least_over(p.owned, [&](int i, int j) { return -u(i, j); }));
  if (std::isfinite(p.scale.least)) low = std::min(low, p.scale.least);
  if (std::isfinite(p.scale.most)) high = std::max(high, p.scale.most);
  return p.enthalpy->least_capacities(low, high);
}

}  // namespace

double explicit_limit(Problem& p, double t) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const View2D<double> u = p.u.view();
  if (!p.linear()) p.halo(u);
  p.prepare(p.owned, t, u);
  Scratch::Lent room = p.scratch.lend();
  const View2D<double> rate = room.view();
  View2D<const double> sink_slope;
  if (p.source.of_temperature()) {
    p.source.sink_slope(p.owned, t, u, rate);
    sink_slope = rate;
  }
  const std::vector<double> capacity = p.enthalpy ? least_capacities(p) : std::vector<double>{};
  const auto limit_in = [&](const Box& cells) {
    operator_diagonal(cells, p.coefficients, p.walls, sink_slope, 0.0, rate);
    p.walls.for_each_face(cells, [&](const Walls::Face& f) {
      const int along = f.gi != f.i ? f.j : f.i;
      rate(f.i, f.j) += (p.walls.most_exchange(f.side, along) - (1.0 - f.rule.a)) * f.g;
    });
    return least_over(cells, [&](int i, int j) {
      const double least = p.enthalpy ? capacity[static_cast<std::size_t>(p.enthalpy->number(i, j))] : 1.0;
      return rate(i, j) > 0.0 && p.live(i, j) ? least * p.coefficients.rho_c(i, j) / rate(i, j) : infinity;
    });
  };
  double least = infinity;
  if (p.coefficients.steady() && sink_slope.first == nullptr && !p.enthalpy) {
    least = p.coefficients.steady()->inner_limit;
    for (const Box& cells : p.edges()) least = std::min(least, limit_in(cells));
  } else {
    least = limit_in(p.owned);
  }
  return p.comm.min(least);
}

}  // namespace calor
