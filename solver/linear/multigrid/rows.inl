// SPDX-License-Identifier: BSD-3-Clause
// Row loops of the multigrid cycle for one kind of number, Real. All pointers are indexed by the global
// column i, or by the coarse one I. Included once for each kind, because a function that is compiled for
// several instruction sets cannot be a template.

struct RowStencil {
  const Real *c, *w, *s, *n, *sw, *ne, *se, *nw;  // n, ne, nw: rows of s, sw, se one row up
  const Real* by;                                 // 1 / d, d as in NinePoint
  const Real* own;                                // five points: c less all couplings
};

struct RowWeights {  // of coarse rows J (above the cells in question or level with them) and J - 1
  const Real *east, *west, *north, *south, *ne, *nw, *se, *sw;
};

/// Rows that will be read soon: asked for a line at a time while others are worked on, for between rows the
/// memory would stand idle.
using Ahead = std::array<const Real*, 3>;

/// f(i) for i0 <= i < i1
template <class F>
__attribute__((always_inline)) inline void along(std::ptrdiff_t i0, std::ptrdiff_t i1, const Ahead& ahead,
                                                 F&& f) {
  constexpr std::ptrdiff_t line = 64 / sizeof(Real);
  const auto [one, two, three] = ahead;
  std::ptrdiff_t i = i0;
  for (; i + line <= i1; i += line) {
    __builtin_prefetch(one + i);
    __builtin_prefetch(two + i);
    __builtin_prefetch(three + i);
#pragma omp simd
    for (std::ptrdiff_t k = i; k < i + line; ++k) f(k);
  }
#pragma omp simd
  for (std::ptrdiff_t k = i; k < i1; ++k) f(k);
}

/// u = omega f / d
CALOR_CLONES inline void first_row(const Real* f, const Real* by, Real omega, Real* __restrict u,
                                   std::ptrdiff_t i0, std::ptrdiff_t i1, const Ahead& ahead) {
  along(i0, i1, ahead, [&](std::ptrdiff_t i) __attribute__((always_inline)) { u[i] = omega * f[i] * by[i]; });
}

/// r = f - A u, five points
CALOR_CLONES inline void residual_row5(const RowStencil& a, const Real* f, const Real* below,
                                       const Real* here, const Real* above, Real* __restrict r,
                                       std::ptrdiff_t i0, std::ptrdiff_t i1) {
  const Real *const own = a.own, *const w = a.w, *const s = a.s, *const n = a.n;
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    const Real u = here[i];
    r[i] = f[i] - (own[i] * u + ((w[i] * (u - here[i - 1]) + w[i + 1] * (u - here[i + 1])) +
                                 (s[i] * (u - below[i]) + n[i] * (u - above[i]))));
  }
}

/// out = u + omega (f - A u) / c, five points
CALOR_CLONES inline void relax_row5(const RowStencil& a, const Real* f, Real omega, const Real* below,
                                    const Real* here, const Real* above, Real* __restrict out,
                                    std::ptrdiff_t i0, std::ptrdiff_t i1, const Ahead& ahead) {
  const Real *const by = a.by, *const w = a.w, *const s = a.s, *const n = a.n;
  along(i0, i1, ahead, [&](std::ptrdiff_t i) __attribute__((always_inline)) {
    const Real balanced = by[i] * (f[i] + ((w[i] * here[i - 1] + w[i + 1] * here[i + 1]) +
                                           (s[i] * below[i] + n[i] * above[i])));
    out[i] = here[i] + omega * (balanced - here[i]);
  });
}

/// p = a z + b p
CALOR_CLONES inline void turn_row(const Real* z, Real a, Real b, Real* __restrict p, std::ptrdiff_t i0,
                                  std::ptrdiff_t i1) {
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) p[i] = a * z[i] + b * p[i];
}

/// x += p, r -= A p, five points; `here` is p
CALOR_CLONES inline void correct_row5(const RowStencil& a, const Real* below, const Real* here,
                                      const Real* above, double* __restrict x, Real* __restrict r,
                                      std::ptrdiff_t i0, std::ptrdiff_t i1) {
  const Real *const own = a.own, *const w = a.w, *const s = a.s, *const n = a.n;
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    const Real p = here[i];
    x[i] += static_cast<double>(p);
    r[i] -= own[i] * p + ((w[i] * (p - here[i - 1]) + w[i + 1] * (p - here[i + 1])) +
                          (s[i] * (p - below[i]) + n[i] * (p - above[i])));
  }
}

/// r = f - A u, nine points
CALOR_CLONES inline void residual_row9(const RowStencil& a, const Real* f, const Real* below,
                                       const Real* here, const Real* above, Real* __restrict r,
                                       std::ptrdiff_t i0, std::ptrdiff_t i1) {
  const Real *const c = a.c, *const w = a.w, *const s = a.s, *const n = a.n, *const sw = a.sw,
             *const ne = a.ne, *const se = a.se, *const nw = a.nw;
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    r[i] = f[i] - (c[i] * here[i] -
                   (((w[i] * here[i - 1] + w[i + 1] * here[i + 1]) + (s[i] * below[i] + n[i] * above[i])) +
                    ((sw[i] * below[i - 1] + ne[i + 1] * above[i + 1]) +
                     (se[i] * below[i + 1] + nw[i - 1] * above[i - 1]))));
  }
}

/// out = u + omega (f - A u) / d, nine points
CALOR_CLONES inline void relax_row9(const RowStencil& a, const Real* f, Real omega, const Real* below,
                                    const Real* here, const Real* above, Real* __restrict out,
                                    std::ptrdiff_t i0, std::ptrdiff_t i1, const Ahead& ahead) {
  const Real *const c = a.c, *const w = a.w, *const s = a.s, *const n = a.n, *const sw = a.sw,
             *const ne = a.ne, *const se = a.se, *const nw = a.nw, *const by = a.by;
  along(i0, i1, ahead, [&](std::ptrdiff_t i) __attribute__((always_inline)) {
    const Real r =
        f[i] - (c[i] * here[i] -
                (((w[i] * here[i - 1] + w[i + 1] * here[i + 1]) + (s[i] * below[i] + n[i] * above[i])) +
                 ((sw[i] * below[i - 1] + ne[i + 1] * above[i + 1]) +
                  (se[i] * below[i + 1] + nw[i - 1] * above[i - 1]))));
    out[i] = here[i] + omega * r * by[i];
  });
}

/// to[I] = sum over the fine cells around of weight * r; `below` and `above` are the fine rows around the
/// kept one, `at` and `under` the weights of coarse rows J and J - 1. Fine columns are 2 I.
CALOR_CLONES inline void restrict_both(const RowWeights& at, const RowWeights& under, const Real* below,
                                       const Real* here, const Real* above, Real* __restrict to,
                                       std::ptrdiff_t I0, std::ptrdiff_t I1) {
  const Real *const east = at.east, *const west = at.west, *const north = at.north, *const ne = at.ne,
             *const nw = at.nw, *const south = under.south, *const se = under.se, *const sw = under.sw;
#pragma omp simd
  for (std::ptrdiff_t I = I0; I < I1; ++I)
    to[I] = (here[2 * I] + (east[I] * here[2 * I + 1] + west[I - 1] * here[2 * I - 1])) +
            ((north[I] * above[2 * I] + south[I] * below[2 * I]) +
             ((ne[I] * above[2 * I + 1] + nw[I - 1] * above[2 * I - 1]) +
              (se[I] * below[2 * I + 1] + sw[I - 1] * below[2 * I - 1])));
}
CALOR_CLONES inline void restrict_x(const RowWeights& at, const Real* here, Real* __restrict to,
                                    std::ptrdiff_t I0, std::ptrdiff_t I1) {
  const Real *const east = at.east, *const west = at.west;
#pragma omp simd
  for (std::ptrdiff_t I = I0; I < I1; ++I)
    to[I] = here[2 * I] + (east[I] * here[2 * I + 1] + west[I - 1] * here[2 * I - 1]);
}
CALOR_CLONES inline void restrict_y(const RowWeights& at, const RowWeights& under, const Real* below,
                                    const Real* here, const Real* above, Real* __restrict to,
                                    std::ptrdiff_t I0, std::ptrdiff_t I1) {
  const Real *const north = at.north, *const south = under.south;
#pragma omp simd
  for (std::ptrdiff_t i = I0; i < I1; ++i) to[i] = here[i] + (north[i] * above[i] + south[i] * below[i]);
}

// out = u + P e on one fine row. `e` is coarse row J, `up` row J + 1; `kept` says whether the fine row is
// coarse row J itself or lies between the two.

/// Coarse cells I0 to I1 and the fine ones right of them: columns 2 I and 2 I + 1.
CALOR_CLONES inline void prolong_both_kept(const RowWeights& at, const Real* e, const Real* u,
                                           Real* __restrict out, std::ptrdiff_t I0, std::ptrdiff_t I1) {
  const Real *const east = at.east, *const west = at.west;
#pragma omp simd
  for (std::ptrdiff_t I = I0; I < I1; ++I) {
    out[2 * I] = u[2 * I] + e[I];
    out[2 * I + 1] = u[2 * I + 1] + (east[I] * e[I] + west[I] * e[I + 1]);
  }
}
CALOR_CLONES inline void prolong_both_between(const RowWeights& at, const Real* e, const Real* up,
                                              const Real* u, Real* __restrict out, std::ptrdiff_t I0,
                                              std::ptrdiff_t I1) {
  const Real *const north = at.north, *const south = at.south, *const ne = at.ne, *const nw = at.nw,
             *const se = at.se, *const sw = at.sw;
#pragma omp simd
  for (std::ptrdiff_t I = I0; I < I1; ++I) {
    out[2 * I] = u[2 * I] + (north[I] * e[I] + south[I] * up[I]);
    out[2 * I + 1] =
        u[2 * I + 1] + ((ne[I] * e[I] + nw[I] * e[I + 1]) + (se[I] * up[I] + sw[I] * up[I + 1]));
  }
}
CALOR_CLONES inline void prolong_y_between(const RowWeights& at, const Real* e, const Real* up,
                                           const Real* u, Real* __restrict out, std::ptrdiff_t i0,
                                           std::ptrdiff_t i1) {
  const Real *const north = at.north, *const south = at.south;
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) out[i] = u[i] + (north[i] * e[i] + south[i] * up[i]);
}
CALOR_CLONES inline void add_row(const Real* e, const Real* u, Real* __restrict out, std::ptrdiff_t i0,
                                 std::ptrdiff_t i1) {
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) out[i] = u[i] + e[i];
}
