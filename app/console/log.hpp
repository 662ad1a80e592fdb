// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/console/progress.hpp"
#include "decomposition/mpi.hpp"
#include "io/file.hpp"

namespace calor::app {

/// What rank 0 says, on the terminal and in a file such as run.log.
class Log {
 public:
  Log(const mpi::Comm& comm, Progress& progress) : speaks_{comm.root()}, progress_{progress} {}
  /// From now on also to the file, and what was said before. Error{io_error}. Not collective.
  void open(const std::filesystem::path& file);
  void line(const std::string& text);

 private:
  void append(const std::string& text);
  bool speaks_, failed_ = false;
  Progress& progress_;
  std::optional<io::AppendFile> file_;
  std::vector<std::string> before_;  // said before there was a file
};

/// Ranks x threads x cores of each rank's mask and what they work on; a second line if threads share cores.
/// Collective.
void log_layout(const mpi::Comm& comm, const std::string& work, Log& log);

}  // namespace calor::app
