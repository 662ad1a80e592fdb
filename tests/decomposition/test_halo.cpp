// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <limits>
#include <vector>

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

namespace {

/// What may be worked on while the cells of `written` arrive, found cell by cell: `owned` less the outermost
/// line on every side of which some cell has a direct neighbour among them.
Box untouched(const Box& owned, const std::vector<Box>& written) {
  const auto arrives = [&](int i, int j) {
    return std::any_of(written.begin(), written.end(), [&](const Box& b) { return b.contains(i, j); });
  };
  Box inner = owned;
  for (int j = owned.j0; j < owned.j1; ++j) {
    if (arrives(owned.i0 - 1, j)) inner.i0 = owned.i0 + 1;
    if (arrives(owned.i1, j)) inner.i1 = owned.i1 - 1;
  }
  for (int i = owned.i0; i < owned.i1; ++i) {
    if (arrives(i, owned.j0 - 1)) inner.j0 = owned.j0 + 1;
    if (arrives(i, owned.j1)) inner.j1 = owned.j1 - 1;
  }
  return inner.empty() ? Box{} : inner;
}

/// An exchange of these receives; all of them from this rank itself, so that no message is made.
Exchange<double> receiving(const mpi::Comm& self, std::vector<Transfer> recvs) {
  for (Transfer& t : recvs) t.peer = 0;
  return Exchange<double>{self, {recvs, recvs}};
}

}  // namespace

TEST_CASE("what is worked on meanwhile is all that reads nothing that arrives", "[halo]") {
  const mpi::Comm self = test::world().split(test::world().rank());
  const Box domain{0, 0, 13, 11};
  for (const int ranks : {1, 2, 3, 5, 7, 12, 143})
    for (const Period period : {Period{}, Period{13, 0}, Period{0, 11}, Period{13, 11}})
      for (const int depth : {1, 2, 5, 20}) {
        const Partition parts = partition(domain, ranks);
        for (int r = 0; r < ranks; ++r) {
          CAPTURE(ranks, period.nx, period.ny, depth, r);
          const Box owned = parts[static_cast<std::size_t>(r)];
          const CopyPlan plan = make_halo_plan(parts, depth, r, period);
          std::vector<Box> written;
          for (const Transfer& t : plan.recvs) written.push_back(t.cells.shifted(t.di, t.dj));
          const Box inner = receiving(self, plan.recvs).independent_part(owned);
          REQUIRE(inner == untouched(owned, written));
          bool reads_none = true;
          for_each(inner, [&](int i, int j) {
            for (const Box& b : written)
              reads_none = reads_none && !b.contains(i - 1, j) && !b.contains(i + 1, j) &&
                           !b.contains(i, j - 1) && !b.contains(i, j + 1);
          });
          REQUIRE(reads_none);
        }
      }
}

TEST_CASE("each side by itself holds up the work along it, and a corner none", "[halo]") {
  const mpi::Comm self = test::world().split(test::world().rank());
  const Box owned{4, 5, 10, 9};
  const auto inner = [&](const Box& cells, int di = 0, int dj = 0) {
    return receiving(self, {{0, cells.shifted(-di, -dj), di, dj}}).independent_part(owned);
  };
  CHECK(receiving(self, {}).independent_part(owned) == owned);
  CHECK(inner({3, 5, 4, 9}) == Box{5, 5, 10, 9});
  CHECK(inner({10, 5, 11, 9}) == Box{4, 5, 9, 9});
  CHECK(inner({4, 4, 10, 5}) == Box{4, 6, 10, 9});
  CHECK(inner({4, 9, 10, 10}) == Box{4, 5, 10, 8});
  for (const Box side : {Box{3, 8, 4, 12}, Box{1, 2, 4, 6}})  // one row beside it will do
    CHECK(inner(side) == Box{5, 5, 10, 9});
  for (const Box corner : {Box{3, 4, 4, 5}, Box{10, 4, 11, 5}, Box{3, 9, 4, 10}, Box{10, 9, 11, 10},
                           Box{2, 9, 4, 12}, Box{10, 2, 12, 5}})
    CHECK(inner(corner) == owned);
  CHECK(inner({2, 5, 3, 9}) == owned);                     // a column further out
  CHECK(inner({3, 5, 4, 9}, 20, -7) == Box{5, 5, 10, 9});  // where it is stored counts, not whence it comes
  const Box row{4, 5, 5, 6};
  CHECK(receiving(self, {{0, {3, 5, 4, 6}, 0, 0}, {0, {5, 5, 6, 6}, 0, 0}}).independent_part(row) == Box{});
}
