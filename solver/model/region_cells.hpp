// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "decomposition/reduce.hpp"
#include "solver/model/area.hpp"
#include "solver/model/body_cells.hpp"
#include "solver/model/cut_cells.hpp"
#include "solver/model/function.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/material.hpp"

namespace calor {

/// What parts of cells hold of something, by their volume: a heat capacity, a density.
struct PartProperty {
  std::vector<const std::vector<Area>*> stacks;  // at most two, that part.top numbers from `first_stack` on
  /// Of a part of what cell (i, j) holds. Empty: the same of all.
  std::function<double(const CutCells::Part& part, int i, int j)> of;
  static constexpr std::size_t first_stack = 2;
};
/// The heat capacity that materials give parts [J m^-3 K^-1], at one specific heat each where that depends on
/// T. They must outlive it.
PartProperty heat_capacity_of_parts(const Materials& materials);

/// The cells of a region among those of one rank, each with its share in it: all of a cell, or what its area
/// covers where an edge cuts the cell (with Coverage::centre a cell is in it, or is not).
class RegionCells {
 public:
  /// How much of what a function of the power holds of a cell lies in the region.
  struct Heating {
    std::int32_t layer;  // number of the function
    double share;
  };
  /// Neighbours in a row that are wholly in it, or one cell that is cut.
  struct Run {
    int j, i0, i1;
    double share;                  ///< of the cell
    double part;                   ///< of what the cell holds: the share, but where a hole has some of it
    double own;                    ///< the sum over its parts of the share and their property
    double held;                   ///< that over the same sum of all that the cell holds
    std::vector<Heating> heating;  ///< of a cell that is cut; empty: all of the cell's
    bool whole() const { return heating.empty(); }
  };
  /// @param areas  the area meant, and after it those that hide it     @param power  for Run::heating
  /// @param property  for Run::own and Run::held
  /// @param bodies  where there are holes: cells that are live have what others gave them. Null: none
  RegionCells(const Grid& grid, const Box& owned, const std::vector<Area>& areas,
              const Layered<Function>& power, const PartProperty& property = {}, const Voids& voids = {},
              const BodyCells* bodies = nullptr);
  RegionCells() = default;

  /// Row by row from below, in each from the left.
  const std::vector<Run>& runs() const { return runs_; }

  /// Calls f(begin, end, run) for the runs of row j, as far as they lie in [i0, i1).
  template <class F>
  void for_runs(int j, int i0, int i1, F&& f) const {
    auto run =
        std::lower_bound(runs_.begin(), runs_.end(), j, [](const Run& r, int row) { return r.j < row; });
    for (; run != runs_.end() && run->j == j; ++run) {
      const int begin = std::max(run->i0, i0), end = std::min(run->i1, i1);
      if (begin < end) f(begin, end, *run);
    }
  }

  /// Sum of f(i, j, run): the same bits on any layout.
  template <class F>
  ExactSum sum(F&& f) const {
    constexpr int chunk = 512;
    double terms[chunk];
    ExactSum total;
    for (const Run& r : runs_)
      for (int i = r.i0; i < r.i1; i += chunk) {
        const int count = std::min(chunk, r.i1 - i);
        for (int n = 0; n < count; ++n) terms[n] = f(i + n, r.j, r);
        total.add(terms, count);
      }
    return total;
  }

 private:
  std::vector<Run> runs_;
};

/// What is seen of each region. A later region hides an earlier one where both set the same: the material
/// (conductivity, density, specific heat) if the earlier one sets any of it; else the heating (power, heat);
/// else the initial temperature. So a region that only heats hides no material, and an area that sets nothing
/// is seen whole. Holes have no cells.
std::vector<RegionCells> cells_of_regions(const std::vector<Region>& regions, const Grid& grid,
                                          const Box& owned, const Layered<Function>& power,
                                          const PartProperty& property = {}, const Voids& voids = {},
                                          const BodyCells* bodies = nullptr);

}  // namespace calor
