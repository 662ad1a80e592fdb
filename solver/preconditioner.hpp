// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "decomposition/field.hpp"

namespace calor {

/// Between which the eigenvalues of M^-1 A lie, or most of them.
struct Spectrum {
  double least = 1.0, most = 1.0;
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
