// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decomposition/field.hpp"
#include "solver/run/guard_kind.hpp"
#include "solver/run/simulation.hpp"

namespace calor {

/// Makes the steps of a simulation and looks now and then whether its state can be what they made of the last
/// one that was looked at: temperatures are numbers, and the heat ledger closes to what rounding and solver
/// may leave of it. A bit that changed by itself in a temperature, its halo, or in what a step is made of,
/// shows there unless it is smaller than that. Then it goes back to the last state that was good and computes
/// again: what does not come back was an error of the machine, and is mended; what comes back to the bit is
/// the case's own doing. Two numbers that are not finite are refused, a balance that is off is told once, and
/// from then on allowed.
///
/// Rounding leaves at most a few units of the last place of every cell at every update of it, all of one sign
/// if it must be, so that looks find less the more steps lie between them: (steps between) x (cells) x 1e-15
/// of the content. The search for a steady state is left alone: every piece of it begins with the true
/// residual, so that an error in what iterates heals.
///
/// Holds a copy of the temperatures and of what the method remembers. All calls are collective.
class Guard {
 public:
  Guard(Simulation& simulation, GuardKind kind);

  /// As Simulation::advance; a step that fails is made again from the last good state. 0: it went back.
  std::int64_t advance(std::int64_t most, bool heeding = false);
  /// True: the state stands, and may be written. False: it went back to the last good one.
  /// Error{numerical} where the case itself leads there.
  /// @param ordered  it is time; where nothing is guarded, temperatures then are looked at all the same
  bool look(bool ordered = false);
  /// Seconds between looks, so that they take no more of the time than they should. Of rank 0.
  double interval() const;
  /// What there is to tell since the last call; the same on all ranks.
  std::vector<std::string> news();
  /// Errors of the machine that were found and mended.
  std::int64_t mended() const { return mended_; }
  /// The smallest change of the heat content that the last look would have found [J per metre of depth].
  double threshold() const { return threshold_; }

 private:
  struct Finding {
    std::string what;
    bool of_ledger = false;
  };
  struct Balance {
    double residual = 0.0, hottest = 0.0, size = 0.0;
    Survey survey;
  };
  struct Suspect {
    std::int64_t step = 0;  // at or after which it is to be seen again
    std::int64_t hash = 0;
    std::string what;
  };
  Balance balance();
  std::optional<Finding> finding(const Balance& now);
  void keep(const Balance& now);
  void go_back();
  std::int64_t hash() const;
  void suspect(std::int64_t step, std::int64_t hash, const std::string& what);

  static constexpr int patience = 3;  // computations in a row that differ

  Simulation& sim_;
  GuardKind kind_;
  double capacity_ = 0.0;    // sum of V rho_c [J/(K m)]
  double wall_rate_ = 0.0;   // the largest conductance towards walls over rho_c of a cell [1/s]
  double unit_ = 0.0;        // of rounding
  double longest_dt_ = 0.0;  // since the last good state [s]
  double allowed_ = 1.0;     // times what rounding may leave
  double threshold_ = 0.0;
  double cost_ = 0.0;  // of a look [s]

  // The last good state.
  Simulation::State state_;
  Field2D<double> u_;
  std::vector<Field2D<double>> memory_;
  Balance good_;
  std::int64_t step_ = 0;
  SolveReport solved_;

  std::optional<Suspect> suspect_;
  int tries_ = 0;
  std::int64_t mended_ = 0;
  std::vector<std::string> news_;
};

}  // namespace calor
