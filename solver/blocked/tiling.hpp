// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "decomposition/box.hpp"
#include "decomposition/field.hpp"
#include "solver/model/precision.hpp"

namespace calor {

/// How explicit steps are blocked in cache: so many steps in one pass through memory, over tiles of so many
/// columns and rows. Changes no bits.
struct Tiling {
  int levels = 32;    // steps a pass; with neighbours, the halo is at least as deep
  int width = 512;    // columns a tile: a few rows of them fit the first-level cache, two a level the second
  int height = 1024;  // rows a tile
  friend bool operator==(const Tiling&, const Tiling&) = default;
};

/// Sizes of caches as the system tells them [bytes]; common ones where it does not.
struct Caches {
  std::int64_t second = 512 << 10;
  std::int64_t last = 16 << 20;  // shared by all cores
};
const Caches& caches();  ///< of this machine, asked for once

/// Steps a pass that pay at most: more of them, and the rows that wait for their turn outgrow the
/// second-level cache. @param fields  arrays of coefficients that every step reads
constexpr int most_levels(int fields, Precision precision) {
  return (fields > 0 ? 16 : 32) * (precision == Precision::single ? 2 : 1);
}

/// A tiling that should suit the caches and give every thread work.
/// @param owned  the rank's cells     @param levels  steps a pass
Tiling choose_tiling(const Box& owned, int fields, Precision precision, int threads, int levels);

/// The box in tiles of about that size, widths in whole cache lines of both precisions.
std::vector<Box> tiles_of(const Box& box, const Tiling& tiling);

/// As choose_tiling, for stages of recursions over three states (solver/blocked/stages.hpp), `levels` to a
/// pass.
Tiling choose_stage_tiling(const Box& owned, int threads, int levels);
inline constexpr int widest_stage_tile = 512;

/// Rows of numbers that a thread keeps from tile to tile.
struct TileMemory {
  Field2D<double> doubles;
  Field2D<float> floats;
  template <class Real>
  Field2D<Real>& of() {
    if constexpr (sizeof(Real) == sizeof(double))
      return doubles;
    else
      return floats;
  }
};
using TileMemories = std::vector<std::unique_ptr<TileMemory>>;  // by thread

/// Calls f(first, many) for `count` steps in passes of at most `most`, all about as long: a short pass costs
/// nearly as much as a long one.
template <class F>
void for_passes(std::int64_t count, std::int64_t most, F&& f) {
  const std::int64_t passes = (count + most - 1) / most;
  for (std::int64_t n = 0, first = 0; n < passes; ++n) {
    const std::int64_t many = count / passes + (n < count % passes ? 1 : 0);
    f(first, many);
    first += many;
  }
}

}  // namespace calor
