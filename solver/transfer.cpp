// SPDX-License-Identifier: BSD-3-Clause
#include "solver/transfer.hpp"

#include <array>
#include <cstddef>

namespace calor {

namespace {

/// The two weights of a cell between two kept ones, of its couplings with what lies on their sides.
std::array<double, 2> between(double a, double b) {
  return a + b > 0.0 ? std::array{a / (a + b), b / (a + b)} : std::array{0.0, 0.0};
}

}  // namespace

Box Coarsening::kept(const Box& fine) const {
  if (fine.empty()) return {};
  const auto half = [](const Axis& a, int i) { return a.halved ? (i + 1) / 2 : i; };
  return {half(x, fine.i0), half(y, fine.j0), half(x, fine.i1), half(y, fine.j1)};
}

void weigh_edges(const NinePoint<double>::View& a, const Coarsening& c, const Box& kept,
                 Interpolation<double>& p) {
#pragma omp parallel for schedule(static) if (worth_threads(kept))
  for (int J = kept.j0; J < kept.j1; ++J)
    for (int I = kept.i0; I < kept.i1; ++I) {
      const int i = c.x.fine(I), j = c.y.fine(J);
      if (c.x.halved) {
        std::array<double, 2> to{};
        if (c.x.has_next(I))
          to = between(a(i + 1, j, -1, 0) + (a(i + 1, j, -1, -1) + a(i + 1, j, -1, 1)),
                       a(i + 1, j, 1, 0) + (a(i + 1, j, 1, -1) + a(i + 1, j, 1, 1)));
        p.east.view()(I, J) = to[0];
        p.west.view()(I, J) = to[1];
      }
      if (c.y.halved) {
        std::array<double, 2> to{};
        if (c.y.has_next(J))
          to = between(a(i, j + 1, 0, -1) + (a(i, j + 1, -1, -1) + a(i, j + 1, 1, -1)),
                       a(i, j + 1, 0, 1) + (a(i, j + 1, -1, 1) + a(i, j + 1, 1, 1)));
        p.north.view()(I, J) = to[0];
        p.south.view()(I, J) = to[1];
      }
    }
}

void weigh_middles(const NinePoint<double>::View& a, const Coarsening& c, const Box& kept,
                   Interpolation<double>& p) {
  if (!c.x.halved || !c.y.halved) return;
  const View2D<const double> east = std::as_const(p.east).view(), west = std::as_const(p.west).view(),
                             north = std::as_const(p.north).view(), south = std::as_const(p.south).view();
  const View2D<double> ne = p.ne.view(), nw = p.nw.view(), se = p.se.view(), sw = p.sw.view();
#pragma omp parallel for schedule(static) if (worth_threads(kept))
  for (int J = kept.j0; J < kept.j1; ++J)
    for (int I = kept.i0; I < kept.i1; ++I) {
      ne(I, J) = nw(I, J) = se(I, J) = sw(I, J) = 0.0;
      if (!c.x.has_next(I) || !c.y.has_next(J)) continue;
      const int i = c.x.fine(I) + 1, j = c.y.fine(J) + 1;
      const double w = a(i, j, -1, 0), e = a(i, j, 1, 0), s = a(i, j, 0, -1), n = a(i, j, 0, 1),
                   by = 1.0 / a.c(i, j);
      ne(I, J) = (a(i, j, -1, -1) + (w * north(I, J) + s * east(I, J))) * by;
      nw(I, J) = (a(i, j, 1, -1) + (e * north(I + 1, J) + s * west(I, J))) * by;
      se(I, J) = (a(i, j, -1, 1) + (w * south(I, J) + n * east(I, J + 1))) * by;
      sw(I, J) = (a(i, j, 1, 1) + (e * south(I + 1, J) + n * west(I, J + 1))) * by;
    }
}

void sharpen_edges(const NinePoint<double>::View& a, const Coarsening& c, const Box& kept,
                   const Interpolation<double>& p, Interpolation<double>& better) {
  const auto v = [](const Field2D<double>& f) { return f.view(); };
  const auto east = v(p.east), west = v(p.west), north = v(p.north), south = v(p.south), ne = v(p.ne),
             nw = v(p.nw), se = v(p.se), sw = v(p.sw);
  const bool both = c.x.halved && c.y.halved;
  // How much of the cells above, in column `I`, follows the kept ones on the left and on the right.
  const auto left_of = [&](int I, int J) { return both ? ne(I, J) + se(I, J) : east(I, J); };
  const auto right_of = [&](int I, int J) { return both ? nw(I, J) + sw(I, J) : west(I, J); };
  const auto lower_of = [&](int I, int J) { return both ? ne(I, J) + nw(I, J) : north(I, J); };
  const auto upper_of = [&](int I, int J) { return both ? se(I, J) + sw(I, J) : south(I, J); };
#pragma omp parallel for schedule(static) if (worth_threads(kept))
  for (int J = kept.j0; J < kept.j1; ++J)
    for (int I = kept.i0; I < kept.i1; ++I) {
      const int i = c.x.fine(I), j = c.y.fine(J);
      if (c.x.halved && c.x.has_next(I)) {
        const double by = 1.0 / a.c(i + 1, j), n = a(i + 1, j, 0, 1), s = a(i + 1, j, 0, -1);
        // In both: the cell above is the middle of (I, J), the one below that of (I, J - 1).
        const int up = both ? J : J + 1;
        better.east.view()(I, J) = by * ((a(i + 1, j, -1, 0) + (a(i + 1, j, -1, -1) + a(i + 1, j, -1, 1))) +
                                         (n * left_of(I, up) + s * left_of(I, J - 1)));
        better.west.view()(I, J) = by * ((a(i + 1, j, 1, 0) + (a(i + 1, j, 1, -1) + a(i + 1, j, 1, 1))) +
                                         (n * right_of(I, up) + s * right_of(I, J - 1)));
      }
      if (c.y.halved && c.y.has_next(J)) {
        const double by = 1.0 / a.c(i, j + 1), e = a(i, j + 1, 1, 0), w = a(i, j + 1, -1, 0);
        const int right = both ? I : I + 1;
        better.north.view()(I, J) = by * ((a(i, j + 1, 0, -1) + (a(i, j + 1, -1, -1) + a(i, j + 1, 1, -1))) +
                                          (e * lower_of(right, J) + w * lower_of(I - 1, J)));
        better.south.view()(I, J) = by * ((a(i, j + 1, 0, 1) + (a(i, j + 1, -1, 1) + a(i, j + 1, 1, 1))) +
                                          (e * upper_of(right, J) + w * upper_of(I - 1, J)));
      }
    }
}

namespace {

/// The column of P of one kept cell: fine cells around it, and their weights.
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
  if (c.x.halved) {
    to.add(i + 1, j, p.east.view()(I, J));
    to.add(i - 1, j, p.west.view()(I - 1, J));
  }
  if (c.y.halved) {
    to.add(i, j + 1, p.north.view()(I, J));
    to.add(i, j - 1, p.south.view()(I, J - 1));
  }
  if (c.x.halved && c.y.halved) {
    to.add(i + 1, j + 1, p.ne.view()(I, J));
    to.add(i - 1, j + 1, p.nw.view()(I - 1, J));
    to.add(i + 1, j - 1, p.se.view()(I, J - 1));
    to.add(i - 1, j - 1, p.sw.view()(I - 1, J - 1));
  }
  return to;
}

/// A times a column, which reaches two cells around its kept cell (i, j), with the sign turned.
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

}  // namespace

void galerkin(const NinePoint<double>::View& a, const Coarsening& c, const Box& kept,
              const Interpolation<double>& p, NinePoint<double>& coarse) {
  const View2D<double> cc = coarse.c.view(), w = coarse.w.view(), s = coarse.s.view(), sw = coarse.sw.view(),
                       se = coarse.se.view();
#pragma omp parallel for schedule(static) if (worth_threads(kept))
  for (int J = kept.j0; J < kept.j1; ++J) {
    Column below_left = column_of(c, p, kept.i0 - 1, J - 1), below = column_of(c, p, kept.i0, J - 1),
           left = column_of(c, p, kept.i0 - 1, J);
    for (int I = kept.i0; I < kept.i1; ++I) {
      const Column own = column_of(c, p, I, J), below_right = column_of(c, p, I + 1, J - 1);
      const Applied row{a, own, c.x.fine(I), c.y.fine(J)};
      cc(I, J) = -(row * own);
      w(I, J) = row * left;
      s(I, J) = row * below;
      sw(I, J) = row * below_left;
      se(I, J) = row * below_right;
      below_left = below;
      below = below_right;
      left = own;
    }
  }
}

}  // namespace calor
