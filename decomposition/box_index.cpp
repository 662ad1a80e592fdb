// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/box_index.hpp"

namespace calor {

namespace {

/// The least box that holds both.
Box around(const Box& a, const Box& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.i0, b.i0), std::min(a.j0, b.j0), std::max(a.i1, b.i1), std::max(a.j1, b.j1)};
}

}  // namespace

BoxIndex::BoxIndex(std::vector<Box> boxes) : boxes_{std::move(boxes)} {
  for (std::size_t n = 0; n < boxes_.size(); ++n)
    if (boxes_[n].empty()) empties_.push_back(n);
  const std::vector<Box>* below = &boxes_;
  do {
    std::vector<Box> level((below->size() + fan - 1) / fan);
    for (std::size_t g = 0; g < level.size(); ++g) {
      Box hull;
      for (std::size_t n = g * fan; n < std::min((g + 1) * fan, below->size()); ++n)
        hull = around(hull, (*below)[n]);
      level[g] = hull;
    }
    levels_.push_back(std::move(level));
    below = &levels_.back();
  } while (below->size() > 1);
  if (!below->empty()) hull_ = below->front();
}

}  // namespace calor
