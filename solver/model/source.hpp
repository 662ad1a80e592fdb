// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "decomposition/field.hpp"
#include "decomposition/mpi.hpp"
#include "decomposition/reduce.hpp"
#include "solver/model/cut_cells.hpp"
#include "solver/model/function.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/hole_walls.hpp"
#include "solver/model/material.hpp"
#include "solver/model/plate.hpp"
#include "solver/model/region_cells.hpp"

namespace calor {

/// Whether q = a - b T, b >= 0 and the same at all times, as far as looking at the functions tells.
bool is_linear(const Layered<Function>& power, const std::optional<Plate>& plate, const Grid& grid);

/// The source q over one rank's cells: the mean over the cell of what is given, which counts in nominal cells
/// (Grid). A field only where it is not
/// zero; worked out anew only in the cells whose function has t or T in it, those with t and place
/// alone only at another time than the last two.
///
/// Functions of x and y alone are integrated over each cell, by 4 x 4 Gauss points, quartered until two
/// levels agree to 1e-10 of the function's largest value, at most six times; where the points and the centre
/// agree to round-off, the value at the centre is taken as it is. Functions of place that have t or T in them
/// as well take the value at the centre, or, if they are too sharp for that in some cell at t = 0 or when
/// there is most of them, the mean of 4 x 4 or 8 x 8 Gauss points in each cell. A cell that the edge of an
/// area cuts takes each function over its own part.
///
/// What a plate gives off through its faces is part of q, at the cell's centre and temperature, and of no sum
/// here but plate_sum(), by what the cell has of bodies. What passes the walls of holes likewise, but
/// hole_sums(); cells that are not live have no source, and cells that holes cut that of their body's share.
class Source {
 public:
  /// @param comm  the ranks that share the grid: how sharp a function is they must agree on (then
  /// collective); null: one
  Source(const Layered<Function>& power, const Grid& grid, const Box& owned, int depth,
         const mpi::Comm* comm = nullptr, const std::optional<Plate>& plate = {},
         const Voids* voids = nullptr, std::optional<HoleWalls> holes = {});
  bool zero() const { return zero_ && !plate_ && !holes_; }
  const Layered<Function>& power() const { return power_; }
  bool of_temperature() const { return of_temperature_ || plate_ || holes_; }
  /// Ties the temperature down in a steady state.
  bool fixes_level() const { return of_temperature_ || plate_ || (holes_ && holes_->fixes_level()); }
  /// q = a - b T with b >= 0 and the same at all times: sink_slope() is all that an implicit step needs to
  /// know.
  bool linear() const { return linear_; }
  bool of_time() const { return of_time_; }  ///< t appears somewhere
  const std::optional<Plate>& plate() const { return plate_; }
  const std::optional<HoleWalls>& holes() const { return holes_; }
  /// q at time t and temperature u on `region`.
  void update(const Box& region, double t, View2D<const double> u);
  /// q at the present update(); where nothing varies, at all times.
  View2D<const double> q() const { return plate_ || holes_ ? with_plate_.view() : given(); }
  bool varies() const { return !varying_.empty(); }  ///< with t or T, in some cell of this rank

  /// A source that varies with t alone at one time, worked out row by row where it is asked for: what steps
  /// need that are taken while the data is in cache. Safe for several threads at a time.
  class Moment {
   public:
    Moment(const Source& source, double t);
    /// q of cells whose part `varying` this is (parts()).
    double of(std::int32_t varying) const;
    /// out[i] = q(i, j) for i0 <= i < i1 [W m^-3]
    void row(int j, int i0, int i1, double* out) const;
    /// Adds factor * q of the varying cells of the row, each a term of its own, to the sum. @param q as row()
    /// gave it
    void book(int j, int i0, int i1, double factor, const double* q, ExactSum& sum) const;
    /// The same of what lies in a region, for cells [i0, i1) of one of its runs.
    void book(const RegionCells::Run& run, int i0, int i1, double factor, const double* q,
              ExactSum& sum) const;

   private:
    const Source& source_;
    double t_;
    std::vector<double> values_;  // of each function that is the same in all places
  };
  /// What is given knows no T, and what varies of it does so with t alone, and not with place; beside it
  /// there is nothing, or what linear_sink().
  bool in_parts() const { return (!of_temperature() || linear_sink()) && given_in_parts(); }
  /// A plate or walls of holes bring a - b T that never changes, beside what can be looked up in parts().
  bool linear_sink() const {
    return (plate_ || holes_) && given_in_parts() && !(plate_ && (plate_->of_time() || !plate_->linear())) &&
           !(holes_ && !(holes_->linear() && holes_->steady()));
  }
  /// Where it is so: a and b of the cells i0 .. i1 - 1 of row j, indexed by the column [W m^-3, W m^-3 K^-1].
  void linear_sink_row(int j, int i0, int i1, double* a, double* b) const;
  /// What a plate gives off at (i, j), at a time and temperature.
  double plate_gain(int i, int j, double t, double T) const {
    const double share = plate_share(i, j);
    if (!(share > 0.0)) return 0.0;
    return share *
           (alike_ ? alike_->exchange * (alike_->ambient - T) : plate_->gain(grid_.x(i), grid_.y(j), t, T));
  }
  /// Of the cells i0 .. i1 - 1 of row j, factor * plate_gain of a plate that knows no t and no T itself:
  /// `out` and the temperatures T are indexed by the column.
  void plate_gains(int j, int i0, int i1, double factor, const double* T, double* out) const;
  void plate_gains(int j, int i0, int i1, double factor, const float* T, double* out) const;
  /// What makes q in the cells of row j, where it is in_parts(): varying[i] is -1 where q[i] holds at all
  /// times, else a number that Moment::of knows. For i0 <= i < i1.
  void parts(int j, int i0, int i1, double* q, std::int32_t* varying) const;
  /// dq/dT, where it is negative, with its sign turned: what an implicit step may add to its diagonal [W m^-3
  /// K^-1].
  void sink_slope(const Box& region, double t, View2D<const double> u, View2D<double> out) const;

  /// Sum of factor * what the plate gains over the owned cells, as of the last update.
  ExactSum plate_sum(double factor) const;
  /// Of a linear source, what these sums are of -b v in place of q, for v in place of T: of what is given, of
  /// what is given in a region, and of the plate.
  struct Response {
    ExactSum given, plate;
    std::vector<ExactSum> regions, holes;
  };
  Response response(double factor, View2D<const double> v, const std::vector<RegionCells>& cells) const;

  /// Sum of q over the owned cells where it never changes.
  ExactSum steady_sum() const { return steady_sum_; }
  /// Sum of factor * q over the owned cells where it does, as of the last update. Each product is a term of
  /// its own, so that the bits do not depend on how the cells are shared out.
  ExactSum varying_sum(double factor) const;
  /// The same sums over what a region has of its cells. @param u  temperatures of the last update
  ExactSum steady_sum(const RegionCells& cells) const;
  ExactSum varying_sum(double factor, const RegionCells& cells, View2D<const double> u) const;
  /// Of cell i of one of a region's runs, what is made in the region, as of the last update [W m^-3 of the
  /// cell].
  double made(const RegionCells::Run& run, int i, double T) const;

 private:
  class Builder;
  struct Run {  // cells of one row with one varying function
    int j, i0, i1;
    std::int32_t layer;  // or -1 - number in cuts_: one cell
  };
  /// A function at a point of a cut cell, with the share of the cell that it stands for.
  struct Node {
    std::int32_t layer;
    double share, x, y;
  };
  struct Cut {
    int i = 0, j = 0;
    double constant = 0.0;  // what does not vary
    std::vector<Node> nodes{};
    std::vector<std::pair<std::int32_t, double>> fixed{};  // the constant by layer
    bool of_temperature = false;
  };
  template <class Real>
  void plate_gains_of(int j, int i0, int i1, double factor, const Real* T, double* out) const;
  bool given_in_parts() const { return !of_temperature_ && !of_place_and_time_ && grid_.even(); }
  void update_given(const Box& region, double t, View2D<const double> u);
  View2D<const double> given() const { return zero_ ? View2D<const double>{} : q_.view(); }
  double given_sink_slope(const Run& run, int i, double t, double T) const;
  Layered<Function> power_;
  Grid grid_;
  Box owned_;
  std::optional<Plate> plate_;
  struct Alike {
    double exchange, ambient;
  };
  std::optional<Alike> alike_;  // of a plate that is the same everywhere, at all times and temperatures
  std::optional<HoleWalls> holes_;
  bool laid_ = false;           // with holes alone: the rest of with_plate_ is what is given, for good
  Field2D<double> with_plate_;  // and with holes
  Field2D<double> plate_part_;  // of it, where there are both
  /// What of the cell gives heat off through its faces, in nominal cells.
  double plate_share(int i, int j) const {
    return holes_ ? holes_->cells().share(i, j) * grid_.weight(i, j) : grid_.weight(i, j);
  }
  bool zero_, of_temperature_, of_place_and_time_, recalls_, linear_, of_time_;
  std::vector<int> points_;  // of each function, a side of a cell; 1: the centre
  std::vector<Cut> cuts_;
  const Cut* find_cut(int i, int j) const;
  /// What the nodes give at time t that lie in the region.
  double varying_part(const Cut& cut, const RegionCells::Run& run, double t, double T) const;
  /// Cells of the run do not all have the same of it.
  bool of_place(const Run& run) const {
    return run.layer < 0 || power_[run.layer].of_place() || !grid_.even();
  }
  bool of_temperature(const Run& run) const {
    return run.layer < 0 ? cuts_[static_cast<std::size_t>(-1 - run.layer)].of_temperature
                         : power_[run.layer].of_temperature();
  }
  /// @param constants  what those of a cut cell count for: 1, or 0 of a slope
  template <class At>  // at(function, x, y)
  double mean(const Run& run, int i, double constants, At&& at) const;
  double value(const Run& run, int i, double t, double T) const;
  void find_points(const mpi::Comm* comm);
  /// Calls f(run, begin, end) for the varying cells of row j between i0 and i1.
  template <class F>
  void for_runs(int j, int i0, int i1, F&& f) const;
  /// When and where functions of time were worked out.
  struct Evaluation {
    double t = std::numeric_limits<double>::quiet_NaN();
    Box cells{};
    bool holds(const Box& region, double at) const;
  };
  bool recall(const Box& region, double t);
  std::vector<Run> varying_;            // within reach, halo included; row by row
  std::vector<std::size_t> row_start_;  // in varying_, of the rows from first_row_
  int first_row_ = 0;
  ExactSum steady_sum_;
  double t_ = 0.0;                // of the last update [s]
  Field2D<double> q_, before_q_;  // the second once a time has come back
  Evaluation now_, before_;       // what they hold
};

}  // namespace calor
