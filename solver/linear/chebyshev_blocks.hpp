// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>

#include "solver/linear/cg.hpp"
#include "solver/linear/iteration.hpp"
#include "solver/linear/preconditioner.hpp"

namespace calor {

/// The lengths and directions of Chebyshev's iteration, and how far it may go before the true residual is
/// looked at.
class ChebyshevBlocks {
 public:
  /// @param norm  2-norm of the first residual. Collective, as block() is.
  ChebyshevBlocks(InnerIteration& inner, double norm);
  /// Loads r and iterates until the residual should be at most `target`, or as low as single precision
  /// follows it. Gives the number of iterations, at least one and at most `at_most`. @param norm  2-norm of r
  std::int64_t block(View2D<const double> r, double norm, double target, std::int64_t at_most);
  /// Whether to go on, now that the last block has left a residual of this norm. Where it fell less than
  /// expected, an eigenvalue below the others is at work; it is reckoned from how much less, and counted in
  /// from now on. Where the residual hardly fell, or there are many such eigenvalues, conjugate gradients do
  /// better.
  bool goes_on(double norm);

 private:
  InnerIteration& inner_;
  Spectrum spectrum_;
  double rho_ = 0.0;  // of the last iteration: by how much the residual should have fallen; 0 to begin anew
  double expected_ = 0.0, enough_ = 0.0;  // after the last block
  std::int64_t made_ = 0;                 // iterations of the last block
};

/// Chebyshev's iteration in the preconditioner's own precision, for an M so good that the eigenvalues of
/// M^-1 A are known to lie close together. With lengths and directions known beforehand it needs no sums but
/// those of the true residual, once in a few iterations. Where that does not fall as it should
/// (ChebyshevBlocks::goes_on), and where a preconditioner does not iterate, conjugate gradients go on.
class ChebyshevIteration final : public LinearIteration {
 public:
  explicit ChebyshevIteration(LinearWork& work) : LinearIteration{work}, cg_{work} {}
  /// Only where the preconditioner does not iterate can it stop at `until` and go on as if it had not.
  void advance(const LinearSystem& a, View2D<double> x, View2D<double> r, LinearStand& at, double target,
               std::int64_t until) override;

 private:
  ConjugateGradients cg_;
};

}  // namespace calor
