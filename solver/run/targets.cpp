// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/targets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "decomposition/error.hpp"

namespace calor {

std::vector<double> output_times(const TimeSpec& time, double end) {
  std::vector<double> times;
  // A cadence whose last time falls on the end but for rounding stops short of it.
  constexpr double most = 1e6;
  if (time.every && end / *time.every > most)
    throw Error{Exit::bad_case, fmt::format("output.every = {:.6g}: {:.3g} snapshots until {:.6g} s are more "
                                            "than {:.0g} files; write less often",
                                            *time.every, end / *time.every, end, most)};
  if (time.every)
    for (std::int64_t n = 1; static_cast<double>(n) * *time.every < end * (1.0 - 1e-9); ++n)
      times.push_back(static_cast<double>(n) * *time.every);
  for (const double t : time.at)
    if (t > 0.0 && t < end) times.push_back(t);
  times.push_back(end);
  return times;
}

Targets make_targets(const std::vector<double>& outputs, const std::vector<double>& breaks,
                     const std::vector<LoadEvent>& events, double apart) {
  const double end = outputs.back();
  Targets made;
  std::vector<Target>& all = made.all;
  for (const double t : outputs) all.push_back({.time = t});
  for (const double t : breaks)
    if (t > 0.0 && t < end) all.push_back({.time = t, .output = false, .fresh = true});
  for (const LoadEvent& e : events) {
    if (!e.jump()) continue;
    if (e.after <= 1e-12 * end)
      made.begin = std::max(made.begin, e.after);
    else if (e.before < end)
      all.push_back({.time = e.after, .output = false, .fresh = true, .before = e.before, .after = e.after});
  }
  const auto earlier = [](const Target& a, const Target& b) { return a.time < b.time; };
  std::stable_sort(all.begin(), all.end(), earlier);
  // What differs by rounding is one target, at the time that somebody gave.
  std::vector<Target> merged;
  for (const Target& t : all) {
    if (merged.empty() || t.time - merged.back().time > 1e-12 * end) {
      merged.push_back(t);
      continue;
    }
    Target& last = merged.back();
    last = {.time = last.output ? last.time
                    : t.output  ? t.time
                                : last.time,
            .output = last.output || t.output,
            .fresh = last.fresh || t.fresh,
            .before = std::min(last.before, t.before),
            .after = std::max(last.after, t.after)};
  }
  all = std::move(merged);
  std::vector<Target> corners;
  std::size_t next = 0;
  double last = 0.0;
  for (const LoadEvent& e : events) {
    if (e.jump()) continue;
    for (; next < all.size() && all[next].time <= e.after; ++next) last = std::max(last, all[next].time);
    const double slack = std::max(1e-7 * end, apart * (1.0 - 1e-9));
    if (next == all.size() || e.after - last < slack || all[next].time - e.after < 1e-7 * end) continue;
    corners.push_back({.time = e.after, .output = false});
    last = e.after;
  }
  const auto middle = static_cast<std::ptrdiff_t>(all.size());
  all.insert(all.end(), corners.begin(), corners.end());
  std::inplace_merge(all.begin(), all.begin() + middle, all.end(), earlier);
  return made;
}

}  // namespace calor
