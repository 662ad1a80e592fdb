// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <vector>

namespace calor {

/// While it lives, all threads of this process take numbers too small for the exponent as zero: single
/// precision sinks into them where a residual fades out, and they are many times slower. On all ranks alike,
/// so no bits differ.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  std::vector<std::uint64_t> before_;  // by thread
};

}  // namespace calor
