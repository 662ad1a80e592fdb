// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "solver/blocked/kernels.hpp"
#include "solver/blocked/records.hpp"
#include "solver/blocked/tiling.hpp"
#include "solver/model/problem.hpp"
#include "solver/model/steps.hpp"

namespace calor {

struct Pass;

/// Many explicit steps in one pass through memory. A tile of the next state needs the present one in the tile
/// grown by as many cells as steps are made. Its rows are loaded a few at a time, and these few are advanced
/// in place through all steps while they are in the first-level cache, one row lower at each: step n makes
/// row j from rows j - 1 .. j + 1 of step n - 1, of which the lower two were kept, in the second-level cache,
/// by the rows before. What lies outside the tile is computed again by its neighbours.
///
/// All cells get the update of solver/stencil/cell_change.inl, so that tiles, steps a pass, threads and ranks
/// change no bits. Walls and sources may change with time at every step; radiation is linearised at every
/// step. For problems whose steps_are_blocked().
class BlockedStepper {
 public:
  /// @param problem  must outlive the stepper
  /// @param tiling  levels at most the depth of the problem's halo, unless it is alone()
  /// @param loops   for the instruction set to use
  BlockedStepper(const Problem& problem, Precision precision, Tiling tiling,
                 const Kernels& loops = kernels());
  /// Makes `steps.count` steps, at most tiling().levels, in problem.u, and
  /// books the heat. Collective. In single precision all values of u must be such numbers.
  void pass(Problem& problem, const Steps& steps);
  const Tiling& tiling() const { return tiling_; }
  void use(const Tiling& tiling) { tiling_ = tiling; }
  /// Seconds for one cell and step of this thread team with another tiling, on some rows of some tiles of
  /// this problem. Its state stays as it is.
  double trial(Problem& problem, const Tiling& tiling, double dt);

 private:
  template <class Real>
  class Tile;
  /// From problem.u to `to`.
  void work(const Pass& pass, const Problem& problem, View2D<double> to, const std::vector<Box>& tiles,
            Budget* budget);
  Precision precision_;
  Tiling tiling_;
  /// Gives the pass the records for its steps, where there are any.
  void look_up(Pass& pass);
  Kernels kernels_;
  TileMemories memories_;
  std::unique_ptr<StepRecords<double>> doubles_;
  std::unique_ptr<StepRecords<float>> floats_;
  std::int64_t cleared_ = 0;  // the loan after which a field's cells that no body touches held 0
};

}  // namespace calor
