// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>

#include "app/case/case_words.hpp"
#include "app/console/command.hpp"
#include "app/run/command.hpp"
#include "app/supervise/supervisor.hpp"

namespace calor::app {

/// What `run` and `sweep` have in common on their command lines, as it is typed.
class RunWords {
 public:
  /// The case, where its results go, and what happens to what is there; gives back --resume, with which other
  /// options do not go.
  CLI::Option* declare_directory(CLI::App& app, RunOptions& options, const std::string& resume_help);
  /// When to stop, how much to say.
  void declare_limits(CLI::App& app, RunOptions& options, const std::string& takeover_help);
  /// After the words are read: what is left to understand. Error{usage}.
  void settle(RunOptions& options);
  /// The work in the hands of a supervisor, if that is wished. After settle().
  std::optional<LoneTask> under_supervision(const RunOptions& options, bool sweep) const;

 private:
  CaseWords case_;
  std::string walltime_;
  SupervisorWords supervisor_;
};

/// Where the results of these options go.
std::filesystem::path output_directory(const RunOptions& options);

}  // namespace calor::app
