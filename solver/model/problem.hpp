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
#include "solver/model/budget.hpp"
#include "solver/model/coefficients.hpp"
#include "solver/model/enthalpy.hpp"
#include "solver/model/grid.hpp"
#include "solver/model/material.hpp"
#include "solver/model/region_cells.hpp"
#include "solver/model/scratch.hpp"
#include "solver/model/sections.hpp"
#include "solver/model/source.hpp"
#include "solver/model/temperature_scale.hpp"
#include "solver/model/walls/walls.hpp"

namespace calor {

/// rho c dT/dt = div(k grad T) + q on a rectangle, as data: nothing here knows of ranks.
struct ProblemSpec {
  Grid grid;
  Materials materials;
  std::vector<Region> regions;  // already folded into materials, initial and power; kept for what they are
  Layered<Function> initial{Function{0.0}};  // K, of x, y
  Layered<Function> liquid{Function{0.0}};   // share of it, of what is where a sharp phase change takes place
  Layered<Function> power{Function{0.0}};    // W m^-3, of x, y, t, T
  /// Functions of `power` that are given as W per metre of depth of all cells they hold in: spread over these
  /// by volume.
  struct Heat {
    std::int32_t number;
    std::string region;  // for messages
  };
  std::vector<Heat> heats;
  Walls::Pieces walls;
  std::optional<Plate> plate;  // the body is one, and gives heat off through its faces
  /// Absolute zero on the scale of all temperatures here [K]: none may be below it. Absent: only differences
  /// count, unless a wall radiates; then they are in K.
  std::optional<double> absolute_zero;
  std::optional<double> end;  ///< of the run, if it is known [s]: the limit of explicit steps looks so far
  std::vector<Section> sections;
  std::vector<Hole> holes;  // in the order of the regions, as in materials.voids

  /// Absolute zero, where something hangs on it.
  std::optional<double> coldest() const;
  /// Lays a region over those there are: over each property that it sets.
  void add(Region region);

  /// Something but a side that radiates depends on T.
  bool of_temperature() const;
  /// The explicit limit can change while running: of what depends on T, not all is linear and the same at all
  /// times.
  bool limit_varies() const;
  /// Explicit steps are made many in a pass (solver/blocked): nothing depends on T, or what does is a loss of
  /// cells whose coefficients are looked up (Source::linear_sink).
  bool steps_are_blocked() const;
  /// Linear, and nothing in it changes with time.
  bool autonomous() const;
  /// Something is a function of t.
  bool of_time() const;
  /// Arrays of coefficients that an explicit step reads.
  int fields() const;
};

class Heed;
class Loads;

/// One rank's share of a problem: its box, fields, coefficients, walls and halo.
struct Problem {
  /// @param parts   a box for every rank of comm     @param depth  halo depth of u, >= 2 (probes look past a
  /// neighbour cell at its wall)
  /// @param earlier, heed_making  as for Coefficients
  Problem(const mpi::Comm& comm, const ProblemSpec& spec, Partition parts, int depth,
          std::shared_ptr<const CoefficientFields> earlier = nullptr, Heed* heed_making = nullptr);

  const mpi::Comm& comm;
  Grid grid;
  std::vector<Region> regions;
  Partition parts;
  Box owned;
  int depth;
  Coefficients coefficients;
  Walls walls;
  Source source;
  std::vector<RegionCells> region_cells;  // of each region
  Sections sections;
  Field2D<double> u;  // temperature [K]
  Scratch scratch;    // fields of its shape, for who works on it
  // Where the specific heat depends on T, or something melts: the state, H / c_ref [K] (EnthalpyCurve), of
  // which u is T(h). rho_c then is of c_ref, and rho_c h the content. Else absent and empty: the state is u.
  std::optional<Enthalpy> enthalpy;
  Field2D<double> h;
  Exchange<double> halo;  // `depth` cells deep
  Budget budget;
  TemperatureScale scale;  // of errors
  Loads* loads = nullptr;  // of the spec it was made from, or null where nothing changes with time alone
  Heed* heed = nullptr;    // asked within long work whether it is to be left; or null
  bool at_start = true;    // no step has been made, by this run or the one that it goes on from
  std::optional<double> coldest;        // absolute zero on the scale of u, where something hangs on it
  double steady_power = 0.0;            // W per metre of depth, of all cells whose source never changes
  std::vector<double> steady_power_in;  // the same in each region

  bool linear() const {
    return !enthalpy && !coefficients.of_temperature() && !walls.of_temperature() &&
           (!source.of_temperature() || source.linear());
  }
  /// Nothing ties a steady temperature down: with one solution all others are one that differ by a constant.
  bool level_open() const { return !walls.fixes_level() && !source.fixes_level(); }
  bool live(int i, int j) const { return coefficients.live(i, j); }
  /// What steps add to, whose rate is (div(k grad u) + q) / rho_c: h, or u.
  Field2D<double>& state_field() { return enthalpy ? h : u; }
  View2D<double> state() { return state_field().view(); }
  View2D<const double> state() const { return enthalpy ? h.view() : u.view(); }
  /// u = T(h) on a box, on the owned cells; h from u, solid where a sharp phase change takes place. Where
  /// there is an enthalpy.
  void find_temperatures(const Box& box);
  void find_temperatures() { find_temperatures(owned); }
  void find_heats();
  /// What a cell holds [J m^-3]: rho_c times the state, less what belongs to its wall (BodyCells): at the
  /// start at the wall's temperature, which the cell takes at once; from then on at the cell's own.
  double heat_of(int i, int j) const {
    const double all = coefficients.rho_c(i, j) * state()(i, j);
    if (!coefficients.bodies()) return all;
    if (!live(i, j)) return 0.0;  // whatever solvers have left there
    const BodyCells::Cell* const c = coefficients.bodies()->special(i, j);
    return c == nullptr || c->extra == 0.0 ? all : all - held_by_wall(*c);
  }
  double held_by_wall(const BodyCells::Cell& c) const {
    return coefficients.rho_c(c.i, c.j) * (c.extra / (c.share + c.extra)) *
           (at_start ? state_of_walls(c.i, c.j) : state()(c.i, c.j));
  }
  /// The state that a cell which walls make stiff would have at their temperatures.
  double state_of_walls(int i, int j) const {
    return source.holes()->of_walls(i, j, [&](double T) { return state_at(i, j, T); });
  }
  /// Of a temperature, solid where a sharp phase change takes place.
  double state_at(int i, int j, double T) const { return enthalpy ? enthalpy->of(i, j).heat(T) : T; }
  /// Of each hole, what its wall holds of the owned cells [J per metre of depth].
  std::vector<ExactSum> held_by_walls() const;
  /// Cells in holes are at 0 and stay there.
  void clear_holes();
  /// No cell depends on another rank or on a periodic image: steps a pass are not limited by the halo.
  bool alone() const { return grid.within_reach(owned.grown(1)) == owned; }
  /// As ProblemSpec::fields, for these cells.
  int fields() const {
    const bool repeat = coefficients.uniform() || coefficients.mosaic() != nullptr;
    const bool heated =
        source.power().any([](const Function& f) { return f.of_place() || f.of_temperature(); });
    return (repeat ? 0 : 3) + (heated || (!repeat && !source.zero()) ? 1 : 0);
  }
  /// As ProblemSpec::of_temperature, and so on.
  bool of_temperature() const {
    return enthalpy || coefficients.of_temperature() || walls.of_users_temperature() ||
           source.of_temperature();
  }
  bool limit_varies() const {
    return enthalpy || coefficients.of_temperature() || walls.of_users_temperature() ||
           (source.of_temperature() && !source.linear());
  }
  bool steps_are_blocked() const {
    return !of_temperature() || (!limit_varies() && source.linear_sink() &&
                                 (coefficients.uniform() || coefficients.mosaic() != nullptr));
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
  /// What of it never changes.
  void book_steady_source(double dt);
  /// The walls' part of it, and what passes sections, from values whose ghosts are filled, and whose halo is
  /// where there are sections. @param homogeneous  the ghosts are those of homogeneous walls
  void book_walls(double dt, View2D<const double> values, bool homogeneous = false);
  /// Of a linear problem: what walls and sources would bring that answer to the temperature alone, to v in
  /// place of T, under homogeneous walls; ghosts and halo as book_walls() wants them.
  void book_response(double factor, View2D<const double> v);
  /// Conductances of a cell's sides on walls that pass heat [W m^-3 K^-1]. However little a wall passes, they
  /// multiply what rounding leaves of the ghost's temperature.
  double towards_walls(int i, int j) const;
  double seconds_in_halo() const { return halo.seconds(); }
};

/// Lays the initial temperature of the spec on the owned cells. A cell that the edge of an area cuts gets the
/// temperature of its heat content, sum of share rho c T over sum of share rho c.
/// @param over_field  what lies under all areas is the temperature that the cells have already, and the state
/// h where it is of that temperature
void lay_initial(const ProblemSpec& spec, Problem& p, bool over_field);

/// What is wrong with the properties as they came out at time t, or empty: a conductivity or heat capacity
/// that is not positive and finite, a film coefficient that is negative, an ambient that is not a number.
/// Names the key and the place. Collective.
std::string wrong_property(Problem& p, double t);

}  // namespace calor
