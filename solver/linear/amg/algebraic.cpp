// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/amg/algebraic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "decomposition/gather.hpp"
#include "decomposition/halo.hpp"
#include "solver/linear/amg/coarse_points.hpp"
#include "solver/linear/amg/sparse.hpp"
#include "solver/linear/multigrid/relaxation.hpp"

namespace calor {

namespace {

/// So few points, or fewer, are solved for directly.
constexpr std::int64_t few_points = 48;
constexpr int relaxations = 2;

std::size_t index(std::int32_t n) { return static_cast<std::size_t>(n); }
std::int32_t size_of(const std::vector<CellNumber>& cells) { return static_cast<std::int32_t>(cells.size()); }

std::int32_t place_of(const std::vector<CellNumber>& cells, CellNumber cell) {
  return static_cast<std::int32_t>(std::lower_bound(cells.begin(), cells.end(), cell) - cells.begin());
}

double row_times(const SparseRows& a, std::int32_t row, const std::vector<double>& x) {
  const auto begin = static_cast<std::size_t>(a.begin[index(row)]),
             end = static_cast<std::size_t>(a.begin[index(row) + 1]);
  double sum = 0.0;
  for (std::size_t n = begin; n < end; ++n) sum += a.value[n] * x[index(a.column[n])];
  return sum;
}

/// The rows with only those columns that occur in them; that of the diagonal must.
PointRows compacted(std::vector<CellNumber> points, SparseRows rows, const std::vector<CellNumber>& columns) {
  std::vector<std::int32_t> place(columns.size(), -1);
  for (const std::int32_t c : rows.column) place[index(c)] = 0;
  PointRows result{std::move(points), {}, std::move(rows)};
  for (std::size_t n = 0; n < columns.size(); ++n)
    if (place[n] == 0) {
      place[n] = size_of(result.columns);
      result.columns.push_back(columns[n]);
    }
  for (std::int32_t& c : result.rows.column) c = place[index(c)];
  return result;
}

/// The rows of a five-point operator on this rank's cells. @param a  with a halo of 1
PointRows rows_of(const Grid& grid, const Box& own, const NinePoint<double>& a) {
  const auto v = a.view();
  const auto number = [&](int i, int j) {
    return static_cast<CellNumber>((j + grid.ny) % grid.ny) * grid.nx + (i + grid.nx) % grid.nx;
  };
  const auto for_row = [&](int i, int j, auto&& f) {  // f(i, j, coefficient), in no order
    f(i, j, v.c(i, j));
    for (const auto& [di, dj] : {std::pair{-1, 0}, {1, 0}, {0, -1}, {0, 1}})
      if (const double coupling = v(i, j, di, dj); coupling != 0.0) f(i + di, j + dj, -coupling);
  };
  PointRows result;
  for_each(own, [&](int i, int j) { result.points.push_back(number(i, j)); });
  result.columns = result.points;
  for (const Box& b : rim(own, own.grown(-1)))
    for_each(b, [&](int i, int j) {
      for_row(i, j, [&](int oi, int oj, double) { result.columns.push_back(number(oi, oj)); });
    });
  sort_unique(result.columns);
  const std::vector<std::int32_t> own_place = places_in(result.points, result.columns);
  result.rows =
      make_rows(size_of(result.points), size_of(result.columns), 5, [&](std::int32_t row, RowSum& sum) {
        const int i = own.i0 + row % own.nx(), j = own.j0 + row / own.nx();
        for_row(i, j, [&](int oi, int oj, double value) {
          sum.add(own.contains(oi, oj) ? own_place[index((oj - own.j0) * own.nx() + (oi - own.i0))]
                                       : place_of(result.columns, number(oi, oj)),
                  value);
        });
      });
  return result;
}

/// Points of the next level and how they hang together with this one.
struct Coarser {
  PointRows prolong;    // of this rank's points on the fine level, columns: points of the coarse one
  PointRows restrict_;  // of its points on the coarse level, columns: points of the fine one
  PointRows a;          // of its points on the coarse level
};

/// The rows of A P of own points, which it does not name. @param p  of `near`
PointRows product(const Surroundings& s, PointRows p) {
  std::vector<std::int32_t> row_of(s.far.size(), -1);
  for (std::size_t n = 0; n < s.near.size(); ++n)
    row_of[index(s.near_in_far[n])] = static_cast<std::int32_t>(n);
  SparseRows rows = make_rows(size_of(s.own), size_of(p.columns), 8, [&](std::int32_t o, RowSum& sum) {
    const std::int32_t row = s.own_in_near[index(o)];
    const auto columns = s.rows.columns(row);
    const auto values = s.rows.values(row);
    for (std::size_t n = 0; n < columns.size(); ++n) {
      const std::int32_t k = row_of[index(columns[n])];
      const auto to = p.rows.columns(k);
      const auto theirs = p.rows.values(k);
      for (std::size_t m = 0; m < to.size(); ++m) sum.add(to[m], values[n] * theirs[m]);
    }
  });
  return {{}, std::move(p.columns), std::move(rows)};
}

/// Fine points that other ranks' coarse points are interpolated to, on their way from the owners of those to
/// the owners of these: to which coarse ones, with what weights, and their rows of A P.
class Passed {
 public:
  /// @param owner_of  the ranks that will own the columns of `prolong`     @param ap  columns by place in
  /// `coarse`
  Passed(const mpi::Comm& comm, const PointRows& prolong, const std::vector<int>& owner_of,
         const SparseRows& ap, const std::vector<CellNumber>& coarse) {
    const auto ranks = static_cast<std::size_t>(comm.size());
    std::vector<std::vector<std::int64_t>> cells(ranks);
    std::vector<std::vector<double>> numbers(ranks);
    std::vector<std::pair<std::size_t, std::size_t>> to;  // owner and entry of the row
    for (std::int32_t o = 0; o < prolong.rows.rows(); ++o) {
      const auto columns = prolong.rows.columns(o);
      const auto values = prolong.rows.values(o);
      to.clear();
      for (std::size_t n = 0; n < columns.size(); ++n)
        if (const int owner = owner_of[index(columns[n])]; owner != comm.rank())
          to.emplace_back(static_cast<std::size_t>(owner), n);
      std::sort(to.begin(), to.end());
      for (std::size_t a = 0, b = 0; a < to.size(); a = b) {
        while (b < to.size() && to[b].first == to[a].first) ++b;
        auto& message = cells[to[a].first];
        auto& with = numbers[to[a].first];
        message.push_back(prolong.points[index(o)]);
        message.push_back(static_cast<std::int64_t>(b - a));
        for (std::size_t n = a; n < b; ++n) {
          message.push_back(prolong.columns[index(columns[to[n].second])]);
          with.push_back(values[to[n].second]);
        }
        message.push_back(static_cast<std::int64_t>(ap.columns(o).size()));
        for (const std::int32_t c : ap.columns(o)) message.push_back(coarse[index(c)]);
        with.insert(with.end(), ap.values(o).begin(), ap.values(o).end());
      }
    }
    cells_ = trade(comm, cells);
    numbers_ = trade(comm, numbers);
  }
  /// Calls f(fine point, coarse points, weights, columns of the row of A P, its values).
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t r = 0; r < cells_.size(); ++r) {
      const std::span<const std::int64_t> message{cells_[r]};
      std::span<const double> with{numbers_[r]};
      for (std::size_t n = 0; n < message.size();) {
        const auto targets = static_cast<std::size_t>(message[n + 1]);
        const auto columns = static_cast<std::size_t>(message[n + 2 + targets]);
        f(CellNumber{message[n]}, message.subspan(n + 2, targets), with.first(targets),
          message.subspan(n + 3 + targets, columns), with.subspan(targets, columns));
        with = with.subspan(targets + columns);
        n += 3 + targets + columns;
      }
    }
  }

 private:
  std::vector<std::vector<std::int64_t>> cells_;
  std::vector<std::vector<double>> numbers_;
};

/// Makes the coarse operator P^T A P and what leads there and back. The rows of A P and P^T go from the
/// owners of fine points to those of coarse ones.
class Coarsener {
 public:
  /// @param p  of own points, columns by place in `far`
  Coarsener(const mpi::Comm& comm, const CellOwners& owners, const CellOwners& next_owners,
            const Surroundings& s, SparseRows p)
      : me_{comm.rank()},
        own_{s.own},
        prolong_{compacted(s.own, std::move(p), s.far)},
        ap_{product(s, rows_around(comm, owners, s.near, prolong_))},
        owner_of_{owners_of(prolong_.columns, next_owners)},
        passed_{comm, prolong_, owner_of_, ap_.rows, ap_.columns} {
    find_points();
    place_points();
  }

  Coarser make() && {
    SparseRows restrict_rows;
    const std::vector<Part> parts = parts_of_points(restrict_rows.begin);
    for (const Part& part : parts) {
      restrict_rows.column.push_back(part.fine);
      restrict_rows.value.push_back(part.weight);
    }
    SparseRows made = multiply(restrict_rows.begin, parts);
    Coarser result;
    result.prolong = std::move(prolong_);
    result.restrict_ = {{}, std::move(fine_), std::move(restrict_rows)};
    result.a = compacted(std::move(points_), std::move(made), all_);
    return result;
  }

 private:
  /// What one fine point brings to a coarse one.
  struct Part {
    std::int32_t fine, row;  // place in `fine_`; row of `ap_`, or -1 - row of others_
    double weight;
  };

  static std::vector<int> owners_of(const std::vector<CellNumber>& cells, const CellOwners& owners) {
    std::vector<int> result;
    result.reserve(cells.size());
    for (const CellNumber cell : cells) result.push_back(owners(cell, result.empty() ? 0 : result.back()));
    return result;
  }

  /// What there is on this rank's coarse level: points, the fine ones that pass on to them, columns.
  void find_points() {
    all_ = ap_.columns;
    for (std::size_t n = 0; n < prolong_.columns.size(); ++n)
      if (owner_of_[n] == me_) points_.push_back(prolong_.columns[n]);
    for (std::int32_t o = 0; o < prolong_.rows.rows(); ++o) {
      const auto columns = prolong_.rows.columns(o);
      if (std::any_of(columns.begin(), columns.end(),
                      [&](std::int32_t c) { return owner_of_[index(c)] == me_; }))
        fine_.push_back(own_[index(o)]);
    }
    const std::size_t own_fine = fine_.size();
    passed_.for_each([&](CellNumber from, std::span<const std::int64_t> targets, auto,
                         std::span<const std::int64_t> columns, auto) {
      fine_.push_back(from);
      points_.insert(points_.end(), targets.begin(), targets.end());
      all_.insert(all_.end(), columns.begin(), columns.end());
    });
    others_pass_on_ = fine_.size() > own_fine;
    if (!others_pass_on_) return;
    sort_unique(fine_);
    sort_unique(points_);
    sort_unique(all_);
  }

  /// Where columns of what the own points and the others have stand among these.
  void place_points() {
    in_all_ = places_in(ap_.columns, all_);
    point_of_.assign(prolong_.columns.size(), -1);
    for (std::size_t n = 0, at = 0; n < prolong_.columns.size(); ++n)
      if (owner_of_[n] == me_) {
        while (points_[at] != prolong_.columns[n]) ++at;
        point_of_[n] = static_cast<std::int32_t>(at);
      }
    passed_.for_each(
        [&](CellNumber, auto, auto, std::span<const std::int64_t> columns, std::span<const double> values) {
          const std::vector<std::int32_t> places = places_in(columns, all_);
          others_.column.insert(others_.column.end(), places.begin(), places.end());
          others_.value.insert(others_.value.end(), values.begin(), values.end());
          others_.begin.push_back(static_cast<std::int64_t>(others_.column.size()));
        });
  }

  /// Calls f(point, part).
  template <class F>
  void for_parts(F&& f) const {
    std::int32_t at = 0;
    for (std::int32_t o = 0; o < size_of(own_); ++o) {
      const auto columns = prolong_.rows.columns(o);
      for (std::size_t n = 0; n < columns.size(); ++n)
        if (const std::int32_t point = point_of_[index(columns[n])]; point >= 0) {
          while (fine_[index(at)] != own_[index(o)]) ++at;
          f(point, Part{at, o, prolong_.rows.values(o)[n]});
        }
    }
    std::int32_t row = 0;
    passed_.for_each([&](CellNumber from, std::span<const std::int64_t> targets,
                         std::span<const double> weights, auto, auto) {
      ++row;
      for (std::size_t n = 0; n < targets.size(); ++n)
        f(place_of(points_, targets[n]), Part{place_of(fine_, from), -row, weights[n]});
    });
  }

  /// For each of the points: the fine ones, ascending, with their weights and rows of A P.
  /// @param begin  gets where those of each point begin
  std::vector<Part> parts_of_points(std::vector<std::int64_t>& begin) const {
    begin.assign(points_.size() + 1, 0);
    for_parts([&](std::int32_t point, const Part&) { ++begin[index(point) + 1]; });
    for (std::size_t n = 0; n < points_.size(); ++n) begin[n + 1] += begin[n];
    std::vector<Part> parts(static_cast<std::size_t>(begin.back()));
    std::vector<std::int64_t> next = begin;
    for_parts([&](std::int32_t point, const Part& part) {
      parts[static_cast<std::size_t>(next[index(point)]++)] = part;
    });
    if (others_pass_on_)
      for (std::size_t n = 0; n < points_.size(); ++n)
        std::sort(parts.begin() + begin[n], parts.begin() + begin[n + 1],
                  [](const Part& a, const Part& b) { return a.fine < b.fine; });
    return parts;
  }

  /// The rows of P^T times A P, columns by place in `all_`.
  SparseRows multiply(const std::vector<std::int64_t>& begin, const std::vector<Part>& parts) const {
    return make_rows(size_of(points_), size_of(all_), 12, [&](std::int32_t point, RowSum& sum) {
      for (std::int64_t n = begin[index(point)]; n < begin[index(point) + 1]; ++n) {
        const Part& part = parts[static_cast<std::size_t>(n)];
        const bool own = part.row >= 0;
        const SparseRows& from = own ? ap_.rows : others_;
        const std::int32_t at = own ? part.row : -1 - part.row;
        const auto columns = from.columns(at);
        const auto values = from.values(at);
        for (std::size_t m = 0; m < columns.size(); ++m)
          sum.add(own ? in_all_[index(columns[m])] : columns[m], part.weight * values[m]);
      }
    });
  }

  const int me_;
  const std::vector<CellNumber>& own_;
  PointRows prolong_;
  const PointRows ap_;               // columns: points of the coarse level
  const std::vector<int> owner_of_;  // of the columns of prolong_
  const Passed passed_;
  std::vector<CellNumber> points_, fine_, all_;
  bool others_pass_on_ = false;
  SparseRows others_;                   // rows of A P from other ranks, columns by place in `all_`
  std::vector<std::int32_t> in_all_;    // place of the columns of ap_
  std::vector<std::int32_t> point_of_;  // place of a column of prolong_ among the points here, or -1
};

class AlgebraicCycle final : public Multigrid {
 public:
  AlgebraicCycle(const mpi::Comm& comm, const Grid& grid, const Partition& parts, NinePoint<double> a,
                 const MultigridOptions& options);
  Result apply(View2D<const double> r, double norm) override;
  std::string layout() const override;

 private:
  struct Level {
    std::vector<std::int32_t> at;  // place of own points among those that own rows reach
    SparseRows a;
    std::vector<double> d;  // to divide by when relaxing
    std::vector<double> omega;
    Gather halo;
    std::vector<double> f;     // of own points
    std::vector<double> u, v;  // of all that own rows reach
    std::int64_t points = 0;   // of all ranks
    bool direct = false, last = false;
    // If solved directly, by every rank that has points:
    std::vector<double> factor;  // Cholesky's, row by row
    Gather to_all;
    std::vector<double> all;  // numbers of all points
    std::vector<std::int32_t> own_in_all;
    // Towards the next coarser level:
    SparseRows prolong, restrict_;
    Gather to_prolong, to_restrict;
    std::vector<double> fine, coarse;  // what these rows reach
  };
  static void relax(Level& l, double omega, bool first);
  static void factorise(const mpi::Comm& comm, const CellOwners& owners, const PointRows& rows, Level& l);
  static void solve_directly(Level& l);
  void cycle(std::size_t n);

  Box owned_;
  std::vector<Level> levels_;
  Field2D<double> z_;
};

AlgebraicCycle::AlgebraicCycle(const mpi::Comm& comm, const Grid& grid, const Partition& parts,
                               NinePoint<double> a, const MultigridOptions& options)
    : owned_{parts[static_cast<std::size_t>(comm.rank())]}, z_{owned_, 0} {
  Exchange<double> halo{comm, make_halo_plan(parts, 1, comm.rank(), grid.period())};
  for (Field2D<double>* f : {&a.c, &a.w, &a.s}) halo(f->view());
  PointRows now = rows_of(grid, owned_, a);
  a = {};
  CellOwners owners{parts, grid.nx};
  for (;;) {
    heed_here(options.heed, 100.0);
    Level& l = levels_.emplace_back();
    l.points = comm.sum(static_cast<std::int64_t>(now.points.size()));
    double strongest = 0.0;
    l.d.resize(now.points.size());
    l.at = places_in(now.points, now.columns);
    for (std::int32_t r = 0; r < now.rows.rows(); ++r) {
      double diagonal = 0.0, sum = 0.0;
      const auto columns = now.rows.columns(r);
      const auto values = now.rows.values(r);
      for (std::size_t n = 0; n < columns.size(); ++n)
        if (columns[n] == l.at[index(r)])
          diagonal = values[n];
        else
          sum += std::abs(values[n]);
      l.d[index(r)] = std::max(diagonal, 0.5 * (diagonal + sum));
      strongest = std::max(strongest, (diagonal + sum) / l.d[index(r)] - 1.0);
    }
    strongest = std::min(1.0, comm.max(strongest));
    l.halo = Gather{comm, now.columns, now.columns, owners, true};
    l.f.resize(now.points.size());
    l.u.resize(now.columns.size());
    l.v.resize(now.columns.size());
    const bool weak = strongest <= dominated_part;
    l.direct = !weak && l.points <= few_points;
    l.last = weak || l.direct;
    Coarser next;
    CellOwners next_owners;
    if (!l.last) {
      Surroundings s = make_surroundings(comm, owners, {now.points, now.columns, std::move(now.rows)});
      const std::vector<bool> stays = choose_points(comm, s);
      std::int64_t coarse_points = 0;
      for (std::int32_t o = 0; o < size_of(s.own); ++o) coarse_points += stays[index(s.far_place(o))] ? 1 : 0;
      coarse_points = comm.sum(coarse_points);
      const auto ranks = static_cast<int>(std::clamp<std::int64_t>(
          (coarse_points + options.cells_a_rank - 1) / options.cells_a_rank, 1, comm.size()));
      l.last = coarse_points == 0 || coarse_points == l.points;
      if (!l.last) {
        next_owners =
            ranks < comm.size() ? CellOwners{spread(grid.domain(), ranks, comm.size()), grid.nx} : owners;
        next = Coarsener{comm, owners, next_owners, s, interpolate(s, stays)}.make();
      }
      now.rows = own_rows(std::move(s));
    }
    if (l.last) {
      const auto omega = chebyshev_factors<4>(1.0 - strongest, 1.0 + strongest);
      l.omega.assign(omega.begin(), omega.end());
    } else {
      const auto omega = chebyshev_factors<relaxations>(1.0 - 0.5 * strongest, 1.0 + strongest);
      l.omega.assign(omega.begin(), omega.end());
    }
    if (l.direct) factorise(comm, owners, now, l);
    l.a = std::move(now.rows);
    if (l.last) break;
    l.to_prolong = Gather{comm, next.a.columns, next.prolong.columns, next_owners, false};
    l.to_restrict = Gather{comm, now.columns, next.restrict_.columns, owners, false};
    l.coarse.resize(next.prolong.columns.size());
    l.fine.resize(next.restrict_.columns.size());
    l.prolong = std::move(next.prolong.rows);
    l.restrict_ = std::move(next.restrict_.rows);
    now = std::move(next.a);
    owners = std::move(next_owners);
  }
}

/// By every rank that has points on this level, each for itself: there are few of them.
void AlgebraicCycle::factorise(const mpi::Comm& comm, const CellOwners& owners, const PointRows& now,
                               Level& l) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::int64_t> cells;
  std::vector<double> values;
  for (std::int32_t r = 0; r < now.rows.rows(); ++r)
    for (std::size_t n = 0; n < now.rows.columns(r).size(); ++n) {
      cells.insert(cells.end(), {now.points[index(r)], now.columns[index(now.rows.columns(r)[n])]});
      values.push_back(now.rows.values(r)[n]);
    }
  const auto all_cells = trade(comm, std::vector<std::vector<std::int64_t>>(ranks, cells));
  const auto all_values = trade(comm, std::vector<std::vector<double>>(ranks, values));
  std::vector<CellNumber> points;
  for (const auto& message : all_cells)
    for (std::size_t n = 0; n < message.size(); n += 2) points.push_back(message[n]);
  sort_unique(points);
  if (now.points.empty()) points.clear();
  const std::size_t n = points.size();
  l.factor.assign(n * n, 0.0);
  if (n > 0)
    for (std::size_t r = 0; r < ranks; ++r)
      for (std::size_t m = 0; m < all_values[r].size(); ++m)
        l.factor[index(place_of(points, all_cells[r][2 * m])) * n +
                 index(place_of(points, all_cells[r][2 * m + 1]))] = all_values[r][m];
  // L below and on the diagonal, A = L L^T.
  for (std::size_t j = 0; j < n; ++j) {
    double* const row = l.factor.data() + j * n;
    for (std::size_t i = 0; i < j; ++i) {
      const double* const other = l.factor.data() + i * n;
      double sum = row[i];
      for (std::size_t k = 0; k < i; ++k) sum -= row[k] * other[k];
      row[i] = sum / other[i];
    }
    double sum = row[j];
    for (std::size_t k = 0; k < j; ++k) sum -= row[k] * row[k];
    // Round-off may have eaten a small pivot.
    row[j] = std::sqrt(std::max(sum, std::numeric_limits<double>::epsilon() * row[j]));
  }
  l.to_all = Gather{comm, now.points, points, owners, false};
  l.all.resize(n);
  l.own_in_all = places_in(now.points, points);
}

void AlgebraicCycle::solve_directly(Level& l) {
  l.to_all(l.f, l.all);
  const std::size_t n = l.all.size();
  const double* const a = l.factor.data();
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k) l.all[j] -= a[j * n + k] * l.all[k];
    l.all[j] /= a[j * n + j];
  }
  for (std::size_t j = n; j-- > 0;) {
    for (std::size_t k = j + 1; k < n; ++k) l.all[j] -= a[k * n + j] * l.all[k];
    l.all[j] /= a[j * n + j];
  }
  for (std::size_t o = 0; o < l.at.size(); ++o) l.u[index(l.at[o])] = l.all[index(l.own_in_all[o])];
}

/// u <- u + omega (f - A u) / d on own points; from u = 0 the first time.
void AlgebraicCycle::relax(Level& l, double omega, bool first) {
  const auto own = static_cast<std::int32_t>(l.at.size());
  if (first) {
#pragma omp parallel for schedule(static) if (own > 8192)
    for (std::int32_t o = 0; o < own; ++o) l.u[index(l.at[index(o)])] = omega * l.f[index(o)] / l.d[index(o)];
    return;
  }
  l.halo(l.u, l.u);
#pragma omp parallel for schedule(static) if (own > 8192)
  for (std::int32_t o = 0; o < own; ++o) {
    const std::size_t at = index(l.at[index(o)]);
    l.v[at] = l.u[at] + omega * (l.f[index(o)] - row_times(l.a, o, l.u)) / l.d[index(o)];
  }
  l.u.swap(l.v);
}

void AlgebraicCycle::cycle(std::size_t n) {
  Level& l = levels_[n];
  if (l.direct) {
    solve_directly(l);
    return;
  }
  for (std::size_t k = 0; k < l.omega.size(); ++k) relax(l, l.omega[k], k == 0);
  if (l.last) return;
  const auto own = static_cast<std::int32_t>(l.at.size());
  l.halo(l.u, l.u);
#pragma omp parallel for schedule(static) if (own > 8192)
  for (std::int32_t o = 0; o < own; ++o) l.v[index(l.at[index(o)])] = l.f[index(o)] - row_times(l.a, o, l.u);
  l.to_restrict(l.v, l.fine);
  Level& next = levels_[n + 1];
  const auto coarse = static_cast<std::int32_t>(next.f.size());
#pragma omp parallel for schedule(static) if (coarse > 8192)
  for (std::int32_t o = 0; o < coarse; ++o) next.f[index(o)] = row_times(l.restrict_, o, l.fine);
  cycle(n + 1);
  l.to_prolong(next.u, l.coarse);
#pragma omp parallel for schedule(static) if (own > 8192)
  for (std::int32_t o = 0; o < own; ++o) l.u[index(l.at[index(o)])] += row_times(l.prolong, o, l.coarse);
  for (std::size_t k = l.omega.size(); k-- > 0;) relax(l, l.omega[k], false);
}

Preconditioner::Result AlgebraicCycle::apply(View2D<const double> r, double) {
  Level& l = levels_.front();
  const std::int64_t nx = owned_.nx();
  for_rows(owned_, [&](int j) { std::copy_n(r.row(j) + owned_.i0, nx, l.f.data() + (j - owned_.j0) * nx); });
  cycle(0);
  const View2D<double> z = z_.view();
  for_rows(owned_, [&](int j) {
    for (int i = owned_.i0; i < owned_.i1; ++i)
      z(i, j) = l.u[index(l.at[static_cast<std::size_t>((j - owned_.j0) * nx + (i - owned_.i0))])];
  });
  return {z, {}, 1.0};
}

std::string AlgebraicCycle::layout() const {
  return fmt::format("algebraic multigrid of {} level{} down to {} point{}", levels_.size(),
                     levels_.size() == 1 ? "" : "s", levels_.back().points,
                     levels_.back().points == 1 ? "" : "s");
}

}  // namespace

std::unique_ptr<Multigrid> make_algebraic_multigrid(const mpi::Comm& comm, const Grid& grid,
                                                    const Partition& parts, NinePoint<double> a,
                                                    const MultigridOptions& options) {
  return std::make_unique<AlgebraicCycle>(comm, grid, parts, std::move(a), options);
}

}  // namespace calor
