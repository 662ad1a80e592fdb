// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <vector>

#include "solver/model/loads.hpp"
#include "solver/run/clock.hpp"
#include "solver/run/spec.hpp"

namespace calor {

/// Output times and the end, rising [s]. Error{bad_case} if they are too many to be meant.
std::vector<double> output_times(const TimeSpec& time, double end);

/// What steps end at.
struct Targets {
  std::vector<Target> all;
  double begin = 0.0;  // as for Clock
};
/// Output times, breaks, jumps of functions of time, and their corners where those are at least `apart` [s]
/// from what was before.
Targets make_targets(const std::vector<double>& outputs, const std::vector<double>& breaks,
                     const std::vector<LoadEvent>& events, double apart);

}  // namespace calor
