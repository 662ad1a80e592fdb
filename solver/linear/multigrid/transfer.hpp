// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <vector>

#include "decomposition/field.hpp"
#include "decomposition/partition.hpp"
#include "solver/linear/nine_point.hpp"

namespace calor {

/// One direction of a level's grid, and whether the next coarser level keeps every second cell of it: those
/// of even number. Where a periodic direction has an odd number of cells, the last and the first cell are
/// both coarse; frame() counts one more at each such seam, so that coarse points are the even ones
/// everywhere.
struct Axis {
  int n = 1;
  bool periodic = false, coarsened = false;

  int coarse() const { return coarsened ? (n + 1) / 2 : n; }
  int frame(int i) const { return i + (coarsened && periodic && n % 2 != 0 ? floor_divide(i, n) : 0); }
  int base(int i) const {
    return coarsened ? floor_divide(frame(i), 2) : i;
  }  ///< coarse point at i or before it
  bool is_coarse(int i) const { return !coarsened || frame(i) % 2 == 0; }
  int fine(int coarse_cell) const {  ///< number of a coarse point on the fine grid
    return coarsened ? 2 * coarse_cell - (periodic && n % 2 != 0 ? floor_divide(coarse_cell, coarse()) : 0)
                     : coarse_cell;
  }
  /// There is a cell between this coarse one and the next.
  bool has_next(int coarse_cell) const {
    return coarsened && (n % 2 == 0 || wrapped(coarse_cell, coarse()) != coarse() - 1);
  }

 private:
  static int floor_divide(int a, int b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }
  static int wrapped(int i, int period) { return i - floor_divide(i, period) * period; }
};

/// How a level and the next coarser one hang together.
struct Coarsening {
  Axis x, y;
  /// The coarse points of a box, in coarse numbers. Where there are none the box is empty, and lies between
  /// those around.
  Box coarse_box(const Box& fine) const;
};

/// Interpolation between a level and the next coarser one, with weights from the operator itself (Alcouffe,
/// Brandt, Dendy, Painter 1981; Dendy 1982): a cell between two coarse ones takes the value at which the
/// flux from one side is that to the other; one between four the value at which its own row is. So the
/// interpolant keeps its flux where conductivity jumps. Weights are stored with the coarse point below and to
/// the left, I, J:
///   east, west           of coarse points (I, J) and (I+1, J) for the cell between them
///   north, south         of (I, J) and (I, J+1) likewise
///   ne, nw, se, sw       of (I, J), (I+1, J), (I, J+1), (I+1, J+1) for the cell in the middle
/// Each is named for where the cell lies as seen from the coarse one. Fields of directions that are not
/// coarsened are empty.
template <class Real>
struct Interpolation {
  Field2D<Real> east, west, north, south, ne, nw, se, sw;
  static constexpr int reach = 3;  ///< halo that is needed
};

/// Weights on `coarse_box`. The two parts are separate because the second needs the first on a halo of 1.
/// @param a  on the fine cells that `coarse_box` stems from, and 2 cells around
void weigh_edges(const NinePoint<double>::View& a, const Coarsening& c, const Box& coarse_box,
                 Interpolation<double>& p);
void weigh_centres(const NinePoint<double>::View& a, const Coarsening& c, const Box& coarse_box,
                   Interpolation<double>& p);
/// Better weights of edges from those of the cells across, where these were taken to be alike before.
/// @param p  with its halo     @param better  its edges are written; may be p itself where both directions
/// are coarsened, for then only the centres are read
void sharpen_edges(const NinePoint<double>::View& a, const Coarsening& c, const Box& coarse_box,
                   const Interpolation<double>& p, Interpolation<double>& better);

/// The operator of the coarser level, P^T A P (Galerkin), on `coarse_box`. @param p  with its halo
void galerkin(const NinePoint<double>::View& a, const Coarsening& c, const Box& coarse_box,
              const Interpolation<double>& p, NinePoint<double>& coarse);

}  // namespace calor
