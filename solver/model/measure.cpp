// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/measure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "decomposition/clones.hpp"

namespace calor {

namespace {

/// Least and greatest of the values, and zero: NaN if one of them is not finite.
CALOR_CLONES std::array<double, 3> range_of(const double* values, int count) {
  double low = std::numeric_limits<double>::infinity(), high = -low, zero = 0.0;
#pragma omp simd reduction(min : low) reduction(max : high) reduction(+ : zero)
  for (int n = 0; n < count; ++n) {
    low = std::min(low, values[n]);
    high = std::max(high, values[n]);
    zero += values[n] * 0.0;
  }
  return {low, high, zero};
}

}  // namespace

Survey survey(const Problem& p) {
  constexpr int chunk = 512;
  const View2D<const double> u = p.u.view();
  const bool uniform = p.coefficients.uniform();
  const double volume = p.grid.cell_volume();
  double low = std::numeric_limits<double>::infinity(), high = -low;
  // Global number of the first cell that is not finite.
  std::int64_t bad = std::numeric_limits<std::int64_t>::max();
  std::array<ExactSum, 2> sums;
#pragma omp parallel if (worth_threads(p.owned))
  {
    std::array<ExactSum, 2> mine;
    double my_low = std::numeric_limits<double>::infinity(), my_high = -my_low, terms[chunk];
    std::int64_t my_bad = std::numeric_limits<std::int64_t>::max();
#pragma omp for schedule(static) nowait
    for (int j = p.owned.j0; j < p.owned.j1; ++j)
      for (int i = p.owned.i0; i < p.owned.i1; i += chunk) {
        const int count = std::min(chunk, p.owned.i1 - i);
        const double* const values = u.row(j) + i;
        const auto [least, most, zero] = range_of(values, count);
        my_low = std::min(my_low, least);
        my_high = std::max(my_high, most);
        for (int n = 0; zero != 0.0 && n < count; ++n)
          if (!std::isfinite(values[n])) my_bad = std::min(my_bad, std::int64_t{j} * p.grid.nx + i + n);
        mine[0].add(values, count);
        if (uniform) continue;
        for (int n = 0; n < count; ++n) terms[n] = volume * p.coefficients.rho_c(i + n, j) * values[n];
        mine[1].add(terms, count);
      }
#pragma omp critical(calor_survey)
    {
      low = std::min(low, my_low);
      high = std::max(high, my_high);
      bad = std::min(bad, my_bad);
      for (std::size_t n = 0; n < sums.size(); ++n) sums[n].add(mine[n]);
    }
  }
  reduce(p.comm, sums);
  Survey s;
  s.min = p.comm.min(low) + 0.0;  // -0 and 0 are one
  s.max = p.comm.max(high) + 0.0;
  s.mean = sums[0].value() / static_cast<double>(p.grid.domain().cells());
  s.heat = uniform ? volume * p.coefficients.rho_c(0, 0) * sums[0].value() : sums[1].value();
  s.heat_size = std::abs(s.heat);
  if (s.min < 0.0 && s.max > 0.0) {
    ExactSum size = exact_sum(
        p.owned, [&](int i, int j) { return std::abs(volume * p.coefficients.rho_c(i, j) * u(i, j)); });
    reduce(p.comm, {&size, 1});
    s.heat_size = size.value();
  }
  bad = -p.comm.max(-bad);
  if (bad != std::numeric_limits<std::int64_t>::max()) {
    s.finite = false;
    s.i = static_cast<int>(bad % p.grid.nx);
    s.j = static_cast<int>(bad / p.grid.nx);
  }
  return s;
}

double heat_content(const Problem& p, bool even) {
  const View2D<const double> u = p.u.view();
  if (!p.coefficients.uniform())
    return weighted_integral(p, nullptr, [&](int i, int j) { return p.coefficients.rho_c(i, j); });
  ExactSum sum;
  if (even)
    sum.add_equal(u(p.owned.i0, p.owned.j0), p.owned.cells());
  else
    sum = exact_sum(p.owned, [&](int i, int j) { return u(i, j); });
  reduce(p.comm, {&sum, 1});
  return p.grid.cell_volume() * p.coefficients.rho_c(0, 0) * sum.value();
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
    // Numbered by the upper of both cells.
    return p_.coefficients.face_temperature(di == 0 ? 1 : 0, std::max(i, in), std::max(j, jn),
                                            di + dj > 0 ? here : there, di + dj > 0 ? there : here);
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
  // A vertex on a wall looks at the walls of both its cells.
  p.prepare_fluxes(g.within_reach(p.owned.grown(1)), t, u);
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
  p.prepare_fluxes(p.owned, t, u);
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
