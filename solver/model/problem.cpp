// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "decomposition/error.hpp"
#include "solver/model/cut_cells.hpp"

namespace calor {

void ProblemSpec::add(Region r) {
  if (r.conductivity) materials.conductivity.add(r.area, *r.conductivity);
  if (r.density) materials.density.add(r.area, *r.density);
  if (r.specific_heat)
    materials.add_specific_heat(r.area, *r.specific_heat, r.changes, absolute_zero.value_or(0.0));
  if (r.liquid) liquid.add(r.area, *r.liquid);
  if (r.temperature) initial.add(r.area, *r.temperature);
  if (r.power) power.add(r.area, *r.power);
  if (r.heat) {
    power.add(r.area, *r.heat);
    heats.push_back({power.size() - 1, r.name});
  }
  if (r.is_void) {
    Voids& v = materials.voids;
    v.areas.push_back(r.area);
    v.hole.push_back(*r.is_void ? static_cast<std::int32_t>(holes.size()) : Voids::body);
    if (*r.is_void) {
      v.names.push_back(r.name);
      v.tempered.push_back(std::holds_alternative<FixedTemperature>(r.wall.terms()[0]) ? 1 : 0);
      holes.push_back({r.name, r.wall});
    }
  } else if (r.conductivity || r.density || r.specific_heat) {
    materials.voids.areas.push_back(r.area);
    materials.voids.hole.push_back(Voids::body);
  }
  if (r.body) {
    materials.contacts.bodies.push_back(r.area);
    materials.contacts.names.push_back(r.name);
  }
  regions.push_back(std::move(r));
}

namespace {

/// Something but sources and walls of holes depends on T.
bool body_is_of_temperature(const ProblemSpec& s) {
  for (const auto& side : s.walls)
    for (const WallPiece& p : side)
      if (of_temperature(p.law)) return true;
  return s.materials.of_temperature() || s.materials.enthalpic();
}

}  // namespace

bool ProblemSpec::of_temperature() const {
  return plate || !holes.empty() || body_is_of_temperature(*this) ||
         power.any([](const Function& f) { return f.of_temperature(); });
}

bool ProblemSpec::limit_varies() const {
  return body_is_of_temperature(*this) || !is_linear(power, plate, grid) ||
         std::any_of(holes.begin(), holes.end(), [](const Hole& h) { return !is_linear_sink(h.law); });
}

bool ProblemSpec::steps_are_blocked() const {
  if (!of_temperature()) return true;
  return !limit_varies() && materials.constant() && grid.even() &&
         !power.any([](const Function& f) { return f.of_temperature() || (f.of_place() && f.of_time()); }) &&
         !(plate && plate->of_time()) &&
         std::all_of(holes.begin(), holes.end(), [](const Hole& h) { return steady(h.law); });
}

std::optional<double> ProblemSpec::coldest() const {
  if (absolute_zero) return absolute_zero;
  for (const auto& side : walls)
    for (const WallPiece& p : side)
      if (absolute(p.law)) return 0.0;
  for (const Hole& h : holes)
    if (absolute(h.law)) return 0.0;
  return {};
}

bool ProblemSpec::autonomous() const {
  for (const auto& side : walls)
    for (const WallPiece& p : side)
      if (!steady(p.law)) return false;
  for (const Hole& h : holes)
    if (!steady(h.law)) return false;
  return !materials.of_temperature() && !materials.enthalpic() && !(plate && plate->of_time()) &&
         is_linear(power, plate, grid) && !power.any([](const Function& f) { return f.of_time(); });
}

bool ProblemSpec::of_time() const {
  for (const auto& side : walls)
    for (const WallPiece& p : side)
      if (calor::of_time(p.law)) return true;
  for (const Hole& h : holes)
    if (calor::of_time(h.law)) return true;
  return (plate && plate->of_time()) || power.any([](const Function& f) { return f.of_time(); });
}

int ProblemSpec::fields() const {
  // Sources that are the same in all of a region are looked up.
  const bool heated = power.any([](const Function& f) { return f.of_place() || f.of_temperature(); });
  return (materials.constant() && grid.even() ? 0 : 3) +
         (heated || (of_temperature() && !steps_are_blocked()) ? 1 : 0);
}

namespace {

/// The spec's power, with what is given for a whole region spread over the cells it holds in. Collective.
Layered<Function> spread(const ProblemSpec& spec, const Box& owned, const mpi::Comm& comm) {
  Layered<Function> power = spec.power;
  if (spec.heats.empty()) return power;
  const Grid& grid = spec.grid;
  const Voids& voids = spec.materials.voids;
  const std::vector<Area> none;
  const CutCells cut{grid, owned, {&power.areas(), voids.any() ? &voids.areas : &none}};
  Field2D<std::uint8_t> is_cut{owned, 0};
  for (const CutCells::Cell& c : cut.cells()) is_cut.view()(c.i, c.j) = 1;
  std::vector<ExactSum> cells(static_cast<std::size_t>(power.size()));
  std::vector<std::int64_t> whole(cells.size());
  for_each(owned, [&](int i, int j) {
    if (is_cut.view()(i, j) != 0 || (voids.any() && voids.at(grid.x(i), grid.y(j)) != Voids::body)) return;
    const auto n = static_cast<std::size_t>(power.at(grid.x(i), grid.y(j)));
    if (grid.even())
      ++whole[n];
    else
      cells[n].add(grid.weight(i, j));
  });
  for (std::size_t n = 0; n < cells.size(); ++n) cells[n].add_equal(1.0, whole[n]);
  for (const CutCells::Cell& c : cut.cells())
    for (const CutCells::Part& p : cut.parts(c))
      if (!voids.any() || voids.of(p.top[1]) == Voids::body)
        cells[static_cast<std::size_t>(p.top[0])].add(p.share * grid.weight(c.i, c.j));
  reduce(comm, cells);
  for (const ProblemSpec::Heat& heat : spec.heats) {
    const double volume = grid.cell_volume() * cells[static_cast<std::size_t>(heat.number)].value();
    if (!(volume > 0.0))
      throw Error{
          Exit::bad_case,
          fmt::format("region {}: heat: nothing of the region is left to be heated{}; move it into the "
                      "domain, or before the regions with power or heat that cover it",
                      heat.region,
                      grid.coverage == Coverage::centre ? ", for no centre of a cell lies in it" : "")};
    power.replace(heat.number, power[heat.number].times(1.0 / volume));
  }
  return power;
}

}  // namespace

namespace {

std::optional<HoleWalls> holes_of(const ProblemSpec& spec, const Coefficients& c, const Box& owned) {
  if (spec.holes.empty()) return {};
  return HoleWalls{spec.holes,
                   c.bodies(),
                   spec.grid,
                   owned,
                   spec.absolute_zero.value_or(0.0),
                   c.of_temperature() ? c.shared_materials() : nullptr};
}

}  // namespace

Problem::Problem(const mpi::Comm& c, const ProblemSpec& spec, Partition p, int d,
                 std::shared_ptr<const CoefficientFields> earlier, Heed* heed_making)
    : comm{c},
      grid{spec.grid},
      regions{spec.regions},
      parts{std::move(p)},
      owned{parts[static_cast<std::size_t>(c.rank())]},
      depth{d},
      coefficients{spec.materials, grid, owned, d, std::move(earlier), &c, heed_making},
      walls{
          spec.walls, grid, grid.within_reach(owned.grown(d)), {spec.absolute_zero.value_or(0.0), spec.end}},
      source{spread(spec, owned, c),
             grid,
             owned,
             d,
             &heed_before(heed_making, set_up_sweeps, c),
             spec.plate,
             &spec.materials.voids,
             holes_of(spec, coefficients, owned)},
      sections{spec.sections, grid, owned, coefficients.bodies().get()},
      u{heed_before(heed_making, set_up_sweeps, owned), d},
      scratch{owned, d},
      enthalpy{spec.materials.enthalpic()
                   ? std::optional<Enthalpy>{std::in_place, spec.materials, grid,
                                             grid.within_reach(owned.grown(d)), coefficients.bodies().get()}
                   : std::nullopt},
      h{enthalpy ? Field2D<double>{owned, d} : Field2D<double>{}},
      halo{c, make_halo_plan(parts, d, c.rank(), grid.period())},
      budget{spec.walls, spec.regions.size(), spec.sections.size(), spec.holes.size()},
      coldest{spec.coldest()} {
  heed_here(heed_making, set_up_sweeps);
  region_cells =
      cells_of_regions(regions, grid, owned, source.power(), heat_capacity_of_parts(spec.materials),
                       spec.materials.voids, coefficients.bodies().get());
  heed_here(heed_making, set_up_sweeps);
  lay_initial(spec, *this, false);
  heed_here(heed_making, set_up_sweeps);
  // Those that vary are worked out again before they are used.
  if (!coefficients.of_temperature()) walls.update(owned.grown(d - 1), 0.0, coefficients, {});
  if (source.holes()) {
    source.update(owned, 0.0, u.cview());
    // What cells hold beside their walls' share is the initial temperature of their body, to begin with.
    const View2D<double> v = state();
    for (const BodyCells::Cell& cell : coefficients.bodies()->special()) {
      if (!(cell.extra > 0.0) || !owned.contains(cell.i, cell.j)) continue;
      const double wall = state_of_walls(cell.i, cell.j);
      v(cell.i, cell.j) = wall + cell.share / (cell.share + cell.extra) * (v(cell.i, cell.j) - wall);
      if (enthalpy) find_temperatures({cell.i, cell.j, cell.i + 1, cell.j + 1});
    }
  }
  heed_here(heed_making, set_up_sweeps);
  if (!source.zero()) {
    std::vector<ExactSum> power;
    for (const RegionCells& r : region_cells) power.push_back(source.steady_sum(r));
    power.push_back(source.steady_sum());
    reduce(comm, power);
    steady_power = grid.cell_volume() * power.back().value();
    for (std::size_t n = 0; n < regions.size(); ++n)
      steady_power_in.push_back(grid.cell_volume() * power[n].value());
  }
}

namespace {

/// A cell whose parts begin differently. Of cells of which the enthalpy is known, T is that.
struct MixedCell {
  int i, j;
  double T;
  bool equal;  // in all but name: of one temperature
};

/// What the parts of a cell have at the start, added up.
struct StartOfParts {
  void add(const Overlay::Numbers& top, double T, double heat, double its_capacity) {
    if (!first) {
      first = top;
      first_T = T;
    }
    const bool same_liquid = top[3] == (*first)[3];
    one = one && top[0] == (*first)[0] && same_liquid;
    equal = equal && T == first_T && same_liquid;
    content += its_capacity * heat;
    capacity += its_capacity;
  }
  bool one = true, equal = true;  // the same areas give it; the same temperature
  double content = 0.0, capacity = 0.0, first_T = 0.0;
  std::optional<Overlay::Numbers> first;
};

/// Weighed by what they hold, before what lies under them is laid over. Beside holes a cell has what is its
/// body's, and what cells that are not live gave.
std::vector<MixedCell> mixed_at_start(const ProblemSpec& spec, const Problem& p, bool over_field) {
  const Layered<Function>&initial = spec.initial, &rho = spec.materials.density,
        &c = spec.materials.specific_heat;
  const Grid& grid = p.grid;
  std::vector<MixedCell> mixed;
  if (grid.coverage != Coverage::area || (initial.single() && (!p.enthalpy || spec.liquid.single())))
    return mixed;
  const BodyCells* const bodies = p.coefficients.bodies().get();
  const std::vector<Area> no_voids;
  const CutCells cut{grid,
                     bodies != nullptr ? grid.within_reach(p.owned.grown(2)) : p.owned,
                     {&initial.areas(), &rho.areas(), &c.areas(), &spec.liquid.areas(),
                      bodies != nullptr ? &spec.materials.voids.areas : &no_voids}};
  std::map<std::pair<int, int>, std::vector<BodyCells::Gift>> gifts;
  if (bodies != nullptr) gifts = bodies->gifts_by_receiver();
  const auto mix = [&](int i, int j, std::span<const CutCells::Part> own) {
    if (!p.owned.contains(i, j) || !p.live(i, j)) return;
    StartOfParts all;
    const auto see = [&](const Overlay::Numbers& top, double x, double y, double of_cell) {
      if (bodies != nullptr && spec.materials.voids.of(top[4]) != Voids::body) return;
      const double T = over_field && top[0] == 0 ? p.u.cview()(i, j) : initial[top[0]](x, y);
      all.add(top, T,
              p.enthalpy
                  ? spec.materials.curves[static_cast<std::size_t>(top[2])].heat(T, spec.liquid[top[3]](x, y))
                  : T,
              of_cell * (rho[top[1]](x, y) * c[top[2]](x, y)));
    };
    if (own.empty()) {
      const double x = grid.x(i), y = grid.y(j);
      see({initial.at(x, y), rho.at(x, y), c.at(x, y), spec.liquid.at(x, y), 0}, x, y, 1.0);
    }
    for (const CutCells::Part& part : own) see(part.top, part.x, part.y, part.share);
    if (const auto given = gifts.find({j, i}); given != gifts.end())
      for (const BodyCells::Gift& g : given->second)
        for (const CutCells::Part& part : cut.at(g.i, g.j))
          see(part.top, part.x, part.y, g.weight(grid) * part.share);
    if (!all.one) mixed.push_back({i, j, all.equal ? all.first_T : all.content / all.capacity, all.equal});
  };
  for (const CutCells::Cell& cell : cut.cells()) mix(cell.i, cell.j, cut.parts(cell));
  for (const auto& [at, given] : gifts)
    if (cut.at(at.second, at.first).empty()) mix(at.second, at.first, {});
  return mixed;
}

}  // namespace

void lay_initial(const ProblemSpec& spec, Problem& p, bool over_field) {
  const Layered<Function>& initial = spec.initial;
  const Grid& grid = p.grid;
  const View2D<double> v = p.u.view();
  const std::vector<MixedCell> mixed = mixed_at_start(spec, p, over_field);
  const bool same = !over_field && initial.single() && initial[0].constant();
  for_rows(p.owned, [&](int j) {
    if (same) std::fill_n(v.row(j) + p.owned.i0, p.owned.nx(), initial[0](0.0, 0.0));
    for (int i = p.owned.i0; !same && i < p.owned.i1; ++i) {
      const double x = grid.x(i), y = grid.y(j);
      const std::int32_t n = initial.at(x, y);
      if (!over_field || n > 0) v(i, j) = initial[n](x, y);
    }
  });
  if (p.enthalpy) {
    const View2D<double> h = p.h.view();
    const auto liquid_at = [&](int i, int j) {
      const double x = grid.x(i), y = grid.y(j);
      return spec.liquid(x, y)(x, y);
    };
    // The field may have brought its enthalpy, not a number if it has not, or that of another material.
    const auto fits = [&](int i, int j) {
      return over_field && initial.at(grid.x(i), grid.y(j)) == 0 &&
             std::abs(p.enthalpy->of(i, j).temperature(h(i, j)) - v(i, j)) <= 1e-3 + 1e-5 * std::abs(v(i, j));
    };
    for_cells(p.owned, [&](int i, int j) {
      if (!fits(i, j)) h(i, j) = p.enthalpy->of(i, j).heat(v(i, j), liquid_at(i, j));
    });
    for (const MixedCell& m : mixed)
      h(m.i, m.j) = m.equal ? p.enthalpy->of(m.i, m.j).heat(m.T, liquid_at(m.i, m.j)) : m.T;
    p.find_temperatures();
  } else {
    for (const MixedCell& m : mixed) v(m.i, m.j) = m.T;
  }
  p.clear_holes();
}

void Problem::find_temperatures(const Box& box) { enthalpy->temperatures(box, h.cview(), u.view()); }

double Problem::towards_walls(int i, int j) const {
  const bool in_x = !grid.periodic_x, in_y = !grid.periodic_y;
  double sum = 0.0;
  if (in_x && i == 0 && walls.passes_heat(Side::left)) sum += coefficients.gx(i, j);
  if (in_x && i + 1 == grid.nx && walls.passes_heat(Side::right)) sum += coefficients.gx(i + 1, j);
  if (in_y && j == 0 && walls.passes_heat(Side::bottom)) sum += coefficients.gy(i, j);
  if (in_y && j + 1 == grid.ny && walls.passes_heat(Side::top)) sum += coefficients.gy(i, j + 1);
  return sum;
}

void Problem::find_heats() {
  const View2D<double> to = h.view();
  const View2D<const double> T = u.cview();
  for_cells(owned, [&](int i, int j) { to(i, j) = enthalpy->of(i, j).heat(T(i, j)); });
}

void Problem::clear_holes() {
  if (!coefficients.bodies()) return;
  const View2D<double> v = u.view(), s = state();
  for_cells(owned, [&](int i, int j) {
    if (!live(i, j)) v(i, j) = s(i, j) = 0.0;
  });
}

std::vector<ExactSum> Problem::held_by_walls() const {
  if (!source.holes()) return {};
  std::vector<ExactSum> held(source.holes()->holes().size());
  for (const BodyCells::Cell& c : coefficients.bodies()->special()) {
    if (!(c.extra > 0.0) || !owned.contains(c.i, c.j)) continue;
    for (const HoleWalls::Share& s : source.holes()->wall_shares(c.i, c.j)) {
      const double held_at = at_start ? state_at(c.i, c.j, s.temperature) : state()(c.i, c.j);
      held[static_cast<std::size_t>(s.hole)].add(
          grid.cell_volume() *
          (coefficients.rho_c(c.i, c.j) * (c.extra / (c.share + c.extra)) * (s.share * held_at)));
    }
  }
  return held;
}

void Problem::prepare(const Box& region, double t, View2D<double> values) {
  if (!source.zero()) source.update(region, t, values);
  prepare_fluxes(region, t, values);
}

void Problem::prepare_fluxes(const Box& region, double t, View2D<double> values) {
  coefficients.update(region, values);
  if (coefficients.of_temperature() || walls.of_temperature() || walls.of_time())
    walls.update(region, t, coefficients, values);
  if (coefficients.between_temperatures()) walls.settle(region, t, coefficients, values);
  walls.fill(region, values);
}

void Problem::book(double dt, View2D<const double> values) {
  book_walls(dt, values);
  if (source.zero()) return;
  book_steady_source(dt);
  const double factor = dt * grid.cell_volume();
  budget.book_source(source.varying_sum(factor));
  for (std::size_t n = 0; n < regions.size() && source.varies(); ++n)
    budget.book_region(n, source.varying_sum(factor, region_cells[n], values));
  if (source.plate()) budget.book_plate(source.plate_sum(factor));
  if (source.holes()) budget.book_holes(source.holes()->sums(factor));
}

void Problem::book_response(double factor, View2D<const double> v) {
  book_walls(factor, v, true);
  if (!source.of_temperature()) return;
  const Source::Response r = source.response(factor * grid.cell_volume(), v, region_cells);
  budget.book_source(r.given);
  budget.book_plate(r.plate);
  budget.book_holes(r.holes);
  for (std::size_t n = 0; n < regions.size(); ++n) budget.book_region(n, r.regions[n]);
}

void Problem::book_steady_source(double dt) {
  budget.book_source(dt * steady_power);
  if (!comm.root()) return;  // a region's amounts are added up over all ranks
  for (std::size_t n = 0; n < regions.size(); ++n) {
    ExactSum heat;
    heat.add(dt * steady_power_in[n]);
    budget.book_region(n, heat);
  }
}

void Problem::book_walls(double dt, View2D<const double> values, bool homogeneous) {
  constexpr int chunk = 512;
  const double volume = grid.cell_volume();
  double terms[chunk];
  int count = 0;
  Side side = Side::left;
  int piece = -1;
  const auto flush = [&] {
    if (piece >= 0 && count > 0) budget.book_wall(side, piece, terms, count);
    count = 0;
  };
  walls.for_each_face(owned, [&](const Walls::Face& f) {
    if (f.side != side || f.piece != piece || count == chunk) flush();
    side = f.side;
    piece = f.piece;
    terms[count++] = dt * volume * (f.g * (values(f.gi, f.gj) - values(f.i, f.j)));
  });
  flush();
  walls.for_each_part_beside(owned, [&](const Walls::Face& f, const Walls::Part& part) {
    const double heat = dt * volume * part.heat(f.g, values(f.i, f.j), homogeneous);
    budget.move(f.side, f.piece, part.piece, heat);
  });
  for (const Sections::Face& f : sections.faces())
    budget.book_section(f.section, Sections::heat(f, coefficients, dt * volume, values));
}

namespace {

bool positive(double v) { return v > 0.0 && std::isfinite(v); }

std::string place(const Grid& grid, int i, int j) {
  return fmt::format("at x = {:.6g} m, y = {:.6g} m", grid.x(i), grid.y(j));
}

/// Some coefficient of an owned cell or its faces is not positive and finite.
bool some_not_fine(const Coefficients::Fields& f, const Box& owned) {
  const auto fine = [](double v) {  // no way out: vectors
    return int{v > 0.0} & int{v < std::numeric_limits<double>::infinity()};
  };
  bool doubtful = false;
#pragma omp parallel for schedule(static) reduction(|| : doubtful) if (worth_threads(owned))
  for (int j = owned.j0; j < owned.j1; ++j) {
    const double *const gx = f.gx.row(j), *const south = f.gy.row(j), *const north = f.gy.row(j + 1),
                        *const rho_c = f.rho_c.row(j);
    int row = fine(gx[owned.i1]);
    for (std::ptrdiff_t i = owned.i0; i < owned.i1; ++i)
      row = row & fine(gx[i]) & fine(south[i]) & fine(north[i]) & fine(rho_c[i]);
    doubtful = doubtful || row == 0;
  }
  return doubtful;
}

/// Whether to look at the material of each cell.
bool material_is_doubtful(const Problem& p) {
  const Coefficients& c = p.coefficients;
  if (c.mosaic() != nullptr) return !c.mosaic()->fine();
  if (c.of_temperature()) return true;
  return !c.uniform() && !c.taken_over() && some_not_fine(c.fields(), p.owned);
}

// Each of these: what is wrong, said for one cell of this rank; empty if nothing is.

std::string wrong_material(const Problem& p, View2D<const double> u) {
  const Coefficients& c = p.coefficients;
  std::string wrong;
  for_each(p.owned, [&](int i, int j) {
    if (!wrong.empty() || !p.live(i, j)) return;
    // A mean of two conductivities with one wrong one cannot be told from right ones: look at the cells.
    if (!positive(c.gx(i, j)) || !positive(c.gy(i, j)) || !positive(c.gx(i + 1, j)) ||
        !positive(c.gy(i, j + 1)) || c.of_temperature()) {
      const auto k = c.conductivity(i, j, u(i, j));
      if (!positive(k[0]) || !positive(k[1]))
        wrong = fmt::format("conductivity = [{}, {}] W/(m K) {}, T = {:.6g}", k[0], k[1], place(p.grid, i, j),
                            u(i, j));
    }
    if (!positive(c.rho_c(i, j)))
      wrong = fmt::format("density x specific_heat = {} J/(m3 K) {}", c.rho_c(i, j) / p.grid.weight(i, j),
                          place(p.grid, i, j));
  });
  return wrong;
}

std::string wrong_plate(const Problem& p, double t, View2D<const double> u) {
  std::string wrong;
  const Plate& plate = *p.source.plate();
  const bool alike = !plate.film.of_place() && !plate.film.of_temperature() && !plate.ambient.of_place();
  const Box cells = alike ? Box{p.owned.i0, p.owned.j0, p.owned.i0 + 1, p.owned.j0 + 1} : p.owned;
  for_each(cells, [&](int i, int j) {
    const double x = p.grid.x(i), y = p.grid.y(j);
    const double film = plate.film(x, y, t, u(i, j)), ambient = plate.ambient(x, y, t);
    if (!wrong.empty()) return;
    if (!(film >= 0.0) || !std::isfinite(film))
      wrong = fmt::format("plate: film = {} W/(m2 K) {}", film, place(p.grid, i, j));
    else if (!std::isfinite(ambient) || (p.coldest && ambient < *p.coldest))
      wrong = fmt::format("plate: ambient = {} {}", ambient, place(p.grid, i, j));
  });
  return wrong;
}

std::string wrong_wall(const Problem& p, double t, View2D<const double> u) {
  std::string wrong;
  p.walls.for_each_face(p.owned, [&](const Walls::Face& face) {
    if (!wrong.empty() || face.piece < 0 || !p.live(face.i, face.j)) return;
    const WallPiece& piece = p.walls.pieces()[face.side][static_cast<std::size_t>(face.piece)];
    const double inside = u(face.i, face.j), wall = 0.5 * (inside + (face.rule.a * inside + face.rule.b));
    const double T = std::isfinite(wall) ? wall : inside;
    const std::array<double, 2> middle = p.walls.middle(face.side, face.gi != face.i ? face.j : face.i);
    const char* const side = side_words[face.side];
    for_each_function(piece.law, [&](const char* name, const Function& f, const Allowed& allowed) {
      const double v = f(middle[0], middle[1], t, T), zero = p.coldest.value_or(0.0);
      const double least = allowed.absolute                     ? allowed.least + zero
                           : allowed.temperature() && p.coldest ? zero
                                                                : allowed.least;
      if (std::isfinite(v) && v >= least && v <= allowed.most) return;
      wrong = fmt::format("boundary.{}: {} = {}{}{} {}{}", side, name, v, *allowed.unit != 0 ? " " : "",
                          allowed.unit, place(p.grid, face.i, face.j),
                          allowed.temperature() && v < least ? ", below absolute zero" : "");
    });
  });
  return wrong;
}

}  // namespace

std::string wrong_property(Problem& p, double t) {
  const View2D<double> u = p.u.view();
  if (p.coefficients.of_temperature()) {
    p.halo(u);
    p.prepare(p.owned, t, u);
  } else if (p.walls.of_temperature() || p.walls.of_time()) {
    p.prepare_fluxes(p.owned, t, u);
  }
  std::string wrong;
  if (material_is_doubtful(p)) wrong = wrong_material(p, u);
  if (p.source.plate() && wrong.empty()) wrong = wrong_plate(p, t, u);
  if (p.source.holes() && wrong.empty()) wrong = p.source.holes()->wrong(t, u, p.coldest);
  if (wrong.empty()) wrong = wrong_wall(p, t, u);
  return p.comm.first_message(wrong);
}

}  // namespace calor
