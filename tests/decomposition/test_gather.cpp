// SPDX-License-Identifier: BSD-3-Clause
#include <cstdint>
#include <vector>

#include "decomposition/gather.hpp"
#include "decomposition/partition.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;

namespace {

double number_of(CellNumber cell) { return 0.5 * static_cast<double>(cell) + 3.0; }

std::vector<CellNumber> cells_of(const Box& b, int width) {
  std::vector<CellNumber> cells;
  for (int j = b.j0; j < b.j1; ++j)
    for (int i = b.i0; i < b.i1; ++i) cells.push_back(CellNumber{j} * width + i);
  return cells;
}

}  // namespace

TEST_CASE("what is traded arrives where it belongs", "[mpi][gather]") {
  const mpi::Comm& comm = test::world();
  const auto ranks = static_cast<std::size_t>(comm.size()), me = static_cast<std::size_t>(comm.rank());
  // From rank a to rank b: a + 2 b numbers, none from a rank to the one after it.
  const auto count = [&](std::size_t from, std::size_t to) { return to == from + 1 ? 0 : from + 2 * to; };
  std::vector<std::vector<std::int64_t>> whole(ranks);
  std::vector<std::vector<double>> real(ranks);
  for (std::size_t r = 0; r < ranks; ++r) {
    whole[r].assign(count(me, r), static_cast<std::int64_t>(100 * me + r));
    real[r].assign(count(me, r), 0.25 * static_cast<double>(100 * me + r));
  }
  const auto got_whole = trade(comm, whole);
  const auto got_real = trade(comm, real);
  bool right = got_whole.size() == ranks && got_real.size() == ranks;
  for (std::size_t r = 0; right && r < ranks; ++r)
    right =
        got_whole[r] == std::vector<std::int64_t>(count(r, me), static_cast<std::int64_t>(100 * r + me)) &&
        got_real[r] == std::vector<double>(count(r, me), 0.25 * static_cast<double>(100 * r + me));
  CHECK(comm.all(right));
}

TEST_CASE("numbers of chosen cells come from their owners, again and again", "[mpi][gather]") {
  const mpi::Comm& comm = test::world();
  constexpr int width = 13, height = 9;
  const Box domain{0, 0, width, height};
  const bool on_fewer = GENERATE(false, true);
  CAPTURE(on_fewer);
  const std::vector<Box> boxes =
      on_fewer ? spread(domain, (comm.size() + 1) / 2, comm.size()) : partition(domain, comm.size());
  const CellOwners owners{boxes, width};
  const std::vector<CellNumber> own = cells_of(boxes[static_cast<std::size_t>(comm.rank())], width);
  bool mine = true;
  for (const CellNumber cell : own) mine = mine && owners(cell) == comm.rank();
  CHECK(comm.all(mine));

  std::vector<CellNumber> wanted;  // every rank other ones, rank 0 all
  for (CellNumber cell = 0; cell < width * height; ++cell)
    if (comm.rank() == 0 || cell % (comm.rank() + 1) == 0) wanted.push_back(cell);
  Gather apart{comm, own, wanted, owners, false};
  std::vector<CellNumber> around = own;
  around.insert(around.end(), wanted.begin(), wanted.end());
  sort_unique(around);
  Gather in_place{comm, around, around, owners, true};
  for (const double time : {1.0, 2.0}) {
    std::vector<double> from, to(wanted.size(), -1.0), both(around.size(), -1.0);
    for (const CellNumber cell : own) from.push_back(time * number_of(cell));
    apart(from, to);
    bool right = true;
    for (std::size_t n = 0; n < wanted.size(); ++n) right = right && to[n] == time * number_of(wanted[n]);
    const std::vector<std::int32_t> places = places_in(own, around);
    for (std::size_t n = 0; n < own.size(); ++n) both[static_cast<std::size_t>(places[n])] = from[n];
    in_place(both, both);
    for (std::size_t n = 0; n < around.size(); ++n) right = right && both[n] == time * number_of(around[n]);
    CHECK(comm.all(right));
  }
}

TEST_CASE("places are found wherever the next one is", "[gather]") {
  std::vector<CellNumber> all;
  for (CellNumber n = 0; n < 300; ++n) all.push_back(n * n);
  const std::vector<CellNumber> few{0, 1, 4, 25, 36, 100 * 100, 101 * 101, 299 * 299};
  CHECK(places_in(few, all) == std::vector<std::int32_t>{0, 1, 2, 5, 6, 100, 101, 299});
  CHECK(places_in({}, all).empty());
  CHECK(places_in(all, all).back() == 299);
}
