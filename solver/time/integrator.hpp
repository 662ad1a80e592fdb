// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "decomposition/field.hpp"
#include "solver/implicit/report.hpp"
#include "solver/implicit/stand.hpp"
#include "solver/model/problem.hpp"
#include "solver/model/steps.hpp"

namespace calor {

/// A method of time integration for  du/dt = f(u, t) = (div(k grad u) + q) / rho_c. What is known of a method
/// before it is made stands in its row (solver/time/methods.hpp).
///
/// Where there is an enthalpy, u in this equation and below is p.h, of which p.u is kept to be the
/// temperature. The contract:
///  1. advance() makes steps.count equal steps, from u(steps.time(0)) in p.u to u(steps.time(count)) in p.u.
///  It
///     finds and leaves the owned cells alone in order: halo, ghosts and scratch fields may hold anything,
///     before and after.
///  2. It books in p.budget the heat of these steps with the very weights with which their rates enter u, so
///     that content - initial = booked, to round-off or to what a solver leaves.
///  3. It is collective; all ranks decide alike, on numbers that all share, and find the same bits on any
///     layout.
///  4. A step that has no solution throws Error{numerical} on all ranks. Then p.u and p.budget may hold
///     anything, unless undo() takes the step back.
///  5. Nothing but p.u, p.h, p.budget and what a Remembers gives lasts from one advance() to the next: a
///  method made
///     anew at every step finds the same bits. Caches may last that change no bits.
///  6. It serves one problem, which outlives it.
///  7. Only HeatOperator, or a stepper of blocked/, works out f.
class Integrator {
 public:
  virtual ~Integrator() = default;
  virtual void advance(Problem& p, const Steps& steps) = 0;
  virtual SolveReport report() const { return {}; }
  /// How the work is laid out, for people; may be empty.
  virtual std::string layout() const { return {}; }
};

// What some methods can do besides. Collective, all of it.

/// Its steps must not be longer than a limit.
class Limited {
 public:
  /// The largest step at the present state and time t [s].
  virtual double stable_dt(Problem& p, double t) = 0;
  /// Whether that can change while running; then it is asked for before each step, at the state that the step
  /// begins with.
  virtual bool limit_varies(const Problem& p) const = 0;

 protected:
  ~Limited() = default;
};

/// Tells the error of a step that was made alone, and can take it back.
class EstimatesError {
 public:
  /// Root mean square of the local error of the last step over the range of temperatures.
  virtual double step_error() const = 0;
  virtual void undo(Problem& p) = 0;

 protected:
  ~EstimatesError() = default;
};

/// Its next step needs more than the present state: fields, and numbers that are the same on all ranks.
class Remembers {
 public:
  virtual std::vector<Memory> memory(Problem& p) = 0;
  /// What is to be read besides where these numbers are restored next.
  virtual std::vector<Memory> memory_for(Problem& p, const std::vector<double>&) { return memory(p); }
  virtual std::vector<double> numbers() const = 0;
  virtual void restore_numbers(const std::vector<double>& numbers) = 0;

 protected:
  ~Remembers() = default;
};

/// Its one step is made in pieces, between which it can be left and saved: what it Remembers then is where it
/// stands. Interrupted within a piece leaves it where the piece began.
class Gradual {
 public:
  struct Pieces {
    std::int64_t made = 0;
    bool done = false;  ///< with the step; it is booked then
  };
  virtual Pieces go_on(Problem& p, const Steps& step, std::int64_t most) = 0;
  virtual double left() const = 0;  ///< of what has to vanish: 1 at first
  virtual double wanted() const = 0;

 protected:
  ~Gradual() = default;
};

/// Settles what changes the speed and no bits.
class Settles {
 public:
  /// By a short measurement, before many steps. @param dt  the step to expect [s]     @param updates  cell
  /// updates to expect, of all ranks
  virtual void settle(Problem& p, double dt, double updates) = 0;
  /// Steps that are best made at once.
  virtual std::int64_t steps_a_pass() const = 0;

 protected:
  ~Settles() = default;
};

/// The method as one that can do that, or null.
template <class Ability>
Ability* ability(Integrator& method) {
  return dynamic_cast<Ability*>(&method);
}

}  // namespace calor
