// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <vector>

#include "solver/blocked/kernels.hpp"
#include "solver/blocked/records.hpp"
#include "solver/blocked/tiling.hpp"
#include "solver/model/problem.hpp"

namespace calor {

/// One stage of a recursion, see Recursion.
struct Stage {
  StageNumbers numbers;
  double time = 0.0;    ///< of the state that it begins from [s]
  double booked = 0.0;  ///< seconds (chebyshev: times seconds) of its rates that go into the ledger
};

/// Fields of a recursion, all like problem.u.
struct StageFields {
  Field2D<double>*now, *before;              ///< the present state, and the one before
  Field2D<double>*spare_now, *spare_before;  ///< room for them; not used by stages one by one
  Field2D<double>* sum;                      ///< chebyshev: adds up weighted states
  Field2D<double>*first, *first_change;      ///< legendre: with halo, if stages are blocked
};

/// Whether stages can be made many at a time, while the data is in cache: not where properties depend on T.
bool stages_are_blocked(const Problem& problem);
inline constexpr int most_stages_a_pass = 32;
/// Stages a pass that pay at most. @param uniform  one material, or several in a mosaic
constexpr int stages_that_pay(Recursion recursion, bool uniform) {
  return recursion == Recursion::chebyshev && uniform ? most_stages_a_pass : 16;
}

/// Makes the stages of a recursion. Those of chebyshev are of differences: walls add nothing to them, there
/// is no source, and the ledger gets what passes the walls alone. Tiles, threads and ranks change no bits;
/// stages in passes and one by one have the same.
class Stages {
 public:
  explicit Stages(Recursion recursion, const Kernels& loops = kernels())
      : recursion_{recursion}, kernels_{loops} {}
  /// Makes the stages, many a pass where that is possible. Afterwards `now` is the last state and `before`
  /// the last but one. Collective. @param dt  of the explicit steps in them [s]
  void run(Problem& problem, double dt, const std::vector<Stage>& stages, const StageFields& fields);
  /// `count` stages in one pass, at most as many as the problem's halo is deep unless it is alone().
  /// @param tiling  its width and height
  void pass(Problem& problem, double dt, const Stage* stages, int count, const StageFields& fields,
            const Tiling& tiling);
  /// One stage over the whole field: the oracle of the passes.
  void plain(Problem& problem, double dt, const Stage& stage, const StageFields& fields);

 private:
  class Tile;
  Recursion recursion_;
  Kernels kernels_;
  TileMemories memories_;
  std::unique_ptr<StepRecords<double>> records_;
  const Problem* looked_up_ = nullptr;  // what records_ are of
};

}  // namespace calor
