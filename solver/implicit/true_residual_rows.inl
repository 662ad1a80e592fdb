// SPDX-License-Identifier: BSD-3-Clause
// Row loops of TrueResidual; CALOR_VALUES says what the coefficients are. Their arithmetic is that of
// balance_residual.

/// r = rate rho_c (before - u) + div(k grad u), terms = r r, for cells i0 .. i1 - 1 of a row; terms begin at
/// i0.
CALOR_WIDE_CLONES void residual_row(const RowOf<CALOR_VALUES>& k, double rate, const double* before,
                                    const double* below, const double* here, const double* above,
                                    double* __restrict r, double* __restrict terms, std::ptrdiff_t i0,
                                    std::ptrdiff_t i1) {
  const auto gx = k.gx, south = k.south, north = k.north, rho_c = k.rho_c;
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    const double c = here[i];
    const double flow = stencil::divergence(
        stencil::flux<double>(gx[i], here[i - 1], c), stencil::flux<double>(gx[i + 1], c, here[i + 1]),
        stencil::flux<double>(south[i], below[i], c), stencil::flux<double>(north[i], c, above[i]));
    r[i] = rate * rho_c[i] * (before[i] - c) + flow;
    terms[i - i0] = r[i] * r[i];
  }
}

/// The same with a source.
CALOR_WIDE_CLONES void residual_row(const RowOf<CALOR_VALUES>& k, const double* heat, double rate,
                                    const double* before, const double* below, const double* here,
                                    const double* above, double* __restrict r, double* __restrict terms,
                                    std::ptrdiff_t i0, std::ptrdiff_t i1) {
  const auto gx = k.gx, south = k.south, north = k.north, rho_c = k.rho_c;
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    const double c = here[i];
    const double flow = stencil::divergence(
        stencil::flux<double>(gx[i], here[i - 1], c), stencil::flux<double>(gx[i + 1], c, here[i + 1]),
        stencil::flux<double>(south[i], below[i], c), stencil::flux<double>(north[i], c, above[i]));
    r[i] = rate * rho_c[i] * (before[i] - c) + (flow + heat[i]);
    terms[i - i0] = r[i] * r[i];
  }
}
