// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>

namespace calor {

/// Equal steps: step k of them goes from time(k) to time(k + 1). Times are computed from the count, so they
/// do not depend on how the steps are grouped.
struct Steps {
  double start = 0.0;      // s
  double dt = 0.0;         // s
  std::int64_t first = 0;  // number of the first step, counted from `start`
  std::int64_t count = 1;
  double time(std::int64_t k) const { return start + static_cast<double>(first + k) * dt; }
};

}  // namespace calor
