// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "solver/linear/iteration.hpp"

namespace calor {

/// A preconditioner by itself: x += z, r -= A z with z = M^-1 r, again and again. Needs no `apply`.
class Cycles final : public LinearIteration {
 public:
  using LinearIteration::LinearIteration;
  void advance(const LinearSystem& a, View2D<double> x, View2D<double> r, LinearStand& at, double target,
               std::int64_t until) override;
};

}  // namespace calor
