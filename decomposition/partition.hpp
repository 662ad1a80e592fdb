// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <vector>

#include "decomposition/box.hpp"

namespace calor {

/// Owned box of every rank, by rank number: disjoint, none empty, together the domain.
using Partition = std::vector<Box>;

/// The most ranks that `domain` can be shared by: one cell each.
std::int64_t most_ranks(const Box& domain);

/// Blocks of nearly equal cell counts and small surfaces, for any number of ranks: horizontal bands, each cut
/// into its share of blocks, so that 7 ranks become 2 + 2 + 3 blocks rather than 7 slices.
/// @param ranks  1 <= ranks <= most_ranks(domain)
Partition partition(const Box& domain, int ranks);

/// What cells cost, where that differs: means over a lattice of mx x my equal shares of the domain, row by
/// row from the lower left.
struct CellCosts {
  int mx = 0, my = 0;
  std::vector<double> cost;  ///< not negative, not all 0
};

/// The same blocks and bands with their borders moved, so that all cost nearly the same.
/// @param even  as partition() gave it
Partition balanced(const Box& domain, const Partition& even, const CellCosts& costs);

/// px columns of py blocks; rank = row * px + column. 1 <= px <= domain.nx(), 1 <= py <= domain.ny()
Partition partition(const Box& domain, int px, int py);

/// The domain on fewer ranks, spread evenly over `of` of them; the boxes of the others are empty.
std::vector<Box> spread(const Box& domain, int ranks, int of);

/// Every box grown by `depth` cells, also beyond the domain.
std::vector<Box> grown(const Partition& parts, int depth);

/// Cells of the largest block over the mean; or the cost of the dearest.
double imbalance(const Partition& parts);
double imbalance(const Box& domain, const Partition& parts, const CellCosts& costs);

}  // namespace calor
