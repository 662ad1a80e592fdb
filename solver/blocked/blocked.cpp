// SPDX-License-Identifier: BSD-3-Clause
#include "solver/blocked/blocked.hpp"

#include <omp.h>

#include <algorithm>
#include <utility>

#include "decomposition/error.hpp"
#include "solver/blocked/tile.hpp"

namespace calor {

/// One tile's way through the steps. Rows in its memory:
///
///   x      the block: R rows that are advanced in place. A row of level t begins one vector further left
///   than
///          the row of level t - 1, one row further up, whose place it takes:
///              level 0    . . . . b  b+1 .. b+R-1        rows of the domain, in x(0, 0) .. x(R-1, 0)
///              level 1    . . . b-1  b .. b+R-2
///              level t    . b-t .. b-t+R-1
///   carry  for each level t < T the two rows below x(0, t): what level t + 1 of this block also needs
///
/// Rows and columns that the tile does not need are computed along, from whatever is there, and never used.
template <class Real>
class BlockedStepper::Tile {
  using Way = TileWay<Real>;
  using Kind = typename Way::Kind;

 public:
  Tile(const Pass& pass, const Box& core, TileMemory& memory, TileBook* book, View2D<const double> from,
       View2D<double> to)
      : Tile{pass, core, memory, book, from, to, rows_of(pass)} {}

  void run() {
    const int T = pass_.levels;
    const Box first = way_.cells(0);
    way_.start_ring();
    for (int b = first.j0; b - T < core_.j1; b += rows_) {
      way_.fill_ring(b + rows_);
      load(b);
      for (int t = 1; t <= T; ++t) advance(t, b - t, way_.ahead(b + rows_, t));
      store(b - T);
    }
  }

 private:
  static int rows_of(const Pass& pass) {
    const RowKernels<Real>& k = pass.kernels.template of<Real>();
    return pass.records<Real>() != nullptr ? record_block_rows
           : pass.p.coefficients.uniform() ? k.uniform_rows
                                           : k.field_rows;
  }
  Tile(const Pass& pass, const Box& core, TileMemory& memory, TileBook* book, View2D<const double> from,
       View2D<double> to, int rows)
      : pass_{pass},
        core_{core},
        k_{pass.kernels.template of<Real>()},
        rows_{rows},
        way_{pass,
             core,
             memory,
             book,
             rows,
             rows + 2 * pass.levels,
             Way::round_up(pass.levels * pass.kernels.template of<Real>().lanes, Way::unit),
             0,
             {from}},
        from_{from},
        to_{to} {}

  /// Row r of the block at level t: it moves left by one vector at each level.
  Real* x(int r, int t) const {
    return way_.row(r) + static_cast<std::ptrdiff_t>(pass_.levels - t) * k_.lanes;
  }
  Real* carry(int n, int t) const { return way_.row(rows_ + 2 * t + n); }

  void load(int y0) {
    const Box c = way_.cells(0);
    const int begin = std::max(y0, c.j0), end = std::min(y0 + rows_, c.j1);
    const auto fill = [&](int i0, int i1, bool empty) {
      for (int y = begin; y < end; ++y)
        if (empty)
          std::fill(x(y - y0, 0) + i0, x(y - y0, 0) + i1, Real{});
        else
          k_.load(from_.row(y), x(y - y0, 0), i0, i1);
    };
    if (begin < end) way_.for_stretches(y0, c.i0, c.i1, fill);
    way_.side_ghosts(0, y0, [&](int j) { return x(j - y0, 0); });
  }

  void store(int y0) {
    const int begin = std::max(y0, core_.j0), end = std::min(y0 + rows_, core_.j1);
    if (begin >= end) return;
    way_.for_stretches(y0, core_.i0, core_.i1, [&](int i0, int i1, bool empty) {
      if (empty && pass_.cleared) return;
      for (int y = begin; y < end; ++y) k_.store(x(y - y0, pass_.levels), to_.row(y), i0, i1, pass_.stream);
    });
  }

  /// Rows y0 .. of level t, in place of those of level t - 1 one row above.
  void advance(int t, int y0, const std::array<const double*, 2>& ahead_rows) {
    const Box c = way_.cells(t);
    if (y0 >= c.j1 || y0 + rows_ < c.j0 - 1) return;
    RowBlock<Real> block{
        {carry(0, t - 1), carry(1, t - 1)}, x(0, t - 1), way_.pitch(), way_.begin(t), c.i1, ahead_rows};
    if (y0 + rows_ <= c.j0) {  // nothing to compute yet, but the next block needs these rows
      for (int n = 0; n < 2; ++n)
        std::copy(x(rows_ - 2 + n, t - 1) + block.begin - 1, x(rows_ - 2 + n, t - 1) + c.i1 + 1,
                  carry(n, t - 1) + block.begin - 1);
      return;
    }
    const auto old_row = [&](int j) { return j < y0 + 1 ? carry(j - y0 + 1, t - 1) : x(j - y0 - 1, t - 1); };
    way_.book_sections(t - 1, y0, old_row);
    way_.book_losses(t - 1, y0, old_row);
    way_.wall_rows(t - 1, y0, old_row);
    const CellRows<Real>& needs = way_.needs(t, y0);
    if (way_.kind() == Kind::fields)
      k_.fields(block, needs);
    else if (way_.kind() == Kind::records)
      k_.records(block, needs, way_.record_rows(t, y0));
    else if (way_.rx() == way_.ry())
      k_.square(block, needs, way_.rx());
    else
      k_.uniform(block, needs, way_.rx(), way_.ry());
    if (t < pass_.levels) way_.side_ghosts(t, y0, [&](int j) { return x(j - y0, t); });
  }

  const Pass& pass_;
  const Box core_;
  const RowKernels<Real>& k_;
  const int rows_;
  Way way_;
  const View2D<const double> from_;
  const View2D<double> to_;
};

BlockedStepper::BlockedStepper(const Problem& problem, Precision precision, Tiling tiling,
                               const Kernels& loops)
    : precision_{precision}, tiling_{tiling}, kernels_{loops} {
  CALOR_ASSERT(tiling.levels <= problem.depth || problem.alone());
  CALOR_ASSERT(problem.steps_are_blocked());
  if (precision == Precision::single)
    floats_ = StepRecords<float>::of(problem, true);
  else
    doubles_ = StepRecords<double>::of(problem, true);
}

void BlockedStepper::look_up(Pass& pass) {
  if (doubles_) doubles_->scale(pass.dt, pass.sources);
  if (floats_) floats_->scale(pass.dt, pass.sources);
  pass.doubles = doubles_.get();
  pass.floats = floats_.get();
}

void BlockedStepper::work(const Pass& pass, const Problem& p, View2D<double> to,
                          const std::vector<Box>& tiles, Budget* budget) {
  const View2D<const double> from = p.u.cview();
  for_tiles(tiles, p, memories_, budget, [&](const Box& tile, TileMemory& memory, TileBook* book) {
    if (precision_ == Precision::single)
      Tile<float>{pass, tile, memory, book, from, to}.run();
    else
      Tile<double>{pass, tile, memory, book, from, to}.run();
  });
}

void BlockedStepper::pass(Problem& p, const Steps& steps) {
  // Values that the caches could keep until the next pass are left there.
  const bool stream = p.owned.cells() * 16 > caches().last;
  Scratch::Lent made = p.scratch.lend();
  Pass pass{p, kernels_, steps.dt, !p.source.zero(), false, stream, made.before() == cleared_};
  for (std::int64_t n = 0; n < steps.count; ++n) pass.add_level(steps.time(n), steps.dt);
  look_up(pass);
  // Tiles that read no halo are worked on while it travels.
  std::vector<Box> inner, rim;
  for (const Box& tile : tiles_of(p.owned, tiling_))
    (p.owned.contains(p.grid.within_reach(tile.grown(pass.levels))) ? inner : rim).push_back(tile);
  p.halo.start(p.u.cview());
  if (!rim.empty() && inner.size() < static_cast<std::size_t>(omp_get_max_threads())) {
    rim.insert(rim.end(), inner.begin(), inner.end());
    inner.clear();
  }
  if (!inner.empty()) work(pass, p, made.view(), inner, &p.budget);
  p.halo.finish(p.u.view());
  if (!rim.empty()) work(pass, p, made.view(), rim, &p.budget);
  if (!p.source.zero())
    for (std::int64_t n = 0; n < steps.count; ++n) p.book_steady_source(steps.dt);
  p.u.swap(made.field());
  cleared_ = made.loan();  // u was so too
}

double BlockedStepper::trial(Problem& p, const Tiling& tiling, double dt) {
  const int threads = omp_get_max_threads();
  // Two tiles a thread, or what there is.
  std::vector<Box> tiles = tiles_of(p.owned, tiling);
  if (tiles.size() > static_cast<std::size_t>(2 * threads))
    tiles.resize(static_cast<std::size_t>(2 * threads));
  std::int64_t updates = 0;
  for (Box& t : tiles) {
    t.j1 = std::min(t.j1, t.j0 + 4 * tiling.levels);  // enough to fill the pipeline
    updates += t.cells() * tiling.levels;
  }
  Pass pass{p, kernels_, dt, !p.source.zero(), false, true, false};
  for (int n = 0; n < tiling.levels; ++n) pass.add_level(n * dt, dt);
  look_up(pass);
  Scratch::Lent made = p.scratch.lend();
  const double start = omp_get_wtime();
  work(pass, p, made.view(), tiles, nullptr);
  const double seconds = omp_get_wtime() - start;
  return seconds / static_cast<double>(std::max<std::int64_t>(1, updates));
}

}  // namespace calor
