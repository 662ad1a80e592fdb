// SPDX-License-Identifier: BSD-3-Clause
#include "app/report/case_facts.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/case/document.hpp"
#include "decomposition/error.hpp"

namespace calor::app {

namespace {

using Json = nlohmann::ordered_json;

std::optional<Document> read(const std::string& text) {
  Mistakes none;
  try {
    return Document{{Text{"case.toml", text}}, {}, none};
  } catch (const Error&) {
    return std::nullopt;
  }
}

Json to_json(const Node& n) {
  switch (n.kind) {
    case Node::Kind::table: {
      Json all = Json::object();
      for (const Node& member : n.members) all[member.key] = to_json(member);
      return all;
    }
    case Node::Kind::array: {
      Json all = Json::array();
      for (const Node& item : n.items) all.push_back(to_json(item));
      return all;
    }
    case Node::Kind::integer:
      return n.integer;
    case Node::Kind::number:
      return n.number;
    case Node::Kind::boolean:
      return n.boolean;
    case Node::Kind::string:
    case Node::Kind::date:
      return n.text;
  }
  throw Error{Exit::internal, "a kind of value without JSON"};
}

bool holds_tables(const Node& n) {
  return n.kind == Node::Kind::array && !n.items.empty() &&
         std::all_of(n.items.begin(), n.items.end(),
                     [](const Node& item) { return item.kind == Node::Kind::table; });
}

std::string key_of(const std::vector<std::string>& path) {
  std::string key;
  for (const std::string& part : path) key += (key.empty() ? "" : ".") + part;
  return key;
}

/// @param usual  what stands there by default; null: nothing
void compare(const Node& here, const Node* usual, std::vector<std::string>& path, Json& found) {
  if (here.kind == Node::Kind::table) {
    for (const Node& member : here.members) {
      path.push_back(member.key);
      compare(member, usual == nullptr ? nullptr : usual->member(member.key), path, found);
      path.pop_back();
    }
    return;
  }
  if (holds_tables(here)) {
    for (std::size_t n = 0; n < here.items.size(); ++n) {
      const Node* const name = here.items[n].member("name");
      path.push_back(name != nullptr && name->kind == Node::Kind::string ? name->text : std::to_string(n));
      for (const Node& member : here.items[n].members) {
        if (&member == name) continue;
        path.push_back(member.key);
        compare(member, nullptr, path, found);
        path.pop_back();
      }
      path.pop_back();
    }
    return;
  }
  if (here.kind == Node::Kind::array && here.items.empty() && usual == nullptr) return;
  const std::string value = toml_value(here);
  if (usual != nullptr && toml_value(*usual) == value) return;
  Json row{{"key", key_of(path)}, {"value", value}, {"unit", numbers_at(path).unit}};
  if (usual != nullptr) row["default"] = toml_value(*usual);
  found.push_back(std::move(row));
}

}  // namespace

Json case_json(const std::string& text) {
  const std::optional<Document> document = read(text);
  return document ? to_json(document->root()) : Json{};
}

Json differences(const std::string& text) {
  const std::optional<Document> here = read(text), usual = read(emit(Case{}));
  if (!here || !usual) return {};
  Json found = Json::array();
  std::vector<std::string> path;
  compare(here->root(), &usual->root(), path, found);
  return found;
}

}  // namespace calor::app
