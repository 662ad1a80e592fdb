// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <memory>

#include "solver/linear/options.hpp"

namespace calor {

/// Makes a later problem like an earlier one cheap to set up: keeps what depends on the operator alone, and
/// gives it back where the operator is the same to the last bit, so that no result depends on what was solved
/// before. For problems on one communicator, one after the other.
class OperatorCache;
std::shared_ptr<OperatorCache> make_operator_cache();

struct ImplicitOptions {
  double tolerance = 1e-10;             // true residual over the residual of the first guess
  std::int64_t max_iterations = 10000;  // linear iterations a solve
  PreconditionerKind preconditioner = PreconditionerKind::multigrid;
  IterationKind iteration = IterationKind::automatic;
  FirstGuess first_guess = FirstGuess::present;
  std::shared_ptr<OperatorCache> cache;  // may be null
  bool steady = false;                   // solves are for steady states alone
};

}  // namespace calor
