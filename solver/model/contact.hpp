// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decomposition/box.hpp"
#include "solver/model/area.hpp"
#include "solver/model/grid.hpp"

namespace calor {

/// A resistance to heat where two bodies touch.
struct Contact {
  static constexpr std::int32_t any = -1;
  std::int32_t first = 0, second = any;  ///< bodies; any: whatever touches the first one
  double resistance = 0.0;               ///< m2 K/W
  std::string name;                      ///< for messages

  friend bool operator==(const Contact&, const Contact&) = default;
};

/// The bodies of a problem and what heat meets between them. Bodies lie over one another as regions do; 0 is
/// what lies under all of them, n is the n-th area.
///
/// Between the centres of two cells the resistance stands in series with what conducts, once for each time
/// that the line passes from one body to another: R where it meets the edge at a right angle, R / |n.e| where
/// the edge is oblique to it, n its normal and e the line's direction. Of a flow across the edge each grid
/// line then has the same jump, and as faces show h |n.e| of the edge, the whole edge counts by its true
/// length.
struct Contacts {
  std::vector<Area> bodies;
  std::vector<std::string> names{"material"};  ///< of each body, from 0
  std::vector<Contact> list;

  bool any() const { return !list.empty(); }
  std::int32_t body_at(double x, double y) const;
  /// Number in the list of what stands between two bodies; of several the last, a pair before `any`.
  std::optional<std::size_t> between(std::int32_t a, std::int32_t b) const;
  double resistance(std::int32_t a, std::int32_t b) const;  ///< 0: none

  friend bool operator==(const Contacts&, const Contacts&) = default;
};

/// Faces of the cells of a box, whose cells' centres lie in bodies with a contact between them. axis 0: west
/// face of (i, j), 1: south face.
struct ContactFace {
  int axis, i, j;
};
std::vector<ContactFace> contact_faces(const Contacts& contacts, const Grid& grid, const Box& cells);

/// The bodies that meet at a point with a contact between some of them, in the order of their numbers; none
/// where the point is on no contact.
std::vector<std::int32_t> bodies_meeting(const Contacts& contacts, const Grid& grid, double x, double y);

}  // namespace calor
