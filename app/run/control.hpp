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

namespace calor {

/// When the wall-clock time of this process ends, on the clock of wall_seconds(): by the user's word or the
/// scheduler's, whichever comes first; infinite if neither says.
double wall_limit(const std::optional<double>& max_walltime);

/// When to stop and when to save, decided by rank 0's clock and anybody's signals, the same on all ranks.
class Control {
 public:
  /// @param limit  as wall_limit()      @param asked  rank 0: some other reason to stop, or empty
  Control(const mpi::Comm& comm, const CheckpointCase& checkpoint, double limit,
          std::function<std::string()> asked = {});

  struct Orders {
    std::string stop;  // why; empty: go on
    bool checkpoint = false;
    bool guard = false;     // time to see whether the temperatures are numbers still
    std::int64_t most = 1;  // steps until the next look
  };
  /// Collective. @param made, seconds  what the last steps took     @param io_seconds  what a checkpoint
  /// takes     @param pass  steps that are best made at once
  /// Before the first ask(): what a step is expected to take [s], so that short work is not felt for.
  void expect(double a_step);
  Orders ask(std::int64_t made, double seconds, double io_seconds, std::int64_t pass);

 private:
  static constexpr double look_every = 0.1;     // s
  static constexpr double longest_pass = 10.0;  // s
  static constexpr double margin = 1.0;         // s, for ending the program
  static constexpr double guard_every = 5.0;    // s
  const mpi::Comm& comm_;
  std::optional<double> every_;  // s between checkpoints
  double limit_;                 // s of wall time
  std::function<std::string()> asked_;
  double saved_ = wall_seconds(), guarded_ = wall_seconds();
  std::int64_t first_ = 1, most_ = 1;
};

}  // namespace calor
