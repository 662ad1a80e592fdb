// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace calor::app {

/// What a launcher can be told and what it does with signals.
enum class LauncherKind {
  none,    ///< no launcher: calor itself
  mpirun,  ///< mpirun, mpiexec and their like, of Open MPI or MPICH: pass USR1 on to all ranks
  srun,    ///< Slurm's: passes USR1 on
  other,   ///< a script of the user's, say: nothing is known of it
};

/// A launcher's command line, and the hosts that it names or that a scheduler has given.
class LauncherWords {
 public:
  /// @param words      as after `--`: mpirun -n 4
  /// @param of_job     hosts of the scheduler's allocation, used where the words name none
  /// @param read_file  text of a host file, if it can be read
  LauncherWords(std::vector<std::string> words, const std::vector<std::string>& of_job,
                const std::function<std::optional<std::string>(const std::string& file)>& read_file);

  LauncherKind kind() const { return kind_; }
  /// Each once; empty where nothing is known of them.
  std::vector<std::string> hosts() const;
  /// Ranks asked for, if it is said.
  std::optional<int> ranks() const;
  /// The words that use none of `out`: as they were if it is empty. Ranks become fewer as slots do, one at
  /// least. A host file is replaced by a list.
  std::vector<std::string> without(const std::set<std::string>& out) const;

 private:
  struct Host {
    std::string name;
    int slots = 0;  // 0: not said
  };
  std::vector<std::string> words_;
  LauncherKind kind_ = LauncherKind::none;
  std::vector<Host> hosts_;
  std::size_t at_ = 0;     // word that names hosts; 0: none, the scheduler's
  std::size_t ranks_ = 0;  // word that is or holds the number of ranks; 0: none
  std::size_t nodes_ = 0;  // the same of nodes (srun)
};

/// Hosts that a launcher's message takes for lost, or a process there for dead.
std::vector<std::string> blamed(std::string_view line, const std::vector<std::string>& hosts);

}  // namespace calor::app
