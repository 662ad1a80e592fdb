// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "solver/implicit/frozen_balance.hpp"
#include "solver/implicit/options.hpp"
#include "solver/implicit/stand.hpp"
#include "solver/model/problem.hpp"

namespace calor {

/// How far a solve is. Residuals are 2-norms.
struct OuterState {
  int rounds = 0;               ///< that went on: corrections, first guesses, steps taken back
  int corrections = 0;          ///< solved for, Chebyshev's blocks being one
  std::int64_t iterations = 0;  ///< linear ones
  std::int64_t pieces = 0;      ///< that advance() has made; see there
  double first = 0.0;           ///< residual of the temperatures that the solve began with
  double norm = 0.0;            ///< true residual at the last look
  double round_off = 0.0;       ///< of it, what rounding alone leaves
  double target = 0.0;          ///< where it is small enough
  double reached = 0.0;         ///< if it failed: the residual that was left
};

enum class OuterStatus { going, solved, failed };

/// One solve of a stage's equation, round by round. What is to be solved, and how far that is, stands here;
/// the iterate is p.u. A kind of problem has its strategy. All calls are collective.
class OuterIteration {
 public:
  virtual ~OuterIteration() = default;
  /// To be called before the first round of a solve; p.u is then the first guess.
  virtual void begin(const StageEquation& equation);
  /// A round, or a piece of it: looks at the true residual, and unless that is small enough changes the
  /// temperatures. The one solve of a linear problem is left after so many linear iterations, each of which
  /// counts as a piece; then the next call goes on with it.
  OuterStatus advance(Problem& p, std::int64_t most = whole);
  static constexpr std::int64_t whole = std::numeric_limits<std::int64_t>::max();
  const StageEquation& equation() const { return equation_; }
  const OuterState& state() const { return state_; }
  /// Whether it stands within a round.
  virtual bool within() const { return false; }

  // All that advance() goes on from, besides p.u and what the balance holds, for a checkpoint. The target
  // follows the tolerance of who reads it.
  virtual void write(StandWriter& to) const;
  virtual void read(StandReader& from);
  virtual void add_fields(std::vector<Memory>&) {}

 protected:
  OuterIteration(FrozenBalance& a, const ImplicitOptions& options) : a_{a}, options_{options} {}
  OuterStatus fail(double reached);

  FrozenBalance& a_;
  const ImplicitOptions options_;
  OuterState state_;
  std::int64_t most_ = whole;  // linear iterations that this call may make

 private:
  static constexpr int max_rounds = 200;
  bool small_enough(Problem& p);
  OuterStatus change(Problem& p);
  /// Undoes the last step, where that is better than to go on from it.
  virtual bool take_back(Problem&) { return false; }
  virtual OuterStatus correct(Problem& p) = 0;

  StageEquation equation_;
};

/// The strategy for this problem. @param a  must outlive it
std::unique_ptr<OuterIteration> make_outer_iteration(const Problem& p, FrozenBalance& a,
                                                     const ImplicitOptions& options);

}  // namespace calor
