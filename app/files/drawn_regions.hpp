// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "solver/model/area.hpp"

namespace calor::app {

/// The regions of a case as they are drawn, pictures and arrays by the rectangle that they lie on.
class DrawnRegions {
 public:
  using Point = std::array<double, 2>;  ///< x, y, m

  /// @param resolved_case  TOML; a text that is none, or no case, has no regions
  /// @param directory      of the case, where its drawings are; without them their regions are left out
  explicit DrawnRegions(const std::string& resolved_case, const std::filesystem::path& directory = {});

  /// Their edges, in the order of the case, each a closed line; circles as many short ones.
  std::vector<std::vector<Point>> outlines() const;
  /// Whether there are holes, and all that could lie on top of them is known: no region was left out.
  bool show_holes() const;
  /// Whether the point lies in a hole: in a region with void = true and in no body on top of it.
  bool in_hole(Point at) const;

 private:
  enum class Kind { hole, body, neither };
  struct Region {
    Area area;
    Kind kind = Kind::neither;
  };
  std::vector<Region> regions_;
  bool complete_ = true;
};

}  // namespace calor::app
