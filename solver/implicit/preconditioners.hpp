// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "decomposition/field.hpp"
#include "solver/implicit/options.hpp"
#include "solver/linear/multigrid/multigrid.hpp"
#include "solver/linear/preconditioner.hpp"
#include "solver/model/problem.hpp"

namespace calor {

/// Makes what helps the linear iterations of a balance: by its kind, and of multigrid cycles by a trial.
class PreconditionerMaker {
 public:
  /// Whether conjugate gradients with this preconditioner take long. Collective.
  using Trial = std::function<bool(Preconditioner&)>;
  /// @param cache  may be null
  PreconditionerMaker(PreconditionerKind kind, std::shared_ptr<OperatorCache> cache)
      : kind_{kind}, cache_{std::move(cache)} {}
  /// For the operator of the present coefficients. Collective. @param diagonal  must outlive the result
  /// @param steady  it is of a steady state: then nothing is done in single precision, so that no iteration
  /// hides in a preconditioner where no checkpoint finds it
  std::shared_ptr<Preconditioner> make(const Problem& p, double rate, bool steady,
                                       View2D<const double> diagonal, const Trial& is_slow);
  /// What comes now is the operator of another solve.
  void forget_trial() { slow_.reset(); }
  /// What a trial has found, if there was one: whether the usual multigrid is slow.
  std::optional<bool> found() const { return slow_; }
  void restore(std::optional<bool> found) { slow_ = found; }
  const std::string& layout() const { return layout_; }

 private:
  std::shared_ptr<Multigrid> multigrid(const Problem& p, double rate, bool steady,
                                       View2D<const double> diagonal, const Trial& is_slow);
  std::shared_ptr<Multigrid> new_multigrid(const Problem& p, View2D<const double> diagonal,
                                           NinePoint<double> a, MultigridOptions options,
                                           const Trial& is_slow);

  PreconditionerKind kind_;
  std::shared_ptr<OperatorCache> cache_;
  std::optional<bool> slow_;  // whether the usual multigrid is, by a trial or because the case says so
  std::string layout_;
};

}  // namespace calor
