// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "solver/problem.hpp"
#include "solver/tiling.hpp"

namespace calor {

/// Equal steps: step k of them goes from time(k) to time(k + 1). Times are computed from the count, so they
/// do not depend on how the steps are grouped.
struct Steps {
  double start = 0.0;      // s
  double dt = 0.0;         // s
  std::int64_t first = 0;  // number of the first step, counted from `start`
  std::int64_t count = 1;
  double time(std::int64_t k) const { return start + static_cast<double>(first + k) * dt; }
};

/// What a method tells about its work since the start.
struct SolveReport {
  std::int64_t iterations = 0;        // linear iterations, all steps
  std::int64_t outer_iterations = 0;  // corrections (Newton, Picard), all steps
  std::int64_t last_iterations = 0;   // linear iterations of the last step
  double residual = 0.0;              // last step: true residual over the initial one
};

/// A method of time integration. All functions are collective.
class Integrator {
 public:
  virtual ~Integrator() = default;
  virtual std::string name() const = 0;
  /// The largest step the method may take at the present state and time t [s]; infinite if it is always
  /// stable.
  virtual double stable_dt(Problem& problem, double t) = 0;
  /// Whether stable_dt can change while running.
  virtual bool limit_varies(const Problem& problem) const = 0;
  /// Makes the steps and books their heat. Throws Error{numerical} on all ranks when a step has no solution.
  virtual void advance(Problem& problem, const Steps& steps) = 0;
  virtual SolveReport report() const { return {}; }
  /// Settles what changes the speed and no bits, by a short measurement, before many steps.
  /// @param dt  the step to expect [s]     @param updates  cell updates to expect, of all ranks
  virtual void settle(Problem&, double dt, double updates) {
    static_cast<void>(dt);
    static_cast<void>(updates);
  }
  /// Steps that are best made at once.
  virtual std::int64_t steps_a_pass() const { return 1; }
  /// How the work is laid out, for people; may be empty.
  virtual std::string layout() const { return {}; }
};

struct ExplicitOptions {
  Precision precision = Precision::double_;
  std::optional<int> levels;               // steps between two exchanges of the halo; absent: by measurement
  std::optional<std::array<int, 2>> tile;  // columns and rows; absent: by measurement
};
/// Forward Euler: u += dt/rho_c (div(k grad u) + q), first order in time. Many steps are made in one pass
/// through memory, with one exchange of the halo (solver/blocked.hpp), unless properties depend on T.
std::unique_ptr<Integrator> make_forward_euler(const ExplicitOptions& options);

struct ImplicitOptions {
  double tolerance = 1e-10;             // true residual over the residual of the first guess
  std::int64_t max_iterations = 10000;  // linear iterations a solve
  bool jacobi = true;                   // precondition with the diagonal
};
/// Backward Euler: rho_c (u_new - u)/dt = div(k grad u_new) + q, first order, unconditionally stable, no
/// overshoot. k(T), q(T) by Picard iteration, radiation by Newton's tangent.
std::unique_ptr<Integrator> make_backward_euler(const ImplicitOptions& options);
/// The steady state 0 = div(k grad u) + q in one "step"; its ledger holds rates [W per metre] and time does
/// not move.
std::unique_ptr<Integrator> make_steady(const ImplicitOptions& options);

}  // namespace calor
