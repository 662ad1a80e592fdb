// SPDX-License-Identifier: BSD-3-Clause
// The loops of rows.inl that read an operator or weights, of which CALOR_VALUES says what they are.

/// u = omega f / d
CALOR_WIDE_CLONES inline void first_row(const StencilOf<CALOR_VALUES>& a, const Real* f, Real omega,
                                        Real* __restrict u, std::ptrdiff_t i0, std::ptrdiff_t i1,
                                        const Ahead& ahead) {
  const auto by = a.by;
  along(
      i0, i1, ahead, [&](std::ptrdiff_t i) __attribute__((always_inline)) { u[i] = omega * f[i] * by[i]; });
}

/// r = f - A u, five points
CALOR_WIDE_CLONES inline void residual_row5(const StencilOf<CALOR_VALUES>& a, const Real* f,
                                            const Real* below, const Real* here, const Real* above,
                                            Real* __restrict r, std::ptrdiff_t i0, std::ptrdiff_t i1) {
  const auto own = a.own, w = a.w, s = a.s, n = a.n;
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    const Real u = here[i];
    r[i] = f[i] - (own[i] * u + ((w[i] * (u - here[i - 1]) + w[i + 1] * (u - here[i + 1])) +
                                 (s[i] * (u - below[i]) + n[i] * (u - above[i]))));
  }
}

/// out = u + omega (f - A u) / c, five points
CALOR_WIDE_CLONES inline void relax_row5(const StencilOf<CALOR_VALUES>& a, const Real* f, Real omega,
                                         const Real* below, const Real* here, const Real* above,
                                         Real* __restrict out, std::ptrdiff_t i0, std::ptrdiff_t i1,
                                         const Ahead& ahead) {
  const auto by = a.by, w = a.w, s = a.s, n = a.n;
  along(
      i0, i1, ahead, [&](std::ptrdiff_t i) __attribute__((always_inline)) {
        const Real balanced =
            by[i] *
            (f[i] + ((w[i] * here[i - 1] + w[i + 1] * here[i + 1]) + (s[i] * below[i] + n[i] * above[i])));
        out[i] = here[i] + omega * (balanced - here[i]);
      });
}

/// r -= A p, five points; `here` is p
CALOR_WIDE_CLONES inline void correct_row5(const StencilOf<CALOR_VALUES>& a, const Real* below,
                                           const Real* here, const Real* above, Real* __restrict r,
                                           std::ptrdiff_t i0, std::ptrdiff_t i1) {
  const auto own = a.own, w = a.w, s = a.s, n = a.n;
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    const Real p = here[i];
    r[i] -= own[i] * p + ((w[i] * (p - here[i - 1]) + w[i + 1] * (p - here[i + 1])) +
                          (s[i] * (p - below[i]) + n[i] * (p - above[i])));
  }
}

/// r = f - A u, nine points
CALOR_WIDE_CLONES inline void residual_row9(const StencilOf<CALOR_VALUES>& a, const Real* f,
                                            const Real* below, const Real* here, const Real* above,
                                            Real* __restrict r, std::ptrdiff_t i0, std::ptrdiff_t i1) {
  const auto c = a.c, w = a.w, s = a.s, n = a.n, sw = a.sw, ne = a.ne, se = a.se, nw = a.nw;
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    r[i] = f[i] - (c[i] * here[i] -
                   (((w[i] * here[i - 1] + w[i + 1] * here[i + 1]) + (s[i] * below[i] + n[i] * above[i])) +
                    ((sw[i] * below[i - 1] + ne[i + 1] * above[i + 1]) +
                     (se[i] * below[i + 1] + nw[i - 1] * above[i - 1]))));
  }
}

/// out = u + omega (f - A u) / d, nine points
CALOR_WIDE_CLONES inline void relax_row9(const StencilOf<CALOR_VALUES>& a, const Real* f, Real omega,
                                         const Real* below, const Real* here, const Real* above,
                                         Real* __restrict out, std::ptrdiff_t i0, std::ptrdiff_t i1,
                                         const Ahead& ahead) {
  const auto c = a.c, w = a.w, s = a.s, n = a.n, sw = a.sw, ne = a.ne, se = a.se, nw = a.nw, by = a.by;
  along(
      i0, i1, ahead, [&](std::ptrdiff_t i) __attribute__((always_inline)) {
        const Real r =
            f[i] - (c[i] * here[i] -
                    (((w[i] * here[i - 1] + w[i + 1] * here[i + 1]) + (s[i] * below[i] + n[i] * above[i])) +
                     ((sw[i] * below[i - 1] + ne[i + 1] * above[i + 1]) +
                      (se[i] * below[i + 1] + nw[i - 1] * above[i - 1]))));
        out[i] = here[i] + omega * r * by[i];
      });
}

/// to[I] = sum over the fine cells around of weight * r; `below` and `above` are the fine rows around the
/// coarse one, `at` and `under` the weights of coarse rows J and J - 1. Fine columns are 2 I.
CALOR_WIDE_CLONES inline void restrict_both(const WeightsOf<CALOR_VALUES>& at,
                                            const WeightsOf<CALOR_VALUES>& under, const Real* below,
                                            const Real* here, const Real* above, Real* __restrict to,
                                            std::ptrdiff_t I0, std::ptrdiff_t I1) {
  const auto east = at.east, west = at.west, north = at.north, ne = at.ne, nw = at.nw, south = under.south,
             se = under.se, sw = under.sw;
#pragma omp simd
  for (std::ptrdiff_t I = I0; I < I1; ++I)
    to[I] = (here[2 * I] + (east[I] * here[2 * I + 1] + west[I - 1] * here[2 * I - 1])) +
            ((north[I] * above[2 * I] + south[I] * below[2 * I]) +
             ((ne[I] * above[2 * I + 1] + nw[I - 1] * above[2 * I - 1]) +
              (se[I] * below[2 * I + 1] + sw[I - 1] * below[2 * I - 1])));
}
CALOR_WIDE_CLONES inline void restrict_x(const WeightsOf<CALOR_VALUES>& at, const Real* here,
                                         Real* __restrict to, std::ptrdiff_t I0, std::ptrdiff_t I1) {
  const auto east = at.east, west = at.west;
#pragma omp simd
  for (std::ptrdiff_t I = I0; I < I1; ++I)
    to[I] = here[2 * I] + (east[I] * here[2 * I + 1] + west[I - 1] * here[2 * I - 1]);
}
CALOR_WIDE_CLONES inline void restrict_y(const WeightsOf<CALOR_VALUES>& at,
                                         const WeightsOf<CALOR_VALUES>& under, const Real* below,
                                         const Real* here, const Real* above, Real* __restrict to,
                                         std::ptrdiff_t I0, std::ptrdiff_t I1) {
  const auto north = at.north, south = under.south;
#pragma omp simd
  for (std::ptrdiff_t i = I0; i < I1; ++i) to[i] = here[i] + (north[i] * above[i] + south[i] * below[i]);
}

// out = u + P e on one fine row. `e` is coarse row J, `up` row J + 1; `on_coarse_row` says whether the fine
// row is coarse row J itself or lies between the two.

/// Coarse cells I0 to I1 and the fine ones right of them: columns 2 I and 2 I + 1.
CALOR_WIDE_CLONES inline void prolong_both_on_coarse(const WeightsOf<CALOR_VALUES>& at, const Real* e,
                                                     const Real* u, Real* __restrict out, std::ptrdiff_t I0,
                                                     std::ptrdiff_t I1) {
  const auto east = at.east, west = at.west;
#pragma omp simd
  for (std::ptrdiff_t I = I0; I < I1; ++I) {
    out[2 * I] = u[2 * I] + e[I];
    out[2 * I + 1] = u[2 * I + 1] + (east[I] * e[I] + west[I] * e[I + 1]);
  }
}
CALOR_WIDE_CLONES inline void prolong_both_between(const WeightsOf<CALOR_VALUES>& at, const Real* e,
                                                   const Real* up, const Real* u, Real* __restrict out,
                                                   std::ptrdiff_t I0, std::ptrdiff_t I1) {
  const auto north = at.north, south = at.south, ne = at.ne, nw = at.nw, se = at.se, sw = at.sw;
#pragma omp simd
  for (std::ptrdiff_t I = I0; I < I1; ++I) {
    out[2 * I] = u[2 * I] + (north[I] * e[I] + south[I] * up[I]);
    out[2 * I + 1] = u[2 * I + 1] + ((ne[I] * e[I] + nw[I] * e[I + 1]) + (se[I] * up[I] + sw[I] * up[I + 1]));
  }
}
CALOR_WIDE_CLONES inline void prolong_y_between(const WeightsOf<CALOR_VALUES>& at, const Real* e,
                                                const Real* up, const Real* u, Real* __restrict out,
                                                std::ptrdiff_t i0, std::ptrdiff_t i1) {
  const auto north = at.north, south = at.south;
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) out[i] = u[i] + (north[i] * e[i] + south[i] * up[i]);
}
