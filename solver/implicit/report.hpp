// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>

namespace calor {

/// What a method tells about its work since the start.
struct SolveReport {
  std::int64_t iterations = 0;        // linear iterations, all steps
  std::int64_t outer_iterations = 0;  // corrections (Newton, Picard), all steps
  std::int64_t last_iterations = 0;   // linear iterations of the last step
  double residual = 0.0;              // last step: true residual over the initial one
  double setup_seconds = 0.0;         // of the preconditioner, within the steps
  double unbooked = 0.0;              // sum of the 2-norms of true residual / rate that solves left [J m-3]
  bool unstable = false;              // a steady state that a small change of temperature leads away from
};

}  // namespace calor
