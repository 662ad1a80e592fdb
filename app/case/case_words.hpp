// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <vector>

#include "app/console/command.hpp"

namespace calor::app {

/// The words CASE.toml [more.toml ...] [key=value ...] of a command.
struct CaseWords {
  std::vector<std::string> words;      ///< as typed
  std::vector<std::string> files;      ///< later ones win
  std::vector<std::string> overrides;  ///< key=value

  void declare(CLI::App& app, const std::string& help);
  /// What has a = and is no file is an override. Error{usage} if there is no file.
  void split();
};

}  // namespace calor::app
