// SPDX-License-Identifier: BSD-3-Clause
#include "solver/stencil/explicit_limit.hpp"

#include <algorithm>
#include <limits>

#include "solver/stencil/diffusion.hpp"

namespace calor {

double explicit_limit(Problem& p, double t) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const View2D<double> u = p.u.view();
  if (!p.linear()) p.halo(u);
  p.prepare(p.owned, t, u);
  const View2D<double> rate = p.next.view();
  View2D<const double> decline;
  if (p.source.of_temperature()) {
    p.source.decline(p.owned, t, u, rate);
    decline = rate;
  }
  const auto limit_in = [&](const Box& cells) {
    operator_diagonal(cells, p.coefficients, p.walls, decline, 0.0, rate);
    p.walls.for_each_face(cells, [&](const Walls::Face& f) {
      const int along = f.gi != f.i ? f.j : f.i;
      rate(f.i, f.j) += (p.walls.most_exchange(f.side, along) - (1.0 - f.rule.a)) * f.g;
    });
    return least_over(cells, [&](int i, int j) {
      return rate(i, j) > 0.0 && p.live(i, j) ? p.coefficients.rho_c(i, j) / rate(i, j) : infinity;
    });
  };
  double least = infinity;
  if (p.coefficients.steady() && decline.first == nullptr) {
    least = p.coefficients.steady()->inner_limit;
    for (const Box& cells : p.edges()) least = std::min(least, limit_in(cells));
  } else {
    least = limit_in(p.owned);
  }
  return p.comm.min(least);
}

}  // namespace calor
