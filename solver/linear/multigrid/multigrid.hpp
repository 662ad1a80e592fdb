// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <string>

#include "decomposition/heed.hpp"
#include "decomposition/mpi.hpp"
#include "decomposition/partition.hpp"
#include "solver/linear/nine_point.hpp"
#include "solver/linear/preconditioner.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/precision.hpp"

namespace calor {

struct MultigridOptions {
  Precision precision = Precision::double_;  ///< of the cycle; the solver around it stays in double
  std::int64_t cells_a_rank = 8192;          ///< coarse levels go to so few ranks that each has about so many
  bool pieces = true;                        ///< of rows, where they help (row_pieces.hpp); changes no bits
  bool twice = false;                        ///< two cycles on each of a few coarser levels: a W-cycle there
  Heed* heed = nullptr;                      ///< asked between levels while they are made; or null
};

/// One symmetric multigrid cycle for a five-point operator with any coefficients (V(3,3)): a few relaxations,
/// the residual restricted to a coarser grid, solved there likewise, the correction interpolated back, and
/// relaxed again. Robust against jumping coefficients by interpolation and coarse operators made from the
/// operator itself (solver/linear/multigrid/transfer.hpp), against anisotropy by coarsening along the strong
/// direction alone until both are alike. It ends where the diagonal dominates, as it does below some size in
/// time steps, or with one cell.
///
/// Where the operator varies much, `twice` lets some coarser levels be solved better: their cycle is followed
/// by another one on what it leaves (W-cycle; Trottenberg, Oosterlee, Schüller 2001, sec. 2.4), on the third
/// to the fifth level, of a sixteenth of the cells and less, and on no more of them, so that the coarsest, of
/// little else than messages, are visited eight times at the most.
///
/// Relaxation is damped Jacobi with the factors of a Chebyshev polynomial (Saad 2003, sec. 12.3), so that
/// its result does not depend on the order of cells. All of a level's relaxations, with residual and
/// restriction, are made in one pass through memory and after one exchange of a halo.
///
/// Sources: Alcouffe, Brandt, Dendy, Painter (1981); Dendy (1982); Trottenberg, Oosterlee, Schüller (2001),
/// ch. 7; semicoarsening by direction: Ashby, Falgout (1996).
class Multigrid : public Preconditioner {
 public:
  /// Levels, cells and precision, for people.
  virtual std::string layout() const = 0;
};

/// @param a  five-point operator on the owned cells: c, w, s (0 at walls that are not periodic). Its halo is
/// filled here. Positive definite.
/// @param parts  a box for every rank of comm, which must outlive the result. Collective.
std::unique_ptr<Multigrid> make_multigrid(const mpi::Comm& comm, const Grid& grid, const Partition& parts,
                                          NinePoint<double> a, const MultigridOptions& options);
/// Halo of the operator that make_multigrid wants room for.
inline constexpr int multigrid_depth = 5;

}  // namespace calor
