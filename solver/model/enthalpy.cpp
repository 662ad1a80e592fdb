// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/enthalpy.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "solver/model/cut_cells.hpp"

namespace calor {

namespace {

/// What is mixed in a cell: capacities, each with its curve.
using Mixture = std::vector<std::pair<double, const EnthalpyCurve*>>;

}  // namespace

Enthalpy::Enthalpy(const Materials& materials, const Grid& grid, const Box& cells, const BodyCells* bodies)
    : number_{cells, 0}, curves_{materials.curves} {
  const Layered<Function>&rho = materials.density, &c = materials.specific_heat;
  const View2D<std::int32_t> number = number_.view();
  for_each(cells, [&](int i, int j) { number(i, j) = c.at(grid.x(i), grid.y(j)); });
  if (grid.coverage != Coverage::area) return;
  // What is given to neighbours comes from two cells away.
  const std::vector<Area> none;
  const CutCells cut{
      grid,
      bodies != nullptr ? grid.within_reach({cells.i0 - 2, cells.j0 - 2, cells.i1 + 2, cells.j1 + 2}) : cells,
      {&rho.areas(), &c.areas(), bodies != nullptr ? &materials.voids.areas : &none}};
  const auto add = [&](const CutCells::Part& p, double weight, Mixture& to) {
    if (bodies != nullptr && materials.voids.of(p.top[2]) != Voids::body) return;
    to.emplace_back(weight * p.share * (rho[p.top[0]](p.x, p.y) * c[p.top[1]](p.x, p.y)),
                    &materials.curves[static_cast<std::size_t>(p.top[1])]);
  };
  const auto take = [&](int i, int j, const Mixture& mixture) {
    const auto first = mixture.front().second;
    if (std::all_of(mixture.begin(), mixture.end(),
                    [&](const auto& part) { return *part.second == *first; })) {
      number(i, j) = static_cast<std::int32_t>(first - materials.curves.data());
      return;
    }
    number(i, j) = static_cast<std::int32_t>(curves_.size());
    curves_.push_back(EnthalpyCurve::mixture(mixture));
  };
  std::map<std::pair<int, int>, std::vector<BodyCells::Gift>> gifts;
  if (bodies != nullptr) gifts = bodies->gifts_by_receiver();
  const auto add_given = [&](int i, int j, Mixture& to) {
    const auto found = gifts.find({j, i});
    if (found == gifts.end()) return;
    for (const BodyCells::Gift& g : found->second)
      for (const CutCells::Part& p : cut.at(g.i, g.j)) add(p, g.weight(grid), to);
    gifts.erase(found);
  };
  for (const CutCells::Cell& cell : cut.cells()) {
    if (!cells.contains(cell.i, cell.j) || (bodies != nullptr && !bodies->live(cell.i, cell.j))) continue;
    Mixture mixture;
    for (const CutCells::Part& p : cut.parts(cell)) add(p, 1.0, mixture);
    add_given(cell.i, cell.j, mixture);
    take(cell.i, cell.j, mixture);
  }
  while (!gifts.empty()) {  // to cells that nothing cuts
    const auto [j, i] = gifts.begin()->first;
    if (!cells.contains(i, j)) {
      gifts.erase(gifts.begin());
      continue;
    }
    const double x = grid.x(i), y = grid.y(j);
    Mixture mixture{
        {rho(x, y)(x, y) * c(x, y)(x, y), &materials.curves[static_cast<std::size_t>(c.at(x, y))]}};
    add_given(i, j, mixture);
    take(i, j, mixture);
  }
  if (bodies == nullptr) return;
  const auto straight = static_cast<std::int32_t>(curves_.size());
  curves_.emplace_back();
  for_each(cells, [&](int i, int j) {
    if (!bodies->live(i, j)) number(i, j) = straight;
  });
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
