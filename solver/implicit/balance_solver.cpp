// SPDX-License-Identifier: BSD-3-Clause
#include "solver/implicit/balance_solver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "decomposition/error.hpp"
#include "decomposition/reduce.hpp"
#include "solver/linear/amg/algebraic.hpp"
#include "solver/linear/amg/coarse_points.hpp"
#include "solver/linear/multigrid/multigrid.hpp"
#include "solver/stencil/diffusion.hpp"

namespace calor {

namespace {

/// z = r
class Identity final : public Preconditioner {
 public:
  Result apply(View2D<const double> r, double) override { return {r, {}, 1.0}; }
};

/// z = r / diagonal of A
class Jacobi final : public Preconditioner {
 public:
  Jacobi(const Box& owned, View2D<const double> diagonal)
      : owned_{owned}, diagonal_{diagonal}, z_{owned, 0} {}
  Result apply(View2D<const double> r, double) override {
    const View2D<double> z = z_.view();
#pragma omp parallel for schedule(static) if (worth_threads(owned_))
    for (int j = owned_.j0; j < owned_.j1; ++j)
      for (int i = owned_.i0; i < owned_.i1; ++i) z(i, j) = r(i, j) / diagonal_(i, j);
    return {z, {}, 1.0};
  }

 private:
  Box owned_;
  View2D<const double> diagonal_;
  Field2D<double> z_;
};

/// Calls f(i, j, c, w, s) with the entries of the five-point operator in these cells of the rank, row by row,
/// all threads at a time; false if f gave 0 anywhere, after which rows may be left out.
template <class F>
bool for_operator(const Problem& p, const Box& own, View2D<const double> diagonal, F&& f) {
  const Grid& g = p.grid;
  bool all = true;
  p.coefficients.visit([&](auto gx, auto gy, auto) {
#pragma omp parallel for schedule(static) reduction(&& : all) if (worth_threads(own))
    for (int j = own.j0; j < own.j1; ++j) {
      if (!all) continue;
      const bool inside = j > 0 || g.periodic_y;
      const int first = own.i0 == 0 && !g.periodic_x ? 1 : own.i0;
      int row = first == own.i0 ? 1 : f(own.i0, j, diagonal(own.i0, j), 0.0, inside ? gy(own.i0, j) : 0.0);
      for (int i = first; i < own.i1; ++i)
        row = row & f(i, j, diagonal(i, j), gx(i, j), inside ? gy(i, j) : 0.0);  // no way out: vectors
      all = row != 0;
    }
  });
  return all;
}

/// Whether the couplings of a cell differ so much, in so many cells, that a grid of every second cell may not
/// represent them. The same on all ranks.
bool is_rough(const Problem& p) {
  constexpr double much = 16.0;
  constexpr std::int64_t one_in = 50;
  const Grid& g = p.grid;
  const Box& own = p.owned;
  std::int64_t rough = 0;
  p.coefficients.visit([&](auto gx, auto gy, auto) {
#pragma omp parallel for schedule(static) reduction(+ : rough) if (worth_threads(own))
    for (int j = own.j0; j < own.j1; ++j) {
      const bool south = j > 0 || g.periodic_y, north = j + 1 < g.ny || g.periodic_y;
      for (int i = own.i0; i < own.i1; ++i) {
        const bool west = i > 0 || g.periodic_x, east = i + 1 < g.nx || g.periodic_x;
        double least = std::numeric_limits<double>::infinity(), most = 0.0;
        const auto look_at = [&](bool there, double coupling) {
          if (!there) return;
          least = std::min(least, coupling);
          most = std::max(most, coupling);
        };
        look_at(west, gx(i, j));
        look_at(east, gx(i + 1, j));
        look_at(south, gy(i, j));
        look_at(north, gy(i, j + 1));
        rough += most > much * least ? 1 : 0;
      }
    }
  });
  return p.comm.sum(rough) * one_in > g.domain().cells();
}

}  // namespace

class KeptOperator {
 public:
  /// The hierarchy of the problem's five-point operator, if it is the one that is kept. Collective.
  /// @param slow  what was known of the usual multigrid before it was made; then, if found, after
  std::shared_ptr<Multigrid> find(const Problem& p, double rate, View2D<const double> diagonal,
                                  Precision precision, std::optional<bool>& slow) const {
    bool same = multigrid_ && slow_before_ == slow && precision_ == precision && parts_ == p.parts &&
                grid_.nx == p.grid.nx && grid_.ny == p.grid.ny && grid_.periodic_x == p.grid.periodic_x &&
                grid_.periodic_y == p.grid.periodic_y;
    if (same) {
      const View2D<const double> c = a_.c.view(), w = a_.w.view(), s = a_.s.view();
      // Where the source is not on the diagonal, only walls make another operator of the same coefficients.
      const auto known = coefficients_.lock();
      const bool alike = p.linear() && known && known == p.coefficients.steady() && rate == rate_;
      for (const Box& cells : alike ? p.edges() : rim(p.owned, {}))
        same = same &&
               for_operator(p, cells, diagonal, [&](int i, int j, double middle, double west, double south) {
                 return int{c(i, j) == middle} & int{w(i, j) == west} & int{s(i, j) == south};
               });
    }
    if (!p.comm.all(same)) return nullptr;
    slow = slow_after_;
    return multigrid_;
  }
  void keep(const Problem& p, double rate, NinePoint<double> a, Precision precision,
            std::optional<bool> slow_before, std::optional<bool> slow_after,
            std::shared_ptr<Multigrid> multigrid) {
    grid_ = p.grid;
    parts_ = p.parts;
    rate_ = rate;
    coefficients_ = p.linear() ? p.coefficients.steady() : nullptr;
    a_ = std::move(a);
    precision_ = precision;
    slow_before_ = slow_before;
    slow_after_ = slow_after;
    multigrid_ = std::move(multigrid);
  }

  static NinePoint<double> copy_of(const Box& cells, const NinePoint<double>& a) {
    NinePoint<double> copy{cells, 0, false};
    for (const auto& [from, to] : {std::pair{&a.c, &copy.c}, {&a.w, &copy.w}, {&a.s, &copy.s}})
      for (int j = cells.j0; j < cells.j1; ++j)
        std::copy(from->view().row(j) + cells.i0, from->view().row(j) + cells.i1,
                  to->view().row(j) + cells.i0);
    return copy;
  }

 private:
  Grid grid_;
  Partition parts_;
  double rate_ = 0.0;
  std::weak_ptr<const CoefficientFields> coefficients_;  // none if the problem is not linear
  NinePoint<double> a_;
  Precision precision_ = Precision::double_;
  std::optional<bool> slow_before_, slow_after_;
  std::shared_ptr<Multigrid> multigrid_;
};

std::shared_ptr<KeptOperator> make_kept_operator() { return std::make_shared<KeptOperator>(); }

BalanceSolver::BalanceSolver(Problem& p, const ImplicitOptions& options)
    : options_{options},
      steady_operator_{p.linear() && !p.walls.exchange_varies()},
      cg_{p.comm, p.owned, p.depth},
      r_{p.owned, p.depth},
      du_{p.owned, p.depth},
      diagonal_{p.owned, p.depth} {
  if (p.source.of_temperature()) decline_ = Field2D<double>{p.owned, p.depth};
  if (p.limit_varies()) anderson_.emplace(p.comm, p.owned);
}

void BalanceSolver::solve(Problem& p, View2D<const double> from, double t, double rate) {
  const View2D<double> u = p.u.view(), r = r_.view(), du = du_.view(), diagonal = diagonal_.view();
  report_.last_iterations = 0;
  double first = 0.0, before = 0.0, round_off = 0.0;
  bool accelerated = false;
  std::optional<ChebyshevBlocks> chebyshev;
  bool chebyshev_helps = p.linear() && options_.iteration == IterationKind::automatic;
  if (anderson_) anderson_->restart();
  for (int outer = 0;; ++outer) {
    const double norm = true_residual(p, from, t, rate);
    const bool renewed = outer == 0 ? !steady_operator_ || rate != rate_ : !p.linear();
    if (renewed) {
      if (p.source.of_temperature()) p.source.decline(p.owned, t, u, decline_.view());
      operator_diagonal(p.owned, p.coefficients, p.walls, decline(), rate, diagonal);
      rate_ = rate;
    }
    if (outer == 0) first = norm;
    const double wanted = options_.tolerance * first;
    report_.residual = first > 0.0 ? norm / first : 0.0;
    if (renewed && outer == 0) {
      preconditioner_.reset();
      slow_.reset();
    }
    if (norm <= wanted) return;
    // What rounding leaves changes little between the first two looks, unless the first guess was 0.
    if (outer != 1 || !p.linear()) round_off = rounding(p, diagonal, u);
    const double target = std::max(wanted, round_off);
    if (norm <= target) return;
    if (accelerated && !(norm < before) && outer < max_corrections) {
      anderson_->undo(u);
      accelerated = false;
      continue;
    }
    before = norm;
    if (!std::isfinite(norm) || outer == max_corrections)
      throw Error{Exit::numerical, failure(t, rate, outer, norm, first)};
    prepare_preconditioner(p, rate);

    if (outer == 0 && guess(p, norm)) continue;
    if (chebyshev && chebyshev_helps) chebyshev_helps = chebyshev->goes_on(norm);
    if (InnerIteration* const inner = chebyshev_helps ? preconditioner_->inner() : nullptr) {
      if (!chebyshev) {
        chebyshev.emplace(*inner, norm);
        ++report_.outer_iterations;
      }
      if (report_.last_iterations >= options_.max_iterations)
        throw Error{Exit::numerical, failure(t, rate, 1, norm, first)};
      count(chebyshev->block(r, norm, target, options_.max_iterations - report_.last_iterations));
      inner->add_to(u);
      continue;
    }

    // A correction of a nonlinear problem is only as good as its frozen coefficients: no need to be exact.
    const double aim = p.linear() ? 0.5 * target : std::max(0.5 * target, 1e-3 * norm);
    const bool renewable = !p.linear() && is_multigrid(options_.preconditioner) && fresh_iterations_ >= 0;
    const LinearReport linear =
        correct(p, rate, norm, aim,
                renewable ? std::min(options_.max_iterations, fresh_iterations_ + patience)
                          : options_.max_iterations);
    ++report_.outer_iterations;
    if (!linear.converged && renewable) {
      preconditioner_.reset();
      before = std::numeric_limits<double>::infinity();  // nothing was changed, nothing is to be taken back
      continue;
    }
    if (!linear.converged) throw Error{Exit::numerical, failure(t, rate, outer, linear.residual, first)};
    if (anderson_) {
      accelerated = anderson_->advance(u, std::as_const(du_).view());
      continue;
    }
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
    for (int j = p.owned.j0; j < p.owned.j1; ++j)
      for (int i = p.owned.i0; i < p.owned.i1; ++i) u(i, j) += du(i, j);
  }
}

/// Adds to the temperatures what full multigrid makes of their residual, if that is wanted and to be had.
bool BalanceSolver::guess(Problem& p, double norm) {
  if (options_.first_guess != FirstGuess::full_multigrid) return false;
  const auto z = preconditioner_->first_guess(std::as_const(r_).view(), norm);
  if (!z) return false;
  const View2D<double> u = p.u.view();
  visit(*z, [&](auto v) {
    for_rows(p.owned, [&](int j) {
      for (int i = p.owned.i0; i < p.owned.i1; ++i) u(i, j) += z->scale * static_cast<double>(v(i, j));
    });
  });
  count(1);
  return true;
}

/// r_ of the present temperatures, and its 2-norm.
double BalanceSolver::true_residual(Problem& p, View2D<const double> from, double t, double rate) {
  const View2D<double> u = p.u.view(), r = r_.view();
  ExactSum sum;
  const auto on = [&](const Box& box) {
    sum.add(balance_residual(box, p.coefficients, p.source.q(), rate, from, u, r));
  };
  if (p.coefficients.of_temperature()) {
    p.halo(u);
    p.prepare(p.owned, t, u);
    on(p.owned);
  } else {
    p.prepare(p.owned, t, u);
    overlapped(p.halo, u, p.owned, on);
  }
  reduce(p.comm, {&sum, 1});
  return std::sqrt(sum.value());
}

void BalanceSolver::prepare_preconditioner(Problem& p, double rate) {
  if (preconditioner_) return;
  const double begin = MPI_Wtime();
  preconditioner_ = make_preconditioner(p, rate);
  report_.setup_seconds += MPI_Wtime() - begin;
  fresh_iterations_ = -1;
}

void BalanceSolver::count(std::int64_t iterations) {
  report_.iterations += iterations;
  report_.last_iterations += iterations;
}

/// A du = r from the residual r_ of this norm.
LinearReport BalanceSolver::correct(Problem& p, double rate, double norm, double aim,
                                    std::int64_t max_iterations) {
  prepare_preconditioner(p, rate);
  const Correction step = [&](View2D<double> by, View2D<double> x, View2D<double> r) {
    ExactSum sum;
    p.walls.fill_homogeneous(p.owned, by);
    overlapped(p.halo, by, p.owned, [&](const Box& box) {
      sum.add(calor::correct(box, p.coefficients, decline(), rate, by, x, r));
    });
    return sum;
  };
  Preconditioner& m = *preconditioner_;
  const View2D<double> x = du_.view(), r = r_.view();
  InnerIteration* const inner = options_.iteration == IterationKind::automatic ? m.inner() : nullptr;
  const auto solved = [&] {
    if (options_.iteration == IterationKind::none)
      return cg_.solve_by_preconditioner(step, m, x, r, norm, aim, max_iterations);
    const LinearOperator a = frozen_operator(p, rate);
    if (inner != nullptr)
      return cg_.solve_by_inner_iteration(a, step, m, *inner, x, r, norm, aim, max_iterations);
    return cg_.solve(a, m, x, r, norm, aim, max_iterations);
  };
  const LinearReport linear = solved();
  count(linear.iterations);
  if (fresh_iterations_ < 0) fresh_iterations_ = linear.iterations;
  // Of coefficients long gone it helps little; a new one costs as much as a few iterations.
  if (!p.linear() && linear.iterations > fresh_iterations_ + 3) preconditioner_.reset();
  return linear;
}

LinearOperator BalanceSolver::frozen_operator(Problem& p, double rate) const {
  return [this, &p, rate](View2D<double> x, View2D<double> out) {
    ExactSum sum;
    p.walls.fill_homogeneous(p.owned, x);
    overlapped(p.halo, x, p.owned, [&](const Box& box) {
      sum.add(apply_operator(box, p.coefficients, decline(), rate, x, out));
    });
    return sum;
  };
}

/// Whether conjugate gradients with this preconditioner take long: tried on a right-hand side of noise, so
/// that the answer depends on the operator alone.
bool BalanceSolver::is_slow(Problem& p, double rate, Preconditioner& m) {
  constexpr double reduction = 1e-4;
  constexpr std::int64_t enough =
      20;  // an iteration with the algebraic cycle costs about four, and needs five
  Field2D<double> x{p.owned, 0}, r{p.owned, 0};
  const View2D<double> rv = r.view();
  for_each(p.owned, [&](int i, int j) { rv(i, j) = noise(std::int64_t{j} * p.grid.nx + i) - 0.5; });
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return rv(i, j) * rv(i, j); });
  reduce(p.comm, {&sum, 1});
  const double norm = std::sqrt(sum.value());
  return !cg_.solve(frozen_operator(p, rate), m, x.view(), rv, norm, reduction * norm, enough).converged;
}

void BalanceSolver::filter(Problem& p, View2D<double> e, double reduction) {
  const View2D<double> r = r_.view(), du = du_.view();
  const Coefficients& c = p.coefficients;
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) r(i, j) = rate_ * c.rho_c(i, j) * e(i, j);
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return r(i, j) * r(i, j); });
  reduce(p.comm, {&sum, 1});
  const double norm = std::sqrt(sum.value());
  if (!(norm > 0.0) || !std::isfinite(norm)) return;
  const SolveReport before = report_;
  correct(p, rate_, norm, reduction * norm, options_.max_iterations);  // an estimate, whatever came out
  report_.last_iterations = before.last_iterations;
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) e(i, j) = du(i, j);
}

std::shared_ptr<Preconditioner> BalanceSolver::make_preconditioner(Problem& p, double rate) {
  switch (options_.preconditioner) {
    case PreconditionerKind::none:
      return std::make_shared<Identity>();
    case PreconditionerKind::jacobi:
      return std::make_shared<Jacobi>(p.owned, std::as_const(diagonal_).view());
    default:
      break;
  }
  const View2D<const double> diagonal = std::as_const(diagonal_).view();
  // Single precision resolves what a cell holds on its own only where that is not too small a part.
  constexpr double least_part = 1e-6;
  bool resolved = rate > 0.0;
  p.coefficients.visit([&](auto, auto, auto rho_c) {
#pragma omp parallel for schedule(static) reduction(&& : resolved) if (worth_threads(p.owned))
    for (int j = p.owned.j0; j < p.owned.j1; ++j) {
      int row = 1;
      for (int i = p.owned.i0; i < p.owned.i1; ++i)
        row = row & int{rate * rho_c(i, j) > least_part * diagonal(i, j)};
      resolved = resolved && row != 0;
    }
  });
  if (options_.preconditioner == PreconditionerKind::algebraic) slow_ = true;
  const MultigridOptions options{p.comm.all(resolved) ? Precision::single : Precision::double_};
  const std::optional<bool> slow_before = slow_;
  std::shared_ptr<Multigrid> multigrid;
  if (options_.kept) multigrid = options_.kept->find(p, rate, diagonal, options.precision, slow_);
  if (!multigrid) {
    const auto make_operator = [&] {
      NinePoint<double> a{p.owned, multigrid_depth, false};
      const View2D<double> c = a.c.view(), w = a.w.view(), s = a.s.view();
      for_operator(p, p.owned, diagonal, [&](int i, int j, double middle, double west, double south) {
        c(i, j) = middle;
        w(i, j) = west;
        s(i, j) = south;
        return 1;
      });
      return a;
    };
    NinePoint<double> a = make_operator(), copy;
    if (options_.kept) copy = KeptOperator::copy_of(p.owned, a);
    const bool may_be_slow = !slow_ && is_rough(p);
    if (!slow_.value_or(false)) {
      multigrid = make_multigrid(p.comm, p.grid, p.parts, std::move(a), options);
      if (may_be_slow) slow_ = is_slow(p, rate, *multigrid);
    }
    if (slow_.value_or(false)) {
      multigrid.reset();
      a = {};
      multigrid = make_algebraic_multigrid(p.comm, p.grid, p.parts, make_operator(), options);
    }
    if (options_.kept)
      options_.kept->keep(p, rate, std::move(copy), options.precision, slow_before, slow_, multigrid);
  }
  layout_ = multigrid->layout();
  return multigrid;
}

/// 2-norm of what rounding alone leaves of the residual: a few units of the last place of diagonal * u.
double BalanceSolver::rounding(const Problem& p, View2D<const double> diagonal, View2D<const double> u) {
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) {
    const double d = diagonal(i, j) * u(i, j);
    return d * d;
  });
  reduce(p.comm, {&sum, 1});
  return 4.0 * std::numeric_limits<double>::epsilon() * std::sqrt(sum.value());
}

std::string BalanceSolver::failure(double t, double rate, int outer, double norm, double first) const {
  // Where nothing depends on T there is a steady state, and only iterations can be too few.
  const bool none = rate == 0.0 && anderson_.has_value();
  const char* const remedy =
      none ? "begin nearer to it with initial.temperature, or let it come about in time with time.method = "
             "\"tr-bdf2\", time.dt = \"auto\" and a long time.end"
      : rate > 0.0 ? "try a smaller time.dt, a larger solver.max_iterations or a looser solver.tolerance"
                   : "try a larger solver.max_iterations or a looser solver.tolerance";
  return fmt::format(
      "no {} at t = {:.9g} s: after {} corrections and {} iterations the residual is {:.3g} of the first "
      "one, "
      "wanted {:.3g}; {}",
      none ? "steady state" : "convergence", t, outer, report_.last_iterations, norm / first,
      options_.tolerance, remedy);
}

}  // namespace calor
