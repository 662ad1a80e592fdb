// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <vector>

#include "decomposition/halo.hpp"
#include "solver/linear/multigrid/multigrid.hpp"
#include "solver/linear/multigrid/transfer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;

namespace {

int wrap(int i, int n) { return (i % n + n) % n; }
double noise(int i, int j, int kind) { return std::sin(12.9898 * i + 78.233 * j + 3.7 * kind); }

/// A grid whose cells are coupled with eight neighbours, or four, by numbers without any pattern.
struct Level {
  Level(Axis along_x, Axis along_y, bool corners)
      : x{along_x}, y{along_y}, a{{0, 0, x.n, y.n}, multigrid_depth, corners} {
    const auto west_of = [&](int i) { return i > 0 || x.periodic; };
    const auto south_of = [&](int j) { return j > 0 || y.periodic; };
    for_each(box(), [&](int i, int j) {
      a.w.view()(i, j) = west_of(i) ? 1.5 + noise(i, j, 1) : 0.0;
      a.s.view()(i, j) = south_of(j) ? 1.5 + noise(i, j, 2) : 0.0;
      if (corners) {
        a.sw.view()(i, j) = west_of(i) && south_of(j) ? 0.3 + 0.2 * noise(i, j, 3) : 0.0;
        a.se.view()(i, j) = (i + 1 < x.n || x.periodic) && south_of(j) ? 0.3 + 0.2 * noise(i, j, 4) : 0.0;
      }
      a.c.view()(i, j) = 14.0 + noise(i, j, 5);
    });
    Exchange<double> halo{test::world(), make_halo_plan({box()}, multigrid_depth, 0, period())};
    for (Field2D<double>* f : {&a.c, &a.w, &a.s, &a.sw, &a.se})
      if (f->view().first != nullptr) halo(f->view());
  }
  Box box() const { return {0, 0, x.n, y.n}; }
  Period period() const { return {x.periodic ? x.n : 0, y.periodic ? y.n : 0}; }

  using Vector = std::vector<double>;  // cell by cell
  double& at(Vector& v, int i, int j) const {
    return v[static_cast<std::size_t>(wrap(j, y.n) * x.n + wrap(i, x.n))];
  }
  /// A v, by the definition of NinePoint.
  Vector apply(const NinePoint<double>& of, Vector v) const {
    Vector out(v.size());
    const auto view = of.view();
    for_each(box(), [&](int i, int j) {
      double sum = 0.0;
      for (int dj = -1; dj <= 1; ++dj)
        for (int di = -1; di <= 1; ++di)
          if (const double coupling = view(i, j, di, dj); coupling != 0.0)
            sum -= coupling * at(v, i + di, j + dj);
      at(out, i, j) = sum;
    });
    return out;
  }

  Axis x, y;
  NinePoint<double> a;
};

}  // namespace

TEST_CASE("the coarser operator is that of the finer one between interpolated values", "[multigrid]") {
  for (const bool corners : {false, true})
    for (const bool periodic : {false, true})
      for (const auto& coarsened : {std::pair{true, true}, std::pair{true, false}, std::pair{false, true}})
        for (const auto& cells : {std::pair{12, 10}, std::pair{13, 11}, std::pair{12, 7}, std::pair{5, 16}}) {
          // Bindings could not be captured below.
          const bool coarser_x = coarsened.first, coarser_y = coarsened.second;
          const int nx = cells.first, ny = cells.second;
          CAPTURE(corners, periodic, coarser_x, coarser_y, nx, ny);
          const Level fine{{nx, periodic, coarser_x}, {ny, periodic, coarser_y}, corners};
          const Coarsening c{fine.x, fine.y};
          const Level coarse{{fine.x.coarse(), periodic, false}, {fine.y.coarse(), periodic, false}, true};
          const Box coarse_box = coarse.box();

          constexpr int reach = Interpolation<double>::reach;
          Interpolation<double> p;
          Exchange<double> fill{test::world(), make_halo_plan({coarse_box}, reach, 0, coarse.period())};
          const auto weights = [&](bool there, Field2D<double>& f, int kind) {
            if (!there) return;
            f = Field2D<double>{coarse_box, reach};
            for_each(coarse_box, [&](int I, int J) {
              // What lies between needs a cell there, and a coarse one beyond it that is in the domain.
              const bool along_x = kind != 2 && kind != 3, along_y = kind > 1;
              const bool of_right = kind == 1 || kind == 5 || kind == 7, of_upper = kind == 3 || kind > 5;
              const bool is = (!along_x || c.x.has_next(I)) && (!along_y || c.y.has_next(J)) &&
                              (!of_right || periodic || I + 1 < coarse.x.n) &&
                              (!of_upper || periodic || J + 1 < coarse.y.n);
              f.view()(I, J) = is ? 0.4 + 0.3 * noise(I, J, 10 + kind) : 0.0;
            });
            fill(f.view());
          };
          weights(coarser_x, p.east, 0);
          weights(coarser_x, p.west, 1);
          weights(coarser_y, p.north, 2);
          weights(coarser_y, p.south, 3);
          weights(coarser_x && coarser_y, p.ne, 4);
          weights(coarser_x && coarser_y, p.nw, 5);
          weights(coarser_x && coarser_y, p.se, 6);
          weights(coarser_x && coarser_y, p.sw, 7);

          const auto interpolated = [&](Level::Vector v) {
            Level::Vector out(static_cast<std::size_t>(nx * ny));
            for_each(coarse_box, [&](int I, int J) {
              const int i = c.x.fine(I), j = c.y.fine(J);
              const auto value = [&](int dI, int dJ) { return coarse.at(v, I + dI, J + dJ); };
              fine.at(out, i, j) = value(0, 0);
              const bool beside = c.x.has_next(I), above = c.y.has_next(J);
              if (coarser_x && beside)
                fine.at(out, i + 1, j) =
                    p.east.view()(I, J) * value(0, 0) + p.west.view()(I, J) * value(1, 0);
              if (coarser_y && above)
                fine.at(out, i, j + 1) =
                    p.north.view()(I, J) * value(0, 0) + p.south.view()(I, J) * value(0, 1);
              if (coarser_x && coarser_y && beside && above)
                fine.at(out, i + 1, j + 1) =
                    p.ne.view()(I, J) * value(0, 0) + p.nw.view()(I, J) * value(1, 0) +
                    p.se.view()(I, J) * value(0, 1) + p.sw.view()(I, J) * value(1, 1);
            });
            return out;
          };
          const auto dot = [](const Level::Vector& a, const Level::Vector& b) {
            double sum = 0.0;
            for (std::size_t n = 0; n < a.size(); ++n) sum += a[n] * b[n];
            return sum;
          };

          NinePoint<double> made{coarse_box, multigrid_depth, true};
          galerkin(fine.a.view(), c, coarse_box, p, made);
          Exchange<double> halo{test::world(),
                                make_halo_plan({coarse_box}, multigrid_depth, 0, coarse.period())};
          for (Field2D<double>* f : {&made.c, &made.w, &made.s, &made.sw, &made.se}) halo(f->view());
          for (int kind = 20; kind < 24; ++kind) {
            Level::Vector u(static_cast<std::size_t>(coarse_box.cells())), v(u.size());
            for_each(coarse_box, [&](int I, int J) {
              coarse.at(u, I, J) = noise(I, J, kind);
              coarse.at(v, I, J) = noise(I, J, kind + 10);
            });
            const double want = dot(interpolated(u), fine.apply(fine.a, interpolated(v)));
            CHECK(dot(u, coarse.apply(made, v)) == Approx(want).epsilon(1e-12));
          }
        }
}
