// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decomposition/field.hpp"
#include "decomposition/halo.hpp"
#include "decomposition/mpi.hpp"
#include "decomposition/partition.hpp"
#include "solver/boundary.hpp"
#include "solver/budget.hpp"
#include "solver/diffusion.hpp"
#include "solver/grid.hpp"
#include "solver/material.hpp"

namespace calor {

/// rho c dT/dt = div(k grad T) + q on a rectangle, as data: nothing here knows of ranks.
struct ProblemSpec {
  Grid grid;
  Materials materials;
  std::vector<Region> regions;  // already folded into materials, initial and power; kept for their areas
  Layered<Function> initial{Function{0.0}};  // K, of x, y
  Layered<Function> power{Function{0.0}};    // W m^-3, of x, y, t, T
  Walls::Pieces walls;

  /// The explicit limit can change while running: something but a radiating wall depends on T.
  bool limit_varies() const;
  /// Linear, and nothing in it changes with time.
  bool autonomous() const;
  /// Arrays of coefficients that an explicit step reads.
  int fields() const;
};

/// The source q over one rank's cells. A field only where it is not zero; worked out anew only in the cells
/// whose function has t or T in it, those with t alone only at another time than the last two.
class Source {
 public:
  Source(const Layered<Function>& power, const Grid& grid, const Box& owned, int depth);
  bool zero() const { return zero_; }
  bool of_temperature() const { return of_temperature_; }
  /// q at time t and temperature u on `region`.
  void update(const Box& region, double t, View2D<const double> u);
  /// q at the present update(); where nothing varies, at all times.
  View2D<const double> q() const { return zero_ ? View2D<const double>{} : q_.view(); }
  bool varies() const { return !varying_.empty(); }  ///< with t or T, in some cell of this rank

  /// A source that varies with t alone at one time, worked out row by row where it is asked for: what steps
  /// need that are taken while the data is in cache. Safe for several threads at a time.
  class Moment {
   public:
    Moment(const Source& source, double t);
    /// out[i] = q(i, j) for i0 <= i < i1 [W m^-3]
    void row(int j, int i0, int i1, double* out) const;
    /// Adds factor * q of the varying cells of the row, each a term of its own, to the sum. @param q as row()
    /// gave it
    void book(int j, int i0, int i1, double factor, const double* q, ExactSum& sum) const;

   private:
    const Source& source_;
    double t_;
    std::vector<double> values_;  // of each function that is the same in all places
  };
  /// dq/dT, where it is negative, with its sign turned: what an implicit step may add to its diagonal [W m^-3
  /// K^-1].
  void decline(const Box& region, double t, View2D<const double> u, View2D<double> out) const;

  ExactSum steady_sum() const {
    return steady_sum_;
  }  ///< sum of q over the owned cells where it never changes
  /// Sum of factor * q over the owned cells where it does, as of the last update. Each product is a term of
  /// its own, so that the bits do not depend on how the cells are shared out.
  ExactSum varying_sum(double factor) const;

 private:
  struct Run {  // cells of one row with one varying function
    int j, i0, i1;
    std::int32_t layer;
  };
  Layered<Function> power_;
  Grid grid_;
  Box owned_;
  bool zero_, of_temperature_, recalls_;
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
  Field2D<double> q_, before_q_;  // the second once a time has come back
  Evaluation now_, before_;       // what they hold
};

/// One rank's share of a problem: its box, fields, coefficients, walls and halo.
struct Problem {
  /// @param parts   a box for every rank of comm     @param depth  halo depth of u, >= 2 (probes look past a
  /// neighbour cell at its wall)
  /// @param earlier  as for Coefficients
  Problem(const mpi::Comm& comm, const ProblemSpec& spec, Partition parts, int depth,
          std::shared_ptr<const CoefficientFields> earlier = nullptr);

  const mpi::Comm& comm;
  Grid grid;
  std::vector<Region> regions;
  Partition parts;
  Box owned;
  int depth;
  Coefficients coefficients;
  Walls walls;
  Source source;
  Field2D<double> u, next;  // temperature [K]; room for the step that is being made
  Exchange<double> halo;    // `depth` cells deep
  Budget budget;
  double steady_power = 0.0;  // W per metre of depth, of all cells whose source never changes

  bool linear() const {
    return !coefficients.of_temperature() && !walls.of_temperature() && !source.of_temperature();
  }
  /// No cell depends on another rank or on a periodic image: steps a pass are not limited by the halo.
  bool alone() const { return grid.within_reach(owned.grown(1)) == owned; }
  /// As ProblemSpec::fields.
  int fields() const { return (coefficients.uniform() ? 0 : 3) + (source.zero() ? 0 : 1); }
  /// As ProblemSpec::limit_varies.
  bool limit_varies() const {
    return coefficients.of_temperature() || walls.of_users_temperature() || source.of_temperature();
  }
  /// The owned cells along the edges of `owned`: all that a wall or another rank can touch.
  std::array<Box, 4> edges() const { return rim(owned, owned.grown(-1)); }
  /// Work out all that depends on t and u for the cells of `region`, and the ghosts beside it.
  /// u is filled on region.grown(1) within reach if k depends on T, else on the region.
  void prepare(const Box& region, double t, View2D<double> values);
  /// The same without the source.
  void prepare_fluxes(const Box& region, double t, View2D<double> values);
  /// Heat that enters through the walls and from the source in dt, from what prepare() has worked out, to the
  /// ledger.
  void book(double dt, View2D<const double> values);
  /// The walls' part of it, from values whose ghosts are filled.
  void book_walls(double dt, View2D<const double> values);
  double seconds_in_halo() const { return halo.seconds(); }
};

/// What is wrong with the properties as they came out at time t, or empty: a conductivity or heat capacity
/// that is not positive and finite, a film coefficient that is negative, an ambient that is not a number.
/// Names the key and the place. Collective.
std::string wrong_property(Problem& p, double t);

/// The largest stable step of forward Euler at the present state [s]: min over cells of
/// rho_c / (sum over faces of g (1 - a) + max(0, -dq/dT)), with a = -1 on walls whose film varies with time
/// or radiates. It holds for the whole run unless limit_varies(). Collective; infinite if nothing conducts.
double explicit_limit(Problem& p, double t);

}  // namespace calor
