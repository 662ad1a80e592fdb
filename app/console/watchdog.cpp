// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/watchdog.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string_view>

#include "app/console/stop.hpp"
#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor {

Watchdog::Watchdog(int rank, double limit) : rank_{rank}, limit_{limit} {
  if (limit_ <= 0.0) return;
  thread_ = thread_without_signals([this] { watch(); });
}

Watchdog::~Watchdog() {
  done_ = true;
  if (thread_.joinable()) thread_.join();
}

void Watchdog::watch() {
  constexpr double tick = 0.5;  // s
  constexpr int naps = 10;      // a tick in pieces, so that the end of the program need not wait for it
  std::uint64_t last = mpi::signs_of_life();
  double silence = 0.0, longest = 0.0;
  while (!done_) {
    for (int n = 0; n < naps && !done_; ++n)
      std::this_thread::sleep_for(std::chrono::duration<double>{tick / naps});
    const std::uint64_t now = mpi::signs_of_life();
    if (now != last) {
      longest = std::max(longest, silence);
      silence = 0.0;
      last = now;
      continue;
    }
    silence += tick;
    // Files may take their time: a slow file system is not a hang.
    const double patience = std::string_view{phase_.load()} == "stepping" ? 1.0 : 10.0;
    if (silence < std::max(patience * limit_, 20.0 * longest)) continue;
    fmt::print(stderr,
               "calor: watchdog: rank {} has waited {:.0f} s in phase \"{}\" at step {}: another rank is "
               "stopped or lost, or the file system "
               "does not answer; ending the job, go on with --resume\n",
               rank_, silence, phase_.load(), step_.load());
    std::fflush(stderr);
    _exit(static_cast<int>(Exit::internal));
  }
}

}  // namespace calor
