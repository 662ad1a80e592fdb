// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/iteration.hpp"

#include <algorithm>

#include "decomposition/clones.hpp"
#include "solver/linear/cg.hpp"
#include "solver/linear/chebyshev_blocks.hpp"
#include "solver/linear/cycles.hpp"

namespace calor {

namespace {

/// p = scale z + beta p
CALOR_CLONES void direction_row(const float* z, double scale, double beta, double* __restrict p, int n) {
#pragma omp simd
  for (int i = 0; i < n; ++i) p[i] = scale * static_cast<double>(z[i]) + beta * p[i];
}
CALOR_CLONES void direction_row(const double* z, double scale, double beta, double* __restrict p, int n) {
#pragma omp simd
  for (int i = 0; i < n; ++i) p[i] = scale * z[i] + beta * p[i];
}

}  // namespace

void LinearWork::clear(View2D<double> x) const {
  for_rows(owned, [&](int j) { std::fill(x.row(j) + owned.i0, x.row(j) + owned.i1, 0.0); });
}

void LinearWork::update_direction(const Preconditioner::Result& z, double scale, double beta) {
  const View2D<double> to = p.view();
  visit(z, [&](auto v) {
    for_rows(owned, [&](int j) {
      direction_row(v.row(j) + owned.i0, scale, beta, to.row(j) + owned.i0, owned.nx());
    });
  });
}

double LinearWork::total(ExactSum mine) const {
  reduce(comm, {&mine, 1});
  return mine.value();
}

std::unique_ptr<LinearIteration> make_linear_iteration(IterationKind kind, LinearWork& work) {
  switch (kind) {
    case IterationKind::automatic:
      return std::make_unique<ChebyshevIteration>(work);
    case IterationKind::conjugate_gradients:
      return std::make_unique<ConjugateGradients>(work);
    case IterationKind::none:
      return std::make_unique<Cycles>(work);
  }
  return nullptr;
}

}  // namespace calor
