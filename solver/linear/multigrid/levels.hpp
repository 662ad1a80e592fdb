// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <vector>

#include "decomposition/copy_plan.hpp"
#include "decomposition/field.hpp"
#include "decomposition/halo.hpp"
#include "solver/linear/multigrid/multigrid.hpp"
#include "solver/linear/multigrid/transfer.hpp"
#include "solver/linear/nine_point.hpp"
#include "solver/linear/row_pieces.hpp"

namespace calor {

/// Relaxations of a multigrid cycle before and after the coarser levels.
inline constexpr int multigrid_relaxations = (multigrid_depth + 1) / 2;

/// Loops over rows of a level go over these columns: a few more than needed, so that they begin where vectors
/// begin, and what has just been stored is loaded again in the same pieces.
struct Columns {
  int first, end;
};
inline Columns columns(const Box& own) {
  constexpr int vector = 8;
  static_assert(vector >= multigrid_depth);
  return {own.i0 - vector, own.i0 + (own.nx() + multigrid_depth + vector - 1) / vector * vector};
}

/// One grid of the hierarchy, as far as this rank has cells of it; its fields reach multigrid_depth cells
/// beyond.
template <class Real>
struct MultigridLevel {
  Box owned;
  Axis x, y;
  NinePoint<Real> a;               // without d, and with five points without c; in their places
  Field2D<Real> inverse_diagonal;  // 1 / d, and with five points
  Field2D<Real> self;              // c less all couplings: what a cell holds and what it passes to walls
  Field2D<Real> f, u, z;           // right-hand side; after the first relaxations; result
  Exchange<Real> fill_f;           // its halo, or all of it where it comes from other ranks
  CopyPlan halo;                   // of this level's cells
  std::array<Real, 4> omega{};     // of the relaxations
  RowPieces<Real, 10> pieces_a;    // of what StencilOf in rows.inl has, in its order
  bool last = false;               // dominated by its diagonal, or of one cell: relaxations alone solve it
  bool twice = false;              // solved by two cycles
  // Towards the next coarser level, on the cells that this rank's own become there:
  Box coarse_box;
  Interpolation<Real> p;
  /// Of what WeightsOf has in a coarse row, in its order, and of south, se and sw in the row below.
  RowPieces<Real, 11> pieces_p;
  bool moved = false;                // to other ranks
  Field2D<Real> coarse_f, coarse_z;  // only if moved
  Exchange<Real> fill_z;             // the next level's z with the halo that p needs
};

template <class Real>
struct MultigridLevels {
  std::vector<MultigridLevel<Real>> levels;  // from the finest to the coarsest
  double strongest = 1.0;                    // coupling beside the diagonal on the finest level
  double scale = 1.0;                        // of the operator: its largest number is about 1
};

/// The levels for an operator, as make_multigrid takes it. Each is made from the one before: how strong its
/// couplings are along x and y says which way it is coarsened. Collective.
template <class Real>
MultigridLevels<Real> make_levels(const mpi::Comm& comm, const Grid& grid, const Partition& parts,
                                  NinePoint<double> a, const MultigridOptions& options);

}  // namespace calor
