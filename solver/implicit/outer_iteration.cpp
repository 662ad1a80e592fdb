// SPDX-License-Identifier: BSD-3-Clause
#include "solver/implicit/outer_iteration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "solver/implicit/anderson.hpp"
#include "solver/implicit/enthalpy_corrections.hpp"
#include "solver/linear/chebyshev_blocks.hpp"

namespace calor {

namespace {

/// u += du
void add(const Box& cells, View2D<const double> du, View2D<double> u) {
  for_cells(cells, [&](int i, int j) { u(i, j) += du(i, j); });
}

/// Of a linear problem: one correction, and another one where round-off left something. As long as
/// Chebyshev's blocks help they are made here, of the temperatures themselves: the residual that begins the
/// next one is the true one anyway.
class OneLinearSolve final : public OuterIteration {
 public:
  OneLinearSolve(FrozenBalance& a, const ImplicitOptions& options) : OuterIteration{a, options} {}
  void begin(const StageEquation& equation) override {
    OuterIteration::begin(equation);
    blocks_.reset();
    blocks_help_ = options_.iteration == IterationKind::automatic;
    stand_.reset();
  }
  bool within() const override { return stand_.has_value(); }
  void write(StandWriter& to) const override {
    OuterIteration::write(to);
    to.put(within());
    const LinearStand s = stand_.value_or(LinearStand{});
    to.put(s.report.iterations);
    for (const double v : {s.report.residual, s.first, s.rz, s.rr}) to.put(v);
    to.put(s.helps);
  }
  void read(StandReader& from) override {
    OuterIteration::read(from);
    bool is_within = false;
    LinearStand s;
    from.get(is_within);
    from.get(s.report.iterations);
    for (double* const v : {&s.report.residual, &s.first, &s.rz, &s.rr}) from.get(*v);
    from.get(s.helps);
    stand_ = is_within ? std::optional{s} : std::nullopt;
  }

 private:
  OuterStatus correct(Problem& p) override {
    if (stand_) return go_on(p);
    if (blocks_ && blocks_help_) blocks_help_ = blocks_->goes_on(state_.norm);
    if (InnerIteration* const inner = blocks_help_ ? a_.preconditioner(p).inner() : nullptr)
      return block(p, *inner);
    stand_ = a_.begin_correction(state_.norm, aim());
    return go_on(p);
  }

  double aim() const { return 0.5 * state_.target; }

  OuterStatus go_on(Problem& p) {
    LinearReport& linear = stand_->report;
    const std::int64_t before = linear.iterations, max = options_.max_iterations;
    linear.converged = linear.residual <= aim();
    const bool pause = a_.go_on(p, *stand_, aim(), most_ < max - before ? before + most_ : max);
    state_.pieces += std::max<std::int64_t>(linear.iterations - before, 1) - 1;
    if (pause && linear.iterations < max) return OuterStatus::going;
    const LinearReport made = linear;
    stand_.reset();
    state_.iterations += made.iterations;
    ++state_.corrections;
    if (!made.converged) return fail(made.residual);
    add(p.owned, a_.correction(), p.u.view());
    return OuterStatus::going;
  }

  OuterStatus block(Problem& p, InnerIteration& inner) {
    if (!blocks_) {
      blocks_.emplace(inner, state_.norm);
      ++state_.corrections;
    }
    if (state_.iterations >= options_.max_iterations) {
      state_.rounds = state_.corrections;
      return fail(state_.norm);
    }
    state_.iterations += blocks_->block(a_.residual(), state_.norm, state_.target,
                                        options_.max_iterations - state_.iterations);
    inner.add_to(p.u.view());
    return OuterStatus::going;
  }

  std::optional<LinearStand> stand_;  // of the solve under way
  std::optional<ChebyshevBlocks> blocks_;
  bool blocks_help_ = false;
};

/// Corrections with what depends on T as of the last round: k lags behind (Picard), what radiates follows its
/// tangent (Newton).
class Corrections : public OuterIteration {
 public:
  Corrections(FrozenBalance& a, const ImplicitOptions& options) : OuterIteration{a, options} {}
  void write(StandWriter& to) const override {
    OuterIteration::write(to);
    to.put(before_);
  }
  void read(StandReader& from) override {
    OuterIteration::read(from);
    from.get(before_);
  }

 protected:
  double before_ = 0.0;  // true residual before the last step; infinite if there was no step

 private:
  static constexpr std::int64_t patience = 30;  // more than with a new hierarchy, before one is made
  OuterStatus correct(Problem& p) final {
    before_ = state_.norm;
    // A correction is only as good as its frozen coefficients: no need to be exact.
    const double aim = std::max(0.5 * state_.target, 1e-3 * state_.norm);
    const auto fresh = a_.fresh_iterations();
    const bool renewable = fresh && is_multigrid(options_.preconditioner);
    const LinearReport linear = a_.correct(
        p, state_.norm, aim,
        renewable ? std::min(options_.max_iterations, *fresh + patience) : options_.max_iterations);
    state_.iterations += linear.iterations;
    ++state_.corrections;
    if (linear.converged) {
      step(p.u.view(), a_.correction(), p.owned);
      return OuterStatus::going;
    }
    if (!renewable) return fail(linear.residual);
    a_.forget_preconditioner();
    before_ = std::numeric_limits<double>::infinity();
    return OuterStatus::going;
  }
  virtual void step(View2D<double> u, View2D<const double> du, const Box& cells) { add(cells, du, u); }
};

/// The same, accelerated: for what lags behind.
class AcceleratedCorrections final : public Corrections {
 public:
  AcceleratedCorrections(const Problem& p, FrozenBalance& a, const ImplicitOptions& options)
      : Corrections{a, options}, anderson_{p.comm, p.owned} {}
  void begin(const StageEquation& equation) override {
    Corrections::begin(equation);
    anderson_.restart();
    accelerated_ = false;
  }
  void write(StandWriter& to) const override {
    Corrections::write(to);
    to.put(accelerated_);
    anderson_.write(to);
  }
  void read(StandReader& from) override {
    Corrections::read(from);
    from.get(accelerated_);
    anderson_.read(from);
  }
  void add_fields(std::vector<Memory>& to) override { anderson_.add_fields(to); }

 private:
  bool take_back(Problem& p) override {
    if (!accelerated_ || state_.norm < before_) return false;
    anderson_.undo(p.u.view());
    accelerated_ = false;
    return true;
  }
  void step(View2D<double> u, View2D<const double> du, const Box&) override {
    accelerated_ = anderson_.advance(u, du);
  }

  Anderson anderson_;
  bool accelerated_ = false;  // the last step was another than the plain one
};

}  // namespace

void OuterIteration::begin(const StageEquation& equation) {
  equation_ = equation;
  state_ = {};
}

OuterStatus OuterIteration::fail(double reached) {
  state_.reached = reached;
  return OuterStatus::failed;
}

OuterStatus OuterIteration::advance(Problem& p, std::int64_t most) {
  most_ = most;
  if (!within() && small_enough(p)) return OuterStatus::solved;
  const OuterStatus status = within() ? correct(p) : change(p);
  ++state_.pieces;
  if (status == OuterStatus::going && !within()) ++state_.rounds;
  return status;
}

void OuterIteration::write(StandWriter& to) const {
  to.put(state_.rounds);
  to.put(state_.corrections);
  to.put(state_.iterations);
  to.put(state_.pieces);
  for (const double v : {state_.first, state_.norm, state_.round_off}) to.put(v);
}

void OuterIteration::read(StandReader& from) {
  from.get(state_.rounds);
  from.get(state_.corrections);
  from.get(state_.iterations);
  from.get(state_.pieces);
  for (double* const v : {&state_.first, &state_.norm, &state_.round_off}) from.get(*v);
  state_.target = std::max(options_.tolerance * state_.first, state_.round_off);
}

bool OuterIteration::small_enough(Problem& p) {
  const double rate = equation_.rate;
  state_.norm = a_.look(p, equation_);
  if (state_.rounds == 0) {
    state_.first = state_.norm;
    if (!a_.holds_for(rate)) {
      a_.freeze(p, equation_);
      a_.forget_operator();
    }
  } else if (!p.linear()) {
    a_.freeze(p, equation_);
  }
  const double wanted = options_.tolerance * state_.first;
  if (state_.norm <= wanted) return true;
  // What rounding leaves changes little between the first two looks, unless the first guess was 0.
  if (state_.rounds != 1 || !p.linear()) state_.round_off = a_.rounding(p);
  state_.target = std::max(wanted, state_.round_off);
  return state_.norm <= state_.target;
}

OuterStatus OuterIteration::change(Problem& p) {
  if (state_.rounds < max_rounds && take_back(p)) return OuterStatus::going;
  if (!std::isfinite(state_.norm) || state_.rounds == max_rounds) return fail(state_.norm);
  if (state_.rounds == 0 && equation_.improve) {
    equation_.improve(p.u.view());
    return OuterStatus::going;
  }
  a_.preconditioner(p);
  if (state_.rounds == 0 && options_.first_guess == FirstGuess::full_multigrid && !p.enthalpy &&
      a_.guess(p, state_.norm)) {
    ++state_.iterations;
    return OuterStatus::going;
  }
  return correct(p);
}

std::unique_ptr<OuterIteration> make_outer_iteration(const Problem& p, FrozenBalance& a,
                                                     const ImplicitOptions& options) {
  if (p.enthalpy && !options.steady) return make_enthalpy_corrections(p, a, options);
  if (p.linear()) return std::make_unique<OneLinearSolve>(a, options);
  if (p.of_temperature()) return std::make_unique<AcceleratedCorrections>(p, a, options);
  return std::make_unique<Corrections>(a, options);
}

}  // namespace calor
