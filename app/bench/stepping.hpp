// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "app/bench/bench.hpp"
#include "app/run/setup.hpp"
#include "decomposition/error.hpp"
#include "solver/blocked/kernels.hpp"
#include "solver/model/problem.hpp"
#include "solver/stencil/explicit_limit.hpp"

// What timings of explicit steps compare: calor's own, and loops as a course writes them.

namespace calor::app::bench {

/// One row of the plain step in one material of square cells, r = dt k / (rho_c h^2).
void plain_row(const double* below, const double* here, const double* above, double r, double* out,
               std::ptrdiff_t count);
/// The same in single precision.
void plain_row_single(const float* below, const float* here, const float* above, float r, float* out,
                      std::ptrdiff_t count);
/// One row with coefficients of its own in every cell.
void plain_row_fields(const double* below, const double* here, const double* above, const double* gx,
                      const double* gy, const double* gy_above, const double* rho_c, double dt, double* out,
                      std::ptrdiff_t count);

/// Explicit steps as a course writes them: two arrays, one layer of ghosts, an exchange a step, one parallel
/// loop over the rows.
template <class Real>
class PlainLoop {
 public:
  PlainLoop(Problem& p, double dt)
      : p_{p},
        dt_{dt},
        a_{p.owned, 1},
        b_{p.owned, 1},
        halo_{p.comm, make_halo_plan(p.parts, 1, p.comm.rank())} {
    const View2D<Real> a = a_.view();
    const View2D<const double> u = p.u.cview();
#pragma omp parallel for schedule(static)
    for (int j = p.owned.j0; j < p.owned.j1; ++j)
      for (int i = p.owned.i0; i < p.owned.i1; ++i) a(i, j) = static_cast<Real>(u(i, j));
  }
  /// @param past_caches  with stores that go to memory directly, by way of a short buffer
  void step(bool past_caches = false) {
    halo_(a_.view());
    fill_walls();
    const View2D<const Real> u = a_.cview();
    const View2D<Real> next = b_.view();
    const Box own = p_.owned;
    const Coefficients& c = p_.coefficients;
#pragma omp parallel for schedule(static)
    for (int j = own.j0; j < own.j1; ++j) {
      const Real *const below = u.row(j - 1), *const here = u.row(j), *const above = u.row(j + 1);
      Real* const to = next.row(j);
      if (c.mosaic() != nullptr || (c.uniform() && !p_.source.zero())) {
        plain_row_by_rule(u, j, to);
      } else if constexpr (sizeof(Real) == sizeof(float)) {
        plain_row_single(below + own.i0, here + own.i0, above + own.i0,
                         static_cast<float>(dt_ / c.rho_c(0, 0) * c.gx(0, 0)), to + own.i0, own.nx());
      } else if (!c.uniform()) {
        const auto [gx, gy, rho_c] = c.fields();
        plain_row_fields(below + own.i0, here + own.i0, above + own.i0, gx.row(j) + own.i0,
                         gy.row(j) + own.i0, gy.row(j + 1) + own.i0, rho_c.row(j) + own.i0, dt_, to + own.i0,
                         own.nx());
      } else {
        const double r = dt_ / c.rho_c(0, 0) * c.gx(0, 0);
        if (!past_caches) {
          plain_row(below + own.i0, here + own.i0, above + own.i0, r, to + own.i0, own.nx());
          continue;
        }
        constexpr int chunk = 512;
        alignas(64) double buffer[chunk];
        for (int i = own.i0; i < own.i1; i += chunk) {
          const int count = std::min(chunk, own.i1 - i);
          plain_row(below + i, here + i, above + i, r, buffer, count);
          kernels().doubles.store(buffer - i, to, i, i + count, true);
        }
      }
    }
    a_.swap(b_);
  }
  /// Whether the owned cells have the bits of the problem's present state.
  bool equals(const Problem& p) const {
    const View2D<const Real> a = a_.view();
    bool same = true;
    for_each(p.owned, [&](int i, int j) {
      const auto mine = static_cast<double>(a(i, j)), theirs = p.u.view()(i, j);
      same = same && std::memcmp(&mine, &theirs, sizeof mine) == 0;
    });
    return p.comm.all(same);
  }

 private:
  /// One row in several materials, cell by cell, by the rule of docs/numerics.md, section 5.
  void plain_row_by_rule(View2D<const Real> u, int j, Real* to) const {
    const Coefficients& c = p_.coefficients;
    const bool square = c.uniform() ? c.gx(0, 0) == c.gy(0, 0) : c.mosaic()->square();
    const auto f = [](double v) { return static_cast<Real>(v); };
    const bool losing = p_.source.of_temperature();  // in proportion, as a plate or walls of holes
    std::vector<double> gain, loss;
    if (losing) {
      gain.resize(static_cast<std::size_t>(p_.owned.nx()));
      loss.resize(gain.size());
      p_.source.linear_sink_row(j, p_.owned.i0, p_.owned.i1, gain.data() - p_.owned.i0,
                                loss.data() - p_.owned.i0);
    }
    for (int i = p_.owned.i0; i < p_.owned.i1; ++i) {
      const double west = c.gx(i, j), east = c.gx(i + 1, j), south = c.gy(i, j), north = c.gy(i, j + 1);
      const double scale = dt_ / c.rho_c(i, j);
      const Real t = u(i, j), w = u(i - 1, j), e = u(i + 1, j), s = u(i, j - 1), n = u(i, j + 1);
      Real change{};
      if (west != east || south != north || (square && west != south))
        change =
            f(scale) * ((f(east) * (e - t) - f(west) * (t - w)) + (f(north) * (n - t) - f(south) * (t - s)));
      else if (square)
        change = f(scale * west) * (((w + e) + (s + n)) - Real{4} * t);
      else
        change = f(scale * west) * ((w + e) - Real{2} * t) + f(scale * south) * ((s + n) - Real{2} * t);
      if (losing) {
        const auto n_here = static_cast<std::size_t>(i - p_.owned.i0);
        change = (change + f(scale * gain[n_here])) - f(scale * loss[n_here]) * t;
      } else if (!p_.source.zero()) {
        change = change + f(scale * p_.source.q()(i, j));
      }
      to[i] = t + change;
    }
  }
  void fill_walls() {
    const View2D<Real> a = a_.view();
    p_.walls.for_each_face(p_.owned, [&](const Walls::Face& f) {
      const auto inside = static_cast<double>(a(f.i, f.j));
      a(f.gi, f.gj) = static_cast<Real>(f.rule.a * inside + f.rule.b);
    });
  }
  Problem& p_;
  double dt_;
  Field2D<Real> a_, b_;
  Exchange<Real> halo_;
};

/// A method of calor's on a case, with everything that a run has: walls, halo, ledger.
struct Blocked {
  /// @param check  compare with the plain loop first; euler alone
  /// @param stretch  steps over the limit of explicit ones
  Blocked(const Case& c, const mpi::Comm& comm, bool check, const Method& which = methods::euler,
          double stretch = explicit_safety)
      : problem{make_problem(simulation_spec(c), comm, &which)},
        dt{stretch * explicit_limit(*problem, 0.0)},
        method{made(c, which)} {
    if (check) {
      // A whole pass and a short one; of huge grids a short one.
      const std::int64_t count = problem->grid.domain().cells() > 20'000'000 ? 9 : 33;
      const bool same =
          c.parallel.precision == Precision::single ? alike<float>(count) : alike<double>(count);
      if (!same) throw Error{Exit::internal, "bench: calor and the plain loop differ"};
    }
    method = made(c, which);
    if (Settles* const settles = ability<Settles>(*method)) settles->settle(*problem, dt, 1e12);
  }
  std::function<std::int64_t()> steps(std::int64_t count) {
    return [this, count] {
      const double start = MPI_Wtime(), halo = problem->seconds_in_halo();
      const std::int64_t before = method->report().iterations;
      method->advance(*problem, {0.0, dt, 0, count});
      seconds += MPI_Wtime() - start;
      in_halo += problem->seconds_in_halo() - halo;
      const std::int64_t stages = method->report().iterations - before;  // none: a sweep a step
      const auto& bodies = problem->coefficients.bodies();
      return (stages > 0 ? stages : count) * (bodies ? bodies->live_cells() : problem->grid.domain().cells());
    };
  }
  std::unique_ptr<Problem> problem;
  double dt;
  std::unique_ptr<Integrator> method;
  double seconds = 0.0, in_halo = 0.0;  // of all rounds, on this rank

 private:
  static std::unique_ptr<Integrator> made(const Case& c, const Method& which) {
    const LayoutSpec layout = simulation_spec(c).layout;
    MethodOptions options;
    options.precision = layout.precision;
    options.levels = layout.halo_depth;
    options.tile = layout.tile;
    return which.make(options);
  }
  template <class Real>
  bool alike(std::int64_t count) {
    PlainLoop<Real> plain{*problem, dt};
    for (std::int64_t n = 0; n < count; ++n) plain.step();
    method->advance(*problem, {0.0, dt, 0, count});
    return plain.equals(*problem);
  }
};

/// A line under a table: how the work was laid out, and what the exchange took of the time.
nlohmann::json remark(const Blocked& b, nlohmann::json table);

/// How often to repeat for about so many updates, in whole units.
std::int64_t steps_for(double updates, std::int64_t cells, std::int64_t unit);

}  // namespace calor::app::bench
