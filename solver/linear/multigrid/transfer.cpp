// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/multigrid/transfer.hpp"

#include <array>
#include <cstddef>
#include <type_traits>

namespace calor {

namespace {

/// The two weights of a cell between two coarse ones, of its couplings with what lies on their sides.
std::array<double, 2> between(double a, double b) {
  return a + b > 0.0 ? std::array{a / (a + b), b / (a + b)} : std::array{0.0, 0.0};
}

}  // namespace

Box Coarsening::coarse_box(const Box& fine) const {
  if (fine.empty()) return {};
  const auto half = [](const Axis& a, int i) { return a.coarsened ? (i + 1) / 2 : i; };
  return {half(x, fine.i0), half(y, fine.j0), half(x, fine.i1), half(y, fine.j1)};
}

void weigh_edges(const NinePoint<double>::View& a, const Coarsening& c, const Box& coarse_box,
                 Interpolation<double>& p) {
  for_cells(coarse_box, [&](int I, int J) {
    const int i = c.x.fine(I), j = c.y.fine(J);
    if (c.x.coarsened) {
      std::array<double, 2> to{};
      if (c.x.has_next(I))
        to = between(a(i + 1, j, -1, 0) + (a(i + 1, j, -1, -1) + a(i + 1, j, -1, 1)),
                     a(i + 1, j, 1, 0) + (a(i + 1, j, 1, -1) + a(i + 1, j, 1, 1)));
      p.east.view()(I, J) = to[0];
      p.west.view()(I, J) = to[1];
    }
    if (c.y.coarsened) {
      std::array<double, 2> to{};
      if (c.y.has_next(J))
        to = between(a(i, j + 1, 0, -1) + (a(i, j + 1, -1, -1) + a(i, j + 1, 1, -1)),
                     a(i, j + 1, 0, 1) + (a(i, j + 1, -1, 1) + a(i, j + 1, 1, 1)));
      p.north.view()(I, J) = to[0];
      p.south.view()(I, J) = to[1];
    }
  });
}

void weigh_centres(const NinePoint<double>::View& a, const Coarsening& c, const Box& coarse_box,
                   Interpolation<double>& p) {
  if (!c.x.coarsened || !c.y.coarsened) return;
  const View2D<const double> east = p.east.cview(), west = p.west.cview(), north = p.north.cview(),
                             south = p.south.cview();
  const View2D<double> ne = p.ne.view(), nw = p.nw.view(), se = p.se.view(), sw = p.sw.view();
  for_cells(coarse_box, [&](int I, int J) {
    ne(I, J) = nw(I, J) = se(I, J) = sw(I, J) = 0.0;
    if (!c.x.has_next(I) || !c.y.has_next(J)) return;
    const int i = c.x.fine(I) + 1, j = c.y.fine(J) + 1;
    const double w = a(i, j, -1, 0), e = a(i, j, 1, 0), s = a(i, j, 0, -1), n = a(i, j, 0, 1),
                 inverse = 1.0 / a.c(i, j);
    ne(I, J) = (a(i, j, -1, -1) + (w * north(I, J) + s * east(I, J))) * inverse;
    nw(I, J) = (a(i, j, 1, -1) + (e * north(I + 1, J) + s * west(I, J))) * inverse;
    se(I, J) = (a(i, j, -1, 1) + (w * south(I, J) + n * east(I, J + 1))) * inverse;
    sw(I, J) = (a(i, j, 1, 1) + (e * south(I + 1, J) + n * west(I, J + 1))) * inverse;
  });
}

void sharpen_edges(const NinePoint<double>::View& a, const Coarsening& c, const Box& coarse_box,
                   const Interpolation<double>& p, Interpolation<double>& better) {
  const auto v = [](const Field2D<double>& f) { return f.view(); };
  const auto east = v(p.east), west = v(p.west), north = v(p.north), south = v(p.south), ne = v(p.ne),
             nw = v(p.nw), se = v(p.se), sw = v(p.sw);
  const bool both = c.x.coarsened && c.y.coarsened;
  // How much of the cells above, in column `I`, follows the coarse ones on the left and on the right.
  const auto left_of = [&](int I, int J) { return both ? ne(I, J) + se(I, J) : east(I, J); };
  const auto right_of = [&](int I, int J) { return both ? nw(I, J) + sw(I, J) : west(I, J); };
  const auto lower_of = [&](int I, int J) { return both ? ne(I, J) + nw(I, J) : north(I, J); };
  const auto upper_of = [&](int I, int J) { return both ? se(I, J) + sw(I, J) : south(I, J); };
  for_cells(coarse_box, [&](int I, int J) {
    const int i = c.x.fine(I), j = c.y.fine(J);
    if (c.x.coarsened && c.x.has_next(I)) {
      const double inverse = 1.0 / a.c(i + 1, j), n = a(i + 1, j, 0, 1), s = a(i + 1, j, 0, -1);
      // In both: the cell above is the middle of (I, J), the one below that of (I, J - 1).
      const int up = both ? J : J + 1;
      better.east.view()(I, J) =
          inverse * ((a(i + 1, j, -1, 0) + (a(i + 1, j, -1, -1) + a(i + 1, j, -1, 1))) +
                     (n * left_of(I, up) + s * left_of(I, J - 1)));
      better.west.view()(I, J) = inverse * ((a(i + 1, j, 1, 0) + (a(i + 1, j, 1, -1) + a(i + 1, j, 1, 1))) +
                                            (n * right_of(I, up) + s * right_of(I, J - 1)));
    }
    if (c.y.coarsened && c.y.has_next(J)) {
      const double inverse = 1.0 / a.c(i, j + 1), e = a(i, j + 1, 1, 0), w = a(i, j + 1, -1, 0);
      const int right = both ? I : I + 1;
      better.north.view()(I, J) =
          inverse * ((a(i, j + 1, 0, -1) + (a(i, j + 1, -1, -1) + a(i, j + 1, 1, -1))) +
                     (e * lower_of(right, J) + w * lower_of(I - 1, J)));
      better.south.view()(I, J) = inverse * ((a(i, j + 1, 0, 1) + (a(i, j + 1, -1, 1) + a(i, j + 1, 1, 1))) +
                                             (e * upper_of(right, J) + w * upper_of(I - 1, J)));
    }
  });
}

namespace {

/// The column of P of one coarse cell: fine cells around it, and their weights.
struct Column {
  struct Entry {
    int i, j;
    double weight;
  };
  std::array<Entry, 9> entry{};
  std::size_t count = 0;
  void add(int i, int j, double weight) {
    if (weight != 0.0) entry[count++] = {i, j, weight};
  }
};

Column column_of(const Coarsening& c, const Interpolation<double>& p, int I, int J) {
  Column to;
  const int i = c.x.fine(I), j = c.y.fine(J);
  to.add(i, j, 1.0);
  if (c.x.coarsened) {
    to.add(i + 1, j, p.east.view()(I, J));
    to.add(i - 1, j, p.west.view()(I - 1, J));
  }
  if (c.y.coarsened) {
    to.add(i, j + 1, p.north.view()(I, J));
    to.add(i, j - 1, p.south.view()(I, J - 1));
  }
  if (c.x.coarsened && c.y.coarsened) {
    to.add(i + 1, j + 1, p.ne.view()(I, J));
    to.add(i - 1, j + 1, p.nw.view()(I - 1, J));
    to.add(i + 1, j - 1, p.se.view()(I, J - 1));
    to.add(i - 1, j - 1, p.sw.view()(I - 1, J - 1));
  }
  return to;
}

/// A times a column, which reaches two cells around its coarse cell (i, j), with the sign turned.
class Applied {
 public:
  Applied(const NinePoint<double>::View& a, const Column& column, int i, int j) : i_{i - 2}, j_{j - 2} {
    for (std::size_t n = 0; n < column.count; ++n) {
      const Column::Entry& e = column.entry[n];
      for (int dj = -1; dj <= 1; ++dj)
        for (int di = -1; di <= 1; ++di) at(e.i + di, e.j + dj) += a(e.i, e.j, di, dj) * e.weight;
    }
  }
  /// Its product with another column.
  double operator*(const Column& column) const {
    double sum = 0.0;
    for (std::size_t n = 0; n < column.count; ++n) {
      const Column::Entry& e = column.entry[n];
      if (e.i >= i_ && e.i < i_ + 5 && e.j >= j_ && e.j < j_ + 5) sum += e.weight * at(e.i, e.j);
    }
    return sum;
  }

 private:
  double& at(int i, int j) { return value_[static_cast<std::size_t>((j - j_) * 5 + (i - i_))]; }
  double at(int i, int j) const { return value_[static_cast<std::size_t>((j - j_) * 5 + (i - i_))]; }
  int i_, j_;
  std::array<double, 25> value_{};
};

/// One cell of the coarser operator, of coarse cells that lie anyhow: at the seam of an odd periodic
/// direction.
void galerkin_cell(const NinePoint<double>::View& a, const Coarsening& c, const Interpolation<double>& p,
                   int I, int J, NinePoint<double>& coarse) {
  const Column own = column_of(c, p, I, J);
  const Applied row{a, own, c.x.fine(I), c.y.fine(J)};
  coarse.c.view()(I, J) = -(row * own);
  coarse.w.view()(I, J) = row * column_of(c, p, I - 1, J);
  coarse.s.view()(I, J) = row * column_of(c, p, I, J - 1);
  coarse.sw.view()(I, J) = row * column_of(c, p, I - 1, J - 1);
  coarse.se.view()(I, J) = row * column_of(c, p, I + 1, J - 1);
}

/// The same where coarse cells are evenly spaced: X, Y say which directions are coarsened. All loops have
/// fixed bounds, so that everything between the loads and the results stays in registers.
template <bool X, bool Y, bool corners>
class EvenGalerkin {
 public:
  EvenGalerkin(const NinePoint<double>::View& a, const Coarsening& c, const Interpolation<double>& p, int J)
      : c_{c} {
    const int j = c.y.fine(J);
    for (int n = 0; n < 4; ++n) {
      const int y = j - 1 + n;
      couplings_[at(n)] = {a.c.row(y), a.w.row(y), a.s.row(y), nullptr, nullptr};
      if constexpr (corners) {
        couplings_[at(n)].sw = a.sw.row(y);
        couplings_[at(n)].se = a.se.row(y);
      }
    }
    for (int n = 0; n < 2; ++n) {
      const auto row = [&](const Field2D<double>& f) {
        return f.view().first != nullptr ? f.view().row(J - n) : nullptr;
      };
      rows_[static_cast<std::size_t>(n)] = {row(p.east), row(p.west), row(p.north), row(p.south),
                                            row(p.ne),   row(p.nw),   row(p.se),    row(p.sw)};
    }
  }

  void cell(int I, double& c, double& w, double& s, double& sw, double& se) const {
    const Weights own = weights(I, 0);
    const Applied applied = apply(own, c_.x.fine(I));
    c = -product<0, 0>(applied, own);
    w = product<-1, 0>(applied, weights(I - 1, 0));
    s = product<0, -1>(applied, weights(I, 1));
    sw = product<-1, -1>(applied, weights(I - 1, 1));
    se = product<1, -1>(applied, weights(I + 1, 1));
  }

 private:
  static constexpr int rx = X ? 1 : 0, ry = Y ? 1 : 0;   // how far a column of P reaches
  using Weights = std::array<std::array<double, 3>, 3>;  // [1 + dj][1 + di]
  using Applied = std::array<std::array<double, 5>, 5>;  // [2 + dj][2 + di]
  struct Couplings {
    const double *c, *w, *s, *sw, *se;
  };
  struct Rows {
    const double *east, *west, *north, *south, *ne, *nw, *se, *sw;
  };

  /// The column of P of coarse cell I in the row J - below; of the row below, only what reaches up to row J.
  Weights weights(int I, int below) const {
    const Rows& r = rows_[static_cast<std::size_t>(below)];
    Weights v{};
    v[1][1] = 1.0;
    if constexpr (X) {
      v[1][2] = r.east[I];
      v[1][0] = r.west[I - 1];
    }
    if constexpr (Y) {
      v[2][1] = r.north[I];
      if (below == 0) v[0][1] = rows_[1].south[I];
    }
    if constexpr (X && Y) {
      v[2][2] = r.ne[I];
      v[2][0] = r.nw[I - 1];
      if (below == 0) {
        v[0][2] = rows_[1].se[I];
        v[0][0] = rows_[1].sw[I - 1];
      }
    }
    return v;
  }

  /// A times that column around fine column i, with the sign turned.
  Applied apply(const Weights& v, std::ptrdiff_t i) const {
    Applied to{};
#pragma GCC unroll 3
    for (int ej = -ry; ej <= ry; ++ej) {
      const Couplings &here = couplings_[at(1 + ej)], &above = couplings_[at(2 + ej)];
#pragma GCC unroll 3
      for (int ei = -rx; ei <= rx; ++ei) {
        const double weight = v[at(1 + ej)][at(1 + ei)];
        const std::ptrdiff_t n = i + ei;
        const std::size_t x = at(2 + ei), y = at(2 + ej);
        to[y][x] -= here.c[n] * weight;
        to[y][x - 1] += here.w[n] * weight;
        to[y][x + 1] += here.w[n + 1] * weight;
        to[y - 1][x] += here.s[n] * weight;
        to[y + 1][x] += above.s[n] * weight;
        if constexpr (corners) {
          to[y - 1][x - 1] += here.sw[n] * weight;
          to[y + 1][x + 1] += above.sw[n + 1] * weight;
          to[y - 1][x + 1] += here.se[n] * weight;
          to[y + 1][x - 1] += above.se[n - 1] * weight;
        }
      }
    }
    return to;
  }

  /// Its product with the column of the coarse cell dI, dJ further.
  template <int dI, int dJ>
  static double product(const Applied& row, const Weights& v) {
    constexpr int x = dI * (1 + rx), y = dJ * (1 + ry);
    double sum = 0.0;
#pragma GCC unroll 3
    for (int ej = -ry; ej <= ry; ++ej)
#pragma GCC unroll 3
      for (int ei = -rx; ei <= rx; ++ei)
        if (y + ej >= -2 && y + ej <= 2 && x + ei >= -2 && x + ei <= 2)
          sum += v[at(1 + ej)][at(1 + ei)] * row[at(2 + y + ej)][at(2 + x + ei)];
    return sum;
  }
  static constexpr std::size_t at(int n) { return static_cast<std::size_t>(n); }

  const Coarsening& c_;
  std::array<Couplings, 4> couplings_{};  // of the fine rows from one below the coarse one
  std::array<Rows, 2> rows_{};            // of the coarse row and the one below
};

/// Whether a coarse cell has its neighbours at equal distances.
bool even(const Axis& axis, int n) {
  const int step = axis.coarsened ? 2 : 1;
  return axis.fine(n) - axis.fine(n - 1) == step && axis.fine(n + 1) - axis.fine(n) == step;
}

template <bool X, bool Y, bool corners>
void galerkin_as(const NinePoint<double>::View& a, const Coarsening& c, const Box& coarse_box,
                 const Interpolation<double>& p, NinePoint<double>& coarse) {
  const View2D<double> cc = coarse.c.view(), w = coarse.w.view(), s = coarse.s.view(), sw = coarse.sw.view(),
                       se = coarse.se.view();
  for_rows(coarse_box, [&](int J) {
    const EvenGalerkin<X, Y, corners> row{a, c, p, J};
    const bool even_row = even(c.y, J);
    for (int I = coarse_box.i0; I < coarse_box.i1; ++I)
      if (even_row && even(c.x, I))
        row.cell(I, cc(I, J), w(I, J), s(I, J), sw(I, J), se(I, J));
      else
        galerkin_cell(a, c, p, I, J, coarse);
  });
}

}  // namespace

void galerkin(const NinePoint<double>::View& a, const Coarsening& c, const Box& coarse_box,
              const Interpolation<double>& p, NinePoint<double>& coarse) {
  const auto with = [&](auto corners) {
    if (c.x.coarsened && c.y.coarsened)
      galerkin_as<true, true, corners>(a, c, coarse_box, p, coarse);
    else if (c.x.coarsened)
      galerkin_as<true, false, corners>(a, c, coarse_box, p, coarse);
    else
      galerkin_as<false, true, corners>(a, c, coarse_box, p, coarse);
  };
  a.corners ? with(std::true_type{}) : with(std::false_type{});
}

}  // namespace calor
