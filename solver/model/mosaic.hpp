// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "decomposition/error.hpp"
#include "decomposition/field.hpp"

namespace calor {

/// A number for every group of cells: `width` neighbours along x, counted from column `origin`.
class GroupNumbers {
 public:
  GroupNumbers() = default;
  /// @param cells  they and `margin` more on all sides have groups
  GroupNumbers(const Box& cells, int origin, int width, int margin);

  int width() const { return width_; }
  int origin() const { return origin_; }
  int first() const { return box().i0; }               ///< of the groups of a row
  int last() const { return box().i1; }                ///< the one behind them
  const Box& box() const { return numbers_.owned(); }  ///< along x in groups
  int group(int i) const { return group(i - origin_, width_); }
  /// Gives the rows beyond j0 .. j1 - 1 the numbers of the nearest of these.
  void repeat_beyond(int j0, int j1);
  /// Row j, indexed by the group.
  std::uint32_t* row(int j) { return numbers_.view().row(j); }
  const std::uint32_t* row(int j) const { return numbers_.view().row(j); }
  std::ptrdiff_t pitch() const { return numbers_.view().pitch; }
  std::size_t bytes() const { return static_cast<std::size_t>(pitch() * box().ny()) * sizeof(std::uint32_t); }

 private:
  /// k / width, rounded down.
  static int group(int k, int width) { return k >= 0 ? k / width : -((width - 1 - k) / width); }
  int origin_ = 0, width_ = 1;
  Field2D<std::uint32_t> numbers_;
};

/// The coefficients of cells whose neighbourhoods repeat: each different one is kept once.
///
/// A *group* is eight neighbours along x, counted from the rank's first column. Its *record* holds, eight of
/// each, what the explicit change of a cell takes:
///   west, east = k_face / dx^2,  south, north = k_face / dy^2 [W m^-3 K^-1],  rho_c [J m^-3 K^-1]
/// A cell is *plain* if its west and east coefficients are equal, its south and north ones are, and in a
/// `square` problem (isotropic, dx = dy) all four. That is a property of the cell: no rank, tile or
/// instruction set has a say in it. Plain cells take the change of one material, all others the flux form
/// (docs/numerics.md, section 5).
/// The first records, `entries`, are those whose eight cells are plain and equal: one number each would do.
class Mosaic {
 public:
  static constexpr int width = 8;
  enum Number : std::size_t { west, east, south, north, rho_c, numbers };
  static constexpr std::size_t record_size = numbers * width;
  static constexpr int margin = 32;  // cells beside those asked for that have numbers: of the nearest one

  /// Of a cell, from the first of its numbers.
  static bool plain(const double* cell, bool square) {
    const double w = cell[west * width], s = cell[south * width];
    return w == cell[east * width] && s == cell[north * width] && (!square || w == s);
  }

  bool square() const { return square_; }
  const Box& cells() const { return cells_; }  ///< what it was made for
  const GroupNumbers& groups() const { return groups_; }
  std::uint32_t entries() const { return entries_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(records_.size() / record_size); }
  const double* record(std::uint32_t n) const { return records_.data() + n * record_size; }
  /// Numbers of cell (i, j), `width` apart.
  const double* cell(int i, int j) const {
    CALOR_ASSERT(groups_.box().contains(groups_.group(i), j));
    const int k = i - groups_.origin();
    return record(groups_.row(j)[k >> 3]) + (k & 7);
  }
  /// Of the faces on the west and the south of a cell, or on the far side of the last one.
  double gx(int i, int j) const {
    return i < cells_.i1 ? cell(i, j)[west * width] : cell(i - 1, j)[east * width];
  }
  double gy(int i, int j) const {
    return j < cells_.j1 ? cell(i, j)[south * width] : cell(i, j - 1)[north * width];
  }
  double capacity(int i, int j) const { return cell(i, j)[rho_c * width]; }

  std::int64_t general() const { return general_; }  ///< owned cells that are not plain
  bool fine() const { return fine_; }                ///< all coefficients are positive and finite
  std::size_t bytes() const;

 private:
  friend class MosaicBuilder;
  Box cells_;
  bool square_ = false, fine_ = true;
  GroupNumbers groups_;
  std::vector<double> records_;
  std::uint32_t entries_ = 0;
  std::int64_t general_ = 0;
};

/// The numbers of cells i0 .. i1 - 1 of a row, laid side by side and indexed by the column: for loops over
/// whole rows. In memory of the thread, until it makes the next one.
class MosaicRow {
 public:
  MosaicRow(const Mosaic& mosaic, int j, int i0, int i1);
  const double* operator[](Mosaic::Number n) const { return numbers_[n]; }

 private:
  std::array<const double*, Mosaic::numbers> numbers_{};
};

/// Makes a mosaic from rows of coefficients.
class MosaicBuilder {
 public:
  /// @param cells  those whose coefficients will be given; around them stand those of the nearest one
  MosaicBuilder(const Box& owned, const Box& cells, bool square);
  ~MosaicBuilder();
  /// The rows j0 .. j1 - 1. @param gx, gy  of all faces of these rows, numbered as in Coefficients
  void add(int j0, int j1, View2D<const double> gx, View2D<const double> gy, View2D<const double> rho_c);
  Mosaic finish();

 private:
  struct Collector;
  void add_row(Collector& to, int j, const double* gx, const double* south, const double* north,
               const double* rho_c);
  Box owned_;
  Mosaic made_;
  std::vector<Collector> collectors_;  // of each thread
  std::vector<std::uint16_t> by_;      // of each row
};

}  // namespace calor
