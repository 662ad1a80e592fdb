// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
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
    Lent(Lent&& o) noexcept : home_{std::exchange(o.home_, nullptr)}, loan_{o.loan_}, before_{o.before_} {
      field_.swap(o.field_);
    }
    Lent& operator=(Lent&& o) noexcept {
      std::swap(home_, o.home_);
      std::swap(loan_, o.loan_);
      std::swap(before_, o.before_);
      field_.swap(o.field_);
      return *this;
    }
    ~Lent() {
      if (home_ != nullptr) home_->free_.push_back({std::move(field_), loan_});  // has room: see lend()
    }
    Field2D<double>& field() { return field_; }
    View2D<double> view() { return field_.view(); }
    View2D<const double> cview() const { return field_.cview(); }
    /// Number of this loan, from 1, and of the one before of the same field; 0: there was none, and the field
    /// is as it was made, 0 everywhere. Who finds the own number there knows that nobody else has had it
    /// since.
    std::int64_t loan() const { return loan_; }
    std::int64_t before() const { return before_; }

   private:
    friend class Scratch;
    Lent(Scratch& home, Field2D<double> field, std::int64_t loan, std::int64_t before)
        : home_{&home}, loan_{loan}, before_{before}, field_{std::move(field)} {}
    Scratch* home_ = nullptr;
    std::int64_t loan_ = 0, before_ = 0;
    Field2D<double> field_;
  };

  Scratch(const Box& owned, int depth) : owned_{owned}, depth_{depth} {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  Lent lend() {
    if (free_.empty()) {
      free_.reserve(static_cast<std::size_t>(++made_));  // so that giving back cannot fail
      return {*this, Field2D<double>{owned_, depth_}, ++loans_, 0};
    }
    Free free = std::move(free_.back());
    free_.pop_back();
    return {*this, std::move(free.field), ++loans_, free.loan};
  }
  /// How many there are, lent or not.
  int made() const { return made_; }

 private:
  Box owned_;
  int depth_;
  struct Free {
    Field2D<double> field;
    std::int64_t loan;  // the last one
  };
  int made_ = 0;
  std::int64_t loans_ = 0;
  std::vector<Free> free_;
};

}  // namespace calor
