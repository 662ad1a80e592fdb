// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/box.hpp"
#include "decomposition/field.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

TEST_CASE("boxes count, grow and intersect", "[box]") {
  const Box a{2, 3, 10, 7};
  CHECK(a.nx() == 8);
  CHECK(a.ny() == 4);
  CHECK(a.cells() == 32);
  CHECK(a.contains(2, 3));
  CHECK_FALSE(a.contains(10, 3));
  CHECK_FALSE(a.contains(2, 7));
  CHECK(a.grown(2) == Box{0, 1, 12, 9});
  CHECK(a.shifted(-2, 5) == Box{0, 8, 8, 12});
  CHECK(intersection(a, {5, 0, 20, 4}) == Box{5, 3, 10, 4});
  CHECK(intersection(a, {10, 3, 12, 7}).empty());
  CHECK(intersection(a, {10, 3, 12, 7}) == Box{});
  CHECK(a.contains(Box{2, 3, 3, 4}));
  CHECK_FALSE(a.contains(Box{1, 3, 3, 4}));
  CHECK(a.contains(Box{}));
}

TEST_CASE("a box of a huge grid counts its cells in 64 bits", "[box]") {
  const Box b{0, 0, 100'000, 100'000};
  CHECK(b.cells() == 10'000'000'000);
  CHECK(Box{5, 5, 2, 9}.cells() == 0);
}

TEST_CASE("a field is addressed by global cells and starts rows on cache lines", "[field]") {
  const int depth = GENERATE(0, 1, 2, 7, 33);
  const Box owned{-3, 11, 514, 20};
  Field2D<double> f{owned, depth, -1.0};
  const View2D<double> v = f.view();
  CHECK(v.box == owned.grown(depth));
  bool filled = true;
  for_each(v.box, [&](int i, int j) { filled = filled && v(i, j) == -1.0; });
  CHECK(filled);
  for_each(v.box, [&](int i, int j) { v(i, j) = 1000.0 * j + i; });
  bool kept = true;
  for_each(v.box,
           [&](int i, int j) { kept = kept && v(i, j) == 1000.0 * j + i && &v(i, j) == v.row(j) + i; });
  CHECK(kept);
  for (int j = owned.j0; j < owned.j1; ++j)
    CHECK(reinterpret_cast<std::uintptr_t>(&v(owned.i0, j)) % 64 == 0);
  CHECK(v.pitch * 8 % 4096 != 0);
}
