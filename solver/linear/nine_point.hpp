// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cmath>

#include "decomposition/field.hpp"

namespace calor {

/// A symmetric operator that couples each cell with its eight neighbours, every coupling stored once:
///   (A u)(i,j) = c u(i,j) - [ w(i,j) u(i-1,j) + w(i+1,j) u(i+1,j)
///                           + s(i,j) u(i,j-1) + s(i,j+1) u(i,j+1)
///                           + sw(i,j) u(i-1,j-1) + sw(i+1,j+1) u(i+1,j+1)
///                           + se(i,j) u(i+1,j-1) + se(i-1,j+1) u(i-1,j+1) ]        [W m^-3]
/// Beyond the domain c = 1 and the couplings are 0. Without sw and se it is a five-point operator.
template <class Real>
struct NinePoint {
  Field2D<Real> c, w, s, sw, se;
  /// What to divide by when relaxing: at least c, and half of the sum of a row's magnitudes, so that no
  /// eigenvalue of d^-1 A exceeds 2 (Gershgorin). In a five-point operator it is c, and not stored.
  Field2D<Real> d;
  bool corners = false;

  NinePoint() = default;
  NinePoint(const Box& owned, int depth, bool with_corners)
      : c{owned, depth, Real{1}}, w{owned, depth}, s{owned, depth}, corners{with_corners} {
    if (!corners) return;
    sw = Field2D<Real>{owned, depth};
    se = Field2D<Real>{owned, depth};
    d = Field2D<Real>{owned, depth, Real{1}};
  }

  struct View {
    View2D<const Real> c, w, s, sw, se;
    bool corners;
    /// Coupling of (i, j) with (i + di, j + dj), |di|, |dj| <= 1; at (0, 0) the diagonal with its sign
    /// turned.
    Real operator()(int i, int j, int di, int dj) const {
      if (di == 0 && dj == 0) return -c(i, j);
      if (dj == 0) return di < 0 ? w(i, j) : w(i + 1, j);
      if (di == 0) return dj < 0 ? s(i, j) : s(i, j + 1);
      if (!corners) return Real{0};
      if (di == dj) return di < 0 ? sw(i, j) : sw(i + 1, j + 1);
      return di > 0 ? se(i, j) : se(i - 1, j + 1);
    }
    /// Sum of the magnitudes of all couplings of a cell.
    Real couplings(int i, int j) const {
      using std::abs;
      Real sum = (abs(w(i, j)) + abs(w(i + 1, j))) + (abs(s(i, j)) + abs(s(i, j + 1)));
      if (corners) sum += (abs(sw(i, j)) + abs(sw(i + 1, j + 1))) + (abs(se(i, j)) + abs(se(i - 1, j + 1)));
      return sum;
    }
  };
  View view() const { return {c.view(), w.view(), s.view(), sw.view(), se.view(), corners}; }
};

}  // namespace calor
