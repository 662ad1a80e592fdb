// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>

#include "decomposition/mpi.hpp"
#include "decomposition/partition.hpp"
#include "solver/linear/multigrid/multigrid.hpp"
#include "solver/linear/nine_point.hpp"
#include "solver/model/grid.hpp"

namespace calor {

/// As make_multigrid, for operators whose coefficients no grid of every second cell can represent, as those
/// of random media: one symmetric cycle of algebraic multigrid. Which points a coarser level keeps follows
/// from the couplings themselves (solver/linear/amg/coarse_points.hpp), and its operator is P^T A P with as
/// many couplings as come out. Hence it needs few iterations whatever the conductivities, each of which costs
/// some five times as much as one of make_multigrid, and a set-up some ten times as long. In double
/// precision; the same bits on any layout.
///
/// Relaxation is damped Jacobi with the factors of a Chebyshev polynomial as there. Levels move to fewer
/// ranks as they become small; the last has few points and is solved directly, or couplings so weak that
/// relaxation solves it.
///
/// Sources: Ruge, Stüben (1987); De Sterck, Yang, Heys (2006); De Sterck, Falgout, Nolting, Yang (2008).
std::unique_ptr<Multigrid> make_algebraic_multigrid(const mpi::Comm& comm, const Grid& grid,
                                                    const Partition& parts, NinePoint<double> a,
                                                    const MultigridOptions& options);

}  // namespace calor
