// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <hwy/cache_control.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "decomposition/error.hpp"
#include "solver/blocked/kernels.hpp"
#include "solver/blocked/records.hpp"
#include "solver/blocked/tiling.hpp"
#include "solver/model/problem.hpp"

// What passes through memory share that make many steps, or many stages of a step, while the data is in
// cache: tiles, the coefficients and the walls that they meet, the ledger. For solver/blocked/blocked.cpp and
// solver/blocked/stages.cpp.

namespace calor {

/// What all tiles of one pass share. Level t is the state after t steps or stages.
struct Pass {
  const Problem& p;
  const Kernels& kernels;
  double dt;         ///< s, of the changes
  bool heated;       ///< changes have a source in them
  bool homogeneous;  ///< walls without what they add: a ghost is a u, not a u + b
  bool stream;       ///< results go past the caches
  bool cleared;      ///< where they go, cells that no body touches hold 0 already
  /// Of the coefficients, where they are looked up in a mosaic; of the precision that is used.
  const StepRecords<double>* doubles = nullptr;
  const StepRecords<float>* floats = nullptr;
  int levels = 0;                         ///< steps or stages
  std::vector<Walls::Moment> walls{};     ///< of each level but the last
  std::vector<Source::Moment> sources{};  ///< likewise, if the source varies
  std::vector<double> booked{};           ///< likewise: cell volume times the seconds that go into the ledger

  template <class Real>
  const StepRecords<Real>* records() const {
    if constexpr (sizeof(Real) == sizeof(double))
      return doubles;
    else
      return floats;
  }
  void add_level(double time, double seconds_booked) {
    walls.emplace_back(p.walls, time);
    if (heated && p.source.varies()) sources.emplace_back(p.source, time);
    booked.push_back(seconds_booked * p.grid.cell_volume());
    ++levels;
  }
};

/// Terms of the ledger of one thread, by side and piece, gathered so that they are added many at a time.
class TileBook {
 public:
  explicit TileBook(const Problem& p)
      : holes_(p.source.holes() ? p.source.holes()->holes().size() : 0),
        regions_(p.regions.size()),
        sections_(p.sections.count()) {
    for (std::size_t s = 0; s < sides.size(); ++s) entries_[s].resize(p.walls.pieces()[s].size());
  }
  /// Heats through faces n0 .. n1 - 1 of a side: heat(n), to the piece of each.
  template <class F>
  [[gnu::always_inline]] void add(Side side, const int* pieces, int n0, int n1, F&& heat) {
    int piece = -1;
    Entry* entry = nullptr;
    for (int n = n0; n < n1; ++n) {
      if (pieces[n] < 0) continue;
      if (pieces[n] != piece) {
        piece = pieces[n];
        entry = &entries_[side][static_cast<std::size_t>(piece)];
      }
      entry->add(heat(n));
    }
  }
  /// As Budget::move.
  void move(Side side, int from, int to, double heat) {
    entries_[side][static_cast<std::size_t>(from)].add(-heat);
    entries_[side][static_cast<std::size_t>(to)].add(heat);
  }
  ExactSum& source() { return source_; }
  ExactSum& region(std::size_t n) { return regions_[n]; }
  ExactSum& section(std::size_t n) { return sections_[n]; }
  void add_to_hole(std::int32_t n, double heat) { holes_[static_cast<std::size_t>(n)].add(heat); }
  ExactSum& plate() { return plate_; }
  void hand_over(Budget& budget) {
    for (const Side side : sides) {
      auto& list = entries_[side];
      for (std::size_t n = 0; n < list.size(); ++n) {
        list[n].flush();
        budget.book_wall(side, static_cast<int>(n), list[n].sum);
      }
    }
    for (std::size_t n = 0; n < regions_.size(); ++n) budget.book_region(n, regions_[n]);
    for (std::size_t n = 0; n < sections_.size(); ++n) budget.book_section(n, sections_[n]);
    budget.book_source(source_);
    budget.book_plate(plate_);
    std::vector<ExactSum> holes;
    for (Entry& e : holes_) {
      e.flush();
      holes.push_back(e.sum);
    }
    budget.book_holes(holes);
  }

 private:
  struct Entry {
    std::array<double, 256> terms;
    int count = 0;
    ExactSum sum;
    void add(double term) {
      terms[static_cast<std::size_t>(count++)] = term;
      if (count == static_cast<int>(terms.size())) flush();
    }
    void flush() {
      if (count > 0) sum.add(terms.data(), count);
      count = 0;
    }
  };
  BySide<std::vector<Entry>> entries_;
  ExactSum source_;
  std::vector<Entry> holes_;
  std::vector<ExactSum> regions_, sections_;
  ExactSum plate_;
};

/// Calls work(tile, memory, book) for every tile, all threads at a time.
/// @param budget  null: nothing is booked, and `book` is null too
template <class F>
void for_tiles(const std::vector<Box>& tiles, const Problem& p, TileMemories& memories, Budget* budget,
               F&& work) {
  while (memories.size() < static_cast<std::size_t>(omp_get_max_threads()))
    memories.push_back(std::make_unique<TileMemory>());
  const auto count = static_cast<std::ptrdiff_t>(tiles.size());
#pragma omp parallel if (count > 1)
  {
    TileMemory& memory = *memories[static_cast<std::size_t>(omp_get_thread_num())];
    TileBook book{p};
#pragma omp for schedule(dynamic, 1) nowait
    for (std::ptrdiff_t n = 0; n < count; ++n)
      work(tiles[static_cast<std::size_t>(n)], memory, budget != nullptr ? &book : nullptr);
    hwy::FlushStream();
    if (budget != nullptr) {
#pragma omp critical(calor_tile_book)
      book.hand_over(*budget);
    }
  }
}

/// One tile's way through all levels, a few rows of the domain at a time: blocks of `rows` rows, which are
/// one row lower at each level. Level t of a tile needs level t - 1 in one more layer of cells around; what
/// lies outside the tile is computed again by its neighbours.
///
/// What all kinds of such ways have, each as a part of its tile: which cells each level needs, a ring of rows
/// with what the cells need besides temperatures, kept between level T and level 1, and the walls. Rows are
/// indexed by the global column.
template <class Real>
class TileWay {
 public:
  /// Where the coefficients of the cells are: all alike, in records, or in fields.
  enum class Kind { uniform, records, fields };

  /// @param rows     of a block     @param own_rows  rows of memory for the states, from row(0)
  /// @param slack    more columns of memory, in whole vectors     @param pitch  from row to row; 0: what
  /// suits
  /// @param states   fields whose rows the tile loads
  /// @param extras   more fields that every level reads; their rows are the last planes of the ring
  TileWay(const Pass& pass, const Box& core, TileMemory& memory, TileBook* book, int rows, int own_rows,
          int slack, std::ptrdiff_t pitch, std::vector<View2D<const double>> states,
          std::vector<View2D<const double>> extras = {})
      : pass_{pass},
        p_{pass.p},
        core_{core},
        k_{pass.kernels.of<Real>()},
        book_{book},
        records_{pass.records<Real>()},
        kind_{records_ != nullptr         ? Kind::records
              : p_.coefficients.uniform() ? Kind::uniform
                                          : Kind::fields},
        heat_rows_{pass.heated && !(records_ != nullptr && records_->heated())},
        rows_{rows},
        extras_{std::move(extras)},
        inputs_{std::move(states)},
        ring_{pass.levels + rows + 1},
        origin_{core.i0 - round_up(pass.levels, unit) - unit} {
    const int T = pass.levels;
    heat_plane_ = kind_ == Kind::fields ? 3 : 0;
    extra_plane_ = heat_plane_ + (heat_rows_ ? 1 : 0);
    planes_ = extra_plane_ + static_cast<int>(extras_.size());
    // A row holds the core, and what is computed again on both sides.
    constexpr int line = 64 / sizeof(Real);
    int width = round_up(core.nx(), line) + 2 * (round_up(T, unit) + unit) + slack;
    if (width / line % 2 == 0) width += line;  // an odd number of cache lines: rows spread over all sets
    CALOR_ASSERT(pitch == 0 || width <= pitch);
    pitch_ = pitch == 0 ? width : pitch;
    const Box wanted{0, 0, static_cast<int>(pitch_), own_rows + planes_ * ring_ + 1};
    Field2D<Real>& room = memory.of<Real>();
    if (room.owned().cells() < wanted.cells()) room = Field2D<Real>{wanted, 0};
    row_ = room.view().first - origin_;
    ring_memory_ = row(own_rows);
    needs_.plane = pitch_;
    needs_.heated = heat_rows_;
    if (kind_ == Kind::fields) {
      fields_ = p_.coefficients.fields();
      inputs_.insert(inputs_.end(), {fields_.gx, fields_.gy, fields_.rho_c});
    }
    if (heat_rows_) inputs_.push_back(p_.source.q());
    inputs_.insert(inputs_.end(), extras_.begin(), extras_.end());
    for (int t = 0; t <= T; ++t) {
      const Box c = p_.grid.within_reach(core.grown(T - t));
      levels_.push_back({c, core.i0 - round_up(core.i0 - c.i0, k_.lanes)});
    }
    for (const Side side : sides) {
      steady_[side] = pass.walls[0].steady(side);
      pieces_[side] = pass.walls[0].pieces(side);
      conductances_[side] = pass.walls[0].conductances(side);
      books_[side] = p_.walls.passes_heat(side);
      shared_[side] = pass.walls[0].shared(side);
    }
    if (kind_ == Kind::uniform) {
      const Coefficients& c = p_.coefficients;
      factor_ = pass.dt / c.rho_c(0, 0);
      rx_ = static_cast<Real>(factor_ * c.gx(0, 0));
      ry_ = static_cast<Real>(factor_ * c.gy(0, 0));
    }
  }

  TileWay(const TileWay&) = delete;
  TileWay& operator=(const TileWay&) = delete;

  Kind kind() const { return kind_; }
  std::ptrdiff_t pitch() const { return pitch_; }
  /// In one material: dt g / rho_c of the faces along x and along y.
  Real rx() const { return rx_; }
  Real ry() const { return ry_; }

  static constexpr int unit = 16;  // columns; whole vectors and cache lines in both precisions
  static constexpr int round_up(int n, int to) { return (n + to - 1) / to * to; }
  /// Row n of the memory.
  Real* row(int n) const { return row_ + n * pitch_; }
  /// Cells of level t that the tile needs.
  const Box& cells(int t) const { return levels_[static_cast<std::size_t>(t)].cells; }
  /// First column of level t, whole vectors away from the tile.
  std::ptrdiff_t begin(int t) const { return levels_[static_cast<std::size_t>(t)].begin; }

  /// To be called before the first fill_ring.
  void start_ring() {
    if (kind_ == Kind::records) {
      // No level begins further left than the first; most have no run more to pass.
      first_runs_.reserve(static_cast<std::size_t>(cells(0).ny() + rows_));
      first_run_row_ = cells(0).j0 - rows_;
      for (int y = first_run_row_; y < cells(0).j1; ++y)
        first_runs_.push_back(records_->runs().at(y, begin(1)));
    }
    next_ring_row_ = cells(1).j0;
    ring_base_ = cells(0).j0 - pass_.levels - ring_;  // below every row that is asked for
  }

  /// Coefficients and extras of the rows below `end`, converted once for all levels.
  void fill_ring(int end) {
    if (planes_ == 0) return;
    const Box c = cells(1);
    for (; next_ring_row_ < std::min(end, c.j1 + 1); ++next_ring_row_) {
      const int j = next_ring_row_;
      Real* const to = ring_row(j);
      if (kind_ == Kind::fields) k_.load(fields_.gy.row(j), to + pitch_, c.i0, c.i1);
      if (j == c.j1) continue;  // the north side of the last row: there is no cell
      Real* const heat = to + heat_plane_ * pitch_;
      if (kind_ != Kind::fields) {
        if (heat_rows_) fill_row(p_.source.q().row(j), j, c.i0, c.i1, heat);
      } else {
        k_.load(fields_.gx.row(j), to, c.i0, c.i1 + 1);
        const double* const rho_c = fields_.rho_c.row(j);
        k_.divide(pass_.dt, rho_c, to + 2 * pitch_, c.i0, c.i1);
        if (heat_rows_) {
          const double* const q = p_.source.q().row(j);
          for (std::ptrdiff_t i = c.i0; i < c.i1; ++i)
            heat[i] = static_cast<Real>(pass_.dt / rho_c[i] * q[i]);
        }
      }
      for (std::size_t n = 0; n < extras_.size(); ++n)
        k_.load(extras_[n].row(j), to + (extra_plane_ + static_cast<int>(n)) * pitch_, c.i0, c.i1);
    }
  }

  /// What the rows y0 .. of level t need, and heat anew where it changes from level to level.
  const CellRows<Real>& needs(int t, int y0) {
    if (!heat_rows_ && !pass_.sources.empty()) book_sources(t, y0);
    if (planes_ == 0) return needs_;
    int slot = (y0 - ring_base_) % ring_;
    for (int r = 0; r <= rows_; ++r) {
      needs_.row[static_cast<std::size_t>(r)] = ring_memory_ + slot * planes_ * pitch_;
      if (++slot == ring_) slot = 0;
    }
    if (heat_rows_ && !pass_.sources.empty()) fill_heat(t, y0);
    return needs_;
  }

  /// Calls f(i0, i1, empty) for the stretches that the columns [begin, end) of the rows y0 .. have: of those
  /// that are empty no body has a cell, nor one beside it. They begin and end whole cache lines from `begin`.
  template <class F>
  void for_stretches(int y0, int begin, int end, F&& f) const {
    if (kind_ != Kind::records || p_.coefficients.bodies() == nullptr) {
      f(begin, end, false);
      return;
    }
    const auto line = [begin](int i) { return begin + round_up(i - begin, unit); };
    int filled = begin;  // up to here all is done
    const RecordRun* run = records_->runs().at(y0, begin);
    for (int i = begin; i < end; i = run->end, ++run) {
      if (run->record != RecordRun::void_of_bodies) continue;
      const int first = line(i), last = line(std::min(run->end, end) - unit + 1);
      if (first >= last) continue;
      if (filled < first) f(filled, first, false);
      f(first, last, true);
      filled = last;
    }
    if (filled < end) f(filled, end, false);
  }

  /// What the rows y0 .. of level t look their coefficients up in.
  RecordRows<Real> record_rows(int t, int y0) const {
    RecordRows<Real> rows = records_->rows(y0, t - 1);
    rows.run = first_runs_[static_cast<std::size_t>(y0 - first_run_row_)];
    while (rows.run->end <= begin(t)) ++rows.run;
    rows.settled = y0 - 1 >= cells(t - 1).j0;
    return rows;
  }

  /// Ghosts of the left and right walls beside the rows y0 .. of level t. @param row_of  (j) -> row j of the
  /// level
  template <class F>
  void side_ghosts(int t, int y0, F&& row_of) {
    const Box c = cells(t + 1);  // no corners are needed
    for (const Side side : {Side::left, Side::right}) {
      const bool left = side == Side::left;
      if (left ? !at_left(c) : !at_right(c)) continue;
      const int inside = left ? 0 : p_.grid.nx - 1, outside = left ? -1 : p_.grid.nx;
      const int j0 = std::max(y0, c.j0), j1 = std::min(y0 + rows_, c.j1);
      const auto in = [&](int j) { return row_of(j)[inside]; };
      const auto out = [&](int j) -> Real& { return row_of(j)[outside]; };
      fill_ghosts(side, j0, j1, t, in, out);
      if (inside >= core_.i0 && inside < core_.i1)
        book(side, std::max(j0, core_.j0), std::min(j1, core_.j1), t, in, out);
    }
  }

  /// Puts the ghosts of the walls along x at level t beside their rows, where these are among the rows
  /// y0 .. of a block that goes on from it. They take the place of a row outside the domain, which holds
  /// nothing.
  template <class F>
  void wall_rows(int t, int y0, F&& row_of) {
    if (p_.grid.periodic_y) return;
    const Box c = cells(t + 1);  // no corners are needed
    for (const Side side : {Side::bottom, Side::top}) {
      const bool bottom = side == Side::bottom;
      if (bottom ? c.j0 != 0 : c.j1 != p_.grid.ny) continue;
      const int j = bottom ? 0 : p_.grid.ny - 1;
      if (j < y0 || j >= y0 + rows_) continue;
      const Real* const from = row_of(j);
      Real* const to = row_of(bottom ? -1 : p_.grid.ny);
      const auto in = [&](int i) { return from[i]; };
      const auto out = [&](int i) -> Real& { return to[i]; };
      fill_ghosts(side, c.i0, c.i1, t, in, out);
      if (j >= core_.j0 && j < core_.j1) book(side, core_.i0, core_.i1, t, in, out);
    }
  }

  /// What passes sections at level t through the faces of the core's rows among y0 .. . @param row_of  (j) ->
  /// row j of the level, for the rows from y0 - 1
  template <class F>
  void book_sections(int t, int y0, F&& row_of) {
    if (book_ == nullptr || p_.sections.empty()) return;
    const double factor = pass_.booked[static_cast<std::size_t>(t)];
    for (const Sections::Face& f : p_.sections.rows(std::max(y0, core_.j0), std::min(y0 + rows_, core_.j1))) {
      if (f.i < core_.i0 || f.i >= core_.i1) continue;
      const Real *const row = row_of(f.j), *const other = f.upright ? row - 1 : row_of(f.j - 1);
      book_->section(f.section).add(Sections::heat(f, p_.coefficients, factor, static_cast<double>(row[f.i]),
                                                   static_cast<double>(other[f.i])));
    }
  }

  /// What walls of holes and the plate bring the core's rows among y0 .. at level t.
  template <class F>
  void book_losses(int t, int y0, F&& row_of) {
    if (book_ == nullptr || !(p_.source.holes() || p_.source.plate())) return;
    const double factor = pass_.booked[static_cast<std::size_t>(t)];
    for (int j = std::max(y0, core_.j0); j < std::min(y0 + rows_, core_.j1); ++j) {
      const Real* const row = row_of(j);
      const auto T = [row](int i) { return static_cast<double>(row[i]); };
      for (const HoleWalls::Exchange& e : exchanges_of(j))
        book_->add_to_hole(e.hole, factor * e.heat(T(e.i)));
      if (!p_.source.plate()) continue;
      q_.resize(static_cast<std::size_t>(core_.nx()));
      p_.source.plate_gains(j, core_.i0, core_.i1, factor, row, q_.data() - core_.i0);
      book_->plate().add(q_.data(), core_.nx());
    }
  }

  /// What walls of holes exchange with the core's cells of row j, looked up once for all levels.
  std::span<const HoleWalls::Exchange> exchanges_of(int j) {
    if (!p_.source.holes()) return {};
    if (exchanges_.empty()) {
      exchanges_.reserve(static_cast<std::size_t>(core_.ny()));
      for (int y = core_.j0; y < core_.j1; ++y)
        exchanges_.push_back(p_.source.holes()->exchanges(y, core_.i0, core_.i1));
    }
    return exchanges_[static_cast<std::size_t>(j - core_.j0)];
  }

  /// The share of level t in the rows that the next block, from y0, will load: two of them, or what keeps the
  /// loops busy where there are no more.
  std::array<const double*, 2> ahead(int y0, int t) const {
    std::array<const double*, 2> rows{inputs_[0].row(core_.j0), inputs_[0].row(core_.j0)};
    const int a_level =
        std::min<int>(2, (static_cast<int>(inputs_.size()) * rows_ + pass_.levels - 1) / pass_.levels);
    for (int k = 0; k < a_level; ++k) {
      const int n = (t - 1) * a_level + k, y = y0 + n % rows_;
      const auto input = static_cast<std::size_t>(n / rows_);
      if (input >= inputs_.size()) continue;
      const Box& box = inputs_[input].box;
      if (box.j0 <= y && y < std::min(cells(0).j1, box.j1))
        rows[static_cast<std::size_t>(k)] = inputs_[input].row(y);
    }
    return rows;
  }

 private:
  bool at_left(const Box& c) const { return !p_.grid.periodic_x && c.i0 == 0; }
  bool at_right(const Box& c) const { return !p_.grid.periodic_x && c.i1 == p_.grid.nx; }
  /// What the cells of row j need: planes one after the other, as in CellRows.
  Real* ring_row(int j) const { return ring_memory_ + (j - ring_base_) % ring_ * planes_ * pitch_; }

  /// dt / rho_c times the numbers of row j.
  void fill_row(const double* from, int j, std::ptrdiff_t begin, std::ptrdiff_t end, Real* to) {
    if (kind_ == Kind::uniform)
      for (std::ptrdiff_t i = begin; i < end; ++i) to[i] = static_cast<Real>(factor_ * from[i]);
    else
      for (std::ptrdiff_t i = begin; i < end; ++i)
        to[i] = static_cast<Real>(pass_.dt / p_.coefficients.rho_c(static_cast<int>(i), j) * from[i]);
  }

  /// dt q / rho_c at level t - 1 for the rows from y0.
  void fill_heat(int t, int y0) {
    const Box c = cells(t);
    const auto level = static_cast<std::size_t>(t - 1);
    const Source::Moment& source = pass_.sources[level];
    q_.resize(static_cast<std::size_t>(c.nx()));
    double* const q = q_.data() - c.i0;
    for (int j = std::max(y0, c.j0); j < std::min(y0 + rows_, c.j1); ++j) {
      source.row(j, c.i0, c.i1, q);
      if (book_ != nullptr && j >= core_.j0 && j < core_.j1) book_source(source, j, level, q);
      Real* const heat = ring_row(j) + heat_plane_ * pitch_;
      fill_row(q, j, c.i0, c.i1, heat);
    }
  }

  /// What varying sources make at level t - 1 in the core's rows from y0, where heat is looked up.
  void book_sources(int t, int y0) {
    const Box c = cells(t);
    if (book_ == nullptr) return;
    const auto level = static_cast<std::size_t>(t - 1);
    for (int j = std::max({y0, c.j0, core_.j0}); j < std::min({y0 + rows_, c.j1, core_.j1}); ++j)
      book_source(pass_.sources[level], j, level, nullptr);
  }

  /// What varying sources make in row j of the core, and in the regions there.
  void book_source(const Source::Moment& source, int j, std::size_t level, const double* q) {
    const double factor = pass_.booked[level];
    source.book(j, core_.i0, core_.i1, factor, q, book_->source());
    for (std::size_t n = 0; n < p_.region_cells.size(); ++n)
      p_.region_cells[n].for_runs(j, core_.i0, core_.i1, [&](int i0, int i1, const RegionCells::Run& run) {
        source.book(run, i0, i1, factor, q, book_->region(n));
      });
  }

  /// Ghosts of faces n0 .. n1 - 1 of a side at level t: out(n) from in(n).
  template <class In, class Out>
  [[gnu::always_inline]] void fill_ghosts(Side side, int n0, int n1, int t, In&& in, Out&& out) const {
    const GhostRule* const steady = steady_[side];
    const bool homogeneous = pass_.homogeneous;
    const auto value = [homogeneous](const GhostRule& r, double u) {
      return static_cast<Real>(homogeneous ? r.a * u : r.a * u + r.b);
    };
    if (steady != nullptr) {
      for (int n = n0; n < n1; ++n) out(n) = value(steady[n], static_cast<double>(in(n)));
      return;
    }
    const Walls::Moment& walls = pass_.walls[static_cast<std::size_t>(t)];
    for (int n = n0; n < n1; ++n) {
      const auto u = static_cast<double>(in(n));
      out(n) = value(walls(side, n, u), u);
    }
  }

  /// Heat through the same faces.
  template <class In, class Out>
  [[gnu::always_inline]] void book(Side side, int n0, int n1, int t, In&& in, Out&& out) {
    if (book_ == nullptr || !books_[side]) return;
    const double factor = pass_.booked[static_cast<std::size_t>(t)];
    const double* const g = conductances_[side];
    book_->add(side, pieces_[side], n0, n1, [&](int n) {
      return factor * (g[n] * (static_cast<double>(out(n)) - static_cast<double>(in(n))));
    });
    // Numbers go where it is not inlined, not the functions: what holds these would have to stay in memory.
    if (const auto* const shared = shared_[side])
      for (auto at = shared->lower_bound(n0); at != shared->end() && at->first < n1; ++at)
        move_parts(side, at->first, t, static_cast<double>(in(at->first)));
  }

  /// What passes the pieces that share face n with the one that it is booked with.
  [[gnu::noinline]] void move_parts(Side side, int n, int t, double T) {
    const auto level = static_cast<std::size_t>(t);
    for (const Walls::Part& part : pass_.walls[level].parts_beside(side, n, T))
      book_->move(side, pieces_[side][n], part.piece,
                  pass_.booked[level] * part.heat(conductances_[side][n], T, pass_.homogeneous));
  }

  struct Level {
    Box cells;
    int begin;
  };
  const Pass& pass_;
  const Problem& p_;
  const Box core_;
  const RowKernels<Real>& k_;
  TileBook* const book_;
  const StepRecords<Real>* const records_;
  const Kind kind_;
  const bool heat_rows_;  // heat stands beside the coefficients in the ring
  const int rows_;
  Real rx_{}, ry_{};
  std::ptrdiff_t pitch_ = 0;
  std::vector<View2D<const double>> extras_;
  std::vector<View2D<const double>> inputs_;  // all fields whose rows are loaded on the way
  const int ring_;                            // rows in it
  const int origin_;                          // first column that the rows have
  int heat_plane_ = 0, extra_plane_ = 0, planes_ = 0;
  std::vector<Level> levels_;
  BySide<const GhostRule*> steady_{};  // indexed by the along-coordinate; null: varies
  BySide<const int*> pieces_{};        // likewise; -1 where no heat passes
  BySide<const double*> conductances_{};
  BySide<bool> books_{};                                             // heat passes somewhere
  BySide<const std::map<int, std::vector<Walls::Part>>*> shared_{};  // faces that pieces share; or null
  Real *row_ = nullptr, *ring_memory_ = nullptr;
  int next_ring_row_ = 0, ring_base_ = 0;
  CellRows<Real> needs_;  // of the block at work
  Coefficients::Fields fields_;
  double factor_ = 0.0;
  std::vector<double> q_;
  std::vector<std::span<const HoleWalls::Exchange>> exchanges_;  // of each row of the core
  int first_run_row_ = 0;
  std::vector<const RecordRun*> first_runs_;  // of each row's block, at the first column of level 1
};

}  // namespace calor
