// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <functional>
#include <vector>

#include "decomposition/mpi.hpp"
#include "solver/model/time_table.hpp"

namespace calor {

/// What a function of time does over a while, found by looking at it many times at equal distances: where it
/// jumps, where it turns sharply, and a polygon that stays close to it. What lasts longer than one distance
/// is not overlooked.
class TimeProfile {
 public:
  /// The last double before a jump and the first one after it [s].
  struct Jump {
    double before, after;
  };
  struct Node {
    double t, value;  // s, unit of the function
  };
  /// So many looks that a millionth of the while is seen.
  static constexpr std::size_t close_looks = std::size_t{1} << 20U;

  /// @param f  safe to call from several threads     @param closeness  of the polygon, over the range of f
  /// @param knots  corners and jumps that are known beforehand, rising     @param comm  ranks that share the
  /// looks, all with the same f (then collective); null: one
  TimeProfile(const std::function<double(double)>& f, double from, double to, double closeness,
              const std::vector<Knot>& knots = {}, std::size_t looks = close_looks,
              const mpi::Comm* comm = nullptr);
  /// Of a function that is smooth, and nearly straight, between its knots: nothing is looked for.
  struct AllKnown {};
  TimeProfile(AllKnown, const std::function<double(double)>& f, double from, double to, double closeness,
              const std::vector<Knot>& knots);

  double least() const { return least_; }
  double most() const { return most_; }
  const std::vector<Jump>& jumps() const { return jumps_; }
  /// Sharp turns [s], rising.
  const std::vector<double>& corners() const { return corners_; }
  /// Corners of the polygon, rising; on either side of each jump there is one.
  const std::vector<Node>& nodes() const { return nodes_; }
  /// False where it changes too often to be followed.
  bool resolved() const { return resolved_; }
  /// The first node after t; nodes().size(): none.
  std::size_t after(double t) const;

 private:
  void take_known(const std::function<double(double)>& f, const std::vector<Knot>& knots, double near);
  double least_ = 0.0, most_ = 0.0;
  bool resolved_ = true;
  std::vector<Jump> jumps_;
  std::vector<double> corners_;
  std::vector<Node> nodes_;
};

}  // namespace calor
