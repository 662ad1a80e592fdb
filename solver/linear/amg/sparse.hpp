// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace calor {

/// Rows of a sparse matrix, one after the other; the columns of each row ascend.
struct SparseRows {
  std::vector<std::int64_t> begin{0};  ///< of each row, and the end of the last
  std::vector<std::int32_t> column;
  std::vector<double> value;

  std::int32_t rows() const { return static_cast<std::int32_t>(begin.size() - 1); }
  std::span<const std::int32_t> columns(std::int32_t row) const {
    return std::span{column}.subspan(first(row), count(row));
  }
  std::span<const double> values(std::int32_t row) const {
    return std::span{value}.subspan(first(row), count(row));
  }
  /// Room for so many entries and rows in all, so that large arrays do not move as they grow.
  void reserve(std::size_t entries, std::size_t all_rows) {
    begin.reserve(all_rows + 1);
    column.reserve(entries);
    value.reserve(entries);
  }
  void append(const SparseRows& other) {
    const std::int64_t shift = begin.back();
    for (std::size_t r = 1; r < other.begin.size(); ++r) begin.push_back(shift + other.begin[r]);
    column.insert(column.end(), other.column.begin(), other.column.end());
    value.insert(value.end(), other.value.begin(), other.value.end());
  }

 private:
  std::size_t first(std::int32_t row) const {
    return static_cast<std::size_t>(begin[static_cast<std::size_t>(row)]);
  }
  std::size_t count(std::int32_t row) const {
    return static_cast<std::size_t>(begin[static_cast<std::size_t>(row) + 1]) - first(row);
  }
};

/// One row in the making: numbers added up by column.
class RowSum {
 public:
  explicit RowSum(std::int32_t columns) : place_(static_cast<std::size_t>(columns), -1) {}

  bool has(std::int32_t column) const { return place_[static_cast<std::size_t>(column)] >= 0; }
  void add(std::int32_t column, double value) {
    std::int32_t& place = place_[static_cast<std::size_t>(column)];
    if (place < 0) {
      place = static_cast<std::int32_t>(entries_.size());
      entries_.push_back({column, 0.0});
    }
    entries_[static_cast<std::size_t>(place)].value += value;
  }

  struct Entry {
    std::int32_t column;
    double value;
  };
  /// For changing values; columns are added by add() only.
  std::vector<Entry>& entries() { return entries_; }
  /// Leaves the entries for which f(entry) holds.
  template <class F>
  void keep_if(F&& f) {
    std::erase_if(entries_, [&](const Entry& e) {
      if (f(e)) return false;
      place_[static_cast<std::size_t>(e.column)] = -1;
      return true;
    });
    for (std::size_t n = 0; n < entries_.size(); ++n)
      place_[static_cast<std::size_t>(entries_[n].column)] = static_cast<std::int32_t>(n);
  }
  /// Appends the row, columns ascending, and begins the next.
  void finish(SparseRows& to) {
    for (const Entry& e : entries_) place_[static_cast<std::size_t>(e.column)] = -1;
    std::sort(entries_.begin(), entries_.end(),
              [](const Entry& a, const Entry& b) { return a.column < b.column; });
    for (const Entry& e : entries_) {
      to.column.push_back(e.column);
      to.value.push_back(e.value);
    }
    to.begin.push_back(static_cast<std::int64_t>(to.column.size()));
    entries_.clear();
  }

 private:
  std::vector<std::int32_t> place_;  // of a column in entries_, or -1
  std::vector<Entry> entries_;
};

/// So many rows, each made by f(row, sum), which adds up what belongs into it. By all threads.
/// @param entries_a_row  about how many
template <class F>
SparseRows make_rows(std::int32_t rows, std::int32_t columns, std::size_t entries_a_row, F&& f) {
  const int most = rows > 2048 ? omp_get_max_threads() : 1;
  std::vector<SparseRows> parts(static_cast<std::size_t>(most));
#pragma omp parallel num_threads(most)
  {
    const int me = omp_get_thread_num(), of = omp_get_num_threads();
    const auto cut = [&](int n) {
      return static_cast<std::int32_t>(static_cast<std::int64_t>(rows) * n / of);
    };
    RowSum sum{columns};
    SparseRows& part = parts[static_cast<std::size_t>(me)];
    const auto share =
        static_cast<std::size_t>(me == 0 ? rows : cut(me + 1) - cut(me));  // the first takes all
    part.reserve(entries_a_row * share, share);
    for (std::int32_t r = cut(me); r < cut(me + 1); ++r) {
      f(r, sum);
      sum.finish(part);
    }
  }
  for (std::size_t n = 1; n < parts.size(); ++n) {
    parts[0].append(parts[n]);
    parts[n] = {};
  }
  return std::move(parts[0]);
}

}  // namespace calor
