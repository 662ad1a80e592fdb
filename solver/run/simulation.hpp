// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decomposition/error.hpp"
#include "decomposition/heed.hpp"
#include "decomposition/thread_count.hpp"
#include "solver/model/loads.hpp"
#include "solver/model/measure.hpp"
#include "solver/model/problem.hpp"
#include "solver/model/region_survey.hpp"
#include "solver/run/clock.hpp"
#include "solver/run/layout.hpp"
#include "solver/run/method_choice.hpp"
#include "solver/run/spec.hpp"
#include "solver/run/step_length.hpp"
#include "solver/time/integrator.hpp"

namespace calor {

/// Of a region; heat per metre of depth.
struct RegionRow {
  RegionSurvey now;
  double power = 0.0, out = 0.0;  // since the start [J]; in a steady state now [W]
};
/// Of a section, likewise.
struct SectionRow {
  double now = 0.0, total = 0.0;
};

/// What is told of a state beside its field: a row of the history, of regions and sections.
struct HistoryRow {
  std::int64_t step = 0;
  double time = 0.0, dt = 0.0;
  Survey temperature;
  Budget::Report heat;
  std::vector<RegionRow> regions;                     // as in the spec
  std::vector<SectionRow> sections;                   // likewise
  std::optional<ThermalBridgeReport> thermal_bridge;  // of a steady state that is found
};

/// A spec being computed: its problem, method, clock and length of steps. No files, no terminal.
class Simulation {
 public:
  /// Collective. Error{bad_case} where it cannot be computed as it stands.
  /// @param cache  of earlier ones on the same communicator, and for later ones; or null
  /// @param heed  asked while this is made, and in advance() where that may be left; or null: nobody asks.
  /// Throws Interrupted where it is to be left.
  Simulation(SimulationSpec spec, const mpi::Comm& comm, SetupCache* cache = nullptr, Heed* heed = nullptr);

  const SimulationSpec& spec() const { return spec_; }
  const mpi::Comm& comm() const { return comm_; }
  Problem& problem() { return *problem_; }
  const Clock& clock() const { return clock_; }
  const MethodChoice& method() const { return choice_; }
  SolveReport solver() const;
  std::string layout() const { return integrator_->layout(); }  ///< of the work, for people; may be empty
  double stable_dt() const { return stable_dt_; }               ///< explicit limit of the initial state [s]
  bool finished() const { return clock_.finished(); }
  bool steady() const { return choice_.method->steady(); }
  bool limited() const;  ///< its steps or stages are bound to an explicit limit
  std::int64_t step() const { return clock_.step(); }
  std::int64_t steps_left() const { return length_->steps_left(clock_); }
  std::int64_t steps_made() const { return steps_made_; }  ///< by this object, not by a run it goes on from
  std::int64_t steps_a_pass() const;                       ///< steps that are best made at once
  double seconds_stepping() const { return seconds_stepping_; }
  std::int64_t steps_rejected() const { return steps_rejected_; }
  /// What steps have made of the functions of time so far.
  std::vector<Loads::Course> loads() const { return loads_->courses(); }
  /// The largest change of a temperature [K/s] when time.until_steady ended the run.
  std::optional<double> steady_at() const { return steady_at_; }
  /// Fields besides the temperature that a checkpoint must hold.
  std::vector<Memory> memory();

  /// Makes up to `most` equal steps, and stops at target times. Collective. Returns how many were made. Of a
  /// steady state a step is what can be saved: a round of its outer iteration, or where nothing depends on T
  /// one iteration of the linear solver.
  /// @param heeding  the steps may be long: asks now and then whether they are to be left. If so, they count
  /// as never begun, and Interrupted is thrown on all ranks; what was before them stands, and can be saved.
  /// Takes the room of a field, but not where a step is one sweep.
  std::int64_t advance(std::int64_t most, bool heeding = false);
  /// Of a steady state that is being looked for: true residual over the first one, and what is wanted.
  double left() const;
  double wanted() const;

  /// A row of the history for the present state. Collective. Error{numerical} if a temperature is not finite.
  HistoryRow measure();
  /// The part of it that no state may fail that is saved: temperatures are numbers. Collective.
  void refuse_not_finite();
  std::vector<double> probes();     ///< in the order of the spec [K]
  std::vector<double> integrals();  ///< in the order of the spec
  /// What a user ought to know of what was computed, and did not ask. Grows while running; the same on every
  /// rank.
  const std::vector<std::string>& warnings() const { return warnings_; }

  /// All but the fields: what a checkpoint holds besides. Numbers are to be kept to the bit.
  struct State {
    Clock::State clock;
    std::int64_t iterations = 0, rejected = 0;
    std::vector<double> control, method, loads;
    double initial_heat = 0.0;
    std::vector<std::int64_t> budget;
  };
  State state();  ///< collective
  /// Fields that must be read besides the temperature before this state is restored. Collective.
  std::vector<Memory> memory_for(const State& state);
  /// The counterpart, after the fields were read into problem().u and memory(). Collective.
  void restore(const State& state);

 private:
  void refuse_what_cannot_be();
  /// At the end, of functions of time that the steps have not followed.
  void warn_of_loads();
  void check_step_count();
  /// What a checkpoint holds besides the temperature.
  std::vector<Memory> with_state(const std::vector<Memory>& of_method);
  MethodChoice look_ahead(SetupCache* cache);
  void give_loads();
  void end_when_steady();
  void measure_parts(HistoryRow& row);
  std::optional<Error> advance_or_say(const Steps& step);
  std::int64_t advance_forgiving();
  std::int64_t advance_gradually(Gradual& method, std::int64_t most);
  std::int64_t advance_plain(std::int64_t most);
  std::int64_t advance_heeding(std::int64_t most);
  void refuse_not_finite(const Survey& survey);

  SimulationSpec spec_;
  const mpi::Comm& comm_;
  Heed* heed_;
  std::unique_ptr<Loads> loads_;
  std::unique_ptr<Problem> problem_;
  const ThreadCount threads_{problem_->owned};
  double stable_dt_ = 0.0;
  MethodChoice choice_;
  std::unique_ptr<Integrator> integrator_;
  Clock clock_;
  std::unique_ptr<StepLength> length_;
  std::int64_t steps_rejected_ = 0;
  std::int64_t iterations_before_ = 0;  // of the run that wrote the checkpoint
  double seconds_stepping_ = 0.0;
  std::int64_t steps_made_ = 0;
  std::optional<double> steady_at_;
  std::vector<std::string> warnings_;
  bool surprised_ = false, too_cold_ = false;  // said
};

}  // namespace calor
