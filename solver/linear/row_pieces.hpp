// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "decomposition/box.hpp"

namespace calor {

/// The rows of several fields once more, in pieces, so that a loop need not read them all from memory: where
/// all of them are constant to the last bit along a row, as they are in one material, their numbers stand
/// here alone; short stretches between stand here as they are, side by side; long ones are left to the
/// fields. Rows that are alike share their pieces. Found by comparing what is in the fields, so that no
/// result depends on it.
template <class Real, std::size_t fields>
class RowPieces {
 public:
  template <std::size_t n>
  using Rows = std::array<const Real*, n>;  ///< one row of each, by column; null where there is no such field

  RowPieces() = default;
  /// @param cells    constant stretches lie in these
  /// @param first, last  columns that loops go over; the fields can be read one column beyond
  /// @param rows_at  (j): the Rows of row j
  /// @param also_at  (j): rows that have to be constant besides, such as a field's as seen from a neighbour
  template <class F, class G>
  RowPieces(const Box& cells, int first, int last, F&& rows_at, G&& also_at) : j0_{cells.j0} {
    if (cells.empty()) return;
    std::vector<Found> found(static_cast<std::size_t>(cells.ny()));
    for_rows(cells, [&](int j) {
      found[static_cast<std::size_t>(j - j0_)] = look(cells, first, last, rows_at(j), also_at(j));
    });
    rows_.reserve(found.size());
    for (std::size_t n = 0; n < found.size(); ++n) {
      if (n > 0 && found[n] == found[n - 1]) {
        rows_.push_back(rows_.back());
        continue;
      }
      rows_.push_back({pieces_.size(), pieces_.size() + found[n].pieces.size()});
      for (Piece piece : found[n].pieces) {
        piece.at += numbers_.size();
        pieces_.push_back(piece);
      }
      numbers_.insert(numbers_.end(), found[n].numbers.begin(), found[n].numbers.end());
    }
    if (pieces_.empty()) rows_.clear();
  }

  /// Calls constant(begin, end, numbers), with a number a field; copied(begin, end, rows); and
  /// in_place(begin, end), which together cover i0 to i1 of row j, from left to right.
  template <class Constant, class Copied, class InPlace>
  __attribute__((always_inline)) void along(int j, int i0, int i1, Constant&& constant, Copied&& copied,
                                            InPlace&& in_place) const {
    int at = i0;
    if (j >= j0_ && static_cast<std::size_t>(j - j0_) < rows_.size()) {
      const Row row = rows_[static_cast<std::size_t>(j - j0_)];
      for (std::size_t n = row.begin; n < row.end && pieces_[n].begin < i1; ++n) {
        const Piece& piece = pieces_[n];
        const int begin = std::max(piece.begin, at), end = std::min(piece.end, i1);
        if (begin >= end) continue;
        if (at < begin) in_place(at, begin);
        const Real* const numbers = numbers_.data() + piece.at;
        if (piece.constant) {
          constant(begin, end, numbers);
        } else {
          const std::ptrdiff_t width = piece.end - piece.begin + 2;
          Rows<fields> rows;
          for (std::size_t f = 0; f < fields; ++f)
            rows[f] = numbers + static_cast<std::ptrdiff_t>(f) * width + (1 - piece.begin);
          copied(begin, end, rows);
        }
        at = end;
      }
    }
    if (at < i1) in_place(at, i1);
  }

  /// Cells of all rows that lie in constant pieces.
  std::int64_t constant_cells() const {
    std::int64_t sum = 0;
    for (const Row& r : rows_)
      for (std::size_t n = r.begin; n < r.end; ++n)
        if (pieces_[n].constant) sum += pieces_[n].end - pieces_[n].begin;
    return sum;
  }
  /// Numbers that are kept for it.
  std::size_t size() const { return numbers_.size(); }

 private:
  /// Constant stretches consist of whole steps of so many columns, counted from the first one, so that
  /// vectors in them are aligned as in the row; fewer steps would not pay.
  static constexpr int step = 16, least = 5;
  /// Longer stretches are not copied.
  static constexpr int longest_copy = 160;

  struct Piece {
    int begin = 0, end = 0;
    bool constant = false;
    std::size_t at = 0;  // in the numbers; copies have one column more on either side
    bool operator==(const Piece&) const = default;
  };
  struct Found {
    std::vector<Piece> pieces;
    std::vector<Real> numbers;
    bool operator==(const Found& o) const {
      return pieces == o.pieces && numbers.size() == o.numbers.size() &&
             std::memcmp(numbers.data(), o.numbers.data(), numbers.size() * sizeof(Real)) == 0;
    }
  };
  struct Row {
    std::size_t begin, end;
  };

  using Bits = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;
  template <std::size_t n>
  static bool constant(const Rows<n>& rows, int i) {
    return std::all_of(rows.begin(), rows.end(), [i](const Real* row) {
      if (row == nullptr) return true;
      const Bits first = std::bit_cast<Bits>(row[i]);
      Bits unlike = 0;
      for (int k = i + 1; k < i + step; ++k) unlike |= std::bit_cast<Bits>(row[k]) ^ first;
      return unlike == 0;
    });
  }
  static bool alike(const Rows<fields>& rows, int i, int k) {
    return std::all_of(rows.begin(), rows.end(), [=](const Real* row) {
      return row == nullptr || std::bit_cast<Bits>(row[i]) == std::bit_cast<Bits>(row[k]);
    });
  }

  template <std::size_t n>
  static Found look(const Box& cells, int first, int last, const Rows<fields>& rows, const Rows<n>& also) {
    Found found;
    int at = first;  // all before is in pieces, or left out
    const auto copy_until = [&](int end) {
      if (at < end && end - at <= longest_copy) {
        found.pieces.push_back({at, end, false, found.numbers.size()});
        for (const Real* row : rows)
          for (int i = at - 1; i < end + 1; ++i) found.numbers.push_back(row == nullptr ? Real{} : row[i]);
      }
      at = end;
    };
    for (int i = cells.i0; i + step <= cells.i1;) {
      int end = i;
      while (end + step <= cells.i1 && constant(rows, end) && constant(also, end) && alike(rows, i, end))
        end += step;
      if (end - i >= least * step) {
        copy_until(i);
        found.pieces.push_back({i, end, true, found.numbers.size()});
        for (const Real* row : rows) found.numbers.push_back(row == nullptr ? Real{} : row[i]);
        at = end;
      }
      i = std::max(end, i + step);
    }
    if (found.pieces.empty()) return {};
    copy_until(last);
    return found;
  }

  int j0_ = 0;
  std::vector<Row> rows_;
  std::vector<Piece> pieces_;
  std::vector<Real> numbers_;
};

}  // namespace calor
