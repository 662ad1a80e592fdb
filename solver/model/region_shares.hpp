// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "decomposition/box.hpp"
#include "decomposition/mpi.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/material.hpp"

namespace calor {

/// Which cells a region has, and how much of them: all of a cell, or the share that its area covers where an
/// edge cuts the cell (with Coverage::centre a cell is in it, or is not).
class RegionCells {
 public:
  struct Run {  // cells [i0, i1) of row j, wholly
    int j, i0, i1;
  };
  struct Cut {
    int i, j;
    double share;  // 0 < share < 1
  };

  /// @param areas  the area meant, and after it those that hide it     @param owned  cells looked at
  RegionCells(const Grid& grid, const Box& owned, const std::vector<Area>& areas);

  const std::vector<Run>& whole() const { return whole_; }
  const std::vector<Cut>& cut() const { return cut_; }
  /// Calls f(i, j, share) for each cell.
  template <class F>
  void for_each(F&& f) const {
    for (const Run& r : whole_)
      for (int i = r.i0; i < r.i1; ++i) f(i, r.j, 1.0);
    for (const Cut& c : cut_) f(c.i, c.j, c.share);
  }

 private:
  std::vector<Run> whole_;
  std::vector<Cut> cut_;
};

/// The cells of all regions of one rank: what of each is seen, and what it would be without the others.
///
/// A later region hides an earlier one where both set the same: the material (conductivity, density, specific
/// heat) if the earlier one sets any of it; else the heating (power, heat); else the initial temperature. So
/// a region that only heats hides no material, and an area that sets nothing is seen whole.
class RegionShares {
 public:
  RegionShares(const std::vector<Region>& regions, const Grid& grid, const Box& owned);

  std::size_t size() const { return seen_.size(); }
  const RegionCells& seen(std::size_t n) const { return seen_[n]; }
  const RegionCells& drawn(std::size_t n) const { return drawn_[n]; }

 private:
  std::vector<RegionCells> seen_, drawn_;
};

/// What the grid makes of a region, over all ranks.
struct RegionReport {
  long long cells = 0;       // that hold some of what is seen of it
  double area = 0.0;         // of what is seen of it [m2]
  double area_drawn = 0.0;   // of the shape [m2]
  double area_held = 0.0;    // of the shape, as the grid has it within the domain, seen or not [m2]
  double area_inside = 0.0;  // of the shape within the domain, exactly [m2]
};
/// Of each region, of a problem as its spec has it. Collective; the same bits on any layout.
std::vector<RegionReport> report_regions(const RegionShares& shares, const std::vector<Region>& regions,
                                         const Grid& grid, const mpi::Comm& comm);

/// What the grid cannot hold of the regions, said in full, one text each. The same on all ranks.
std::vector<std::string> region_warnings(const std::vector<RegionReport>& reports,
                                         const std::vector<Region>& regions, const Materials& materials,
                                         const Grid& grid);

}  // namespace calor
