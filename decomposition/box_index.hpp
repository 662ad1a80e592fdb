// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "decomposition/box.hpp"

namespace calor {

/// A list of boxes, one a rank, that finds those of a place without looking at all: over every 16 boxes that
/// follow each other stands the box around them, over every 16 of these another, and so on. In partitions
/// what follows each other lies together, so that a search looks at some boxes a level, and there are
/// log(ranks) / log(16) levels; in a list in no such order it may look at all of them. Boxes may be empty,
/// and may overlap. Never changes, so any number of threads may ask at a time.
class BoxIndex {
 public:
  BoxIndex() = default;
  BoxIndex(std::vector<Box> boxes);  // NOLINT: a list of boxes may stand where an index is asked for

  const std::vector<Box>& boxes() const { return boxes_; }
  const Box& operator[](std::size_t n) const { return boxes_[n]; }
  std::size_t size() const { return boxes_.size(); }
  /// The box around all.
  const Box& hull() const { return hull_; }
  /// Numbers of the empty ones, ascending.
  const std::vector<std::size_t>& empties() const { return empties_; }

  /// Calls f(n) for every box n that shares a cell with `region`, in ascending order, until f says true;
  /// returns whether it did.
  template <class F>
  bool any_touching(const Box& region, F&& f) const {
    return !boxes_.empty() && in_group(levels_.size(), 0, region, f);
  }

 private:
  static constexpr std::size_t fan = 16;

  /// What is below box n of levels_[level - 1].
  template <class F>
  bool in_group(std::size_t level, std::size_t n, const Box& region, F&& f) const {
    const std::vector<Box>& below = level > 1 ? levels_[level - 2] : boxes_;
    const std::size_t end = std::min((n + 1) * fan, below.size());
    for (std::size_t m = n * fan; m < end; ++m)
      if (!intersection(below[m], region).empty() && (level > 1 ? in_group(level - 1, m, region, f) : f(m)))
        return true;
    return false;
  }

  std::vector<Box> boxes_;
  std::vector<std::vector<Box>> levels_;  // around 16 boxes each, around 16 of those ..., around all
  std::vector<std::size_t> empties_;
  Box hull_;
};

}  // namespace calor
