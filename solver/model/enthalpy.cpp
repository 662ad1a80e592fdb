// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/enthalpy.hpp"

#include <utility>

#include "solver/model/cut_cells.hpp"

namespace calor {

Enthalpy::Enthalpy(const Materials& materials, const Grid& grid, const Box& cells)
    : number_{cells, 0}, curves_{materials.curves} {
  const Layered<Function>&rho = materials.density, &c = materials.specific_heat;
  const View2D<std::int32_t> number = number_.view();
  for_each(cells, [&](int i, int j) { number(i, j) = c.at(grid.x(i), grid.y(j)); });
  if (grid.coverage != Coverage::area) return;
  const CutCells cut{grid, cells, {&rho.areas(), &c.areas()}};
  for (const CutCells::Cell& cell : cut.cells()) {
    std::vector<std::pair<double, const EnthalpyCurve*>> parts;
    bool alike = true;
    for (const CutCells::Part& p : cut.parts(cell)) {
      const EnthalpyCurve& curve = materials.curves[static_cast<std::size_t>(p.top[1])];
      parts.emplace_back(p.share * (rho[p.top[0]](p.x, p.y) * c[p.top[1]](p.x, p.y)), &curve);
      alike = alike && curve == *parts.front().second;
    }
    if (alike) {
      number(cell.i, cell.j) = cut.parts(cell).front().top[1];
      continue;
    }
    number(cell.i, cell.j) = static_cast<std::int32_t>(curves_.size());
    curves_.push_back(EnthalpyCurve::mixture(parts));
  }
}

void Enthalpy::temperatures(const Box& box, View2D<const double> h, View2D<double> u) const {
  for_cells(box, [&](int i, int j) { u(i, j) = of(i, j).temperature(h(i, j)); });
}

std::vector<double> Enthalpy::least_capacities(double T0, double T1) const {
  std::vector<double> least;
  for (const EnthalpyCurve& c : curves_) least.push_back(c.least_capacity(T0, T1));
  return least;
}

}  // namespace calor
