// SPDX-License-Identifier: BSD-3-Clause
#include "app/text/duration.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

namespace calor::app {

namespace {

std::optional<double> number(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0.0)
    return {};
  return value;
}

}  // namespace

std::optional<double> parse_duration(const std::string& text) {
  if (text.find(':') != std::string::npos) {  // [[D-]HH:]MM:SS
    double days = 0.0;
    std::string rest = text;
    if (const auto dash = rest.find('-'); dash != std::string::npos) {
      const auto d = number(rest.substr(0, dash));
      if (!d) return {};
      days = *d;
      rest = rest.substr(dash + 1);
    }
    std::vector<double> parts;
    for (std::size_t a = 0; a <= rest.size();) {
      const std::size_t b = std::min(rest.find(':', a), rest.size());
      const auto part = number(rest.substr(a, b - a));
      if (!part) return {};
      parts.push_back(*part);
      a = b + 1;
    }
    if (parts.size() > 3) return {};
    if (rest.size() != text.size()) parts.resize(3, 0.0);  // D-HH:MM: with days, the first part is hours
    double seconds = 0.0;
    for (const double p : parts) seconds = 60.0 * seconds + p;
    return days * 86400.0 + seconds;
  }
  if (const auto plain = number(text)) return plain;
  double seconds = 0.0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t unit = text.find_first_not_of("0123456789.", at);
    if (unit == std::string::npos || unit == at) return {};
    const auto value = number(std::string_view{text}.substr(at, unit - at));
    std::size_t next = text.find_first_of("0123456789.", unit);
    next = std::min(next, text.size());
    const std::string word = text.substr(unit, next - unit);
    const double scale = word == "s"                    ? 1.0
                         : word == "m" || word == "min" ? 60.0
                         : word == "h"                  ? 3600.0
                         : word == "d"                  ? 86400.0
                         : word == "ms"                 ? 1e-3
                         : word == "us"                 ? 1e-6
                                                        : 0.0;
    if (!value || scale == 0.0) return {};
    seconds += *value * scale;
    at = next;
  }
  if (text.empty()) return {};
  return seconds;
}

}  // namespace calor::app
