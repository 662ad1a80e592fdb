// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <vector>

#include "solver/run/spec.hpp"
#include "solver/run/targets.hpp"

namespace calor {

struct MethodChoice {
  const Method* method = nullptr;
  double dt = 0.0;           // s; 0: as long as the method's limit allows
  Targets targets;           // empty for a steady state
  double end = 0.0;          // s
  std::string reason;        // why this method, if it was left open
  double sweeps = 0.0;       // work to expect, in sweeps of explicit steps in one material
  double step_sweeps = 1.0;  // what is reckoned with for a step of forward Euler beside the source
  double sweeps_without_source = 0.0, evaluations = 0.0;  // what of it the source has no part in; and how
                                                          // often that is worked out
  bool by_error = false;                                  // the length of steps follows from their error
};
/// What is meant by the method, dt, end and steps. Whether a given dt is stable is not looked at:
/// judge_given_step().
/// @param stable_dt  limit of forward Euler for the initial state [s]
/// @param events  of the functions of time; see Loads     @param swings  likewise
MethodChoice choose_method(const SimulationSpec& spec, double stable_dt, const std::vector<LoadEvent>& events,
                           double swings = 1.0);
/// The end of the run [s]; not finite where nothing limits the steps that are asked for. 0: a steady state
double end_of(const TimeSpec& time, double stable_dt);

/// What a simulation will cost, told in microseconds from its spec alone: good enough for putting them in
/// order.
struct Outlook {
  const Method* method = nullptr;  ///< null: not known
  double work = 0.0;               ///< in cell updates of explicit steps
};
Outlook outlook(const SimulationSpec& spec);

}  // namespace calor
