// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/source.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace calor {

Source::Source(const Layered<Function>& power, const Grid& grid, const Box& owned, int depth)
    : power_{power},
      grid_{grid},
      owned_{owned},
      zero_{!power.any([](const Function& f) { return !f.constant() || f(0.0, 0.0) != 0.0; })},
      of_temperature_{power.any([](const Function& f) { return f.of_temperature(); })},
      recalls_{
          power.any([](const Function& f) { return f.of_time() && f.of_place() && !f.of_temperature(); })} {
  if (zero_) return;
  q_ = Field2D<double>{owned, depth};
  const View2D<double> q = q_.view();
  const Box cells = grid.within_reach(owned.grown(depth));
  Field2D<std::uint8_t> steady_field{owned, 0};
  const View2D<std::uint8_t> steady = steady_field.view();
  for (int j = cells.j0; j < cells.j1; ++j)
    for (int i = cells.i0; i < cells.i1; ++i) {
      const double x = grid.x(i), y = grid.y(j);
      const std::int32_t layer = power.at(x, y);
      const Function& f = power[layer];
      if (f.of_time() || f.of_temperature()) {
        if (!varying_.empty() && varying_.back().j == j && varying_.back().i1 == i &&
            varying_.back().layer == layer)
          ++varying_.back().i1;
        else
          varying_.push_back({j, i, i + 1, layer});
      } else {
        q(i, j) = f(x, y);
        if (owned.contains(i, j)) steady(i, j) = 1;
      }
    }
  first_row_ = cells.j0;
  row_start_.assign(static_cast<std::size_t>(cells.ny()) + 1, varying_.size());
  for (std::size_t n = varying_.size(); n-- > 0;)
    row_start_[static_cast<std::size_t>(varying_[n].j - first_row_)] = n;
  for (std::size_t r = row_start_.size() - 1; r-- > 0;)
    row_start_[r] = std::min(row_start_[r], row_start_[r + 1]);
  steady_sum_ = exact_sum(owned, [&](int i, int j) { return steady(i, j) != 0 ? q(i, j) : 0.0; });
}

bool Source::Evaluation::holds(const Box& region, double at) const {
  return at == t && cells.contains(region);
}

/// Whether q_ holds the functions of time at t, or is given what it held before. If not, they are to be
/// worked out on the region.
bool Source::recall(const Box& region, double t) {
  if (now_.holds(region, t)) return true;
  const auto two = [&] { return before_q_.view().first != nullptr; };
  bool again = before_.holds(region, t);
  if (again && !two()) {  // a time has come back: keep two from now on
    before_q_ = Field2D<double>{q_.owned(), q_.depth()};
    const View2D<const double> from = std::as_const(q_).view();
    const View2D<double> to = before_q_.view();
    const Box& all = from.box;
    for_rows(all, [&](int j) { std::copy_n(from.row(j) + all.i0, all.nx(), to.row(j) + all.i0); });
    again = false;
  }
  std::swap(now_, before_);
  if (two()) q_.swap(before_q_);
  if (!again) now_ = {t, region};
  return again;
}

void Source::update(const Box& region, double t, View2D<const double> u) {
  if (varying_.empty()) return;
  const bool known = recalls_ && recall(region, t);
  const View2D<double> q = q_.view();
  const auto runs = static_cast<std::ptrdiff_t>(varying_.size());
#pragma omp parallel for schedule(static)
  for (std::ptrdiff_t n = 0; n < runs; ++n) {
    const Run& run = varying_[static_cast<std::size_t>(n)];
    if (run.j < region.j0 || run.j >= region.j1) continue;
    const Function& f = power_[run.layer];
    // Those of t alone are cheap, and may be others in the next step (StepValues).
    if (known && f.of_place() && !f.of_temperature()) continue;
    const int i0 = std::max(run.i0, region.i0), i1 = std::min(run.i1, region.i1);
    const double y = grid_.y(run.j);
    if (i0 < i1 && !f.of_place() && !f.of_temperature()) {
      std::fill_n(q.row(run.j) + i0, i1 - i0, f(0.0, 0.0, t));
      continue;
    }
    for (int i = i0; i < i1; ++i) q(i, run.j) = f(grid_.x(i), y, t, f.of_temperature() ? u(i, run.j) : 0.0);
  }
}

template <class F>
void Source::for_runs(int j, int i0, int i1, F&& f) const {
  const auto r = static_cast<std::size_t>(j - first_row_);
  for (std::size_t n = row_start_[r]; n < row_start_[r + 1]; ++n) {
    const int begin = std::max(varying_[n].i0, i0), end = std::min(varying_[n].i1, i1);
    if (begin < end) f(varying_[n], begin, end);
  }
}

Source::Moment::Moment(const Source& source, double t) : source_{source}, t_{t} {
  for (std::int32_t n = 0; n < source.power_.size(); ++n) {
    const Function& f = source.power_[n];
    values_.push_back(f.of_place() ? 0.0 : f(0.0, 0.0, t));
  }
}

void Source::Moment::row(int j, int i0, int i1, double* out) const {
  const View2D<const double> q = source_.q_.view();
  std::copy_n(q.row(j) + i0, i1 - i0, out + i0);
  source_.for_runs(j, i0, i1, [&](const Run& run, int begin, int end) {
    const Function& f = source_.power_[run.layer];
    if (!f.of_place()) {
      std::fill(out + begin, out + end, values_[static_cast<std::size_t>(run.layer)]);
      return;
    }
    const double y = source_.grid_.y(j);
    for (int i = begin; i < end; ++i) out[i] = f(source_.grid_.x(i), y, t_);
  });
}

void Source::Moment::book(int j, int i0, int i1, double factor, const double* q, ExactSum& sum) const {
  source_.for_runs(j, i0, i1, [&](const Run& run, int begin, int end) {
    if (!source_.power_[run.layer].of_place()) {
      sum.add_equal(factor * q[begin], end - begin);
      return;
    }
    constexpr int chunk = 512;
    double terms[chunk];
    for (int i = begin; i < end; i += chunk) {
      const int count = std::min(chunk, end - i);
      for (int n = 0; n < count; ++n) terms[n] = factor * q[i + n];
      sum.add(terms, count);
    }
  });
}

ExactSum Source::varying_sum(double factor) const {
  constexpr int chunk = 512;
  double terms[chunk];
  ExactSum sum;
  const View2D<const double> q = q_.view();
  for (const Run& run : varying_) {
    if (run.j < owned_.j0 || run.j >= owned_.j1) continue;
    const int i0 = std::max(run.i0, owned_.i0), i1 = std::min(run.i1, owned_.i1);
    for (int i = i0; i < i1; i += chunk) {
      const int count = std::min(chunk, i1 - i);
      for (int n = 0; n < count; ++n) terms[n] = factor * q(i + n, run.j);
      sum.add(terms, count);
    }
  }
  return sum;
}

ExactSum Source::steady_sum(const RegionCells& cells) const {
  ExactSum sum;
  const View2D<const double> q = q_.view();
  for (const RegionCells::Run& r : cells.runs()) {
    int next = r.i0;  // cells before it are done
    const auto add_until = [&](int end) {
      for (; next < end; ++next) sum.add(r.share * q(next, r.j));
    };
    for_runs(r.j, r.i0, r.i1, [&](const Run&, int begin, int end) {
      add_until(begin);
      next = end;
    });
    add_until(r.i1);
  }
  return sum;
}

ExactSum Source::varying_sum(double factor, const RegionCells& cells) const {
  ExactSum sum;
  const View2D<const double> q = q_.view();
  for (const RegionCells::Run& r : cells.runs())
    for_runs(r.j, r.i0, r.i1, [&](const Run&, int begin, int end) {
      for (int i = begin; i < end; ++i) sum.add(factor * r.share * q(i, r.j));
    });
  return sum;
}

void Source::decline(const Box& region, double t, View2D<const double> u, View2D<double> out) const {
#pragma omp parallel for schedule(static) if (worth_threads(region))
  for (int j = region.j0; j < region.j1; ++j)
    for (int i = region.i0; i < region.i1; ++i) out(i, j) = 0.0;
  const auto runs = static_cast<std::ptrdiff_t>(varying_.size());
#pragma omp parallel for schedule(static)
  for (std::ptrdiff_t n = 0; n < runs; ++n) {
    const Run& run = varying_[static_cast<std::size_t>(n)];
    if (run.j < region.j0 || run.j >= region.j1 || !power_[run.layer].of_temperature()) continue;
    for (int i = std::max(run.i0, region.i0); i < std::min(run.i1, region.i1); ++i)
      out(i, run.j) = std::max(0.0, -power_[run.layer].slope(grid_.x(i), grid_.y(run.j), t, u(i, run.j)));
  }
}

}  // namespace calor
