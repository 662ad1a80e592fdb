// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "decomposition/reduce.hpp"
#include "solver/blocked/stages.hpp"
#include "solver/linear/chebyshev.hpp"
#include "solver/stencil/explicit_limit.hpp"
#include "solver/stencil/rows.hpp"
#include "solver/time/methods.hpp"

namespace calor {

namespace {

/// exp(-tA) for linear problems that do not change with time: no error in time but that of a Chebyshev
/// series, which is bounded beforehand; steps of any length. With L u = div(k grad u) / rho_c under
/// homogeneous walls and v = the rate at the start,
///   u(t + dt) = u + dt phi_1(dt L) v,        phi_1(z) = (e^z - 1) / z
/// The eigenvalues of L lie in [-2 / limit, 0] (Gershgorin). X = 1 + limit L has them in [-1, 1], and
///   phi_1(-rho (1 - x)) = sum of c_k T_k(x),  rho = dt / limit
/// with the Chebyshev polynomials T_k, each of which takes one sweep. The heat that passes the walls comes
/// from  integral of u over dt = dt u + dt^2 phi_2(dt L) v  likewise.
/// Sources: Tal-Ezer, Kosloff (1984); Hochbruck, Ostermann (2010).
class Exponential final : public Integrator {
 public:
  /// @param tolerance  of the series, over the range of temperatures
  explicit Exponential(double tolerance) : tolerance_{tolerance} {}
  SolveReport report() const override { return report_; }

  void advance(Problem& p, const Steps& steps) override {
    if (limit_ == 0.0) limit_ = std::min(explicit_limit(p, 0.0), 1e300);  // infinite where nothing conducts
    for (std::int64_t n = 0; n < steps.count; ++n) step(p, steps.time(n), steps.dt);
  }

 private:
  void step(Problem& p, double t, double dt) {
    const Box own = p.owned;
    Scratch::Lent now = p.scratch.lend(), before = p.scratch.lend();
    const View2D<double> u = p.u.view(), v = now.view();
    p.halo(u);
    p.prepare(own, t, u);
    p.book(dt, u);
    for_rates(own, p.coefficients, p.source.q(), u, [&](int j, auto&& rate) {
      double* const to = v.row(j);
#pragma omp simd
      for (std::ptrdiff_t i = own.i0; i < own.i1; ++i) to[i] = rate(i);
    });
    // The range of temperatures, with those that an explicit step would make of them: at the start all may be
    // alike, and walls only say what they will be.
    const double soon = std::min(limit_, dt);
    double least = std::numeric_limits<double>::infinity(), most = -least;
    const bool holes = p.coefficients.bodies() != nullptr;
#pragma omp parallel for schedule(static) reduction(max : most) reduction(min : least) if (worth_threads(own))
    for (int j = own.j0; j < own.j1; ++j)
      for (int i = own.i0; i < own.i1; ++i) {
        if (holes && !p.live(i, j)) continue;
        const double then = u(i, j) + soon * v(i, j);
        least = std::min({least, u(i, j), then});
        most = std::max({most, u(i, j), then});
      }
    const double range = p.comm.max(most) - p.comm.min(least);
    // Terms left out are at most  dt |v| (sum of their |c_k|)  in the norm in which L is symmetric.
    const Coefficients& c = p.coefficients;
    std::array<ExactSum, 2> sums{
        exact_sum(own, [&](int i, int j) { return c.rho_c(i, j) * v(i, j) * v(i, j); }),
        exact_sum(own, [&](int i, int j) { return c.rho_c(i, j); })};
    reduce(p.comm, sums);
    const double whole = dt * std::sqrt(sums[0].value() / sums[1].value());
    const double wanted =
        whole > 0.0 && range > 0.0 ? std::clamp(tolerance_ * (range / whole), 1e-16, 1.0) : tolerance_;
    const PhiSeries series = phi_series(dt / limit_, wanted);
    const std::size_t terms = series.phi1.size();

    // T_1 = X T_0 = v + limit L v, T_(k+1) = 2 X T_k - T_(k-1). u adds up c_k T_k, and the heat through the
    // walls is booked where T_k is at hand.
    if (p.source.of_temperature()) {
      add_terms_plainly(p, t, dt, series, now, before);
      tell(terms, series, range > 0.0 ? whole / range : 1.0);
      return;
    }
    const double c0 = dt * series.phi1[0], c1 = dt * series.phi1[1];
    p.halo(v);
    p.walls.fill_homogeneous(own, v);
    p.book_walls(dt * dt * series.phi2[0], v, true);
    for_changes(own, p.coefficients, {}, limit_, v, [&](int j, auto&& change) {
      const double* const T0 = v.row(j);
      double *const T1 = before.view().row(j), *const sum = u.row(j);
#pragma omp simd
      for (std::ptrdiff_t i = own.i0; i < own.i1; ++i) {
        T1[i] = T0[i] + change(i);
        sum[i] = sum[i] + (c0 * T0[i] + c1 * T1[i]);
      }
    });
    now.field().swap(before.field());
    Scratch::Lent spare_now = p.scratch.lend(), spare_before = p.scratch.lend();
    std::vector<Stage> stages;
    for (std::size_t k = 2; k < terms; ++k)
      stages.push_back({{0.0, 0.0, 0.0, 0.0, dt * series.phi1[k]}, t, dt * dt * series.phi2[k - 1]});
    stages_.run(
        p, 2.0 * limit_, stages,
        {&now.field(), &before.field(), &spare_now.field(), &spare_before.field(), &p.u, nullptr, nullptr});
    if (!p.sections.empty()) p.halo(now.view());
    p.walls.fill_homogeneous(own, now.view());
    p.book_walls(dt * dt * series.phi2[terms - 1], now.view(), true);
    tell(terms, series, range > 0.0 ? whole / range : 1.0);
  }

  void tell(std::size_t terms, const PhiSeries& series, double size) {
    report_.iterations += static_cast<std::int64_t>(terms);
    report_.last_iterations = static_cast<std::int64_t>(terms);
    report_.residual = series.left_out * size;
  }

  /// The same sum of terms where the source has T in it, q = a - b T: then L u = (div(k grad u) - b u) /
  /// rho_c, and each term is a sweep of its own.
  /// @param now  T_0 in its beginning    @param before  room
  void add_terms_plainly(Problem& p, double t, double dt, const PhiSeries& series, Scratch::Lent& now,
                         Scratch::Lent& before) {
    const Box own = p.owned;
    const View2D<double> u = p.u.view();
    Scratch::Lent sink_slope = p.scratch.lend(), of_term = p.scratch.lend();
    p.source.sink_slope(own, t, u, sink_slope.view());
    const View2D<const double> b = sink_slope.cview();
    const View2D<double> loss = of_term.view();
    for (std::size_t k = 0; k < series.phi1.size(); ++k) {
      const View2D<double> T = now.view();
      p.halo(T);
      p.walls.fill_homogeneous(own, T);
      p.book_response(dt * dt * series.phi2[k], T);
      const double c = dt * series.phi1[k];
      for_rows(own, [&](int j) {
        for (int i = own.i0; i < own.i1; ++i) {
          u(i, j) += c * T(i, j);
          loss(i, j) = -b(i, j) * T(i, j);
        }
      });
      if (k + 1 == series.phi1.size()) return;
      // X T = T + limit L T, over T_(k-1), which is not needed any more.
      const View2D<double> next = before.view();
      for_changes(own, p.coefficients, of_term.cview(), limit_, T, [&](int j, auto&& change) {
        for (std::ptrdiff_t i = own.i0; i < own.i1; ++i) {
          const double x = T.row(j)[i] + change(i);
          next.row(j)[i] = k == 0 ? x : 2.0 * x - next.row(j)[i];
        }
      });
      now.field().swap(before.field());
    }
  }

  double tolerance_;
  double limit_ = 0.0;  // of forward Euler [s]
  Stages stages_{Recursion::chebyshev};
  SolveReport report_;
};

}  // namespace

constinit const Method methods::exponential{
    .word = "exponential",
    .order = 2,
    .automatic = AutomaticStep::whole,
    .linear_only = true,
    .candidate = true,
    .deepest = [](const ProblemSpec& spec,
                  Precision) { return stages_that_pay(Recursion::chebyshev, spec.materials.constant()); },
    .fields =
        [](const ProblemSpec&, const ImplicitOptions&) {
          return 4;  // two polynomials, and as much room; or what the source has of T in it
        },
    .sweeps =
        [](const Workload& w) {
          double sweeps = 0.0, from = 0.0;
          for (const double to : w.targets) {
            sweeps += 2.5 * (20.0 + 6.0 * std::sqrt((to - from) / w.stable_dt));
            from = to;
          }
          return sweeps;
        },
    .decay = [](const Mode& m) { return std::exp(-m.z * m.steps); },
    .make = [](const MethodOptions& o) -> std::unique_ptr<Integrator> {
      return std::make_unique<Exponential>(o.series_tolerance);
    },
    .describe =
        [](const SolveReport& r, std::int64_t steps) {
          return fmt::format(
              "series of {} terms in {} step{}, what they leave out at most {:.2g} of the range",
              r.iterations, steps, steps == 1 ? "" : "s", r.residual);
        }};

}  // namespace calor
