// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "decomposition/partition.hpp"
#include "solver/implicit/anderson.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;

namespace {

constexpr Box domain{0, 0, 23, 17};

/// u <- u + f(u) in every cell, f the same function of place and u on every layout.
struct Iteration {
  std::function<double(int, int, double)> step;
  Box owned = partition(domain, test::world().size())[static_cast<std::size_t>(test::world().rank())];
  Field2D<double> u{owned, 0}, f{owned, 0};
  Anderson anderson{test::world(), owned};

  void work_out() {
    for_each(owned, [&](int i, int j) { f.view()(i, j) = step(i, j, u.view()(i, j)); });
  }
  bool advance() {
    work_out();
    return anderson.advance(u.view(), std::as_const(f).view());
  }
  /// Largest |f|.
  double left() {
    work_out();
    double most = 0.0;
    for_each(owned, [&](int i, int j) { most = std::max(most, std::abs(f.view()(i, j))); });
    return test::world().max(most);
  }
};

}  // namespace

TEST_CASE("where steps are linear in two groups of cells the answer comes at once", "[mpi][anderson]") {
  // Plainly the error falls by 0.5 and 0.99 a step.
  Iteration it{[](int i, int j, double u) { return ((i + j) % 2 == 0 ? 0.5 : 0.01) * (i - 2.0 * j - u); }};
  CHECK_FALSE(it.advance());  // nothing is known before
  for (int n = 0; n < 3; ++n) CHECK(it.advance());
  CHECK(it.left() < 1e-12);
}

TEST_CASE("slow and diverging iterations converge fast", "[mpi][anderson]") {
  // With factors 0.2, 0.9 and -1.5 in cells of three kinds.
  Iteration it{[](int i, int, double u) {
    const double factor = i % 3 == 0 ? 0.2 : i % 3 == 1 ? 0.9 : -1.5;
    return (factor - 1.0) * (u - std::sin(0.3 * i));
  }};
  int steps = 0;
  for (; steps < 100 && it.left() > 1e-9; ++steps) it.advance();
  CHECK(steps <= 19);
}

TEST_CASE("a step can be taken back to the plain one", "[mpi][anderson]") {
  Iteration it{[](int i, int j, double u) { return 0.3 * (std::cos(0.1 * i * j) - std::tanh(u)); }};
  it.advance();
  it.advance();
  Field2D<double> plain{it.owned, 0};
  it.work_out();
  for_each(it.owned, [&](int i, int j) { plain.view()(i, j) = it.u.view()(i, j) + it.f.view()(i, j); });
  REQUIRE(it.advance());
  const auto equal = [&] {
    bool same = true;
    for_each(it.owned, [&](int i, int j) { same = same && it.u.view()(i, j) == plain.view()(i, j); });
    return test::world().all(same);
  };
  CHECK_FALSE(equal());
  it.anderson.undo(it.u.view());
  CHECK(equal());
  CHECK_FALSE(it.advance());  // and all is forgotten
}

TEST_CASE("steps that are all alike, and none at all, do no harm", "[mpi][anderson]") {
  Iteration alike{[](int, int, double) { return 2.0; }};
  for (int n = 0; n < 6; ++n) alike.advance();
  bool right = true;
  for_each(alike.owned, [&](int i, int j) { right = right && alike.u.view()(i, j) == 12.0; });
  CHECK(test::world().all(right));
  Iteration none{[](int, int, double) { return 0.0; }};
  for (int n = 0; n < 4; ++n) none.advance();
  CHECK(none.left() == 0.0);
}

TEST_CASE("the next u does not depend on the layout", "[mpi][anderson]") {
  const auto step = [](int i, int j, double u) { return 0.4 * (std::exp(-0.01 * i * j) - u) - 0.1 * u * u; };
  Iteration shared{step};
  // The same on every rank by itself.
  const mpi::Comm self = test::world().split(test::world().rank());
  Field2D<double> u{domain, 0}, f{domain, 0};
  Anderson alone{self, domain};
  for (int n = 0; n < 8; ++n) {
    shared.advance();
    for_each(domain, [&](int i, int j) { f.view()(i, j) = step(i, j, u.view()(i, j)); });
    alone.advance(u.view(), std::as_const(f).view());
  }
  bool same = true;
  for_each(shared.owned, [&](int i, int j) { same = same && shared.u.view()(i, j) == u.view()(i, j); });
  CHECK(test::world().all(same));
}

TEST_CASE("nothing of before a restart is left", "[mpi][anderson]") {
  // Columns are replaced in turn: after a restart, with any number of them made before, begins the first
  // again.
  const auto step = [](int i, int j, double u) { return 0.3 * (std::cos(0.1 * i * j) - std::tanh(u)); };
  Iteration used{step};
  for (int before = 1; before < 5; ++before) {
    for (int n = 0; n < before; ++n) used.advance();
    used.anderson.restart();
    Iteration fresh{step};
    for_each(used.owned, [&](int i, int j) { fresh.u.view()(i, j) = used.u.view()(i, j); });
    for (int n = 0; n < 5; ++n) {
      used.advance();
      fresh.advance();
      bool same = true;
      for_each(used.owned, [&](int i, int j) { same = same && used.u.view()(i, j) == fresh.u.view()(i, j); });
      REQUIRE(test::world().all(same));
    }
    used.anderson.restart();
  }
}
