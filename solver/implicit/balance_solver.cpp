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
      outer_{make_outer_iteration(p, frozen_, options)},
      preconditioner_{options.preconditioner},
      iteration_{options.iteration},
      linear_{p.linear()} {}

void BalanceSolver::solve(Problem& p, View2D<const double> from, double t, double rate,
                          const std::function<void(View2D<double> u)>& improve) {
  begin(p, {from, t, rate, improve});
  while (!advance(p)) {
  }
}

void BalanceSolver::begin(Problem& p, View2D<const double> from, double t, double rate) {
  begin(p, {from, t, rate});
}

void BalanceSolver::begin(Problem& p, const StageEquation& equation) {
  frozen_.begin(p, equation);
  outer_->begin(equation);
  stand_.clear();
}

bool BalanceSolver::advance(Problem& p, std::int64_t most) {
  const bool steady = outer_->equation().rate == 0.0;
  if (steady && (outer_->state().rounds > 0 || outer_->within())) {
    StandWriter to;
    to.put(kind());
    outer_->write(to);
    frozen_.write(to);
    stand_ = to.take();
  }
  const OuterStatus status = outer_->advance(p, most);
  if (status == OuterStatus::going) {
    frozen_.begin_piece();
    if (steady) stand_.clear();
    return false;
  }
  const OuterState& end = outer_->state();
  report_.iterations += end.iterations;
  report_.outer_iterations += end.corrections;
  report_.last_iterations = end.iterations;
  report_.residual = end.first > 0.0 ? end.norm / end.first : 0.0;
  report_.setup_seconds = frozen_.setup_seconds();
  // Where the state is an enthalpy, it is what the booked fluxes make of it.
  if (!steady && !p.enthalpy) report_.unbooked += end.norm / outer_->equation().rate;
  if (status != OuterStatus::failed) {
    if (steady) report_.unstable = !frozen_.stable(p, outer_->equation().t);
    return true;
  }
  const std::string why = p.comm.first_message(p.walls.trouble());
  throw Error{Exit::numerical, why.empty() ? failure(p) : why};
}

double BalanceSolver::progress() const {
  const OuterState& s = outer_->state();
  return s.first > 0.0 ? s.norm / s.first : 0.0;
}

/// Of two kinds, one cannot go on from where the other was left.
int BalanceSolver::kind() const {
  return static_cast<int>(preconditioner_) + 16 * static_cast<int>(iteration_) + 256 * int{linear_};
}

std::vector<double> BalanceSolver::numbers() const {
  std::vector<double> n = stand_;
  if (n.empty() && (outer_->state().rounds > 0 || outer_->within())) {  // between two pieces
    StandWriter to;
    to.put(kind());
    outer_->write(to);
    frozen_.write(to);
    n = to.take();
  }
  if (!n.empty()) n.push_back(frozen_.level_stands() ? 1.0 : 0.0);
  return n;
}

std::vector<Memory> BalanceSolver::fields(Problem& p) {
  std::vector<Memory> all;
  frozen_.add_fields(p, all);
  outer_->add_fields(all);
  return all;
}

bool BalanceSolver::read(Problem& p, double t, const std::vector<double>& numbers) {
  StandReader from{numbers};
  int of = 0;
  bool stands = false;
  from.get(of);
  if (of != kind()) return false;
  outer_->begin({{}, t, 0.0});
  outer_->read(from);
  frozen_.read(p, {{}, t, 0.0}, from);
  from.get(stands);
  frozen_.let_level_stand(stands);
  stand_.clear();
  return true;
}

void BalanceSolver::filter(Problem& p, View2D<double> e, double reduction) {
  const View2D<double> r = frozen_.residual();
  const Coefficients& c = p.coefficients;
  const double rate = frozen_.rate();
  for_cells(p.owned, [&](int i, int j) { r(i, j) = rate * c.rho_c(i, j) * e(i, j); });
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return r(i, j) * r(i, j); });
  reduce(p.comm, {&sum, 1});
  const double norm = std::sqrt(sum.value());
  if (!(norm > 0.0) || !std::isfinite(norm)) return;
  // An estimate, whatever came out.
  report_.iterations += frozen_.correct(p, norm, reduction * norm, max_iterations_).iterations;
  report_.setup_seconds = frozen_.setup_seconds();
  const View2D<const double> du = frozen_.correction();
  for_cells(p.owned, [&](int i, int j) { e(i, j) = du(i, j); });
}

std::string BalanceSolver::failure(const Problem& p) const {
  const StageEquation& of = outer_->equation();
  const OuterState& end = outer_->state();
  // Where nothing depends on T there is a steady state, and only iterations can be too few.
  const bool none = of.rate == 0.0 && p.of_temperature();
  const bool may_jump = p.source.of_temperature() || p.walls.of_users_temperature();
  const char* const remedy =
      none ? "begin nearer to it with initial.temperature, or let it come about in time with time.method = "
             "\"tr-bdf2\", time.dt = \"auto\" and a long time.end"
      : of.rate > 0.0 && may_jump
          ? "try a smaller time.dt, a larger solver.max_iterations or a looser solver.tolerance; where a "
            "source or a "
            "wall jumps with T, as a thermostat does, time.method = \"rkl2\" follows it"
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
