// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <type_traits>
#include <utility>

#include "decomposition/box.hpp"
#include "decomposition/error.hpp"
#include "decomposition/field_memory.hpp"

namespace calor {

/// A rectangle of values seen through global cell numbers; owns nothing and is cheap to copy into kernels.
template <class T>
struct View2D {
  T* first = nullptr;        ///< value of cell (box.i0, box.j0)
  std::ptrdiff_t pitch = 0;  ///< elements from one row to the next
  Box box;                   ///< every cell that exists here: owned and halo

  T& operator()(int i, int j) const {
    CALOR_ASSERT(box.contains(i, j));
    return first[static_cast<std::ptrdiff_t>(j - box.j0) * pitch + (i - box.i0)];
  }
  /// Row j as a pointer that is indexed by the global i: row(j)[i] is cell (i, j).
  T* row(int j) const { return first + static_cast<std::ptrdiff_t>(j - box.j0) * pitch - box.i0; }
  operator View2D<const T>() const requires(!std::is_const_v<T>) { return {first, pitch, box}; }
};

/// Memory for a box of cells and `depth` halo cells around it. Rows start on cache lines at the first owned
/// cell and are padded to whole lines; pages are first touched by the thread that will work on the row.
template <class T>
class Field2D {
 public:
  Field2D() = default;
  Field2D(const Box& owned, int depth, T value = T{}) : owned_{owned}, depth_{depth} {
    constexpr std::ptrdiff_t line = std::max<std::ptrdiff_t>(1, 64 / std::ptrdiff_t{sizeof(T)});
    const Box all = owned.grown(depth);
    const std::ptrdiff_t lead = (depth + line - 1) / line * line;
    pitch_ = (lead + owned.nx() + depth + line - 1) / line * line;
    // Rows a multiple of 4 KiB apart would fight for the same cache sets.
    if (pitch_ * std::ptrdiff_t{sizeof(T)} % 4096 == 0) pitch_ += line;
    const std::ptrdiff_t rows = all.ny();
    const std::size_t count = static_cast<std::size_t>(pitch_ * rows + lead);
    const std::size_t bytes = std::max<std::size_t>(count, 1) * sizeof(T);
    memory_ = {static_cast<T*>(field_memory::take(bytes)), Free{bytes}};
    T* const base = memory_.get();
    const std::ptrdiff_t pitch = pitch_;
    for_rows(all, [=](int j) {
      T* const row = base + std::ptrdiff_t{j - all.j0} * pitch;
      for (std::ptrdiff_t c = 0; c < pitch; ++c) std::construct_at(row + c, value);
    });
    for (std::ptrdiff_t c = 0; c < lead; ++c) std::construct_at(base + rows * pitch + c, value);
    first_ = base + (lead - depth);
  }

  const Box& owned() const { return owned_; }
  int depth() const { return depth_; }
  View2D<T> view() { return {first_, pitch_, owned_.grown(depth_)}; }
  View2D<const T> view() const { return cview(); }
  /// To read from, also of a field that is written elsewhere.
  View2D<const T> cview() const { return {first_, pitch_, owned_.grown(depth_)}; }
  void swap(Field2D& o) noexcept {
    std::swap(owned_, o.owned_);
    std::swap(depth_, o.depth_);
    std::swap(pitch_, o.pitch_);
    std::swap(first_, o.first_);
    memory_.swap(o.memory_);
  }

 private:
  struct Free {
    std::size_t bytes = 0;
    void operator()(T* p) const { field_memory::give_back(p, bytes); }
  };
  static_assert(std::is_trivially_destructible_v<T>);
  Box owned_;
  int depth_ = 0;
  std::ptrdiff_t pitch_ = 0;
  T* first_ = nullptr;
  std::unique_ptr<T, Free> memory_;
};

/// to = from in these cells, rows shared as in for_rows.
template <class T>
void copy_cells(const Box& cells, View2D<const T> from, View2D<T> to) {
  for_rows(cells, [&](int j) { std::copy_n(from.row(j) + cells.i0, cells.nx(), to.row(j) + cells.i0); });
}
template <class T>
void copy_cells(const Box& cells, View2D<T> from, View2D<T> to) {
  const View2D<const T> source = from;
  copy_cells(cells, source, to);
}

/// Calls f(i, j) for every cell of the box, row by row.
template <class F>
void for_each(const Box& box, F&& f) {
  for (int j = box.j0; j < box.j1; ++j)
    for (int i = box.i0; i < box.i1; ++i) f(i, j);
}

}  // namespace calor
