// SPDX-License-Identifier: BSD-3-Clause
#include "solver/measure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace calor {

Extremes extremes(const Problem& p) {
  const View2D<const double> u = p.u.view();
  double low = std::numeric_limits<double>::infinity(), high = -low;
  std::int64_t bad =
      std::numeric_limits<std::int64_t>::max();  // global cell number of the first one that is not finite
#pragma omp parallel for schedule(static) reduction(min         \
                                                    : low, bad) \
    reduction(max                                               \
              : high) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) {
      low = std::min(low, u(i, j));
      high = std::max(high, u(i, j));
      if (!std::isfinite(u(i, j))) bad = std::min(bad, std::int64_t{j} * p.grid.nx + i);
    }
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return u(i, j); });
  reduce(p.comm, {&sum, 1});
  Extremes e{p.comm.min(low), p.comm.max(high), sum.value() / static_cast<double>(p.grid.domain().cells())};
  bad = -p.comm.max(-bad);
  if (bad != std::numeric_limits<std::int64_t>::max()) {
    e.finite = false;
    e.i = static_cast<int>(bad % p.grid.nx);
    e.j = static_cast<int>(bad / p.grid.nx);
  }
  return e;
}

namespace {

/// Temperatures in and around one cell: its centre, and face and vertex values towards one of its corners.
class CellCorner {
 public:
  CellCorner(const Problem& p, View2D<const double> u) : p_{p}, u_{u} {}

  /// Temperature on the face between cell (i, j) and its neighbour in direction (di, 0) or (0, dj): that for
  /// which both sides carry the same flux. On a wall the ghost has the cell's own conductivity.
  double face(int i, int j, int di, int dj) const {
    const int in = i + di, jn = j + dj;
    const double here = u_(i, j), there = u_(in, jn);
    if (!inside(in, jn)) return 0.5 * (here + there);
    const auto axis = static_cast<std::size_t>(di == 0);
    const double k = conductivity(i, j)[axis], kn = conductivity(in, jn)[axis];
    return (k * here + kn * there) / (k + kn);
  }

  /// Temperature at the vertex of cell (i, j) towards (di, dj): the plane through a cell's centre and two
  /// faces, met there; the mean over the cells that share the vertex, weighted by their conductivities. What
  /// the planes leave out, u_xy h_x h_y / 4, cancels between the cells; where only one has the vertex, in a
  /// corner of the domain, it is taken from the cells around.
  double vertex(int i, int j, int di, int dj) const {
    if (!inside(i + di, j) && !inside(i, j + dj)) {
      const double plane = face(i, j, di, 0) + face(i, j, 0, dj) - u_(i, j);
      if (!inside(i - di, j) || !inside(i, j - dj)) return plane;
      return plane + 0.25 * ((u_(i, j) - u_(i - di, j)) - (u_(i, j - dj) - u_(i - di, j - dj)));
    }
    double sum = 0.0, weights = 0.0;
    for (const int b : {0, 1})
      for (const int a : {0, 1}) {
        const int ic = i + a * di, jc = j + b * dj;
        if (!inside(ic, jc)) continue;
        const int towards_x = a == 0 ? di : -di, towards_y = b == 0 ? dj : -dj;
        const auto k = conductivity(ic, jc);
        const double w = k[0] + k[1];
        sum += w * (face(ic, jc, towards_x, 0) + face(ic, jc, 0, towards_y) - u_(ic, jc));
        weights += w;
      }
    return sum / weights;
  }

 private:
  bool inside(int i, int j) const { return !p_.grid.within_reach({i, j, i + 1, j + 1}).empty(); }
  std::array<double, 2> conductivity(int i, int j) const {
    return p_.coefficients.conductivity(i, j, u_(i, j));
  }
  const Problem& p_;
  View2D<const double> u_;
};

}  // namespace

double temperature_at(Problem& p, double x, double y, double t) {
  const Grid& g = p.grid;
  const View2D<double> u = p.u.view();
  p.halo(u);
  p.prepare(g.within_reach(p.owned.grown(1)), t,
            u);  // a vertex on a wall looks at the walls of both its cells
  const double cx = (x - g.x0) / g.dx(), cy = (y - g.y0) / g.dy();  // in cells from the lower left corner
  const int i = std::clamp(static_cast<int>(std::floor(cx)), 0, g.nx - 1);
  const int j = std::clamp(static_cast<int>(std::floor(cy)), 0, g.ny - 1);
  double value = 0.0;
  if (p.owned.contains(i, j)) {
    const double ox = cx - (i + 0.5), oy = cy - (j + 0.5);  // offset from the centre, -1/2 .. 1/2
    const int di = ox < 0.0 ? -1 : 1, dj = oy < 0.0 ? -1 : 1;
    const double a = 2.0 * std::abs(ox), b = 2.0 * std::abs(oy);
    const CellCorner corner{p, u};
    value = (1.0 - a) * ((1.0 - b) * u(i, j) + b * corner.face(i, j, 0, dj)) +
            a * ((1.0 - b) * corner.face(i, j, di, 0) + b * corner.vertex(i, j, di, dj));
  }
  // One rank knows; adding zeros keeps its bits.
  double result = 0.0;
  mpi::check(MPI_Allreduce(&value, &result, 1, MPI_DOUBLE, MPI_SUM, p.comm.get()));
  return result;
}

void heat_flux(Problem& p, double t, View2D<double> flux_x, View2D<double> flux_y) {
  const View2D<double> u = p.u.view();
  p.halo(u);
  p.prepare(p.owned, t, u);
  const double dx = p.grid.dx(), dy = p.grid.dy();
  const Coefficients& c = p.coefficients;
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) {
      flux_x(i, j) =
          -0.5 * dx * (c.gx(i, j) * (u(i, j) - u(i - 1, j)) + c.gx(i + 1, j) * (u(i + 1, j) - u(i, j)));
      flux_y(i, j) =
          -0.5 * dy * (c.gy(i, j) * (u(i, j) - u(i, j - 1)) + c.gy(i, j + 1) * (u(i, j + 1) - u(i, j)));
    }
}

}  // namespace calor
