// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace calor {

/// Finds the temperature of a wall that answer(w) == w holds for, to round-off: where what is behind the wall
/// depends on the wall's temperature, answer(w) is the temperature that its balance gives if w is taken to be
/// it there. By putting in what comes out, and by halves where that leaps to and fro.
/// @param wall  to begin with     @param answer  keeps what it found last
template <class Answer>
void settle(double wall, Answer&& answer) {
  constexpr int patience = 100;
  constexpr double close = 4.0 * std::numeric_limits<double>::epsilon();
  // Where answer(x) - x is positive, and where it is not, once both are known: the root lies between.
  std::optional<double> below, above;
  for (int round = 0; round < patience; ++round) {
    const double next = answer(wall);
    if (!(std::abs(next - wall) > close * std::max(std::abs(next), std::abs(wall)))) break;
    (next > wall ? below : above) = wall;
    // What the answer leaps over is halved.
    wall = below && above &&
                   (round > 20 || !(std::min(*below, *above) < next && next < std::max(*below, *above)))
               ? 0.5 * (*below + *above)
               : next;
  }
}

}  // namespace calor
