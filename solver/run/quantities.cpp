// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/quantities.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace calor {

namespace {

void property(const Layered<Function>& f, const Problem& p, View2D<double> out) {
  for_cells(p.owned, [&](int i, int j) {
    const double x = p.grid.x(i), y = p.grid.y(j);
    out(i, j) = f(x, y)(x, y);
  });
  const CutCells cut{p.grid, p.owned, {&f.areas()}};
  for (const CutCells::Cell& c : cut.cells()) {
    double mean = 0.0;
    for (const CutCells::Part& part : cut.parts(c)) mean += part.share * f[part.top[0]](part.x, part.y);
    out(c.i, c.j) = mean;
  }
}

/// While something melts at one temperature, between those of its phases by the liquid share.
std::array<double, 2> conductivity(const Problem& p, int i, int j, double T) {
  const std::array<double, 2> k = p.coefficients.conductivity(i, j, T);
  if (!p.enthalpy || !p.coefficients.of_temperature()) return k;
  const EnthalpyCurve& curve = p.enthalpy->of(i, j);
  const double solid = curve.heat(T, 0.0), step = curve.heat(T, 1.0) - solid;
  if (!(step > 0.0)) return k;
  const std::array<double, 2> below =
      p.coefficients.conductivity(i, j, std::nextafter(T, -std::numeric_limits<double>::infinity()));
  const double share = std::clamp((p.state()(i, j) - solid) / step, 0.0, 1.0);
  return {below[0] + share * (k[0] - below[0]), below[1] + share * (k[1] - below[1])};
}

/// What a cubic metre of the cell's material holds for a degree: without what a wall of a hole lends it.
double capacity(const Problem& p, int i, int j) {
  const double all = p.coefficients.rho_c(i, j) / p.grid.weight(i, j);
  if (!p.coefficients.bodies()) return all;
  const BodyCells::Cell* const c = p.coefficients.bodies()->special(i, j);
  return c == nullptr || !(c->share > 0.0) ? all : all / (c->share + c->extra);
}

constexpr std::array table{
    CellQuantity{
        "temperature",
        {{{"temperature", "", "temperature"}, {}}},
        true,
        false,
        [](Problem& p, double, View2D<double> T, View2D<double>) { copy_cells(p.owned, p.u.view(), T); }},
    CellQuantity{"flux",
                 {{{"flux_x", "W m-2", "heat flux along x"}, {"flux_y", "W m-2", "heat flux along y"}}},
                 true,
                 false,
                 [](Problem& p, double t, View2D<double> x, View2D<double> y) { heat_flux(p, t, x, y); }},
    CellQuantity{"density",
                 {{{"density", "kg m-3", "density"}, {}}},
                 false,
                 true,
                 [](Problem& p, double, View2D<double> out, View2D<double>) {
                   property(p.coefficients.materials().density, p, out);
                 },
                 true},
    CellQuantity{"specific_heat",
                 {{{"specific_heat", "J kg-1 K-1", "specific heat"}, {}}},
                 false,
                 true,
                 [](Problem& p, double, View2D<double> out, View2D<double>) {
                   property(p.coefficients.materials().specific_heat, p, out);
                 },
                 false,
                 true},
    CellQuantity{"heat_capacity",
                 {{{"heat_capacity", "J m-3 K-1", "heat capacity of the volume"}, {}}},
                 false,
                 true,
                 [](Problem& p, double, View2D<double> out, View2D<double>) {
                   for_cells(p.owned, [&](int i, int j) { out(i, j) = capacity(p, i, j); });
                 },
                 true,
                 true},
    CellQuantity{"enthalpy",
                 {{{"enthalpy", "J m-3", "heat content of the volume, from 0 of the scale"}, {}}},
                 true,
                 true,
                 [](Problem& p, double, View2D<double> out, View2D<double>) {
                   const View2D<const double> state = p.state();
                   for_cells(p.owned, [&](int i, int j) { out(i, j) = capacity(p, i, j) * state(i, j); });
                 },
                 true,
                 true},
    CellQuantity{"liquid",
                 {{{"liquid", "1", "share of the latent heat that is held"}, {}}},
                 true,
                 true,
                 [](Problem& p, double, View2D<double> out, View2D<double>) {
                   const View2D<const double> state = p.state();
                   for_cells(p.owned, [&](int i, int j) {
                     out(i, j) = p.enthalpy ? p.enthalpy->of(i, j).liquid(state(i, j)) : 0.0;
                   });
                 }},
    CellQuantity{"conductivity",
                 {{{"conductivity_x", "W m-1 K-1", "conductivity along x"},
                   {"conductivity_y", "W m-1 K-1", "conductivity along y"}}},
                 true,
                 true,
                 [](Problem& p, double, View2D<double> kx, View2D<double> ky) {
                   const View2D<const double> u = p.u.view();
                   for_cells(p.owned, [&](int i, int j) {
                     const auto k = conductivity(p, i, j, u(i, j));
                     kx(i, j) = k[0];
                     if (ky.first != nullptr) ky(i, j) = k[1];
                   });
                 }},
};

}  // namespace

PartProperty property_of_parts(const Problem& p, std::string_view word) {
  constexpr std::size_t n = PartProperty::first_stack;
  const Materials& m = p.coefficients.materials();
  const auto of = [](const Layered<Function>& f) {
    return PartProperty{
        {&f.areas()}, [&f](const CutCells::Part& part, int, int) { return f[part.top[n]](part.x, part.y); }};
  };
  if (word == "density") return of(m.density);
  if (word == "specific_heat") return of(m.specific_heat);
  if (word == "heat_capacity") return heat_capacity_of_parts(m);
  if (word == "conductivity")
    return {{&m.conductivity.areas()}, [&m, u = p.u.cview()](const CutCells::Part& part, int i, int j) {
              return m.conductivity[part.top[n]](part.x, part.y, u(i, j))[0];
            }};
  return {};
}

namespace {

std::vector<std::string_view> words(bool CellQuantity::*which) {
  std::vector<std::string_view> result;
  for (const CellQuantity& q : table)
    if (q.*which) result.push_back(q.word);
  return result;
}

}  // namespace

const CellQuantity* find_quantity(std::string_view word) {
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const CellQuantity& q) { return q.word == word; });
  return row == table.end() ? nullptr : &*row;
}

std::vector<std::string_view> field_words() { return words(&CellQuantity::field); }
std::vector<std::string_view> weight_words() { return words(&CellQuantity::weight); }

}  // namespace calor
