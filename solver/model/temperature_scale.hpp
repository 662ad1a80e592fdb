// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

namespace calor {

/// The range of temperatures by which errors are measured: of all that was seen so far, and of what the
/// problem lets expect. Differences only, so that nothing hangs on where the scale has its zero.
struct TemperatureScale {
  double least = std::numeric_limits<double>::infinity(), most = -least;  // seen so far [K]
  double expected = 0.0;                                                  // range [K]

  void see(double low, double high) {
    least = std::min(least, low);
    most = std::max(most, high);
  }
  /// With what is between low and high. Below the last digits that temperatures have there is no range.
  double range(double low, double high) const {
    const double bottom = std::min(least, low), top = std::max(most, high);
    constexpr double digits = 1e-9;
    return std::max({top - bottom, expected, digits * std::max(std::abs(top), std::abs(bottom))});
  }
};

}  // namespace calor
