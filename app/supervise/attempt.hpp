// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <sys/types.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/supervise/left_overs.hpp"

namespace calor::app {

/// One start of the launcher: a child in a process group of its own, without standard input, whose output
/// goes on to ours as it comes. It ends with us: by the kernel's word (PR_SET_PDEATHSIG), and by a guard, a
/// second child that does nothing but wait for our death and then ends the launcher's group and whatever
/// bears the attempt's token.
class Attempt {
 public:
  /// @param words  program and arguments     @param heard  each line of its output
  /// Error{usage} if the program cannot be started, Error{internal} if the system has no process to give.
  Attempt(const std::vector<std::string>& words, std::function<void(const std::string& line)> heard);
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt();  ///< all that it has started is ended

  /// Passes on what comes for about so long. The exit status (128 + signal), once the launcher has ended and
  /// all it said is passed on.
  std::optional<int> attend(int milliseconds);
  /// Sends a signal to the launcher alone, or to all processes of the attempt but the launcher that run
  /// `program`.
  void signal_launcher(int number) const;
  void signal_ranks(int number, const std::string& program) const;
  /// Whether processes of the attempt beside the launcher run `program` on this host.
  bool has_ranks(const std::string& program) const { return !ranks(program).empty(); }
  /// Remembers what the ranks use of the machine.
  void look() { left_.look(); }
  /// Ends the launcher's group, by TERM and after `patience` seconds by KILL, then all that is left of the
  /// attempt, and removes what that leaves behind. How many processes had to be killed beside the launcher.
  int end(double patience);

 private:
  struct Stream {
    int from = -1, to = -1;
    bool heard = true;  // whether somebody reads `to`
    std::string line;
  };
  void pass_on(Stream& stream, bool all);
  std::vector<pid_t> ranks(const std::string& program) const;
  void close_all();

  std::function<void(const std::string&)> heard_;
  LeftOvers left_;
  pid_t launcher_ = -1, guard_ = -1;
  int guard_pipe_ = -1;
  std::optional<int> status_;
  bool ended_ = false;
  Stream out_, err_;
};

/// The last lines of what a process said, each without its control characters and cut where it is too long.
class LastLines {
 public:
  explicit LastLines(std::size_t most) : most_{most} {}
  void add(const std::string& line);
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  std::size_t most_;
  std::deque<std::string> lines_;
};

}  // namespace calor::app
