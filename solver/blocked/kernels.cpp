// SPDX-License-Identifier: BSD-3-Clause
#include "solver/blocked/kernels.hpp"

#include <algorithm>
#include <cstdlib>

#include "decomposition/error.hpp"

// Highway compiles the part between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each instruction
// set, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "solver/blocked/kernels.cpp"
// Left out: sets that gain nothing here, and those whose vectors have no fixed length.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | CALOR_LATER_TARGETS)
#include <hwy/detect_targets.h>
#ifdef HWY_NEON_BF16  // Highway 1.2, not 1.0
#define CALOR_LATER_TARGETS (HWY_AVX3_SPR | HWY_AVX3_ZEN4 | HWY_NEON_BF16)
#else
#define CALOR_LATER_TARGETS 0
#endif
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/cache_control.h>

#define CALOR_INLINE HWY_INLINE

HWY_BEFORE_NAMESPACE();
namespace calor::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#include "solver/stencil/cell_change.inl"

template <class Real>
struct Loops {
  using D = hn::ScalableTag<Real>;
  using V = hn::Vec<D>;
  static constexpr std::ptrdiff_t lanes = HWY_LANES(Real);

  static_assert(lanes <= 16, "rows have room for 16 numbers beside them");
  static constexpr int uniform_rows = 6, field_rows = 4;

  struct LessTimes {
    HWY_INLINE V operator()(V sum, int k, V c) const {
      return hn::NegMulAdd(hn::Set(D{}, static_cast<Real>(k)), c, sum);
    }
  };

  /// A block's way along its rows: column(x, start, update) works update(r, x, c, w, e, s, n) on the rows of
  /// one vector of columns, from above: a new row replaces an old one that only the rows above it needed.
  /// `start(x, c, n)` comes before, with the uppermost cell and its north. Columns go up from block.begin.
  template <int rows>
  class Way {
   public:
    HWY_INLINE explicit Way(const RowBlock<Real>& block)
        : begin_{block.begin}, end_{block.end}, ahead0_{block.ahead[0]}, ahead1_{block.ahead[1]} {
      in_[0] = block.carry[0];
      in_[1] = block.carry[1];
      for (int r = 0; r < rows; ++r) in_[r + 2] = block.first + r * block.pitch;
      // The columns beside the block are carried too; on the left they are soon replaced.
      left0_ = in_[rows][begin_ - 1];
      left1_ = in_[rows + 1][begin_ - 1];
      // The upper row is carried into memory whose column x - 1 is read with x: it is written one vector
      // late.
      late_ = hn::Load(D{}, in_[rows + 1] + begin_);
    }
    template <class Start, class Update>
    HWY_INLINE void column(std::ptrdiff_t x, Start start, Update update) {
      const D d;
      V n = hn::Load(d, in_[rows + 1] + x), c = hn::Load(d, in_[rows] + x);
      const V last = n, last_but_one = c;
      hwy::Prefetch(ahead0_ + x);
      hwy::Prefetch(ahead1_ + x);
      start(x, c, n);
      HWY_UNROLL(8)
      for (int r = rows - 1; r >= 0; --r) {
        const V s = hn::Load(d, in_[r] + x);
        const V w = hn::LoadU(d, in_[r + 1] + x - 1), e = hn::LoadU(d, in_[r + 1] + x + 1);
        hn::Store(update(r, x, c, w, e, s, n), d, in_[r + 2] + x - lanes);
        n = c;
        c = s;
      }
      if (x > begin_) hn::Store(late_, d, in_[1] + x - lanes);
      late_ = last;
      hn::Store(last_but_one, d, in_[0] + x);
    }
    HWY_INLINE void finish() {
      const std::ptrdiff_t x = begin_ + (end_ - begin_ + lanes - 1) / lanes * lanes;
      hn::Store(late_, D{}, in_[1] + x - lanes);
      in_[0][x] = in_[rows][x];
      in_[1][x] = in_[rows + 1][x];
      in_[0][begin_ - 1] = left0_;
      in_[1][begin_ - 1] = left1_;
    }

   private:
    Real* in_[rows + 2];
    std::ptrdiff_t begin_, end_;
    const double *ahead0_, *ahead1_;
    Real left0_, left1_;
    V late_;
  };

  static constexpr auto nothing = [](std::ptrdiff_t, V, V) HWY_ATTR {};

  /// Every column of the block.
  template <int rows, class Start, class Update>
  static HWY_INLINE void sweep(const RowBlock<Real>& block, Start start, Update update) {
    if (block.begin >= block.end) return;
    Way<rows> way{block};
    for (std::ptrdiff_t x = block.begin, end = block.end; x < end; x += lanes) way.column(x, start, update);
    way.finish();
  }

  template <class Change>
  static HWY_INLINE void sweep_uniform(const RowBlock<Real>& block, const CellRows<Real>& cells,
                                       Change change) {
    if (!cells.heated) {
      sweep<uniform_rows>(block, nothing, [&](int, std::ptrdiff_t, V c, V w, V e, V s, V n) HWY_ATTR {
        return c + change(c, w, e, s, n);
      });
      return;
    }
    const Real* heat[uniform_rows];
    for (int r = 0; r < uniform_rows; ++r) heat[r] = cells.row[static_cast<std::size_t>(r)];
    sweep<uniform_rows>(block, nothing, [&](int r, std::ptrdiff_t x, V c, V w, V e, V s, V n) HWY_ATTR {
      return c + (change(c, w, e, s, n) + hn::Load(D{}, heat[r] + x));
    });
  }

  static void square(const RowBlock<Real>& block, const CellRows<Real>& cells, Real r) {
    const V ratio = hn::Set(D{}, r);
    sweep_uniform(block, cells, [&](V c, V w, V e, V s, V n) HWY_ATTR {
      return change_square(c, w, e, s, n, ratio, LessTimes{});
    });
  }

  static void uniform(const RowBlock<Real>& block, const CellRows<Real>& cells, Real x_ratio, Real y_ratio) {
    const V rx = hn::Set(D{}, x_ratio), ry = hn::Set(D{}, y_ratio);
    sweep_uniform(block, cells, [&](V c, V w, V e, V s, V n) HWY_ATTR {
      return change_uniform(c, w, e, s, n, rx, ry, LessTimes{});
    });
  }

  template <bool heated>
  static HWY_INLINE void sweep_fields(const RowBlock<Real>& block, const CellRows<Real>& cells) {
    constexpr int rows = field_rows;
    const D d;
    const Real* at[rows + 1];
    for (int r = 0; r <= rows; ++r) at[r] = cells.row[static_cast<std::size_t>(r)];
    const std::ptrdiff_t gy = cells.plane, scale = 2 * gy, heat = 3 * gy;
    V north = hn::Zero(d);
    sweep<rows>(
        block,
        [&](std::ptrdiff_t x, V c, V n) HWY_ATTR { north = flux(hn::Load(d, at[rows] + gy + x), c, n); },
        [&](int r, std::ptrdiff_t x, V c, V w, V e, V s, V) HWY_ATTR {
          const V west = flux(hn::Load(d, at[r] + x), w, c), east = flux(hn::LoadU(d, at[r] + x + 1), c, e);
          const V south = flux(hn::Load(d, at[r] + gy + x), s, c);
          V change = hn::Load(d, at[r] + scale + x) * divergence(west, east, south, north);
          if constexpr (heated) change = change + hn::Load(d, at[r] + heat + x);
          north = south;
          return c + change;
        });
  }

  static void fields(const RowBlock<Real>& block, const CellRows<Real>& cells) {
    if (cells.heated)
      sweep_fields<true>(block, cells);
    else
      sweep_fields<false>(block, cells);
  }

  template <bool square>
  static HWY_INLINE V plain_change(V c, V w, V e, V s, V n, V rx, V ry) {
    if constexpr (square)
      return change_square(c, w, e, s, n, rx, LessTimes{});
    else
      return change_uniform(c, w, e, s, n, rx, ry, LessTimes{});
  }
  /// Five vectors of a record, and the change of cells that have them.
  template <bool square>
  struct Record {
    HWY_INLINE explicit Record(const Real* g)
        : west{hn::Load(D{}, g)},
          east{hn::Load(D{}, g + width)},
          south{hn::Load(D{}, g + 2 * width)},
          north{hn::Load(D{}, g + 3 * width)},
          scale{hn::Load(D{}, g + 4 * width)} {}
    HWY_INLINE V change(V c, V w, V e, V s, V n) const {
      const V plain = plain_change<square>(c, w, e, s, n, west, south);
      const V general =
          scale * divergence(flux(west, w, c), flux(east, c, e), flux(south, s, c), flux(north, c, n));
      return hn::IfNegativeThenElse(scale, plain, general);
    }
    static constexpr int width = RecordRows<Real>::width;
    V west, east, south, north, scale;
  };

  /// @param work  work(x, change) on the vector of columns x, with change(r, c, w, e, s, n) of row r, which
  /// has the heat of the records in it if `heated`, and what they lose if `losing`. Each kind of run has a
  /// loop of its own: one loop with a branch in it is slower by a fifth everywhere
  /// @param skipping  what is written at x - lanes replaces what stands there: where no cell is of a body, 0
  /// by 0
  template <bool square, bool heated, bool losing, bool skipping, class Work>
  static HWY_INLINE void along_runs(const RecordRows<Real>& m, std::ptrdiff_t begin, std::ptrdiff_t end,
                                    Work work) {
    constexpr int width = RecordRows<Real>::width;
    constexpr int shift = width == 8 ? 3 : 4;
    const RecordRun* run = m.run;
    const auto with = [](V change, V heat, V loss, V c) HWY_ATTR {
      if constexpr (losing)
        return (change + heat) - loss * c;
      else if constexpr (heated)
        return change + heat;
      else
        return change;
    };
    for (std::ptrdiff_t x = begin; x < end; ++run) {
      const std::ptrdiff_t stop = HWY_MIN(static_cast<std::ptrdiff_t>(run->end), end);
      const std::ptrdiff_t number = run->record;
      if (run->record < m.entries) {
        const Real* const g = m.records + number * RecordRows<Real>::size;
        const V rx = hn::Set(D{}, g[0]), ry = hn::Set(D{}, g[2 * width]);
        const V heat = hn::Set(D{}, heated ? m.heat[number * width] : Real{});
        const V loss = hn::Set(D{}, losing ? m.loss[number * width] : Real{});
        if (losing && m.heat[number * width] == Real{} && m.loss[number * width] == Real{})
          for (; x < stop; x += lanes)
            work(x, [&](int, V c, V w, V e, V s, V n)
                        HWY_ATTR { return plain_change<square>(c, w, e, s, n, rx, ry); });
        else
          for (; x < stop; x += lanes)
            work(x, [&](int, V c, V w, V e, V s, V n) HWY_ATTR {
              return with(plain_change<square>(c, w, e, s, n, rx, ry), heat, loss, c);
            });
      } else if (run->record == RecordRun::void_of_bodies) {
        // Columns before begin + lanes may hold what no level needs, and are moved into those behind them.
        const std::ptrdiff_t last = x + (stop - x - 1) / lanes * lanes,
                             free = HWY_MAX(x + lanes, begin + 2 * lanes);
        for (; x < stop; x += lanes) {
          if (skipping && m.settled && x >= free && x < last) x = last;
          work(x, [](int, V, V, V, V, V) HWY_ATTR { return hn::Zero(D{}); });
        }
      } else if (run->record != RecordRun::mixed) {
        for (; x < stop; x += lanes) {
          const std::ptrdiff_t lane = (x - m.origin) & (width - 1);
          const Record<square> record{m.records + number * RecordRows<Real>::size + lane};
          const V heat = heated ? hn::Load(D{}, m.heat + number * width + lane) : hn::Zero(D{});
          const V loss = losing ? hn::Load(D{}, m.loss + number * width + lane) : hn::Zero(D{});
          work(x, [&](int, V c, V w, V e, V s, V n)
                      HWY_ATTR { return with(record.change(c, w, e, s, n), heat, loss, c); });
        }
      } else {
        const std::uint32_t* const numbers = m.numbers;
        const std::ptrdiff_t pitch = m.pitch;
        const std::uint32_t entries = m.entries;
        for (; x < stop; x += lanes) {
          const std::uint32_t* const column = numbers + ((x - m.origin) >> shift);
          const std::ptrdiff_t lane = (x - m.origin) & (width - 1);
          const Real *const records = m.records + lane, *const heats = m.heat + (heated ? lane : 0),
                            *const losses = m.loss + (losing ? lane : 0);
          work(x, [&](int r, V c, V w, V e, V s, V n) HWY_ATTR {
            const std::uint32_t here = column[r * pitch];
            const Real* const g = records + static_cast<std::ptrdiff_t>(here) * RecordRows<Real>::size;
            const V heat =
                heated ? hn::Load(D{}, heats + static_cast<std::ptrdiff_t>(here) * width) : hn::Zero(D{});
            const V loss =
                losing ? hn::Load(D{}, losses + static_cast<std::ptrdiff_t>(here) * width) : hn::Zero(D{});
            if (HWY_LIKELY(here < entries))
              return with(plain_change<square>(c, w, e, s, n, hn::Load(D{}, g), hn::Load(D{}, g + 2 * width)),
                          heat, loss, c);
            return with(Record<square>{g}.change(c, w, e, s, n), heat, loss, c);
          });
        }
      }
    }
  }

  /// Where the heat of a cell is.
  enum class Heat { none, rows, records, records_that_lose };

  template <bool square, Heat heat>
  static void sweep_records(const RowBlock<Real>& block, const CellRows<Real>& cells,
                            const RecordRows<Real>& m) {
    constexpr int rows = record_block_rows;
    const Real* row[rows];
    if constexpr (heat == Heat::rows)
      for (int r = 0; r < rows; ++r) row[r] = cells.row[static_cast<std::size_t>(r)];
    Way<rows> way{block};
    constexpr bool losing = heat == Heat::records_that_lose;
    along_runs<square, heat == Heat::records || losing, losing, true>(
        m, block.begin, block.end, [&](std::ptrdiff_t x0, auto change) HWY_ATTR {
          way.column(x0, nothing, [&](int r, std::ptrdiff_t x, V c, V w, V e, V s, V n) HWY_ATTR {
            const V v = change(r, c, w, e, s, n);
            if constexpr (heat == Heat::rows)
              return c + (v + hn::Load(D{}, row[r] + x));
            else
              return c + v;
          });
        });
    way.finish();
  }

  template <Heat heat>
  static void records_with(const RowBlock<Real>& block, const CellRows<Real>& cells,
                           const RecordRows<Real>& m) {
    if (m.square)
      sweep_records<true, heat>(block, cells, m);
    else
      sweep_records<false, heat>(block, cells, m);
  }

  static void records(const RowBlock<Real>& block, const CellRows<Real>& cells, const RecordRows<Real>& m) {
    if (block.begin >= block.end) return;
    if (m.loss != nullptr)
      records_with<Heat::records_that_lose>(block, cells, m);
    else if (m.heat != nullptr)
      records_with<Heat::records>(block, cells, m);
    else if (cells.heated)
      records_with<Heat::rows>(block, cells, m);
    else
      records_with<Heat::none>(block, cells, m);
  }

  using Wide = hn::ScalableTag<double>;
  using Narrow = hn::Rebind<Real, Wide>;  // as many numbers as a vector of doubles has
  static constexpr std::ptrdiff_t doubles = HWY_LANES(double);

  static HWY_INLINE void put(hn::Vec<Wide> v, Real* to) {
    if constexpr (sizeof(Real) == sizeof(double))
      hn::StoreU(v, Wide{}, to);
    else
      hn::StoreU(hn::DemoteTo(Narrow{}, v), Narrow{}, to);
  }

  static void load(const double* from, Real* to, std::ptrdiff_t begin, std::ptrdiff_t end) {
    std::ptrdiff_t x = begin;
    for (; x + doubles <= end; x += doubles) put(hn::LoadU(Wide{}, from + x), to + x);
    for (; x < end; ++x) to[x] = static_cast<Real>(from[x]);
  }

  static void divide(double numerator, const double* from, Real* to, std::ptrdiff_t begin,
                     std::ptrdiff_t end) {
    std::ptrdiff_t x = begin;
    for (; x + doubles <= end; x += doubles)
      put(hn::Set(Wide{}, numerator) / hn::LoadU(Wide{}, from + x), to + x);
    for (; x < end; ++x) to[x] = static_cast<Real>(numerator / from[x]);
  }

  static void store(const Real* from, double* to, std::ptrdiff_t begin, std::ptrdiff_t end, bool stream) {
    std::ptrdiff_t x = begin;
    for (; x + doubles <= end; x += doubles) {
      const auto v = [&]() HWY_ATTR {
        if constexpr (sizeof(Real) == sizeof(double))
          return hn::LoadU(Wide{}, from + x);
        else
          return hn::PromoteTo(Wide{}, hn::LoadU(Narrow{}, from + x));
      }();
      if (stream)
        hn::Stream(v, Wide{}, to + x);
      else
        hn::StoreU(v, Wide{}, to + x);
    }
    for (; x < end; ++x) to[x] = from[x];
  }

  static RowKernels<Real> table() {
    return {static_cast<int>(lanes),
            uniform_rows,
            field_rows,
            &square,
            &uniform,
            &fields,
            &records,
            &load,
            &divide,
            &store};
  }
};

#include "solver/blocked/stage_loops.inl"

std::string_view isa_name() {
  switch (HWY_TARGET) {
    case HWY_SSE4:
      return "sse4";
    case HWY_AVX2:
      return "avx2";
    case HWY_AVX3:
      return "avx512";
    case HWY_NEON:
      return "neon";
    case HWY_SCALAR:
    case HWY_EMU128:
#ifdef HWY_SSE2  // Highway 1.2, which then makes no scalar one for x86-64
    case HWY_SSE2:
#endif
      return "baseline";
    default:
      return hwy::TargetName(HWY_TARGET);
  }
}

Kernels table() { return {isa_name(), Loops<double>::table(), Loops<float>::table(), StageLoops::table()}; }

}  // namespace calor::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace calor {

HWY_EXPORT(table);

namespace {

/// The table of one of Highway's targets.
Kernels table_of(std::int64_t target) {
  hwy::SetSupportedTargetsForTest(target);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  const Kernels k = HWY_DYNAMIC_DISPATCH(table)();
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
  return k;
}

/// Every target that there is, the plainest first: lower bits are wider ones.
std::vector<std::int64_t> targets() {
  std::vector<std::int64_t> found;
  for (int bit = 62; bit >= 0; --bit) {
    const std::int64_t target = std::int64_t{1} << bit;
    if ((hwy::SupportedTargets() & HWY_TARGETS & target) != 0) found.push_back(target);
  }
  return found;
}

}  // namespace

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const std::int64_t t : targets()) names.emplace_back(table_of(t).isa);
  return names;
}

Kernels kernels_for(const std::string& isa) {
  std::string known;
  for (const std::int64_t t : targets()) {
    const Kernels k = table_of(t);
    if (k.isa == isa) return k;
    known += (known.empty() ? "" : ", ") + std::string{k.isa};
  }
  throw Error{Exit::usage, "CALOR_ISA = " + isa + ": this processor and program have " + known};
}

const Kernels& kernels() {
  static const Kernels chosen = [] {
    const char* const wish = std::getenv("CALOR_ISA");
    const bool automatic = wish == nullptr || *wish == '\0' || std::string_view{wish} == "auto";
    return kernels_for(automatic ? instruction_sets().back() : wish);
  }();
  return chosen;
}

}  // namespace calor
#endif
