// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "decomposition/field.hpp"
#include "decomposition/halo.hpp"
#include "decomposition/reduce.hpp"
#include "solver/model/coefficients.hpp"
#include "solver/model/walls/walls.hpp"

namespace calor {

// The five-point stencil in flux form. Fluxes through the four faces of cell (i, j), times 1/dx or 1/dy [W
// m^-3]:
//   F_w = gx(i,j) (u(i,j) - u(i-1,j)),  F_e = gx(i+1,j) (u(i+1,j) - u(i,j)),  F_s, F_n likewise with gy
//   div(k grad u) = (F_e - F_w) + (F_n - F_s)
// Every face flux enters its two cells with opposite signs, so heat is conserved to round-off.
// Source: Patankar (1980), sec. 4.2; the order of operations is the same in every function here.

/// One explicit step, the plain way:  out = u + dt/rho_c (div(k grad u) + q). Formulas:
/// solver/stencil/cell_change.inl.
/// @param region  cells to fill (global numbers); u covers region.grown(1) with halo and ghosts filled [K]
/// @param q       source [W m^-3] on the region, or empty for none     @param out  [K]; must not alias u
/// Stable if dt * (sum over faces of g (1 - a)) / rho_c <= 1 in every cell, a of the wall's GhostRule, 0
/// inside (Gershgorin; then every weight is positive and the maximum principle holds).
void step(const Box& region, const Coefficients& c, View2D<const double> q, double dt, View2D<const double> u,
          View2D<double> out);

/// Residual of the balance of one step:  r = rho_c (u_old - u)/dt + div(k grad u) + q   [W m^-3]
/// Gives the sum of r^2 over the region.
/// @param rate  1/dt [1/s]; 0 for a steady state, then u_old is not read
ExactSum balance_residual(const Box& region, const Coefficients& c, View2D<const double> q, double rate,
                          View2D<const double> u_old, View2D<const double> u, View2D<double> r);

/// out = (rate rho_c + extra) x - div(k grad x): the operator of an implicit step on corrections. Gives the
/// sum of x out over the region.
/// @param extra  more diagonal [W m^-3 K^-1] (minus the slope of the source), or empty
ExactSum apply_operator(const Box& region, const Coefficients& c, View2D<const double> s, double rate,
                        View2D<const double> x, View2D<double> out);

/// x += p and r -= A p with that operator A, in one pass: a correction p of known length. Gives the sum of
/// r^2 over the region.
ExactSum correct(const Box& region, const Coefficients& c, View2D<const double> extra, double rate,
                 View2D<const double> p, View2D<double> x, View2D<double> r);

/// Diagonal of that operator with the walls' part:  rate rho_c + s + sum over faces of g, times (1 - a) on
/// walls.
void operator_diagonal(const Box& region, const Coefficients& c, const Walls& walls, View2D<const double> s,
                       double rate, View2D<double> out);

/// Exchanges the halo of u and meanwhile works f on the part of `owned` that reads none of it; then works f
/// on the rest.
template <class F>
void overlapped(Exchange<double>& halo, View2D<double> u, const Box& owned, F&& f) {
  halo.start(u);
  const Box inner = halo.independent_part(owned);
  if (!inner.empty()) f(inner);
  halo.finish(u);
  for (const Box& rest : rim(owned, inner))
    if (!rest.empty()) f(rest);
}

}  // namespace calor
