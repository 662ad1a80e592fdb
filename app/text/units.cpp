// SPDX-License-Identifier: BSD-3-Clause
#include "app/text/units.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace calor::app {
namespace {

/// Three figures of a number in [1, 1000).
std::string three_figures(double value) {
  return fmt::format("{:.{}f}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

}  // namespace

std::string duration_text(double seconds) {
  if (!(seconds >= 0.0) || std::isinf(seconds)) return "?";
  if (seconds < 9.95) return fmt::format("{:.2g} s", seconds);
  if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
  if (seconds > 9e15) return fmt::format("{:.3g} s", seconds);
  const std::int64_t s = std::llround(seconds);
  if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
  const std::int64_t min = std::llround(seconds / 60.0);
  if (min < 24 * 60) return fmt::format("{} h {:02} min", min / 60, min % 60);
  const std::int64_t h = std::llround(seconds / 3600.0);
  return fmt::format("{} d {:02} h", h / 24, h % 24);
}

std::string si_text(double value, const std::string& unit) {
  struct Prefix {
    double factor;
    const char* letter;
  };
  static constexpr std::array<Prefix, 10> prefixes{{{1e18, "E"},
                                                    {1e15, "P"},
                                                    {1e12, "T"},
                                                    {1e9, "G"},
                                                    {1e6, "M"},
                                                    {1e3, "k"},
                                                    {1.0, ""},
                                                    {1e-3, "m"},
                                                    {1e-6, "\u00b5"},
                                                    {1e-9, "n"}}};
  const std::string gap = unit.empty() ? "" : " ";
  if (value == 0.0) return "0" + gap + unit;
  if (!std::isfinite(value)) return fmt::format("{}{}{}", value, gap, unit);
  const double size = std::fabs(value);
  for (const Prefix& p : prefixes) {
    const double scaled = size / p.factor;
    // 999.6 k would be printed as 1000 k: it belongs to the prefix above.
    if (scaled < 0.9995) continue;
    if (scaled >= 1e6) break;
    return fmt::format("{}{} {}{}", value < 0.0 ? "-" : "", three_figures(scaled), p.letter, unit);
  }
  return fmt::format("{:.3g}{}{}", value, gap, unit);
}

std::string bytes_text(std::int64_t bytes) {
  static constexpr std::array<const char*, 6> names{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = double(bytes) / 1024.0;
  std::size_t k = 0;
  while (value >= 1023.5 && k + 1 < names.size()) {
    value /= 1024.0;
    ++k;
  }
  return value >= 999.5 ? fmt::format("{:.0f} {}", value, names[k])
                        : fmt::format("{} {}", three_figures(value), names[k]);
}

std::string number_text(double value, int digits) {
  if (std::isnan(value)) return "not a number";
  if (std::isinf(value)) return value > 0.0 ? "\u221e" : "\u2212\u221e";
  // Up to seven figures before the point are read more easily than a power of ten.
  const double size = std::fabs(value);
  const std::string plain = size >= 1e5 && size < 1e7 && digits <= 7
                                ? fmt::format("{:.0f}", value)
                                : fmt::format("{:.{}g}", value == 0.0 ? 0.0 : value, digits);
  const std::size_t e = plain.find('e');
  std::string text = plain.substr(0, e);
  if (text[0] == '-') text.replace(0, 1, "\u2212");
  if (e != std::string::npos) text += "\u00b7" + power_of_ten_text(std::stoi(plain.substr(e + 1)));
  return text;
}

std::string power_of_ten_text(int exponent) {
  static constexpr std::array<const char*, 10> raised{"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                                      "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  std::string text = "10";
  for (const char c : std::to_string(exponent)) text += c == '-' ? "\u207b" : raised[std::size_t(c - '0')];
  return text;
}

std::string counted(std::int64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

ClockUnit clock_unit(double seconds) {
  for (const ClockUnit unit : {ClockUnit{"d", 86400.0}, ClockUnit{"h", 3600.0}})
    if (seconds >= 2.0 * unit.seconds) return unit;
  return {"s", 1.0};
}

std::string time_text(double seconds, std::int64_t step) {
  // Hours and days where they say it in few figures.
  ClockUnit unit = clock_unit(seconds);
  double value = seconds / unit.seconds;
  constexpr double few = 1e3;
  if (std::abs(value * few - std::round(value * few)) > 1e-9 * value * few) {
    unit = {"s", 1.0};
    value = seconds;
  }
  const std::string time = fmt::format("t = {} {}", number_text(value), unit.name);
  return step < 0 ? time : fmt::format("{}, step {}", time, step);
}

}  // namespace calor::app
