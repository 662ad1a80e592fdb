// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>

#include "solver/model/coefficients.hpp"
#include "solver/model/material.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

TEST_CASE("areas own their points by their own rules", "[material]") {
  const Area r = Rectangle{{0.0, 1.0}, {2.0, 3.0}};
  CHECK(contains(r, 0.0, 2.0));
  CHECK_FALSE(contains(r, 1.0, 2.5));  // belongs to the next one
  const Area c = Circle{0.0, 0.0, 1.0};
  CHECK(contains(c, 1.0, 0.0));
  CHECK_FALSE(contains(c, 0.8, 0.7));
  const Area l = Polygon{{{0, 0}, {3, 0}, {3, 1}, {1, 1}, {1, 3}, {0, 3}}};  // an L
  CHECK(contains(l, 0.5, 2.5));
  CHECK(contains(l, 2.5, 0.5));
  CHECK_FALSE(contains(l, 2.0, 2.0));
  CHECK_FALSE(contains(l, -0.1, 1.0));
  int inside = 0;
  for (int j = 0; j < 30; ++j)
    for (int i = 0; i < 30; ++i) inside += contains(l, (i + 0.5) * 0.1, (j + 0.5) * 0.1);
  CHECK(inside == 500);  // area 5 in cells of 0.01
}

TEST_CASE("face conductivities are the means that were asked for", "[material]") {
  Materials m;
  m.conductivity = Layered{ConductivityLaw{1.0, 1.0, true}};
  m.conductivity.add(Rectangle{{0.5, 2.0}, {-1.0, 2.0}}, ConductivityLaw{9.0, 4.0, false});
  Grid g{4, 4, 0.0, 1.0, 0.0, 2.0};
  m.face_mean = FaceMean::harmonic;
  const double dx2 = g.dx() * g.dx(), dy2 = g.dy() * g.dy();
  const Coefficients h{m, g, g.domain(), 2};
  CHECK(h.gx(2, 0) * dx2 == Approx(1.8));
  CHECK(h.gx(1, 0) * dx2 == Approx(1.0));
  CHECK(h.gx(0, 0) * dx2 == Approx(1.0));  // on the wall: the cell's own
  CHECK(h.gx(4, 3) * dx2 == Approx(9.0));
  CHECK(h.gy(3, 2) * dy2 == Approx(4.0));
  CHECK(h.gy(3, 4) * dy2 == Approx(4.0));
  m.density = Layered{Function{3.0}};
  m.specific_heat = Layered{Function::expression("1 + x", "xy")};
  m.specific_heat.add(Circle{0.1, 0.1, 0.2}, Function{7.0});
  g.coverage = Coverage::centre;
  m.face_mean = FaceMean::arithmetic;
  const Coefficients a{m, g, g.domain(), 2};
  CHECK(a.gx(2, 0) * dx2 == Approx(5.0));
  CHECK(a.rho_c(0, 0) == 21.0);
  CHECK(a.rho_c(2, 3) == 3.0 * (1.0 + g.x(2)));
}

TEST_CASE("a uniform material is known as one, and gives the bits of a field of equal cells", "[material]") {
  Materials m;
  m.conductivity = Layered{ConductivityLaw{0.3, 0.3, true}};
  CHECK(m.uniform());
  Grid g{5, 5, 0.0, 1.0, 0.0, 1.0};
  const Coefficients one{m, g, g.domain(), 2};
  m.density.add(Rectangle{{0.0, 0.0}, {0.0, 0.0}}, 1.0);  // an empty region
  CHECK_FALSE(m.uniform());
  const Coefficients many{m, g, g.domain(), 2};
  bool same = true;
  for_each(g.domain(), [&](int i, int j) {
    same = same && one.gx(i, j) == many.gx(i, j) && one.gy(i, j) == many.gy(i, j);
  });
  CHECK(same);
}
