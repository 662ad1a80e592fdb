// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace calor {

bool ProblemSpec::limit_varies() const {
  for (const auto& side : walls)
    for (const WallPiece& p : side)
      if (of_temperature(p.law)) return true;
  return materials.of_temperature() || power.any([](const Function& f) { return f.of_temperature(); });
}

std::optional<double> ProblemSpec::coldest() const {
  if (absolute_zero) return absolute_zero;
  for (const auto& side : walls)
    for (const WallPiece& p : side)
      if (absolute(p.law)) return 0.0;
  return {};
}

bool ProblemSpec::autonomous() const {
  for (const auto& side : walls)
    for (const WallPiece& p : side)
      if (!steady(p.law)) return false;
  return !materials.of_temperature() &&
         !power.any([](const Function& f) { return f.of_temperature() || f.of_time(); });
}

bool ProblemSpec::of_time() const {
  for (const auto& side : walls)
    for (const WallPiece& p : side)
      if (calor::of_time(p.law)) return true;
  return power.any([](const Function& f) { return f.of_time(); });
}

int ProblemSpec::fields() const {
  const bool heated = power.any([](const Function& f) { return !f.constant() || f(0.0, 0.0) != 0.0; });
  return (materials.uniform() ? 0 : 3) + (heated ? 1 : 0);
}

Problem::Problem(const mpi::Comm& c, const ProblemSpec& spec, Partition p, int d,
                 std::shared_ptr<const CoefficientFields> earlier)
    : comm{c},
      grid{spec.grid},
      regions{spec.regions},
      parts{std::move(p)},
      owned{parts[static_cast<std::size_t>(c.rank())]},
      depth{d},
      coefficients{spec.materials, grid, owned, d, std::move(earlier)},
      walls{
          spec.walls, grid, grid.within_reach(owned.grown(d)), {spec.absolute_zero.value_or(0.0), spec.end}},
      source{spec.power, grid, owned, d},
      sections{spec.sections, grid, owned},
      u{owned, d},
      next{owned, d},
      halo{c, make_halo_plan(parts, d, c.rank(), grid.period())},
      budget{spec.walls, spec.regions.size(), spec.sections.size()},
      coldest{spec.coldest()} {
  for (const Region& r : regions) region_cells.emplace_back(r.area, grid, owned);
  const View2D<double> v = u.view();
  const bool same = spec.initial.single() && spec.initial[0].constant();
  for_rows(owned, [&](int j) {
    if (same) std::fill_n(v.row(j) + owned.i0, owned.nx(), spec.initial[0](0.0, 0.0));
    for (int i = owned.i0; !same && i < owned.i1; ++i) {
      const double x = grid.x(i), y = grid.y(j);
      v(i, j) = spec.initial(x, y)(x, y);
    }
  });
  // Those that vary are worked out again before they are used.
  if (!coefficients.of_temperature()) walls.update(owned.grown(d - 1), 0.0, coefficients, {});
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

void Problem::prepare(const Box& region, double t, View2D<double> values) {
  if (!source.zero()) source.update(region, t, values);
  prepare_fluxes(region, t, values);
}

void Problem::prepare_fluxes(const Box& region, double t, View2D<double> values) {
  coefficients.update(region, values);
  if (coefficients.of_temperature() || walls.of_temperature() || walls.of_time())
    walls.update(region, t, coefficients, values);
  walls.fill(region, values);
}

void Problem::book(double dt, View2D<const double> values) {
  book_walls(dt, values);
  if (source.zero()) return;
  book_steady_source(dt);
  const double factor = dt * grid.cell_volume();
  budget.book_source(source.varying_sum(factor));
  for (std::size_t n = 0; n < regions.size() && source.varies(); ++n)
    budget.book_region(n, source.varying_sum(factor, region_cells[n]));
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

void Problem::book_walls(double dt, View2D<const double> values) {
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
  for (const Sections::Face& f : sections.faces())
    budget.book_section(f.section, Sections::heat(f, coefficients, dt * volume, values));
}

std::string wrong_property(Problem& p, double t) {
  const View2D<double> u = p.u.view();
  const auto at = [&](int i, int j) {
    return fmt::format("at x = {:.6g} m, y = {:.6g} m", p.grid.x(i), p.grid.y(j));
  };
  std::string wrong;
  const auto positive = [](double v) { return v > 0.0 && std::isfinite(v); };
  const Coefficients& c = p.coefficients;
  bool doubtful = c.of_temperature();
  if (doubtful) {
    p.halo(u);
    p.prepare(p.owned, t, u);
  } else if (p.walls.of_temperature() || p.walls.of_time()) {
    p.prepare_fluxes(p.owned, t, u);
  }
  if (!doubtful && !c.uniform() && !c.taken_over()) {
    const auto fine = [](double v) {  // no way out: vectors
      return int{v > 0.0} & int{v < std::numeric_limits<double>::infinity()};
    };
    const Coefficients::Fields f = c.fields();
#pragma omp parallel for schedule(static) reduction(|| : doubtful) if (worth_threads(p.owned))
    for (int j = p.owned.j0; j < p.owned.j1; ++j) {
      const double *const gx = f.gx.row(j), *const south = f.gy.row(j), *const north = f.gy.row(j + 1),
                          *const rho_c = f.rho_c.row(j);
      int row = fine(gx[p.owned.i1]);
      for (std::ptrdiff_t i = p.owned.i0; i < p.owned.i1; ++i)
        row = row & fine(gx[i]) & fine(south[i]) & fine(north[i]) & fine(rho_c[i]);
      doubtful = doubtful || row == 0;
    }
  }
  if (doubtful) {
    for_each(p.owned, [&](int i, int j) {
      if (!wrong.empty()) return;
      // A mean of two conductivities with one wrong one cannot be told from right ones: look at the cells.
      if (!positive(c.gx(i, j)) || !positive(c.gy(i, j)) || !positive(c.gx(i + 1, j)) ||
          !positive(c.gy(i, j + 1)) || c.of_temperature()) {
        const auto k = c.conductivity(i, j, u(i, j));
        if (!positive(k[0]) || !positive(k[1]))
          wrong =
              fmt::format("conductivity = [{}, {}] W/(m K) {}, T = {:.6g}", k[0], k[1], at(i, j), u(i, j));
      }
      if (!positive(c.rho_c(i, j)))
        wrong = fmt::format("density x specific_heat = {} J/(m3 K) {}", c.rho_c(i, j), at(i, j));
    });
  }
  p.walls.for_each_face(p.owned, [&](const Walls::Face& face) {
    if (!wrong.empty() || face.piece < 0) return;
    const WallPiece& piece =
        p.walls.pieces()[static_cast<std::size_t>(face.side)][static_cast<std::size_t>(face.piece)];
    const double inside = u(face.i, face.j), wall = 0.5 * (inside + (face.rule.a * inside + face.rule.b));
    const double T = std::isfinite(wall) ? wall : inside;
    const auto [x, y] = p.walls.middle(face.side, face.gi != face.i ? face.j : face.i);
    const char* const side = side_words[static_cast<std::size_t>(face.side)];
    for_each_function(piece.law, [&](const char* name, const Function& f, const Allowed& allowed) {
      const double v = f(x, y, t, T), zero = p.coldest.value_or(0.0);
      const double least = allowed.absolute                   ? allowed.least + zero
                           : allowed.temperature && p.coldest ? zero
                                                              : allowed.least;
      if (std::isfinite(v) && v >= least && v <= allowed.most) return;
      wrong = fmt::format("boundary.{}: {} = {}{}{} {}{}", side, name, v, *allowed.unit != 0 ? " " : "",
                          allowed.unit, at(face.i, face.j),
                          allowed.temperature && v < least ? ", below absolute zero" : "");
    });
  });
  return p.comm.first_message(wrong);
}

}  // namespace calor
