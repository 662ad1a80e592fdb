// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/case/case_io.hpp"
#include "app/console/command.hpp"

namespace calor::commands {

namespace {

std::function<Task()> declare(CLI::App& app) {
  const auto markdown = std::make_shared<bool>(false);
  app.add_flag("--markdown", *markdown, "as tables for a page");
  return [markdown]() -> Task {
    return [markdown] {
      fmt::print("{}", schema_text(*markdown));
      return Exit::done;
    };
  };
}

}  // namespace

extern const Command schema{"schema", "every key of a case: type, unit, default, range, help", declare};

}  // namespace calor::commands
