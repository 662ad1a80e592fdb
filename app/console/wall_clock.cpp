// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/wall_clock.hpp"

#include <chrono>
#include <cstdlib>

#include "app/text/duration.hpp"

namespace calor::app {

namespace {
const auto program_start = std::chrono::steady_clock::now();

}  // namespace

std::optional<double> seconds_left_in_job() {
  const char* const end = std::getenv("SLURM_JOB_END_TIME");  // seconds since 1970
  if (end == nullptr) return {};
  const auto at = parse_duration(end);
  if (!at) return {};
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return *at - now;
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - program_start).count();
}

}  // namespace calor::app
