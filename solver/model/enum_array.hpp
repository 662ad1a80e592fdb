// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>

namespace calor {

/// A value for each of an enum's N values, which are 0 .. N - 1: looked up by the value itself, or by number.
/// Begun as std::array is.
template <class Enum, class T, std::size_t N>
struct EnumArray {
  T values[N];

  constexpr T& operator[](Enum e) { return values[static_cast<std::size_t>(e)]; }
  constexpr const T& operator[](Enum e) const { return values[static_cast<std::size_t>(e)]; }
  constexpr T& operator[](std::size_t n) { return values[n]; }
  constexpr const T& operator[](std::size_t n) const { return values[n]; }
  static constexpr std::size_t size() { return N; }
  constexpr T* begin() { return values; }
  constexpr T* end() { return values + N; }
  constexpr const T* begin() const { return values; }
  constexpr const T* end() const { return values + N; }
};

}  // namespace calor
