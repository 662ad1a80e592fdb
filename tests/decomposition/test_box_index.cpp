// SPDX-License-Identifier: BSD-3-Clause
// Everything that finds ranks by an index, against a look at all of them.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>
#include "tests/support/catch.hpp"

#include "decomposition/box_index.hpp"
#include "decomposition/copy_plan.hpp"
#include "decomposition/gather.hpp"
#include "decomposition/partition.hpp"

using namespace calor;

namespace {

using Boxes = std::vector<Box>;
using Random = std::mt19937_64;

int pick(Random& random, int lo, int hi) { return std::uniform_int_distribution<int>{lo, hi}(random); }

/// The domain cut in two again and again, anywhere; fewer boxes where no cut is left.
Boxes bisected(const Box& domain, int ranks, Random& random) {
  Boxes boxes{domain};
  for (int tries = 0; static_cast<int>(boxes.size()) < ranks && tries < 20 * ranks; ++tries) {
    Box& b = boxes[static_cast<std::size_t>(pick(random, 0, static_cast<int>(boxes.size()) - 1))];
    Box other = b;
    if (b.nx() > 1 && (b.ny() == 1 || pick(random, 0, 1) == 0))
      b.i1 = other.i0 = pick(random, b.i0 + 1, b.i1 - 1);
    else if (b.ny() > 1)
      b.j1 = other.j0 = pick(random, b.j0 + 1, b.j1 - 1);
    else
      continue;
    boxes.push_back(other);
  }
  return boxes;
}

/// Some boxes taken out, some with a place and some without.
void empty_some(Boxes& boxes, Random& random) {
  for (Box& b : boxes)
    if (const int how = pick(random, 0, 9); how == 0)
      b = Box{};
    else if (how == 1)
      b.i1 = b.i0;
}

Boxes make_boxes(const std::string& kind, const Box& domain, int ranks, Random& random) {
  Boxes boxes;
  if (kind == "bands")
    boxes = partition(domain, ranks);
  else if (kind == "spread")
    boxes = spread(domain, (ranks + 2) / 3, ranks);
  else
    boxes = bisected(domain, ranks, random);
  if (kind == "shuffled" || kind == "holes") std::shuffle(boxes.begin(), boxes.end(), random);
  if (kind == "holes") empty_some(boxes, random);
  return boxes;
}
const char* const kinds[] = {"bands", "spread", "bisected", "shuffled", "holes"};

/// As copy_plan.hpp says, rank by rank and image by image; every image that can matter, and many more.
CopyPlan plain_plan(const Boxes& have, const Boxes& want, int me, Period period) {
  CopyPlan plan;
  const auto list = [&](const Box& from, const Box& to, std::size_t peer, std::vector<Transfer>& transfers) {
    constexpr int images = 6;
    for (int n = period.ny == 0 ? 0 : -images; n <= (period.ny == 0 ? 0 : images); ++n)
      for (int m = period.nx == 0 ? 0 : -images; m <= (period.nx == 0 ? 0 : images); ++m) {
        const int di = m * period.nx, dj = n * period.ny;
        const Box cells{std::max(from.i0, to.i0 - di), std::max(from.j0, to.j0 - dj),
                        std::min(from.i1, to.i1 - di), std::min(from.j1, to.j1 - dj)};
        if (cells.i0 < cells.i1 && cells.j0 < cells.j1)
          transfers.push_back({static_cast<int>(peer), cells, di, dj});
      }
  };
  for (std::size_t r = 0; r < want.size(); ++r)
    list(have[static_cast<std::size_t>(me)], want[r], r, plan.sends);
  for (std::size_t r = 0; r < have.size(); ++r)
    list(have[r], want[static_cast<std::size_t>(me)], r, plan.recvs);
  return plan;
}

CopyPlan plain_halo(const Boxes& parts, int depth, int me, Period period) {
  Boxes want = parts;
  for (Box& b : want) b = {b.i0 - depth, b.j0 - depth, b.i1 + depth, b.j1 + depth};
  CopyPlan plan = plain_plan(parts, want, me, period);
  for (std::vector<Transfer>* list : {&plan.sends, &plan.recvs})
    list->erase(std::remove_if(list->begin(), list->end(),
                               [me](const Transfer& t) { return t.peer == me && t.di == 0 && t.dj == 0; }),
                list->end());
  return plan;
}

bool same(const std::vector<Transfer>& a, const std::vector<Transfer>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Transfer& x, const Transfer& y) {
    return x.peer == y.peer && x.cells == y.cells && x.di == y.di && x.dj == y.dj;
  });
}
bool same(const CopyPlan& a, const CopyPlan& b) { return same(a.sends, b.sends) && same(a.recvs, b.recvs); }

const int counts[] = {1, 2, 3, 15, 16, 17, 64, 256, 257, 1000, 4096};

/// The best of all numbers of bands, each laid out.
Partition plain_partition(const Box& domain, int ranks) {
  Partition best;
  double least = 1e300;
  for (int bands = std::min(ranks, domain.ny()); bands >= 1; --bands) {
    if ((ranks + bands - 1) / bands > domain.nx()) continue;
    // Blocks of each band, its rows in proportion, each of one cell at least; then equal columns.
    Partition parts;
    std::int64_t before = 0;
    int row = 0;
    for (int b = 0; b < bands; ++b) {
      const auto blocks =
          static_cast<int>(std::int64_t{ranks} * (b + 1) / bands - std::int64_t{ranks} * b / bands);
      before += blocks;
      const auto ideal =
          static_cast<int>((2 * std::int64_t{domain.ny()} * before + ranks) / (2 * std::int64_t{ranks}));
      const int next = std::clamp(ideal, row + 1, domain.ny() - (bands - 1 - b));
      int column = 0;
      for (int c = 0; c < blocks; ++c) {
        const auto at =
            static_cast<int>((2 * std::int64_t{domain.nx()} * (c + 1) + blocks) / (2 * std::int64_t{blocks}));
        const int end = std::clamp(at, column + 1, domain.nx() - (blocks - 1 - c));
        parts.push_back({domain.i0 + column, domain.j0 + row, domain.i0 + end, domain.j0 + next});
        column = end;
      }
      row = next;
    }
    double worst = 0.0;
    for (const Box& p : parts)
      worst = std::max(worst, static_cast<double>(p.cells()) + 8.0 * (p.nx() + p.ny()));
    if (worst < least) {
      least = worst;
      best = parts;
    }
  }
  return best;
}

}  // namespace

TEST_CASE("an index finds the boxes of a place, each once, in their order", "[box_index]") {
  Random random{1};
  for (const char* kind : kinds)
    for (const int ranks : counts) {
      CAPTURE(kind, ranks);
      const Boxes boxes = make_boxes(kind, {3, -5, 203, 95}, ranks, random);
      const BoxIndex index{boxes};
      REQUIRE(index.size() == boxes.size());
      bool right = true;
      for (int n = 0; n < 200; ++n) {
        const int i = pick(random, -5, 210), j = pick(random, -9, 99);
        const Box region{i, j, i + pick(random, 0, n), j + pick(random, 0, n)};
        std::vector<std::size_t> all, found;
        for (std::size_t r = 0; r < boxes.size(); ++r)
          if (!intersection(boxes[r], region).empty()) all.push_back(r);
        const bool ended = index.any_touching(region, [&](std::size_t r) {
          found.push_back(r);
          return false;
        });
        right = right && !ended && found == all;
        // And stops where it is told to.
        std::size_t first = boxes.size();
        const bool stopped = index.any_touching(region, [&](std::size_t r) {
          first = r;
          return true;
        });
        right = right && stopped == !all.empty() && first == (all.empty() ? boxes.size() : all.front());
      }
      CHECK(right);
    }
  CHECK_FALSE(BoxIndex{}.any_touching({0, 0, 9, 9}, [](std::size_t) { return true; }));
  CHECK_FALSE(BoxIndex{Boxes{}}.any_touching({0, 0, 9, 9}, [](std::size_t) { return true; }));
  CHECK_FALSE(BoxIndex{Boxes(40)}.any_touching({0, 0, 9, 9}, [](std::size_t) { return true; }));
}

TEST_CASE("plans from an index are those of a look at all ranks, in the same order", "[box_index][plan]") {
  Random random{2};
  const Box domain{0, 0, 130, 90};
  for (const char* kind : kinds)
    for (const int ranks : counts)
      for (const Period period : {Period{}, Period{130, 0}, Period{0, 90}, Period{130, 90}}) {
        const Boxes have = make_boxes(kind, domain, ranks, random);
        Boxes want = have;
        std::rotate(want.begin(), want.begin() + static_cast<std::ptrdiff_t>(want.size() / 3), want.end());
        for (Box& b : want)
          if (!b.empty() || pick(random, 0, 1) == 0) b = b.grown(pick(random, 0, 3));
        const BoxIndex index{have};
        for (int n = 0; n < 6; ++n) {
          const int me = pick(random, 0, static_cast<int>(have.size()) - 1);
          CAPTURE(kind, ranks, period.nx, period.ny, me);
          REQUIRE(same(make_plan(have, want, me, period), plain_plan(have, want, me, period)));
          for (const int depth : {0, 1, 4, ranks > 300 ? 20 : 200}) {
            CAPTURE(depth);
            const CopyPlan plain = plain_halo(have, depth, me, period);
            REQUIRE(same(make_halo_plan(index, depth, me, period), plain));
            REQUIRE(same(make_halo_plan(have, depth, me, period), plain));
          }
        }
      }
}

TEST_CASE("the owner of a cell is found whatever the guess, by many threads at once", "[box_index][gather]") {
  Random random{3};
  constexpr int width = 150, height = 80;
  for (const char* kind : kinds)
    for (const int ranks : counts) {
      CAPTURE(kind, ranks);
      const Boxes boxes = make_boxes(kind, {0, 0, width, height}, ranks, random);
      std::vector<int> owner(std::size_t{width} * height, static_cast<int>(boxes.size()));
      for (std::size_t r = 0; r < boxes.size(); ++r)
        for (int j = boxes[r].j0; j < boxes[r].j1; ++j)
          for (int i = boxes[r].i0; i < boxes[r].i1; ++i)
            owner[static_cast<std::size_t>(j * width + i)] = static_cast<int>(r);
      const CellOwners owners{boxes, width};
      std::atomic<int> wrong{0};
      std::vector<std::thread> threads;
      for (int t = 0; t < 3; ++t)
        threads.emplace_back([&, t] {
          int guess = t;
          for (int n = 0; n < width * height; ++n) {
            const int cell = t == 0 ? n : static_cast<int>((std::int64_t{n} * (7919 * t)) % (width * height));
            guess = owners(cell, guess);
            if (guess != owner[static_cast<std::size_t>(cell)]) ++wrong;
            if (owners(cell) != owner[static_cast<std::size_t>(cell)]) ++wrong;
          }
        });
      for (std::thread& t : threads) t.join();
      CHECK(wrong == 0);
    }
}

TEST_CASE("the blocks are the best of all numbers of bands", "[box_index][partition]") {
  for (const Box domain : {Box{0, 0, 100, 100}, Box{2, 3, 502, 74}, Box{0, 0, 61, 997}, Box{0, 0, 7, 40},
                           Box{0, 0, 1, 300}, Box{0, 0, 300, 1}, Box{0, 0, 40000, 30000}, Box{0, 0, 64, 64}})
    for (int ranks = 1; ranks <= std::min<std::int64_t>(1500, most_ranks(domain)); ranks += ranks < 140 ? 1
                                                                                            : ranks < 300
                                                                                                ? 13
                                                                                                : 211) {
      CAPTURE(domain.nx(), domain.ny(), ranks);
      REQUIRE(partition(domain, ranks) == plain_partition(domain, ranks));
    }
}
