// SPDX-License-Identifier: BSD-3-Clause
// The keys of a case as a JSON Schema (draft 2020-12), for editors and validators: as much of the rules as
// that language can say of one key by itself.
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "app/case/schema.hpp"

namespace calor::app {

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> alternatives(std::string_view type) {
  constexpr std::string_view bar = " | ";
  // One list whose entries have alternatives, not a list beside them.
  if (type == "list of numbers | durations") return {std::string{type}};
  std::vector<std::string> all;
  for (;;) {
    const std::size_t end = type.find(bar);
    all.emplace_back(type.substr(0, end));
    if (end == std::string_view::npos) return all;
    type.remove_prefix(end + bar.size());
  }
}

bool begins(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

Json with_range(Json numbers, const Range& range) {
  if (std::isfinite(range.low)) numbers[range.low_open ? "exclusiveMinimum" : "minimum"] = range.low;
  if (std::isfinite(range.high)) numbers[range.high_open ? "exclusiveMaximum" : "maximum"] = range.high;
  return numbers;
}

Json pair_of(const Json& what) {
  return {{"type", "array"}, {"items", what}, {"minItems", 2}, {"maxItems", 2}};
}

/// @param words  that a word, or each of a list of names, may be     @param entry  of a list of tables
Json one_type(const std::string& type, const Range& range, const std::vector<std::string>& words,
              const Json& entry) {
  const Json text{{"type", "string"}}, table{{"type", "object"}};
  const Json number = with_range({{"type", "number"}}, range),
             integer = with_range({{"type", "integer"}}, range);
  const auto list_of = [](const Json& what) { return Json{{"type", "array"}, {"items", what}}; };
  if (type == "number") return number;
  if (type == "integer") return integer;
  if (type == "boolean") return {{"type", "boolean"}};
  if (type == "word") return {{"enum", words}};
  if (type == "\"auto\"") return {{"const", "auto"}};
  if (type == "duration") return {{"anyOf", {number, text}}};
  if (type == "[number, number]") return pair_of(number);
  if (type == "[integer, integer]") return pair_of(integer);
  if (type == "[name, name]") return pair_of(text);
  if (type == "[kx, ky]") return pair_of({{"anyOf", {number, text}}});
  if (type == "list of numbers") return list_of(number);
  if (type == "list of numbers | durations") return list_of({{"anyOf", {number, text}}});
  if (type == "list of [x, y]") return list_of(pair_of(Json{{"type", "number"}}));
  if (type == "list of names") return list_of({{"enum", words}});
  if (type == "list of tables") return list_of(entry.is_null() ? table : entry);
  if (type == "tables") return {{"type", "object"}, {"additionalProperties", entry}};
  if (type == "piece") return entry;
  if (type == "list of pieces") return list_of(entry);
  if (begins(type, "table") || begins(type, "{")) return table;
  return text;  // a text, an expression, a name, a stamp
}

/// A default as it is written in TOML: a text, a truth or a number; null where it is anything else.
Json preset(const std::string& toml) {
  if (toml.size() > 1 && toml.front() == '"') return toml.substr(1, toml.size() - 2);
  if (toml == "true" || toml == "false") return toml == "true";
  double v = 0.0;
  const auto [end, error] = std::from_chars(toml.data(), toml.data() + toml.size(), v);
  if (error == std::errc{} && end == toml.data() + toml.size()) return v;
  return nullptr;
}

}  // namespace

std::string Schema::json_schema() const { return json_of_keys(true); }

std::string Schema::json_of_keys(bool whole) const {
  const auto object = [] {
    return Json{{"type", "object"}, {"properties", Json::object()}, {"additionalProperties", false}};
  };
  Json root = object();
  for (const Key& k : keys_) {
    Json entry;
    if (k.sample_) entry = Json::parse(k.sample_()->json_of_keys(false));
    Json types = Json::array();
    for (const std::string& type : alternatives(k.type_))
      types.push_back(one_type(type, k.range_, k.choices_, entry));
    Json about = types.size() == 1 ? types[0] : Json{{"anyOf", types}};
    std::string help = k.help_;
    if (!k.unit_.empty()) help += (help.empty() ? "[" : " [") + k.unit_ + "]";
    about["description"] = help;
    if (!k.block_)
      if (const Json value = preset(k.write_()); !value.is_null() && !k.required_) about["default"] = value;

    Json* table = &root;
    std::string_view name = k.name_;
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
      Json& sections = (*table)["properties"];
      const std::string section{name.substr(0, dot)};
      if (!sections.contains(section)) sections[section] = object();
      table = &sections[section];
      name.remove_prefix(dot + 1);
    }
    (*table)["properties"][std::string{name}] = std::move(about);
    // What another key may stand for, or the kind of thing decides, is for calor itself to ask.
    if (k.required_ && k.only_for_.empty() && k.required_for_.empty() && k.instead_.empty() && !whole)
      (*table)["required"].push_back(name);
  }
  if (!whole) return root.dump();
  Json all{
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "Case of calor"},
      {"description",
       "Keys of a case file. Several files may make a case, so none is required here; what keys ask of each "
       "other is checked by calor itself."}};
  all.update(root);
  return all.dump(2) + "\n";
}

}  // namespace calor::app
