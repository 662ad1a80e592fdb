// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/linear/iteration.hpp"

namespace calor {

/// Preconditioned conjugate gradients for a symmetric positive definite A (Hestenes, Stiefel 1952; Saad 2003,
/// alg. 9.1), with three reproducible sums an iteration, two without preconditioner. Needs no `correct`.
class ConjugateGradients final : public LinearIteration {
 public:
  using LinearIteration::LinearIteration;
  /// Leaves in r the residual by recursion.
  void advance(const LinearSystem& a, View2D<double> x, View2D<double> r, LinearStand& at, double target,
               std::int64_t until) override;
};

}  // namespace calor
