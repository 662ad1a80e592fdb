// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "solver/model/area.hpp"

namespace calor {

/// Where there is no body: holes, and bodies that lie on top of them, over one another as regions do. What
/// lies under all of them is a body.
struct Voids {
  static constexpr std::int32_t body = -1;
  std::vector<Area> areas;
  std::vector<std::int32_t> hole;      ///< of each area: the number of the hole, or `body`
  std::vector<std::string> names;      ///< of each hole
  std::vector<std::uint8_t> tempered;  ///< of each hole: 1 where its wall has a given temperature

  bool any() const { return !names.empty(); }
  /// What an area is, by its number in Overlay: 0 is what lies under all of them.
  std::int32_t of(std::int32_t top) const {
    return top <= 0 ? body : hole[static_cast<std::size_t>(top - 1)];
  }
  std::int32_t at(double x, double y) const {
    for (std::size_t n = areas.size(); n > 0; --n)
      if (contains(areas[n - 1], x, y)) return hole[n - 1];
    return body;
  }
  friend bool operator==(const Voids&, const Voids&) = default;
};

}  // namespace calor
