// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/copy_plan.hpp"

#include <algorithm>
#include <cstddef>

namespace calor {

namespace {

int floor_divide(int a, int b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

struct Shifts {
  int first = 0, last = 0;
};
/// The n for which [a0, a1) + n p can touch [b0, b1); none but 0 where p = 0.
Shifts shifts(int a0, int a1, int b0, int b1, int p) {
  if (p == 0) return {};
  return {floor_divide(b0 - a1, p) + 1, floor_divide(b1 - 1 - a0, p)};
}

/// Calls f(di, dj) for every shift by periods for which have.shifted(di, dj) can touch want.
template <class F>
void for_each_shift(const Box& have, const Box& want, Period period, F&& f) {
  if (have.empty() || want.empty()) return;
  const Shifts in_y = shifts(have.j0, have.j1, want.j0, want.j1, period.ny),
               in_x = shifts(have.i0, have.i1, want.i0, want.i1, period.nx);
  for (int n = in_y.first; n <= in_y.last; ++n)
    for (int m = in_x.first; m <= in_x.last; ++m) f(m * period.nx, n * period.ny);
}

/// Adds a transfer for every piece of `have` (owner's numbers) that falls into `want`, image by image.
void list_pieces(const Box& have, const Box& want, Period period, std::size_t peer,
                 std::vector<Transfer>& to) {
  for_each_shift(have, want, period, [&](int di, int dj) {
    const Box cells = intersection(have, want.shifted(-di, -dj));
    if (!cells.empty()) to.push_back({static_cast<int>(peer), cells, di, dj});
  });
}

/// Ranks in the order of transfers, each once.
void sort_ranks(std::vector<std::size_t>& ranks) {
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
}

/// Which of `have` can have an image that touches `want`.
std::vector<std::size_t> owners_near(const BoxIndex& have, const Box& want, Period period) {
  std::vector<std::size_t> ranks;
  for_each_shift(have.hull(), want, period, [&](int di, int dj) {
    have.any_touching(want.shifted(-di, -dj), [&](std::size_t r) {
      ranks.push_back(r);
      return false;
    });
  });
  sort_ranks(ranks);
  return ranks;
}

/// Which of `want`, each grown by `more`, an image of `have` can touch.
std::vector<std::size_t> takers_near(const Box& have, const BoxIndex& want, int more, Period period) {
  std::vector<std::size_t> ranks;
  for_each_shift(have, want.hull().grown(more), period, [&](int di, int dj) {
    want.any_touching(have.shifted(di, dj).grown(more), [&](std::size_t r) {
      ranks.push_back(r);
      return false;
    });
  });
  // A box that holds nothing may hold something when it has grown.
  if (more > 0) ranks.insert(ranks.end(), want.empties().begin(), want.empties().end());
  sort_ranks(ranks);
  return ranks;
}

CopyPlan plan_of(const BoxIndex& have, const BoxIndex& want, int more, int me, Period period) {
  CopyPlan plan;
  const Box &mine = have[static_cast<std::size_t>(me)],
            wanted = want[static_cast<std::size_t>(me)].grown(more);
  for (const std::size_t r : takers_near(mine, want, more, period))
    list_pieces(mine, want[r].grown(more), period, r, plan.sends);
  for (const std::size_t r : owners_near(have, wanted, period))
    list_pieces(have[r], wanted, period, r, plan.recvs);
  return plan;
}

}  // namespace

CopyPlan make_plan(const BoxIndex& have, const BoxIndex& want, int me, Period period) {
  return plan_of(have, want, 0, me, period);
}

CopyPlan make_halo_plan(const BoxIndex& parts, int depth, int me, Period period) {
  CopyPlan plan = plan_of(parts, parts, depth, me, period);
  const auto in_place = [me](const Transfer& t) { return t.peer == me && t.di == 0 && t.dj == 0; };
  std::erase_if(plan.sends, in_place);
  std::erase_if(plan.recvs, in_place);
  return plan;
}

}  // namespace calor
