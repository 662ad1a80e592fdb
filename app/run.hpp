// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/run_directory.hpp"
#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor {

struct RunOptions {
  std::vector<std::string> files;      ///< case files; later ones win
  std::vector<std::string> overrides;  ///< key=value
  std::string output;                  ///< empty: out/<name of the first file>
  DirectoryWish directory;
  std::optional<double> max_walltime;  ///< s since the start of the program
  double watchdog = 60.0;              ///< s without a sign of life after which a rank ends the job; 0: never
  bool quiet = false, verbose = false;
};

/// `calor run`: one simulation, from the case file to the summary. Collective. Returns Exit::done or
/// Exit::stopped; anything else is thrown.
Exit run(const mpi::Comm& world, const RunOptions& options);

}  // namespace calor
