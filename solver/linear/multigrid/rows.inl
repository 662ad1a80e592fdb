// SPDX-License-Identifier: BSD-3-Clause
// Row loops of the multigrid cycle for one kind of number, Real. All pointers are indexed by the global
// column i, or by the coarse one I. Included once for each kind, because a function that is compiled for
// several instruction sets cannot be a template.
//
// Loops that read an operator or weights are there twice, of one text (operator_rows.inl): these come from
// memory, or are constant along the stretch. The operations and their order are the same, hence the bits.

/// A number in place of a row of them.
struct Constant {
  Real value;
  __attribute__((always_inline)) Real operator[](std::ptrdiff_t) const { return value; }
};

template <class Row>
struct StencilOf {
  Row c, w, s, n, sw, ne, se, nw;  // n, ne, nw: rows of s, sw, se one row up
  Row by;                          // 1 / d, d as in NinePoint
  Row own;                         // five points: c less all couplings
};
using RowStencil = StencilOf<const Real*>;
using ConstantStencil = StencilOf<Constant>;

template <class Row>
struct WeightsOf {  // of coarse rows J (above the cells in question or level with them) and J - 1
  Row east, west, north, south, ne, nw, se, sw;
};
using RowWeights = WeightsOf<const Real*>;
using ConstantWeights = WeightsOf<Constant>;

/// Rows that will be read soon, or null: asked for a line at a time while others are worked on, for between
/// rows the memory would stand idle.
using Ahead = std::array<const Real*, 3>;

/// f(i) for i0 <= i < i1
template <class F>
__attribute__((always_inline)) inline void along(std::ptrdiff_t i0, std::ptrdiff_t i1, const Ahead& ahead,
                                                 F&& f) {
  constexpr std::ptrdiff_t line = 64 / sizeof(Real);
  const auto [one, two, three] = ahead;
  std::ptrdiff_t i = i0;
  if (two != nullptr)
    for (; i + line <= i1; i += line) {
      __builtin_prefetch(one + i);
      __builtin_prefetch(two + i);
      __builtin_prefetch(three + i);
#pragma omp simd
      for (std::ptrdiff_t k = i; k < i + line; ++k) f(k);
    }
  else if (one != nullptr)
    for (; i + line <= i1; i += line) {
      __builtin_prefetch(one + i);
#pragma omp simd
      for (std::ptrdiff_t k = i; k < i + line; ++k) f(k);
    }
#pragma omp simd
  for (std::ptrdiff_t k = i; k < i1; ++k) f(k);
}

/// p = a z + b before
CALOR_WIDE_CLONES inline void direction_row(const Real* z, Real a, Real b, const Real* before,
                                            Real* __restrict p, std::ptrdiff_t i0, std::ptrdiff_t i1) {
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) p[i] = a * z[i] + b * before[i];
}

/// sum += p
CALOR_WIDE_CLONES inline void add_step(const Real* p, double* __restrict sum, std::ptrdiff_t count) {
#pragma omp simd
  for (std::ptrdiff_t i = 0; i < count; ++i) sum[i] += static_cast<double>(p[i]);
}

/// out = u + e
CALOR_WIDE_CLONES inline void add_row(const Real* e, const Real* u, Real* __restrict out, std::ptrdiff_t i0,
                                      std::ptrdiff_t i1) {
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) out[i] = u[i] + e[i];
}

#define CALOR_VALUES const Real*
#include "solver/linear/multigrid/operator_rows.inl"
#undef CALOR_VALUES
#define CALOR_VALUES Constant
#include "solver/linear/multigrid/operator_rows.inl"
#undef CALOR_VALUES
