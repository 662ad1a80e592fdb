// SPDX-License-Identifier: BSD-3-Clause
#include <optional>
#include <set>
#include <utility>

#include "solver/model/scratch.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

TEST_CASE("as many fields are made as are out at a time", "[scratch]") {
  Scratch scratch{{3, 5, 10, 9}, 2};
  CHECK(scratch.made() == 0);
  std::set<const double*> seen;
  for (int round = 0; round < 3; ++round) {
    Scratch::Lent a = scratch.lend(), b = scratch.lend();
    for (Scratch::Lent* l : {&a, &b}) {
      CHECK(l->view().box == Box{1, 3, 12, 11});
      seen.insert(l->view().first);
    }
    CHECK(a.view().first != b.view().first);
  }
  CHECK(scratch.made() == 2);
  CHECK(seen.size() == 2);
}

TEST_CASE("a field that moves on, or is put in another's place, goes back once", "[scratch]") {
  Scratch scratch{{0, 0, 4, 4}, 1};
  Field2D<double> state{{0, 0, 4, 4}, 1, 7.0};
  {
    Scratch::Lent held;
    CHECK(held.cview().first == nullptr);
    held = scratch.lend();
    Scratch::Lent other = std::move(held);
    CHECK(held.cview().first == nullptr);
    other.view()(2, 2) = 5.0;
    other.field().swap(state);
    CHECK(state.cview()(2, 2) == 5.0);
    CHECK(other.cview()(2, 2) == 7.0);
    held = scratch.lend();
    std::swap(held, other);
    CHECK(held.cview()(2, 2) == 7.0);
    CHECK(scratch.made() == 2);
  }
  const Scratch::Lent a = scratch.lend(), b = scratch.lend();
  CHECK(scratch.made() == 2);
  CHECK(a.cview().first != b.cview().first);
}

TEST_CASE("whether a field was lent to somebody else in between", "[scratch]") {
  Scratch scratch{{0, 0, 4, 4}, 1};
  std::int64_t mine = 0;
  {
    Scratch::Lent a = scratch.lend();
    CHECK(a.before() == 0);
    CHECK(a.cview()(3, 3) == 0.0);
    mine = a.loan();
    CHECK(mine != 0);
  }
  {
    Scratch::Lent again = scratch.lend();
    CHECK(again.before() == mine);
    Scratch::Lent moved = std::move(again), other = scratch.lend();
    CHECK(moved.before() == mine);
    CHECK(other.before() == 0);
    CHECK(other.loan() != moved.loan());
    std::swap(moved, other);
    CHECK(other.before() == mine);
    mine = moved.loan();
  }
  { const Scratch::Lent a = scratch.lend(), b = scratch.lend(); }
  for (int n = 0; n < 2; ++n) CHECK(scratch.lend().before() != mine);
}
