// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "decomposition/partition.hpp"
#include "decomposition/reduce.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;

namespace {

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// Numbers of very different size and sign; the same on every rank.
std::vector<double> numbers(unsigned seed, int count, int spread) {
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> mantissa{-1.0, 1.0};
  std::uniform_int_distribution<int> exponent{-spread, spread};
  std::vector<double> v;
  for (int n = 0; n < count; ++n) v.push_back(std::ldexp(mantissa(random), exponent(random)));
  return v;
}

double sum_in(const std::vector<double>& v) {
  ExactSum s;
  for (const double x : v) s.add(x);
  return s.value();
}

}  // namespace

TEST_CASE("the order and grouping of the terms do not show in the sum", "[reduce]") {
  const int spread = GENERATE(0, 3, 30, 300);
  std::vector<double> v = numbers(7, 5000, spread);
  // The large ones cancel, so that the sum is made of what the coarser bins leave over.
  const std::vector<double> large = v;
  for (const double x : large)
    if (std::abs(x) > std::ldexp(1.0, spread - 45)) v.push_back(-x);
  const double one_by_one = sum_in(v);
  ExactSum at_once;
  at_once.add(v.data(), static_cast<int>(v.size()));
  CHECK(same_bits(at_once.value(), one_by_one));
  std::mt19937_64 random{11};
  for (int round = 0; round < 20; ++round) {
    std::shuffle(v.begin(), v.end(), random);
    ExactSum parts[3];
    std::size_t from = 0;
    for (int p = 0; p < 3; ++p) {
      const std::size_t to = p == 2 ? v.size() : from + random() % (v.size() - from);
      parts[p].add(v.data() + from, static_cast<int>(to - from));
      from = to;
    }
    parts[2].add(parts[0]);
    parts[1].add(parts[2]);
    REQUIRE(same_bits(parts[1].value(), one_by_one));
  }
}

TEST_CASE("a sum comes out right that plain and compensated ones get wrong", "[reduce]") {
  // Whole numbers, small ones between large ones that cancel in the end; added up in integers.
  std::mt19937_64 random{3};
  std::uniform_int_distribution<std::int64_t> small{-99, 99},
      large{-(std::int64_t{1} << 58), std::int64_t{1} << 58};
  std::vector<double> v;
  for (int n = 0; n < 5000; ++n) {
    const auto x = static_cast<double>(large(random));
    v.insert(v.end(), {x, -x, static_cast<double>(small(random)), static_cast<double>(small(random))});
  }
  int plain_wrong = 0, compensated_wrong = 0;
  for (int round = 0; round < 10; ++round) {
    std::shuffle(v.begin(), v.end(), random);
    std::uint64_t total = 0;  // modulo 2^64, which the small end of it all survives
    double plain = 0.0, sum = 0.0, lost = 0.0;
    for (const double x : v) {
      total += static_cast<std::uint64_t>(static_cast<std::int64_t>(x));
      plain += x;
      const double term = x - lost, next = sum + term;  // Kahan (1965)
      lost = (next - sum) - term;
      sum = next;
    }
    const auto right = static_cast<double>(static_cast<std::int64_t>(total));
    REQUIRE(std::abs(right) < 1e6);
    plain_wrong += plain != right ? 1 : 0;
    compensated_wrong += sum != right ? 1 : 0;
    CHECK(same_bits(sum_in(v), right));
    ExactSum at_once;
    at_once.add(v.data(), static_cast<int>(v.size()));
    CHECK(same_bits(at_once.value(), right));
  }
  CHECK(plain_wrong == 10);  // else these numbers show nothing
  CHECK(compensated_wrong == 10);
}

TEST_CASE("sums that cancel come out exactly", "[reduce]") {
  CHECK(sum_in({1e10, 1.0, -1e10}) == 1.0);
  CHECK(sum_in({0.1, -0.1}) == 0.0);
  CHECK(sum_in({}) == 0.0);
  CHECK(sum_in({-0.0, 0.0}) == 0.0);
  CHECK(sum_in({0x1p-1000, 0x1p-1000}) == 0x1p-999);
  CHECK(sum_in(std::vector<double>(1000, 0.1)) == Approx(100.0).epsilon(1e-15));
}

TEST_CASE("what is not a number, or too large for the grid, is not hidden", "[reduce]") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {inf, -inf, nan, 1e300}) {
    const double s = sum_in({1.0, bad, 2.0});
    CHECK(s != s);
    ExactSum chunk;
    const double terms[] = {1.0, 2.0, bad, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0};
    chunk.add(terms, 9);
    CHECK(chunk.value() != chunk.value());
  }
}

TEST_CASE("what is not a number survives every merge", "[reduce]") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {inf, -inf, nan, 1e300})
    for (const double other : {0.0, 3.0, 1e-200, 1e200}) {
      CAPTURE(bad, other);
      ExactSum ill, sound, late;
      ill.add(bad);
      sound.add(other);
      late.add(other);
      sound.add(ill);
      CHECK(std::isnan(sound.value()));
      ill.add(late);
      CHECK(std::isnan(ill.value()));
      ill.add(-other);
      CHECK(std::isnan(ill.value()));
      CHECK(std::isnan(ExactSum::from(ill.state()).value()));
      ExactSum times;
      times.add(other);
      times.add_equal(bad, 3);
      CHECK(std::isnan(times.value()));
    }
}

TEST_CASE("equal terms can be added at once", "[reduce]") {
  for (const double term : {0.1, -3e200, 7e-30}) {
    ExactSum one_by_one, at_once;
    for (ExactSum* s : {&one_by_one, &at_once}) s->add(1.0 / 3.0);
    for (int n = 0; n < 1000; ++n) one_by_one.add(term);
    at_once.add_equal(term, 1000);
    at_once.add_equal(term, 0);
    CHECK(one_by_one.state() == at_once.state());
  }
}

TEST_CASE("sums over very many terms do not overflow", "[reduce]") {
  ExactSum s;
  s.add(3.0);
  s.add(0x1p-40);
  for (int n = 0; n < 60; ++n) s.add(s);  // as many terms as 2^60 of each
  CHECK(s.value() == std::ldexp(3.0 + 0x1p-40, 60));
  CHECK(same_bits(ExactSum::from(s.state()).value(), s.value()));
  ExactSum negative;
  negative.add(-3.0);
  for (int n = 0; n < 60; ++n) negative.add(negative);
  CHECK(ExactSum::from(negative.state()).value() == std::ldexp(-3.0, 60));
}

TEST_CASE("a sum survives being stored", "[reduce]") {
  ExactSum a;
  for (const double x : numbers(5, 100, 20)) a.add(x);
  CHECK(same_bits(ExactSum::from(a.state()).value(), a.value()));
}

TEST_CASE("every layout finds the same bits", "[mpi][reduce]") {
  const mpi::Comm& comm = test::world();
  const Box domain{0, 0, 61, 47};
  const auto f = [](int i, int j) { return std::sin(0.1 * i) * std::exp(0.3 * (j - 20)) - 1e-3 * i * j; };
  const double whole = exact_sum(domain, f).value();  // every rank by itself
  const Partition parts = partition(domain, comm.size());
  ExactSum sums[2] = {
      exact_sum(parts[static_cast<std::size_t>(comm.rank())], f),
      exact_sum(parts[static_cast<std::size_t>(comm.rank())], [&](int i, int j) { return 2.0 * f(i, j); })};
  reduce(comm, sums);
  CHECK(comm.all(same_bits(sums[0].value(), whole)));
  CHECK(comm.all(same_bits(sums[1].value(), 2.0 * whole)));
}

TEST_CASE("what is not a number on one rank is not a number on all", "[mpi][reduce]") {
  const mpi::Comm& comm = test::world();
  const Box domain{0, 0, 600, 40};  // enough for threads and for more than one stretch a row
  const Partition parts = partition(domain, comm.size());
  const Box owned = parts[static_cast<std::size_t>(comm.rank())];
  for (const auto& [x, y] : {std::pair{0, 0}, {599, 39}, {300, 17}, {1, 39}}) {
    const int bad_i = x, bad_j = y;
    CAPTURE(bad_i, bad_j);
    ExactSum sums[2] = {exact_sum(owned,
                                  [&](int i, int j) {
                                    return i == bad_i && j == bad_j ? std::numeric_limits<double>::quiet_NaN()
                                                                    : 1.0;
                                  }),
                        exact_sum(owned, [](int, int) { return 1.0; })};
    reduce(comm, sums);
    CHECK(comm.all(std::isnan(sums[0].value())));
    CHECK(comm.all(sums[1].value() == 24000.0));  // and the sums beside it are none the worse
  }
  // From every rank, also from one without cells.
  for (int rank = 0; rank < comm.size(); ++rank) {
    ExactSum sum;
    if (comm.rank() == rank) sum.add(std::numeric_limits<double>::infinity());
    reduce(comm, {&sum, 1});
    CHECK(comm.all(std::isnan(sum.value())));
  }
}
