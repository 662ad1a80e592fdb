// SPDX-License-Identifier: BSD-3-Clause
#include "solver/material.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace calor {

namespace {

bool inside(const Rectangle& r, double x, double y) {
  return r.x[0] <= x && x < r.x[1] && r.y[0] <= y && y < r.y[1];
}

bool inside(const Circle& c, double x, double y) {
  const double dx = x - c.x, dy = y - c.y;
  return dx * dx + dy * dy <= c.radius * c.radius;
}

/// Counts the edges that a ray towards +x crosses; an edge owns its lower end only, so vertices count once.
bool inside(const Polygon& polygon, double x, double y) {
  bool odd = false;
  const auto& p = polygon.points;
  for (std::size_t a = 0, b = p.size() - 1; a < p.size(); b = a++) {
    if ((p[a][1] > y) == (p[b][1] > y)) continue;
    if (x < p[a][0] + (y - p[a][1]) / (p[b][1] - p[a][1]) * (p[b][0] - p[a][0])) odd = !odd;
  }
  return odd;
}

double mean(FaceMean how, double a, double b) {
  if (a == b) return a;  // bit for bit: a uniform material stays uniform
  return how == FaceMean::harmonic ? 2.0 * a * b / (a + b) : 0.5 * (a + b);
}

}  // namespace

bool contains(const Area& area, double x, double y) {
  return std::visit([&](const auto& a) { return inside(a, x, y); }, area);
}

bool Materials::of_temperature() const {
  return conductivity.any([](const ConductivityLaw& k) {
    return k.x.of_temperature() || (!k.isotropic && k.y.of_temperature());
  });
}

bool Materials::uniform() const {
  return conductivity.single() && density.single() && specific_heat.single() &&
         conductivity[0].x.constant() && (conductivity[0].isotropic || conductivity[0].y.constant()) &&
         density[0].constant() && specific_heat[0].constant();
}

Coefficients::Coefficients(const Materials& m, const Grid& grid, const Box& owned, int depth)
    : grid_{grid},
      laws_{m.conductivity},
      mean_{m.face_mean},
      uniform_{m.uniform()},
      of_temperature_{m.of_temperature()} {
  if (uniform_) {
    const auto k = laws_[0](0.0, 0.0, 0.0);
    gx0_ = k[0] / (grid.dx() * grid.dx());
    gy0_ = k[1] / (grid.dy() * grid.dy());
    rho_c0_ = m.density[0](0.0, 0.0) * m.specific_heat[0](0.0, 0.0);
    return;
  }
  gx_ = Field2D<double>{owned, depth};
  gy_ = Field2D<double>{owned, depth};
  rho_c_ = Field2D<double>{owned, depth, 1.0};
  gx_view_ = gx_.view();
  gy_view_ = gy_.view();
  rho_c_view_ = rho_c_.view();
  const Box cells = grid.within_reach(owned.grown(depth));
#pragma omp parallel for schedule(static) if (worth_threads(cells))
  for (int j = cells.j0; j < cells.j1; ++j)
    for (int i = cells.i0; i < cells.i1; ++i) {
      const double x = grid.x(i), y = grid.y(j);
      rho_c_view_(i, j) = m.density(x, y)(x, y) * m.specific_heat(x, y)(x, y);
    }
  if (!of_temperature_) {
    fill_faces(owned.grown(depth - 1), [this](int i, int j) { return conductivity(i, j, 0.0); });
    return;
  }
  kx_ = Field2D<double>{owned, depth};
  ky_ = Field2D<double>{owned, depth};
  law_ = Field2D<std::int32_t>{owned, depth};
  const View2D<std::int32_t> law = law_.view();
#pragma omp parallel for schedule(static) if (worth_threads(cells))
  for (int j = cells.j0; j < cells.j1; ++j)
    for (int i = cells.i0; i < cells.i1; ++i) law(i, j) = laws_.at(grid.x(i), grid.y(j));
  // The faces follow with the temperature.
}

std::array<double, 2> Coefficients::conductivity(int i, int j, double T) const {
  const double x = grid_.x(i), y = grid_.y(j);
  return laws_(x, y)(x, y, T);
}

void Coefficients::update(const Box& region, View2D<const double> u) {
  if (!of_temperature_) return;
  const Box cells = grid_.within_reach(region.grown(1));
  const View2D<const std::int32_t> law = std::as_const(law_).view();
  const View2D<double> kx = kx_.view(), ky = ky_.view();
#pragma omp parallel for schedule(static) if (worth_threads(cells))
  for (int j = cells.j0; j < cells.j1; ++j)
    for (int i = cells.i0; i < cells.i1; ++i) {
      const auto k = laws_[law(i, j)](grid_.x(i), grid_.y(j), u(i, j));
      kx(i, j) = k[0];
      ky(i, j) = k[1];
    }
  fill_faces(region, [&](int i, int j) { return std::array{kx(i, j), ky(i, j)}; });
}

/// Faces of the cells of `region` from the conductivities k(i, j) = {kx, ky} of region.grown(1). Each thread
/// goes upwards and keeps the row below, so that a costly k is asked for once a cell and not stored.
template <class K>
void Coefficients::fill_faces(const Box& region, K&& k) {
  const Box cells = grid_.within_reach(region);
  const double rdx2 = 1.0 / (grid_.dx() * grid_.dx()), rdy2 = 1.0 / (grid_.dy() * grid_.dy());
  // The columns and rows that hold cells; a wall face takes the cell inside on both sides.
  const Box have = grid_.within_reach(cells.grown(1));
  const auto columns = static_cast<std::size_t>(have.nx());
  const int none = have.j0 - 1;
#pragma omp parallel if (worth_threads(cells))
  {
    std::vector<std::array<double, 2>> below(columns), here(columns);
    int row = none;  // the one in `here`
    const auto ask = [&](int j) {
      for (int i = have.i0; i < have.i1; ++i) here[static_cast<std::size_t>(i - have.i0)] = k(i, j);
      row = j;
    };
#pragma omp for schedule(static)
    for (int j = cells.j0; j <= cells.j1; ++j) {
      const int under = std::max(j - 1, have.j0), over = std::min(j, have.j1 - 1);
      if (row != under) ask(under);
      below = here;
      if (row != over) ask(over);
      const auto at = [&](int i) {
        return static_cast<std::size_t>(std::clamp(i, have.i0, have.i1 - 1) - have.i0);
      };
      for (int i = cells.i0; i < cells.i1; ++i)
        gy_view_(i, j) = mean(mean_, below[at(i)][1], here[at(i)][1]) * rdy2;
      if (j == cells.j1) continue;
      for (int i = cells.i0; i <= cells.i1; ++i)
        gx_view_(i, j) = mean(mean_, here[at(i - 1)][0], here[at(i)][0]) * rdx2;
    }
  }
}

}  // namespace calor
