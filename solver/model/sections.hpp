// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "decomposition/field.hpp"
#include "solver/model/body_cells.hpp"
#include "solver/model/coefficients.hpp"
#include "solver/model/grid.hpp"

namespace calor {

/// A line through which heat is counted, positive to its left, seen from `from` to `to`.
struct Section {
  std::string name;
  std::array<double, 2> from{}, to{};  // m
};

/// Where heat passes the sections on a grid: the faces between cells left and right of the line (on it:
/// left), by their centres, and of cells at a wall, of a hole too, by where they meet it. They are a path of
/// faces, whose shadows on the line cover it once; a face whose shadow reaches beyond an end counts for the
/// part that does not. Where the line ends on a wall of the domain, so does the path.
class Sections {
 public:
  struct Face {
    int i, j;       ///< the cell right of the face, or above it, which is one of this rank's
    bool upright;   ///< between (i - 1, j) and (i, j); else between (i, j - 1) and (i, j)
    double weight;  ///< share of the face; negative where (i, j) lies right of the line
    std::size_t section;
  };
  /// @param bodies  where there are holes; null: none
  Sections(const std::vector<Section>& sections, const Grid& grid, const Box& owned,
           const BodyCells* bodies = nullptr);

  bool empty() const { return count_ == 0; }  ///< there is no section; the same on all ranks
  std::size_t count() const { return count_; }
  const std::vector<Face>& faces() const { return faces_; }  ///< of this rank, row by row
  std::span<const Face> rows(int j0, int j1) const;          ///< those of rows j0 .. j1 - 1

  /// Heat through a face, to the left of its line: factor * weight * g (there - here), with `here` in cell
  /// (i, j).
  static double heat(const Face& f, const Coefficients& c, double factor, double here, double there) {
    const double g = f.upright ? c.gx(f.i, f.j) : c.gy(f.i, f.j);
    return factor * (f.weight * (g * (there - here)));
  }
  /// The same from a field with a layer of neighbours.
  static double heat(const Face& f, const Coefficients& c, double factor, View2D<const double> u) {
    return heat(f, c, factor, u(f.i, f.j), f.upright ? u(f.i - 1, f.j) : u(f.i, f.j - 1));
  }

 private:
  std::size_t count_;
  std::vector<Face> faces_;
};

}  // namespace calor
