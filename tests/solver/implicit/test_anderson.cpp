// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

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
    return anderson.advance(u.view(), f.cview());
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

namespace {

/// One cell's share of a made-up history: u and f as they are handed over, and the u that is to come out.
struct Told {
  std::function<double(int, int)> u, f;
};

/// Tells Anderson the history; the largest difference of its last u from `expected`, infinite where it is not
/// finite.
double differs(const std::vector<Told>& history, const std::function<double(int, int)>& expected) {
  const Box owned = partition(domain, test::world().size())[static_cast<std::size_t>(test::world().rank())];
  Anderson anderson{test::world(), owned};
  Field2D<double> u{owned, 0}, f{owned, 0};
  for (const Told& t : history) {
    for_each(owned, [&](int i, int j) {
      u.view()(i, j) = t.u(i, j);
      f.view()(i, j) = t.f(i, j);
    });
    anderson.advance(u.view(), f.cview());
  }
  double most = 0.0;
  for_each(owned, [&](int i, int j) {
    const double d = std::abs(u.view()(i, j) - expected(i, j));
    most =
        std::max(most, d <= std::numeric_limits<double>::max() ? d : std::numeric_limits<double>::infinity());
  });
  return test::world().max(most);
}

}  // namespace

TEST_CASE("a column that says nothing new is left out", "[mpi][anderson]") {
  // f goes from 0 by d, then by s d: the second difference of f depends on the first, that of u does not, so
  // any weight of the second would show in u. By the first alone gamma = (f, d) / (d, d) = 1 + s, and so
  // u + f - gamma (a + d) = u - gamma a.
  const auto a = [](int i, int j) { return 1.0 + 0.25 * i - 0.5 * j; };
  const auto b = [](int i, int j) { return 3.0 * ((i * j) % 5) - 4.0; };
  for (const int seed : {1, 2, 3, 4, 5, 6})
    for (const double s : {1.0, 3.0, -0.7, 0.1, 1e3, 1e-3, 1.0 / 3.0}) {
      CAPTURE(seed, s);
      const auto d = [&](int i, int j) { return std::sin(seed + 0.9 * i + 1.7 * j * seed); };
      const double gamma = 1.0 + s;
      const double off = differs({{[](int, int) { return 0.0; }, [](int, int) { return 0.0; }},
                                  {a, d},
                                  {[&](int i, int j) { return a(i, j) + b(i, j); },
                                   [&](int i, int j) { return d(i, j) + s * d(i, j); }}},
                                 [&](int i, int j) { return a(i, j) + b(i, j) - gamma * a(i, j); });
      CHECK(off <= 1e-10 * (1.0 + std::abs(gamma)));
    }
}

TEST_CASE("a column of nothing is left out, first or last", "[mpi][anderson]") {
  const auto zero = [](int, int) { return 0.0; };
  const auto a = [](int i, int j) { return 1.0 + 0.25 * i - 0.5 * j; };
  const auto d = [](int i, int j) { return 2.0 + std::cos(0.9 * i + 1.7 * j); };
  const auto twice = [&](int i, int j) { return 2.0 * a(i, j); };
  const auto more = [&](int i, int j) { return 2.0 * d(i, j); };
  // f stays, then changes by d to 2 d: gamma = 2 for the second difference of u, a.
  CHECK(differs({{zero, d}, {a, d}, {twice, more}}, zero) <= 1e-12);
  // f changes by d to 2 d, then stays: gamma = 2 for the first difference.
  CHECK(differs({{zero, d}, {a, more}, {twice, more}}, zero) <= 1e-12);
  // f never changes: the plain step.
  CHECK(differs({{zero, d}, {a, d}, {twice, d}}, [&](int i, int j) { return 2.0 * a(i, j) + d(i, j); }) <=
        1e-12);
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
    alone.advance(u.view(), f.cview());
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
