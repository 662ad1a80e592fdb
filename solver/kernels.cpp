// SPDX-License-Identifier: BSD-3-Clause
#include "solver/kernels.hpp"

#include <algorithm>
#include <cstdlib>

#include "decomposition/error.hpp"

// Highway compiles the part between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE once for each instruction
// set, by including this file again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "solver/kernels.cpp"
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#define CALOR_INLINE HWY_INLINE

HWY_BEFORE_NAMESPACE();
namespace calor::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#include "solver/update.inl"

template <class Real>
struct Loops {
  using D = hn::ScalableTag<Real>;
  using V = hn::Vec<D>;
  static constexpr std::ptrdiff_t lanes = HWY_LANES(Real);

  static constexpr int uniform_rows = 6, field_rows = 2;

  struct LessTimes {
    HWY_INLINE V operator()(V sum, int k, V c) const {
      return hn::NegMulAdd(hn::Set(D{}, static_cast<Real>(k)), c, sum);
    }
  };

  /// Works update(r, x, c, w, e, s, n) on every column and row of the block, rows from above: a new row
  /// replaces an old one that only the rows above it needed. `first(x)` comes before the rows of a column.
  template <int rows, class First, class Update>
  static HWY_INLINE void sweep(const RowBlock<Real>& block, First first, Update update) {
    const D d;
    const Real* in[rows + 2];
    Real* out[rows];
    for (int r = 0; r < rows + 2; ++r) in[r] = block.in[static_cast<std::size_t>(r)];
    for (int r = 0; r < rows; ++r) out[r] = block.out[static_cast<std::size_t>(r)];
    Real* const carry0 = block.carry[0];
    Real* const carry1 = block.carry[1];
    // The columns beside the block are carried too; on the left they are soon replaced.
    const Real left0 = in[rows][block.begin - 1], left1 = in[rows + 1][block.begin - 1];
    // carry1 may be in[1], whose column x - 1 is read with x: it is written one vector late.
    V late = hn::Set(d, left1);
    std::ptrdiff_t x = block.begin;
    for (; x < block.end; x += lanes) {
      V n = hn::Load(d, in[rows + 1] + x), c = hn::Load(d, in[rows] + x);
      const V last = n, last_but_one = c;
      first(x, c, n);
      HWY_UNROLL(8)
      for (int r = rows - 1; r >= 0; --r) {
        const V s = hn::Load(d, in[r] + x);
        const V w = hn::LoadU(d, in[r + 1] + x - 1), e = hn::LoadU(d, in[r + 1] + x + 1);
        hn::Store(update(r, x, c, w, e, s, n), d, out[r] + x);
        n = c;
        c = s;
      }
      if (x > block.begin) hn::Store(late, d, carry1 + x - lanes);
      late = last;
      hn::Store(last_but_one, d, carry0 + x);
    }
    if (x == block.begin) return;
    const Real right0 = in[rows][x], right1 = in[rows + 1][x];
    hn::Store(late, d, carry1 + x - lanes);
    carry0[x] = right0;
    carry1[x] = right1;
    carry0[block.begin - 1] = left0;
    carry1[block.begin - 1] = left1;
  }

  template <bool heated, class Update>
  static HWY_INLINE void sweep_uniform(const RowBlock<Real>& block, const HeatRows<Real>* heat,
                                       Update update) {
    const Real* q[uniform_rows] = {};
    if constexpr (heated)
      for (int r = 0; r < uniform_rows; ++r) q[r] = (*heat)[static_cast<std::size_t>(r)];
    sweep<uniform_rows>(
        block, [](std::ptrdiff_t, V, V) HWY_ATTR {},
        [&](int r, std::ptrdiff_t x, V c, V w, V e, V s, V n) HWY_ATTR {
          const V u = update(c, w, e, s, n);
          if constexpr (heated) return u + hn::Load(D{}, q[r] + x);
          return u;
        });
  }

  static void square(const RowBlock<Real>& block, const HeatRows<Real>* heat, Real r) {
    const V ratio = hn::Set(D{}, r);
    const auto update = [&](V c, V w, V e, V s, V n)
                            HWY_ATTR { return update_square(c, w, e, s, n, ratio, LessTimes{}); };
    if (heat != nullptr)
      sweep_uniform<true>(block, heat, update);
    else
      sweep_uniform<false>(block, heat, update);
  }

  static void uniform(const RowBlock<Real>& block, const HeatRows<Real>* heat, Real x_ratio, Real y_ratio) {
    const V rx = hn::Set(D{}, x_ratio), ry = hn::Set(D{}, y_ratio);
    const auto update = [&](V c, V w, V e, V s, V n)
                            HWY_ATTR { return update_uniform(c, w, e, s, n, rx, ry, LessTimes{}); };
    if (heat != nullptr)
      sweep_uniform<true>(block, heat, update);
    else
      sweep_uniform<false>(block, heat, update);
  }

  template <bool heated>
  static HWY_INLINE void sweep_fields(const RowBlock<Real>& block, const HeatRows<Real>* heat,
                                      const FieldRows<Real>& f) {
    constexpr int rows = field_rows;
    const D d;
    const Real *gx[rows], *gy[rows + 1], *scale[rows], *q[rows] = {};
    for (int r = 0; r < rows; ++r) {
      const auto n = static_cast<std::size_t>(r);
      gx[r] = f.gx[n];
      scale[r] = f.scale[n];
      if constexpr (heated) q[r] = (*heat)[n];
    }
    for (int r = 0; r <= rows; ++r) gy[r] = f.gy[static_cast<std::size_t>(r)];
    V north = hn::Zero(d);
    sweep<rows>(
        block, [&](std::ptrdiff_t x, V c, V n) HWY_ATTR { north = flux(hn::Load(d, gy[rows] + x), c, n); },
        [&](int r, std::ptrdiff_t x, V c, V w, V e, V s, V) HWY_ATTR {
          const V west = flux(hn::Load(d, gx[r] + x), w, c), east = flux(hn::LoadU(d, gx[r] + x + 1), c, e);
          const V south = flux(hn::Load(d, gy[r] + x), s, c);
          V change = hn::Load(d, scale[r] + x) * divergence(west, east, south, north);
          if constexpr (heated) change = change + hn::Load(d, q[r] + x);
          north = south;
          return c + change;
        });
  }

  static void fields(const RowBlock<Real>& block, const HeatRows<Real>* heat, const FieldRows<Real>& f) {
    if (heat != nullptr)
      sweep_fields<true>(block, heat, f);
    else
      sweep_fields<false>(block, heat, f);
  }

  static void store(const Real* from, double* to, std::ptrdiff_t begin, std::ptrdiff_t end, bool stream) {
    if constexpr (sizeof(Real) == sizeof(double)) {
      const D d;
      std::ptrdiff_t x = begin;
      if (stream)
        for (; x + lanes <= end; x += lanes) hn::Stream(hn::Load(d, from + x), d, to + x);
      for (; x < end; ++x) to[x] = from[x];
    } else {
      for (std::ptrdiff_t x = begin; x < end; ++x) to[x] = from[x];
    }
  }

  static RowKernels<Real> table() {
    return {static_cast<int>(lanes), uniform_rows, field_rows, &square, &uniform, &fields, &store};
  }
};

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
      return "baseline";
    default:
      return hwy::TargetName(HWY_TARGET);
  }
}

Kernels table() { return {isa_name(), Loops<double>::table(), Loops<float>::table()}; }

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
