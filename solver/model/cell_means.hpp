// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "solver/model/grid.hpp"

namespace calor {

/// nx x ny numbers, each on one of as many equal pixels of some rectangle.
struct PixelArray {
  int nx = 0, ny = 0;
  std::vector<double> values;  // row by row from below

  double at(int i, int j) const {
    return values[static_cast<std::size_t>(j) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(i)];
  }
  friend bool operator==(const PixelArray&, const PixelArray&) = default;
};

/// What the cells of a grid have of an array on a rectangle: the mean over the part of the cell that the
/// rectangle covers, of pixels within each of which the value is the same.
///
///   by_volume  arithmetic, by volume, with or without further weights: what is the same for every cubic
///   metre along_x    of conductivities, for heat along x: in each row of pixels they are in series
///   (harmonic), and
///              the rows are beside each other (arithmetic)
///   along_y    likewise, with columns
///
/// Layers along and across the axes are exact so; in between it is the lower of two bounds on what the pixels
/// of the cell conduct (Cardwell, Parsons 1945, Trans. AIME 160, 34). Around an axis, layers in series along
/// r count by the logarithm of their radii, as everywhere (Grid::length). A cell within one pixel has its
/// very value. Edges of cells within 1e-9 pixels of a pixel's are taken to lie on it. The same bits on every
/// rank and thread.
class CellMeans {
 public:
  enum class Kind { by_volume, along_x, along_y };
  /// @param x, y     the rectangle that the array lies on [m]
  /// @param weights  of by_volume: arrays of the same shape, whose product counts
  CellMeans(const Grid& grid, const std::array<double, 2>& x, const std::array<double, 2>& y,
            std::shared_ptr<const PixelArray> values, Kind kind,
            std::vector<std::shared_ptr<const PixelArray>> weights = {});

  /// Of the cell that the point lies in; of one that the rectangle does not reach, the nearest pixel.
  double operator()(double x, double y) const;
  /// Some cell has parts of several pixels; if none has, conductivities are the same along x and y.
  bool mixes() const;

  friend bool operator==(const CellMeans& a, const CellMeans& b);

 private:
  /// Pixels of a row or column that a cell reaches, first to last, and where it begins and ends, in pixels.
  struct Span {
    double from, to;
    int first, last;
    /// Of pixel n.
    double begin(int n) const { return n == first ? from : n; }
    double end(int n) const { return n == last ? to : n + 1.0; }
  };
  double pixels(int axis, double place) const;
  Span span(int axis, int n) const;
  double mean(int i, int j) const;
  double by_volume(const Span& across_x, const Span& across_y) const;
  double in_series(int axis, int i, const Span& along, const Span& across) const;
  double width(int axis, const Span& s, int n) const;
  int count(int axis) const { return axis == 0 ? values_->nx : values_->ny; }

  Grid grid_;
  std::array<double, 2> x_, y_;
  std::shared_ptr<const PixelArray> values_;
  Kind kind_;
  std::vector<std::shared_ptr<const PixelArray>> weights_;
  std::uint64_t number_;  // of this one among all that there have been
};

}  // namespace calor
