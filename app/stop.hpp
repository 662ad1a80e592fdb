// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace calor {

/// Signals that ask the run to stop: TERM, INT, USR1, USR2. The handler sets a flag and nothing else; the
/// third signal ends the process at once.
void catch_stop_signals();
/// Name of the signal that came, or empty. Any rank may have got it; the caller agrees.
std::string stop_signal();
/// A thread that no signal is delivered to: they are for the main thread, whose system calls they interrupt.
std::thread thread_without_signals(std::function<void()> work);

/// "55m", "1h30m", "90" (seconds), "2:30:00" (Slurm's form) -> seconds; nothing if it is none of these.
std::optional<double> parse_duration(const std::string& text);
/// Seconds until the scheduler ends the job, as far as it told us; nothing outside of a job.
std::optional<double> seconds_left_in_job();

/// Wall-clock seconds since the program started, from a clock that never jumps.
double wall_seconds();

}  // namespace calor
