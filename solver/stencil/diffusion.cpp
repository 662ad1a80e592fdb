// SPDX-License-Identifier: BSD-3-Clause
#include "solver/stencil/diffusion.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "decomposition/clones.hpp"
#include "solver/stencil/rows.hpp"

namespace calor {

namespace {

using namespace stencil;

/// div(k grad u) in cell i of a row, as StencilRow::flow: compiled into the functions below for their
/// vectors.
inline double flow_in(const double* gx, const double* south, const double* north, const double* below,
                      const double* here, const double* above, std::ptrdiff_t i) {
  const double c = here[i];
  return divergence(flux<double>(gx[i], here[i - 1], c), flux<double>(gx[i + 1], c, here[i + 1]),
                    flux<double>(south[i], below[i], c), flux<double>(north[i], c, above[i]));
}

/// to = rate capacity x - div(k grad x) and terms = x to, for cells i0 .. i1 - 1 of a row; terms begin at i0.
CALOR_CLONES void operator_row(const double* gx, const double* south, const double* north,
                               const double* capacity, double rate, const double* below, const double* here,
                               const double* above, double* __restrict to, double* __restrict terms,
                               std::ptrdiff_t i0, std::ptrdiff_t i1) {
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    const double c = here[i];
    const double flow = flow_in(gx, south, north, below, here, above, i);
    to[i] = rate * capacity[i] * c - flow;
    terms[i - i0] = to[i] * c;
  }
}

/// x += p, r -= rate capacity p - div(k grad p), and terms = r r, likewise; `here` is p.
CALOR_CLONES void correction_row(const double* gx, const double* south, const double* north,
                                 const double* capacity, double rate, const double* below, const double* here,
                                 const double* above, double* __restrict x, double* __restrict r,
                                 double* __restrict terms, std::ptrdiff_t i0, std::ptrdiff_t i1) {
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    const double c = here[i];
    const double flow = flow_in(gx, south, north, below, here, above, i);
    x[i] += c;
    r[i] -= rate * capacity[i] * c - flow;
    terms[i - i0] = r[i] * r[i];
  }
}

/// r = rate capacity (before - u) + div(k grad u), terms = r r, likewise; `here` is u.
CALOR_CLONES void residual_row(const double* gx, const double* south, const double* north,
                               const double* capacity, double rate, const double* before, const double* below,
                               const double* here, const double* above, double* __restrict r,
                               double* __restrict terms, std::ptrdiff_t i0, std::ptrdiff_t i1) {
#pragma omp simd
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    const double c = here[i];
    const double flow = flow_in(gx, south, north, below, here, above, i);
    r[i] = rate * capacity[i] * (before[i] - c) + flow;
    terms[i - i0] = r[i] * r[i];
  }
}

/// Calls f(j, i0, i1, terms, ax) for pieces of the rows of the region, ax(i) being A x in a cell; gives the
/// sum of the terms.
template <class F>
ExactSum sum_operator(const Box& region, const Coefficients& c, View2D<const double> extra, double rate,
                      View2D<const double> x, F&& f) {
  ExactSum sum;
  c.visit([&](auto gx, auto gy, auto rho_c) {
    with_or_without(extra, [&](auto more) {
      sum = sum_rows(region, [&](int j, int i0, int i1, double* terms) {
        const StencilRow s{gx, gy, x, j};
        const auto capacity = rho_c.row(j);
        const auto added = more.row(j);
        f(j, i0, i1, terms,
          [&](std::ptrdiff_t i) { return (rate * capacity[i] + added[i]) * s.here[i] - s.flow(i); });
      });
    });
  });
  return sum;
}

}  // namespace

void step(const Box& region, const Coefficients& c, View2D<const double> q, double dt, View2D<const double> u,
          View2D<double> out) {
  for_changes(region, c, q, dt, u, [&](int j, auto&& change) {
    const double* const here = u.row(j);
    double* __restrict const to = out.row(j);
#pragma omp simd
    for (std::ptrdiff_t i = region.i0; i < region.i1; ++i) to[i] = here[i] + change(i);
  });
}

ExactSum balance_residual(const Box& region, const Coefficients& c, View2D<const double> q, double rate,
                          View2D<const double> u_old, View2D<const double> u, View2D<double> r) {
  if (!c.uniform() && q.first == nullptr && rate > 0.0) {  // the usual one, for the widest vectors there are
    const Coefficients::Fields f = c.fields();
    return sum_rows(region, [&](int j, int i0, int i1, double* terms) {
      residual_row(f.gx.row(j), f.gy.row(j), f.gy.row(j + 1), f.rho_c.row(j), rate, u_old.row(j),
                   u.row(j - 1), u.row(j), u.row(j + 1), r.row(j), terms, i0, i1);
    });
  }
  ExactSum sum;
  c.visit([&](auto gx, auto gy, auto rho_c) {
    with_or_without(q, [&](auto source) {
      with_or_without(rate > 0.0 ? u_old : View2D<const double>{}, [&](auto old) {
        sum = sum_rows(region, [&](int j, int i0, int i1, double* terms) {
          const StencilRow s{gx, gy, u, j};
          const auto capacity = rho_c.row(j);
          const auto heat = source.row(j);
          const auto before = old.row(j);
          double* __restrict const to = r.row(j);
#pragma omp simd
          for (std::ptrdiff_t i = i0; i < i1; ++i) {
            to[i] = rate * capacity[i] * (before[i] - s.here[i]) + (s.flow(i) + heat[i]);
            terms[i - i0] = to[i] * to[i];
          }
        });
      });
    });
  });
  return sum;
}

ExactSum apply_operator(const Box& region, const Coefficients& c, View2D<const double> extra, double rate,
                        View2D<const double> x, View2D<double> out) {
  if (!c.uniform() && extra.first == nullptr) {  // the usual one, for the widest vectors there are
    const Coefficients::Fields f = c.fields();
    return sum_rows(region, [&](int j, int i0, int i1, double* terms) {
      operator_row(f.gx.row(j), f.gy.row(j), f.gy.row(j + 1), f.rho_c.row(j), rate, x.row(j - 1), x.row(j),
                   x.row(j + 1), out.row(j), terms, i0, i1);
    });
  }
  return sum_operator(region, c, extra, rate, x, [&](int j, int i0, int i1, double* terms, auto&& ax) {
    const double* const here = x.row(j);
    double* __restrict const to = out.row(j);
#pragma omp simd
    for (std::ptrdiff_t i = i0; i < i1; ++i) {
      to[i] = ax(i);
      terms[i - i0] = to[i] * here[i];
    }
  });
}

ExactSum correct(const Box& region, const Coefficients& c, View2D<const double> extra, double rate,
                 View2D<const double> p, View2D<double> x, View2D<double> r) {
  if (!c.uniform() && extra.first == nullptr) {
    const Coefficients::Fields f = c.fields();
    return sum_rows(region, [&](int j, int i0, int i1, double* terms) {
      correction_row(f.gx.row(j), f.gy.row(j), f.gy.row(j + 1), f.rho_c.row(j), rate, p.row(j - 1), p.row(j),
                     p.row(j + 1), x.row(j), r.row(j), terms, i0, i1);
    });
  }
  return sum_operator(region, c, extra, rate, p, [&](int j, int i0, int i1, double* terms, auto&& ap) {
    const double* const here = p.row(j);
    double* __restrict const to = x.row(j), * __restrict const left = r.row(j);
#pragma omp simd
    for (std::ptrdiff_t i = i0; i < i1; ++i) {
      to[i] += here[i];
      left[i] -= ap(i);
      terms[i - i0] = left[i] * left[i];
    }
  });
}

void operator_diagonal(const Box& region, const Coefficients& c, const Walls& walls, View2D<const double> s,
                       double rate, View2D<double> out) {
  c.visit([&](auto gx, auto gy, auto rho_c) {
    with_or_without(s, [&](auto extra) {
      for_rows(region, [&](int j) {
        for (int i = region.i0; i < region.i1; ++i)
          out(i, j) =
              rate * rho_c(i, j) + extra(i, j) + ((gx(i, j) + gx(i + 1, j)) + (gy(i, j) + gy(i, j + 1)));
      });
    });
  });
  walls.for_each_face(region, [&](const Walls::Face& f) { out(f.i, f.j) -= f.rule.a * f.g; });
}

}  // namespace calor
