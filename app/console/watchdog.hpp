// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <atomic>
#include <string_view>
#include <thread>

namespace calor::app {

/// Ends a rank that waits for ever: after a collective that one rank has left, on a dead network, in a file
/// system that does not answer. A thread counts its own half-second ticks since the last sign of life (an
/// exchange or a reduction that came back); ticks, not the clock, so that a job that was suspended as a whole
/// is not taken for a hang.
class Watchdog {
 public:
  /// @param limit  seconds without a sign of life, at least; 0: no watchdog. It grows to 20 times the longest
  /// silence seen.
  Watchdog(int rank, double limit);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();

  /// What is being done, for the message; by the main thread. While files are written ("files", "last files")
  /// a rank may be silent for longer than the limit, by ten times what the slowest of this run's files took,
  /// and by what they take at 5 MB/s, a disk that many share at its worst. A small run on a file system that
  /// does not answer thus ends after the limit, not after ten times it.
  /// @param phase  a literal
  void phase(const char* phase);
  /// Bytes that the largest of the files to come moves, all ranks together.
  void expect_file(double bytes) { file_bytes_.store(bytes, std::memory_order_relaxed); }
  void step(long long step) { step_.store(step, std::memory_order_relaxed); }

 private:
  void watch();
  double patience(std::string_view phase) const;
  int rank_;
  double limit_;
  std::atomic<const char*> phase_{"setup"};
  std::atomic<long long> step_{0};
  std::atomic<double> file_bytes_{0.0}, slowest_file_{0.0};  // s
  double phase_began_ = 0.0;                                 // main thread only
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace calor::app
