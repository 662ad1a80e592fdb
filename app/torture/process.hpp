// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/supervise/left_overs.hpp"

namespace calor::app::torture {

/// What to start, and how.
struct Start {
  std::vector<std::string> words{};                ///< the program, found in PATH, and its arguments
  std::vector<std::string> settings{};             ///< NAME=VALUE, added to this process's environment
  std::filesystem::path directory{};               ///< to start in
  std::filesystem::path said{};                    ///< file that gets stdout and stderr, added at its end
  std::optional<std::uint64_t> most_file_bytes{};  ///< RLIMIT_FSIZE
  bool launches = false;                           ///< the program only starts others, and waits for them
};

struct Ended {
  int code = 0;  ///< as a shell tells it: 128 + signal where one ended it
  bool hung = false;
  double seconds = 0.0;
  /// The launcher did not end, but all that it had started has: no fault of those. (Open MPI's may lock
  /// itself up in PMIx_server_finalize where a rank dies before it has reported to it.)
  bool launcher_hung = false;
};

/// A program and all that comes of it, in a process group of its own; each carries a mark in its environment,
/// by which they are found wherever they went. What is left of them is ended with this object, and the shared
/// memory removed that they have left, as far as it was seen.
class Process {
 public:
  explicit Process(const Start& start);  ///< Error{internal} if it cannot be started
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t id() const { return id_; }
  bool ended();  ///< true once it has
  /// Waits for the program itself; after `limit` seconds all are killed: hung. What they wait for a processor
  /// that others use does not count, up to ten times the limit.
  Ended wait(double limit);
  /// Living processes with the mark that run `program`, in the order of their starts; not the program itself
  /// unless that is what was started.
  std::vector<pid_t> running(const std::filesystem::path& program);
  /// Waits up to `limit` seconds, counted as in wait(), until none with the mark is left; how many there
  /// still are.
  int left_after(double limit);
  void kill_all() const;

 private:
  class Patience;
  double waited_for_processor();

  std::string mark_;
  bool launches_;
  LeftOvers left_;
  pid_t id_ = -1;
  double begun_ = 0.0;
  std::optional<Ended> end_;
  std::map<pid_t, double> waits_;  // for a processor, since each began [s]
};

/// Seconds of a steady clock.
double now();
void sleep_for(double seconds);

}  // namespace calor::app::torture
