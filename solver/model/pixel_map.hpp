// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace calor {

/// nx x ny equal pixels on a rectangle, each with a number. A point has the pixel that it lies in, on an edge
/// the one to the right or above; beyond the rectangle the nearest.
struct PixelMap {
  int nx = 0, ny = 0;
  std::array<double, 2> x{}, y{};      // m
  std::vector<std::uint16_t> numbers;  // row by row from below

  std::uint16_t at(double px, double py) const {
    const auto number = [](double v, const std::array<double, 2>& ends, int n) {
      return static_cast<std::size_t>(
          std::clamp(std::floor((v - ends[0]) / (ends[1] - ends[0]) * n), 0.0, static_cast<double>(n - 1)));
    };
    return numbers[number(py, y, ny) * static_cast<std::size_t>(nx) + number(px, x, nx)];
  }
  friend bool operator==(const PixelMap&, const PixelMap&) = default;
};

}  // namespace calor
