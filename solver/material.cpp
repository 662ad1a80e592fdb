// SPDX-License-Identifier: BSD-3-Clause
#include "solver/material.hpp"

#include <utility>

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
  kx_ = Field2D<double>{owned, depth};
  ky_ = Field2D<double>{owned, depth};
  law_ = Field2D<std::int32_t>{owned, depth};
  const View2D<std::int32_t> law = law_.view();
#pragma omp parallel for schedule(static) if (worth_threads(cells))
  for (int j = cells.j0; j < cells.j1; ++j)
    for (int i = cells.i0; i < cells.i1; ++i) law(i, j) = laws_.at(grid.x(i), grid.y(j));
  if (of_temperature_) return;  // the faces follow with the temperature
  fill_cells(cells, {});
  fill_faces(owned.grown(depth - 1));
  kx_ = {};
  ky_ = {};
  law_ = {};
}

std::array<double, 2> Coefficients::conductivity(int i, int j, double T) const {
  const double x = grid_.x(i), y = grid_.y(j);
  return laws_(x, y)(x, y, T);
}

void Coefficients::update(const Box& region, View2D<const double> u) {
  if (!of_temperature_) return;
  fill_cells(grid_.within_reach(region.grown(1)), u);
  fill_faces(region);
}

/// Conductivities of `cells`. @param u  may be empty where no law depends on T
void Coefficients::fill_cells(const Box& cells, View2D<const double> u) {
  const View2D<const std::int32_t> law = std::as_const(law_).view();
  const View2D<double> kx = kx_.view(), ky = ky_.view();
#pragma omp parallel for schedule(static) if (worth_threads(cells))
  for (int j = cells.j0; j < cells.j1; ++j)
    for (int i = cells.i0; i < cells.i1; ++i) {
      const auto k = laws_[law(i, j)](grid_.x(i), grid_.y(j), u.first != nullptr ? u(i, j) : 0.0);
      kx(i, j) = k[0];
      ky(i, j) = k[1];
    }
}

/// Faces of the cells of `region` from the conductivities of region.grown(1).
void Coefficients::fill_faces(const Box& region) {
  const Box cells = grid_.within_reach(region);
  const View2D<const double> kx = std::as_const(kx_).view(), ky = std::as_const(ky_).view();
  const double rdx2 = 1.0 / (grid_.dx() * grid_.dx()), rdy2 = 1.0 / (grid_.dy() * grid_.dy());
  // The cells on both sides of a face; on a wall both are the cell inside.
  const auto west_of = [&](int i) { return i == 0 && !grid_.periodic_x ? 0 : i - 1; };
  const auto east_of = [&](int i) { return i == grid_.nx && !grid_.periodic_x ? i - 1 : i; };
  const auto south_of = [&](int j) { return j == 0 && !grid_.periodic_y ? 0 : j - 1; };
  const auto north_of = [&](int j) { return j == grid_.ny && !grid_.periodic_y ? j - 1 : j; };
#pragma omp parallel
  {
#pragma omp for schedule(static) nowait
    for (int j = cells.j0; j < cells.j1; ++j)
      for (int i = cells.i0; i <= cells.i1; ++i)
        gx_view_(i, j) = mean(mean_, kx(west_of(i), j), kx(east_of(i), j)) * rdx2;
#pragma omp for schedule(static)
    for (int j = cells.j0; j <= cells.j1; ++j)
      for (int i = cells.i0; i < cells.i1; ++i)
        gy_view_(i, j) = mean(mean_, ky(i, south_of(j)), ky(i, north_of(j))) * rdy2;
  }
}

}  // namespace calor
