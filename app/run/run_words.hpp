// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>

#include "app/case/case_words.hpp"
#include "app/run/command.hpp"

namespace calor {

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

 private:
  CaseWords case_;
  std::string walltime_;
  bool supervise_ = false;
};

}  // namespace calor
