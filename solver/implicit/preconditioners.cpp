// SPDX-License-Identifier: BSD-3-Clause
#include "solver/implicit/preconditioners.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "solver/implicit/five_point.hpp"
#include "solver/implicit/operator_cache.hpp"
#include "solver/linear/amg/algebraic.hpp"

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
    for_cells(owned_, [&](int i, int j) { z(i, j) = r(i, j) / diagonal_(i, j); });
    return {z, {}, 1.0};
  }

 private:
  Box owned_;
  View2D<const double> diagonal_;
  Field2D<double> z_;
};

/// How couplings differ, the same on all ranks.
struct Variety {
  bool rough =
      false;  // within a cell, so much and in so many that a grid of every second may not represent them
  bool varied = false;  // along one direction, so that coarser grids have more to do
};
Variety variety(const Problem& p) {
  constexpr double much = 16.0;
  constexpr std::int64_t rough_in = 50, varied_in = 100;
  const Grid& g = p.grid;
  const Box& own = p.owned;
  std::int64_t rough = 0, varied = 0;
  p.coefficients.visit([&](auto gx, auto gy, auto) {
#pragma omp parallel for schedule(static) reduction(+ : rough, varied) if (worth_threads(own))
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
        const auto differ = [&](bool there, double a, double b) {
          return there && std::max(a, b) > much * std::min(a, b);
        };
        look_at(west, gx(i, j));
        look_at(east, gx(i + 1, j));
        look_at(south, gy(i, j));
        look_at(north, gy(i, j + 1));
        rough += most > much * least ? 1 : 0;
        varied +=
            differ(west && east, gx(i, j), gx(i + 1, j)) || differ(south && north, gy(i, j), gy(i, j + 1))
                ? 1
                : 0;
      }
    }
  });
  const std::int64_t cells = g.domain().cells();
  return {p.comm.sum(rough) * rough_in > cells, p.comm.sum(varied) * varied_in > cells};
}

/// Single precision resolves what a cell holds on its own only where that is not too small a part.
Precision precision_for(const Problem& p, double rate, View2D<const double> diagonal) {
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
  return p.comm.all(resolved) ? Precision::single : Precision::double_;
}

NinePoint<double> five_point(const Problem& p, View2D<const double> diagonal) {
  NinePoint<double> a{p.owned, multigrid_depth, false};
  const View2D<double> c = a.c.view(), w = a.w.view(), s = a.s.view();
  for_operator(p, p.owned, diagonal, [&](int i, int j, double middle, double west, double south) {
    c(i, j) = middle;
    w(i, j) = west;
    s(i, j) = south;
    return 1;
  });
  return a;
}

}  // namespace

std::shared_ptr<Preconditioner> PreconditionerMaker::make(const Problem& p, double rate, bool steady,
                                                          View2D<const double> diagonal,
                                                          const Trial& is_slow) {
  switch (kind_) {
    case PreconditionerKind::none:
      return std::make_shared<Identity>();
    case PreconditionerKind::jacobi:
      return std::make_shared<Jacobi>(p.owned, diagonal);
    case PreconditionerKind::algebraic:
      slow_ = true;
      return multigrid(p, rate, steady, diagonal, is_slow);
    case PreconditionerKind::multigrid:
      return multigrid(p, rate, steady, diagonal, is_slow);
  }
  return nullptr;
}

std::shared_ptr<Multigrid> PreconditionerMaker::multigrid(const Problem& p, double rate, bool steady,
                                                          View2D<const double> diagonal,
                                                          const Trial& is_slow) {
  MultigridOptions options;
  options.precision = steady ? Precision::double_ : precision_for(p, rate, diagonal);
  options.heed = p.heed;
  const std::optional<bool> slow_before = slow_;
  std::shared_ptr<Multigrid> made;
  if (cache_) made = cache_->find(p, rate, diagonal, options.precision, slow_);
  if (!made) {
    NinePoint<double> a = five_point(p, diagonal), copy;
    if (cache_) copy = OperatorCache::copy_of(p.owned, a);
    made = new_multigrid(p, diagonal, std::move(a), options, is_slow);
    if (cache_) cache_->keep(p, rate, std::move(copy), options.precision, slow_before, slow_, made);
  }
  layout_ = made->layout();
  return made;
}

/// @param a  the operator, which one cycle uses up    @param options  but for `twice`, which the operator
/// says
std::shared_ptr<Multigrid> PreconditionerMaker::new_multigrid(const Problem& p, View2D<const double> diagonal,
                                                              NinePoint<double> a, MultigridOptions options,
                                                              const Trial& is_slow) {
  if (!slow_.value_or(false)) {
    const Variety couplings = variety(p);
    options.twice = couplings.varied || (couplings.rough && p.coefficients.bodies());
    const bool may_be_slow = !slow_ && couplings.rough;
    std::shared_ptr<Multigrid> usual = make_multigrid(p.comm, p.grid, p.parts, std::move(a), options);
    if (may_be_slow) slow_ = is_slow(*usual);
    if (!slow_.value_or(false)) return usual;
  }
  a = {};
  return make_algebraic_multigrid(p.comm, p.grid, p.parts, five_point(p, diagonal), options);
}

}  // namespace calor
