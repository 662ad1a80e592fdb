// SPDX-License-Identifier: BSD-3-Clause
// The loops of stepping.hpp over a row, for each instruction set. Not in the header: Clang 14 makes of
// functions in clones one in each file that sees them.
#include "app/bench/stepping.hpp"
#include "decomposition/clones.hpp"

namespace calor::app::bench {

CALOR_CLONES void plain_row(const double* below, const double* here, const double* above, double r,
                            double* out, std::ptrdiff_t count) {
#pragma omp simd
  for (std::ptrdiff_t i = 0; i < count; ++i)
    out[i] = here[i] + r * (((here[i - 1] + here[i + 1]) + (below[i] + above[i])) - 4.0 * here[i]);
}

CALOR_CLONES void plain_row_single(const float* below, const float* here, const float* above, float r,
                                   float* out, std::ptrdiff_t count) {
#pragma omp simd
  for (std::ptrdiff_t i = 0; i < count; ++i)
    out[i] = here[i] + r * (((here[i - 1] + here[i + 1]) + (below[i] + above[i])) - 4.0F * here[i]);
}

CALOR_CLONES void plain_row_fields(const double* below, const double* here, const double* above,
                                   const double* gx, const double* gy, const double* gy_above,
                                   const double* rho_c, double dt, double* out, std::ptrdiff_t count) {
#pragma omp simd
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const double c = here[i];
    const double west = gx[i] * (c - here[i - 1]), east = gx[i + 1] * (here[i + 1] - c);
    const double south = gy[i] * (c - below[i]), north = gy_above[i] * (above[i] - c);
    out[i] = c + dt / rho_c[i] * ((east - west) + (north - south));
  }
}

}  // namespace calor::app::bench
