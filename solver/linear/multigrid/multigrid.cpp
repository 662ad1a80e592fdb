// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/multigrid/multigrid.hpp"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "decomposition/clones.hpp"
#include "decomposition/copy_plan.hpp"
#include "decomposition/halo.hpp"
#include "solver/linear/denormals.hpp"
#include "solver/linear/multigrid/levels.hpp"

namespace calor {

namespace {

namespace doubles {
using Real = double;
#include "solver/linear/multigrid/rows.inl"
}  // namespace doubles
namespace singles {
using Real = float;
#include "solver/linear/multigrid/rows.inl"
}  // namespace singles
// The others are found by their arguments.
using doubles::add_row, singles::add_row, doubles::add_step, singles::add_step, doubles::direction_row,
    singles::direction_row;

constexpr int depth = multigrid_depth, relaxations = multigrid_relaxations;

/// 1 / norm, or about that, so that multiplying rounds nothing.
double power_of_two_near(double norm) {
  return norm > 0.0 && std::isfinite(norm) ? std::ldexp(1.0, -std::ilogb(norm)) : 1.0;
}

template <class Real>
class Cycle final : public Multigrid, public InnerIteration {
 public:
  Cycle(const mpi::Comm& comm, const Grid& grid, const Partition& parts, NinePoint<double> a,
        const MultigridOptions& options);
  Result apply(View2D<const double> r, double norm) override;
  std::string layout() const override;
  std::optional<Result> first_guess(View2D<const double> r, double norm) override;

  InnerIteration* inner() override {
    if constexpr (std::is_same_v<Real, float>) return this;
    return nullptr;
  }
  Spectrum spectrum() const override;
  void begin(double norm) override;
  void load(View2D<const double> r) override;
  void iterate(double length, double part) override;
  void add_to(View2D<double> sum) override;

 private:
  using RowStencil =
      std::conditional_t<std::is_same_v<Real, double>, doubles::RowStencil, singles::RowStencil>;
  using RowWeights =
      std::conditional_t<std::is_same_v<Real, double>, doubles::RowWeights, singles::RowWeights>;
  using ConstantStencil =
      std::conditional_t<std::is_same_v<Real, double>, doubles::ConstantStencil, singles::ConstantStencil>;
  using ConstantWeights =
      std::conditional_t<std::is_same_v<Real, double>, doubles::ConstantWeights, singles::ConstantWeights>;
  using Ahead = std::conditional_t<std::is_same_v<Real, double>, doubles::Ahead, singles::Ahead>;

  using Level = MultigridLevel<Real>;

  void solve_last(Level& l);
  void down(Level& l, View2D<Real> coarse);
  /// p = a z + b before, in place of leaving z; and r -= A p, r the level's f, where that can be done at
  /// once.
  struct DirectionUpdate {
    Real a, b;
    View2D<const Real> before;
    View2D<Real> p;
  };
  void up(Level& l, View2D<const Real> coarse, const DirectionUpdate* update);
  void cycle(std::size_t n, const DirectionUpdate* update = nullptr);
  /// z of level n from its f, in as many cycles as it has; f is lost where these are two.
  void solve(std::size_t n);
  /// z of level n from its f by full multigrid (Trottenberg, Oosterlee, Schüller 2001, sec. 2.6): the coarser
  /// levels' answer to the restricted f, interpolated, and one cycle on what it leaves.
  void full(std::size_t n);
  Result result() const;
  template <class F>
  void in_chunks(int begin, int end, const Box& cells, F&& f);

  /// Rows of these fields, the first of which is not empty, that pass down() or up() will read two turns
  /// after t.
  static Ahead ahead(int t, std::array<View2D<const Real>, 3> fields);
  static Ahead ahead(int t, View2D<const Real> field);
  /// @param in_place  the operator is read too     @param last  what is read at the end, or written
  static Ahead ahead_down(const Level& l, int relaxation, int t, bool in_place);
  static Ahead ahead_up(const Level& l, int relaxation, int t, View2D<const Real> last, bool in_place);

  static RowStencil stencil_row(const Level& l, int j);
  static RowWeights weight_row(const Level& l, int J);
  /// Calls f(stencil, begin, end) for the pieces of row j in which the operator is constant, with its
  /// numbers, and for those between, with its rows.
  template <class F>
  static void along_stencils(const Level& l, int j, int i0, int i1, F&& f);
  /// Likewise f(weights of J, weights of J - 1, begin, end) along coarse row J.
  template <class F>
  static void along_weights(const Level& l, int J, int I0, int I1, F&& f);
  /// P^T of fine rows j - 1, j and j + 1, j being coarse.
  static void restrict_rows(const Level& l, int j, const Real* below, const Real* here, const Real* above,
                            View2D<Real> coarse);
  /// @param soon  (in_place): what to ask for meanwhile
  template <class F>
  static void first(const Level& l, int j, Real* out, int i0, int i1, F&& soon);
  template <class F>
  static void relax(const Level& l, int j, Real omega, const Real* below, const Real* here, const Real* above,
                    Real* out, int i0, int i1, F&& soon);
  static void residual(const Level& l, int j, const Real* below, const Real* here, const Real* above,
                       Real* out, int i0, int i1);
  /// f -= A p in these columns of row j.
  static void correct(Level& l, int j, View2D<const Real> p, int i0, int i1);
  static void prolong(const Level& l, int j, View2D<const Real> coarse, const Real* u, Real* out, int i0,
                      int i1);

  /// Rows that live in the cache while a thread works: four of each kind, by row number.
  struct Rings {
    Field2D<Real> memory;
    Real* row(int kind, int j, int i0) { return memory.view().row(kind * 4 + (j & 3)) + margin - i0; }
  };
  static constexpr int margin = 16;  // columns on either side of a row: a cache line, and all that is read
  static_assert(margin >= depth);

  const mpi::Comm& comm_;
  std::vector<Level> levels_;
  std::vector<Rings> rings_;
  double strongest_ = 1.0;  // coupling beside the diagonal on the finest level, as far as that goes
  double scale_ = 1.0;      // of the operator: its largest number is about 1
  double factor_ = 1.0;     // of the right-hand side, a power of two
  // Of the inner iteration; the residual is the finest level's f. x is the sum of the last steps p, which are
  // added up when it is asked for, or when there is no room for more of them; in doubles, for in singles
  // differences of neighbours would lose what the residual is made of.
  static constexpr int most_steps = 4;
  std::array<Field2D<Real>, most_steps> steps_;
  int last_step_ = 0, steps_left_ = 0;  // which was the last; how many are not in a sum
  Field2D<double> x_;                   // of steps before them, if there ever were so many
  bool has_x_ = false;
  Exchange<Real> fill_p_;
  bool cut_in_x_ = false;           // rows end at other ranks' cells, or at their own beginnings
  std::vector<char> is_corrected_;  // by row: r was, in the columns of inner_columns()
  Columns inner_columns() const;
  template <class F>
  void for_sums(F&& f);
  void keep_sum();
  // Where a cycle begins with an answer: that answer, and what it leaves. Of levels with two cycles, and of
  // all once full multigrid has been asked for.
  struct Guess {
    Field2D<Real> z, left;
    Exchange<Real> fill;
  };
  std::vector<std::optional<Guess>> guesses_;
  Guess& guess_of(std::size_t n);
  /// A cycle on what the guess of level n, known a cell beyond the rank's own, leaves; both together as z.
  void improve(std::size_t n);
};

template <class Real>
Cycle<Real>::Cycle(const mpi::Comm& comm, const Grid& grid, const Partition& parts, NinePoint<double> a,
                   const MultigridOptions& options)
    : comm_{comm} {
  MultigridLevels<Real> made = make_levels<Real>(comm, grid, parts, std::move(a), options);
  levels_ = std::move(made.levels);
  strongest_ = made.strongest;
  scale_ = made.scale;
  int widest = 0;
  for (const Level& l : levels_) widest = std::max(widest, l.owned.nx());
  guesses_.resize(levels_.size());
  for (std::size_t n = 0; n < levels_.size(); ++n)
    if (levels_[n].twice) guess_of(n);
  rings_.resize(static_cast<std::size_t>(omp_get_max_threads()));
  for (Rings& r : rings_) r.memory = Field2D<Real>{{0, 0, widest + 2 * margin, 4 * (relaxations + 1)}, 0};
  if (inner() != nullptr) {
    Level& finest = levels_.front();
    for (Field2D<Real>& p : steps_) p = Field2D<Real>{finest.owned, 1};
    is_corrected_.resize(static_cast<std::size_t>(finest.owned.ny()));
    cut_in_x_ = grid.periodic_x || finest.owned.nx() < grid.nx;
    fill_p_ = Exchange<Real>{comm, make_halo_plan(parts, 1, comm.rank(), grid.period())};
  }
}

template <class Real>
std::string Cycle<Real>::layout() const {
  const char* const precision = std::is_same_v<Real, double> ? "double" : "single";
  if (levels_.size() == 1)
    return fmt::format("relaxation alone, for no coarser grid would help; in {} precision", precision);
  return fmt::format("multigrid of {} levels down to {} x {} cells, in {} precision", levels_.size(),
                     levels_.back().x.n, levels_.back().y.n, precision);
}

template <class Real>
Spectrum Cycle<Real>::spectrum() const {
  // Of a cycle on several levels, as found on many problems; the Chebyshev polynomial of a single level is
  // known: 1 - 1 / T_4(1 / beta) and likewise above, where rounding leaves as much.
  if (levels_.size() > 1) return Spectrum{0.905, 1.0};
  const double x = 1.0 / std::max(strongest_, 1e-3);
  const double off = std::max(1e-6, 1.0 / (8.0 * x * x * (x * x - 1.0) + 1.0));
  return Spectrum{1.0 - off, 1.0 + off};
}

template <class Real>
auto Cycle<Real>::stencil_row(const Level& l, int j) -> RowStencil {
  const auto v = l.a.view();
  const Real* const inverse = l.inverse_diagonal.cview().row(j);
  if (!l.a.corners)
    return {nullptr, v.w.row(j), v.s.row(j), v.s.row(j + 1), nullptr,
            nullptr, nullptr,    nullptr,    inverse,        l.self.cview().row(j)};
  return {v.c.row(j),      v.w.row(j),  v.s.row(j),      v.s.row(j + 1), v.sw.row(j),
          v.sw.row(j + 1), v.se.row(j), v.se.row(j + 1), inverse,        nullptr};
}

template <class Real>
auto Cycle<Real>::weight_row(const Level& l, int J) -> RowWeights {
  const auto row = [J](const Field2D<Real>& f) -> const Real* {
    const View2D<const Real> v = f.view();
    return v.first == nullptr ? nullptr : v.row(J);
  };
  return {row(l.p.east), row(l.p.west), row(l.p.north), row(l.p.south),
          row(l.p.ne),   row(l.p.nw),   row(l.p.se),    row(l.p.sw)};
}

template <class Real>
auto Cycle<Real>::ahead(int t, std::array<View2D<const Real>, 3> fields) -> Ahead {
  constexpr int turns = 2;
  Ahead soon{};
  for (std::size_t n = 0; n < fields.size(); ++n) {
    const View2D<const Real>& v = fields[n];
    soon[n] = v.first == nullptr ? soon[0] : v.row(std::min(t + turns, v.box.j1 - 1));
  }
  return soon;
}

template <class Real>
auto Cycle<Real>::ahead(int t, View2D<const Real> v) -> Ahead {
  constexpr int turns = 2;
  return {v.row(std::min(t + turns, v.box.j1 - 1)), nullptr, nullptr};
}

template <class Real>
auto Cycle<Real>::ahead_down(const Level& l, int relaxation, int t, bool in_place) -> Ahead {
  const auto a = l.a.view();
  switch (relaxation) {
    case 1:
      return in_place ? ahead(t, {a.w, a.s, {}}) : Ahead{};
    case 2:
      return in_place ? ahead(t, {l.f.view(), l.inverse_diagonal.view(), l.a.corners ? a.c : l.self.view()})
                      : ahead(t, l.f.view());
    default:
      return in_place ? ahead(t, {l.u.view(), a.sw, a.se}) : ahead(t, l.u.view());
  }
}

template <class Real>
auto Cycle<Real>::ahead_up(const Level& l, int relaxation, int t, View2D<const Real> last, bool in_place)
    -> Ahead {
  const auto a = l.a.view();
  switch (relaxation) {
    case 1:
      return in_place ? ahead(t, {l.f.view(), l.inverse_diagonal.view(), a.c}) : ahead(t, l.f.view());
    case 2:
      return in_place ? ahead(t, {a.w, a.s, a.sw}) : ahead(t, last);
    default:
      return in_place ? ahead(t, {l.u.view(), last, a.se}) : ahead(t, l.u.view());
  }
}

template <class Real>
template <class F>
void Cycle<Real>::along_stencils(const Level& l, int j, int i0, int i1, F&& f) {
  l.pieces_a.along(
      j, i0, i1,
      [&](int begin, int end, const Real* v) {
        f(ConstantStencil{{v[0]}, {v[1]}, {v[2]}, {v[3]}, {v[4]}, {v[5]}, {v[6]}, {v[7]}, {v[8]}, {v[9]}},
          false, begin, end);
      },
      [&](int begin, int end, const auto& v) {
        f(RowStencil{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]}, false, begin, end);
      },
      [&](int begin, int end) { f(stencil_row(l, j), true, begin, end); });
}

template <class Real>
template <class F>
void Cycle<Real>::along_weights(const Level& l, int J, int I0, int I1, F&& f) {
  l.pieces_p.along(
      J, I0, I1,
      [&](int begin, int end, const Real* v) {
        f(ConstantWeights{{v[0]}, {v[1]}, {v[2]}, {v[3]}, {v[4]}, {v[5]}, {v[6]}, {v[7]}},
          ConstantWeights{{}, {}, {}, {v[8]}, {}, {}, {v[9]}, {v[10]}}, begin, end);
      },
      [&](int begin, int end, const auto& v) {
        f(RowWeights{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]},
          RowWeights{nullptr, nullptr, nullptr, v[8], nullptr, nullptr, v[9], v[10]}, begin, end);
      },
      [&](int begin, int end) { f(weight_row(l, J), weight_row(l, J - 1), begin, end); });
}

template <class Real>
template <class F>
void Cycle<Real>::first(const Level& l, int j, Real* out, int i0, int i1, F&& soon) {
  const Real* const f = l.f.cview().row(j);
  along_stencils(l, j, i0, i1, [&](const auto& a, bool in_place, int begin, int end) {
    first_row(a, f, l.omega[0], out, begin, end, soon(in_place));
  });
}

template <class Real>
template <class F>
void Cycle<Real>::relax(const Level& l, int j, Real omega, const Real* below, const Real* here,
                        const Real* above, Real* out, int i0, int i1, F&& soon) {
  const Real* const f = l.f.cview().row(j);
  along_stencils(l, j, i0, i1, [&](const auto& a, bool in_place, int begin, int end) {
    if (l.a.corners)
      relax_row9(a, f, omega, below, here, above, out, begin, end, soon(in_place));
    else
      relax_row5(a, f, omega, below, here, above, out, begin, end, soon(in_place));
  });
}

template <class Real>
void Cycle<Real>::residual(const Level& l, int j, const Real* below, const Real* here, const Real* above,
                           Real* out, int i0, int i1) {
  const Real* const f = l.f.cview().row(j);
  along_stencils(l, j, i0, i1, [&](const auto& a, bool, int begin, int end) {
    if (l.a.corners)
      residual_row9(a, f, below, here, above, out, begin, end);
    else
      residual_row5(a, f, below, here, above, out, begin, end);
  });
}

template <class Real>
template <class F>
void Cycle<Real>::in_chunks(int begin, int end, const Box& cells, F&& f) {
  const int threads =
      worth_threads(cells) ? std::min(omp_get_max_threads(), std::max(1, (end - begin) / 16)) : 1;
  if (threads == 1) {
    f(begin, end, rings_[0]);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    const int me = omp_get_thread_num(), of = omp_get_num_threads();
    const auto cut = [&](int n) {
      return begin + static_cast<int>(static_cast<std::int64_t>(end - begin) * n / of);
    };
    f(cut(me), cut(me + 1), rings_[static_cast<std::size_t>(me)]);
  }
}

template <class Real>
void Cycle<Real>::solve_last(Level& l) {
  const Box& own = l.owned;
  if (own.empty()) return;
  const View2D<Real> u = l.u.view(), z = l.z.view();
  const Box around = own.grown(3);
  for_rows(around, [&](int j) {
    first(l, j, u.row(j), around.i0, around.i1, [&](bool) { return ahead(j, l.f.view()); });
  });
  View2D<Real> from = u, to = z;
  for (int n = 1; n < 4; ++n) {
    const Box region = own.grown(3 - n);
    for_rows(region, [&](int j) {
      relax(l, j, l.omega[static_cast<std::size_t>(n)], from.row(j - 1), from.row(j), from.row(j + 1),
            to.row(j), region.i0, region.i1, [&](bool) { return ahead(j, l.f.view()); });
    });
    std::swap(from, to);
  }
}

template <class Real>
void Cycle<Real>::restrict_rows(const Level& l, int j, const Real* below, const Real* here, const Real* above,
                                View2D<Real> coarse) {
  const int J = l.y.base(j);
  Real* const to = coarse.row(J);
  along_weights(l, J, l.coarse_box.i0, l.coarse_box.i1,
                [&](const auto& at, const auto& under, int begin, int end) {
                  if (!l.y.coarsened)
                    restrict_x(at, here, to, begin, end);
                  else if (!l.x.coarsened)
                    restrict_y(at, under, below, here, above, to, begin, end);
                  else
                    restrict_both(at, under, below, here, above, to, begin, end);
                });
}

template <class Real>
void Cycle<Real>::down(Level& l, View2D<Real> coarse) {
  const Box& own = l.owned;
  if (own.empty()) return;
  constexpr int n = relaxations;
  const View2D<Real> u = l.u.view();
  const int i0 = own.i0, i1 = own.i1;
  const Columns c = columns(own);
  // up() needs the result on n cells around the box, hence state k, after k relaxations, on 2 n - k.
  in_chunks(own.j0 - n, own.j1 + n, own, [&](int a, int b, Rings& rings) {
    const auto state = [&](int k, int j) {
      return k == n && j >= a && j < b ? u.row(j) : rings.row(k - 1, j, i0);
    };
    const auto left = [&](int j) { return rings.row(n, j, i0); };
    const auto needed = [&](int j, int by_chunk, int by_box) {
      return j >= std::max(a - by_chunk, own.j0 - by_box) && j < std::min(b + by_chunk, own.j1 + by_box);
    };
    for (int t = a - n - 1; t < b + n + 2; ++t) {
      if (needed(t, n + 1, 2 * n - 1))
        first(l, t, state(1, t), c.first, c.end,
              [&](bool in_place) { return ahead_down(l, 1, t, in_place); });
      for (int k = 2; k <= n; ++k)
        if (const int j = t - k + 1; needed(j, n - k + 2, 2 * n - k))
          relax(l, j, l.omega[static_cast<std::size_t>(k - 1)], state(k - 1, j - 1), state(k - 1, j),
                state(k - 1, j + 1), state(k, j), c.first, c.end,
                [&](bool in_place) { return ahead_down(l, k, t, in_place); });
      if (const int j = t - n; needed(j, 1, 1))
        residual(l, j, state(n, j - 1), state(n, j), state(n, j + 1), left(j), i0 - 1, i1 + 1);
      const int j = t - n - 1;
      if (!needed(j, 0, 0) || !l.y.is_coarse(j)) continue;
      restrict_rows(l, j, left(j - 1), left(j), left(j + 1), coarse);
    }
  });
}

template <class Real>
void Cycle<Real>::prolong(const Level& l, int j, View2D<const Real> coarse, const Real* u, Real* out, int i0,
                          int i1) {
  const int J = l.y.base(j);
  const bool on_coarse_row = l.y.is_coarse(j);
  const Real *const e = coarse.row(J), *const up = on_coarse_row ? nullptr : coarse.row(J + 1);
  if (!l.x.coarsened) {
    if (on_coarse_row)
      add_row(e, u, out, i0, i1);
    else
      along_weights(l, J, i0, i1, [&](const auto& at, const auto&, int begin, int end) {
        prolong_y_between(at, e, up, u, out, begin, end);
      });
    return;
  }
  // From seam to seam the coarse columns are every second one. A column too many at the end of a stretch is
  // written again by the next, and one beyond i0 or i1 by nobody read.
  for (int i = i0; i < i1;) {
    const int shift = l.x.frame(i) - i;
    int end = i1;
    if (l.x.periodic && l.x.n % 2 != 0) end = std::min(i1, (shift + 1) * l.x.n);
    const int I0 = l.x.base(i), I1 = l.x.base(end - 1) + 1;
    const Real* const from = u - shift;
    Real* const to = out - shift;
    along_weights(l, J, I0, I1, [&](const auto& at, const auto&, int first, int last) {
      if (on_coarse_row)
        prolong_both_on_coarse(at, e, from, to, first, last);
      else
        prolong_both_between(at, e, up, from, to, first, last);
    });
    i = end;
  }
}

template <class Real>
void Cycle<Real>::up(Level& l, View2D<const Real> coarse, const DirectionUpdate* update) {
  const Box& own = l.owned;
  if (own.empty()) return;
  const View2D<const Real> u = l.u.cview();
  const View2D<Real> z = l.z.view();
  const View2D<const Real> last = update == nullptr ? z : update->before;
  const int i0 = own.i0, i1 = own.i1;
  const Columns c = columns(own), inner = inner_columns();
  constexpr int n = relaxations;
  in_chunks(own.j0, own.j1, own, [&](int a, int b, Rings& rings) {
    const auto state = [&](int k, int j) {
      return k == n && update == nullptr ? z.row(j) : rings.row(k, j, i0);
    };
    for (int t = a - n; t < b + n; ++t) {
      prolong(l, t, coarse, u.row(t), state(0, t), i0 - n, i1 + n);
      for (int k = 1; k <= n; ++k)
        if (const int j = t - k; j >= a - n + k && j < b + n - k)
          relax(l, j, l.omega[static_cast<std::size_t>(n - k)], state(k - 1, j - 1), state(k - 1, j),
                state(k - 1, j + 1), state(k, j), k == n ? i0 : c.first, k == n ? i1 : c.end,
                [&](bool in_place) { return ahead_up(l, k, t, last, in_place); });
      const int j = t - n;
      if (update == nullptr || j < a) continue;
      direction_row(state(n, j), update->a, update->b, update->before.row(j), update->p.row(j), i0, i1);
      // The row below, unless other threads still read its f.
      if (j - 1 < a + n || j - 1 >= b - n) continue;
      correct(l, j - 1, update->p, inner.first, inner.end);
      is_corrected_[static_cast<std::size_t>(j - 1 - own.j0)] = 1;
    }
  });
}

template <class Real>
void Cycle<Real>::cycle(std::size_t n, const DirectionUpdate* update) {
  Level& l = levels_[n];
  if (l.last) {
    solve_last(l);
    if (update != nullptr)
      for_rows(l.owned, [&](int j) {
        direction_row(l.z.view().row(j), update->a, update->b, update->before.row(j), update->p.row(j),
                      l.owned.i0, l.owned.i1);
      });
    return;
  }
  Level& next = levels_[n + 1];
  const View2D<Real> coarse_f = l.moved ? l.coarse_f.view() : next.f.view();
  down(l, coarse_f);
  next.fill_f.start(coarse_f);
  next.fill_f.finish(next.f.view());
  solve(n + 1);
  const View2D<Real> coarse_z = l.moved ? l.coarse_z.view() : next.z.view();
  l.fill_z.start(next.z.cview());
  l.fill_z.finish(coarse_z);
  up(l, coarse_z, update);
}

template <class Real>
auto Cycle<Real>::guess_of(std::size_t n) -> Guess& {
  const Level& l = levels_[n];
  if (!guesses_[n])
    guesses_[n] =
        Guess{Field2D<Real>{l.owned, depth}, Field2D<Real>{l.owned, depth}, Exchange<Real>{comm_, l.halo}};
  return *guesses_[n];
}

template <class Real>
void Cycle<Real>::improve(std::size_t n) {
  Level& l = levels_[n];
  Guess& g = guess_of(n);
  const Box& own = l.owned;
  const View2D<const Real> guess = g.z.cview();
  const View2D<Real> z = l.z.view();
  for_rows(own, [&](int j) {
    residual(l, j, guess.row(j - 1), guess.row(j), guess.row(j + 1), g.left.view().row(j), own.i0, own.i1);
  });
  l.f.swap(g.left);
  g.fill(l.f.view());
  cycle(n);
  for_rows(own, [&](int j) {
    for (int i = own.i0; i < own.i1; ++i) z(i, j) += guess(i, j);
  });
}

template <class Real>
void Cycle<Real>::solve(std::size_t n) {
  cycle(n);
  Level& l = levels_[n];
  if (!l.twice) return;
  Guess& g = guess_of(n);
  const View2D<const Real> z = l.z.cview();
  const View2D<Real> guess = g.z.view();
  for_rows(l.owned, [&](int j) {
    std::copy(z.row(j) + l.owned.i0, z.row(j) + l.owned.i1, guess.row(j) + l.owned.i0);
  });
  g.fill(guess);
  improve(n);
}

template <class Real>
void Cycle<Real>::full(std::size_t n) {
  Level& l = levels_[n];
  if (l.last) {
    solve_last(l);
    return;
  }
  Level& next = levels_[n + 1];
  const Box& own = l.owned;
  const View2D<const Real> f = l.f.cview();
  const View2D<Real> coarse_f = l.moved ? l.coarse_f.view() : next.f.view(),
                     coarse_z = l.moved ? l.coarse_z.view() : next.z.view();
  for_rows(own, [&](int j) {
    if (l.y.is_coarse(j)) restrict_rows(l, j, f.row(j - 1), f.row(j), f.row(j + 1), coarse_f);
  });
  next.fill_f.start(coarse_f);
  next.fill_f.finish(next.f.view());
  full(n + 1);
  l.fill_z.start(next.z.cview());
  l.fill_z.finish(coarse_z);

  const View2D<Real> guess = guess_of(n).z.view(), z = l.z.view();
  const Box around = own.empty() ? own : own.grown(1);
  for_rows(around, [&](int j) {
    std::fill(z.row(j) + around.i0 - 1, z.row(j) + around.i1 + 1, Real{0});
    prolong(l, j, coarse_z, z.row(j), guess.row(j), around.i0, around.i1);
  });
  improve(n);
}

template <class Real>
std::optional<Preconditioner::Result> Cycle<Real>::first_guess(View2D<const double> r, double norm) {
  const FlushDenormals flush;
  factor_ = power_of_two_near(norm);
  load(r);
  levels_.front().fill_f(levels_.front().f.view());
  full(0);
  return result();
}

template <class Real>
void Cycle<Real>::begin(double norm) {
  factor_ = power_of_two_near(norm);
  const Box& own = levels_.front().owned;
  const View2D<Real> p = steps_[static_cast<std::size_t>(last_step_)].view();
  for_rows(own, [&](int j) { std::fill(p.row(j) + own.i0, p.row(j) + own.i1, Real{0}); });
  steps_left_ = 0;
  has_x_ = false;
}

template <class Real>
void Cycle<Real>::load(View2D<const double> r) {
  Level& l = levels_.front();
  const View2D<Real> f = l.f.view();
  for_rows(l.owned, [&](int j) {
    for (int i = l.owned.i0; i < l.owned.i1; ++i) f(i, j) = static_cast<Real>(factor_ * r(i, j));
  });
}

template <class Real>
auto Cycle<Real>::inner_columns() const -> Columns {
  const Box& own = levels_.front().owned;
  constexpr int rim = 16;
  if (!cut_in_x_) return {own.i0, own.i1};
  return {std::min(own.i0 + rim, own.i1), std::max(own.i0 + rim, own.i1 - rim)};
}

template <class Real>
void Cycle<Real>::correct(Level& l, int j, View2D<const Real> p, int i0, int i1) {
  Real* const r = l.f.view().row(j);
  along_stencils(l, j, i0, i1, [&](const auto& a, bool, int begin, int end) {
    correct_row5(a, p.row(j - 1), p.row(j), p.row(j + 1), r, begin, end);
  });
}

template <class Real>
void Cycle<Real>::iterate(double length, double part) {
  const FlushDenormals flush;
  Level& l = levels_.front();
  const Box& own = l.owned;
  if (steps_left_ == most_steps) keep_sum();
  const View2D<const Real> before = steps_[static_cast<std::size_t>(last_step_)].view();
  last_step_ = (last_step_ + 1) % most_steps;
  ++steps_left_;
  const View2D<Real> p = steps_[static_cast<std::size_t>(last_step_)].view();
  l.fill_f(l.f.view());
  std::fill(is_corrected_.begin(), is_corrected_.end(), 0);
  const DirectionUpdate update{static_cast<Real>(length), static_cast<Real>(part), before, p};
  cycle(0, &update);
  fill_p_(p);
  const Columns inner = inner_columns();
  for_rows(own, [&](int j) {
    if (is_corrected_[static_cast<std::size_t>(j - own.j0)] == 0) {
      correct(l, j, p, own.i0, own.i1);
      return;
    }
    if (own.i0 < inner.first) correct(l, j, p, own.i0, inner.first);
    if (inner.end < own.i1) correct(l, j, p, inner.end, own.i1);
  });
}

/// Calls f(j, i, count, sum) for pieces of the rows with x there: the steps that are left, added in their
/// order to what was kept of those before.
template <class Real>
template <class F>
void Cycle<Real>::for_sums(F&& f) {
  const Box& own = levels_.front().owned;
  constexpr int piece = 256;
  for_rows(own, [&](int j) {
    std::array<double, piece> sum;
    for (int i = own.i0; i < own.i1; i += piece) {
      const int count = std::min(piece, own.i1 - i);
      if (has_x_)
        std::copy_n(x_.view().row(j) + i, count, sum.begin());
      else
        std::fill_n(sum.begin(), count, 0.0);
      for (int n = steps_left_ - 1; n >= 0; --n)
        add_step(
            steps_[static_cast<std::size_t>((last_step_ + most_steps - n) % most_steps)].view().row(j) + i,
            sum.data(), count);
      f(j, i, count, sum.data());
    }
  });
}

template <class Real>
void Cycle<Real>::keep_sum() {
  if (x_.view().first == nullptr) x_ = Field2D<double>{levels_.front().owned, 0};
  for_sums(
      [x = x_.view()](int j, int i, int count, const double* sum) { std::copy_n(sum, count, x.row(j) + i); });
  has_x_ = true;
  steps_left_ = 0;
}

template <class Real>
void Cycle<Real>::add_to(View2D<double> sum) {
  const double scale = scale_ / factor_;
  for_sums([=](int j, int i, int count, const double* x) {
    double* __restrict const to = sum.row(j) + i;
#pragma omp simd
    for (int n = 0; n < count; ++n) to[n] += scale * x[n];
  });
  has_x_ = false;
  steps_left_ = 0;
}

template <class Real>
Preconditioner::Result Cycle<Real>::apply(View2D<const double> r, double norm) {
  const FlushDenormals flush;
  Level& l = levels_.front();
  factor_ = power_of_two_near(norm);
  load(r);
  l.fill_f(l.f.view());
  cycle(0);
  return result();
}

template <class Real>
Preconditioner::Result Cycle<Real>::result() const {
  Result result;
  if constexpr (std::is_same_v<Real, double>)
    result.doubles = levels_.front().z.view();
  else
    result.singles = levels_.front().z.view();
  result.scale = scale_ / factor_;
  return result;
}

}  // namespace

std::unique_ptr<Multigrid> make_multigrid(const mpi::Comm& comm, const Grid& grid, const Partition& parts,
                                          NinePoint<double> a, const MultigridOptions& options) {
  if (options.precision == Precision::single)
    return std::make_unique<Cycle<float>>(comm, grid, parts, std::move(a), options);
  return std::make_unique<Cycle<double>>(comm, grid, parts, std::move(a), options);
}

}  // namespace calor
