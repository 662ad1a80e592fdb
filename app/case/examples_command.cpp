// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/case/case_io.hpp"
#include "app/case/shipped_cases.hpp"
#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/text/suggest.hpp"

namespace calor::app::commands {

namespace {

struct Words {
  std::string name;
  bool json = false;
};

/// The cases by name with their titles, or the text of one, or of a table that one names.
Exit show(const Words& words) {
  const auto& cases = shipped_cases();
  if (!words.name.empty()) {
    if (const auto table = shipped_tables().find(words.name); table != shipped_tables().end()) {
      answer(table->second);
      return Exit::done;
    }
    const auto found = cases.find(words.name);
    if (found == cases.end())
      throw Error{Exit::usage, fmt::format("examples {}: no such case{}; `calor examples` names them",
                                           words.name, did_you_mean(words.name, shipped_names()))};
    if (!words.json) {
      answer(found->second);
      return Exit::done;
    }
    const Case c = parse_case({{words.name + ".toml", found->second}});
    const nlohmann::ordered_json one{
        {"name", words.name}, {"title", c.title}, {"sweep", c.has_plan}, {"text", found->second}};
    answer(one.dump(2) + "\n");
    return Exit::done;
  }
  std::size_t widest = 0;
  for (const auto& [name, text] : cases) widest = std::max(widest, name.size());
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  std::string list;
  for (const auto& [name, text] : cases) {
    const Case c = parse_case({{name + ".toml", text}});
    if (words.json)
      all.push_back({{"name", name}, {"title", c.title}, {"sweep", c.has_plan}});
    else
      list += fmt::format("{:<{}}  {}{}\n", name, widest, c.title, c.has_plan ? " (a sweep)" : "");
  }
  list += "\n`calor run NAME` (or sweep) computes one, `calor examples NAME > my.toml` gives its text.\n";
  answer(words.json ? all.dump(2) + "\n" : list);
  return Exit::done;
}

std::function<Task()> declare(CLI::App& app) {
  const auto w = std::make_shared<Words>();
  app.add_option("name", w->name, "the case whose text is wanted, or the table beside one: pipe_in_soil.csv");
  app.add_flag("--json", w->json, "names and titles for programs");
  return [w]() -> Task { return [w] { return show(*w); }; };
}

}  // namespace

extern constinit const Command examples{"examples", "the shipped cases; with a name: its text", declare};

}  // namespace calor::app::commands
