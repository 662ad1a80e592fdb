// SPDX-License-Identifier: BSD-3-Clause
#include <array>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <vector>
#include "tests/support/catch.hpp"

#include "solver/model/budget.hpp"
#include "tests/support/world.hpp"

using namespace calor;

namespace {

bool same(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

bool same(const Budget::Report& a, const Budget::Report& b) {
  bool equal = same(a.initial, b.initial) && same(a.content, b.content) && same(a.source, b.source);
  for (std::size_t s = 0; s < 4; ++s) {
    equal = equal && same(a.sides[s], b.sides[s]) && a.pieces[s].size() == b.pieces[s].size();
    for (std::size_t p = 0; equal && p < a.pieces[s].size(); ++p)
      equal = same(a.pieces[s][p], b.pieces[s][p]);
  }
  return equal;
}

/// Two pieces on the left, none on the right, one below, three above.
Walls::Pieces pieces() { return {{{{}, {}}, {}, {{}}, {{}, {}, {}}}}; }

/// Heat of all kinds, other amounts on every rank. Amounts are no short binary fractions: what is carried
/// twice, or rounded on the way, shows.
void book(Budget& b, int rank, int round) {
  const double share = 0.1 + 0.7 * rank + 0.03 * round;
  const double faces[] = {share, -3.0 * share, 1e-9 * share};
  b.book_wall(Side::left, 0, faces, 3);
  b.book_wall(Side::left, 1, faces, 2);
  b.book_wall(Side::bottom, 0, faces, 1);
  ExactSum many;
  many.add_equal(share, 1000 + rank);
  b.book_wall(Side::top, 2, many);
  b.book_source(many);
  b.book_plate(many);
  b.book_source(0.3 + round);  // equal on every rank: counts once
}

}  // namespace

TEST_CASE("a ledger adds up what all ranks book, and the common source once", "[mpi][budget]") {
  const mpi::Comm& comm = test::world();
  Budget b{pieces()};
  b.start(5.0);
  book(b, comm.rank(), 0);
  double shares = 0.0, many = 0.0;
  for (int r = 0; r < comm.size(); ++r) {
    const double share = 0.1 + 0.7 * r;
    shares += share;
    many += share * (1000 + r);
  }
  const Budget::Report report = b.report(comm, 9.0, 9.0);
  bool right = report.initial == 5.0 && report.content == 9.0;
  right = right && report.pieces[Side::left].size() == 2 && report.pieces[Side::right].empty() &&
          report.pieces[Side::top].size() == 3;
  CHECK(comm.all(right));
  const auto is = [&](double got, double expected) {
    CHECK(comm.all(got == Approx(expected).epsilon(1e-13).margin(1e-13)));
  };
  is(report.pieces[Side::left][0], (-2.0 + 1e-9) * shares);
  is(report.pieces[Side::left][1], -2.0 * shares);
  is(report.sides[Side::left], (-4.0 + 1e-9) * shares);
  is(report.sides[Side::right], 0.0);
  is(report.sides[Side::bottom], shares);
  is(report.pieces[Side::top][0], 0.0);
  is(report.sides[Side::top], many);
  is(report.source, many + 0.3);
  is(report.plate, many);
  is(report.residual(), 4.0 - (-3.0 + 1e-9) * shares - 3.0 * many - 0.3);
}

TEST_CASE("a ledger that was restored goes on as if nothing had been, on any ranks", "[mpi][budget]") {
  const mpi::Comm& comm = test::world();
  const mpi::Comm self = comm.split(comm.rank());
  Budget whole{pieces()};
  whole.start(0.1);
  for (int round = 0; round < 3; ++round) book(whole, comm.rank(), round);
  const std::vector<std::int64_t> state = whole.state(comm);
  CHECK(comm.all(state.size() == 8 * std::tuple_size_v<ExactSum::State>));

  Budget restored{pieces()}, used{pieces()}, alone{pieces()};
  used.start(7.0);
  book(used, comm.rank(), 5);  // what it held is forgotten
  restored.restore(comm, 0.1, state);
  used.restore(comm, 0.1, state);
  alone.restore(self, 0.1, state);  // one rank carries on what several had booked
  const Budget::Report before = whole.report(comm, 3.0, 3.0);
  CHECK(comm.all(same(before, restored.report(comm, 3.0, 3.0))));
  CHECK(comm.all(same(before, used.report(comm, 3.0, 3.0))));
  CHECK(comm.all(same(before, alone.report(self, 3.0, 3.0))));
  CHECK(comm.all(restored.initial() == 0.1));
  CHECK(comm.all(restored.state(comm) == state));
  CHECK(comm.all(alone.state(self) == state));

  for (int round = 3; round < 6; ++round) {
    book(whole, comm.rank(), round);
    book(restored, comm.rank(), round);
    const Budget::Report now = whole.report(comm, 3.0, 3.0);
    REQUIRE(comm.all(same(now, restored.report(comm, 3.0, 3.0))));
    REQUIRE(comm.all(!same(now, before)));
  }
  // And a second time, from what a restored ledger says of itself.
  Budget again{pieces()};
  again.restore(comm, 0.1, restored.state(comm));
  CHECK(comm.all(same(whole.report(comm, 3.0, 3.0), again.report(comm, 3.0, 3.0))));
}

TEST_CASE("a ledger keeps that an amount was not a number, over a restart too", "[mpi][budget]") {
  const mpi::Comm& comm = test::world();
  Budget b{pieces()};
  const double bad = 1e300 * (comm.rank() == comm.size() - 1 ? 1.0 : 0.0);
  b.book_wall(Side::top, 1, &bad, 1);
  Budget restored{pieces()};
  restored.restore(comm, 0.0, b.state(comm));
  const Budget::Report report = restored.report(comm, 1.0, 1.0);
  CHECK(comm.all(report.sides[Side::top] != report.sides[Side::top] && report.sides[Side::left] == 0.0));
}
