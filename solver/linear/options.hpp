// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace calor {

/// What helps conjugate gradients: nothing, the diagonal, a multigrid cycle (the algebraic one where a trial
/// shows that the usual one is slow), the algebraic one in any case.
enum class PreconditionerKind { none, jacobi, multigrid, algebraic };
/// Whether iterations hardly depend on the number of cells.
inline bool is_multigrid(PreconditionerKind kind) {
  return kind == PreconditionerKind::multigrid || kind == PreconditionerKind::algebraic;
}

/// What iterates with that help: Chebyshev's iteration where eigenvalues are known, else conjugate gradients;
/// conjugate gradients in any case; or nothing, so that u += M^-1 r is repeated with a multigrid cycle M.
enum class IterationKind { automatic, conjugate_gradients, none };
/// What a solve begins with: the present temperatures; these and the answer of full multigrid to their
/// residual, where the structured cycle is used; or what the states before lead to, in steps of linear
/// problems.
enum class FirstGuess { present, full_multigrid, extrapolated };

}  // namespace calor
