// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>

#include "decomposition/field.hpp"
#include "decomposition/reduce.hpp"
#include "solver/linear/row_pieces.hpp"
#include "solver/model/coefficients.hpp"

namespace calor {

/// balance_residual (solver/stencil/diffusion.hpp) of many steps with the same coefficients, to the bit:
/// where these are constant along rows they are not read.
class TrueResidual {
 public:
  /// Arguments and result of balance_residual.
  ExactSum operator()(const Box& region, const Coefficients& c, View2D<const double> q, double rate,
                      View2D<const double> u_old, View2D<const double> u, View2D<double> r);

 private:
  void look_at(const Box& owned, const Coefficients& c);

  std::weak_ptr<const CoefficientFields> of_;
  RowPieces<double, 4> pieces_;  // gx, gy of the row and of the one above, rho_c
};

}  // namespace calor
