// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>

#include "app/case/case.hpp"
#include "app/console/wall_clock.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

/// When the wall-clock time of this process ends, on the clock of wall_seconds(): by the user's word or the
/// scheduler's, whichever comes first; infinite if neither says.
double wall_limit(const std::optional<double>& max_walltime);

/// Why a run would stop early: anybody's signal, rank 0's clock, or what else rank 0 is told.
class StopReasons {
 public:
  /// @param limit  as wall_limit()      @param other  rank 0: some other reason to stop, or empty
  StopReasons(const mpi::Comm& comm, double limit, std::function<std::string()> other = {});
  /// What stopping in order takes, about [s].
  void reserve(double seconds) { reserve_ = seconds; }
  /// Work begins that may be left within. The end of the time leaves it only once it has lasted a little, so
  /// that a run moves however short its time is.
  void begin_work() { begun_ = wall_seconds(); }
  /// Whether this rank sees one now; asks nobody.
  bool mine();
  /// After mine() was true somewhere: which it was. Collective.
  std::string agreed();

  // What mine() is made of.
  bool out_of_time(double seconds) const;  ///< when so many more have gone [s]
  std::string other() const { return other_ ? other_() : std::string{}; }

 private:
  static constexpr double margin = 1.0;  // s, for ending the program
  const mpi::Comm& comm_;
  static constexpr double moves = 2.0;  // s of work
  double limit_, reserve_ = 0.0, begun_ = wall_seconds();
  std::function<std::string()> other_;
  std::string seen_;
};

/// Seconds between checkpoints that cost this much each, where the machine fails once in `mtbf` seconds:
/// sqrt(2 cost mtbf), which loses least (Young 1974; Daly 2006); but no more than a tenth of the time goes
/// into them, and between 30 s and an hour.
double checkpoint_interval(double cost, double mtbf);

/// When to stop and when to save, decided by rank 0's clock and anybody's signals, the same on all ranks.
class Control {
 public:
  static constexpr double long_step = 0.5;  ///< s; longer ones are to heed
  Control(const mpi::Comm& comm, const CheckpointCase& checkpoint, StopReasons& reasons);

  struct Orders {
    std::string stop;  // why; empty: go on
    bool checkpoint = false;
    bool guard = false;       // time to see whether the temperatures can be trusted
    std::int64_t most = 1;    // steps until the next look
    bool long_steps = false;  // they may take so long that they are to heed
  };
  /// Before the first ask(): what a step is expected to take [s], so that short work is not felt for.
  void expect(double a_step);
  /// Seconds between orders to guard; of rank 0.
  void guard_every(double seconds) { guard_every_ = seconds; }
  /// Collective. @param made, seconds  what the last steps took     @param io_seconds  what a checkpoint
  /// takes     @param pass  steps that are best made at once
  Orders ask(std::int64_t made, double seconds, double io_seconds, std::int64_t pass);

 private:
  static constexpr double look_every = 0.1;     // s
  static constexpr double longest_pass = 10.0;  // s
  const mpi::Comm& comm_;
  StopReasons& reasons_;
  std::optional<double> every_;  // s between checkpoints
  std::optional<double> mtbf_;   // s; then `every_` follows
  double saved_ = wall_seconds(), guarded_ = wall_seconds();
  double guard_every_ = 1.0;  // s
  std::int64_t first_ = 1, most_ = 1;
};

}  // namespace calor::app
