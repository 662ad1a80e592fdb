// SPDX-License-Identifier: BSD-3-Clause
#include "solver/implicit/enthalpy_corrections.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "decomposition/reduce.hpp"
#include "solver/implicit/anderson.hpp"

namespace calor {

namespace {

/// Where the state is an enthalpy. The unknown is the temperature v of the fluxes; h(v) follows from the
/// equation, so that heat is conserved by every v, and T(h(v)) = v is what is sought. With frozen
/// conductivities that is where
///   J(v) = 1/2 v.Lv + sum of rate rho_c times the integral of T(h) dh
/// is least, L the fluxes' operator: convex, and smooth though T(h) has corners, so that Newton's method with
/// a line search always gets there (grad J = L (v - T(h(v)))). Its direction: (rate rho_c dh/dT + L) dv = r.
class EnthalpyCorrections final : public OuterIteration {
 public:
  EnthalpyCorrections(const Problem& p, FrozenBalance& a, const ImplicitOptions& options)
      : OuterIteration{a, options}, change_{p.owned, p.depth} {
    if (p.coefficients.of_temperature()) anderson_.emplace(p.comm, p.owned);
  }
  void begin(const StageEquation& equation) override {
    OuterIteration::begin(equation);
    if (anderson_) anderson_->restart();
    accelerated_ = false;
    damping_ = 1.0;
    last_ = before_ = none;
  }

 private:
  OuterStatus correct(Problem& p) override {
    a_.forget_preconditioner();  // what melts has another capacity each time
    a_.preconditioner(p);
    // Cells that melt have rows a million times as large, which the first sweep solves.
    const double aim = std::max(0.1 * state_.target, 1e-2 * state_.norm);
    const LinearReport linear =
        a_.correct(p, a_.norm(), std::min(aim, 0.5 * a_.norm()), options_.max_iterations);
    state_.iterations += linear.iterations;
    ++state_.corrections;
    if (!linear.converged) return fail(linear.residual);
    a_.fluxes_of_correction(p, change_.view());
    // Conductivities lag behind, and where they jump as something melts the fluxes may leap to and fro:
    // shorter steps then end that.
    if (state_.norm > 0.5 * before_) damping_ = std::max(0.125, 0.7 * damping_);
    before_ = std::exchange(last_, state_.norm);
    const double length = damping_ * line_search(p);
    const View2D<const double> dv = a_.correction();
    const View2D<double> v = p.u.view(), step = change_.view();
    for_cells(p.owned, [&](int i, int j) { step(i, j) = length * dv(i, j); });
    // Near the end it is conductivities alone that lag.
    if (anderson_ && state_.norm < 1e-2 * state_.first)
      accelerated_ = anderson_->advance(v, step);
    else
      for_cells(p.owned, [&](int i, int j) { v(i, j) += step(i, j); });
    return OuterStatus::going;
  }

  bool take_back(Problem& p) override {
    if (!accelerated_ || state_.norm < last_) return false;
    anderson_->undo(p.u.view());
    accelerated_ = false;
    return true;
  }

  /// dJ/ds along v + s dv, but for its sign at 0.
  double slope(const Problem& p, double s) const {
    const View2D<const double> dv = a_.correction(), Ldv = change_.view(), v = p.u.view(), h = p.h.view();
    ExactSum sum = exact_sum(p.owned, [&](int i, int j) {
      const double at = h(i, j) - s * (Ldv(i, j) / (equation().rate * p.coefficients.rho_c(i, j)));
      return Ldv(i, j) * ((v(i, j) + s * dv(i, j)) - p.enthalpy->of(i, j).temperature(at));
    });
    reduce(p.comm, {&sum, 1});
    return sum.value();
  }

  double line_search(const Problem& p) const {
    const double begin = slope(p, 0.0);
    double low = 0.0, at_low = begin, high = 1.0, at_high = slope(p, 1.0);
    if (!(begin < 0.0) || !(at_high > 1e-3 * -begin)) return 1.0;
    double s = 1.0;
    for (int n = 0; n < 30; ++n) {
      s = n % 3 == 2 ? 0.5 * (low + high) : low - at_low * (high - low) / (at_high - at_low);
      const double here = slope(p, s);
      if (std::abs(here) <= 0.05 * -begin) break;
      (here > 0.0 ? high : low) = s;
      (here > 0.0 ? at_high : at_low) = here;
    }
    return s;
  }

  Field2D<double> change_;  // L dv, then the step
  std::optional<Anderson> anderson_;
  bool accelerated_ = false;
  static constexpr double none = std::numeric_limits<double>::infinity();
  double damping_ = 1.0, last_ = none,
         before_ = none;  // the norms of the last round and of the one before it
};

}  // namespace

std::unique_ptr<OuterIteration> make_enthalpy_corrections(const Problem& p, FrozenBalance& a,
                                                          const ImplicitOptions& options) {
  return std::make_unique<EnthalpyCorrections>(p, a, options);
}

}  // namespace calor
