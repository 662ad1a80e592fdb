// SPDX-License-Identifier: BSD-3-Clause
#include "solver/diffusion.hpp"

namespace calor {

namespace {

/// Rows of the region by all threads, in the order in which the fields were first touched.
template <class F>
void for_rows(const Box& region, F&& f) {
#pragma omp parallel for schedule(static) if (worth_threads(region))
  for (int j = region.j0; j < region.j1; ++j) f(j);
}

template <class Gx, class Gy, class U>
inline double divergence(const Gx& gx, const Gy& gy, const U& u, int i, int j) {
  const double c = u(i, j);
  const double west = gx(i, j) * (c - u(i - 1, j)), east = gx(i + 1, j) * (u(i + 1, j) - c);
  const double south = gy(i, j) * (c - u(i, j - 1)), north = gy(i, j + 1) * (u(i, j + 1) - c);
  return (east - west) + (north - south);
}

/// Calls f(q) with q(i, j) a field's value, or zero where the field is empty.
template <class F>
void with_or_without(View2D<const double> field, F&& f) {
  if (field.first != nullptr)
    f(field);
  else
    f(Coefficients::Everywhere{0.0});
}

}  // namespace

void step(const Box& region, const Coefficients& c, View2D<const double> q, double dt, View2D<const double> u,
          View2D<double> out) {
  c.visit([&](auto gx, auto gy, auto rho_c) {
    with_or_without(q, [&](auto source) {
      for_rows(region, [&](int j) {
#pragma omp simd
        for (int i = region.i0; i < region.i1; ++i)
          out(i, j) = u(i, j) + dt / rho_c(i, j) * (divergence(gx, gy, u, i, j) + source(i, j));
      });
    });
  });
}

void balance_residual(const Box& region, const Coefficients& c, View2D<const double> q, double rate,
                      View2D<const double> u_old, View2D<const double> u, View2D<double> r) {
  c.visit([&](auto gx, auto gy, auto rho_c) {
    with_or_without(q, [&](auto source) {
      with_or_without(rate > 0.0 ? u_old : View2D<const double>{}, [&](auto old) {
        for_rows(region, [&](int j) {
#pragma omp simd
          for (int i = region.i0; i < region.i1; ++i)
            r(i, j) =
                rate * rho_c(i, j) * (old(i, j) - u(i, j)) + (divergence(gx, gy, u, i, j) + source(i, j));
        });
      });
    });
  });
}

void apply_operator(const Box& region, const Coefficients& c, View2D<const double> s, double rate,
                    View2D<const double> x, View2D<double> out) {
  c.visit([&](auto gx, auto gy, auto rho_c) {
    with_or_without(s, [&](auto extra) {
      for_rows(region, [&](int j) {
#pragma omp simd
        for (int i = region.i0; i < region.i1; ++i)
          out(i, j) = (rate * rho_c(i, j) + extra(i, j)) * x(i, j) - divergence(gx, gy, x, i, j);
      });
    });
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
  walls.for_each_face(region, [&](const Walls::Face& f) {
    const double g = f.gi != f.i ? c.gx(std::max(f.i, f.gi), f.j) : c.gy(f.i, std::max(f.j, f.gj));
    out(f.i, f.j) -= f.rule.a * g;
  });
}

}  // namespace calor
