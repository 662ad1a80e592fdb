// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <vector>

#include "solver/model/problem.hpp"

namespace calor {

// What is told of regions and sections at one time. Collective; the same bits on any layout. A region counts
// as it is seen: cells_of_regions.

struct RegionSurvey {
  double content = 0.0;                     ///< sum of V rho_c u [J per metre of depth]
  double power = 0.0, out = 0.0;            ///< made in it, and leaving through its boundary [W per metre]
  double min = 0.0, max = 0.0, mean = 0.0;  ///< K, the mean over its area; NaN where it has no cell
  // Of a hole: out is what passes its wall into the body, the temperatures are those of the wall.
};

struct PartsSurvey {
  std::vector<RegionSurvey> regions;
  std::vector<double> sections;  ///< W per metre, to the left
};
/// Exchanges the halo, and works out all that depends on t and the present temperatures.
PartsSurvey survey_parts(Problem& p, double t);

/// The contents alone [J per metre].
std::vector<double> region_contents(const Problem& p);

}  // namespace calor
