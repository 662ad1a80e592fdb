// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "decomposition/reduce.hpp"
#include "solver/model/area.hpp"
#include "solver/model/grid.hpp"

namespace calor {

/// How much of a cell lies in an area, in [0, 1]: all of it or nothing, by its centre. What is told of a
/// region rests on this rule alone.
double share_of_cell(const Area& area, const Grid& grid, int i, int j);

/// The cells of a region among those of one rank, each with its share in it.
class RegionCells {
 public:
  /// Neighbours in a row with the same share.
  struct Run {
    int j, i0, i1;
    double share;
  };
  RegionCells(const Area& area, const Grid& grid, const Box& owned);

  /// Row by row from below, in each from the left.
  const std::vector<Run>& runs() const { return runs_; }
  std::int64_t cells() const { return cells_; }  ///< with a share, however small

  /// Calls f(begin, end, share) for the runs of row j, as far as they lie in [i0, i1).
  template <class F>
  void for_runs(int j, int i0, int i1, F&& f) const {
    auto run =
        std::lower_bound(runs_.begin(), runs_.end(), j, [](const Run& r, int row) { return r.j < row; });
    for (; run != runs_.end() && run->j == j; ++run) {
      const int begin = std::max(run->i0, i0), end = std::min(run->i1, i1);
      if (begin < end) f(begin, end, run->share);
    }
  }

  /// Sum of share * f(i, j): the same bits on any layout.
  template <class F>
  ExactSum sum(F&& f) const {
    constexpr int chunk = 512;
    double terms[chunk];
    ExactSum total;
    for (const Run& r : runs_)
      for (int i = r.i0; i < r.i1; i += chunk) {
        const int count = std::min(chunk, r.i1 - i);
        for (int n = 0; n < count; ++n) terms[n] = r.share * f(i + n, r.j);
        total.add(terms, count);
      }
    return total;
  }

 private:
  std::vector<Run> runs_;
  std::int64_t cells_ = 0;
};

}  // namespace calor
