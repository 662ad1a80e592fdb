// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/case/case_io.hpp"
#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "solver/run/columns.hpp"

namespace calor::app::commands {

namespace {

/// The columns of the tables that a run leaves.
std::string columns_text(bool markdown) {
  std::string text =
      markdown ? "\n## Columns of a run's tables\n\n| table | column | unit | what |\n|---|---|---|---|\n"
               : "\nColumns of a run's tables\n";
  for (const ColumnHelp& c : all_columns()) {
    const std::string unit = c.unit.empty() ? "K or degC" : std::string{c.unit};
    text += markdown ? fmt::format("| {} | `{}` | {} | {} |\n", c.file, c.name, unit, c.help)
                     : fmt::format("  {:<12}  {:<12}  {:<9}  {}\n", c.file, c.name, unit, c.help);
  }
  return text;
}

std::function<Task()> declare(CLI::App& app) {
  struct Form {
    bool markdown = false, json = false;
  };
  const auto form = std::make_shared<Form>();
  auto* const markdown = app.add_flag("--markdown", form->markdown, "as tables for a page");
  app.add_flag("--json-schema", form->json, "as a JSON Schema, for editors and validators")
      ->excludes(markdown);
  return [form]() -> Task {
    return [form] {
      answer(form->json ? schema_json() : schema_text(form->markdown) + columns_text(form->markdown));
      return Exit::done;
    };
  };
}

}  // namespace

extern constinit const Command schema{"schema", "every key of a case: type, unit, default, range, help",
                                      declare};

}  // namespace calor::app::commands
