// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <vector>

#include "decomposition/box.hpp"
#include "solver/model/contact.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/overlay.hpp"

namespace calor {

/// The cells of a box that edges of areas cut, with the shares of their volume that what is on top has; none
/// where grid.coverage is centre. Found along the edges alone. The same for a cell on every rank, and for its
/// images.
class CutCells {
 public:
  /// What one set of functions holds of a cell.
  struct Part {
    Overlay::Numbers top;  // of each stack, as Layered numbers its functions
    double share;          // of the cell; those of a cell add up to 1
    double x, y;           // a point of it [m]
  };
  struct Cell {
    int i, j;
    std::size_t first, last;  // of its parts
  };

  CutCells() = default;
  /// @param stacks  areas of the properties, as in Overlay     @param box  cells within the grid's reach
  CutCells(const Grid& grid, const Box& box, std::initializer_list<const std::vector<Area>*> stacks)
      : CutCells(grid, box, Overlay{grid, stacks}) {}
  CutCells(const Grid& grid, const Box& box, const Overlay& overlay);

  bool empty() const { return cells_.empty(); }
  /// Row by row, rising.
  const std::vector<Cell>& cells() const { return cells_; }
  std::span<const Cell> in_rows(int j0, int j1) const;  ///< rows j0 .. j1 - 1
  std::span<const Part> parts(const Cell& c) const { return {parts_.data() + c.first, c.last - c.first}; }
  /// Parts of cell (i, j); none if it is not cut.
  std::span<const Part> at(int i, int j) const;

 private:
  std::vector<Cell> cells_;
  std::vector<Part> parts_;
};

/// The faces beside cut cells, as what a line between two cell centres passes.
///
/// Where only edges parallel to the axes cut the box between both centres and the ends of the face, as strips
/// of lines that all pass the same: exact. Else as the one line between the centres: a mean over lines would
/// leak past an oblique layer that insulates (docs/numerics.md, section 3). On a wall the line ends there.
class CutFaces {
 public:
  struct Part {
    std::int32_t top;
    bool second;    // lies in the face's second cell (east, north)
    double length;  // m, as the face sees it (Grid::length)
    double x, y;    // its middle; of a half that is not cut, the cell's centre
    /// Of a contact, number -1 - top, which has no length [m2 K/W]; on the face itself it is of neither cell.
    double contact = 0.0;
    bool on_face = false;
  };
  struct Strip {
    double width;  // m, across; around an axis m2, by how much of the face it is
    std::size_t first, last;
  };
  struct Face {
    int axis;  // 0: west face of (i, j), 1: south face
    int i, j;
    bool has_first, has_second;  // cells within the grid's reach: not both on a wall
    std::size_t first, last;     // strips
  };

  CutFaces() = default;
  /// @param cells  of them all faces     @param cut  cells of cells.grown(1) within reach, same overlay and
  /// stack
  /// @param contacts  null, or what heat meets between bodies, which then are the overlay's stack behind
  /// `stack`: the faces between them come as well
  /// @param whole     what cells are made of where they are not cut, by their centre; asked with contacts
  /// @param one_line  cells beside which one line between the centres counts, whatever cuts them; null: none
  CutFaces(const Grid& grid, const Box& cells, const CutCells& cut, const Overlay& overlay, std::size_t stack,
           const Contacts* contacts = nullptr, const std::function<std::int32_t(double, double)>& whole = {},
           const std::function<bool(int, int)>& one_line = {});

  const std::vector<Face>& faces() const { return faces_; }
  std::span<const Face> in_rows(int axis, int j0, int j1) const;  ///< numbered by rows j0 .. j1 - 1
  std::span<const Strip> strips(const Face& f) const { return {strips_.data() + f.first, f.last - f.first}; }
  std::span<const Part> parts(const Strip& s) const { return {parts_.data() + s.first, s.last - s.first}; }
  const Face* find(int axis, int i, int j) const;

 private:
  std::vector<Face> faces_;  // by axis, row, column
  std::vector<Strip> strips_;
  std::vector<Part> parts_;
};

}  // namespace calor
