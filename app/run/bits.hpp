// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <bit>
#include <cstdint>
#include <vector>

namespace calor::app {

// Numbers in a checkpoint travel as integers: the same bits come back, also of NaN and -0.
inline std::int64_t bits_of(double v) { return std::bit_cast<std::int64_t>(v); }
inline double from_bits(std::int64_t b) { return std::bit_cast<double>(b); }
inline std::vector<std::int64_t> bits_of_all(const std::vector<double>& values) {
  std::vector<std::int64_t> bits;
  for (const double v : values) bits.push_back(bits_of(v));
  return bits;
}
inline std::vector<double> all_from_bits(const std::vector<std::int64_t>& bits) {
  std::vector<double> values;
  for (const std::int64_t b : bits) values.push_back(from_bits(b));
  return values;
}

}  // namespace calor::app
