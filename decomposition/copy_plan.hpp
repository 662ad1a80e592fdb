// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <vector>

#include "decomposition/box.hpp"
#include "decomposition/box_index.hpp"
#include "decomposition/partition.hpp"

namespace calor {

/// Cells that travel between this rank and `peer`, in the numbers of their owner. Who receives them stores
/// them at cells.shifted(di, dj): a shift other than (0, 0) is a walk around a periodic domain.
struct Transfer {
  int peer = 0;
  Box cells;
  int di = 0, dj = 0;
};

/// All data motion of one rank. Transfers are sorted by peer, and those of one pair of ranks stand in the
/// same order on both sides, so that they can share a message.
struct CopyPlan {
  std::vector<Transfer> sends, recvs;
};

/// After how many cells the domain repeats along x and y; 0: it does not.
struct Period {
  int nx = 0, ny = 0;
};

/// Cells of `have` travel to whoever lists them in `want`. A halo is (owned -> owned.grown(depth)),
/// re-balancing (old -> new partition), agglomeration (all -> fewer ranks): one plan type for all.
/// @param have  one box a rank, disjoint     @param want  one box a rank, may reach into any number of others
/// Pure: every rank makes its own plan from the same lists, without communication. Looks at the ranks nearby
/// only, whose number does not grow with that of all; to index a list takes a look at all of it, once for any
/// number of plans.
CopyPlan make_plan(const BoxIndex& have, const BoxIndex& want, int me, Period period = {});
inline CopyPlan make_plan(const std::vector<Box>& have, const std::vector<Box>& want, int me,
                          Period period = {}) {
  return make_plan(BoxIndex{have}, BoxIndex{want}, me, period);
}

/// The plan of a halo of `depth` cells: as make_plan, less what a rank already has in place. The depth may
/// exceed the width of the neighbours and, where the domain is periodic, that of the domain.
CopyPlan make_halo_plan(const BoxIndex& parts, int depth, int me, Period period = {});
inline CopyPlan make_halo_plan(const Partition& parts, int depth, int me, Period period = {}) {
  return make_halo_plan(BoxIndex{parts}, depth, me, period);
}

}  // namespace calor
