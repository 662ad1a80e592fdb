// SPDX-License-Identifier: BSD-3-Clause
#include "solver/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace calor {

bool ProblemSpec::limit_varies() const {
  for (const auto& side : walls)
    for (const WallPiece& p : side)
      if (p.of_temperature()) return true;
  return materials.of_temperature() || power.any([](const Function& f) { return f.of_temperature(); });
}

bool ProblemSpec::autonomous() const {
  for (const auto& side : walls)
    for (const WallPiece& p : side)
      if (p.kind == WallKind::radiation || p.of_temperature() || p.of_time()) return false;
  return !materials.of_temperature() &&
         !power.any([](const Function& f) { return f.of_temperature() || f.of_time(); });
}

int ProblemSpec::fields() const {
  const bool heated = power.any([](const Function& f) { return !f.constant() || f(0.0, 0.0) != 0.0; });
  return (materials.uniform() ? 0 : 3) + (heated ? 1 : 0);
}

Source::Source(const Layered<Function>& power, const Grid& grid, const Box& owned, int depth)
    : power_{power},
      grid_{grid},
      owned_{owned},
      zero_{!power.any([](const Function& f) { return !f.constant() || f(0.0, 0.0) != 0.0; })},
      of_temperature_{power.any([](const Function& f) { return f.of_temperature(); })},
      recalls_{power.any([](const Function& f) { return f.of_time() && !f.of_temperature(); })} {
  if (zero_) return;
  q_ = Field2D<double>{owned, depth};
  const View2D<double> q = q_.view();
  const Box cells = grid.within_reach(owned.grown(depth));
  Field2D<std::uint8_t> steady_field{owned, 0};
  const View2D<std::uint8_t> steady = steady_field.view();
  for (int j = cells.j0; j < cells.j1; ++j)
    for (int i = cells.i0; i < cells.i1; ++i) {
      const double x = grid.x(i), y = grid.y(j);
      const std::int32_t layer = power.at(x, y);
      const Function& f = power[layer];
      if (f.of_time() || f.of_temperature()) {
        if (!varying_.empty() && varying_.back().j == j && varying_.back().i1 == i &&
            varying_.back().layer == layer)
          ++varying_.back().i1;
        else
          varying_.push_back({j, i, i + 1, layer});
      } else {
        q(i, j) = f(x, y);
        if (owned.contains(i, j)) steady(i, j) = 1;
      }
    }
  first_row_ = cells.j0;
  row_start_.assign(static_cast<std::size_t>(cells.ny()) + 1, varying_.size());
  for (std::size_t n = varying_.size(); n-- > 0;)
    row_start_[static_cast<std::size_t>(varying_[n].j - first_row_)] = n;
  for (std::size_t r = row_start_.size() - 1; r-- > 0;)
    row_start_[r] = std::min(row_start_[r], row_start_[r + 1]);
  steady_sum_ = exact_sum(owned, [&](int i, int j) { return steady(i, j) != 0 ? q(i, j) : 0.0; });
}

bool Source::Evaluation::holds(const Box& region, double at) const {
  return at == t && cells.contains(region);
}

/// Whether q_ holds the functions of time at t, or is given what it held before. If not, they are to be
/// worked out on the region.
bool Source::recall(const Box& region, double t) {
  if (now_.holds(region, t)) return true;
  const auto two = [&] { return before_q_.view().first != nullptr; };
  bool again = before_.holds(region, t);
  if (again && !two()) {  // a time has come back: keep two from now on
    before_q_ = Field2D<double>{q_.owned(), q_.depth()};
    const View2D<const double> from = std::as_const(q_).view();
    const View2D<double> to = before_q_.view();
    const Box& all = from.box;
    for_rows(all, [&](int j) { std::copy_n(from.row(j) + all.i0, all.nx(), to.row(j) + all.i0); });
    again = false;
  }
  std::swap(now_, before_);
  if (two()) q_.swap(before_q_);
  if (!again) now_ = {t, region};
  return again;
}

void Source::update(const Box& region, double t, View2D<const double> u) {
  if (varying_.empty()) return;
  const bool known = recalls_ && recall(region, t);
  if (known && !of_temperature_) return;
  const View2D<double> q = q_.view();
  const auto runs = static_cast<std::ptrdiff_t>(varying_.size());
#pragma omp parallel for schedule(static)
  for (std::ptrdiff_t n = 0; n < runs; ++n) {
    const Run& run = varying_[static_cast<std::size_t>(n)];
    if (run.j < region.j0 || run.j >= region.j1) continue;
    const Function& f = power_[run.layer];
    if (known && !f.of_temperature()) continue;
    const int i0 = std::max(run.i0, region.i0), i1 = std::min(run.i1, region.i1);
    const double y = grid_.y(run.j);
    if (i0 < i1 && !f.of_place() && !f.of_temperature()) {
      std::fill_n(q.row(run.j) + i0, i1 - i0, f(0.0, 0.0, t));
      continue;
    }
    for (int i = i0; i < i1; ++i) q(i, run.j) = f(grid_.x(i), y, t, f.of_temperature() ? u(i, run.j) : 0.0);
  }
}

template <class F>
void Source::for_runs(int j, int i0, int i1, F&& f) const {
  const auto r = static_cast<std::size_t>(j - first_row_);
  for (std::size_t n = row_start_[r]; n < row_start_[r + 1]; ++n) {
    const int begin = std::max(varying_[n].i0, i0), end = std::min(varying_[n].i1, i1);
    if (begin < end) f(varying_[n], begin, end);
  }
}

Source::Moment::Moment(const Source& source, double t) : source_{source}, t_{t} {
  for (std::int32_t n = 0; n < source.power_.size(); ++n) {
    const Function& f = source.power_[n];
    values_.push_back(f.of_place() ? 0.0 : f(0.0, 0.0, t));
  }
}

void Source::Moment::row(int j, int i0, int i1, double* out) const {
  const View2D<const double> q = source_.q_.view();
  std::copy_n(q.row(j) + i0, i1 - i0, out + i0);
  source_.for_runs(j, i0, i1, [&](const Run& run, int begin, int end) {
    const Function& f = source_.power_[run.layer];
    if (!f.of_place()) {
      std::fill(out + begin, out + end, values_[static_cast<std::size_t>(run.layer)]);
      return;
    }
    const double y = source_.grid_.y(j);
    for (int i = begin; i < end; ++i) out[i] = f(source_.grid_.x(i), y, t_);
  });
}

void Source::Moment::book(int j, int i0, int i1, double factor, const double* q, ExactSum& sum) const {
  source_.for_runs(j, i0, i1, [&](const Run& run, int begin, int end) {
    if (!source_.power_[run.layer].of_place()) {
      sum.add_equal(factor * q[begin], end - begin);
      return;
    }
    constexpr int chunk = 512;
    double terms[chunk];
    for (int i = begin; i < end; i += chunk) {
      const int count = std::min(chunk, end - i);
      for (int n = 0; n < count; ++n) terms[n] = factor * q[i + n];
      sum.add(terms, count);
    }
  });
}

ExactSum Source::varying_sum(double factor) const {
  constexpr int chunk = 512;
  double terms[chunk];
  ExactSum sum;
  const View2D<const double> q = q_.view();
  for (const Run& run : varying_) {
    if (run.j < owned_.j0 || run.j >= owned_.j1) continue;
    const int i0 = std::max(run.i0, owned_.i0), i1 = std::min(run.i1, owned_.i1);
    for (int i = i0; i < i1; i += chunk) {
      const int count = std::min(chunk, i1 - i);
      for (int n = 0; n < count; ++n) terms[n] = factor * q(i + n, run.j);
      sum.add(terms, count);
    }
  }
  return sum;
}

void Source::decline(const Box& region, double t, View2D<const double> u, View2D<double> out) const {
#pragma omp parallel for schedule(static) if (worth_threads(region))
  for (int j = region.j0; j < region.j1; ++j)
    for (int i = region.i0; i < region.i1; ++i) out(i, j) = 0.0;
  const auto runs = static_cast<std::ptrdiff_t>(varying_.size());
#pragma omp parallel for schedule(static)
  for (std::ptrdiff_t n = 0; n < runs; ++n) {
    const Run& run = varying_[static_cast<std::size_t>(n)];
    if (run.j < region.j0 || run.j >= region.j1 || !power_[run.layer].of_temperature()) continue;
    for (int i = std::max(run.i0, region.i0); i < std::min(run.i1, region.i1); ++i)
      out(i, run.j) = std::max(0.0, -power_[run.layer].slope(grid_.x(i), grid_.y(run.j), t, u(i, run.j)));
  }
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
      walls{spec.walls, grid, grid.within_reach(owned.grown(d))},
      source{spec.power, grid, owned, d},
      u{owned, d},
      next{owned, d},
      halo{c, make_halo_plan(parts, d, c.rank(), grid.period())},
      budget{spec.walls} {
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
    ExactSum power = source.steady_sum();
    reduce(comm, {&power, 1});
    steady_power = grid.cell_volume() * power.value();
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
  budget.book_source(dt * steady_power);
  budget.book_source(source.varying_sum(dt * grid.cell_volume()));
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
  p.walls.for_each_face(p.owned, [&](const Walls::Face& f) {
    if (!wrong.empty() || f.piece < 0) return;
    const WallPiece& piece =
        p.walls.pieces()[static_cast<std::size_t>(f.side)][static_cast<std::size_t>(f.piece)];
    const double x = p.grid.x(f.i), y = p.grid.y(f.j), T = u(f.i, f.j);
    const char* const side = side_words[static_cast<std::size_t>(f.side)];
    if (const double film = piece.film(x, y, t, T); !(film >= 0.0 && std::isfinite(film)))
      wrong = fmt::format("boundary.{}: film = {} W/(m2 K) {}", side, film, at(f.i, f.j));
    const double ambient = piece.ambient(x, y, t, T);
    if (!std::isfinite(ambient) || (piece.kind == WallKind::radiation && ambient < 0.0))
      wrong = fmt::format("boundary.{}: ambient = {} {}", side, ambient, at(f.i, f.j));
    for (const Function* g : {&piece.value, &piece.inward})
      if (const double v = (*g)(x, y, t, T); !std::isfinite(v))
        wrong = fmt::format("boundary.{}: {} {}", side, v, at(f.i, f.j));
  });
  return p.comm.first_message(wrong);
}

double explicit_limit(Problem& p, double t) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const View2D<double> u = p.u.view();
  if (!p.linear()) p.halo(u);
  p.prepare(p.owned, t, u);
  const View2D<double> rate = p.next.view();
  View2D<const double> decline;
  if (p.source.of_temperature()) {
    p.source.decline(p.owned, t, u, rate);
    decline = rate;
  }
  const auto limit_in = [&](const Box& cells) {
    operator_diagonal(cells, p.coefficients, p.walls, decline, 0.0, rate);
    p.walls.for_each_face(cells, [&](const Walls::Face& f) {
      const int along = f.gi != f.i ? f.j : f.i;
      rate(f.i, f.j) += (p.walls.most_exchange(f.side, along) - (1.0 - f.rule.a)) * f.g;
    });
    return least_over(cells, [&](int i, int j) {
      return rate(i, j) > 0.0 ? p.coefficients.rho_c(i, j) / rate(i, j) : infinity;
    });
  };
  double least = infinity;
  if (p.coefficients.steady() && decline.first == nullptr) {
    least = p.coefficients.steady()->inner_limit;
    for (const Box& cells : p.edges()) least = std::min(least, limit_in(cells));
  } else {
    least = limit_in(p.owned);
  }
  return p.comm.min(least);
}

}  // namespace calor
