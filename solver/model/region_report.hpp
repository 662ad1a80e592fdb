// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "solver/model/problem.hpp"

namespace calor {

/// What the grid makes of a region, over all ranks.
struct RegionReport {
  long long cells = 0;       // that hold some of what is seen of it
  double area = 0.0;         // of what is seen of it [m2]
  double area_drawn = 0.0;   // of the shape [m2]
  double area_held = 0.0;    // of the shape, as the grid has it within the domain, seen or not [m2]
  double area_inside = 0.0;  // of the shape within the domain, exactly [m2]
  double area_beyond = 0.0;  // of what is seen of it, in cells whose centre lies beyond a contact [m2]
  // Of a hole: sides of cells that its wall blocks, and how much longer it is than they show of it.
  long long elements = 0;
  double factor = 1.0;
};
/// Of each region. Collective; the same bits on any layout.
std::vector<RegionReport> report_regions(const Problem& problem);

/// What the grid cannot hold of the regions, said in full, one text each. The same on all ranks.
std::vector<std::string> region_warnings(const std::vector<RegionReport>& reports,
                                         const std::vector<Region>& regions, const Materials& materials,
                                         const Grid& grid);

/// Likewise of what lies under all regions, where some of it is in cells whose centre is beyond a contact;
/// else empty. Collective.
std::string contact_warning(const Problem& problem);

}  // namespace calor
