// SPDX-License-Identifier: BSD-3-Clause
#include "solver/row_kernels.hpp"

// Sanitizers and other processors do without the choice at start-up.
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
#define CALOR_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CALOR_CLONES
#endif

namespace calor {

CALOR_CLONES
void uniform_step_row(const double* below, const double* here, const double* above, double rx, double ry,
                      double* __restrict out, std::ptrdiff_t count) {
#pragma omp simd
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const double c = here[i];
    out[i] = c + (rx * ((here[i + 1] - c) - (c - here[i - 1])) + ry * ((above[i] - c) - (c - below[i])));
  }
}

}  // namespace calor
