// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cstdint>

namespace calor {

/// A rectangle of global cell numbers, half-open: i in [i0, i1) along x, j in [j0, j1) along y. May be empty.
/// Ranks, halos, tiles and file selections are boxes; moving data is intersecting boxes.
struct Box {
  int i0 = 0, j0 = 0, i1 = 0, j1 = 0;

  constexpr int nx() const { return std::max(0, i1 - i0); }
  constexpr int ny() const { return std::max(0, j1 - j0); }
  constexpr std::int64_t cells() const { return std::int64_t{nx()} * ny(); }
  constexpr bool empty() const { return i1 <= i0 || j1 <= j0; }
  constexpr bool contains(int i, int j) const { return i0 <= i && i < i1 && j0 <= j && j < j1; }
  constexpr bool contains(const Box& b) const {
    return b.empty() || (i0 <= b.i0 && b.i1 <= i1 && j0 <= b.j0 && b.j1 <= j1);
  }
  constexpr Box grown(int n) const { return {i0 - n, j0 - n, i1 + n, j1 + n}; }
  constexpr Box shifted(int di, int dj) const { return {i0 + di, j0 + dj, i1 + di, j1 + dj}; }
  friend constexpr bool operator==(const Box&, const Box&) = default;
};

/// The cells that both boxes hold; empty boxes come out as Box{}.
constexpr Box intersection(const Box& a, const Box& b) {
  const Box r{std::max(a.i0, b.i0), std::max(a.j0, b.j0), std::min(a.i1, b.i1), std::min(a.j1, b.j1)};
  return r.empty() ? Box{} : r;
}

/// Whether a loop over the box is long enough to share among threads: waking them costs some microseconds.
constexpr bool worth_threads(const Box& b) { return b.cells() > 8192; }

/// Calls f(j) for j0 <= j < j1, with `threads` by all threads, in the order in which fields are first
/// touched. Without, OpenMP is not asked: a parallel region of one thread costs a microsecond, and small
/// problems have many of them.
template <class F>
void for_rows(int j0, int j1, bool threads, F&& f) {
  if (!threads) {
    for (int j = j0; j < j1; ++j) f(j);
    return;
  }
#pragma omp parallel for schedule(static)
  for (int j = j0; j < j1; ++j) f(j);
}

}  // namespace calor
