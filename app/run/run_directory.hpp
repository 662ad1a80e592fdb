// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "decomposition/mpi.hpp"

namespace calor::app {

/// What the user said about a directory that may hold a run already.
struct DirectoryWish {
  bool resume = false, fresh = false, takeover = false;
  bool older = false;             ///< resume: not from the newest checkpoint, if the one before it is whole
  std::filesystem::path restart;  ///< a checkpoint to go on from; may lie in the directory itself
};

/// The output directory of one run, made if missing and held by a lock until the end: a second live run is
/// refused. The lock names host, process, boot and a token. One whose process is known to be gone is taken
/// over silently, one of another host only with `takeover`.
///
/// That a directory is calor's is said by its status.json, which is written right after the lock and before
/// anything else; from then on the names that calor gives are calor's there, whatever of them exists. Without
/// it each of these names is somebody else's, and the directory is refused. Nothing that is not a regular
/// file, or not a directory where one should be, is ever followed, replaced or removed.
class RunDirectory {
 public:
  /// Collective. Error{cannot_create} on all ranks if it cannot be made, is in use, holds a run that the wish
  /// does not cover, or files of others under names that a run gives. With `fresh`, removes what a run had
  /// left there.
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
  /// What status.json says of the owner, and the state.
  nlohmann::json status(const std::string& state, const std::string& reason) const;

 private:
  void prepare(const DirectoryWish& wish, const std::vector<std::string>& inputs);
  void settle(const DirectoryWish& wish);
  void take_lock(const DirectoryWish& wish);
  void give_lock_back() noexcept;
  std::filesystem::path lock() const { return path_ / "lock"; }

  std::filesystem::path path_;
  std::string token_;
  int ranks_ = 1;
  bool locked_ = false, took_over_ = false;  // rank 0 only
};

/// Names in a directory for which `is_name` holds; none if it is not there, or not a directory by itself.
std::vector<std::string> names_in(const std::filesystem::path& directory,
                                  bool (*is_name)(const std::string&));

/// "suspect_000000120.nc": a field that is no number somewhere, kept for a look.
std::string suspect_name(std::int64_t step);

/// Whose a directory is, as far as its marks tell.
enum class RunMark {
  none,   ///< no run has ever owned it
  begun,  ///< a run has, which ended before it had anything to lose
  run,    ///< holds a run
};
RunMark run_mark(const std::filesystem::path& directory);

/// Removes what a run has written, its mark last of all or not at all; what is not calor's stays.
/// @param before_each  throws Error where nothing may be removed any more
void remove_run(const std::filesystem::path& directory, bool keep_mark,
                const std::function<void()>& before_each = {});

}  // namespace calor::app
