// SPDX-License-Identifier: BSD-3-Clause
#include "solver/implicit/frozen_balance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "decomposition/reduce.hpp"
#include "solver/linear/amg/coarse_points.hpp"
#include "solver/stencil/diffusion.hpp"

namespace calor {

FrozenBalance::FrozenBalance(Problem& p, const ImplicitOptions& options)
    : steady_operator_{p.linear() && !p.walls.exchange_varies()},
      work_{p.comm, p.owned, p.depth},
      trial_{work_},
      inner_{make_linear_iteration(options.iteration, work_)},
      r_{p.owned, p.depth},
      du_{p.owned, p.depth},
      diagonal_{p.owned, p.depth},
      maker_{options.preconditioner, p.enthalpy ? nullptr : options.cache} {
  if (p.source.of_temperature() || p.enthalpy) sink_slope_ = Field2D<double>{p.owned, p.depth};
  if (p.source.of_temperature() && p.enthalpy) of_source_ = Field2D<double>{p.owned, p.depth};
}

void FrozenBalance::begin(Problem& p, const StageEquation& e) {
  steady_ = e.rate == 0.0;
  open_ = steady_ && p.level_open();
  level_stands_ = false;
  if (!open_) return;
  if (p.coefficients.of_temperature()) p.halo(p.u.view());
  p.prepare(p.owned, e.t, p.u.view());
  content_ = content(p, false);
}

/// Sum of rho_c u over the cells of bodies, or of rho_c.
double FrozenBalance::content(const Problem& p, bool of_one) const {
  const View2D<const double> u = p.u.view();
  return work_.total(exact_sum(p.owned, [&](int i, int j) {
    return p.live(i, j) ? p.coefficients.rho_c(i, j) * (of_one ? 1.0 : u(i, j)) : 0.0;
  }));
}

void FrozenBalance::restore_level(Problem& p) const {
  const double shift = (content_ - content(p, false)) / content(p, true);
  const View2D<double> u = p.u.view();
  for_each(p.owned, [&](int i, int j) { u(i, j) += shift; });
}

/// What no temperature can take away, a part in 1e9 of the heat at the most: the mean of the residual. Gives
/// the norm of the rest.
double FrozenBalance::remove_mean(Problem& p) {
  const View2D<double> r = r_.view();
  const BodyCells* const bodies = p.coefficients.bodies().get();
  const std::int64_t cells = bodies != nullptr ? bodies->live_cells() : p.grid.domain().cells();
  const double mean =
      work_.total(exact_sum(p.owned, [&](int i, int j) { return p.live(i, j) ? r(i, j) : 0.0; })) /
      static_cast<double>(cells);
  for_each(p.owned, [&](int i, int j) { r(i, j) = p.live(i, j) ? r(i, j) - mean : 0.0; });
  return std::sqrt(work_.total(exact_sum(p.owned, [&](int i, int j) { return r(i, j) * r(i, j); })));
}

namespace {
/// dT/dh as A has it: while something melts at one temperature it is held there by a heat capacity a million
/// times as large.
double firm_slope(const Problem& p, int i, int j) {
  return std::max(p.enthalpy->of(i, j).slope(p.h.cview()(i, j)), 1e-6);
}
}  // namespace

double FrozenBalance::look_at_enthalpy(Problem& p, const StageEquation& e) {
  const View2D<double> u = p.u.view(), r = r_.view(), h = p.h.view();
  p.halo(u);
  p.prepare(p.owned, e.t, u);
  true_residual_(p.owned, p.coefficients, p.source.q(), 0.0, e.from, u, r);
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) {
    const double capacity = e.rate * p.coefficients.rho_c(i, j);
    h(i, j) = e.from(i, j) + r(i, j) / capacity;
    const double off = capacity * (p.enthalpy->of(i, j).temperature(h(i, j)) - u(i, j));
    r(i, j) = off / firm_slope(p, i, j);
    return off * off;
  });
  norm_ = std::sqrt(work_.total(exact_sum(p.owned, [&](int i, int j) { return r(i, j) * r(i, j); })));
  return std::sqrt(work_.total(sum));
}

void FrozenBalance::fluxes_of_correction(Problem& p, View2D<double> out) {
  const View2D<double> x = du_.view();
  p.walls.fill_homogeneous(p.owned, x);
  p.halo(x);
  apply_operator(p.owned, p.coefficients, of_source_.cview(), 0.0, x, out);
}

double FrozenBalance::look(Problem& p, const StageEquation& e) {
  if (p.enthalpy && e.rate > 0.0) return look_at_enthalpy(p, e);
  if (open_ && !level_stands_) restore_level(p);
  level_stands_ = open_;
  const View2D<double> u = p.u.view(), r = r_.view();
  ExactSum sum;
  const auto on = [&](const Box& box) {
    sum.add(true_residual_(box, p.coefficients, p.source.q(), e.rate, e.from, u, r));
  };
  if (p.coefficients.of_temperature()) {
    p.halo(u);
    p.prepare(p.owned, e.t, u);
    on(p.owned);
  } else {
    p.prepare(p.owned, e.t, u);
    overlapped(p.halo, u, p.owned, on);
  }
  if (open_) return remove_mean(p);
  return std::sqrt(work_.total(sum));
}

namespace {
/// A rate that makes the operator of a steady state definite whose level nothing fixes, so small that a
/// correction leaves a thousandth of the slowest mode: the modes that are not constant decay at pi^2 k /
/// (rho_c L^2) or faster, k the least, rho_c the greatest there is, L the longer side (Rayleigh's quotient).
/// Beside holes the way from end to end may be longer, which costs iterations and nothing else.
double small_rate(const Problem& p) {
  const Coefficients& c = p.coefficients;
  const Grid& g = p.grid;
  const double dx2 = g.dx() * g.dx(), dy2 = g.dy() * g.dy(), length = std::max(g.x1 - g.x0, g.y1 - g.y0);
  double k = std::numeric_limits<double>::infinity(), rho_c = 0.0;
  if (!g.even()) {
    const auto see = [&](int axis, int i, int j) {
      const double one = g.conductance(axis, i, j);
      const double face = axis == 0 ? c.gx(i, j) : c.gy(i, j);
      if (one > 0.0 && face > 0.0) k = std::min(k, face / one);
    };
    for_each(p.owned, [&](int i, int j) {
      see(0, i, j);
      see(0, i + 1, j);
      see(1, i, j);
      see(1, i, j + 1);
      rho_c = std::max(rho_c, c.rho_c(i, j) / g.weight(i, j));
    });
    return 1e-3 * 9.8696 * p.comm.min(k) / (p.comm.max(rho_c) * length * length);
  }
  for_each(p.owned, [&](int i, int j) {
    for (const double along :
         {c.gx(i, j) * dx2, c.gx(i + 1, j) * dx2, c.gy(i, j) * dy2, c.gy(i, j + 1) * dy2})
      if (along > 0.0) k = std::min(k, along);
    rho_c = std::max(rho_c, c.rho_c(i, j));
  });
  return 1e-3 * 9.8696 * p.comm.min(k) / (p.comm.max(rho_c) * length * length);
}
}  // namespace

void FrozenBalance::freeze(Problem& p, const StageEquation& e) {
  if (p.source.of_temperature()) p.source.sink_slope(p.owned, e.t, p.u.view(), sink_slope_.view());
  rate_ = open_ ? small_rate(p) : e.rate;
  if (p.enthalpy) {
    const View2D<double> all = sink_slope_.view(), of_source = of_source_.view();
    if (of_source.first != nullptr) copy_cells(p.owned, all, of_source);
    for_cells(p.owned, [&](int i, int j) {
      const double apparent =
          rate_ > 0.0 ? rate_ * p.coefficients.rho_c(i, j) * (1.0 / firm_slope(p, i, j) - 1.0) : 0.0;
      all(i, j) = of_source.first != nullptr ? of_source(i, j) + apparent : apparent;
    });
  }
  operator_diagonal(p.owned, p.coefficients, p.walls, sink_slope(), rate_, diagonal_.view());
}

void FrozenBalance::forget_operator() {
  preconditioner_.reset();
  maker_.forget_trial();
}

double FrozenBalance::rounding(const Problem& p) const {
  const View2D<const double> diagonal = diagonal_.view(), u = p.u.view(), h = p.state();
  const View2D<const double> extra = sink_slope();
  const bool melts = p.enthalpy && !steady_;
  const auto square = [](double v) { return v * v; };
  const ExactSum sum = exact_sum(p.owned, [&](int i, int j) {
    const double all = diagonal(i, j) + p.towards_walls(i, j);
    if (!melts) return square(all * u(i, j));
    const double T_of_h = p.enthalpy->of(i, j).magnitude(h(i, j));
    return square((all - extra(i, j)) * std::max({std::abs(u(i, j)), std::abs(h(i, j)), T_of_h}));
  });
  return 4.0 * std::numeric_limits<double>::epsilon() * std::sqrt(work_.total(sum));
}

Preconditioner& FrozenBalance::preconditioner(Problem& p) {
  if (!preconditioner_) {
    const double begin = MPI_Wtime();
    preconditioner_ =
        maker_.make(p, rate_, steady_, diagonal_.cview(), [&](Preconditioner& m) { return is_slow(p, m); });
    if (steady_ && !p.linear()) copy_cells(p.owned, p.u.view(), made_at(p));
    setup_seconds_ += MPI_Wtime() - begin;
    fresh_iterations_.reset();
  }
  return *preconditioner_;
}

bool FrozenBalance::guess(Problem& p, double norm) {
  const auto z = preconditioner(p).first_guess(r_.cview(), norm);
  if (!z) return false;
  const View2D<double> u = p.u.view();
  visit(*z, [&](auto v) {
    for_rows(p.owned, [&](int j) {
      for (int i = p.owned.i0; i < p.owned.i1; ++i) u(i, j) += z->scale * static_cast<double>(v(i, j));
    });
  });
  return true;
}

LinearReport FrozenBalance::correct(Problem& p, double norm, double aim, std::int64_t max_iterations) {
  const LinearSystem a = linear_system(p, preconditioner(p));
  const LinearReport linear = inner_->solve(a, du_.view(), r_.view(), norm, aim, max_iterations);
  if (!fresh_iterations_) fresh_iterations_ = linear.iterations;
  // Of coefficients long gone it helps little; a new one costs as much as a few iterations.
  if (!p.linear() && linear.iterations > *fresh_iterations_ + 3) forget_preconditioner();
  return linear;
}

LinearStand FrozenBalance::begin_correction(double norm, double aim) {
  work_.clear(du_.view());
  return inner_->start(norm, aim);
}

bool FrozenBalance::go_on(Problem& p, LinearStand& at, double aim, std::int64_t until) {
  LinearSystem a = linear_system(p, preconditioner(p));
  if (steady_) a.heed = nullptr;  // who makes it in pieces asks between them
  inner_->advance(a, du_.view(), r_.view(), at, aim, until);
  return at.helps && !at.report.converged;
}

bool FrozenBalance::stable(Problem& p, double t) {
  if (open_ || p.linear() || !p.source.of_temperature()) return true;
  const View2D<double> u = p.u.view(), r = r_.view(), slope = sink_slope_.view();
  {
    Scratch::Lent room = p.scratch.lend();
    const View2D<double> warmer = room.view();
    const double hottest = -p.comm.min(
        least_over(p.owned, [&](int i, int j) { return p.live(i, j) ? -std::abs(u(i, j)) : 0.0; }));
    const double more = 1e-5 * std::max(1.0, hottest);
    p.prepare(p.owned, t, u);
    copy_cells(p.owned, p.source.q(), r);
    for_cells(p.owned, [&](int i, int j) { warmer(i, j) = u(i, j) + more; });
    p.source.update(p.owned, t, warmer);
    const View2D<const double> q = p.source.q();
    for_cells(p.owned, [&](int i, int j) { slope(i, j) = (r(i, j) - q(i, j)) / more; });
    p.prepare(p.owned, t, u);
  }
  const double steepest = p.comm.min(least_over(p.owned, [&](int i, int j) { return slope(i, j); }));
  if (!(steepest < 0.0)) return true;
  // Conjugate gradients end where a direction has no positive curvature; all that is smooth has a part in 1.
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) {
    r(i, j) = p.live(i, j) ? 1.0 : 0.0;
    return r(i, j);
  });
  const double norm = std::sqrt(work_.total(sum));
  work_.clear(du_.view());
  LinearSystem a = linear_system(p, preconditioner(p));
  a.heed = nullptr;
  // With multigrid a smooth direction is met within a few iterations, without it across the grid at the
  // latest; nobody is heeded meanwhile, for the solve is over, so that there is an end to it.
  const std::int64_t enough = std::clamp<std::int64_t>(2 * (std::int64_t{p.grid.nx} + p.grid.ny), 100, 1000);
  const LinearReport made = trial_.solve(a, du_.view(), r, norm, 1e-8 * norm, enough);
  forget_operator();
  return made.converged || made.iterations >= enough;
}

View2D<double> FrozenBalance::made_at(const Problem& p) {
  if (made_at_.view().first == nullptr) made_at_ = Field2D<double>{p.owned, p.depth};
  return made_at_.view();
}

void FrozenBalance::write(StandWriter& to) const {
  to.put(content_);
  to.put(preconditioner_ != nullptr);
  to.put(maker_.found());
  to.put(fresh_iterations_);
}

void FrozenBalance::read(Problem& p, const StageEquation& e, StandReader& from) {
  steady_ = true;
  open_ = p.level_open();
  bool made = false;
  std::optional<bool> found;
  std::optional<std::int64_t> fresh;
  from.get(content_);
  from.get(made);
  from.get(found);
  from.get(fresh);
  preconditioner_.reset();
  // The operator as it was frozen, and what helps as it was made of it: of a linear problem this one, else
  // the one of the temperatures then. A trial of the preconditioner needs the room of iterations.
  const bool linear = p.linear();
  Field2D<double> before{p.owned, 0};
  const View2D<double> other = linear ? work_.p.view() : made_at(p);
  const auto prepare = [&] {
    if (p.coefficients.of_temperature()) p.halo(p.u.view());
    p.prepare(p.owned, e.t, p.u.view());
    freeze(p, e);
    if (!made) return;
    maker_.restore(found);
    preconditioner(p);
  };
  const View2D<double> u = p.u.view();
  copy_cells(p.owned, linear ? other : u, before.view());
  if (!linear && made) copy_cells(p.owned, other, u);
  const auto put_back = [&] { copy_cells(p.owned, before.cview(), linear ? other : u); };
  try {
    prepare();
  } catch (...) {
    put_back();
    throw;
  }
  put_back();
  maker_.restore(found);
  fresh_iterations_ = fresh;
}

void FrozenBalance::add_fields(Problem& p, std::vector<Memory>& to) {
  if (!p.linear()) {
    to.push_back({"made_at", made_at(p)});
    return;
  }
  to.push_back({"residual", r_.view()});
  to.push_back({"correction", du_.view()});
  to.push_back({"direction", work_.p.view()});
}

LinearSystem FrozenBalance::linear_system(Problem& p, Preconditioner& m) const {
  const auto apply = [this, &p](View2D<double> x, View2D<double> out) {
    ExactSum sum;
    p.walls.fill_homogeneous(p.owned, x);
    overlapped(p.halo, x, p.owned, [&](const Box& box) {
      sum.add(apply_operator(box, p.coefficients, sink_slope(), rate_, x, out));
    });
    return sum;
  };
  const auto step = [this, &p](View2D<double> direction, View2D<double> x, View2D<double> r) {
    ExactSum sum;
    p.walls.fill_homogeneous(p.owned, direction);
    overlapped(p.halo, direction, p.owned, [&](const Box& box) {
      sum.add(calor::correct(box, p.coefficients, sink_slope(), rate_, direction, x, r));
    });
    return sum;
  };
  return {apply, step, m, p.heed};
}

/// Whether conjugate gradients with this preconditioner take long: tried on a right-hand side of noise, so
/// that the answer depends on the operator alone.
bool FrozenBalance::is_slow(Problem& p, Preconditioner& m) {
  constexpr double reduction = 1e-4;
  constexpr std::int64_t enough =
      20;  // an iteration with the algebraic cycle costs about four, and needs five
  Field2D<double> x{p.owned, 0}, r{p.owned, 0};
  const View2D<double> rv = r.view();
  for_each(p.owned, [&](int i, int j) { rv(i, j) = noise(std::int64_t{j} * p.grid.nx + i) - 0.5; });
  const ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return rv(i, j) * rv(i, j); });
  const double norm = std::sqrt(work_.total(sum));
  return !trial_.solve(linear_system(p, m), x.view(), rv, norm, reduction * norm, enough).converged;
}

}  // namespace calor
