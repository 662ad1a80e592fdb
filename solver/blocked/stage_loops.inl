// SPDX-License-Identifier: BSD-3-Clause
// Inner loops of recursions over three states (solver/blocked/stages.hpp): included by solver/blocked/kernels.cpp for each
// instruction set.

struct StageLoops {
  using D = hn::ScalableTag<double>;
  using V = hn::Vec<D>;
  using LessTimes = Loops<double>::LessTimes;
  static constexpr std::ptrdiff_t lanes = HWY_LANES(double);
  static constexpr int rows = stage_rows;

  struct TwiceLess {
    HWY_INLINE V operator()(V c, V before) const { return hn::MulSub(hn::Set(D{}, 2.0), c, before); }
  };

  static HWY_INLINE V load(const double* p) { return hn::Load(D{}, p); }
  static HWY_INLINE void store(V v, double* p) { hn::Store(v, D{}, p); }
  /// Row r of those from `first`.
  template <class T>
  static HWY_INLINE T* at(T* first, int r) {
    return first + r * stage_pitch;
  }

  /// Works next(r, x, c, before, w, e, s, n) on every column and row of the block, rows from above: a new row
  /// takes the place of a row of the state before that only the rows above it needed. `start` as in Loops.
  template <bool summed, class Start, class Next>
  static HWY_INLINE void sweep(const StageBlock& b, double sum_weight, Start start, Next next) {
    const double *const now = b.now, *const carry = b.carry;
    double *const before = b.before, *const carry_before = b.carry_before, *const sum = b.sum,
                  *const carry_sum = b.carry_sum;
    const double *const ahead0 = b.ahead[0], *const ahead1 = b.ahead[1];
    const std::ptrdiff_t end = b.end;
    const V weight = hn::Set(D{}, sum_weight);
    // Rows by their distance from y.
    const auto present = [&](int r) HWY_ATTR { return r < 1 ? at(carry, r + 1) : at(now, r - 1); };
    const auto old = [&](int r) HWY_ATTR { return r < 2 ? at(carry_before, r) : at(before, r - 2); };
    for (std::ptrdiff_t x = b.begin; x < end; x += lanes) {
      V n = load(present(rows) + x), c = load(present(rows - 1) + x);
      const V keep0 = load(old(rows) + x), keep1 = load(old(rows + 1) + x);
      V keep_sum = keep0;
      if constexpr (summed) keep_sum = load(at(sum, rows - 1) + x);
      hwy::Prefetch(ahead0 + x);
      hwy::Prefetch(ahead1 + x);
      start(x, c, n);
      HWY_UNROLL(8)
      for (int r = rows - 1; r >= 0; --r) {
        const V s = load(present(r - 1) + x);
        const V w = hn::LoadU(D{}, present(r) + x - 1), e = hn::LoadU(D{}, present(r) + x + 1);
        const V v = next(r, x, c, load(old(r) + x), w, e, s, n);
        store(v, at(before, r) + x);
        if constexpr (summed) store(load((r > 0 ? at(sum, r - 1) : carry_sum) + x) + weight * v, at(sum, r) + x);
        n = c;
        c = s;
      }
      store(keep0, carry_before + x);
      store(keep1, at(carry_before, 1) + x);
      if constexpr (summed) store(keep_sum, carry_sum + x);
    }
  }

  /// The stage around the change of a cell. @param plane  first one of the anchors
  template <Recursion recursion, class Start, class Change>
  static HWY_INLINE void stages(const StageBlock& block, const CellRows<double>& cells,
                                const StageNumbers& numbers, int plane, Start start, Change change) {
    if constexpr (recursion == Recursion::chebyshev) {
      sweep<true>(block, numbers.weight, start,
                  [&](int r, std::ptrdiff_t x, V c, V before, V w, V e, V s, V n) HWY_ATTR {
                    return chebyshev(c, before, change(r, x, c, w, e, s, n), TwiceLess{});
                  });
    } else {
      const D d;
      const V mu = hn::Set(d, numbers.mu), nu = hn::Set(d, numbers.nu), rest = hn::Set(d, numbers.rest),
              g = hn::Set(d, numbers.g);
      const double* first[rows];
      for (int r = 0; r < rows; ++r) first[r] = at(cells.row[static_cast<std::size_t>(r)], plane);
      sweep<false>(block, 0.0, start, [&](int r, std::ptrdiff_t x, V c, V before, V w, V e, V s, V n) HWY_ATTR {
        return legendre(c, before, change(r, x, c, w, e, s, n), load(first[r] + x), load(at(first[r], 1) + x), mu,
                        nu, rest, g);
      });
    }
  }

  template <Recursion recursion, bool heated, class Change>
  static HWY_INLINE void one_material(const StageBlock& block, const CellRows<double>& cells,
                                      const StageNumbers& numbers, Change change) {
    const double* heat[rows];
    for (int r = 0; r < rows; ++r) heat[r] = cells.row[static_cast<std::size_t>(r)];
    stages<recursion>(
        block, cells, numbers, heated ? 1 : 0, [](std::ptrdiff_t, V, V) HWY_ATTR {},
        [&](int r, std::ptrdiff_t x, V c, V w, V e, V s, V n) HWY_ATTR {
          const V v = change(c, w, e, s, n);
          if constexpr (heated)
            return v + load(heat[r] + x);
          else
            return v;
        });
  }

  template <Recursion recursion, bool heated>
  static void uniform_as(const StageBlock& block, const CellRows<double>& cells, const StageNumbers& numbers,
                         double x_ratio, double y_ratio) {
    const V rx = hn::Set(D{}, x_ratio), ry = hn::Set(D{}, y_ratio);
    if (x_ratio == y_ratio)
      one_material<recursion, heated>(block, cells, numbers, [&](V c, V w, V e, V s, V n) HWY_ATTR {
        return change_square(c, w, e, s, n, rx, LessTimes{});
      });
    else
      one_material<recursion, heated>(block, cells, numbers, [&](V c, V w, V e, V s, V n) HWY_ATTR {
        return change_uniform(c, w, e, s, n, rx, ry, LessTimes{});
      });
  }

  template <Recursion recursion, bool heated>
  static void fields_as(const StageBlock& block, const CellRows<double>& cells, const StageNumbers& numbers) {
    const double* gx[rows + 1];
    for (int r = 0; r <= rows; ++r) gx[r] = cells.row[static_cast<std::size_t>(r)];
    V north = hn::Zero(D{});
    stages<recursion>(
        block, cells, numbers, heated ? 4 : 3,
        [&](std::ptrdiff_t x, V c, V n) HWY_ATTR { north = flux(load(at(gx[rows], 1) + x), c, n); },
        [&](int r, std::ptrdiff_t x, V c, V w, V e, V s, V) HWY_ATTR {
          const V west = flux(load(gx[r] + x), w, c), east = flux(hn::LoadU(D{}, gx[r] + x + 1), c, e);
          const V south = flux(load(at(gx[r], 1) + x), s, c);
          const V change = load(at(gx[r], 2) + x) * divergence(west, east, south, north);
          north = south;
          if constexpr (heated)
            return change + load(at(gx[r], 3) + x);
          else
            return change;
        });
  }

  static void uniform(Recursion recursion, const StageBlock& block, const CellRows<double>& cells,
                      const StageNumbers& numbers, double rx, double ry) {
    if (recursion == Recursion::chebyshev)
      uniform_as<Recursion::chebyshev, false>(block, cells, numbers, rx, ry);
    else if (cells.heated)
      uniform_as<Recursion::legendre, true>(block, cells, numbers, rx, ry);
    else
      uniform_as<Recursion::legendre, false>(block, cells, numbers, rx, ry);
  }

  static void fields(Recursion recursion, const StageBlock& block, const CellRows<double>& cells,
                     const StageNumbers& numbers) {
    if (recursion == Recursion::chebyshev)
      fields_as<Recursion::chebyshev, false>(block, cells, numbers);
    else if (cells.heated)
      fields_as<Recursion::legendre, true>(block, cells, numbers);
    else
      fields_as<Recursion::legendre, false>(block, cells, numbers);
  }

  static StageKernels table() { return {&uniform, &fields}; }
};
