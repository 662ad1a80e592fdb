// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "decomposition/box.hpp"
#include "decomposition/mpi.hpp"

namespace calor {

/// A sum of doubles whose bits do not depend on the order or grouping of its terms: the same on any number of
/// ranks and threads. Every term is rounded to a grid fixed by the largest term, at least 2^57 times finer
/// than that term, and the roundings are added exactly, in integers. Hence also more accurate than an
/// ordinary sum. Idea: pre-rounding to bins of fixed exponents (Demmel, Nguyen 2013; Ahrens, Demmel, Nguyen
/// 2020). Terms that are not finite, or beyond 2^950, make the value NaN. The counters are wide enough for
/// any number of terms.
class ExactSum {
 public:
  void add(double term) { add(&term, 1); }
  void add(const double* terms, int count);
  void add(const ExactSum& other);
  /// As add(term), so many times.
  void add_equal(double term, std::int64_t times);
  double value() const;

  /// What MPI carries and a checkpoint stores: top bin, the bins from the top down, and whether all was
  /// finite.
  using State = std::array<std::int64_t, 8>;
  State state() const;
  static ExactSum from(const State& s);

 private:
  __extension__ using Wide = __int128;
  void raise(std::int64_t top);
  static constexpr std::int64_t lowest_top = -34;  // the last bin's grid is still a normal number
  std::int64_t top_ = lowest_top;                  // bin b counts multiples of 2^(28 b)
  // Never carried from one bin to the next: a bin that falls off the grid takes all of its terms' parts with
  // it.
  std::array<Wide, 3> bins_{};  // bins top, top - 1, top - 2
  bool finite_ = true;
};

/// Adds up over all ranks, in place: afterwards every rank holds the global sums. One message for all of
/// them.
void reduce(const mpi::Comm& comm, std::span<ExactSum> sums);

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

/// Sum of f(i, j) over the cells of the region, by all threads. f must be safe to call at the same time.
template <class F>
ExactSum exact_sum(const Box& region, F&& f) {
  return sum_rows(region, [&](int j, int i0, int i1, double* terms) {
    for (int i = i0; i < i1; ++i) terms[i - i0] = f(i, j);
  });
}

}  // namespace calor
