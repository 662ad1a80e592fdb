// SPDX-License-Identifier: BSD-3-Clause
#include "app/shell/options.hpp"

#include <CLI/CLI.hpp>

namespace calor::app {

CommandWords words_of(const CLI::App& app) {
  CommandWords all{app.get_name(), app.get_description(), {}, {}, {}};
  for (const CLI::Option* o : app.get_options()) {
    if (!o->nonpositional()) {
      const bool many = o->get_expected_max() > 1;
      const std::string name = o->get_single_name() + (many ? " ..." : "");
      all.operands += (all.operands.empty() ? "" : " ") + (o->get_required() ? name : "[" + name + "]");
      continue;
    }
    OptionWords words{
        {}, o->get_description(), o->get_expected_max() > 0 && o->get_type_size() > 0 ? "VALUE" : ""};
    for (const std::string& name : o->get_snames()) words.names.push_back("-" + name);
    for (const std::string& name : o->get_lnames()) words.names.push_back("--" + name);
    all.options.push_back(std::move(words));
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    all.commands.push_back(words_of(*command));
  return all;
}

const CLI::App& root_of(const CLI::App& app) {
  const CLI::App* at = &app;
  while (at->get_parent() != nullptr) at = at->get_parent();
  return *at;
}

std::string footer_of(const CLI::App& root) { return root.get_footer(); }

}  // namespace calor::app
