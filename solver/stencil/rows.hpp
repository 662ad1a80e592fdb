// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <utility>

#include "decomposition/field.hpp"
#include "solver/model/coefficients.hpp"

// Sweeps over rows with the five-point stencil at hand, for whoever makes something else of its flows than a
// step. The arithmetic is that of solver/stencil/cell_change.inl.

namespace calor {

namespace stencil {

#define CALOR_INLINE inline
#include "solver/stencil/cell_change.inl"
#undef CALOR_INLINE

/// sum - k c, as solver/stencil/cell_change.inl wants it.
inline constexpr auto less_times = [](double sum, int k, double c) { return sum - k * c; };

/// 2 c - before, likewise.
inline constexpr auto twice_less = [](double c, double before) { return 2.0 * c - before; };

/// The rows that the stencil of row j reads, each indexed by the global i. Built once a row, so that the
/// inner loop is plain pointers, or numbers where the material is uniform.
template <class Gx, class Gy>
struct StencilRow {
  StencilRow(const Gx& gx, const Gy& gy, const View2D<const double>& u, int j)
      : x{gx.row(j)},
        south{gy.row(j)},
        north{gy.row(j + 1)},
        below{u.row(j - 1)},
        here{u.row(j)},
        above{u.row(j + 1)} {}
  decltype(std::declval<Gx>().row(0)) x;
  decltype(std::declval<Gy>().row(0)) south, north;
  const double *below, *here, *above;

  /// div(k grad u) in cell i [W m^-3]
  double flow(std::ptrdiff_t i) const {
    const double c = here[i];
    return divergence(flux<double>(x[i], here[i - 1], c), flux<double>(x[i + 1], c, here[i + 1]),
                      flux<double>(south[i], below[i], c), flux<double>(north[i], c, above[i]));
  }
};

/// The same where coefficients are looked up: the row's numbers are laid side by side first.
struct MosaicStencilRow {
  MosaicStencilRow(const Mosaic& mosaic, const View2D<const double>& u, int j, int i0, int i1)
      : square{mosaic.square()}, below{u.row(j - 1)}, here{u.row(j)}, above{u.row(j + 1)} {
    const MosaicRow numbers{mosaic, j, i0, i1};
    west = numbers[Mosaic::west];
    east = numbers[Mosaic::east];
    south = numbers[Mosaic::south];
    north = numbers[Mosaic::north];
    rho_c = numbers[Mosaic::rho_c];
  }
  bool square;
  const double *below, *here, *above;
  const double *west, *east, *south, *north, *rho_c;

  /// As StencilRow::flow.
  double flow(std::ptrdiff_t i) const {
    const double c = here[i];
    return divergence(flux<double>(west[i], here[i - 1], c), flux<double>(east[i], c, here[i + 1]),
                      flux<double>(south[i], below[i], c), flux<double>(north[i], c, above[i]));
  }
  /// scale times it, scale = dt / rho_c, in the form that the cell takes (docs/numerics.md, section 5).
  double change(std::ptrdiff_t i, double scale) const {
    const double rx = scale * west[i], ry = scale * south[i];
    const double plain =
        square ? change_square(here[i], here[i - 1], here[i + 1], below[i], above[i], rx, less_times)
               : change_uniform(here[i], here[i - 1], here[i + 1], below[i], above[i], rx, ry, less_times);
    // No way out: vectors.
    const int is_plain =
        int{west[i] == east[i]} & int{south[i] == north[i]} & (int{!square} | int{west[i] == south[i]});
    const double general = scale * flow(i);
    return is_plain != 0 ? plain : general;
  }
};

/// Calls f(q) with q(i, j) a field's value, or zero where the field is empty.
template <class F>
void with_or_without(View2D<const double> field, F&& f) {
  if (field.first != nullptr)
    f(field);
  else
    f(Coefficients::Everywhere{0.0});
}

}  // namespace stencil

/// Calls f(j, change) for each row of the region; change(i) = dt (div(k grad u) + q) / rho_c in cell (i, j)
/// [K]: what an explicit step adds. u covers region.grown(1) with halo and ghosts filled. @param q  source,
/// or empty
template <class F>
void for_changes(const Box& region, const Coefficients& c, View2D<const double> q, double dt,
                 View2D<const double> u, F&& f) {
  const bool heated = q.first != nullptr;
  stencil::with_or_without(q, [&](auto source) {
    if (c.uniform()) {
      const double scale = dt / c.rho_c(0, 0), rx = scale * c.gx(0, 0), ry = scale * c.gy(0, 0);
      const bool square = rx == ry;
      for_rows(region, [&](int j) {
        const double *const below = u.row(j - 1), *const here = u.row(j), *const above = u.row(j + 1);
        const auto heat = source.row(j);
        f(j, [&](std::ptrdiff_t i) {
          using namespace stencil;
          const double change =
              square
                  ? change_square(here[i], here[i - 1], here[i + 1], below[i], above[i], rx, less_times)
                  : change_uniform(here[i], here[i - 1], here[i + 1], below[i], above[i], rx, ry, less_times);
          return heated ? change + scale * heat[i] : change;
        });
      });
      return;
    }
    if (const Mosaic* const mosaic = c.mosaic(); mosaic != nullptr) {
      for_rows(region, [&](int j) {
        const stencil::MosaicStencilRow s{*mosaic, u, j, region.i0, region.i1};
        const auto heat = source.row(j);
        f(j, [&](std::ptrdiff_t i) {
          const double scale = dt / s.rho_c[i], change = s.change(i, scale);
          return heated ? change + scale * heat[i] : change;
        });
      });
      return;
    }
    c.visit([&](auto gx, auto gy, auto rho_c) {
      for_rows(region, [&](int j) {
        const stencil::StencilRow s{gx, gy, u, j};
        const auto capacity = rho_c.row(j);
        const auto heat = source.row(j);
        f(j, [&](std::ptrdiff_t i) {
          const double scale = dt / capacity[i], change = scale * s.flow(i);
          return heated ? change + scale * heat[i] : change;
        });
      });
    });
  });
}

/// Calls f(j, rate) for each row of the region; rate(i) = (div(k grad u) + q) / rho_c in cell (i, j) [K/s].
/// u and q as for for_changes.
template <class F>
void for_rates(const Box& region, const Coefficients& c, View2D<const double> q, View2D<const double> u,
               F&& f) {
  if (const Mosaic* const mosaic = c.mosaic(); mosaic != nullptr) {
    stencil::with_or_without(q, [&](auto source) {
      for_rows(region, [&](int j) {
        const stencil::MosaicStencilRow s{*mosaic, u, j, region.i0, region.i1};
        const auto heat = source.row(j);
        f(j, [&](std::ptrdiff_t i) { return (s.flow(i) + heat[i]) / s.rho_c[i]; });
      });
    });
    return;
  }
  c.visit([&](auto gx, auto gy, auto rho_c) {
    stencil::with_or_without(q, [&](auto source) {
      for_rows(region, [&](int j) {
        const stencil::StencilRow s{gx, gy, u, j};
        const auto capacity = rho_c.row(j);
        const auto heat = source.row(j);
        f(j, [&](std::ptrdiff_t i) { return (s.flow(i) + heat[i]) / capacity[i]; });
      });
    });
  });
}

}  // namespace calor
