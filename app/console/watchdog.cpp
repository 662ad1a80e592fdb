// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/watchdog.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "app/console/product.hpp"
#include "app/console/stop.hpp"
#include "app/console/wall_clock.hpp"
#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

Watchdog::Watchdog(int rank, double limit) : rank_{rank}, limit_{limit} {
  if (limit_ <= 0.0) return;
  thread_ = thread_without_signals([this] { watch(); });
}

Watchdog::~Watchdog() {
  done_ = true;
  if (thread_.joinable()) thread_.join();
}

namespace {
bool of_files(std::string_view phase) { return phase == "files" || phase == "last files"; }
}  // namespace

void Watchdog::phase(const char* phase) {
  const double now = wall_seconds();
  if (of_files(phase_.load(std::memory_order_relaxed)))
    slowest_file_.store(std::max(slowest_file_.load(std::memory_order_relaxed), now - phase_began_),
                        std::memory_order_relaxed);
  phase_began_ = now;
  phase_.store(phase, std::memory_order_relaxed);
}

/// Seconds of silence that mean a hang.
double Watchdog::patience(std::string_view phase) const {
  constexpr double times_slower = 10.0, worst_rate = 5e6;  // bytes/s
  constexpr double times_setup = 10.0;                     // of sizes that nobody has measured yet
  if (phase == "stepping") return limit_;
  if (!of_files(phase)) return times_setup * limit_;
  return limit_ + std::max(times_slower * slowest_file_.load(), file_bytes_.load() / worst_rate);
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
    if (silence < std::max(patience(phase_.load()), 20.0 * longest)) continue;
    complain(fmt::format(
        "calor: watchdog: rank {} has waited {:.0f} s in phase \"{}\" at step {}: another rank is "
        "stopped or lost, or the file system "
        "does not answer; ending the job, go on with --resume\n",
        rank_, silence, phase_.load(), step_.load()));
    _exit(static_cast<int>(Exit::internal));
  }
}

}  // namespace calor::app
