// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>

#include "decomposition/reduce.hpp"

namespace calor {

/// Work on the rows of a region and, on the way, a sum over its cells, the same bits on any layout:
/// f(j, i0, i1, terms) works on cells [i0, i1) of row j, at most 512 at a time, and leaves their terms of the
/// sum in terms[0 .. i1 - i0). Called by all threads at a time.
template <class F>
ExactSum sum_rows(const Box& region, F&& f) {
  constexpr int chunk = 512;
  ExactSum total;
#pragma omp parallel if (worth_threads(region))
  {
    ExactSum mine;
    double terms[chunk];
#pragma omp for schedule(static) nowait
    for (int j = region.j0; j < region.j1; ++j)
      for (int i = region.i0; i < region.i1; i += chunk) {
        const int end = std::min(i + chunk, region.i1);
        f(j, i, end, static_cast<double*>(terms));
        mine.add(terms, end - i);
      }
#pragma omp critical(calor_exact_sum)
    total.add(mine);
  }
  return total;
}

}  // namespace calor
