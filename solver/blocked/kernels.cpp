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

  /// Works update(r, x, c, w, e, s, n) on every column and row of the block, rows from above: a new row
  /// replaces an old one that only the rows above it needed. `start(x, c, n)` comes before the rows of a
  /// column, with the uppermost cell and its north.
  template <int rows, class Start, class Update>
  static HWY_INLINE void sweep(const RowBlock<Real>& block, Start start, Update update) {
    const D d;
    Real* in[rows + 2] = {block.carry[0], block.carry[1]};
    for (int r = 0; r < rows; ++r) in[r + 2] = block.first + r * block.pitch;
    const std::ptrdiff_t begin = block.begin, end = block.end;
    const double *const ahead0 = block.ahead[0], *const ahead1 = block.ahead[1];
    if (begin >= end) return;
    // The columns beside the block are carried too; on the left they are soon replaced.
    const Real left0 = in[rows][begin - 1], left1 = in[rows + 1][begin - 1];
    // The upper row is carried into memory whose column x - 1 is read with x: it is written one vector late.
    V late = hn::Load(d, in[rows + 1] + begin);
    for (std::ptrdiff_t x = begin; x < end; x += lanes) {
      V n = hn::Load(d, in[rows + 1] + x), c = hn::Load(d, in[rows] + x);
      const V last = n, last_but_one = c;
      hwy::Prefetch(ahead0 + x);
      hwy::Prefetch(ahead1 + x);
      start(x, c, n);
      HWY_UNROLL(8)
      for (int r = rows - 1; r >= 0; --r) {
        const V s = hn::Load(d, in[r] + x);
        const V w = hn::LoadU(d, in[r + 1] + x - 1), e = hn::LoadU(d, in[r + 1] + x + 1);
        hn::Store(update(r, x, c, w, e, s, n), d, in[r + 2] + x - lanes);
        n = c;
        c = s;
      }
      if (x > begin) hn::Store(late, d, in[1] + x - lanes);
      late = last;
      hn::Store(last_but_one, d, in[0] + x);
    }
    const std::ptrdiff_t x = begin + (end - begin + lanes - 1) / lanes * lanes;
    hn::Store(late, d, in[1] + x - lanes);
    in[0][x] = in[rows][x];
    in[1][x] = in[rows + 1][x];
    in[0][begin - 1] = left0;
    in[1][begin - 1] = left1;
  }

  template <class Change>
  static HWY_INLINE void sweep_uniform(const RowBlock<Real>& block, const CellRows<Real>& cells,
                                       Change change) {
    const auto nothing = [](std::ptrdiff_t, V, V) HWY_ATTR {};
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
