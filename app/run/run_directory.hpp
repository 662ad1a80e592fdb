// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "decomposition/mpi.hpp"

namespace calor {

/// What the user said about a directory that may hold a run already.
struct DirectoryWish {
  bool resume = false, fresh = false, takeover = false;
  std::filesystem::path restart;  ///< a checkpoint to go on from; may lie in the directory itself
};

/// The output directory of one run, made if missing and held by a lock until the end: a second live run is
/// refused. The lock names host, process, boot and a token. One whose process is known to be gone is taken
/// over silently, one of another host only with `takeover`.
class RunDirectory {
 public:
  /// Collective. Error{cannot_create} on all ranks if it cannot be made, is in use, or holds a run that the
  /// wish does not cover. With `fresh`, removes what a run had left there.
  /// @param inputs  files that are read: none of them is replaced
  RunDirectory(const mpi::Comm& comm, std::filesystem::path path, const DirectoryWish& wish,
               const std::vector<std::string>& inputs);
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;
  ~RunDirectory();  ///< gives the lock back

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path snapshots() const { return path_ / "snapshots"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  const std::string& token() const { return token_; }
  /// Rank 0: throws Error{cannot_create} if somebody took the directory over; asked right before a file is
  /// committed.
  void check_still_ours() const;

 private:
  std::filesystem::path path_;
  std::string token_;
  bool locked_ = false;  // rank 0 only
};

/// Removes what a run has written; what is not calor's stays.
void remove_run(const std::filesystem::path& directory);
/// True if a run has written there.
bool holds_run(const std::filesystem::path& directory);

}  // namespace calor
