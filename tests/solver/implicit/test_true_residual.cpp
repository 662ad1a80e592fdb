// SPDX-License-Identifier: BSD-3-Clause
#include <iterator>
#include <vector>

#include "solver/implicit/true_residual.hpp"
#include "solver/stencil/diffusion.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;
using namespace calor::test;

TEST_CASE("the residual without reading what is constant is that of the plain loop, to the bit",
          "[mpi][true_residual]") {
  constexpr int nx = 407, ny = 61, depth = 2;
  std::vector<Kind> all{std::begin(kinds), std::end(kinds)};
  all.push_back({"beds", false, [](ProblemSpec& s) {
                   ConductivityLaw poor;
                   poor.x = 0.01;
                   s.materials.conductivity.add(Rectangle{{0.0, 1.0}, {0.3, 0.6}}, poor);
                 }});
  TrueResidual residual;  // of one problem after the other, as in a sweep
  for (const Kind& kind : all)
    for (const double rate : {50.0, 0.0}) {
      CAPTURE(kind.name, rate);
      const ProblemSpec spec = make_spec(kind, nx, ny);
      const auto made = make(spec, depth);
      Problem& p = *made;
      lay_initial(spec, p, false);
      constexpr double t = 0.003;
      p.halo(p.u.view());
      p.prepare(p.owned, t, p.u.view());
      Field2D<double> before{p.owned, depth};
      const View2D<double> old = before.view();
      for_each(p.owned, [&](int i, int j) { old(i, j) = p.u.view()(i, j) + 0.01 * (i % 13) * (j % 7); });
      Field2D<double> r{p.owned, depth}, plain{p.owned, depth};
      for (const Box& box : {p.owned, p.owned.grown(-1)}) {
        ExactSum mine = residual(box, p.coefficients, p.source.q(), rate, old, p.u.view(), r.view());
        ExactSum theirs =
            balance_residual(box, p.coefficients, p.source.q(), rate, old, p.u.view(), plain.view());
        CHECK(mine.state() == theirs.state());
        bool equal = true;
        for_each(p.owned, [&](int i, int j) { equal = equal && same(r.view()(i, j), plain.view()(i, j)); });
        CHECK(equal);
      }
    }
}
