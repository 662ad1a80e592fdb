// SPDX-License-Identifier: BSD-3-Clause
#include <limits>

#include "decomposition/field.hpp"
#include "decomposition/halo.hpp"
#include "decomposition/partition.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;

namespace {

constexpr double unset = std::numeric_limits<double>::quiet_NaN();
double tag(int i, int j) { return 1000.0 * j + i; }
int wrap(int i, int n) { return (i % n + n) % n; }

}  // namespace

TEST_CASE("a halo exchange gives every halo cell its owner's value", "[mpi][halo]") {
  const mpi::Comm& comm = test::world();
  const int depth =
      GENERATE(1, 2, 7, 30);  // 7: wider than the thinnest block on 7 ranks; 30: than the domain
  const bool px = GENERATE(false, true), py = GENERATE(false, true);
  const Box domain{0, 0, 19, 29};  // primes: no rank count divides them
  const Partition parts = partition(domain, comm.size());
  const Box owned = parts[static_cast<std::size_t>(comm.rank())];
  Field2D<double> u{owned, depth, unset};
  for_each(owned, [&](int i, int j) { u.view()(i, j) = tag(i, j); });
  Exchange<double> halo{comm, make_halo_plan(parts, depth, comm.rank(), {px ? 19 : 0, py ? 29 : 0})};
  for (int round = 0; round < 3; ++round) halo(u.view());
  bool correct = true;  // NaN compares unequal, so a missed cell fails
  for_each(u.view().box, [&](int i, int j) {
    const bool exists = (px || (0 <= i && i < 19)) && (py || (0 <= j && j < 29));
    const double v = u.view()(i, j);
    correct = correct && (exists ? v == tag(wrap(i, 19), wrap(j, 29)) : v != v);
  });
  CHECK(comm.all(correct));  // no rank throws alone and leaves the others waiting
}

TEST_CASE("one plan moves a field from one partition to any other", "[mpi][plan]") {
  const mpi::Comm& comm = test::world();
  const Box domain{0, 0, 23, 31};
  const Partition from = partition(domain, comm.size());
  Partition to = partition(domain, 1, comm.size());
  std::rotate(to.begin(), to.begin() + 1, to.end());  // and other ranks
  const auto me = static_cast<std::size_t>(comm.rank());
  Field2D<double> a{from[me], 0, unset}, b{to[me], 0, unset};
  for_each(from[me], [&](int i, int j) { a.view()(i, j) = tag(i, j); });
  Exchange<double> move{comm, make_plan(from, to, comm.rank())};
  move.start(a.view());
  move.finish(b.view());
  bool correct = true;
  for_each(to[me], [&](int i, int j) { correct = correct && b.view()(i, j) == tag(i, j); });
  CHECK(comm.all(correct));
}

TEST_CASE("a plan may leave ranks without cells", "[mpi][plan]") {
  const mpi::Comm& comm = test::world();
  const Box domain{0, 0, 9, 8};
  const Partition from = partition(domain, comm.size());
  std::vector<Box> to(from.size());
  to[0] = domain;  // all to rank 0
  const auto me = static_cast<std::size_t>(comm.rank());
  Field2D<double> a{from[me], 0, unset}, b{to[me], 0, unset};
  for_each(from[me], [&](int i, int j) { a.view()(i, j) = tag(i, j); });
  Exchange<double> gather{comm, make_plan(from, to, comm.rank())};
  gather.start(a.view());
  gather.finish(b.view());
  bool correct = true;
  for_each(to[me], [&](int i, int j) { correct = correct && b.view()(i, j) == tag(i, j); });
  CHECK(comm.all(correct));
}

TEST_CASE("what may change between start and finish does not travel", "[mpi][halo]") {
  const mpi::Comm& comm = test::world();
  const Partition parts = partition({0, 0, 12, 14}, comm.size());
  const Box owned = parts[static_cast<std::size_t>(comm.rank())];
  Field2D<double> u{owned, 1, unset};
  for_each(owned, [&](int i, int j) { u.view()(i, j) = tag(i, j); });
  Exchange<double> halo{comm, make_halo_plan(parts, 1, comm.rank())};
  halo.start(u.view());
  for_each(owned, [&](int i, int j) { u.view()(i, j) = -1.0; });
  halo.finish(u.view());
  bool correct = true;
  for_each(intersection(u.view().box, {0, 0, 12, 14}), [&](int i, int j) {
    if (!owned.contains(i, j)) correct = correct && u.view()(i, j) == tag(i, j);
  });
  CHECK(comm.all(correct));
}
