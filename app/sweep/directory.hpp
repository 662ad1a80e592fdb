// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "app/run/process_id.hpp"
#include "app/run/run_directory.hpp"
#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

/// The directory of a sweep. Unlike that of a run it may be used by several jobs at once; each says that it
/// is alive by a lease, a file that it touches every few seconds, so that the others know whose cases they
/// may take over.
class SweepDirectory {
 public:
  /// Collective. Error{cannot_create} on all ranks if it cannot be made, or holds a sweep or a run that the
  /// wish does not cover, or files of others under names that a sweep gives: only where a journal says so is
  /// what stands there a sweep's. With `fresh`, removes what a sweep had left there, unless a live job uses
  /// it.
  /// @param inputs  files that are read: none of them is discarded
  SweepDirectory(const mpi::Comm& comm, std::filesystem::path path, const DirectoryWish& wish,
                 const std::vector<std::string>& inputs);
  SweepDirectory(const SweepDirectory&) = delete;
  SweepDirectory& operator=(const SweepDirectory&) = delete;
  ~SweepDirectory();  ///< gives the lease back

  const std::filesystem::path& path() const { return path_; }
  const std::string& job() const { return job_; }  ///< token of this job
  std::filesystem::path journal() const { return path_ / "journal"; }
  std::filesystem::path of_case(std::int64_t number) const;
  std::filesystem::path fields() const { return path_ / "fields"; }

  enum class Life { alive, dead, unknown };
  /// Of another job. On this host it is known at once; elsewhere a lease that was not touched for a minute
  /// means death, and whether a younger one is touched again must be waited for. Rank 0 only.
  Life life(const std::string& job, const ProcessId& process) const;
  /// When a job has touched its lease last.
  std::filesystem::file_time_type last_beat(const std::string& job) const;
  /// Removes the leases of dead jobs, and tells how many others there are. Rank 0 only.
  int remove_dead() const;
  /// Removes the lease of a dead job. Rank 0 only.
  void remove_lease(const std::string& job) const;
  /// Whether another job has removed this one's lease. Rank 0 only.
  bool buried() const;
  Error taken_for_dead() const;  ///< cannot_create, to be thrown where that stops this job

 private:
  std::filesystem::path lease(const std::string& job) const { return path_ / "leases" / (job + ".json"); }
  void prepare(const DirectoryWish& wish, const std::vector<std::string>& inputs);
  void make_lease();
  void beat();

  std::filesystem::path path_;
  std::string job_;
  std::vector<std::string> robbed_;  // jobs said to be dead
  bool ours_ = false;                // rank 0 only
  std::atomic<bool> end_{false};
  std::thread heart_;
};

}  // namespace calor::app
