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

  /// A block's way along its rows: column(x, start, next) works next(r, x, c, before, w, e, s, n) on the rows of one
  /// vector of columns, from above: a new row takes the place of a row of the state before that only the rows
  /// above it needed. `start` as in Loops.
  template <bool summed>
  class Way {
   public:
    HWY_INLINE Way(const StageBlock& b, double weight)
        : now_{b.now},
          carry_{b.carry},
          before_{b.before},
          carry_before_{b.carry_before},
          sum_{b.sum},
          carry_sum_{b.carry_sum},
          ahead0_{b.ahead[0]},
          ahead1_{b.ahead[1]},
          weight_{hn::Set(D{}, weight)} {}
    template <class Start, class Next>
    HWY_INLINE void column(std::ptrdiff_t x, Start start, Next next) {
      // Rows by their distance from y.
      const auto present = [&](int r) HWY_ATTR { return r < 1 ? at(carry_, r + 1) : at(now_, r - 1); };
      const auto old = [&](int r) HWY_ATTR { return r < 2 ? at(carry_before_, r) : at(before_, r - 2); };
      V n = load(present(rows) + x), c = load(present(rows - 1) + x);
      const V keep0 = load(old(rows) + x), keep1 = load(old(rows + 1) + x);
      V keep_sum = keep0;
      if constexpr (summed) keep_sum = load(at(sum_, rows - 1) + x);
      hwy::Prefetch(ahead0_ + x);
      hwy::Prefetch(ahead1_ + x);
      start(x, c, n);
      HWY_UNROLL(8)
      for (int r = rows - 1; r >= 0; --r) {
        const V s = load(present(r - 1) + x);
        const V w = hn::LoadU(D{}, present(r) + x - 1), e = hn::LoadU(D{}, present(r) + x + 1);
        const V v = next(r, x, c, load(old(r) + x), w, e, s, n);
        store(v, at(before_, r) + x);
        if constexpr (summed)
          store(load((r > 0 ? at(sum_, r - 1) : carry_sum_) + x) + weight_ * v, at(sum_, r) + x);
        n = c;
        c = s;
      }
      store(keep0, carry_before_ + x);
      store(keep1, at(carry_before_, 1) + x);
      if constexpr (summed) store(keep_sum, carry_sum_ + x);
    }

   private:
    const double *now_, *carry_;
    double *before_, *carry_before_, *sum_, *carry_sum_;
    const double *ahead0_, *ahead1_;
    V weight_;
  };

  /// The stage around the change of a cell. @param plane  first one of the anchors
  /// @param along  along(work): calls work(x, start, change) for every vector of columns, with
  /// change(r, x, c, w, e, s, n)
  template <Recursion recursion, class Along>
  static HWY_INLINE void stages(const StageBlock& block, const CellRows<double>& cells,
                                const StageNumbers& numbers, int plane, Along along) {
    if constexpr (recursion == Recursion::chebyshev) {
      Way<true> way{block, numbers.weight};
      along([&](std::ptrdiff_t x0, auto start, auto change) HWY_ATTR {
        way.column(x0, start, [&](int r, std::ptrdiff_t x, V c, V before, V w, V e, V s, V n) HWY_ATTR {
          return chebyshev(c, before, change(r, x, c, w, e, s, n), TwiceLess{});
        });
      });
    } else {
      const D d;
      const V mu = hn::Set(d, numbers.mu), nu = hn::Set(d, numbers.nu), rest = hn::Set(d, numbers.rest),
              g = hn::Set(d, numbers.g);
      const double* first[rows];
      for (int r = 0; r < rows; ++r) first[r] = at(cells.row[static_cast<std::size_t>(r)], plane);
      Way<false> way{block, 0.0};
      along([&](std::ptrdiff_t x0, auto start, auto change) HWY_ATTR {
        way.column(x0, start, [&](int r, std::ptrdiff_t x, V c, V before, V w, V e, V s, V n) HWY_ATTR {
          return legendre(c, before, change(r, x, c, w, e, s, n), load(first[r] + x), load(at(first[r], 1) + x),
                          mu, nu, rest, g);
        });
      });
    }
  }
  /// `along` over every column with the same start and change.
  template <class Start, class Change>
  static HWY_INLINE auto everywhere(const StageBlock& block, Start start, Change change) {
    return [&block, start, change](auto work) HWY_ATTR {
      for (std::ptrdiff_t x = block.begin, end = block.end; x < end; x += lanes) work(x, start, change);
    };
  }
  static constexpr auto nothing = Loops<double>::nothing;

  template <Recursion recursion, bool heated, class Change>
  static HWY_INLINE void one_material(const StageBlock& block, const CellRows<double>& cells,
                                      const StageNumbers& numbers, Change change) {
    const double* heat[rows];
    for (int r = 0; r < rows; ++r) heat[r] = cells.row[static_cast<std::size_t>(r)];
    stages<recursion>(block, cells, numbers, heated ? 1 : 0,
                      everywhere(block, nothing, [&](int r, std::ptrdiff_t x, V c, V w, V e, V s, V n) HWY_ATTR {
                        const V v = change(c, w, e, s, n);
                        if constexpr (heated)
                          return v + load(heat[r] + x);
                        else
                          return v;
                      }));
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
        everywhere(block,
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
        }));
  }

  using Heat = Loops<double>::Heat;
  template <Recursion recursion, Heat from, bool square>
  static HWY_INLINE void records_as(const StageBlock& block, const CellRows<double>& cells,
                                    const RecordRows<double>& m, const StageNumbers& numbers) {
    const double* heat[rows];
    if constexpr (from == Heat::rows)
      for (int r = 0; r < rows; ++r) heat[r] = cells.row[static_cast<std::size_t>(r)];
    stages<recursion>(block, cells, numbers, from == Heat::rows ? 1 : 0, [&](auto work) HWY_ATTR {
      Loops<double>::template along_runs<square, from == Heat::records, false, false>(
          m, block.begin, block.end, [&](std::ptrdiff_t x0, auto change) HWY_ATTR {
            work(x0, nothing, [&](int r, std::ptrdiff_t x, V c, V w, V e, V s, V n) HWY_ATTR {
              const V v = change(r, c, w, e, s, n);
              if constexpr (from == Heat::rows)
                return v + load(heat[r] + x);
              else
                return v;
            });
          });
    });
  }
  template <Recursion recursion, Heat from>
  static void records_of(const StageBlock& block, const CellRows<double>& cells, const RecordRows<double>& m,
                         const StageNumbers& numbers) {
    if (m.square)
      records_as<recursion, from, true>(block, cells, m, numbers);
    else
      records_as<recursion, from, false>(block, cells, m, numbers);
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

  static void records(Recursion recursion, const StageBlock& block, const CellRows<double>& cells,
                      const RecordRows<double>& m, const StageNumbers& numbers) {
    if (recursion == Recursion::chebyshev)
      records_of<Recursion::chebyshev, Heat::none>(block, cells, m, numbers);
    else if (m.heat != nullptr)
      records_of<Recursion::legendre, Heat::records>(block, cells, m, numbers);
    else if (cells.heated)
      records_of<Recursion::legendre, Heat::rows>(block, cells, m, numbers);
    else
      records_of<Recursion::legendre, Heat::none>(block, cells, m, numbers);
  }

  static StageKernels table() { return {&uniform, &fields, &records}; }
};
