// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>

#include "solver/blocked/records.hpp"
#include "solver/model/coefficients.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;
using namespace calor::test;

namespace {

/// The same materials, one of them by an expression: then every cell has coefficients of its own.
ProblemSpec as_fields(ProblemSpec s) {
  s.materials.density.function(0) = text("3 + 0*x");
  return s;
}

ProblemSpec checkerboard(int n, int side) {
  ProblemSpec s = make_spec({"insulated", false, [](ProblemSpec&) {}}, n, n);
  ConductivityLaw law;
  law.x = 5.0;
  for (int j = 0; j < n; j += side)
    for (int i = (j / side) % 2 * side; i < n; i += 2 * side)
      s.materials.conductivity.add(
          Rectangle{{s.grid.face_x(i), s.grid.face_x(i + side)}, {s.grid.face_y(j), s.grid.face_y(j + side)}},
          law);
  return s;
}

std::int64_t general_cells(const Problem& p) {
  return p.comm.sum(p.coefficients.mosaic() != nullptr ? p.coefficients.mosaic()->general() : 0);
}

}  // namespace

TEST_CASE("coefficients from records are those of fields, bit by bit, with the faces behind the last cells",
          "[mpi][mosaic]") {
  for (const Kind& kind : kinds)
    for (const int depth : {2, 19}) {
      CAPTURE(kind.name, depth);
      const ProblemSpec spec = make_spec(kind, 61, 67);
      const auto a = make(spec, depth), b = make(as_fields(spec), depth);
      const Coefficients &records = a->coefficients, &fields = b->coefficients;
      REQUIRE(fields.mosaic() == nullptr);
      if (records.mosaic() == nullptr) continue;
      const Box cells = a->grid.within_reach(a->owned.grown(depth - 1));
      const auto alike = [&](auto&& gx, auto&& gy, auto&& rho_c) {
        bool equal = true;
        for_each({cells.i0, cells.j0, cells.i1 + 1, cells.j1 + 1}, [&](int i, int j) {
          if (j < cells.j1) equal = equal && same(gx(i, j), fields.gx(i, j));
          if (i < cells.i1) equal = equal && same(gy(i, j), fields.gy(i, j));
          if (cells.contains(i, j)) equal = equal && same(rho_c(i, j), fields.rho_c(i, j));
        });
        return world().all(equal);
      };
      const auto of_records = [&](auto member) {
        return [&records, member](int i, int j) { return (records.*member)(i, j); };
      };
      CHECK(alike(of_records(&Coefficients::gx), of_records(&Coefficients::gy),
                  of_records(&Coefficients::rho_c)));
      const Coefficients::Fields made = records.fields();
      CHECK(alike(made.gx, made.gy, made.rho_c));
      CHECK(same(records.steady()->inner_limit, fields.steady()->inner_limit));
      bool rows = true;
      for (int j = cells.j0; j < cells.j1; ++j) {
        const MosaicRow row{*records.mosaic(), j, cells.i0, cells.i1};
        for (int i = cells.i0; i < cells.i1; ++i)
          rows = rows && same(row[Mosaic::west][i], fields.gx(i, j)) &&
                 same(row[Mosaic::east][i], fields.gx(i + 1, j)) &&
                 same(row[Mosaic::south][i], fields.gy(i, j)) &&
                 same(row[Mosaic::north][i], fields.gy(i, j + 1)) &&
                 same(row[Mosaic::rho_c][i], fields.rho_c(i, j));
      }
      CHECK(world().all(rows));
    }
}

TEST_CASE("whether cells are looked up is the case's affair, by an exact count", "[mpi][mosaic]") {
  // Squares of 4 x 4 cells are edges for the most part, larger ones are not.
  const int n = 48;
  for (const int side : {4, 6, 12}) {
    const auto p = make(checkerboard(n, side), 4);
    std::int64_t general = 0;
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i) {
        const auto differs = [&](int a, int b) {
          return a >= 0 && b >= 0 && a < n && b < n && (a / side + b / side) % 2 != (i / side + j / side) % 2;
        };
        general += differs(i - 1, j) || differs(i + 1, j) || differs(i, j - 1) || differs(i, j + 1) ? 1 : 0;
      }
    CAPTURE(side, general);
    const bool few = 2 * general <= n * n;
    CHECK(few == (side > 4));  // both sides of the decision are met
    CHECK((p->coefficients.mosaic() != nullptr) == few);
    if (few) CHECK(general_cells(*p) == general);
  }
}

TEST_CASE("equal neighbours on both sides make a plain cell, whatever it is itself", "[mosaic]") {
  // A foil one cell wide in square cells: along it the coefficients are its own, across they are two equal
  // means, so none of its cells is plain; where sums along x and y are apart, all are but its ends.
  for (const bool oblong : {false, true}) {
    ProblemSpec s = make_spec({"insulated", false, [](ProblemSpec&) {}}, 40, 40);
    if (oblong) s.grid.x1 = 2.0;
    ConductivityLaw law;
    law.x = 5.0;
    s.materials.conductivity.add(Rectangle{{s.grid.face_x(20), s.grid.face_x(21)}, {0.0, 1.0}}, law);
    const mpi::Comm alone = world().split(world().rank());
    const Problem p{alone, s, partition(s.grid.domain(), 1), 2};
    REQUIRE(p.coefficients.mosaic() != nullptr);
    CHECK(p.coefficients.mosaic()->square() == !oblong);
    CHECK(p.coefficients.mosaic()->general() == (oblong ? 80 : 120));
  }
}

TEST_CASE("equal groups have one record, on straight edges and on all threads", "[mosaic]") {
  ProblemSpec s = make_spec({"insulated", false, [](ProblemSpec&) {}}, 256, 256);
  ConductivityLaw law;
  law.x = 5.0;
  s.materials.conductivity.add(Rectangle{{0.5, 1.0}, {0.25, 1.0}}, law);
  const mpi::Comm alone = world().split(world().rank());
  const Problem p{alone, s, partition(s.grid.domain(), 1), 32};
  const Mosaic* const m = p.coefficients.mosaic();
  REQUIRE(m != nullptr);
  CHECK(m->entries() == 2);
  // West and east of the upright edge; below and above the level one; below and above with its corner.
  CHECK(m->size() - m->entries() <= 2 + 2 + 2);
  // A circle's groups are their own nearly all, where its share of each cell counts.
  s.materials.density.add(Circle{0.5, 0.5, 0.3}, Function{9.0});
  const Problem round{alone, s, partition(s.grid.domain(), 1), 32};
  CHECK(round.coefficients.mosaic()->size() > 100);
}
