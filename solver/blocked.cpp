// SPDX-License-Identifier: BSD-3-Clause
#include "solver/blocked.hpp"

#include <hwy/cache_control.h>
#include <omp.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "decomposition/error.hpp"

namespace calor {

namespace {

constexpr int round_up(int n, int unit) { return (n + unit - 1) / unit * unit; }

/// Terms of the ledger by side and piece, gathered so that they are added many at a time.
class WallBook {
 public:
  explicit WallBook(const Walls::Pieces& pieces) {
    for (std::size_t s = 0; s < sides.size(); ++s) entries_[s].resize(pieces[s].size());
  }
  void add(Side side, int piece, double heat) {
    Entry& e = entries_[static_cast<std::size_t>(side)][static_cast<std::size_t>(piece)];
    e.terms[static_cast<std::size_t>(e.count++)] = heat;
    if (e.count == static_cast<int>(e.terms.size())) e.flush();
  }
  void hand_over(Budget& budget) {
    for (const Side side : sides) {
      auto& list = entries_[static_cast<std::size_t>(side)];
      for (std::size_t n = 0; n < list.size(); ++n) {
        list[n].flush();
        budget.book_wall(side, static_cast<int>(n), list[n].sum);
      }
    }
  }

 private:
  struct Entry {
    std::array<double, 256> terms;
    int count = 0;
    ExactSum sum;
    void flush() {
      if (count > 0) sum.add(terms.data(), count);
      count = 0;
    }
  };
  std::array<std::vector<Entry>, 4> entries_;
};

}  // namespace

/// What all tiles of one pass share.
struct BlockedStepper::Pass {
  Pass(const Problem& problem, const Kernels& loops, const Steps& s, View2D<const double> from,
       View2D<double> to, bool past_caches)
      : p{problem},
        kernels{loops},
        steps{s},
        levels{static_cast<int>(s.count)},
        u{from},
        next{to},
        stream{past_caches} {
    for (int t = 0; t < levels; ++t) {
      walls.emplace_back(p.walls, steps.time(t), p.coefficients);
      if (p.source.varies()) sources.emplace_back(p.source, steps.time(t));
    }
  }
  const Problem& p;
  const Kernels& kernels;
  Steps steps;
  int levels;
  View2D<const double> u;
  View2D<double> next;
  bool stream;
  std::vector<Walls::Moment> walls;     // of each level
  std::vector<Source::Moment> sources;  // likewise, if the source varies
};

struct BlockedStepper::Memory {
  Field2D<double> doubles;
  Field2D<float> floats;
  template <class Real>
  Field2D<Real>& of() {
    if constexpr (sizeof(Real) == sizeof(double))
      return doubles;
    else
      return floats;
  }
};

/// One tile's way through all levels. Level t is the state after t steps. Rows in its memory:
///
///   x      the block: R rows that are advanced in place. A row of level t begins one vector further left
///   than
///          the row of level t - 1, one row further up, whose place it takes:
///              level 0    . . . . b  b+1 .. b+R-1        rows of the domain, in x(0, 0) .. x(R-1, 0)
///              level 1    . . . b-1  b .. b+R-2
///              level t    . b-t .. b-t+R-1
///   carry  for each level t < T the two rows below x(0, t): what level t + 1 of this block also needs
///   ring   planes of coefficients of the rows between level T and level 1
///
/// Rows and columns that the tile does not need are computed along, from whatever is there, and never used.
template <class Real>
class BlockedStepper::Tile {
 public:
  Tile(const Pass& pass, const Box& core, Memory& memory, WallBook* book, ExactSum* source_book)
      : pass_{pass},
        p_{pass.p},
        core_{core},
        k_{pass.kernels.of<Real>()},
        uniform_{p_.coefficients.uniform()},
        rows_{uniform_ ? k_.uniform_rows : k_.field_rows},
        ring_{pass.levels + rows_ + 1},
        origin_{core.i0 - round_up(pass.levels, unit) - unit},
        heated_{!p_.source.zero()},
        book_{book},
        source_book_{source_book},
        heat_factor_{pass.steps.dt * p_.grid.cell_volume()} {
    const int T = pass.levels;
    // A row holds the core, what is computed again on both sides, and room to move left at every level.
    int width = core.nx() + 2 * (round_up(T, unit) + unit) + round_up(T * k_.lanes, unit);
    constexpr int line = 64 / sizeof(Real);
    if (width / line % 2 == 0) width += line;  // an odd number of cache lines: rows spread over all sets
    planes_ = (uniform_ ? 0 : 3) + (heated_ ? 1 : 0);
    const int count = rows_ + 2 * T + planes_ * ring_;
    Field2D<Real>& room = memory.of<Real>();
    if (room.owned().nx() < width || room.owned().ny() < count)
      room =
          Field2D<Real>{Box{0, 0, std::max(width, room.owned().nx()), std::max(count, room.owned().ny())}, 0};
    pitch_ = room.view().pitch;
    needs_.plane = pitch_;
    needs_.heated = heated_;
    inputs_.push_back(pass.u);
    if (!uniform_) {
      fields_ = p_.coefficients.fields();
      inputs_.insert(inputs_.end(), {fields_.gx, fields_.gy, fields_.rho_c});
    }
    if (heated_) inputs_.push_back(p_.source.q());
    x_ = room.view().first - origin_;
    carry_ = x_ + rows_ * pitch_;
    ring_memory_ = carry_ + 2 * T * pitch_;
    for (int t = 0; t <= T; ++t) {
      const Box c = p_.grid.within_reach(core.grown(T - t));
      levels_.push_back({c, core.i0 - round_up(core.i0 - c.i0, k_.lanes)});
    }
    for (const Side side : sides) {
      steady_[static_cast<std::size_t>(side)] = pass.walls[0].steady(side);
      pieces_[static_cast<std::size_t>(side)] = pass.walls[0].pieces(side);
    }
    if (uniform_) {
      const Coefficients& c = p_.coefficients;
      factor_ = pass.steps.dt / c.rho_c(0, 0);
      rx_ = static_cast<Real>(factor_ * c.gx(0, 0));
      ry_ = static_cast<Real>(factor_ * c.gy(0, 0));
      square_ = factor_ * c.gx(0, 0) == factor_ * c.gy(0, 0);
    }
  }

  void run() {
    const int T = pass_.levels;
    const Box first = cells(0);
    next_ring_row_ = cells(1).j0;
    ring_base_ = first.j0 - T - ring_;  // below every row that is asked for
    for (int b = first.j0; b - T < core_.j1; b += rows_) {
      fill_ring(b + rows_);
      load(b);
      for (int t = 1; t <= T; ++t) advance(t, b - t, ahead(b + rows_, t));
      store(b - T);
    }
  }

 private:
  static constexpr int unit = 16;  // columns; whole vectors and cache lines in both precisions
  /// Row r of the block at level t: it moves left by one vector at each level.
  Real* x(int r, int t) const {
    return x_ + r * pitch_ + static_cast<std::ptrdiff_t>(pass_.levels - t) * k_.lanes;
  }
  Real* carry(int n, int t) const { return carry_ + (2 * t + n) * pitch_; }
  /// Cells of level t that the tile needs.
  const Box& cells(int t) const { return levels_[static_cast<std::size_t>(t)].cells; }
  bool at_left(const Box& c) const { return !p_.grid.periodic_x && c.i0 == 0; }
  bool at_right(const Box& c) const { return !p_.grid.periodic_x && c.i1 == p_.grid.nx; }
  /// First column of level t, whole vectors away from the tile.
  std::ptrdiff_t begin(int t) const { return levels_[static_cast<std::size_t>(t)].begin; }
  /// What the cells of row j need: planes one after the other, as in CellRows.
  Real* ring_row(int j) const { return ring_memory_ + (j - ring_base_) % ring_ * planes_ * pitch_; }
  Real* heat_row(int j) const { return ring_row(j) + (planes_ - 1) * pitch_; }

  /// Coefficients of the rows below `end`, converted once for all levels.
  void fill_ring(int end) {
    if (planes_ == 0) return;
    const Box c = cells(1);
    for (; next_ring_row_ < std::min(end, c.j1 + 1); ++next_ring_row_) {
      const int j = next_ring_row_;
      if (uniform_) {
        if (j < c.j1) fill_row(p_.source.q().row(j), c.i0, c.i1, factor_, heat_row(j));
        continue;
      }
      Real* const row = ring_row(j);
      k_.load(fields_.gy.row(j), row + pitch_, c.i0, c.i1);
      if (j == c.j1) continue;  // the north side of the last row: there is no cell
      k_.load(fields_.gx.row(j), row, c.i0, c.i1 + 1);
      const double dt = pass_.steps.dt;
      const double* const rho_c = fields_.rho_c.row(j);
      k_.divide(dt, rho_c, row + 2 * pitch_, c.i0, c.i1);
      if (!heated_) continue;
      Real* const heat = row + 3 * pitch_;
      const double* const q = p_.source.q().row(j);
      for (std::ptrdiff_t i = c.i0; i < c.i1; ++i) heat[i] = static_cast<Real>(dt / rho_c[i] * q[i]);
    }
  }

  static void fill_row(const double* from, std::ptrdiff_t begin, std::ptrdiff_t end, double factor,
                       Real* to) {
    for (std::ptrdiff_t i = begin; i < end; ++i) to[i] = static_cast<Real>(factor * from[i]);
  }

  void load(int y0) {
    const Box c = cells(0);
    for (int r = 0; r < rows_; ++r) {
      const int y = y0 + r;
      if (y < c.j0 || y >= c.j1) continue;
      k_.load(pass_.u.row(y), x(r, 0), c.i0, c.i1);
    }
    side_ghosts(0, y0);
  }

  void store(int y0) {
    for (int r = 0; r < rows_; ++r) {
      const int y = y0 + r;
      if (y >= core_.j0 && y < core_.j1)
        k_.store(x(r, pass_.levels), pass_.next.row(y), core_.i0, core_.i1, pass_.stream);
    }
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
    if (!p_.grid.periodic_y) {
      if (y0 <= 0 && c.j0 == 0) wall_row(Side::bottom, t - 1, y0);
      if (y0 + rows_ >= p_.grid.ny && c.j1 == p_.grid.ny) wall_row(Side::top, t - 1, y0);
    }
    if (planes_ > 0) {
      int slot = (y0 - ring_base_) % ring_;
      for (int r = 0; r <= rows_; ++r) {
        needs_.row[static_cast<std::size_t>(r)] = ring_memory_ + slot * planes_ * pitch_;
        if (++slot == ring_) slot = 0;
      }
      if (!pass_.sources.empty()) fill_heat(t, y0, c);
    }
    if (!uniform_)
      k_.fields(block, needs_);
    else if (square_)
      k_.square(block, needs_, rx_);
    else
      k_.uniform(block, needs_, rx_, ry_);
    if (t < pass_.levels) side_ghosts(t, y0);
  }

  /// dt q / rho_c at level t - 1 for the rows from y0, where it changes from level to level.
  void fill_heat(int t, int y0, const Box& c) {
    const Source::Moment& source = pass_.sources[static_cast<std::size_t>(t - 1)];
    q_.resize(static_cast<std::size_t>(c.nx()));
    double* const q = q_.data() - c.i0;
    for (int j = std::max(y0, c.j0); j < std::min(y0 + rows_, c.j1); ++j) {
      source.row(j, c.i0, c.i1, q);
      if (source_book_ != nullptr && j >= core_.j0 && j < core_.j1)
        source.book(j, core_.i0, core_.i1, heat_factor_, q, *source_book_);
      Real* const heat = heat_row(j);
      if (uniform_) {
        fill_row(q, c.i0, c.i1, factor_, heat);
        continue;
      }
      for (int i = c.i0; i < c.i1; ++i)
        heat[i] = static_cast<Real>(pass_.steps.dt / p_.coefficients.rho_c(i, j) * q[i]);
    }
  }

  /// Ghosts of the left and right walls beside the rows y0 .. of level t.
  void side_ghosts(int t, int y0) {
    const Box c = cells(t + 1);  // no corners are needed
    for (const Side side : {Side::left, Side::right}) {
      const bool left = side == Side::left;
      if (left ? !at_left(c) : !at_right(c)) continue;
      const int inside = left ? 0 : p_.grid.nx - 1, outside = left ? -1 : p_.grid.nx;
      const int j0 = std::max(y0, c.j0), j1 = std::min(y0 + rows_, c.j1);
      for (int j = j0; j < j1; ++j) x(j - y0, t)[outside] = ghost(side, j, t, x(j - y0, t)[inside]);
      if (book_ != nullptr && inside >= core_.i0 && inside < core_.i1)
        for (int j = std::max(j0, core_.j0); j < std::min(j1, core_.j1); ++j)
          book(side, j, x(j - y0, t)[inside], x(j - y0, t)[outside]);
    }
  }

  /// Puts the ghosts of a wall along x at level t beside its row, which is among the rows y0 - 1 .. y0 + rows
  /// of the block's input. They take the place of a row outside the domain, which holds nothing.
  void wall_row(Side side, int t, int y0) {
    const Box c = cells(t + 1);  // no corners are needed
    const auto row_of = [&](int j) { return j < y0 + 1 ? carry(j - y0 + 1, t) : x(j - y0 - 1, t); };
    const bool bottom = side == Side::bottom;
    const int j = bottom ? 0 : p_.grid.ny - 1;
    if (j < y0 || j >= y0 + rows_) return;
    const Real* const row = row_of(j);
    Real* const to = row_of(bottom ? -1 : p_.grid.ny);
    for (int i = c.i0; i < c.i1; ++i) to[i] = ghost(side, i, t, row[i]);
    if (book_ != nullptr && j >= core_.j0 && j < core_.j1)
      for (int i = core_.i0; i < core_.i1; ++i) book(side, i, row[i], to[i]);
  }

  Real ghost(Side side, int along, int t, Real inside) const {
    const auto u = static_cast<double>(inside);
    const GhostRule* const steady = steady_[static_cast<std::size_t>(side)];
    const GhostRule rule =
        steady != nullptr ? steady[along] : pass_.walls[static_cast<std::size_t>(t)](side, along, u);
    return static_cast<Real>(rule.a * u + rule.b);
  }

  /// Heat through a wall face in the step from level t.
  void book(Side side, int along, Real inside, Real outside) {
    const int piece = pieces_[static_cast<std::size_t>(side)][along];
    if (piece < 0) return;
    const WallCells w = wall_cells(side, along, p_.grid);
    const bool vertical = side == Side::left || side == Side::right;
    const int i = std::max(w.i, w.gi), j = std::max(w.j, w.gj);
    const double g = vertical ? p_.coefficients.gx(i, w.j) : p_.coefficients.gy(w.i, j);
    const double difference = static_cast<double>(outside) - static_cast<double>(inside);
    book_->add(side, piece, heat_factor_ * (g * difference));
  }

  /// The share of level t in the rows that the next block, from y0, will load: two of them, or what keeps the
  /// loops busy where there are no more.
  std::array<const double*, 2> ahead(int y0, int t) const {
    std::array<const double*, 2> rows{pass_.u.row(core_.j0), pass_.u.row(core_.j0)};
    const int a_level =
        std::min<int>(2, (static_cast<int>(inputs_.size()) * rows_ + pass_.levels - 1) / pass_.levels);
    for (int k = 0; k < a_level; ++k) {
      const int n = (t - 1) * a_level + k, y = y0 + n % rows_;
      const auto input = static_cast<std::size_t>(n / rows_);
      if (input < inputs_.size() && y < cells(0).j1)
        rows[static_cast<std::size_t>(k)] = inputs_[input].row(y);
    }
    return rows;
  }

  const Pass& pass_;
  const Problem& p_;
  const Box core_;
  const RowKernels<Real>& k_;
  const bool uniform_;
  const int rows_, ring_;
  struct Level {
    Box cells;
    int begin;
  };
  std::vector<Level> levels_;
  std::array<const GhostRule*, 4> steady_{};  // by Side, indexed by the along-coordinate; null: varies
  std::array<const int*, 4> pieces_{};        // likewise; -1 where no heat passes
  const int origin_;                          // first column that the rows have
  const bool heated_;
  WallBook* const book_;
  ExactSum* const source_book_;
  Real *x_ = nullptr, *carry_ = nullptr, *ring_memory_ = nullptr;  // indexed by the global column
  std::ptrdiff_t pitch_ = 0;
  int planes_ = 0, next_ring_row_ = 0, ring_base_ = 0;
  CellRows<Real> needs_;  // of the block at work
  Coefficients::Fields fields_;
  std::vector<View2D<const double>> inputs_;  // fields whose rows are loaded on the way
  double factor_ = 0.0;
  const double heat_factor_;
  Real rx_{}, ry_{};
  bool square_ = false;
  std::vector<double> q_;
};

BlockedStepper::BlockedStepper([[maybe_unused]] const Problem& problem, Precision precision, Tiling tiling,
                               const Kernels& loops)
    : precision_{precision}, tiling_{tiling}, kernels_{loops} {
  CALOR_ASSERT(tiling.levels <= problem.depth || problem.alone());
}
BlockedStepper::~BlockedStepper() = default;

namespace {

/// The box in tiles, widths in whole cache lines of both precisions.
std::vector<Box> tiles_of(const Box& box, const Tiling& t) {
  std::vector<Box> tiles;
  const int width = std::max(16, round_up(t.width, 16)), height = std::max(1, t.height);
  // Even shares: the last tile would otherwise be a sliver that costs as much as a whole one.
  const int nx = std::max(1, (box.nx() + width / 2) / width),
            ny = std::max(1, (box.ny() + height / 2) / height);
  const auto cut = [](int n, int k, int parts) { return static_cast<int>(std::int64_t{n} * k / parts); };
  for (int b = 0; b < ny; ++b)
    for (int a = 0; a < nx; ++a) {
      const Box tile{box.i0 + cut(box.nx(), a, nx) / 16 * 16, box.j0 + cut(box.ny(), b, ny),
                     a + 1 == nx ? box.i1 : box.i0 + cut(box.nx(), a + 1, nx) / 16 * 16,
                     box.j0 + cut(box.ny(), b + 1, ny)};
      if (!tile.empty()) tiles.push_back(tile);
    }
  return tiles;
}

}  // namespace

template <class Real>
void BlockedStepper::run(const Pass& pass, const std::vector<Box>& tiles, Budget* budget) {
  const auto count = static_cast<std::ptrdiff_t>(tiles.size());
#pragma omp parallel if (count > 1)
  {
    const auto me = static_cast<std::size_t>(omp_get_thread_num());
    std::optional<WallBook> book;
    ExactSum source;
    if (budget != nullptr) book.emplace(pass.p.walls.pieces());
#pragma omp for schedule(dynamic, 1) nowait
    for (std::ptrdiff_t n = 0; n < count; ++n)
      Tile<Real>{pass, tiles[static_cast<std::size_t>(n)], *memory_[me], book ? &*book : nullptr,
                 budget != nullptr ? &source : nullptr}
          .run();
    hwy::FlushStream();
    if (budget != nullptr) {
#pragma omp critical(calor_blocked_book)
      {
        book->hand_over(*budget);
        budget->book_source(source);
      }
    }
  }
}

void BlockedStepper::work(const Pass& pass, const std::vector<Box>& tiles, Budget* budget) {
  while (memory_.size() < static_cast<std::size_t>(omp_get_max_threads()))
    memory_.push_back(std::make_unique<Memory>());
  if (precision_ == Precision::single)
    run<float>(pass, tiles, budget);
  else
    run<double>(pass, tiles, budget);
}

void BlockedStepper::pass(Problem& p, const Steps& steps) {
  // Values that the caches could keep until the next pass are left there.
  const bool stream = p.owned.cells() * 16 > caches().last;
  const Pass pass{p, kernels_, steps, std::as_const(p.u).view(), p.next.view(), stream};
  // Tiles that read no halo are worked on while it travels.
  std::vector<Box> inner, rim;
  for (const Box& tile : tiles_of(p.owned, tiling_))
    (p.owned.contains(p.grid.within_reach(tile.grown(pass.levels))) ? inner : rim).push_back(tile);
  p.halo.start(std::as_const(p.u).view());
  if (!rim.empty() && inner.size() < static_cast<std::size_t>(omp_get_max_threads())) {
    rim.insert(rim.end(), inner.begin(), inner.end());
    inner.clear();
  }
  if (!inner.empty()) work(pass, inner, &p.budget);
  p.halo.finish(p.u.view());
  if (!rim.empty()) work(pass, rim, &p.budget);
  if (!p.source.zero())
    for (std::int64_t n = 0; n < steps.count; ++n) p.budget.book_source(steps.dt * p.steady_power);
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
  const Pass pass{p, kernels_, {0.0, dt, 0, tiling.levels}, std::as_const(p.u).view(), p.next.view(), true};
  const double start = omp_get_wtime();
  work(pass, tiles, nullptr);
  const double seconds = omp_get_wtime() - start;
  return seconds / static_cast<double>(std::max<std::int64_t>(1, updates));
}

}  // namespace calor
