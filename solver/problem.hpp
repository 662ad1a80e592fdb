// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <functional>
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
};

/// The source q over one rank's cells. A field only where it is not zero; worked out anew only in the cells
/// whose function has t or T in it.
class Source {
 public:
  Source(const Layered<Function>& power, const Grid& grid, const Box& owned, int depth);
  bool zero() const { return zero_; }
  bool of_temperature() const { return of_temperature_; }
  /// q at time t and temperature u on `region`.
  void update(const Box& region, double t, View2D<const double> u);
  View2D<const double> q() const { return zero_ ? View2D<const double>{} : q_.view(); }
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
  bool zero_, of_temperature_;
  std::vector<Run> varying_;  // within reach, halo included
  ExactSum steady_sum_;
  Field2D<double> q_;
};

/// One rank's share of a problem: its box, fields, coefficients, walls and halo.
struct Problem {
  /// @param parts   a box for every rank of comm     @param depth  halo depth of u, >= 2 (probes look past a
  /// neighbour cell at its wall)
  Problem(const mpi::Comm& comm, const ProblemSpec& spec, Partition parts, int depth);

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
  /// Work out all that depends on t and u for the cells of `region`, and the ghosts beside it.
  /// u is filled on region.grown(1) within reach if k depends on T, else on the region.
  void prepare(const Box& region, double t, View2D<double> values);
  /// Heat that enters through the walls and from the source in dt, from what prepare() has worked out, to the
  /// ledger.
  void book(double dt, View2D<const double> values);
  /// Content of heat: sum of V rho_c u [J per metre of depth]. Collective.
  double heat_content() const;
  double seconds_in_halo() const { return halo.seconds(); }
};

/// What is wrong with the properties as they came out at time t, or empty: a conductivity or heat capacity
/// that is not positive and finite, a film coefficient that is negative, an ambient that is not a number.
/// Names the key and the place. Collective.
std::string wrong_property(Problem& p, double t);

/// The largest stable step of forward Euler at the present state [s]: min over cells of
/// rho_c / (sum over faces of g (1 - a) + max(0, -dq/dT)). Collective; infinite if nothing conducts.
double explicit_limit(Problem& p, double t);

}  // namespace calor
