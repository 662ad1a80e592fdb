// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "app/console/log.hpp"
#include "app/console/progress.hpp"
#include "app/console/watchdog.hpp"
#include "app/run/run_directory.hpp"
#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"
#include "solver/run/simulation.hpp"

namespace calor::app {

struct RunOptions {
  std::vector<std::string> files;      ///< case files; later ones win
  std::vector<std::string> overrides;  ///< key=value
  std::string output;                  ///< empty: out/<name of the first file>
  DirectoryWish directory;
  std::optional<double> max_walltime;  ///< s since the start of the program
  double watchdog = 60.0;              ///< s without a sign of life after which a rank ends the job; 0: never
  bool quiet = false, verbose = false;
};

/// What a run speaks through and is watched by.
struct RunContext {
  Progress& progress;
  Log& log;
  Watchdog& watchdog;
  double wall_limit;  ///< s, see wall_limit()
  /// Rank 0: some other reason to stop early, or empty.
  std::function<std::string(const Simulation&)> stop;
  SetupCache* cache = nullptr;                ///< of earlier cases on the same ranks, or null
  std::function<void(Simulation&)> finished;  ///< all ranks: at the end of a run that was not stopped
};
struct CaseRun {
  Exit exit = Exit::done;  ///< done or stopped
  nlohmann::json summary;  ///< as in summary.json
  bool computed = true;    ///< false: it was finished before
};
/// One simulation in a directory of its own. Collective. Anything but done and stopped is thrown.
/// @param inputs  files that are read: none of them is replaced
/// @param begun   when the work on this case began, on the clock of wall_seconds()
CaseRun run_case(const mpi::Comm& comm, const Case& c, const std::filesystem::path& where,
                 const DirectoryWish& wish, const std::vector<std::string>& inputs, const RunContext& context,
                 double begun);

/// `calor run`: one simulation, from the case file to the summary. Collective. Returns Exit::done or
/// Exit::stopped; anything else is thrown.
Exit run(const mpi::Comm& world, const RunOptions& options);

}  // namespace calor::app
