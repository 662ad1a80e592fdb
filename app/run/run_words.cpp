// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/run_words.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/text/duration.hpp"

namespace calor::app {

CLI::Option* RunWords::declare_directory(CLI::App& app, RunOptions& options, const std::string& resume_help) {
  case_.declare(app, "CASE.toml [more.toml ...] [key=value ...]: later ones win");
  app.add_option("-o,--output", options.output, "directory for all results (out/<case>)")
      ->check([](const std::string& text) -> std::string { return text.empty() ? "is empty" : ""; });
  CLI::Option* const resume = app.add_flag("--resume", options.directory.resume, resume_help);
  resume->excludes(app.add_flag("--fresh", options.directory.fresh, "discard what is in the directory"));
  return resume;
}

void RunWords::declare_limits(CLI::App& app, RunOptions& options, const std::string& takeover_help) {
  app.add_option("--max-walltime", walltime_, "checkpoint and stop in time: 55m, 1h30m, 3600, 1:30:00")
      ->check([](const std::string& text) -> std::string { return text.empty() ? "is empty" : ""; });
  app.add_option("--watchdog", options.watchdog,
                 "seconds without a sign of life after which a hanging job is ended (60; 0: never)")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--takeover", options.directory.takeover, takeover_help);
  supervisor_.declare(app);
  app.add_flag("-q,--quiet", options.quiet, "print nothing but errors");
  app.add_flag("-v,--verbose", options.verbose, "print the resolved case too");
}

void RunWords::settle(RunOptions& options) {
  case_.split();
  options.files = case_.files;
  options.overrides = case_.overrides;
  if (walltime_.empty()) return;
  options.max_walltime = parse_duration(walltime_);
  if (!options.max_walltime || *options.max_walltime <= 0.0)
    throw Error{Exit::usage, fmt::format("--max-walltime {}: write 55m, 1h30m, 3600 or 1:30:00", walltime_)};
}

std::optional<LoneTask> RunWords::under_supervision(const RunOptions& options, bool sweep) const {
  if (!supervisor_.supervise) return {};
  for (const std::string& file : options.files)
    if (file == "-")
      throw Error{Exit::usage,
                  "--supervise: a case from standard input cannot be read a second time; give a file"};
  SupervisedWork work;
  work.directory = output_directory(options);
  work.resume = options.directory.resume;
  work.fresh = options.directory.fresh;
  work.restart = options.directory.restart;
  work.sweep = sweep;
  work.watchdog = options.watchdog;
  return [words = supervisor_, work] { return supervise(words, work); };
}

std::filesystem::path output_directory(const RunOptions& options) {
  if (!options.output.empty()) return options.output;
  return std::filesystem::path{"out"} / std::filesystem::path{options.files.front()}.stem();
}

}  // namespace calor::app
