// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <vector>

#include "decomposition/gather.hpp"
#include "solver/linear/amg/sparse.hpp"

namespace calor {

/// A number in [0, 1) that depends on the cell alone and looks random.
double noise(CellNumber cell);

/// Rows of some points, columns by place in `columns`. A point is a cell of the finest grid; coarser levels
/// have fewer of them. All lists ascend, so that sums over a row have the same order on any layout.
struct PointRows {
  std::vector<CellNumber> points, columns;
  SparseRows rows;
};

/// The rows of `near`, some of them this rank's own, the others from their owners. Columns are those of the
/// own rows and all that the others reach. Collective.
PointRows rows_around(const mpi::Comm& comm, const CellOwners& owners, std::vector<CellNumber> near,
                      PointRows own);

/// The rows of a sparse operator around one rank's points.
struct Surroundings {
  std::vector<CellNumber> own;   ///< points of this rank
  std::vector<CellNumber> near;  ///< these, and all that their rows reach
  std::vector<CellNumber> far;   ///< these, and all that the rows of `near` reach
  std::vector<std::int32_t> own_in_near, near_in_far;
  SparseRows rows;  ///< of `near`, columns by place in `far`
  Gather fill_far;  ///< numbers of `far` that other ranks own

  std::int32_t far_place(std::int32_t own_place) const {
    return near_in_far[static_cast<std::size_t>(own_in_near[static_cast<std::size_t>(own_place)])];
  }
};

/// @param own  rows of this rank's points; the points are among the columns. Collective.
Surroundings make_surroundings(const mpi::Comm& comm, const CellOwners& owners, PointRows own);
/// The rows of `own` again, columns by place in `near`; those of s are gone.
SparseRows own_rows(Surroundings&& s);

/// Which points of `far` stay on the coarser level. A point depends on those with whom it has couplings of at
/// least a quarter of its largest one. In rounds, those stay on whom more others depend than on all that they
/// are coupled with in this way, and whoever depends on one that stays goes; ties are broken by noise (PMIS:
/// De Sterck, Yang, Heys 2006). So of two points that depend on each other one goes at least, and every point
/// that goes depends on one that stays, unless nobody depends on it. Collective.
std::vector<bool> choose_points(const mpi::Comm& comm, Surroundings& s);

/// Interpolation to own points from the points that stay, columns by place in `far`. A point that stays
/// passes its value on; any other takes a mean of the points that stay among its strong couplings and among
/// theirs, weighted so that its row is in balance (extended+i: De Sterck, Falgout, Nolting, Yang 2008,
/// eq. 4.10). The four largest weights are kept, and scaled to the same sum.
SparseRows interpolate(const Surroundings& s, const std::vector<bool>& stays);

}  // namespace calor
