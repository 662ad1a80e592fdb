// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <functional>

#include "decomposition/field.hpp"
#include "decomposition/mpi.hpp"

namespace calor {

/// Solvers report, callers judge.
struct LinearReport {
  std::int64_t iterations = 0;
  double residual = 0.0;  // 2-norm, by recursion
  bool converged = false;
};

/// out = A x on the owned cells; may write halo and ghosts of x.
using LinearOperator = std::function<void(View2D<double> x, View2D<double> out)>;
/// z = M^-1 r on the owned cells; M symmetric and positive definite. Empty: none.
using Preconditioning = std::function<void(View2D<const double> r, View2D<double> z)>;

/// Sum over the owned cells of all ranks of a(i,j) b(i,j), the same bits on any layout. Collective.
double dot(const mpi::Comm& comm, const Box& owned, View2D<const double> a, View2D<const double> b);

/// Preconditioned conjugate gradients for a symmetric positive definite A (Hestenes, Stiefel 1952; Saad 2003,
/// alg. 9.1), with reproducible inner products. Keeps its work fields between solves.
class ConjugateGradients {
 public:
  ConjugateGradients(const mpi::Comm& comm, const Box& owned, int depth);
  /// Solves A x = r, starting from x = 0, until the 2-norm of the residual is at most `target`.
  /// @param x  result on the owned cells     @param r  right-hand side in, residual by recursion out
  LinearReport solve(const LinearOperator& a, const Preconditioning& m, View2D<double> x, View2D<double> r,
                     double target, std::int64_t max_iterations);

 private:
  const mpi::Comm& comm_;
  Box owned_;
  Field2D<double> p_, ap_, z_;
};

}  // namespace calor
