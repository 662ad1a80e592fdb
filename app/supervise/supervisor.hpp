// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "decomposition/error.hpp"

namespace CLI {
class App;
}

namespace calor::app {

/// What a user says about supervision, on the command line of `run` and `sweep`.
struct SupervisorWords {
  bool supervise = false;
  int max_restarts = 3;  ///< starts in a row that gain nothing, after which it gives up
  int requeues = -1;     ///< in a Slurm job: how often at most to queue it again on 75; -1: never
  std::string grace;     ///< as typed

  void declare(CLI::App& app);
};

/// The work, as the supervisor starts it.
struct SupervisedWork {
  std::filesystem::path directory;  ///< where its results go
  bool resume = false, fresh = false, sweep = false;
  std::filesystem::path restart;  ///< a checkpoint to go on from; empty: none
  double watchdog = 60.0;         ///< s, of the ranks; 0: none
};

/// How many of these words are calor's own: all, or under --supervise those before `--`, after which the
/// launcher's stand.
int own_words(int argc, char** argv);

/// Starts the launcher as a child and starts it again, on what is left, until the work is finished, asked to
/// stop, or beyond help. What was typed is taken from /proc. The first start is as typed; later ones go on
/// from the newest whole checkpoint.
///   - Signals that ask to stop become USR1 to the launcher, which passes it on to the ranks; after the grace
///     TERM, then KILL.
///   - status.json decides: finished, stopped, failed with what no restart cures, or dead; the exit status
///     only where the work has not come as far as writing one.
///   - Without progress, a newer checkpoint or one more case, it waits 1, 2, 4 ... 60 s before the next
///   start;
///     after progress not at all.
///   - Two crashes in a row after the same checkpoint: the next start goes on from the one before it
///   (--older).
///   - A host that the launcher's messages blamed twice is left out, with its share of the ranks.
///   - A heartbeat in status.json that does not change for ten times the watchdog's limit (thirty before the
///     first one) ends the attempt: what the ranks' own watchdogs cannot see.
/// Without MPI; the main thread only. What is started ends with it, even if it is killed.
/// Exit::done, Exit::stopped, or throws what the work failed with.
Exit supervise(const SupervisorWords& words, const SupervisedWork& work);

/// Removes attempts.log from a directory of results, if it is what a supervisor has written there.
void remove_attempts_log(const std::filesystem::path& directory);

}  // namespace calor::app
