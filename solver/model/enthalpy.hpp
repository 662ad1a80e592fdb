// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "decomposition/field.hpp"
#include "solver/model/body_cells.hpp"
#include "solver/model/enthalpy_curve.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/material.hpp"

namespace calor {

/// The enthalpy curve of each cell: of its material, of a cell that edges cut the mixture of its parts';
/// where there are holes of what it has of bodies, with what neighbours gave, and in holes T = h.
class Enthalpy {
 public:
  /// @param cells   all that are ever asked for, within reach of the grid
  /// @param bodies  where there are holes; else null
  Enthalpy(const Materials& materials, const Grid& grid, const Box& cells, const BodyCells* bodies);

  const EnthalpyCurve& of(int i, int j) const {
    return curves_[static_cast<std::size_t>(number_.view()(i, j))];
  }
  /// u = T(h) on the cells of a box.
  void temperatures(const Box& box, View2D<const double> h, View2D<double> u) const;
  /// The least dh/dT between two temperatures, of every curve by its number.
  std::vector<double> least_capacities(double T0, double T1) const;
  std::int32_t number(int i, int j) const { return number_.view()(i, j); }

 private:
  Field2D<std::int32_t> number_;
  std::vector<EnthalpyCurve> curves_;  // of materials.specific_heat, then of cut cells
};

}  // namespace calor
