// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>

#include "app/bench/bench.hpp"
#include "app/console/product.hpp"
#include "app/run/setup.hpp"
#include "decomposition/clones.hpp"
#include "decomposition/error.hpp"
#include "solver/blocked/kernels.hpp"
#include "solver/model/problem.hpp"
#include "solver/stencil/explicit_limit.hpp"

namespace calor::bench {

namespace {

/// One row of the plain step in one material of square cells, r = dt k / (rho_c h^2).
CALOR_CLONES void plain_row(const double* below, const double* here, const double* above, double r,
                            double* out, std::ptrdiff_t count) {
#pragma omp simd
  for (std::ptrdiff_t i = 0; i < count; ++i)
    out[i] = here[i] + r * (((here[i - 1] + here[i + 1]) + (below[i] + above[i])) - 4.0 * here[i]);
}

/// The same in single precision.
CALOR_CLONES void plain_row_single(const float* below, const float* here, const float* above, float r,
                                   float* out, std::ptrdiff_t count) {
#pragma omp simd
  for (std::ptrdiff_t i = 0; i < count; ++i)
    out[i] = here[i] + r * (((here[i - 1] + here[i + 1]) + (below[i] + above[i])) - 4.0F * here[i]);
}

/// One row with coefficients of its own in every cell.
CALOR_CLONES void plain_row_fields(const double* below, const double* here, const double* above,
                                   const double* gx, const double* gy, const double* gy_above,
                                   const double* rho_c, double dt, double* out, std::ptrdiff_t count) {
#pragma omp simd
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const double c = here[i];
    const double west = gx[i] * (c - here[i - 1]), east = gx[i + 1] * (here[i + 1] - c);
    const double south = gy[i] * (c - below[i]), north = gy_above[i] * (above[i] - c);
    out[i] = c + dt / rho_c[i] * ((east - west) + (north - south));
  }
}

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
    const View2D<const double> u = std::as_const(p.u).view();
#pragma omp parallel for schedule(static)
    for (int j = p.owned.j0; j < p.owned.j1; ++j)
      for (int i = p.owned.i0; i < p.owned.i1; ++i) a(i, j) = static_cast<Real>(u(i, j));
  }
  /// @param past_caches  with stores that go to memory directly, by way of a short buffer
  void step(bool past_caches = false) {
    halo_(a_.view());
    fill_walls();
    const View2D<const Real> u = std::as_const(a_).view();
    const View2D<Real> next = b_.view();
    const Box own = p_.owned;
    const Coefficients& c = p_.coefficients;
#pragma omp parallel for schedule(static)
    for (int j = own.j0; j < own.j1; ++j) {
      const Real *const below = u.row(j - 1), *const here = u.row(j), *const above = u.row(j + 1);
      Real* const to = next.row(j);
      if constexpr (sizeof(Real) == sizeof(float)) {
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

/// calor's euler method on a case, with everything that a run has: walls, halo, ledger.
struct Blocked {
  Blocked(const Case& c, const mpi::Comm& comm, bool check)
      : problem{make_problem(simulation_spec(c), comm, &methods::euler)},
        dt{explicit_safety * explicit_limit(*problem, 0.0)},
        method{euler(c)} {
    if (check) {
      const std::int64_t count = 33;  // a whole pass and a short one
      const bool single = c.parallel.precision == Precision::single;
      bool same = false;
      if (single) {
        PlainLoop<float> plain{*problem, dt};
        for (std::int64_t n = 0; n < count; ++n) plain.step();
        method->advance(*problem, {0.0, dt, 0, count});
        same = plain.equals(*problem);
      } else {
        PlainLoop<double> plain{*problem, dt};
        for (std::int64_t n = 0; n < count; ++n) plain.step();
        method->advance(*problem, {0.0, dt, 0, count});
        same = plain.equals(*problem);
      }
      if (!same) throw Error{Exit::internal, "bench explicit: calor and the plain loop differ"};
    }
    method = euler(c);
    ability<Settles>(*method)->settle(*problem, dt, 1e12);
  }
  std::function<std::int64_t()> steps(std::int64_t count) {
    return [this, count] {
      const double start = MPI_Wtime(), halo = problem->seconds_in_halo();
      method->advance(*problem, {0.0, dt, 0, count});
      seconds += MPI_Wtime() - start;
      in_halo += problem->seconds_in_halo() - halo;
      return count * problem->grid.domain().cells();
    };
  }
  static std::unique_ptr<Integrator> euler(const Case& c) {
    const LayoutSpec layout = simulation_spec(c).layout;
    MethodOptions options;
    options.precision = layout.precision;
    options.levels = layout.halo_depth;
    options.tile = layout.tile;
    return methods::euler.make(options);
  }
  std::unique_ptr<Problem> problem;
  double dt;
  std::unique_ptr<Integrator> method;
  double seconds = 0.0, in_halo = 0.0;  // of all rounds, on this rank
};

/// A line under a table: how the work was laid out, and what the exchange took of the time.
nlohmann::json remark(const Blocked& b, nlohmann::json table) {
  const mpi::Comm& comm = b.problem->comm;
  const double share = b.in_halo / std::max(b.seconds, 1e-12), least = comm.min(share),
               most = comm.max(share);
  table["layout"] = b.method->layout();
  table["halo_share"] = {least, most};
  if (comm.root())
    answer(
        fmt::format("  calor: {}; halo exchange {:.2f} % of the time, {:.2f} % on the rank that waits most\n",
                    b.method->layout(), 100.0 * least, 100.0 * most));
  return table;
}

/// Copies a field with stores past the caches, `rows` rows side by side: memory bandwidth, counted as the
/// cell updates of a step that reads and writes every cell once.
template <int rows>
void copy(const Box& own, View2D<const double> from, View2D<double> to) {
  const auto store = kernels().doubles.store;
#pragma omp parallel for schedule(static)
  for (int j = own.j0; j < own.j1 - own.ny() % rows; j += rows) {
    const int width = rows == 1 ? own.nx() : 64;
    for (int i = own.i0; i < own.i1; i += width)
      for (int r = 0; r < rows; ++r)
        store(from.row(j + r), to.row(j + r), i, std::min(i + width, own.i1), true);
  }
}

std::int64_t steps_for(double updates, std::int64_t cells, std::int64_t unit) {
  const auto n = static_cast<std::int64_t>(updates / static_cast<double>(cells));
  return std::max<std::int64_t>(1, (n + unit - 1) / unit) * unit;
}

}  // namespace

nlohmann::json explicit_steps(const mpi::Comm& comm, int n, int repeats) {
  const Case insulated = plate(n);
  Case mixed = insulated, single = insulated;
  const auto side = [](const char* type, decltype(WallCase::values) values) {
    WallCase w;
    w.type = type;
    w.values = std::move(values);
    return std::vector<WallCase>{w};
  };
  mixed.boundary.left = side("temperature", {{"value", Quantity{1.0}}});
  mixed.boundary.right = side("flux", {{"inward", Quantity{-0.5}}});
  mixed.boundary.bottom = side("convection", {{"film", Quantity{3.0}}, {"ambient", Quantity{0.2}}});
  single.parallel.precision = Precision::single;
  Case layered = insulated;
  layered.material.conductivity->x = "1 + 0.5*sin(20*x)*cos(30*y)";
  layered.material.density = "1 + 0.5*x";

  // About a third of a second a round for each; whole passes for the blocked ones.
  const std::int64_t cells = std::int64_t{n} * n;
  const double plain_work = 4e8, blocked_work = 1.6e9;
  nlohmann::json tables = nlohmann::json::array();
  double roofline = 0.0;
  {
    Blocked calor{insulated, comm, true}, walls{mixed, comm, true}, half{single, comm, true};
    PlainLoop<double> plain{*calor.problem, calor.dt};
    Field2D<double> other{calor.problem->owned, 0};
    const Box own = calor.problem->owned;
    const auto copies = [&, sweeps = steps_for(plain_work, cells, 1)](auto&& one) {
      return [&, sweeps, one] {
        for (std::int64_t s = 0; s < sweeps; ++s)
          one(own, std::as_const(calor.problem->u).view(), other.view());
        return sweeps * cells;
      };
    };
    const auto plain_steps = [&, count = steps_for(plain_work, cells, 1)](bool past_caches) {
      return [&, count, past_caches] {
        for (std::int64_t s = 0; s < count; ++s) plain.step(past_caches);
        return count * cells;
      };
    };
    std::vector<Contender> contenders{
        {"NT copy, 1 stream", copies(copy<1>)},
        {"NT copy, 2 streams", copies(copy<2>)},
        {"NT copy, 4 streams", copies(copy<4>)},
        {"NT copy, 8 streams", copies(copy<8>)},
        {"plain OpenMP loop", plain_steps(false)},
        {"plain loop, NT stores", plain_steps(true)},
        {"calor", calor.steps(steps_for(blocked_work, cells, 32))},
        {"calor, three kinds of wall", walls.steps(steps_for(blocked_work, cells, 32))},
        {"calor, single precision", half.steps(steps_for(2 * blocked_work, cells, 32))}};
    interleave(comm, contenders, repeats);
    for (std::size_t k = 0; k < 4; ++k) roofline = std::max(roofline, contenders[k].rate());
    tables.push_back(remark(
        calor,
        report(comm, fmt::format("explicit steps, {0} x {0} cells, one material; checked bit by bit", n),
               contenders, {{"roofline", roofline}, {"plain", contenders[4].rate()}})));
    tables.back()["roofline"] = roofline;
  }
  {
    Blocked calor{layered, comm, true};
    PlainLoop<double> plain{*calor.problem, calor.dt};
    std::vector<Contender> contenders{{"plain OpenMP loop",
                                       [&, count = steps_for(plain_work / 2, cells, 1)] {
                                         for (std::int64_t s = 0; s < count; ++s) plain.step();
                                         return count * cells;
                                       }},
                                      {"calor", calor.steps(steps_for(blocked_work / 2, cells, 16))}};
    interleave(comm, contenders, repeats);
    tables.push_back(remark(
        calor,
        report(comm,
               fmt::format("explicit steps, {0} x {0} cells, materials that vary; checked bit by bit", n),
               contenders, {{"roofline", roofline}, {"plain", contenders[0].rate()}})));
    tables.back()["roofline"] = roofline;
  }
  return tables;
}

}  // namespace calor::bench
