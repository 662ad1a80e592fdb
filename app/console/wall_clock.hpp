// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>

namespace calor::app {

/// Wall-clock seconds since the program started, from a clock that never jumps.
double wall_seconds();
/// Seconds until the scheduler ends the job, as far as it told us; nothing outside of a job.
std::optional<double> seconds_left_in_job();

}  // namespace calor::app
