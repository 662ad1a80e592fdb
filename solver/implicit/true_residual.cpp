// SPDX-License-Identifier: BSD-3-Clause
#include "solver/implicit/true_residual.hpp"

#include <cstddef>

#include "decomposition/clones.hpp"
#include "solver/stencil/diffusion.hpp"
#include "solver/stencil/rows.hpp"

namespace calor {

namespace {

template <class Values>
struct RowOf {
  Values gx, south, north, rho_c;
};
using Constant = Coefficients::Everywhere;

#define CALOR_VALUES const double*
#include "solver/implicit/true_residual_rows.inl"
#undef CALOR_VALUES
#define CALOR_VALUES Constant
#include "solver/implicit/true_residual_rows.inl"
#undef CALOR_VALUES

}  // namespace

void TrueResidual::look_at(const Box& owned, const Coefficients& c) {
  of_ = c.steady();
  pieces_ = {};
  if (c.uniform()) return;
  const Coefficients::Fields f = c.fields();
  pieces_ = {owned, owned.i0, owned.i1,
             [&](int j) -> std::array<const double*, 4> {
               return {f.gx.row(j), f.gy.row(j), f.gy.row(j + 1), f.rho_c.row(j)};
             },
             [&](int j) -> std::array<const double*, 1> { return {f.gx.row(j) + 1}; }};
}

ExactSum TrueResidual::operator()(const Box& region, const Coefficients& c, View2D<const double> q,
                                  double rate, View2D<const double> u_old, View2D<const double> u,
                                  View2D<double> r) {
  const auto steady = c.steady();
  if (!steady || !(rate > 0.0)) return balance_residual(region, c, q, rate, u_old, u, r);
  if (of_.lock() != steady) look_at(steady->owned, c);
  return sum_rows(region, [&](int j, int i0, int i1, double* terms) {
    const auto row = [&](const auto& k, int begin, int end) {
      double* const to = terms + (begin - i0);
      if (q.first == nullptr)
        residual_row(k, rate, u_old.row(j), u.row(j - 1), u.row(j), u.row(j + 1), r.row(j), to, begin, end);
      else
        residual_row(k, q.row(j), rate, u_old.row(j), u.row(j - 1), u.row(j), u.row(j + 1), r.row(j), to,
                     begin, end);
    };
    if (c.uniform()) {
      row(RowOf<Constant>{{c.gx(0, 0)}, {c.gy(0, 0)}, {c.gy(0, 0)}, {c.rho_c(0, 0)}}, i0, i1);
      return;
    }
    const Coefficients::Fields f = c.fields();
    pieces_.along(
        j, i0, i1,
        [&](int begin, int end, const double* v) {
          row(RowOf<Constant>{{v[0]}, {v[1]}, {v[2]}, {v[3]}}, begin, end);
        },
        [&](int begin, int end, const auto& v) {
          row(RowOf<const double*>{v[0], v[1], v[2], v[3]}, begin, end);
        },
        [&](int begin, int end) {
          row(RowOf<const double*>{f.gx.row(j), f.gy.row(j), f.gy.row(j + 1), f.rho_c.row(j)}, begin, end);
        });
  });
}

}  // namespace calor
