// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/multigrid/levels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <type_traits>
#include <utility>

#include "decomposition/reduce.hpp"
#include "solver/linear/multigrid/relaxation.hpp"

namespace calor {

namespace {

using Boxes = std::vector<Box>;

constexpr int depth = multigrid_depth, relaxations = multigrid_relaxations;
/// Coarsen along one direction alone while it is so many times as strong as the other.
constexpr double anisotropic = 4.0;

/// What every rank wants: its box and some cells more around it. A rank without cells of `workers` wants
/// nothing; one that has such may have an empty box, which then says where it lies.
Boxes wanted(const Boxes& boxes, int more, const Boxes& workers) {
  Boxes result(boxes.size());
  for (std::size_t r = 0; r < boxes.size(); ++r)
    if (!workers[r].empty()) result[r] = boxes[r].grown(more);
  return result;
}

/// As make_halo_plan, for such boxes.
CopyPlan halo_of(const Boxes& boxes, int cells, const Boxes& workers, int me, Period period) {
  CopyPlan plan = make_plan(boxes, wanted(boxes, cells, workers), me, period);
  const auto in_place = [me](const Transfer& t) { return t.peer == me && t.di == 0 && t.dj == 0; };
  std::erase_if(plan.sends, in_place);
  std::erase_if(plan.recvs, in_place);
  return plan;
}

Period period_of(const Axis& x, const Axis& y) { return {x.periodic ? x.n : 0, y.periodic ? y.n : 0}; }

/// In a periodic direction of one cell, that cell is its own neighbour. @param a  with its halo
void fold(NinePoint<double>& a, const Box& owned, bool in_x, bool in_y) {
  if (owned.empty() || (!in_x && !in_y)) return;
  const View2D<double> c = a.c.view(), w = a.w.view(), s = a.s.view(), sw = a.sw.view(), se = a.se.view();
  const Box all = owned.grown(depth);
  const auto clear = [&](const View2D<double>& f) {
    if (f.first != nullptr) for_each(all, [&](int i, int j) { f(i, j) = 0.0; });
  };
  if (in_x) {
    for_each({owned.i0, all.j0, owned.i1, all.j1}, [&](int i, int j) {
      c(i, j) -= 2.0 * w(i, j);
      if (a.corners) s(i, j) += sw(i, j) + se(i, j);
    });
    clear(w);
  } else {
    for_each({all.i0, owned.j0, all.i1, owned.j1}, [&](int i, int j) { c(i, j) -= 2.0 * s(i, j); });
    // One row: whoever is coupled with a corner neighbour is coupled with the one beside it.
    if (a.corners)
      for_each({all.i0 + 1, owned.j0, all.i1, owned.j1},
               [&](int i, int j) { w(i, j) += sw(i, j) + se(i - 1, j); });
    clear(s);
  }
  clear(sw);
  clear(se);
  if (in_x && in_y) fold(a, owned, false, true);
}

/// scale * from, as Real. Memory is not asked for twice: the pages of large fields cost more than the work on
/// them.
template <class Real>
Field2D<Real> converted(Field2D<double>&& from, double scale) {
  const View2D<double> a = from.view();
  if (a.first == nullptr) return {};
  const auto to_real = [&](const View2D<Real>& b) {
    for_cells(a.box, [&](int i, int j) { b(i, j) = static_cast<Real>(scale * a(i, j)); });
  };
  if constexpr (std::is_same_v<Real, double>) {
    if (scale != 1.0) to_real(a);
    return std::exchange(from, {});
  } else {
    Field2D<Real> to{from.owned(), from.depth()};
    to_real(to.view());
    from = {};
    return to;
  }
}

template <class Real>
NinePoint<Real> converted(NinePoint<double>&& a, double scale) {
  NinePoint<Real> b;
  b.corners = a.corners;
  b.c = converted<Real>(std::move(a.c), scale);
  b.w = converted<Real>(std::move(a.w), scale);
  b.s = converted<Real>(std::move(a.s), scale);
  b.sw = converted<Real>(std::move(a.sw), scale);
  b.se = converted<Real>(std::move(a.se), scale);
  b.d = converted<Real>(std::move(a.d), scale);
  return b;
}

template <class Real>
Interpolation<Real> converted(Interpolation<double>&& p) {
  const auto one = [](Field2D<double>& f) { return converted<Real>(std::move(f), 1.0); };
  return {one(p.east), one(p.west), one(p.north), one(p.south), one(p.ne), one(p.nw), one(p.se), one(p.sw)};
}

/// Weights with their halos. @param coarse_box  the cells of every rank that stay     @param fill  their halo
Interpolation<double> make_interpolation(const NinePoint<double>::View& a, const Coarsening& c,
                                         const Box& coarse_box, Exchange<double>& fill) {
  Interpolation<double> p;
  const auto make_edges = [&](Interpolation<double>& of) {
    constexpr int reach = Interpolation<double>::reach;
    if (c.x.coarsened) {
      of.east = Field2D<double>{coarse_box, reach};
      of.west = Field2D<double>{coarse_box, reach};
    }
    if (c.y.coarsened) {
      of.north = Field2D<double>{coarse_box, reach};
      of.south = Field2D<double>{coarse_box, reach};
    }
    if (c.x.coarsened && c.y.coarsened)
      for (Field2D<double>* f : {&of.ne, &of.nw, &of.se, &of.sw}) *f = Field2D<double>{coarse_box, reach};
  };
  const auto fill_all = [&](std::initializer_list<Field2D<double>*> fields) {
    for (Field2D<double>* f : fields)
      if (f->view().first != nullptr) fill(f->view());
  };
  const auto complete = [&](Interpolation<double>& of) {
    fill_all({&of.east, &of.west, &of.north, &of.south});
    weigh_centres(a, c, coarse_box, of);
    fill_all({&of.ne, &of.nw, &of.se, &of.sw});
  };
  make_edges(p);
  weigh_edges(a, c, coarse_box, p);
  complete(p);
  if (c.x.coarsened && c.y.coarsened) {  // centres alone are read, edges alone written
    sharpen_edges(a, c, coarse_box, p, p);
    complete(p);
    return p;
  }
  Interpolation<double> better;
  make_edges(better);
  sharpen_edges(a, c, coarse_box, p, better);
  complete(better);
  return better;
}

/// Makes levels one by one. What it holds is of the level that is being made.
template <class Real>
class Maker {
 public:
  Maker(const mpi::Comm& comm, const Grid& grid, const Partition& parts, NinePoint<double> a,
        const MultigridOptions& options)
      : comm_{comm},
        options_{options},
        x_{grid.nx, grid.periodic_x, false},
        y_{grid.ny, grid.periodic_y, false},
        boxes_{parts},
        arrival_{halo_of(parts, depth, parts, comm.rank(), period_of(x_, y_))},
        a_{std::move(a)} {}

  MultigridLevels<Real> make() {
    for (;;) {
      heed_here(options_.heed, 20.0);
      Level& l = made_.levels.emplace_back();
      l.owned = mine(boxes_);
      receive_operator();
      const Strength strength = look(l);
      l.f = Field2D<Real>{l.owned, depth};
      l.u = Field2D<Real>{l.owned, depth};
      l.z = Field2D<Real>{l.owned, depth};
      l.fill_f = Exchange<Real>{comm_, arrival_};
      choose(l, strength);
      if (l.last) {
        keep_operator(l);
        return std::move(made_);
      }
      coarsen(l);
    }
  }

 private:
  using Level = MultigridLevel<Real>;
  struct Strength {
    double beside = 0.0;                  // couplings beside the diagonal, at most 1
    double along_x = 0.0, along_y = 0.0;  // sums
  };

  const Box& mine(const Boxes& boxes) const { return boxes[static_cast<std::size_t>(comm_.rank())]; }
  bool first() const { return made_.levels.size() == 1; }

  /// The halo of a_, or all of it from the ranks that made it.
  void receive_operator() {
    Exchange<double> fill{comm_, arrival_};
    NinePoint<double>& from = moved_ ? elsewhere_ : a_;
    const auto bring = [&](Field2D<double>& to, Field2D<double>& source) {
      fill.start(source.cview());
      fill.finish(to.view());
    };
    bring(a_.c, from.c);
    bring(a_.w, from.w);
    bring(a_.s, from.s);
    if (a_.corners) {
      bring(a_.sw, from.sw);
      bring(a_.se, from.se);
    }
    fold(a_, made_.levels.back().owned, x_.periodic && x_.n == 1, y_.periodic && y_.n == 1);
    if (x_.n == 1) x_.periodic = false;
    if (y_.n == 1) y_.periodic = false;
  }

  /// How strong couplings are beside the diagonal, and along which direction; and what the relaxations divide
  /// by.
  Strength look(Level& l) {
    const Box& own = l.owned;
    const auto view = a_.view();
    double strongest = 0.0, largest = 0.0;
    self_ = a_.corners ? Field2D<double>{} : Field2D<double>{own, depth};
    const View2D<double> own_part = a_.corners ? a_.d.view() : self_.view();
    const bool corners = a_.corners;
#pragma omp parallel for schedule(static) reduction(max : strongest, largest) if (worth_threads(own))
    for (int j = own.j0; j < own.j1; ++j)
      for (int i = own.i0; i < own.i1; ++i) {
        const double sum = view.couplings(i, j), c = view.c(i, j);
        const double d = corners ? std::max(c, 0.5 * (c + sum)) : c;
        own_part(i, j) = corners ? d : c - sum;
        strongest = std::max(strongest, (c + sum) / d - 1.0);
        largest = std::max(largest, c);
      }
    // Its halo comes from the owners on this level.
    l.halo = halo_of(boxes_, depth, boxes_, comm_.rank(), period_of(x_, y_));
    Exchange<double> again{comm_, l.halo};
    again(own_part);
    strongest = std::min(1.0, comm_.max(strongest));
    if (first()) {
      made_.strongest = strongest;
      made_.scale = std::ldexp(1.0, -std::ilogb(comm_.max(largest)));
    }
    std::array<ExactSum, 2> along{
        exact_sum(own, [&](int i, int j) { return made_.scale * std::abs(view.w(i, j)); }),
        exact_sum(own, [&](int i, int j) { return made_.scale * std::abs(view.s(i, j)); })};
    reduce(comm_, along);
    return {strongest, along[0].value(), along[1].value()};
  }

  /// Whether and along which directions there is a coarser level, and the factors of the relaxations.
  void choose(Level& l, const Strength& strength) {
    if (!(strength.beside <= dominated_part)) {
      x_.coarsened = x_.n > 1 && (y_.n == 1 || strength.along_x * anisotropic >= strength.along_y);
      y_.coarsened = y_.n > 1 && (x_.n == 1 || strength.along_y * anisotropic >= strength.along_x);
    }
    l.x = x_;
    l.y = y_;
    l.last = !x_.coarsened && !y_.coarsened;  // also where numbers have left the range of doubles
    const auto coarsenings = made_.levels.size() - 1;
    l.twice = options_.twice && !l.last && coarsenings >= 2 && coarsenings <= 4;
    const auto keep = [&](const auto& omega) {
      for (std::size_t n = 0; n < omega.size(); ++n) l.omega[n] = static_cast<Real>(omega[n]);
    };
    if (l.last)
      keep(chebyshev_factors<4>(1.0 - strength.beside, 1.0 + strength.beside));
    else  // High frequencies: couplings add up with cosines of which one at least is not positive.
      keep(chebyshev_factors<relaxations>(1.0 - 0.5 * strength.beside, 1.0 + strength.beside));
  }

  void keep_operator(Level& l) {
    Field2D<double>& d = a_.corners ? a_.d : a_.c;
    const View2D<double> inverse = d.view();
    for_rows(inverse.box, [&](int j) {
      for (int i = inverse.box.i0; i < inverse.box.i1; ++i) inverse(i, j) = 1.0 / inverse(i, j);
    });
    l.inverse_diagonal = converted<Real>(std::move(d), 1.0 / made_.scale);
    l.self = converted<Real>(std::move(self_), made_.scale);
    l.a = converted<Real>(std::move(a_), made_.scale);
    if (worth_pieces(l.owned)) l.pieces_a = stencil_pieces(l);
  }

  /// Rows of short ones would be calls of loops more than loops, and they stay in the cache.
  bool worth_pieces(const Box& cells) const {
    constexpr int long_enough = 200;
    return options_.pieces && !cells.empty() && cells.nx() >= long_enough;
  }
  static RowPieces<Real, 10> stencil_pieces(const Level& l) {
    const auto v = l.a.view();
    const View2D<const Real> inverse = l.inverse_diagonal.view(), self = l.self.view();
    const bool corners = l.a.corners;
    const Box all = inverse.box;
    const Columns c = columns(l.owned);
    return {Box{l.owned.i0, all.j0, all.i1 - 1, all.j1 - 1}, c.first, c.end,
            [&](int j) -> std::array<const Real*, 10> {
              if (!corners)
                return {nullptr, v.w.row(j), v.s.row(j), v.s.row(j + 1), nullptr,
                        nullptr, nullptr,    nullptr,    inverse.row(j), self.row(j)};
              return {v.c.row(j),      v.w.row(j),  v.s.row(j),      v.s.row(j + 1), v.sw.row(j),
                      v.sw.row(j + 1), v.se.row(j), v.se.row(j + 1), inverse.row(j), nullptr};
            },
            [&](int j) -> std::array<const Real*, 3> {
              if (!corners) return {v.w.row(j) + 1, nullptr, nullptr};
              return {v.w.row(j) + 1, v.sw.row(j + 1) + 1, v.se.row(j + 1) - 1};
            }};
  }
  static RowPieces<Real, 11> weight_pieces(const Level& l) {
    constexpr int reach = Interpolation<Real>::reach, more = 4;
    const auto row = [](const Field2D<Real>& f, int J) -> const Real* {
      const View2D<const Real> v = f.view();
      return v.first == nullptr ? nullptr : v.row(J);
    };
    const auto before = [&](const Field2D<Real>& f, int J) -> const Real* {
      const Real* const r = row(f, J);
      return r == nullptr ? nullptr : r - 1;
    };
    const Interpolation<Real>& p = l.p;
    return {
        Box{l.coarse_box.i0, l.coarse_box.j0 - reach + 1, l.coarse_box.i1 + reach, l.coarse_box.j1 + reach},
        l.coarse_box.i0 - more, l.coarse_box.i1 + more,
        [&](int J) -> std::array<const Real*, 11> {
          return {row(p.east, J),      row(p.west, J),   row(p.north, J), row(p.south, J),
                  row(p.ne, J),        row(p.nw, J),     row(p.se, J),    row(p.sw, J),
                  row(p.south, J - 1), row(p.se, J - 1), row(p.sw, J - 1)};
        },
        [&](int J) -> std::array<const Real*, 3> {
          return {before(p.west, J), before(p.nw, J), before(p.sw, J - 1)};
        }};
  }

  /// The transfer to the next coarser level, its cells, its operator, and who works on it.
  void coarsen(Level& l) {
    constexpr int reach = Interpolation<double>::reach;
    const int me = comm_.rank();
    const auto view = a_.view();
    const Coarsening c{x_, y_};
    Boxes coarse_boxes;
    for (const Box& b : boxes_) coarse_boxes.push_back(c.coarse_box(b));
    l.coarse_box = mine(coarse_boxes);
    x_ = {x_.coarse(), x_.periodic, false};
    y_ = {y_.coarse(), y_.periodic, false};
    const Period period = period_of(x_, y_);
    Exchange<double> fill_coarse{comm_, halo_of(coarse_boxes, reach, boxes_, me, period)};
    Interpolation<double> p = make_interpolation(view, c, l.coarse_box, fill_coarse);

    const std::int64_t cells = std::int64_t{x_.n} * y_.n;
    const auto ranks = static_cast<int>(std::clamp<std::int64_t>(
        (cells + options_.cells_a_rank - 1) / options_.cells_a_rank, 1, comm_.size()));
    moved_ = ranks < std::count_if(
                         coarse_boxes.begin(), coarse_boxes.end(), [](const Box& b) { return !b.empty(); });
    l.moved = moved_;
    const Boxes next = moved_ ? spread({0, 0, x_.n, y_.n}, ranks, comm_.size()) : coarse_boxes;
    NinePoint<double> coarse{l.coarse_box, moved_ ? 0 : depth, true};
    galerkin(view, c, l.coarse_box, p, coarse);
    keep_operator(l);
    l.p = converted<Real>(std::move(p));
    if (worth_pieces(l.coarse_box)) l.pieces_p = weight_pieces(l);
    if (moved_) {
      elsewhere_ = std::move(coarse);
      a_ = NinePoint<double>{mine(next), depth, true};
      arrival_ = make_plan(coarse_boxes, wanted(next, depth, next), me, period);
      l.coarse_f = Field2D<Real>{l.coarse_box, 0};
      l.coarse_z = Field2D<Real>{l.coarse_box, reach};
      l.fill_z = Exchange<Real>{comm_, make_plan(next, wanted(coarse_boxes, reach, boxes_), me, period)};
    } else {
      a_ = std::move(coarse);
      arrival_ = halo_of(next, depth, next, me, period);
      l.fill_z = Exchange<Real>{comm_, halo_of(next, reach, boxes_, me, period)};
    }
    boxes_ = next;
  }

  const mpi::Comm& comm_;
  const MultigridOptions options_;
  MultigridLevels<Real> made_;
  Axis x_, y_;
  Boxes boxes_;
  CopyPlan arrival_;  // what brings a_ what it lacks
  NinePoint<double> a_;
  NinePoint<double> elsewhere_;  // a_ where it was made, if moved_: by other ranks than those that keep it
  bool moved_ = false;
  Field2D<double> self_;  // see MultigridLevel
};

}  // namespace

template <class Real>
MultigridLevels<Real> make_levels(const mpi::Comm& comm, const Grid& grid, const Partition& parts,
                                  NinePoint<double> a, const MultigridOptions& options) {
  return Maker<Real>{comm, grid, parts, std::move(a), options}.make();
}

template MultigridLevels<double> make_levels(const mpi::Comm&, const Grid&, const Partition&,
                                             NinePoint<double>, const MultigridOptions&);
template MultigridLevels<float> make_levels(const mpi::Comm&, const Grid&, const Partition&,
                                            NinePoint<double>, const MultigridOptions&);

}  // namespace calor
