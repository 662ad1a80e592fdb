// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/case_words.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>

namespace calor::app {

void CaseWords::declare(CLI::App& app, const std::string& help) {
  app.add_option("case", words, help)->required();
}

void CaseWords::split() {
  for (const std::string& w : words)
    (w.find('=') == std::string::npos || std::filesystem::is_regular_file(w) ? files : overrides)
        .push_back(w);
  if (files.empty()) throw Error{Exit::usage, "CASE.toml: no case file given"};
}

}  // namespace calor::app
