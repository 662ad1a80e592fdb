// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/console/command.hpp"
#include "app/console/product.hpp"
#include "app/materials/table.hpp"
#include "app/text/suggest.hpp"

namespace calor::app::commands {

namespace {

using Row = BuiltInMaterial;

struct Words {
  std::string name;
  bool json = false, markdown = false;
};

std::string lower(std::string_view text) {
  std::string low;
  for (const char c : text) low += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return low;
}

/// The word stands in what the material is called or is.
bool speaks_of(const Row& m, const std::string& word) {
  const std::string w = lower(word);
  const auto in = [&](std::string_view text) { return lower(text).find(w) != std::string::npos; };
  return in(m.name) || in(m.what) || in(m.group) || in(m.source);
}

/// What fits into a column: of a table its range.
std::string short_conductivity(const Row& m) {
  const auto* table = std::get_if<OverCelsius>(&m.conductivity);
  if (table == nullptr) return conductivity_text(m);
  const auto [low, high] = std::minmax_element(table->value.begin(), table->value.end());
  return fmt::format("{:.4g} .. {:.4g}", *low, *high);
}

std::string short_heat(const Row& m) {
  const auto* table = std::get_if<OverCelsius>(&m.specific_heat);
  if (table == nullptr) return fmt::format("{}", std::get<double>(m.specific_heat));
  const auto [low, high] = std::minmax_element(table->value.begin(), table->value.end());
  return fmt::format("{:.4g} .. {:.4g}", *low, *high);
}

nlohmann::ordered_json json_of(const Row& m) {
  const auto number_or_table = [](const auto& value, const char* letter) -> nlohmann::ordered_json {
    using V = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<V, OverCelsius>)
      return {{"T", value.T}, {letter, value.value}, {"unit_of_T", "degC"}};
    else
      return value;
  };
  nlohmann::ordered_json j{{"name", m.name}, {"group", m.group}, {"what", m.what}};
  j["conductivity"] = std::visit([&](const auto& v) { return number_or_table(v, "k"); }, m.conductivity);
  j["density"] = m.density;
  j["specific_heat"] = std::visit([&](const auto& v) { return number_or_table(v, "c"); }, m.specific_heat);
  if (m.melting) j["phase_change"] = {{"at", m.melting->at}, {"latent_heat", m.melting->latent_heat}};
  j["source"] = m.source;
  j["note"] = m.note;
  return j;
}

std::string list_of(const std::vector<const Row*>& rows) {
  std::size_t name = 4, k = 5;
  for (const Row* m : rows) {
    name = std::max(name, m->name.size());
    k = std::max(k, short_conductivity(*m).size());
  }
  std::string text = fmt::format("{:<{}}  {:>{}}  {:>7}  {:>6}\n{:<{}}  {:>{}}  {:>7}  {:>6}  what\n", "",
                                 name, "W/(m K)", k, "kg/m3", "J/kgK", "name", name, "k", k, "density", "c");
  std::string_view group;
  for (const Row* m : rows) {
    if (m->group != group) text += fmt::format("\n{}\n", m->group);
    group = m->group;
    text += fmt::format("{:<{}}  {:>{}}  {:>7}  {:>6}  {}\n", m->name, name, short_conductivity(*m), k,
                        fmt::format("{}", m->density), short_heat(*m), m->what);
  }
  return text;
}

std::string about(const Row& m) {
  std::string text = fmt::format(
      "{}: {} ({})\n\n[materials.{}]\nconductivity = {}  # W/(m K)\ndensity = {}  # kg/m3\nspecific_heat = "
      "{}  # "
      "J/(kg K)\n{}\nsource: {}\n",
      m.name, m.what, m.group, m.name, conductivity_text(m), m.density, specific_heat_text(m),
      m.melting ? fmt::format("phase_change = [{{ from = {0}, to = {0}, latent_heat = {1} }}]  # J/kg\n",
                              m.melting->at, m.melting->latent_heat)
                : "",
      m.source);
  if (!m.note.empty()) text += fmt::format("note: {}\n", m.note);
  if (std::holds_alternative<OverCelsius>(m.conductivity) ||
      std::holds_alternative<OverCelsius>(m.specific_heat))
    text += "T is in deg C here; a case gets it in the unit that its output.temperature_unit says.\n";
  return text;
}

std::string page(const std::vector<const Row*>& rows) {
  std::string text;
  std::string_view group;
  for (const Row* m : rows) {
    if (m->group != group)
      text += fmt::format(
          "{}## {}\n\n| name | what | k [W/(m K)] | density [kg/m3] | c [J/(kg K)] | source | note |\n"
          "|---|---|---|---|---|---|---|\n",
          text.empty() ? "" : "\n", m->group);
    group = m->group;
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} |\n", m->name, m->what, short_conductivity(*m),
                        m->density, short_heat(*m), m->source, m->note);
  }
  return text;
}

Exit show(const Words& w) {
  std::vector<const Row*> rows;
  const Row* const one = find_built_in(w.name);
  for (const Row& m : built_in_materials())
    if (one != nullptr ? &m == one : w.name.empty() || speaks_of(m, w.name)) rows.push_back(&m);
  if (rows.empty())
    throw Error{Exit::usage,
                fmt::format("materials {}: no built-in material has this name or speaks of it{}; "
                            "`calor materials` lists them",
                            w.name, did_you_mean(w.name, built_in_names()))};
  if (w.json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const Row* m : rows) all.push_back(json_of(*m));
    answer(all.dump(2) + "\n");
  } else if (w.markdown) {
    answer(page(rows));
  } else if (one != nullptr) {
    answer(about(*one));
  } else {
    answer(
        list_of(rows) +
        "\n`calor materials NAME` tells where the values of one are from; in a case: material = \"NAME\".\n");
  }
  return Exit::done;
}

std::function<Task()> declare(CLI::App& app) {
  const auto w = std::make_shared<Words>();
  app.add_option("name", w->name, "one material, or a word to look for in names, descriptions and sources");
  const auto json = app.add_flag("--json", w->json, "for programs: a list, with values, sources and notes");
  app.add_flag("--markdown", w->markdown, "as docs/materials.md")->excludes(json);
  return [w]() -> Task { return [w] { return show(*w); }; };
}

}  // namespace

extern constinit const Command materials{"materials", "the built-in materials with their values and sources",
                                         declare};

}  // namespace calor::app::commands
