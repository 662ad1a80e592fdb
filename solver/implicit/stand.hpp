// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decomposition/error.hpp"
#include "decomposition/field.hpp"

namespace calor {

/// A field that a method carries from step to step.
struct Memory {
  std::string name;
  View2D<double> field;
};

/// Numbers, the same on all ranks, that a solve is written down as, one after the other.
class StandWriter {
 public:
  void put(double v) { numbers_.push_back(v); }
  void put(std::int64_t v) { put(static_cast<double>(v)); }  // counts stay far below 2^53
  void put(int v) { put(static_cast<double>(v)); }
  void put(bool v) { put(v ? 1.0 : 0.0); }
  template <class T>
  void put(const std::optional<T>& v) {
    put(v.has_value());
    put(v.value_or(T{}));
  }
  std::vector<double> take() { return std::move(numbers_); }

 private:
  std::vector<double> numbers_;
};

/// The counterpart. Error{bad_data} where numbers are missing.
class StandReader {
 public:
  explicit StandReader(const std::vector<double>& numbers) : numbers_{numbers} {}
  void get(double& v) {
    if (next_ == numbers_.size())
      throw Error{Exit::bad_data, "the checkpoint's solve of a steady state is of another version of calor"};
    v = numbers_[next_++];
  }
  template <class T>
  void get(T& v) {
    double d = 0.0;
    get(d);
    v = static_cast<T>(d);
  }
  template <class T>
  void get(std::optional<T>& v) {
    bool has = false;
    T value{};
    get(has);
    get(value);
    v = has ? std::optional<T>{value} : std::nullopt;
  }

 private:
  const std::vector<double>& numbers_;
  std::size_t next_ = 0;
};

}  // namespace calor
