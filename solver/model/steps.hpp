// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>

namespace calor {

/// Equal steps: step k of them goes from time(k) to time(k + 1). Times are computed from the count, so they
/// do not depend on how the steps are grouped.
struct Steps {
  double start = 0.0;      // s
  double dt = 0.0;         // s
  std::int64_t first = 0;  // number of the first step, counted from `start`
  std::int64_t count = 1;
  /// Where integration began afresh, at or before `start` [s]: at t = 0, at jumps and breaks. Nothing that
  /// was before it says anything about what comes after.
  double origin = 0.0;
  /// Functions of time that jump at the beginning or at the end are looked at on this side of the jump [s].
  double earliest = -std::numeric_limits<double>::infinity(),
         latest = std::numeric_limits<double>::infinity();

  double time(std::int64_t k) const {
    return std::clamp(start + static_cast<double>(first + k) * dt, earliest, latest);
  }
  /// The first step since the origin.
  bool fresh() const { return first == 0 && start == origin; }
};

}  // namespace calor
