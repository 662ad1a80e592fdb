// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <functional>

#include "decomposition/field.hpp"
#include "decomposition/mpi.hpp"
#include "decomposition/reduce.hpp"
#include "solver/linear/preconditioner.hpp"

namespace calor {

/// Solvers report, callers judge.
struct LinearReport {
  std::int64_t iterations = 0;
  double residual = 0.0;  // 2-norm, by recursion
  bool converged = false;
};

/// out = A x on the owned cells; gives this rank's part of the sum of x (A x). May write halo and ghosts of
/// x.
using LinearOperator = std::function<ExactSum(View2D<double> x, View2D<double> out)>;

/// x += p, r -= A p on the owned cells; gives this rank's part of the sum of r^2. May write halo and ghosts
/// of p.
using Correction = std::function<ExactSum(View2D<double> p, View2D<double> x, View2D<double> r)>;

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

/// Preconditioned conjugate gradients for a symmetric positive definite A (Hestenes, Stiefel 1952; Saad 2003,
/// alg. 9.1), with three reproducible sums an iteration, two without preconditioner. Keeps its work fields
/// between solves.
class ConjugateGradients {
 public:
  ConjugateGradients(const mpi::Comm& comm, const Box& owned, int depth);
  /// Solves A x = r, starting from x = 0, until the 2-norm of the residual is at most `target`.
  /// @param norm  2-norm of r
  /// @param x     result on the owned cells     @param r  right-hand side in, residual by recursion out
  LinearReport solve(const LinearOperator& a, Preconditioner& m, View2D<double> x, View2D<double> r,
                     double norm, double target, std::int64_t max_iterations);
  /// As solve(), without conjugate gradients: x += z, r -= A z with z = M^-1 r, again and again.
  LinearReport solve_by_preconditioner(const Correction& correct, Preconditioner& m, View2D<double> x,
                                       View2D<double> r, double norm, double target,
                                       std::int64_t max_iterations);
  /// As solve(), by Chebyshev's iteration in the preconditioner's own precision, for an M so good that the
  /// eigenvalues of M^-1 A are known to lie close together. With lengths and directions known beforehand it
  /// needs no sums but those of the true residual, once in a few iterations. Where that does not fall as it
  /// should (ChebyshevBlocks::goes_on), conjugate gradients go on from there.
  LinearReport solve_by_inner_iteration(const LinearOperator& a, const Correction& correct, Preconditioner& m,
                                        InnerIteration& inner, View2D<double> x, View2D<double> r,
                                        double norm, double target, std::int64_t max_iterations);

 private:
  /// From the present x, whose residual is r.
  LinearReport go_on(const LinearOperator& a, Preconditioner& m, View2D<double> x, View2D<double> r,
                     double norm, double target, std::int64_t max_iterations);
  void clear(View2D<double> x) const;
  /// p = scale z + beta p
  void turn(const Preconditioner::Result& z, double scale, double beta);
  double total(ExactSum mine) const;

  const mpi::Comm& comm_;
  Box owned_;
  Field2D<double> p_, ap_;
};

}  // namespace calor
