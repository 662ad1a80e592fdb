// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>

#include "decomposition/field.hpp"

namespace calor {

/// Between which the eigenvalues of M^-1 A lie, or most of them.
struct Spectrum {
  double least = 1.0, most = 1.0;
};

/// Chebyshev's iteration (Saad 2003, alg. 12.1) for A x = r in a preconditioner's own, lower precision: the
/// residual is loaded, a few iterations are made, and what x has grown by is added up in double precision;
/// the true residual then left is loaded again. p goes on through all of that. All calls are collective.
class InnerIteration {
 public:
  virtual ~InnerIteration() = default;
  virtual Spectrum spectrum() const = 0;
  /// x = 0, p = 0. @param norm  a size of the residual, equal on all ranks, to scale all numbers by
  virtual void begin(double norm) = 0;
  virtual void load(View2D<const double> r) = 0;  ///< on the owned cells
  /// p = a M^-1 r + b p,  x += p,  r -= A p
  virtual void iterate(double a, double b) = 0;
  virtual void add_to(View2D<double> sum) = 0;  ///< sum += x on the owned cells; then x = 0
};

/// z = M^-1 r on the owned cells, M symmetric and positive definite, the same bits on any layout.
class Preconditioner {
 public:
  /// What apply() leaves: z = scale times the one of the two views that is not empty. It may work in single
  /// precision, whose exponents do not reach as far; the scale is a power of two.
  struct Result {
    View2D<const double> doubles{};
    View2D<const float> singles{};
    double scale = 1.0;
  };
  virtual ~Preconditioner() = default;
  /// @param r  on the owned cells     @param norm  a size of r, equal on all ranks, to scale it by
  /// Collective. The result stays until the next call.
  virtual Result apply(View2D<const double> r, double norm) = 0;
  /// A better answer to r than apply() has, for about one and a half times its work, if there is one; its
  /// contract is that of apply().
  virtual std::optional<Result> first_guess(View2D<const double> r, double norm) {
    return static_cast<void>(r), static_cast<void>(norm), std::nullopt;
  }
  /// Itself, where it iterates by itself because the eigenvalues of M^-1 A are known without looking for
  /// them.
  virtual InnerIteration* inner() { return nullptr; }
};

/// Calls f(z) with the view that the result holds.
template <class F>
void visit(const Preconditioner::Result& z, F&& f) {
  if (z.singles.first != nullptr)
    f(z.singles);
  else
    f(z.doubles);
}

}  // namespace calor
