// SPDX-License-Identifier: BSD-3-Clause
#include "solver/implicit/balance_solver.hpp"

#include <fmt/format.h>

#include <cmath>

#include "decomposition/error.hpp"
#include "decomposition/reduce.hpp"

namespace calor {

BalanceSolver::BalanceSolver(Problem& p, const ImplicitOptions& options)
    : tolerance_{options.tolerance},
      max_iterations_{options.max_iterations},
      frozen_{p, options},
      outer_{make_outer_iteration(p, frozen_, options)} {}

void BalanceSolver::solve(Problem& p, View2D<const double> from, double t, double rate) {
  frozen_.begin(p, {from, t, rate});
  outer_->begin({from, t, rate});
  OuterStatus status = OuterStatus::going;
  while (status == OuterStatus::going) status = outer_->advance(p);

  const OuterState& end = outer_->state();
  report_.iterations += end.iterations;
  report_.outer_iterations += end.corrections;
  report_.last_iterations = end.iterations;
  report_.residual = end.first > 0.0 ? end.norm / end.first : 0.0;
  report_.setup_seconds = frozen_.setup_seconds();
  if (status != OuterStatus::failed) return;
  const std::string why = p.comm.first_message(p.walls.trouble());
  throw Error{Exit::numerical, why.empty() ? failure(p) : why};
}

void BalanceSolver::filter(Problem& p, View2D<double> e, double reduction) {
  const View2D<double> r = frozen_.residual();
  const Coefficients& c = p.coefficients;
  const double rate = frozen_.rate();
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) r(i, j) = rate * c.rho_c(i, j) * e(i, j);
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return r(i, j) * r(i, j); });
  reduce(p.comm, {&sum, 1});
  const double norm = std::sqrt(sum.value());
  if (!(norm > 0.0) || !std::isfinite(norm)) return;
  // An estimate, whatever came out.
  report_.iterations += frozen_.correct(p, norm, reduction * norm, max_iterations_).iterations;
  report_.setup_seconds = frozen_.setup_seconds();
  const View2D<const double> du = frozen_.correction();
#pragma omp parallel for schedule(static) if (worth_threads(p.owned))
  for (int j = p.owned.j0; j < p.owned.j1; ++j)
    for (int i = p.owned.i0; i < p.owned.i1; ++i) e(i, j) = du(i, j);
}

std::string BalanceSolver::failure(const Problem& p) const {
  const StageEquation& of = outer_->equation();
  const OuterState& end = outer_->state();
  // Where nothing depends on T there is a steady state, and only iterations can be too few.
  const bool none = of.rate == 0.0 && p.limit_varies();
  const char* const remedy =
      none ? "begin nearer to it with initial.temperature, or let it come about in time with time.method = "
             "\"tr-bdf2\", time.dt = \"auto\" and a long time.end"
      : of.rate > 0.0 ? "try a smaller time.dt, a larger solver.max_iterations or a looser solver.tolerance"
                      : "try a larger solver.max_iterations or a looser solver.tolerance";
  return fmt::format(
      "no {} at t = {:.9g} s: after {} corrections and {} iterations the residual is {:.3g} of the first "
      "one, "
      "wanted {:.3g}; {}",
      none ? "steady state" : "convergence", of.t, end.rounds, end.iterations, end.reached / end.first,
      tolerance_, remedy);
}

}  // namespace calor
