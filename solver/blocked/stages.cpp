// SPDX-License-Identifier: BSD-3-Clause
#include "solver/blocked/stages.hpp"

#include <omp.h>

#include <algorithm>
#include <utility>

#include "decomposition/error.hpp"
#include "decomposition/heed.hpp"
#include "solver/blocked/tile.hpp"
#include "solver/stencil/rows.hpp"

namespace calor {

// Tiles may be wider than was planned, by what cutting them at whole cache lines leaves over.
static_assert(stage_pitch >= widest_stage_tile + 32 + 2 * (most_stages_a_pass + 16) + 8);

bool stages_are_blocked(const Problem& p) { return !p.of_temperature(); }

/// One tile's way through the stages. Each level needs the state of the level below it and the one below
/// that, whose memory it takes, one row lower. Rows in its memory, R to a block:
///
///   state      two blocks in turn:      level t      y .. y+R-1      from state(t)[0]
///                                       level t - 1  y+1 .. y+R
///   sum        level t                  y .. y+R-1
///   carry      for each level -1 <= t < T the two rows below its block: what levels t + 1 and t + 2 of the
///              next block also need. They are renewed by level t + 2, the last to need them
///   carry_sum  for each level 0 <= t < T the row below
class Stages::Tile {
  using Way = TileWay<double>;
  using Kind = Way::Kind;

 public:
  Tile(const Pass& pass, const Box& core, TileMemory& memory, TileBook* book, Recursion recursion,
       const Stage* stages, const StageFields& f)
      : pass_{pass},
        core_{core},
        k_{pass.kernels.of<double>()},
        way_{pass,
             core,
             memory,
             book,
             stage_rows,
             3 * stage_rows + 2 * (pass.levels + 1) + pass.levels,
             0,
             stage_pitch,
             states_of(f),
             anchors_of(f)},
        recursion_{recursion},
        stages_{stages},
        now_{f.now->cview()},
        before_{f.before->cview()},
        to_now_{f.spare_now->view()},
        to_before_{f.spare_before->view()},
        sum_{f.sum != nullptr ? f.sum->view() : View2D<double>{}} {}

  void run() {
    const int T = pass_.levels;
    const Box first = way_.cells(0);
    way_.start_ring();
    if (first.j0 == way_.cells(1).j0)  // at a wall: nothing was carried yet
      k_.load(before_.row(first.j0), carry(-1, 1), first.i0, first.i1);
    for (int b = first.j0; b - T < core_.j1; b += stage_rows) {
      way_.fill_ring(b + stage_rows);
      load(b);
      for (int t = 1; t <= T; ++t) advance(t, b - t, way_.ahead(b + stage_rows, t));
      store(b - T);
    }
  }

 private:
  static std::vector<View2D<const double>> states_of(const StageFields& f) {
    std::vector<View2D<const double>> states{f.now->cview(), f.before->cview()};
    if (f.sum != nullptr) states.push_back(f.sum->cview());
    return states;
  }
  static std::vector<View2D<const double>> anchors_of(const StageFields& f) {
    if (f.first == nullptr) return {};
    return {f.first->cview(), f.first_change->cview()};
  }
  bool summed() const { return sum_.first != nullptr; }
  double* state(int t, int r) const { return way_.row((t + 1) % 2 * stage_rows + r); }
  double* sum(int r) const { return way_.row(2 * stage_rows + r); }
  double* carry(int t, int n) const { return way_.row(3 * stage_rows + 2 * (t + 1) + n); }
  double* carry_sum(int t) const { return way_.row(3 * stage_rows + 2 * (pass_.levels + 1) + t); }

  void load(int y0) {
    const Box c = way_.cells(0);
    for (int y = std::max(y0, c.j0); y < std::min(y0 + stage_rows + 1, c.j1); ++y) {
      if (y < y0 + stage_rows) k_.load(now_.row(y), state(0, y - y0), c.i0, c.i1);
      if (y > y0) k_.load(before_.row(y), state(-1, y - y0 - 1), c.i0, c.i1);
    }
    if (summed())
      for (int y = std::max(y0, core_.j0); y < std::min(y0 + stage_rows, core_.j1); ++y)
        k_.load(sum_.row(y), sum(y - y0), core_.i0, core_.i1);
    way_.side_ghosts(0, y0, [&](int j) { return state(0, j - y0); });
  }

  void store(int y0) {
    const int T = pass_.levels;
    for (int y = std::max(y0, core_.j0); y < std::min(y0 + stage_rows + 1, core_.j1); ++y) {
      if (y > y0) k_.store(state(T - 1, y - y0 - 1), to_before_.row(y), core_.i0, core_.i1, pass_.stream);
      if (y == y0 + stage_rows) break;
      k_.store(state(T, y - y0), to_now_.row(y), core_.i0, core_.i1, pass_.stream);
      if (summed()) k_.store(sum(y - y0), sum_.row(y), core_.i0, core_.i1, pass_.stream);
    }
  }

  /// Keeps the upper two rows of the block of level t, in the columns begin .. end - 1.
  void keep(int t, std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (int n = 0; n < 2; ++n)
      std::copy(state(t, stage_rows - 2 + n) + begin, state(t, stage_rows - 2 + n) + end,
                carry(t, n) + begin);
  }

  /// Rows y0 .. of level t, in place of those of level t - 2 two rows above.
  void advance(int t, int y0, const std::array<const double*, 2>& ahead_rows) {
    const int T = pass_.levels;
    const Box c = way_.cells(t), wider = way_.cells(t - 1);
    if (y0 >= c.j1) return;
    // What the next block needs, ghosts beside it included.
    const std::ptrdiff_t left = way_.begin(t - 1) - 1, right = wider.i1 + 1;
    if (y0 + stage_rows <= c.j0) {  // nothing to compute yet
      keep(t - 2, left, right);
      if (t == T) keep(t - 1, left, right);
      if (summed())
        std::copy(sum(stage_rows - 1) + left, sum(stage_rows - 1) + right, carry_sum(t - 1) + left);
      return;
    }
    const auto old_row = [&](int j) {
      return j < y0 + 1 ? carry(t - 1, j - y0 + 1) : state(t - 1, j - y0 - 1);
    };
    way_.book_sections(t - 1, y0, old_row);
    way_.wall_rows(t - 1, y0, old_row);
    const StageBlock block{state(t - 1, 0),  carry(t - 1, 0), state(t, 0), carry(t - 2, 0), sum(0),
                           carry_sum(t - 1), way_.begin(t),   c.i1,        ahead_rows};
    const StageKernels& loops = pass_.kernels.stages;
    const StageNumbers& numbers = stages_[t - 1].numbers;
    if (way_.kind() == Kind::uniform)
      loops.uniform(recursion_, block, way_.needs(t, y0), numbers, way_.rx(), way_.ry());
    else if (way_.kind() == Kind::records)
      loops.records(recursion_, block, way_.needs(t, y0), way_.record_rows(t, y0), numbers);
    else
      loops.fields(recursion_, block, way_.needs(t, y0), numbers);
    // The loops have kept the columns that they filled.
    const std::ptrdiff_t filled =
        block.begin + (block.end - block.begin + k_.lanes - 1) / k_.lanes * k_.lanes;
    keep(t - 2, left, block.begin);
    keep(t - 2, filled, std::max(filled, right));
    if (t == T)
      keep(t - 1, left, right);
    else
      way_.side_ghosts(t, y0, [&](int j) { return state(t, j - y0); });
  }

  const Pass& pass_;
  const Box core_;
  const RowKernels<double>& k_;
  Way way_;
  const Recursion recursion_;
  const Stage* const stages_;
  const View2D<const double> now_, before_;
  const View2D<double> to_now_, to_before_, sum_;
};

void Stages::pass(Problem& p, double dt, const Stage* stages, int count, const StageFields& f,
                  const Tiling& tiling) {
  CALOR_ASSERT(count <= p.depth || p.alone());
  CALOR_ASSERT(count <= most_stages_a_pass);
  p.halo(f.now->view());
  p.halo(f.before->view());
  const bool differences = recursion_ == Recursion::chebyshev;
  const bool stream = p.owned.cells() * 32 > caches().last;
  Pass pass{p, kernels_, dt, !differences && !p.source.zero(), differences, stream, false};
  for (int n = 0; n < count; ++n) pass.add_level(stages[n].time, stages[n].booked);
  if (looked_up_ != &p) {
    records_ = StepRecords<double>::of(p, !differences);
    looked_up_ = &p;
  }
  if (records_) records_->scale(dt, pass.sources);
  pass.doubles = records_.get();
  for_tiles(tiles_of(p.owned, tiling), p, memories_, &p.budget,
            [&](const Box& tile, TileMemory& memory, TileBook* book) {
              Tile{pass, tile, memory, book, recursion_, stages, f}.run();
            });
  if (pass.heated)
    for (int n = 0; n < count; ++n) p.book_steady_source(stages[n].booked);
  f.now->swap(*f.spare_now);
  f.before->swap(*f.spare_before);
}

void Stages::plain(Problem& p, double dt, const Stage& s, const StageFields& f) {
  using namespace stencil;
  const bool differences = recursion_ == Recursion::chebyshev;
  const View2D<double> state = f.now->view(), u = p.enthalpy ? p.u.view() : state;
  if (p.enthalpy) p.enthalpy->temperatures(p.owned, state, u);
  p.halo(u);
  if (differences) {
    p.walls.fill_homogeneous(p.owned, u);
    p.book_walls(s.booked, u, true);
  } else {
    p.prepare(p.owned, s.time, u);
    p.book(s.booked, u);
  }
  const StageNumbers n = s.numbers;
  const std::ptrdiff_t i0 = p.owned.i0, i1 = p.owned.i1;
  for_changes(p.owned, p.coefficients, differences ? View2D<const double>{} : p.source.q(), dt, u,
              [&](int j, auto&& change) {
                const double* const here = state.row(j);
                double* const to = f.before->view().row(j);
                if (differences) {
                  double* const sum = f.sum->view().row(j);
#pragma omp simd
                  for (std::ptrdiff_t i = i0; i < i1; ++i) {
                    to[i] = chebyshev(here[i], to[i], change(i), twice_less);
                    sum[i] = sum[i] + n.weight * to[i];
                  }
                } else {
                  const double *const first = f.first->cview().row(j), *const first_change =
                                                                           f.first_change->cview().row(j);
#pragma omp simd
                  for (std::ptrdiff_t i = i0; i < i1; ++i)
                    to[i] = legendre(here[i], to[i], change(i), first[i], first_change[i], n.mu, n.nu, n.rest,
                                     n.g);
                }
              });
  f.now->swap(*f.before);
}

void Stages::run(Problem& p, double dt, const std::vector<Stage>& stages, const StageFields& f) {
  const auto count = static_cast<std::int64_t>(stages.size());
  if (!stages_are_blocked(p)) {
    for (const Stage& s : stages) {
      heed_here(p.heed, 3.0);
      plain(p, dt, s, f);
    }
    return;
  }
  const int paying =
      stages_that_pay(recursion_, p.coefficients.uniform() || p.coefficients.mosaic() != nullptr);
  const int most = p.alone() ? paying : std::min(p.depth, paying);
  const Tiling tiling = choose_stage_tiling(p.owned, omp_get_max_threads(), most);
  for_passes(count, most, [&](std::int64_t first, std::int64_t many) {
    heed_here(p.heed, static_cast<double>(many));
    pass(p, dt, stages.data() + first, static_cast<int>(many), f, tiling);
  });
}

}  // namespace calor
