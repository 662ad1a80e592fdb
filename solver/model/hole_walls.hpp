// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "decomposition/field.hpp"
#include "decomposition/reduce.hpp"
#include "solver/model/body_cells.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/walls/wall.hpp"

namespace calor {

/// A hole and what its wall does.
struct Hole {
  std::string name;
  WallLaw law;
};

/// What passes a wall is a - b T, b >= 0 and the same at all times.
bool is_linear_sink(const WallLaw& law);

/// The walls of all holes, as far as one rank's cells have elements of them (BodyCells). An element brings
/// its cell
///   q = g (u_ghost - T),  u_ghost = a T + b,  g = L / (2 R V)   [W m^-3]
/// with the rule of any wall (walls/term.hpp) whose half cell has the resistance R. Where conductivities
/// depend on T, R is that of the temperatures of cell and wall, or of the cell's alone, as FaceMean says.
class HoleWalls {
 public:
  /// @param materials  where some conductivity depends on T; else null
  HoleWalls(const std::vector<Hole>& holes, std::shared_ptr<const BodyCells> cells, const Grid& grid,
            const Box& owned, double absolute_zero, std::shared_ptr<const Materials> materials);

  const BodyCells& cells() const { return *cells_; }
  const std::vector<Hole>& holes() const { return holes_; }
  /// What passes is a - b T, b >= 0 and the same at all times.
  bool linear() const { return linear_; }
  bool of_time() const { return of_time_; }
  /// Nor does a ever change.
  bool steady() const {
    return std::all_of(steady_.begin(), steady_.end(), [](std::uint8_t s) { return s != 0; });
  }
  bool fixes_level() const { return fixes_level_; }

  /// What passes the elements of these cells at time t and temperature u, and the rules.
  void update(const Box& region, double t, View2D<const double> u);
  /// Adds it to the cells [W m^-3].
  void add_to(const Box& region, View2D<double> q) const;
  /// Calls f(i, j) for these cells that have elements, some of them several times.
  template <class F>
  void for_cells_of(const Box& region, F&& f) const {
    for (const BodyCells::Element& e : cells_->elements())
      if (region.contains(e.i, e.j)) f(e.i, e.j);
  }
  /// Adds dq/dT with its sign turned; and to cells that are not live, whose rows would be empty, a little.
  void add_sink_slope(const Box& region, double t, View2D<const double> u, View2D<double> out) const;
  /// Where it is steady(): adds a and b of what passes the elements of cells i0 .. i1 - 1 of row j. Indexed
  /// by the column.
  void add_steady(int j, int i0, int i1, double* a, double* b) const;
  /// What passes an element, with the rule of the last update.
  struct Exchange {
    std::int32_t i, hole;  // column of its cell
    double g;              // W m^-3 K^-1
    GhostRule rule;
    double heat(double T) const { return g * (rule.b - (1.0 - rule.a) * T); }
  };
  /// Of the elements of the cells i0 .. i1 - 1 of row j, from the left.
  std::span<const Exchange> exchanges(int j, int i0, int i1) const;
  /// Of each hole, sum of factor * what passes its wall into the owned cells, as of the last update.
  std::vector<ExactSum> sums(double factor) const;
  /// The same of -b v in place of it, for v in place of T, with the rules of the last update.
  std::vector<ExactSum> response(double factor, View2D<const double> v) const;

  /// The walls that make a cell stiff, as of the last update: what its extra capacity holds belongs to them,
  /// and begins at their temperatures.
  struct Share {
    std::int32_t hole;
    double share;  // those of a cell add up to 1
    double temperature;
  };
  std::vector<Share> wall_shares(int i, int j) const;
  /// Mean of f(temperature) over them.
  template <class F>
  double of_walls(int i, int j, F&& f) const {
    double sum = 0.0;
    for (const Share& s : wall_shares(i, j)) sum += s.share * f(s.temperature);
    return sum;
  }
  /// Of each hole's wall, over all ranks, as of the last update: least, most and mean over its length; not
  /// numbers where it has no element. Collective. @param u  temperatures of the owned cells
  struct Surface {
    double min, max, mean;
  };
  std::vector<Surface> surfaces(const mpi::Comm& comm, View2D<const double> u) const;
  /// Temperature of an element's wall, likewise.
  double surface(std::size_t element, View2D<const double> u) const;
  /// Heat flux along the axis of an element, from its wall to its cell, likewise [W m^-2].
  double flux(std::size_t element, View2D<const double> u) const;
  /// What is wrong with a function of some wall at time t, or empty.
  std::string wrong(double t, View2D<const double> u, std::optional<double> coldest) const;

 private:
  GhostRule rule(std::size_t element, double t, View2D<const double> u,
                 const std::vector<std::optional<WallValues>>& known) const;
  std::vector<std::optional<WallValues>> values_at(double t) const;
  /// Takes the resistance to the wall to be R.
  void set_resistance(std::size_t element, double R);
  /// As the temperatures of cell and wall make it.
  double resistance(std::size_t element, double T, double wall) const;
  std::vector<Hole> holes_;
  std::shared_ptr<const BodyCells> cells_;
  Grid grid_;
  Box owned_;
  double zero_;
  std::shared_ptr<const Materials> materials_;  // where k depends on T
  bool linear_ = true, of_time_ = false, fixes_level_ = false;
  std::vector<std::uint8_t> steady_;  // of each hole: its rules never change
  // Of each element, in their order; what steps at every level need lies close together.
  std::vector<double> resistance_;
  std::vector<Exchange> exchanges_;
  std::vector<double> q_;
};

}  // namespace calor
