// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/run_words.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/text/duration.hpp"

namespace calor {

CLI::Option* RunWords::declare_directory(CLI::App& app, RunOptions& options, const std::string& resume_help) {
  case_.declare(app, "CASE.toml [more.toml ...] [key=value ...]: later ones win");
  app.add_option("-o,--output", options.output, "directory for all results (out/<case>)");
  CLI::Option* const resume = app.add_flag("--resume", options.directory.resume, resume_help);
  resume->excludes(app.add_flag("--fresh", options.directory.fresh, "discard what is in the directory"));
  return resume;
}

void RunWords::declare_limits(CLI::App& app, RunOptions& options, const std::string& takeover_help) {
  app.add_option("--max-walltime", walltime_, "checkpoint and stop in time: 55m, 1h30m, 3600, 1:30:00");
  app.add_option("--watchdog", options.watchdog,
                 "seconds without a sign of life after which a hanging job is ended (60; 0: never)")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--takeover", options.directory.takeover, takeover_help);
  app.add_flag("--supervise", supervise_, "start the launcher given after -- and relaunch it after failures");
  app.add_flag("-q,--quiet", options.quiet, "print nothing but errors");
  app.add_flag("-v,--verbose", options.verbose, "print the resolved case too");
}

void RunWords::settle(RunOptions& options) {
  case_.split();
  options.files = case_.files;
  options.overrides = case_.overrides;
  if (supervise_)
    throw Error{
        Exit::usage,
        "--supervise: not in this version; start the launcher from a script and go on with --resume on exit "
        "75"};
  if (walltime_.empty()) return;
  options.max_walltime = parse_duration(walltime_);
  if (!options.max_walltime || *options.max_walltime <= 0.0)
    throw Error{Exit::usage, fmt::format("--max-walltime {}: write 55m, 1h30m, 3600 or 1:30:00", walltime_)};
}

}  // namespace calor
