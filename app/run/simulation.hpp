// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "app/run/clock.hpp"
#include "app/run/setup.hpp"
#include "decomposition/error.hpp"
#include "solver/model/measure.hpp"
#include "solver/model/problem.hpp"
#include "solver/time/integrator.hpp"
#include "solver/time/step_error.hpp"

namespace calor {

/// One row of history.csv.
struct HistoryRow {
  std::int64_t step = 0;
  double time = 0.0, dt = 0.0;
  Survey temperature;
  Budget::Report heat;
};

/// One case being computed: its problem, method and clock. No files; app/output watches it.
class Simulation {
 public:
  /// Collective. Error{bad_case} where the case cannot be computed as it stands.
  /// @param kept  of earlier cases on the same communicator, and for later ones; or null
  Simulation(const Case& c, const mpi::Comm& comm, Kept* kept = nullptr);

  const Case& the_case() const { return case_; }
  const mpi::Comm& comm() const { return comm_; }
  Problem& problem() { return *problem_; }
  const Clock& clock() const { return clock_; }
  const MethodChoice& method() const { return choice_; }
  SolveReport solver() const;
  std::string layout() const { return integrator_->layout(); }  ///< of the work, for people; may be empty
  double stable_dt() const { return stable_dt_; }               ///< explicit limit of the initial state [s]
  bool finished() const { return steady() ? steady_done_ : clock_.finished(); }
  bool steady() const { return choice_.method == Method::steady; }
  std::int64_t step() const { return steady() ? std::int64_t{steady_done_} : clock_.step(); }
  std::int64_t steps_left() const;
  std::int64_t steps_made() const { return steps_made_; }  ///< by this object, not by a run it goes on from
  /// Steps that are best made at once.
  std::int64_t steps_a_pass() const { return integrator_->steps_a_pass(); }
  double seconds_stepping() const { return seconds_stepping_; }
  std::int64_t steps_rejected() const { return steps_rejected_; }
  /// Fields besides the temperature that a checkpoint must hold.
  std::vector<Integrator::Memory> memory() { return integrator_->memory(*problem_); }

  /// Makes up to `most` equal steps, and stops at target times. Collective. Returns how many were made.
  std::int64_t advance(std::int64_t most);

  /// A row of the history for the present state. Collective. Error{numerical} if a temperature is not finite.
  HistoryRow measure();
  std::vector<double> probes();     ///< in the order of the case [K]
  std::vector<double> integrals();  ///< in the order of the case

  /// All but the temperature field: what a checkpoint holds besides. Collective.
  nlohmann::json state();
  /// The counterpart, after the field was read into problem().u.
  void restore(const nlohmann::json& state);

 private:
  std::optional<Error> advance_or_say(const Steps& step);

  const Case case_;
  const mpi::Comm& comm_;
  std::unique_ptr<Problem> problem_;
  double stable_dt_ = 0.0;
  MethodChoice choice_;
  std::unique_ptr<Integrator> integrator_;
  Clock clock_;
  std::optional<StepControl> control_;  // where steps are as long as their error allows
  std::int64_t steps_rejected_ = 0;
  bool steady_done_ = false;
  std::int64_t iterations_before_ = 0;  // of the run that wrote the checkpoint
  double seconds_stepping_ = 0.0;
  std::int64_t steps_made_ = 0;
};

}  // namespace calor
