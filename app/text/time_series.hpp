// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calor::app {

/// An instant: seconds since 1970-01-01T00:00, of UTC if `zoned`, else of a clock nobody named.
struct Stamp {
  std::int64_t seconds = 0;
  double fraction = 0.0;  ///< s, in [0, 1)
  bool zoned = false;

  double since(const Stamp& other) const {
    return static_cast<double>(seconds - other.seconds) + (fraction - other.fraction);
  }
  friend bool operator==(const Stamp&, const Stamp&) = default;
};

/// ISO 8601: 2026-01-31, then "T" or a space and 18:30, 18:30:15 or 18:30:15.5, then Z, +01:00, +0100 or +01,
/// each of them if wanted. 24:00 is the end of the day.
std::optional<Stamp> parse_stamp(std::string_view text);

/// Two columns of a CSV file: times and values.
struct TimeSeries {
  std::vector<double> t;  ///< s, as they stand, or since the first stamp; not falling, at most two the same
  std::vector<double> value;   ///< finite
  std::optional<Stamp> first;  ///< where t was written in stamps
  std::string first_text;      ///< as it stands in the file
  std::uint64_t hash = 0;      ///< of the bytes of the whole file

  friend bool operator==(const TimeSeries&, const TimeSeries&) = default;
};

/// Which column of a file: by its name, or by its number from 1; nothing: the default.
struct ColumnChoice {
  std::string name;
  std::int64_t number = 0;

  bool given() const { return number != 0 || !name.empty(); }
  friend bool operator==(const ColumnChoice&, const ColumnChoice&) = default;
};

/// The file begins with a row of names; a byte-order mark, CRLF, cells in quotes, empty lines and lines that
/// begin with '#' are taken. Defaults: time in the first column, the value in the other one of two. `hash` is
/// left 0.
/// @param name  of the file, for messages
/// @throws Error{Exit::bad_case} with lines "name:row:column: what", or "name: what" about the whole, at most
/// ten
TimeSeries read_time_series(std::string_view text, const std::string& name, const ColumnChoice& column,
                            const ColumnChoice& time);

}  // namespace calor::app
