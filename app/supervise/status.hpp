// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace calor::app {

/// What status.json of a run or a sweep says.
struct WorkStatus {
  enum class State { none, running, finished, stopped, failed };
  State state = State::none;  ///< none: no such file, or not of calor
  std::string owner;          ///< token of the processes that wrote it: another one with every start
  std::string reason;
  std::int64_t step = 0;         ///< of a run, about: when status.json was written
  std::int64_t generation = -1;  ///< of a run: step of the newest checkpoint; of a sweep: cases that are over
  std::int64_t heartbeat = 0;    ///< s since 1970, by the clock of its host: only whether it changes matters
  bool sweep = false;
  std::int64_t waiting = 0;  ///< of a sweep: cases that nobody has taken
};

/// Never throws.
WorkStatus read_status(const std::filesystem::path& directory) noexcept;
/// Step of the newest checkpoint in the directory of a run, whole or not, which may be newer than what
/// status.json says; -1: none. Never throws.
std::int64_t newest_generation(const std::filesystem::path& directory) noexcept;
/// Checkpoints that the cases of a sweep have at hand, summed up: grows as they do. Never throws.
std::int64_t generations_of_cases(const std::filesystem::path& directory) noexcept;
/// Token of the lock that the owner of a run's directory holds; empty if there is none. Never throws.
std::string lock_owner(const std::filesystem::path& directory) noexcept;

}  // namespace calor::app
