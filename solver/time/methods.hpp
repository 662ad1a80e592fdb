// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "solver/implicit/options.hpp"
#include "solver/model/precision.hpp"
#include "solver/model/problem.hpp"
#include "solver/time/integrator.hpp"

namespace calor {

/// What a method is made with; each takes what it knows.
struct MethodOptions {
  ImplicitOptions solver;           // of implicit steps
  double series_tolerance = 1e-10;  // of a series, over the range of temperatures
  bool estimate_error = false;      // of every step
  // Of explicit steps.
  Precision precision = Precision::double_;
  std::optional<int> levels;               // steps between two exchanges of the halo; absent: by measurement
  std::optional<std::array<int, 2>> tile;  // columns and rows; absent: by measurement
};

/// What a run asks of a method, for the work that it would be.
struct Workload {
  /// What a step of forward Euler costs beside the source, in sweeps of one material.
  double step_sweeps() const { return limit_varies ? 4.0 : 1.0; }
  double stable_dt;                 // of forward Euler at the start [s]
  bool limit_varies;                // while running
  std::span<const double> targets;  // times that steps land on; the last is the end [s]
  std::optional<double> dt;         // given [s]
  double tolerance;                 // of steps by error
  double source_sweeps;             // what one evaluation of the source costs
  double swings = 1.0;              // how often what drives it goes from one end of its range to the other
  double end() const { return targets.back(); }
  /// Steps: those of the given length, or as many as the tolerance asks for in a decay by some powers of ten.
  double steps() const;
  /// Whether steps of forward Euler as long as its limit lets them are short enough for the tolerance.
  /// Their error in exp(-lambda t) is lambda t exp(-lambda t) lambda dt / 2, at most 2 / e^2 of dt / t
  /// whatever lambda is: n steps to a swing leave 0.27 / n of it.
  bool limit_serves() const;
};

/// A mode exp(-lambda t) under equal steps: what is known of it in closed form.
struct Mode {
  double z;      // dt lambda
  double limit;  // dt over the explicit limit
  int steps;
};

/// How long steps are that nobody gave a length.
enum class AutomaticStep {
  by_limit,  ///< a little below the explicit limit
  by_error,  ///< as long as their error allows
  whole,     ///< from one target time to the next: there is no error in time
  steady,    ///< there are none: one solve, and time does not move
};

/// Share of the explicit limit that automatic steps take: at the very limit the shortest wave of the grid
/// rings undamped; a little below, it dies out.
inline constexpr double explicit_safety = 0.9;

/// The row of a method: all that others need to know of it. Each stands in the method's own file.
struct Method {
  std::string_view word;
  int order;  ///< in time
  AutomaticStep automatic;
  bool linear_only = false;  ///< nothing may depend on T or change with time
  bool single = false;       ///< can compute in single precision
  bool candidate = false;    ///< time.method = "auto" may take it
  /// Its steps or stages that one exchange of a deep halo can serve, at most; null: it exchanges at each.
  int (*deepest)(const ProblemSpec& spec, Precision precision) = nullptr;
  /// A wish for deeper halos than that is heeded.
  bool deeper_if_wished = false;
  /// Cells of no body cost next to nothing, where its steps are blocked.
  bool passes_over_voids = false;
  /// Fields that it needs besides those of a Problem, its own and lent ones, for estimates of memory.
  int (*fields)(const ProblemSpec& spec, const ImplicitOptions& options);
  /// Work in sweeps of blocked explicit steps, so that methods can be compared; null for the steady state.
  /// Weights were measured once, on grids beyond the caches, and are not measured anew in each run: the
  /// choice must be the same on every machine and after every restart.
  double (*sweeps)(const Workload& work) = nullptr;
  /// What is left of a mode of 1, in closed form; null where the mode is not its business.
  double (*decay)(const Mode& mode) = nullptr;
  std::unique_ptr<Integrator> (*make)(const MethodOptions& options);

  /// What its report says, for people; null: iterations of linear solves.
  std::string (*describe)(const SolveReport& report, std::int64_t steps) = nullptr;

  bool steady() const { return automatic == AutomaticStep::steady; }
};

namespace methods {
extern const Method euler, rkl2, backward_euler, crank_nicolson, bdf2, tr_bdf2, exponential, steady;
}

/// All of them, in the order in which people are told of them.
std::span<const Method* const> all_methods();
/// Null: there is none of that name.
const Method* find_method(std::string_view word);

/// Fields of any implicit method, and the work of its steps.
int implicit_fields(const ProblemSpec& spec, const ImplicitOptions& options);
double implicit_sweeps(const Workload& work);

/// Why a method for linear problems in which nothing changes with time cannot solve this one, or empty.
std::string not_linear_and_constant(const Problem& p);

}  // namespace calor
