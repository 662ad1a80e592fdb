// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>

namespace calor {

// Inner loops in plain arrays, compiled for several instruction sets and chosen when the program starts. All
// give the same bits: the operations and their order are the same, and none is fused.

/// One row of an explicit step in one material:  out = c + (rx ((e - c) - (c - w)) + ry ((n - c) - (c - s)))
/// @param here  the row's first cell; here[-1] and here[count] exist    @param below, above  the same
/// columns, one row away
/// @param rx, ry  dt k / (rho_c dx^2), dt k / (rho_c dy^2)              @param out  must not overlap the
/// others
void uniform_step_row(const double* below, const double* here, const double* above, double rx, double ry,
                      double* out, std::ptrdiff_t count);

}  // namespace calor
