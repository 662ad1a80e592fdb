// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <bit>
#include <cstdint>

namespace calor {

// Numbers in a checkpoint travel as integers: the same bits come back, also of NaN and -0.
inline std::int64_t bits_of(double v) { return std::bit_cast<std::int64_t>(v); }
inline double from_bits(std::int64_t b) { return std::bit_cast<double>(b); }

}  // namespace calor
