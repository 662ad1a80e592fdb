// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/copy_plan.hpp"
#include "decomposition/field.hpp"
#include "decomposition/partition.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

namespace {

void check_cover(const Box& domain, const Partition& parts) {
  std::int64_t total = 0;
  for (std::size_t a = 0; a < parts.size(); ++a) {
    CHECK_FALSE(parts[a].empty());
    CHECK(domain.contains(parts[a]));
    total += parts[a].cells();
    for (std::size_t b = 0; b < a; ++b) CHECK(intersection(parts[a], parts[b]).empty());
  }
  CHECK(total == domain.cells());
}

}  // namespace

TEST_CASE("any number of ranks gets disjoint blocks that fill the domain", "[partition]") {
  for (const Box domain :
       {Box{0, 0, 19, 29}, Box{0, 0, 1, 40}, Box{0, 0, 40, 1}, Box{0, 0, 3, 3}, Box{5, -2, 12, 9}})
    for (int ranks = 1; ranks <= std::min<std::int64_t>(40, most_ranks(domain)); ++ranks) {
      CAPTURE(domain.nx(), domain.ny(), ranks);
      const Partition parts = partition(domain, ranks);
      REQUIRE(static_cast<int>(parts.size()) == ranks);
      check_cover(domain, parts);
    }
}

TEST_CASE("every cell a rank of its own is the most", "[partition]") {
  const Box domain{0, 0, 5, 4};
  CHECK(most_ranks(domain) == 20);
  check_cover(domain, partition(domain, 20));
}

TEST_CASE("blocks are nearly equal and nearly square, also for primes", "[partition]") {
  const Box domain{0, 0, 1000, 1000};
  for (const int ranks : {2, 3, 4, 5, 6, 7, 12, 13, 36, 97, 128}) {
    CAPTURE(ranks);
    const Partition parts = partition(domain, ranks);
    CHECK(imbalance(parts) < 1.05);
    if (ranks < 4) continue;
    double longest = 0.0;
    for (const Box& b : parts)
      longest = std::max(longest, static_cast<double>(std::max(b.nx(), b.ny())) / std::min(b.nx(), b.ny()));
    CHECK(longest < 2.6);
  }
}

TEST_CASE("a given shape is taken", "[partition]") {
  const Partition parts = partition({0, 0, 10, 9}, 3, 2);
  check_cover({0, 0, 10, 9}, parts);
  CHECK(parts[0] == Box{0, 0, 3, 5});
  CHECK(parts[5] == Box{7, 5, 10, 9});
}

TEST_CASE("blocks are balanced by what their cells cost", "[partition]") {
  // Dear in a disc off the middle, cheap around it.
  const Box domain{3, -5, 403, 295};
  CellCosts costs{100, 75, {}};
  const auto cost = [](double x, double y) {
    return (x - 0.3) * (x - 0.3) + (y - 0.6) * (y - 0.6) < 0.0625 ? 1.0 : 0.05;
  };
  for (int b = 0; b < costs.my; ++b)
    for (int a = 0; a < costs.mx; ++a) costs.cost.push_back(cost((a + 0.5) / costs.mx, (b + 0.5) / costs.my));
  for (const int ranks : {2, 3, 4, 7, 12, 36}) {
    CAPTURE(ranks);
    const Partition even = partition(domain, ranks), parts = balanced(domain, even, costs);
    REQUIRE(static_cast<int>(parts.size()) == ranks);
    check_cover(domain, parts);
    // By adding up cells.
    double dearest = 0.0, all = 0.0;
    for (const Box& box : parts) {
      double sum = 0.0;
      for_each(box, [&](int i, int j) {
        sum += cost((i - domain.i0 + 0.5) / domain.nx(), (j - domain.j0 + 0.5) / domain.ny());
      });
      dearest = std::max(dearest, sum);
      all += sum;
    }
    CHECK(dearest * ranks / all < 1.12);
    CHECK(imbalance(domain, parts, costs) == Approx(dearest * ranks / all).epsilon(0.05));
    if (ranks < 12) CHECK(imbalance(domain, even, costs) > 1.2);
  }
  // Where all cost the same, all stay where they were; where all is in one corner, none is empty.
  const CellCosts same{1, 1, {3.0}};
  for (const int ranks : {2, 5, 12})
    CHECK(imbalance(balanced(domain, partition(domain, ranks), same)) <=
          imbalance(partition(domain, ranks)) + 0.02);
  CellCosts corner{400, 300, std::vector<double>(120000, 0.0)};
  corner.cost[0] = 1.0;
  for (const int ranks : {2, 7, 36}) check_cover(domain, balanced(domain, partition(domain, ranks), corner));
  check_cover({0, 0, 3, 3},
              balanced({0, 0, 3, 3}, partition({0, 0, 3, 3}, 9), {3, 3, {1, 0, 0, 0, 0, 0, 0, 0, 1}}));
}

TEST_CASE("both sides of a plan list the same transfers in the same order", "[plan]") {
  const Box domain{0, 0, 11, 7};
  for (const int ranks : {1, 2, 3, 5, 7})
    for (const Period period : {Period{}, Period{11, 0}, Period{11, 7}})
      for (const int depth : {1, 2, 9, 25}) {
        CAPTURE(ranks, period.nx, period.ny, depth);
        const Partition parts = partition(domain, ranks);
        std::vector<CopyPlan> plans;
        for (int r = 0; r < ranks; ++r) plans.push_back(make_halo_plan(parts, depth, r, period));
        for (int from = 0; from < ranks; ++from)
          for (int to = 0; to < ranks; ++to) {
            std::vector<Transfer> sent, received;
            for (const Transfer& t : plans[from].sends)
              if (t.peer == to) sent.push_back(t);
            for (const Transfer& t : plans[to].recvs)
              if (t.peer == from) received.push_back(t);
            REQUIRE(sent.size() == received.size());
            for (std::size_t n = 0; n < sent.size(); ++n) {
              CHECK(sent[n].cells == received[n].cells);
              CHECK(sent[n].di == received[n].di);
              CHECK(sent[n].dj == received[n].dj);
            }
          }
      }
}
