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
class BlockedStepper::Tile : TileWay<Real> {
  using Way = TileWay<Real>;
  using typename Way::Kind;
  using Way::begin;
  using Way::cells;
  using Way::core_;
  using Way::k_;
  using Way::kind_;
  using Way::p_;
  using Way::pass_;
  using Way::pitch_;
  using Way::rows_;

 public:
  Tile(const Pass& pass, const Box& core, TileMemory& memory, TileBook* book, View2D<const double> from,
       View2D<double> to)
      : Tile{pass, core, memory, book, from, to, rows_of(pass)} {}

  void run() {
    const int T = pass_.levels;
    const Box first = cells(0);
    this->start_ring();
    for (int b = first.j0; b - T < core_.j1; b += rows_) {
      this->fill_ring(b + rows_);
      load(b);
      for (int t = 1; t <= T; ++t) advance(t, b - t, this->ahead(b + rows_, t));
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
      : Way{pass,
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
    return this->row(r) + static_cast<std::ptrdiff_t>(pass_.levels - t) * k_.lanes;
  }
  Real* carry(int n, int t) const { return this->row(rows_ + 2 * t + n); }

  void load(int y0) {
    const Box c = cells(0);
    for (int y = std::max(y0, c.j0); y < std::min(y0 + rows_, c.j1); ++y)
      k_.load(from_.row(y), x(y - y0, 0), c.i0, c.i1);
    this->side_ghosts(0, y0, [&](int j) { return x(j - y0, 0); });
  }

  void store(int y0) {
    for (int y = std::max(y0, core_.j0); y < std::min(y0 + rows_, core_.j1); ++y)
      k_.store(x(y - y0, pass_.levels), to_.row(y), core_.i0, core_.i1, pass_.stream);
  }

  /// Rows y0 .. of level t, in place of those of level t - 1 one row above.
  void advance(int t, int y0, const std::array<const double*, 2>& ahead_rows) {
    const Box c = cells(t);
    if (y0 >= c.j1 || y0 + rows_ < c.j0 - 1) return;
    RowBlock<Real> block{{carry(0, t - 1), carry(1, t - 1)}, x(0, t - 1), pitch_, begin(t), c.i1, ahead_rows};
    if (y0 + rows_ <= c.j0) {  // nothing to compute yet, but the next block needs these rows
      for (int n = 0; n < 2; ++n)
        std::copy(x(rows_ - 2 + n, t - 1) + block.begin - 1, x(rows_ - 2 + n, t - 1) + c.i1 + 1,
                  carry(n, t - 1) + block.begin - 1);
      return;
    }
    const auto old_row = [&](int j) { return j < y0 + 1 ? carry(j - y0 + 1, t - 1) : x(j - y0 - 1, t - 1); };
    this->book_sections(t - 1, y0, old_row);
    this->book_losses(t - 1, y0, old_row);
    this->wall_rows(t - 1, y0, old_row);
    const CellRows<Real>& needs = this->needs(t, y0);
    if (kind_ == Kind::fields)
      k_.fields(block, needs);
    else if (kind_ == Kind::records)
      k_.records(block, needs, this->record_rows(t, y0));
    else if (this->rx_ == this->ry_)
      k_.square(block, needs, this->rx_);
    else
      k_.uniform(block, needs, this->rx_, this->ry_);
    if (t < pass_.levels) this->side_ghosts(t, y0, [&](int j) { return x(j - y0, t); });
  }

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

void BlockedStepper::work(const Pass& pass, Problem& p, const std::vector<Box>& tiles, Budget* budget) {
  const View2D<const double> from = std::as_const(p.u).view();
  const View2D<double> to = p.next.view();
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
  Pass pass{p, kernels_, steps.dt, !p.source.zero(), false, stream};
  for (std::int64_t n = 0; n < steps.count; ++n) pass.add_level(steps.time(n), steps.dt);
  look_up(pass);
  // Tiles that read no halo are worked on while it travels.
  std::vector<Box> inner, rim;
  for (const Box& tile : tiles_of(p.owned, tiling_))
    (p.owned.contains(p.grid.within_reach(tile.grown(pass.levels))) ? inner : rim).push_back(tile);
  p.halo.start(std::as_const(p.u).view());
  if (!rim.empty() && inner.size() < static_cast<std::size_t>(omp_get_max_threads())) {
    rim.insert(rim.end(), inner.begin(), inner.end());
    inner.clear();
  }
  if (!inner.empty()) work(pass, p, inner, &p.budget);
  p.halo.finish(p.u.view());
  if (!rim.empty()) work(pass, p, rim, &p.budget);
  if (!p.source.zero())
    for (std::int64_t n = 0; n < steps.count; ++n) p.book_steady_source(steps.dt);
  p.u.swap(p.next);
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
  Pass pass{p, kernels_, dt, !p.source.zero(), false, true};
  for (int n = 0; n < tiling.levels; ++n) pass.add_level(n * dt, dt);
  look_up(pass);
  const double start = omp_get_wtime();
  work(pass, p, tiles, nullptr);
  const double seconds = omp_get_wtime() - start;
  return seconds / static_cast<double>(std::max<std::int64_t>(1, updates));
}

}  // namespace calor
