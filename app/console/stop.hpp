// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
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

}  // namespace calor
