// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <utility>
#include <vector>

#include "decomposition/field.hpp"

namespace calor {

/// Fields of one shape, lent for a while: room for a step that is being made, for rates, for the terms of a
/// series. What comes back is lent again, so there are in the end as many as were ever out at once. For one
/// thread at a time.
class Scratch {
 public:
  /// A field that goes back when this ends. It holds what its last user left in it, halo and all, and may be
  /// swapped for another of the same shape.
  class Lent {
   public:
    Lent() = default;
    Lent(Lent&& o) noexcept : home_{std::exchange(o.home_, nullptr)} { field_.swap(o.field_); }
    Lent& operator=(Lent&& o) noexcept {
      std::swap(home_, o.home_);
      field_.swap(o.field_);
      return *this;
    }
    ~Lent() {
      if (home_ != nullptr) home_->free_.push_back(std::move(field_));  // has room: see lend()
    }
    Field2D<double>& field() { return field_; }
    View2D<double> view() { return field_.view(); }
    View2D<const double> cview() const { return field_.cview(); }

   private:
    friend class Scratch;
    Lent(Scratch& home, Field2D<double> field) : home_{&home}, field_{std::move(field)} {}
    Scratch* home_ = nullptr;
    Field2D<double> field_;
  };

  Scratch(const Box& owned, int depth) : owned_{owned}, depth_{depth} {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  Lent lend() {
    if (free_.empty()) {
      free_.reserve(static_cast<std::size_t>(++made_));  // so that giving back cannot fail
      return {*this, Field2D<double>{owned_, depth_}};
    }
    Field2D<double> field = std::move(free_.back());
    free_.pop_back();
    return {*this, std::move(field)};
  }
  /// How many there are, lent or not.
  int made() const { return made_; }

 private:
  Box owned_;
  int depth_;
  int made_ = 0;
  std::vector<Field2D<double>> free_;
};

}  // namespace calor
