// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>

#include "solver/model/cut_cells.hpp"
#include "solver/model/problem.hpp"

namespace calor {

// What is read off a temperature field. All functions are collective, and all ranks get the same bits on any
// layout.

struct Survey {
  double min = 0.0, max = 0.0, mean = 0.0;  // K; mean over the volume
  double heat = 0.0;                        // content: sum of V rho_c u [J, or per metre of depth]
  double heat_size = 0.0;                   // the same sum of magnitudes: nothing cancels in it
  bool finite = true;
  int i = 0, j = 0;  // where it is not finite: the first such cell, row by row from below
};
Survey survey(const Problem& p);
/// The heat of survey() alone, to the bit.
/// @param even  the temperature is known to be the same in all cells
double heat_content(const Problem& p, bool even = false);

/// Temperature at a point of the domain, walls included [K]. Interpolates between cell centres, face
/// temperatures (equal flux from both sides, so a kink at a change of material is kept) and vertices; second
/// order. Exchanges the halo and works out the walls at time t.
double temperature_at(Problem& p, double x, double y, double t);
/// The same at several points, with the walls worked out once.
std::vector<double> temperatures_at(Problem& p, const std::vector<std::array<double, 2>>& points, double t);

/// Temperature at a point on a contact as one of the bodies has it that meet there [K]. Where the contact
/// lies on a face of the grid, that of the face; else what a parabola through the centres of the cells around
/// gives that lie in the body, weighted by their distance. Likewise collective.
double temperature_in(Problem& p, std::int32_t body, double x, double y, double t);

/// Sum over the cells (of an area, if given; a cell that its edge cuts by its share) of V w T, with w(i, j)
/// [m3, or per metre of depth, times w, times K].
/// @param property  what w is of, where that is a property of what lies there: a cell that the area's edge
/// cuts then counts with its own parts', in place of its share of w
template <class W>
double weighted_integral(const Problem& p, const Area* area, W&& w, const PartProperty& property = {});

/// Heat flux -k dT/dx, -k dT/dy at the cell centres [W m^-2]: the mean of both faces. Needs what prepare()
/// works out.
void heat_flux(Problem& p, double t, View2D<double> flux_x, View2D<double> flux_y);

template <class W>
double weighted_integral(const Problem& p, const Area* area, W&& w, const PartProperty& property) {
  const View2D<const double> u = p.u.view();
  const double nominal = p.grid.cell_volume();
  const bool even = p.grid.even();
  const auto volume_of = [&](int i, int j) { return even ? nominal : nominal * p.grid.weight(i, j); };
  const BodyCells* const bodies = p.coefficients.bodies().get();
  const auto term = [&](int i, int j) {  // of what the cell has of bodies
    return (bodies != nullptr ? volume_of(i, j) * bodies->share(i, j) : volume_of(i, j)) * w(i, j) * u(i, j);
  };
  ExactSum sum;
  if (area == nullptr) {
    sum = exact_sum(p.owned, [&](int i, int j) { return p.live(i, j) ? term(i, j) : 0.0; });
  } else {
    const RegionCells cells{
        p.grid, p.owned, {*area}, Layered{Function{}}, property, p.coefficients.materials().voids, bodies};
    sum = cells.sum([&](int i, int j, const RegionCells::Run& run) {
      return property.of && !run.whole() ? run.own * (volume_of(i, j) * u(i, j)) : run.part * term(i, j);
    });
  }
  reduce(p.comm, {&sum, 1});
  return sum.value();
}

}  // namespace calor
