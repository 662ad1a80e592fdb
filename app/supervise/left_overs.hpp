// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <sys/types.h>

#include <set>
#include <string>
#include <vector>

namespace calor::app {

/// Processes of this user on this host that bear a token in their environment, and what they use of shared
/// memory. A launcher's ranks inherit the token, so these are what one attempt has started, however deep, and
/// nothing else is ever ended or removed.
class LeftOvers {
 public:
  /// @param token  VARIABLE=random word, as in an environment
  explicit LeftOvers(std::string token) : token_{std::move(token)} {}

  /// Those alive now; zombies are not. Never throws.
  std::vector<pid_t> processes() const noexcept;
  /// Remembers which segments of /dev/shm they have mapped, and where their launcher keeps its session, for
  /// the time when they can no longer be asked. Never throws.
  void look() noexcept;
  /// Ends those that are alive by SIGKILL, and waits for them for a few seconds. How many there were.
  int end() noexcept;
  /// Removes the segments that were seen, are this user's, and are mapped by nobody now; and the session
  /// directory that Open MPI's launcher `launcher` had. How many files. To be called after end(), and again
  /// while any() are left: a process that has been killed may still be on its way out.
  int remove(pid_t launcher) noexcept;
  /// Whether segments were seen that are in use.
  bool any() const noexcept { return !segments_.empty(); }

 private:
  std::string token_;
  std::set<std::string> segments_, sessions_;
};

}  // namespace calor::app
