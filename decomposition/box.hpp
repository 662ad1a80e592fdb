// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

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

/// The cells of a box that do not lie in `inner`, a part of it: below, left, right, above, some of them
/// empty.
constexpr std::array<Box, 4> rim(const Box& box, const Box& inner) {
  if (inner.empty()) return {box, Box{}, Box{}, Box{}};
  return {Box{box.i0, box.j0, box.i1, inner.j0}, Box{box.i0, inner.j0, inner.i0, inner.j1},
          Box{inner.i1, inner.j0, box.i1, inner.j1}, Box{box.i0, inner.j1, box.i1, box.j1}};
}

/// Whether a loop over the box is long enough to share among threads: waking them costs some microseconds.
constexpr bool worth_threads(const Box& b) { return b.cells() > 8192; }

/// Calls f(j) for the rows of the box, by all threads where that is worth it, in the order in which fields
/// are first touched. Where it is not, OpenMP is not asked: a parallel region of one thread costs a
/// microsecond, and small problems have many of them.
template <class F>
void for_rows(const Box& b, F&& f) {
  if (!worth_threads(b)) {
    for (int j = b.j0; j < b.j1; ++j) f(j);
    return;
  }
#pragma omp parallel for schedule(static)
  for (int j = b.j0; j < b.j1; ++j) f(j);
}

/// Calls f(i, j) for the cells of the box, rows shared as in for_rows.
template <class F>
void for_cells(const Box& b, F&& f) {
  for_rows(b, [&](int j) {
    for (int i = b.i0; i < b.i1; ++i) f(i, j);
  });
}

/// Least f(i, j) over the cells of the box, infinity if there are none; likewise.
template <class F>
double least_over(const Box& b, F&& f) {
  const auto in_row = [&](int j, double least) {
    for (int i = b.i0; i < b.i1; ++i) least = std::min(least, f(i, j));
    return least;
  };
  double least = std::numeric_limits<double>::infinity();
  if (!worth_threads(b)) {
    for (int j = b.j0; j < b.j1; ++j) least = in_row(j, least);
    return least;
  }
#pragma omp parallel for schedule(static) reduction(min : least)
  for (int j = b.j0; j < b.j1; ++j) least = in_row(j, least);
  return least;
}

}  // namespace calor
