// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "decomposition/field.hpp"
#include "decomposition/heed.hpp"
#include "decomposition/mpi.hpp"
#include "decomposition/reduce.hpp"
#include "solver/model/cut_cells.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/material.hpp"

namespace calor {

/// The cells of a rank that are computed where a problem has holes, and where their walls stand.
///
/// A cell is *live* if its centre lies in a body. Each side of a live cell from which the line to the next
/// centre (or to the wall of the domain) runs into a hole is blocked, and an *element* of the hole's wall
/// stands there, at the distance s along the line; with n the wall's normal there, e the line's direction, h
/// the width of the side and f one number of each hole,
///   length L = f h |n.e|,     resistance to the wall R = f |n.e| (integral of ds/k over s + contacts) [m2
///   K/W]
/// so that a wall of given temperature gets h / (integral of ds/k), the symmetric rule of Gibou, Fedkiw,
/// Cheng, Kang (J. Comput. Phys. 176, 2002), whatever f is; f makes the sum of L the true length of the
/// hole's wall. Around an axis L is the area of the ring, 2 pi r f h |n.e| with r where the wall is, and what
/// is integrated along r is (r / r') dr' / k, with which layers around the axis are exact.
///
/// Of a cell that a hole's edge cuts its body's share counts; what is cut off of cells that are not live goes
/// to a live neighbour. Cells that a near wall of given temperature makes stiff get `extra` capacity, so that
/// their explicit limit is half of a whole cell's; what it holds belongs to the wall and is no part of the
/// content (Problem::held_by_walls). Found along the edges alone, and the same for a cell on every rank.
class BodyCells {
 public:
  struct Element {
    int i, j, axis;
    std::int32_t hole;
    double length;            // m; around an axis m2
    double resistance;        // m2 K/W; where some conductivity depends on T, as if all were 1
    double x, y;              // where the line meets the wall [m]
    double factor;            // R over what the parts of the way make in series
    std::size_t first, last;  // of its parts
  };
  /// Of the way from the cell's centre to the wall.
  struct Part {
    std::int32_t top;     // number of the conductivity; -1: a contact
    double length = 0.0;  // m, as the wall sees it
    double x = 0.0, y = 0.0;
    double contact = 0.0;  // m2 K/W
  };
  /// A live cell that is not as others. Shares of a whole cell.
  struct Cell {
    int i, j;
    double share;  // its body's, with what neighbours gave
    double extra;
  };
  /// A cell that is not live gives what it has of a body, to several neighbours where they are alike.
  struct Gift {
    int i, j, to_i, to_j;
    double part;  // of what it has
    /// Of the giving cell, in cells of the one that gets it: what the shares of its parts count for there.
    double weight(const Grid& grid) const { return part * (grid.weight(i, j) / grid.weight(to_i, to_j)); }
  };
  /// Of each hole, of all ranks.
  struct Hole {
    std::int64_t cells = 0, elements = 0;  // cells whose centre it has
    double area = 0.0;                     // that is seen of it [m2]
    double length = 0.0, factor = 1.0;     // of its wall [m; around an axis m2]; f
  };

  /// Cells of owned.grown(depth) within reach. @param comm  ranks that share the grid (then collective), or
  /// null  @param heed  asked between two passes over the cells whether the work is to be left; or null
  BodyCells(const Materials& materials, const Grid& grid, const Box& owned, int depth, const mpi::Comm* comm,
            Heed* heed = nullptr);

  /// Within owned.grown(depth + 3) and reach.
  bool live(int i, int j) const { return (flags_.view()(i, j) & is_live) != 0; }
  /// Of the cells i0 .. i1 - 1 of row j: none is live; all are, and none is special(); anything else.
  enum class Kind { none, plain, mixed };
  Kind kind(int j, int i0, int i1) const;
  /// Elements of the cell.
  std::span<const Element> elements(int i, int j) const;
  /// All of them, row by row, in each from the left.
  const std::vector<Element>& elements() const { return elements_; }
  /// The first of them in row j from column i on, or behind.
  std::size_t first_element(int i, int j) const;
  std::span<const Part> parts(const Element& e) const { return {parts_.data() + e.first, e.last - e.first}; }
  /// Null: as any other.
  const Cell* special(int i, int j) const {
    return (flags_.view()(i, j) & is_special) != 0 ? find(i, j) : nullptr;
  }
  const std::vector<Cell>& special() const { return cells_; }
  const std::vector<Gift>& gifts() const { return gifts_; }
  /// The same by the cell that gets them: j, i.
  std::map<std::pair<int, int>, std::vector<Gift>> gifts_by_receiver() const;
  double share(int i, int j) const {
    if (!live(i, j)) return 0.0;
    const Cell* const c = special(i, j);
    return c != nullptr ? c->share : 1.0;
  }
  /// Some edge of a hole passes the cell.
  bool cut(int i, int j) const { return (flags_.view()(i, j) & is_cut) != 0; }

  /// No heat passes the west (axis 0) or south face of (i, j).
  struct Face {
    int axis, i, j;
  };
  /// Those between live cells, or on the wall of the domain before one.
  const std::vector<Face>& blocked() const { return blocked_; }

  std::int64_t live_cells() const { return live_cells_; }  ///< of all ranks
  double area() const { return area_; }                    ///< of all bodies, in cells
  /// Of bodies so thin that no cell near them is live, in cells: it is left out.
  double lost() const { return lost_; }
  const std::vector<Hole>& holes() const { return holes_; }

 private:
  enum Flag : unsigned { is_live = 1, is_special = 2, is_cut = 4 };
  class Builder;
  const Cell* find(int i, int j) const;
  void add_wall_lengths(const Voids& voids, const Grid& grid, const Box& owned, const Overlay& edges,
                        std::vector<ExactSum>& length) const;
  Field2D<std::uint8_t> flags_;
  std::vector<Element> elements_;
  std::vector<std::size_t> row_start_;  // in elements_, of the rows from first_row_, and the end of the last
  int first_row_ = 0;
  std::vector<Part> parts_;
  std::vector<Cell> cells_;
  std::vector<Gift> gifts_;
  std::vector<Face> blocked_;
  std::vector<Hole> holes_;
  std::int64_t live_cells_ = 0;
  double area_ = 0.0, lost_ = 0.0;
};

}  // namespace calor
