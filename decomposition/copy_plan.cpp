// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/copy_plan.hpp"

#include <cstddef>

namespace calor {

namespace {

int floor_divide(int a, int b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

/// Calls f(transfer) for every piece of `have` (owner's numbers) that falls into `want`, image by image.
template <class F>
void for_each_piece(const Box& have, const Box& want, Period period, F&& f) {
  if (have.empty() || want.empty()) return;
  // Shifts by n periods for which have.shifted(n * period) can touch want.
  const auto first = [](int lo_want, int hi_have, int p) {
    return p == 0 ? 0 : floor_divide(lo_want - hi_have, p) + 1;
  };
  const auto last = [](int hi_want, int lo_have, int p) {
    return p == 0 ? 0 : floor_divide(hi_want - 1 - lo_have, p);
  };
  for (int n = first(want.j0, have.j1, period.ny); n <= last(want.j1, have.j0, period.ny); ++n)
    for (int m = first(want.i0, have.i1, period.nx); m <= last(want.i1, have.i0, period.nx); ++m) {
      const int di = m * period.nx, dj = n * period.ny;
      const Box cells = intersection(have, want.shifted(-di, -dj));
      if (!cells.empty()) f(Transfer{0, cells, di, dj});
    }
}

}  // namespace

CopyPlan make_plan(const std::vector<Box>& have, const std::vector<Box>& want, int me, Period period) {
  CopyPlan plan;
  const auto own = static_cast<std::size_t>(me);
  const auto list = [](std::vector<Transfer>& to, std::size_t peer) {
    return [&to, peer](Transfer t) {
      t.peer = static_cast<int>(peer);
      to.push_back(t);
    };
  };
  for (std::size_t r = 0; r < want.size(); ++r)
    for_each_piece(have[own], want[r], period, list(plan.sends, r));
  for (std::size_t r = 0; r < have.size(); ++r)
    for_each_piece(have[r], want[own], period, list(plan.recvs, r));
  return plan;
}

CopyPlan make_halo_plan(const Partition& parts, int depth, int me, Period period) {
  CopyPlan plan = make_plan(parts, grown(parts, depth), me, period);
  const auto in_place = [me](const Transfer& t) { return t.peer == me && t.di == 0 && t.dj == 0; };
  std::erase_if(plan.sends, in_place);
  std::erase_if(plan.recvs, in_place);
  return plan;
}

}  // namespace calor
