// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "decomposition/field.hpp"
#include "solver/model/problem.hpp"

namespace calor {

/// Calls f(i, j, c, w, s) with the entries of the five-point operator in these cells of the rank, row by row,
/// all threads at a time; false if f gave 0 anywhere, after which rows may be left out.
template <class F>
bool for_operator(const Problem& p, const Box& own, View2D<const double> diagonal, F&& f) {
  const Grid& g = p.grid;
  bool all = true;
  p.coefficients.visit([&](auto gx, auto gy, auto) {
#pragma omp parallel for schedule(static) reduction(&& : all) if (worth_threads(own))
    for (int j = own.j0; j < own.j1; ++j) {
      if (!all) continue;
      const bool inside = j > 0 || g.periodic_y;
      const int first = own.i0 == 0 && !g.periodic_x ? 1 : own.i0;
      int row = first == own.i0 ? 1 : f(own.i0, j, diagonal(own.i0, j), 0.0, inside ? gy(own.i0, j) : 0.0);
      for (int i = first; i < own.i1; ++i)
        row = row & f(i, j, diagonal(i, j), gx(i, j), inside ? gy(i, j) : 0.0);  // no way out: vectors
      all = row != 0;
    }
  });
  return all;
}

}  // namespace calor
