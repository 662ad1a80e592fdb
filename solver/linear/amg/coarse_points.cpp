// SPDX-License-Identifier: BSD-3-Clause
#include "solver/linear/amg/coarse_points.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

namespace calor {

namespace {

/// Couplings of this part of the sum_of_largest one of a row, and above, are strong.
constexpr double strong_part = 0.25;
/// Interpolation from more points makes coarser operators denser, and hardly better.
constexpr std::size_t most_weights = 4;

std::size_t index(std::int32_t n) { return static_cast<std::size_t>(n); }

/// What a coupling must reach to be strong, for each row; beyond all where nothing attracts.
std::vector<double> strong_limits(const Surroundings& s) {
  std::vector<double> limits(s.near.size());
  for (std::int32_t r = 0; r < s.rows.rows(); ++r) {
    double sum_of_largest = 0.0;
    const auto columns = s.rows.columns(r);
    const auto values = s.rows.values(r);
    for (std::size_t n = 0; n < columns.size(); ++n)
      if (columns[n] != s.near_in_far[index(r)]) sum_of_largest = std::max(sum_of_largest, -values[n]);
    limits[index(r)] = sum_of_largest > 0.0 ? strong_part * sum_of_largest : HUGE_VAL;
  }
  return limits;
}

}  // namespace

// The last step of SplitMix64 (Steele, Lea, Flood 2014).
double noise(CellNumber cell) {
  std::uint64_t h = static_cast<std::uint64_t>(cell) + 0x9E3779B97F4A7C15u;
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9u;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBu;
  return std::ldexp(static_cast<double>((h ^ (h >> 31)) >> 11), -53);
}

PointRows rows_around(const mpi::Comm& comm, const CellOwners& owners, std::vector<CellNumber> near,
                      PointRows own) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::vector<std::int64_t>> ask(ranks), cells(ranks);
  std::vector<std::vector<double>> numbers(ranks);
  int last = 0;
  for (const CellNumber cell : near) {
    last = owners(cell, last);
    if (last != comm.rank()) ask[static_cast<std::size_t>(last)].push_back(cell);
  }
  const auto asked = trade(comm, ask);
  for (std::size_t r = 0; r < ranks; ++r)
    for (const std::int32_t place : places_in(asked[r], own.points)) {
      const auto columns = own.rows.columns(place);
      cells[r].push_back(static_cast<std::int64_t>(columns.size()));
      for (const std::int32_t c : columns) cells[r].push_back(own.columns[index(c)]);
      const auto values = own.rows.values(place);
      numbers[r].insert(numbers[r].end(), values.begin(), values.end());
    }
  const auto their_cells = trade(comm, cells);
  const auto their_numbers = trade(comm, numbers);
  if (near.size() == own.points.size()) return own;

  PointRows result{std::move(near), own.columns, {}};
  for (const auto& message : their_cells)
    for (std::size_t n = 0; n < message.size();) {
      const auto begin = message.begin() + static_cast<std::ptrdiff_t>(n) + 1;
      result.columns.insert(result.columns.end(), begin, begin + message[n]);
      n += static_cast<std::size_t>(message[n]) + 1;
    }
  sort_unique(result.columns);
  const std::vector<std::int32_t> own_place = places_in(own.columns, result.columns);

  // Each owner's rows come in the order in which they were asked for: that of the cells.
  std::vector<std::size_t> next_cell(ranks, 0), next_number(ranks, 0);
  std::int32_t next_own = 0;
  SparseRows& rows = result.rows;
  for (const CellNumber cell : result.points) {
    if (index(next_own) < own.points.size() && own.points[index(next_own)] == cell) {
      for (const std::int32_t c : own.rows.columns(next_own)) rows.column.push_back(own_place[index(c)]);
      const auto values = own.rows.values(next_own++);
      rows.value.insert(rows.value.end(), values.begin(), values.end());
    } else {
      last = owners(cell, last);
      const auto owner = static_cast<std::size_t>(last);
      const std::span<const std::int64_t> message{their_cells[owner]};
      const auto count = static_cast<std::size_t>(message[next_cell[owner]]);
      const auto places = places_in(message.subspan(next_cell[owner] + 1, count), result.columns);
      rows.column.insert(rows.column.end(), places.begin(), places.end());
      const auto values = std::span{their_numbers[owner]}.subspan(next_number[owner], count);
      rows.value.insert(rows.value.end(), values.begin(), values.end());
      next_cell[owner] += count + 1;
      next_number[owner] += count;
    }
    rows.begin.push_back(static_cast<std::int64_t>(rows.column.size()));
  }
  return result;
}

Surroundings make_surroundings(const mpi::Comm& comm, const CellOwners& owners, PointRows own) {
  Surroundings s;
  s.own = own.points;
  s.near = own.columns;
  s.own_in_near = places_in(s.own, s.near);
  PointRows around = rows_around(comm, owners, s.near, std::move(own));
  s.far = std::move(around.columns);
  s.near_in_far = places_in(s.near, s.far);
  s.rows = std::move(around.rows);
  s.fill_far = Gather{comm, s.far, s.far, owners, true};
  return s;
}

SparseRows own_rows(Surroundings&& s) {
  SparseRows rows = std::move(s.rows);
  if (s.near.size() == s.own.size()) return rows;
  const SparseRows all = std::exchange(rows, {});
  std::vector<std::int32_t> near_of(s.far.size(), -1);
  for (std::size_t n = 0; n < s.near.size(); ++n)
    near_of[index(s.near_in_far[n])] = static_cast<std::int32_t>(n);
  for (const std::int32_t row : s.own_in_near) {
    for (const std::int32_t c : all.columns(row)) rows.column.push_back(near_of[index(c)]);
    rows.value.insert(rows.value.end(), all.values(row).begin(), all.values(row).end());
    rows.begin.push_back(static_cast<std::int64_t>(rows.column.size()));
  }
  return rows;
}

std::vector<bool> choose_points(const mpi::Comm& comm, Surroundings& s) {
  constexpr double open = 0.0, stays = 1.0, goes = 2.0;  // numbers, to travel
  const std::vector<double> limits = strong_limits(s);
  std::vector<double> limit_of(s.far.size(), HUGE_VAL);
  for (std::size_t n = 0; n < s.near.size(); ++n) limit_of[index(s.near_in_far[n])] = limits[n];
  const auto own = static_cast<std::int32_t>(s.own.size());
  /// f(place of the other in far, this one depends on it, it depends on this one)
  const auto for_couplings = [&](std::int32_t o, auto&& f) {
    const std::int32_t row = s.own_in_near[index(o)];
    const auto columns = s.rows.columns(row);
    const auto values = s.rows.values(row);
    for (std::size_t n = 0; n < columns.size(); ++n) {
      const std::int32_t other = columns[n];
      if (other == s.near_in_far[index(row)]) continue;
      const bool depends = -values[n] >= limits[index(row)], wanted = -values[n] >= limit_of[index(other)];
      if (depends || wanted) f(other, depends, wanted);
    }
  };

  std::vector<double> weight(s.far.size(), 0.0), state(s.far.size(), open);
#pragma omp parallel for schedule(static)
  for (std::int32_t o = 0; o < own; ++o) {
    int dependents = 0;
    for_couplings(o, [&](std::int32_t, bool, bool wanted) { dependents += wanted ? 1 : 0; });
    const std::size_t at = index(s.far_place(o));
    weight[at] = dependents + noise(s.far[at]);
    if (dependents == 0) state[at] = goes;
  }
  s.fill_far(weight, weight);
  s.fill_far(state, state);
  // Rounds: first all that stay for sure, then what goes because of them. Nobody reads what others write.
  std::vector<double> next = state;
  for (;;) {
    bool done = true;
#pragma omp parallel for schedule(static) reduction(&& : done)
    for (std::int32_t o = 0; o < own; ++o) {
      const std::int32_t at = s.far_place(o);
      if (state[index(at)] != open) continue;
      done = false;
      bool most = true;
      for_couplings(o, [&](std::int32_t other, bool, bool) {
        if (state[index(other)] == open &&
            std::pair{weight[index(other)], other} > std::pair{weight[index(at)], at})
          most = false;
      });
      if (most) next[index(at)] = stays;
    }
    if (comm.all(done)) break;
    s.fill_far(next, next);
    state = next;
#pragma omp parallel for schedule(static)
    for (std::int32_t o = 0; o < own; ++o) {
      const std::size_t at = index(s.far_place(o));
      if (state[at] == open)
        for_couplings(o, [&](std::int32_t other, bool depends, bool) {
          if (depends && state[index(other)] == stays) next[at] = goes;
        });
    }
    s.fill_far(next, next);
    state = next;
  }
  std::vector<bool> result(s.far.size());
  for (std::size_t n = 0; n < state.size(); ++n) result[n] = state[n] == stays;
  return result;
}

SparseRows interpolate(const Surroundings& s, const std::vector<bool>& stays) {
  const std::vector<double> limits = strong_limits(s);
  std::vector<std::int32_t> row_of(s.far.size(), -1);
  for (std::size_t n = 0; n < s.near.size(); ++n)
    row_of[index(s.near_in_far[n])] = static_cast<std::int32_t>(n);
  // Calls f(column, value) for what row r is strongly coupled with.
  const auto for_strong = [&](std::int32_t r, auto&& f) {
    const auto columns = s.rows.columns(r);
    const auto values = s.rows.values(r);
    for (std::size_t n = 0; n < columns.size(); ++n)
      if (columns[n] != s.near_in_far[index(r)] && -values[n] >= limits[index(r)]) f(columns[n], values[n]);
  };
  const auto far_points = static_cast<std::int32_t>(s.far.size());
  return make_rows(
      static_cast<std::int32_t>(s.own.size()), far_points, most_weights, [&](std::int32_t o, RowSum& w) {
        const std::int32_t row = s.own_in_near[index(o)], self = s.near_in_far[index(row)];
        if (stays[index(self)]) {
          w.add(self, 1.0);
          return;
        }
        // From whom: set first, so that has() is the question whether a point is among them.
        for_strong(row, [&](std::int32_t k, double) {
          if (stays[index(k)])
            w.add(k, 0.0);
          else
            for_strong(row_of[index(k)], [&](std::int32_t l, double) {
              if (stays[index(l)]) w.add(l, 0.0);
            });
        });
        if (w.entries().empty()) return;
        double diagonal = 0.0;
        const auto columns = s.rows.columns(row);
        const auto values = s.rows.values(row);
        for (std::size_t n = 0; n < columns.size(); ++n) {
          const std::int32_t k = columns[n];
          const double a = values[n];
          if (k == self) {
            diagonal += a;
          } else if (w.has(k)) {
            w.add(k, a);
          } else if (stays[index(k)] || !(-a >= limits[index(row)])) {
            diagonal += a;  // weak: as if it followed this point
          } else {
            // A point that goes passes its coupling on to the points that it shares with this one.
            const auto theirs = s.rows.columns(row_of[index(k)]);
            const auto by = s.rows.values(row_of[index(k)]);
            const auto shared = [&](std::size_t m) {
              return theirs[m] != k && by[m] < 0.0 && (theirs[m] == self || w.has(theirs[m]));
            };
            double sum = 0.0;
            for (std::size_t m = 0; m < theirs.size(); ++m)
              if (shared(m)) sum += by[m];
            if (sum == 0.0) diagonal += a;
            for (std::size_t m = 0; m < theirs.size(); ++m) {
              if (!shared(m)) continue;
              if (theirs[m] == self)
                diagonal += a * (by[m] / sum);
              else
                w.add(theirs[m], a * (by[m] / sum));
            }
          }
        }
        double all = 0.0, sum_of_largest = 0.0;
        auto& entries = w.entries();
        for (RowSum::Entry& e : entries) all += e.value /= -diagonal;
        if (!(diagonal > 0.0) || !std::isfinite(all)) w.keep_if([](const RowSum::Entry&) { return false; });
        if (entries.size() <= most_weights) return;
        const auto rank_of = [](const RowSum::Entry& e) { return std::pair{-std::abs(e.value), e.column}; };
        std::vector<RowSum::Entry> sorted = entries;
        std::sort(sorted.begin(), sorted.end(),
                  [&](const RowSum::Entry& a, const RowSum::Entry& b) { return rank_of(a) < rank_of(b); });
        const auto last = rank_of(sorted[most_weights - 1]);
        w.keep_if([&](const RowSum::Entry& e) { return rank_of(e) <= last; });
        for (const RowSum::Entry& e : entries) sum_of_largest += e.value;
        if (sum_of_largest != 0.0)
          for (RowSum::Entry& e : entries) e.value *= all / sum_of_largest;
      });
}

}  // namespace calor
