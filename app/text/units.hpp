// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace calor::app {

/// A duration for people: "0.35 s", "42 s", "12 min 05 s", "1 h 12 min", "3 d 04 h". Negative or not finite:
/// "?".
std::string duration_text(double seconds);

/// Three or four digits and an SI prefix: si_text(1.2345e9, "cells/s") = "1.23 Gcells/s". From 1e-9 to 1e18.
std::string si_text(double value, const std::string& unit);

/// Memory and file sizes in powers of 1024: "17 B", "1.50 GiB".
std::string bytes_text(std::int64_t bytes);

/// Up to `digits` significant digits as print has them: "\u22120.25", "1.5\u00b710\u207b\u2077" (UTF-8); "not
/// a number" for NaN.
std::string number_text(double value, int digits = 6);

/// "10\u2076" for 6 (UTF-8).
std::string power_of_ten_text(int exponent);

/// "1 step", "3 steps".
std::string counted(std::int64_t n, std::string_view noun);

/// Where in a run a field belongs: "t = 32 s, step 1200". A negative step is left out.
std::string time_text(double seconds, std::int64_t step);
/// What a time of this length is best told in: days or hours from two of them on, else seconds.
struct ClockUnit {
  const char* name;
  double seconds;
};
ClockUnit clock_unit(double seconds);

}  // namespace calor::app
