// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace calor::torture {

/// What to start, and how.
struct Start {
  std::vector<std::string> words{};                ///< the program, found in PATH, and its arguments
  std::vector<std::string> settings{};             ///< NAME=VALUE, added to this process's environment
  std::filesystem::path directory{};               ///< to start in
  std::filesystem::path said{};                    ///< file that gets stdout and stderr, added at its end
  std::optional<std::uint64_t> most_file_bytes{};  ///< RLIMIT_FSIZE
};

struct Ended {
  int code = 0;  ///< as a shell tells it: 128 + signal where one ended it
  bool hung = false;
  double seconds = 0.0;
};

/// A program and all that comes of it, in a process group of its own; each carries a mark in its environment,
/// by which they are found wherever they went. What is left of them is ended with this object.
class Process {
 public:
  explicit Process(const Start& start);  ///< Error{internal} if it cannot be started
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t id() const { return id_; }
  bool ended();  ///< true once it has
  /// Waits for the program itself; after `limit` seconds all are killed: hung.
  Ended wait(double limit);
  /// Living processes with the mark that run `program`, in the order of their starts; not the program itself
  /// unless that is what was started.
  std::vector<pid_t> running(const std::filesystem::path& program) const;
  /// Waits up to `limit` seconds until none with the mark is left; how many there still are.
  int left_after(double limit) const;
  void kill_all() const;

 private:
  std::vector<pid_t> marked() const;

  std::string mark_;
  pid_t id_ = -1;
  double begun_ = 0.0;
  std::optional<Ended> end_;
};

/// Seconds of a steady clock.
double now();
void sleep_for(double seconds);

}  // namespace calor::torture
