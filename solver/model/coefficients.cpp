// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/coefficients.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace calor {

namespace {

double mean(FaceMean how, double a, double b) {
  if (a == b) return a;  // bit for bit: a uniform material stays uniform
  return how == FaceMean::harmonic ? 2.0 * a * b / (a + b) : 0.5 * (a + b);
}

/// The columns of a box: places of their cells, and room for which function of a property holds in each.
class Columns {
 public:
  Columns(const Grid& grid, const Box& box) : grid_{grid}, x_(static_cast<std::size_t>(box.nx())) {
    for (std::size_t n = 0; n < x_.size(); ++n) x_[n] = grid.x(box.i0 + static_cast<int>(n));
    layer_.resize(x_.size());
  }
  /// Numbers of the functions that hold in row j.
  template <class F>
  void layers(const Layered<F>& property, int j, std::int32_t* layer) const {
    property.at(grid_.y(j), x_.data(), static_cast<int>(x_.size()), layer);
  }
  /// use(n, f, x, y) for the columns of row j, counted from the box's first, f being what holds there.
  template <class F, class Use>
  void along(const Layered<F>& property, int j, Use&& use) {
    const double y = grid_.y(j);
    layers(property, j, layer_.data());
    for (std::size_t n = 0; n < x_.size(); ++n) use(n, property[layer_[n]], x_[n], y);
  }

 private:
  const Grid& grid_;
  std::vector<double> x_;
  std::vector<std::int32_t> layer_;
};

}  // namespace

Coefficients::Coefficients(const Materials& m, const Grid& grid, const Box& owned, int depth,
                           std::shared_ptr<const CoefficientFields> earlier)
    : uniform_{m.uniform()}, of_temperature_{m.of_temperature()} {
  if (uniform_) {
    const auto k = m.conductivity[0](0.0, 0.0, 0.0);
    gx0_ = k[0] / (grid.dx() * grid.dx());
    gy0_ = k[1] / (grid.dy() * grid.dy());
    rho_c0_ = m.density[0](0.0, 0.0) * m.specific_heat[0](0.0, 0.0);
  }
  taken_over_ = earlier && earlier->materials == m && earlier->grid == grid && earlier->owned == owned &&
                earlier->depth >= depth;
  if (taken_over_) {
    fields_ = std::move(earlier);
    view_ = {fields_->gx.view(), fields_->gy.view(), fields_->rho_c.view()};
    return;
  }
  earlier.reset();  // not both at a time
  const auto fields = std::make_shared<CoefficientFields>();
  fields->materials = m;
  fields->grid = grid;
  fields->owned = owned;
  fields->depth = depth;
  fields_ = fields;
  const Box inner = owned.grown(-1);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  fields->inner_limit = infinity;
  if (uniform_) {
    const double rate = (gx0_ + gx0_) + (gy0_ + gy0_);
    if (!inner.empty() && rate > 0.0) fields->inner_limit = rho_c0_ / rate;
    return;
  }
  fields->gx = Field2D<double>{owned, depth};
  fields->gy = Field2D<double>{owned, depth};
  fields->rho_c = Field2D<double>{owned, depth, 1.0};
  gx_ = fields->gx.view();
  gy_ = fields->gy.view();
  const View2D<double> rho_c = fields->rho_c.view();
  view_ = {gx_, gy_, rho_c};
  const Box cells = grid.within_reach(owned.grown(depth));
#pragma omp parallel if (worth_threads(cells))
  {
    Columns columns{grid, cells};
#pragma omp for schedule(static)
    for (int j = cells.j0; j < cells.j1; ++j) {
      double* const row = rho_c.row(j) + cells.i0;
      columns.along(m.density, j,
                    [&](std::size_t n, const Function& f, double x, double y) { row[n] = f(x, y); });
      columns.along(m.specific_heat, j,
                    [&](std::size_t n, const Function& f, double x, double y) { row[n] *= f(x, y); });
    }
  }
  if (!of_temperature_) {
    fill_faces(owned.grown(depth - 1), [&](Columns& columns, int j, std::array<double, 2>* k) {
      columns.along(m.conductivity, j, [&](std::size_t n, const ConductivityLaw& law, double x, double y) {
        k[n] = law(x, y, 0.0);
      });
    });
    fields->inner_limit = least_over(inner, [&](int i, int j) {
      const double rate = (gx_(i, j) + gx_(i + 1, j)) + (gy_(i, j) + gy_(i, j + 1));
      return rate > 0.0 ? rho_c(i, j) / rate : infinity;
    });
    return;
  }
  kx_ = Field2D<double>{owned, depth};
  ky_ = Field2D<double>{owned, depth};
  law_ = Field2D<std::int32_t>{owned, depth};
  const View2D<std::int32_t> law = law_.view();
#pragma omp parallel if (worth_threads(cells))
  {
    Columns columns{grid, cells};
#pragma omp for schedule(static)
    for (int j = cells.j0; j < cells.j1; ++j) columns.layers(m.conductivity, j, law.row(j) + cells.i0);
  }
  // The faces follow with the temperature.
}

std::array<double, 2> Coefficients::conductivity(int i, int j, double T) const {
  const double x = fields_->grid.x(i), y = fields_->grid.y(j);
  return fields_->materials.conductivity(x, y)(x, y, T);
}

void Coefficients::update(const Box& region, View2D<const double> u) {
  if (!of_temperature_) return;
  const Grid& grid = fields_->grid;
  const Layered<ConductivityLaw>& laws = fields_->materials.conductivity;
  const Box cells = grid.within_reach(region.grown(1));
  const View2D<const std::int32_t> law = std::as_const(law_).view();
  const View2D<double> kx = kx_.view(), ky = ky_.view();
#pragma omp parallel for schedule(static) if (worth_threads(cells))
  for (int j = cells.j0; j < cells.j1; ++j)
    for (int i = cells.i0; i < cells.i1; ++i) {
      const auto k = laws[law(i, j)](grid.x(i), grid.y(j), u(i, j));
      kx(i, j) = k[0];
      ky(i, j) = k[1];
    }
  const Box have = grid.within_reach(region.grown(1));
  fill_faces(region, [&](Columns&, int j, std::array<double, 2>* k) {
    for (int i = have.i0; i < have.i1; ++i) k[i - have.i0] = {kx(i, j), ky(i, j)};
  });
}

/// Faces of the cells of `region` from the conductivities of region.grown(1) within reach: k(columns, j, row)
/// puts {kx, ky} of row j there. Each thread goes upwards and keeps the row below, so that a costly k is
/// asked for once a cell and not stored.
template <class K>
void Coefficients::fill_faces(const Box& region, K&& k) {
  const Grid& grid = fields_->grid;
  const FaceMean how = fields_->materials.face_mean;
  const Box cells = grid.within_reach(region);
  const double rdx2 = 1.0 / (grid.dx() * grid.dx()), rdy2 = 1.0 / (grid.dy() * grid.dy());
  // The columns and rows that hold cells; a wall face takes the cell inside on both sides.
  const Box have = grid.within_reach(cells.grown(1));
  const auto columns = static_cast<std::size_t>(have.nx());
  const int none = have.j0 - 1;
#pragma omp parallel if (worth_threads(cells))
  {
    Columns places{grid, have};
    std::vector<std::array<double, 2>> below(columns), here(columns);
    int row = none;  // the one in `here`
    const auto ask = [&](int j) {
      k(places, j, here.data());
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
      for (int i = cells.i0; i < cells.i1; ++i) gy_(i, j) = mean(how, below[at(i)][1], here[at(i)][1]) * rdy2;
      if (j == cells.j1) continue;
      for (int i = cells.i0; i <= cells.i1; ++i)
        gx_(i, j) = mean(how, here[at(i - 1)][0], here[at(i)][0]) * rdx2;
    }
  }
}

}  // namespace calor
