// SPDX-License-Identifier: BSD-3-Clause
#include "app/text/units.hpp"

#include <limits>

#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;

TEST_CASE("durations read as people say them", "[units]") {
  CHECK(duration_text(0.0) == "0 s");
  CHECK(duration_text(0.0123) == "0.012 s");
  CHECK(duration_text(9.94) == "9.9 s");
  CHECK(duration_text(9.96) == "10 s");
  CHECK(duration_text(59.4) == "59 s");
  CHECK(duration_text(59.6) == "1 min 00 s");
  CHECK(duration_text(3599.4) == "59 min 59 s");
  CHECK(duration_text(3599.6) == "1 h 00 min");
  CHECK(duration_text(4320.0) == "1 h 12 min");
  CHECK(duration_text(86400.0 - 20.0) == "1 d 00 h");
  CHECK(duration_text(3 * 86400.0 + 4 * 3600.0) == "3 d 04 h");
  CHECK(duration_text(-1.0) == "?");
  CHECK(duration_text(std::numeric_limits<double>::quiet_NaN()) == "?");
  CHECK(duration_text(std::numeric_limits<double>::infinity()) == "?");
}

TEST_CASE("numbers take the SI prefix that leaves three figures", "[units]") {
  CHECK(si_text(0.0, "W") == "0 W");
  CHECK(si_text(1.0, "W") == "1.00 W");
  CHECK(si_text(9.96, "W") == "9.96 W");
  CHECK(si_text(9.996, "W") == "10.0 W");
  CHECK(si_text(999.4, "W") == "999 W");
  CHECK(si_text(999.6, "W") == "1.00 kW");
  CHECK(si_text(1.2345e9, "cells/s") == "1.23 Gcells/s");
  CHECK(si_text(99.96e6, "cells/s") == "100 Mcells/s");
  CHECK(si_text(-2.5e-6, "m") == "-2.50 \u00b5m");
  CHECK(si_text(4.0e18, "") == "4.00 E");
  CHECK(si_text(1e30, "W") == "1e+30 W");
  CHECK(si_text(1e-15, "W") == "1e-15 W");
}

TEST_CASE("bytes count in powers of 1024", "[units]") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(1023) == "1023 B");
  CHECK(bytes_text(1024) == "1.00 KiB");
  CHECK(bytes_text(1536) == "1.50 KiB");
  CHECK(bytes_text(1000 * 1024) == "1000 KiB");
  CHECK(bytes_text(1024 * 1024 - 1) == "1.00 MiB");
  CHECK(bytes_text(std::int64_t{3} << 40) == "3.00 TiB");
}

TEST_CASE("numbers are printed as in a journal", "[units]") {
  CHECK(number_text(0.0) == "0");
  CHECK(number_text(-0.0) == "0");
  CHECK(number_text(293.15) == "293.15");
  CHECK(number_text(-0.25) == "\u22120.25");
  CHECK(number_text(1.0 / 3.0, 3) == "0.333");
  CHECK(number_text(200000.0) == "200000");
  CHECK(number_text(-999999.7) == "\u22121000000");
  CHECK(number_text(1.5e-7) == "1.5\u00b710\u207b\u2077");
  CHECK(number_text(-2e12) == "\u22122\u00b710\u00b9\u00b2");
  CHECK(number_text(std::numeric_limits<double>::quiet_NaN()) == "not a number");
  CHECK(number_text(-std::numeric_limits<double>::infinity()) == "\u2212\u221e");
  CHECK(power_of_ten_text(6) == "10\u2076");
  CHECK(power_of_ten_text(-10) == "10\u207b\u00b9\u2070");
}

TEST_CASE("a time names its step where there is one", "[units]") {
  CHECK(counted(1, "step") == "1 step");
  CHECK(counted(0, "step") == "0 steps");
  CHECK(time_text(32.0, 1200) == "t = 32 s, step 1200");
  CHECK(time_text(1.5e-7, 0) == "t = 1.5\u00b710\u207b\u2077 s, step 0");
  CHECK(time_text(2.0, -1) == "t = 2 s");
  CHECK(time_text(7199.0, -1) == "t = 7199 s");
  CHECK(time_text(7200.0, 12) == "t = 2 h, step 12");
  CHECK(time_text(7201.0, -1) == "t = 7201 s");
  CHECK(time_text(97200.0, -1) == "t = 27 h");
  CHECK(time_text(31536000.0, -1) == "t = 365 d");
  CHECK(time_text(std::nan(""), -1) == "t = not a number s");
}
