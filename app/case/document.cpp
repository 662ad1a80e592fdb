// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/document.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <functional>
#include <optional>
#include <tuple>

#include "app/case/inputs.hpp"
#include "app/text/suggest.hpp"
#include "decomposition/error.hpp"

namespace calor::app {
namespace {

constexpr std::size_t longest_line = 64 * 1024;  // of other characters than ASCII: see as_typed
constexpr std::size_t most_keys = 10'000;
constexpr int deepest_key = 64;  // a.b.c...: the TOML library recurses once a dot
constexpr std::size_t most_shown = 50;

bool all_digits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return '0' <= c && c <= '9'; });
}

std::string trimmed(std::string_view s) {
  const std::size_t first = s.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string{s.substr(first, s.find_last_not_of(" \t\r\n") - first + 1)};
}

std::vector<std::string_view> lines_of(std::string_view bytes) {
  std::vector<std::string_view> lines;
  while (true) {
    const std::size_t end = bytes.find('\n');
    lines.push_back(bytes.substr(0, end));
    if (end == std::string_view::npos) return lines;
    bytes.remove_prefix(end + 1);
  }
}

/// The first line with a key of more dots than any case needs, or 0. Dots in strings and comments are none.
int too_deep(std::string_view text) {
  int line = 1, dots = 0;
  char before = '.';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || c == '\t') continue;
    if (c == '"' || c == '\'') {
      const bool several = text.substr(i, 3) == std::string(3, c);
      const std::string_view end = several ? text.substr(i, 3) : text.substr(i, 1);
      for (i += end.size(); i < text.size() && text.substr(i, end.size()) != end; ++i) {
        if (text[i] == '\n') ++line;
        if (text[i] == '\n' && !several) {  // no TOML; the library says so
          dots = 0;
          break;
        }
        if (text[i] == '\\' && c == '"' && i + 1 < text.size() && text[i + 1] != '\n') ++i;
      }
      if (i < text.size() && text[i] != '\n') i += end.size() - 1;
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (c == '.') {
      if (before != '.' && ++dots > deepest_key) return line;
    } else if (std::string_view{",=[]{}\n"}.find(c) != std::string_view::npos) {
      dots = 0;
      if (c == '\n') ++line;
    }
    before = c;
  }
  return 0;
}

bool plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
}

/// The characters of a text that the TOML library says a value stands on; it counts characters, not bytes,
/// and so does this where they differ, from the line's begin for every value.
std::string as_typed(const std::vector<std::string_view>& lines, bool ascii,
                     const toml::source_region& where) {
  if (where.begin.line == 0 || where.begin.line > lines.size()) return {};
  const std::string_view line = lines[where.begin.line - 1];
  const auto byte_of = [&line, ascii](std::size_t column) {
    if (ascii) return std::min(column - 1, line.size());
    std::size_t byte = 0;
    for (std::size_t c = 1; byte < line.size(); ++byte) {
      const bool starts = (static_cast<unsigned char>(line[byte]) & 0xC0U) != 0x80U;
      if (starts && c++ == column) break;
    }
    return byte;
  };
  const std::size_t begin = byte_of(where.begin.column);
  const std::size_t end = where.end.line == where.begin.line ? byte_of(where.end.column) : line.size();
  return trimmed(line.substr(begin, end > begin ? end - begin : 0));
}

struct Source {
  int layer = 0;
  std::string name;
  const std::string* override_text = nullptr;  ///< set: the place is the command line
  int override_number = 0;
  std::vector<std::string_view> lines;
  bool ascii = false;

  Place place(const toml::source_position& at) const {
    if (override_text != nullptr)
      return {layer, override_number, static_cast<int>(at.column),
              "command line: " + printable(*override_text, 80)};
    return {layer, static_cast<int>(at.line), static_cast<int>(at.column),
            fmt::format("{}:{}", name, at.line), layer};
  }
};

bool earlier(const Place& a, const Place& b) {
  return std::tie(a.layer, a.line, a.order) < std::tie(b.layer, b.line, b.order);
}

/// Ours from the library's, places kept.
Node converted(const toml::node& from, const Source& source) {
  Node to;
  to.place = source.place(from.source().begin);
  if (const toml::table* table = from.as_table()) {
    to.kind = Node::Kind::table;
    to.braces = table->is_inline();
    for (const auto& [key, value] : *table) {
      to.members.push_back(converted(value, source));
      to.members.back().key = key.str();
    }
    std::sort(to.members.begin(), to.members.end(),
              [](const Node& a, const Node& b) { return earlier(a.place, b.place); });
  } else if (const toml::array* array = from.as_array()) {
    to.kind = Node::Kind::array;
    for (const toml::node& item : *array) to.items.push_back(converted(item, source));
  } else if (const auto* text = from.as_string()) {
    to.kind = Node::Kind::string;
    to.text = text->get();
  } else {
    to.text = as_typed(source.lines, source.ascii, from.source());
    if (const auto* integer = from.as_integer()) {
      to.kind = Node::Kind::integer;
      to.integer = integer->get();
      to.number = static_cast<double>(to.integer);
    } else if (const auto* number = from.as_floating_point()) {
      to.kind = Node::Kind::number;
      to.number = number->get();
    } else if (const auto* boolean = from.as_boolean()) {
      to.kind = Node::Kind::boolean;
      to.boolean = boolean->get();
    } else {
      to.kind = Node::Kind::date;
    }
  }
  return to;
}

std::size_t keys_in(const Node& node) {
  std::size_t count = node.members.size();
  for (const Node& member : node.members) count += keys_in(member);
  for (const Node& item : node.items) count += keys_in(item);
  return count;
}

/// A table in braces that says what it is, as a wall or a table over time does, is one value.
bool is_value(const Node& table) {
  constexpr std::array<std::string_view, 8> says{"type", "t",  "file",  "expression",
                                                 "T",    "at", "faces", "from"};
  return table.braces && std::any_of(says.begin(), says.end(),
                                     [&](std::string_view key) { return table.member(key) != nullptr; });
}

/// Tables merge; anything else is replaced. @param level  0: the whole case, 1: a section, which is no value
void merge(Node& into, Node&& from, std::size_t level) {
  const bool value = level > 1 && is_value(from);
  if (into.kind != Node::Kind::table || from.kind != Node::Kind::table || value) {
    from.key = into.key;
    into = std::move(from);
    return;
  }
  for (Node& member : from.members) {
    const auto same = std::find_if(into.members.begin(), into.members.end(),
                                   [&member](const Node& m) { return m.key == member.key; });
    if (same == into.members.end())
      into.members.push_back(std::move(member));
    else
      merge(*same, std::move(member), level + 1);
  }
}

/// The entry of a list with that number (from 0) or name.
const Node* entry(const Node& list, std::string_view which) {
  if (all_digits(which)) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(which.data(), which.data() + which.size(), index);
    return error == std::errc{} && index < list.items.size() ? &list.items[index] : nullptr;
  }
  for (const Node& item : list.items)
    if (const Node* name = item.member("name");
        name && name->kind == Node::Kind::string && name->text == which)
      return &item;
  return nullptr;
}

/// Puts a value at the end of a path. Returns what is wrong with the path, or nothing.
std::string put_at(Node& root, const std::vector<std::string>& path, Node&& value) {
  Node* at = &root;
  bool entry_of_list = false;
  std::string walked;
  for (const std::string& step : path) {
    entry_of_list = at->kind == Node::Kind::array;
    if (entry_of_list) {
      Node* const chosen = const_cast<Node*>(entry(*at, step));  // NOLINT: the list itself is ours to change
      if (chosen == nullptr) {
        std::vector<std::string> names;
        for (const Node& item : at->items)
          if (const Node* name = item.member("name"); name != nullptr && name->kind == Node::Kind::string)
            names.push_back(printable(name->text));
        const std::size_t count = at->items.size();
        return fmt::format("no entry \"{}\" in the list {}, which has {}{}{}", printable(step), walked,
                           count == 0   ? "no entry"
                           : count == 1 ? "the one entry 0"
                                        : fmt::format("the entries 0 to {}", count - 1),
                           names.empty() ? "" : ": " + joined(names), did_you_mean(step, names));
      }
      at = chosen;
    } else {
      if (at->kind != Node::Kind::table) {
        Node table;
        table.place = value.place;
        table.key = at->key;
        *at = std::move(table);
      }
      auto member = std::find_if(at->members.begin(), at->members.end(),
                                 [&step](const Node& m) { return m.key == step; });
      if (member == at->members.end()) {
        Node fresh;
        fresh.place = value.place;
        fresh.key = step;
        at->members.push_back(std::move(fresh));
        member = at->members.end() - 1;
      }
      at = &*member;
    }
    walked += (walked.empty() ? "" : ".") + step;
  }
  // An entry of a list, a probe or a region, is as a section; a wall among the pieces of a side is a value.
  const bool section = entry_of_list && value.member("type") == nullptr;
  merge(*at, std::move(value), section ? 1 : path.size());
  return {};
}

/// A TOML text, or what is wrong with it and where.
struct Parsed {
  std::optional<toml::table> table;
  std::string wrong;
  toml::source_position where{1, 1};
};

Parsed parsed(std::string_view bytes) {
  Parsed result;
  try {
    result.table.emplace(toml::parse(bytes));
  } catch (const toml::parse_error& error) {
    result.wrong = std::string{error.description()};
    result.where = error.source().begin;
  }
  return result;
}

/// What a text may not be, whatever it says. Empty: nothing is wrong. `line`: where.
std::string over_the_limits(std::string_view bytes, int& line) {
  line = 1;
  if (bytes.size() > longest_document)
    return fmt::format("{} bytes, more than the {} a case may have", bytes.size(), longest_document);
  for (const std::string_view l : lines_of(bytes)) {
    if (l.size() > longest_line && !plain_ascii(l))
      return fmt::format("a line of {} bytes, more than the {} of one that is not plain ASCII", l.size(),
                         longest_line);
    ++line;
  }
  line = too_deep(bytes);
  if (line != 0) return fmt::format("a key of more than {} parts", deepest_key);
  line = 1;
  return {};
}

bool looks_like_a_number(std::string_view s) {
  if (!s.empty() && (s.front() == '+' || s.front() == '-')) s.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  return !s.empty() && end == s.data() + s.size() && error != std::errc::invalid_argument &&
         (s.front() == '.' || all_digits(s.substr(0, 1)));
}

/// The value of an override: TOML, else a bare word. Null, with the reason in `wrong`, if it is neither.
std::optional<Node> override_value(const std::string& typed, Source& source, std::string& wrong) {
  const std::string value = trimmed(typed);
  if (value.empty()) {
    wrong = "has no value (an empty text is \"\")";
    return {};
  }
  const std::string text = "value = " + value;
  Parsed toml = parsed(text);
  if (toml.table && toml.table->size() == 1) {
    source.lines = lines_of(text);
    source.ascii = plain_ascii(text);
    return converted(*toml.table->get("value"), source);
  }
  if (toml.table) {
    wrong = "holds more than one value";
    return {};
  }
  if (std::string_view{"\"'[{"}.find(value.front()) != std::string_view::npos || looks_like_a_number(value)) {
    wrong = "is not a TOML value: " + toml.wrong;
    return {};
  }
  Node word;
  word.place = source.place({1, 1});
  word.kind = Node::Kind::string;
  word.text = value;
  return word;
}

/// Where the '=' between key and value stands: the first one outside quotes.
std::size_t equals_sign(std::string_view text) {
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != '\0') {
      if (text[i] == quote) quote = '\0';
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text[i] == '=') {
      return i;
    }
  }
  return std::string_view::npos;
}

void set_place(Node& node, const Place& place) {
  node.place = place;
  for (Node& member : node.members) set_place(member, place);
  for (Node& item : node.items) set_place(item, place);
}

}  // namespace

std::vector<std::string> key_path(const std::string& key) {
  if (key.find_first_of("\r\n#") != std::string::npos || too_deep(key) != 0) return {};
  const Parsed toml = parsed(key + " = 0");
  std::vector<std::string> path;
  if (!toml.table) return path;
  for (const toml::table* at = &*toml.table; at != nullptr;) {
    if (at->size() != 1) return {};
    path.emplace_back(at->begin()->first.str());
    at = at->begin()->second.as_table();
  }
  return path;
}

std::string about_key(const std::string& key) {
  return key.find(' ') != std::string::npos && key.find_first_of("\"'") == std::string::npos
             ? "; a name with a blank stands in quotes: 'region.\"left side\".power'"
             : "";
}

std::optional<Node> typed_value(const std::string& typed, const Place& place, std::string& wrong) {
  int line = 0;
  if (wrong = over_the_limits(typed, line); !wrong.empty()) return {};
  Source source{place.layer, {}, &typed, 0, {}, false};
  std::optional<Node> value = override_value(typed, source, wrong);
  if (value) set_place(*value, place);
  return value;
}

const Node* Node::member(std::string_view name) const {
  for (const Node& m : members)
    if (m.key == name) return &m;
  return nullptr;
}

const Node* Node::find(std::string_view dotted_key) const {
  const Node* at = this;
  while (at != nullptr && !dotted_key.empty()) {
    const std::size_t dot = dotted_key.find('.');
    const std::string_view step = dotted_key.substr(0, dot);
    at = at->kind == Kind::array ? entry(*at, step) : at->member(step);
    dotted_key = dot == std::string_view::npos ? std::string_view{} : dotted_key.substr(dot + 1);
  }
  return at;
}

std::string Node::kind_name() const {
  switch (kind) {
    case Kind::table:
      return "a table";
    case Kind::array:
      return "a list";
    case Kind::string:
      return "a string";
    case Kind::integer:
      return "a whole number";
    case Kind::number:
      return "a number";
    case Kind::boolean:
      return "true or false";
    case Kind::date:
      return "a date or time of day";
  }
  return {};
}

std::string Node::shown() const {
  constexpr std::size_t enough = 60;
  switch (kind) {
    case Kind::string:
      return '"' + printable(text, enough) + '"';
    case Kind::array: {
      std::string all = "[";
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (all.size() > enough) return all + ", ...]";
        all += (i == 0 ? "" : ", ") + items[i].shown();
      }
      return all + "]";
    }
    case Kind::table: {
      std::string all = "{";
      for (std::size_t i = 0; i < members.size(); ++i) {
        if (all.size() > enough) return all + ", ... }";
        all += (i == 0 ? " " : ", ") + printable(members[i].key, enough) + " = " + members[i].shown();
      }
      return all + " }";
    }
    case Kind::integer:
    case Kind::number:
    case Kind::boolean:
    case Kind::date:
      return printable(text, enough);
  }
  throw Error{Exit::internal, "a value of no kind"};
}

void Mistakes::add(const Place& place, const std::string& key, const Node* value, const std::string& what) {
  lines_.push_back({place, fmt::format("{}: {}{}: {}", place.text, printable(key, 120),
                                       value == nullptr ? "" : " = " + value->shown(), what)});
  keys_.insert(key);
}

void Mistakes::add(const Place& place, const std::string& what) {
  lines_.push_back({place, fmt::format("{}: {}", place.text, what)});
}

bool Mistakes::about(const std::string& key) const {
  const auto inside = [](const std::string& part, const std::string& whole) {
    return part.size() >= whole.size() && part.compare(0, whole.size(), whole) == 0 &&
           (part.size() == whole.size() || part[whole.size()] == '.');
  };
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const std::string& k) { return inside(k, key) || inside(key, k); });
}

void Mistakes::take(Mistakes&& others) {
  lines_.insert(lines_.end(), std::make_move_iterator(others.lines_.begin()),
                std::make_move_iterator(others.lines_.end()));
  keys_.merge(others.keys_);
}

void Mistakes::throw_if_any(const std::vector<std::string>& besides) const {
  if (lines_.empty()) return;
  std::vector<Line> sorted = lines_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Line& a, const Line& b) { return earlier(a.place, b.place); });
  // The cases of a sweep may share a mistake.
  sorted.erase(std::unique(sorted.begin(), sorted.end(),
                           [](const Line& a, const Line& b) { return a.text == b.text; }),
               sorted.end());
  std::string message;
  for (std::size_t i = 0; i < std::min(sorted.size(), most_shown); ++i)
    message += (i == 0 ? "" : "\n") + sorted[i].text;
  if (sorted.size() > most_shown)
    message += fmt::format("\n... and {} mistakes more", sorted.size() - most_shown);
  for (const std::string& line : besides) message += "\n" + line;
  throw Error{Exit::bad_case, message};
}

Document::Document(const std::vector<Text>& texts, const std::vector<std::string>& overrides,
                   Mistakes& mistakes)
    : tables_{std::make_shared<InputTables>()} {
  Mistakes misuse;
  bool readable = true;
  std::size_t keys = overrides.size();
  int layer = 0;
  root_.place = {0, 1, 0, texts.empty() ? "command line" : texts.front().name + ":1", texts.empty() ? -1 : 0};
  for (const Text& text : texts) {
    Source source{layer++, printable(text.name, 255), nullptr,
                  0,       lines_of(text.bytes),      plain_ascii(text.bytes)};
    directories_.push_back(std::filesystem::path{text.name}.parent_path().string());
    int line = 1;
    if (const std::string wrong = over_the_limits(text.bytes, line); !wrong.empty()) {
      mistakes.add({source.layer, line, 0, fmt::format("{}:{}", source.name, line)}, wrong);
      readable = false;
      continue;
    }
    const Parsed toml = parsed(text.bytes);
    if (!toml.table) {
      Place place = source.place(toml.where);
      place.text += fmt::format(":{}", toml.where.column);
      mistakes.add(place, "not TOML: " + printable(toml.wrong, 200));
      readable = false;
      continue;
    }
    Node node = converted(*toml.table, source);
    keys += keys_in(node);
    if (keys <= most_keys) merge(root_, std::move(node), 0);
  }
  for (std::size_t n = 0; n < overrides.size(); ++n) {
    const std::string& text = overrides[n];
    Source source{layer, {}, &text, static_cast<int>(n) + 1, {}, false};
    const Place place = source.place({1, 1});
    const std::size_t equals = equals_sign(text);
    const std::vector<std::string> path =
        equals == std::string::npos ? std::vector<std::string>{} : key_path(text.substr(0, equals));
    if (path.empty()) {
      misuse.add(place, "not of the form key=value, such as grid.nx=400" +
                            (equals == std::string::npos ? "" : about_key(text.substr(0, equals))));
      continue;
    }
    const std::string value_text = text.substr(equals + 1), key = joined(path, ".");
    std::string wrong;
    if (int line = 0; !(wrong = over_the_limits(value_text, line)).empty()) {
      mistakes.add(place, key, nullptr, wrong);
      continue;
    }
    std::optional<Node> value = override_value(value_text, source, wrong);
    if (value && (keys += keys_in(*value)) <= most_keys) wrong = put(path, std::move(*value));
    if (!wrong.empty()) mistakes.add(place, key, nullptr, wrong);
  }
  if (keys > most_keys) {
    readable = false;
    mistakes.add(root_.place, fmt::format("{} keys, more than the {} a case may have", keys, most_keys));
  }
  try {
    misuse.throw_if_any();
  } catch (const Error& error) {
    throw Error{Exit::usage, error.what()};
  }
  if (!readable) mistakes.throw_if_any();
  layers_ = layer + 1;
}

std::string Document::path_from(const Place& at, const std::string& path) const {
  if (path.compare(0, 5, "data:") == 0) return path;  // the file itself
  const std::filesystem::path p{path};
  const auto file = static_cast<std::size_t>(std::max(at.file, 0));
  if (p.is_absolute() || at.file < 0 || file >= directories_.size() || directories_[file].empty())
    return p.lexically_normal().string();
  return (std::filesystem::path{directories_[file]} / p).lexically_normal().string();
}

Node Document::with_copies(const std::vector<InputFile>& copies) const {
  const auto settle = [&](Node& file) {
    const std::string path = path_from(file.place, file.text);
    const auto copy =
        std::find_if(copies.begin(), copies.end(), [&](const InputFile& f) { return f.path == path; });
    std::error_code none;
    file.text = copy != copies.end() && copy->copied() ? "inputs/" + copy->name
                                                       : std::filesystem::absolute(path, none).string();
  };
  const auto names_file = [](const std::string& key) {
    return key == "file" || (key.size() > 5 && key.compare(key.size() - 5, 5, ".file") == 0);
  };
  const std::function<void(Node&)> walk = [&](Node& node) {
    for (Node& item : node.items) walk(item);
    for (Node& m : node.members) {
      if (!names_file(m.key)) {
        walk(m);
        continue;
      }
      if (m.kind == Node::Kind::string) settle(m);
      for (Node& item : m.items)  // of sweep.vary
        if (item.kind == Node::Kind::string) settle(item);
    }
  };
  Node all = root_;
  walk(all);
  return all;
}

std::string Document::put(const std::vector<std::string>& path, Node value) {
  return put_at(root_, path, std::move(value));
}

const Place& Document::place_of(std::string_view dotted_key) const {
  while (true) {
    if (const Node* node = find(dotted_key)) return node->place;
    const std::size_t dot = dotted_key.rfind('.');
    if (dot == std::string_view::npos) return root_.place;
    dotted_key = dotted_key.substr(0, dot);
  }
}

std::string toml_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\r':
        quoted += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 32 || c == 127)
          quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        else
          quoted += c;
    }
  }
  return quoted + '"';
}

namespace {

/// A key in quotes where it needs them.
std::string key_text(const std::string& key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_' || c == '-';
  });
  return bare ? key : toml_string(key);
}

}  // namespace

std::string toml_document(const Node& root) {
  std::string values, sections;
  for (const Node& m : root.members) {
    if (m.kind != Node::Kind::table) {
      values += fmt::format("{} = {}\n", key_text(m.key), toml_value(m));
      continue;
    }
    sections += fmt::format("\n[{}]\n", key_text(m.key));
    for (const Node& inner : m.members)
      sections += fmt::format("{} = {}\n", key_text(inner.key), toml_value(inner));
  }
  return values + sections;
}

std::string toml_value(const Node& value) {
  std::string all;
  switch (value.kind) {
    case Node::Kind::string:
      return toml_string(value.text);
    case Node::Kind::array:
      for (const Node& item : value.items) all += (all.empty() ? "" : ", ") + toml_value(item);
      return "[" + all + "]";
    case Node::Kind::table:
      for (const Node& member : value.members)
        all += fmt::format("{}{} = {}", all.empty() ? "" : ", ", key_text(member.key), toml_value(member));
      return "{ " + all + " }";
    case Node::Kind::integer:
    case Node::Kind::number:
    case Node::Kind::boolean:
    case Node::Kind::date:
      return value.text;
  }
  throw Error{Exit::internal, "a value of no kind"};
}

std::string toml_number(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";  // "e": exponent; "n": inf, nan
  return text;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string safe;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (safe.size() >= limit && (c & 0xC0U) != 0x80U) return safe + "...";
    if (c == '\n')
      safe += "\\n";
    else if (c == '\t')
      safe += "\\t";
    else if (c < 32 || c == 127)
      safe += fmt::format("\\x{:02X}", static_cast<unsigned>(c));
    else
      safe += text[i];
  }
  return safe;
}

}  // namespace calor::app
