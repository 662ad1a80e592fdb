// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "app/case/context.hpp"
#include "app/text/duration.hpp"
#include "app/text/suggest.hpp"
#include "decomposition/error.hpp"
#include "solver/model/function.hpp"

namespace calor::app {
namespace {

using Kind = Node::Kind;

std::string plain(double v) { return fmt::format("{}", v); }

/// What is wrong with a number as it was typed, before any range; empty if nothing.
std::string number_complaint(const Node& node) {
  if (node.kind != Kind::integer && node.kind != Kind::number)
    return fmt::format("must be a number, not {}", node.kind_name());
  std::string_view typed = node.text;
  if (!typed.empty() && (typed.front() == '+' || typed.front() == '-')) typed.remove_prefix(1);
  if (typed.size() > 1 && typed[0] == '0' && std::string_view{"xob"}.find(typed[1]) != std::string_view::npos)
    return "must be written in base 10";
  if (!std::isfinite(node.number)) return "must be finite";
  const std::string_view digits = typed.substr(0, typed.find_first_of("eE"));
  if (node.number == 0.0 && digits.find_first_of("123456789") != std::string_view::npos)
    return "is too small for a double, which would make it 0";
  return {};
}

std::string range_complaint(const Range& range, double value) {
  if (range.contains(value)) return {};
  return "must be " + range.text();
}

constexpr const char* wanted_time =
    "a number of seconds, or a number with ms, s, min, h or d in quotes, as \"30min\"";

/// The seconds of a text with a unit; a lone number belongs there without quotes.
std::optional<double> duration_in(const Node& node) {
  if (node.text.find_first_of("smhd:") == std::string::npos) return {};
  return parse_duration(node.text);
}

/// @param unit  "s": a duration with its unit is taken too, as "30min"
bool read_number(const Node& node, const Reading& reading, const Range& range, double& value,
                 const std::string& unit = "") {
  double number = node.number;
  std::string wrong;
  if (unit == "s" && node.kind == Kind::string) {
    const std::optional<double> seconds = duration_in(node);
    if (seconds)
      number = *seconds;
    else
      wrong = std::string{"must be "} + wanted_time;
  } else {
    wrong = number_complaint(node);
  }
  if (wrong.empty()) wrong = range_complaint(range, number);
  if (!wrong.empty()) {
    reading.refuse(node, wrong);
    return false;
  }
  value = number;
  return true;
}

bool read_integer(const Node& node, const Reading& reading, const Range& range, std::int64_t& value) {
  std::string wrong;
  if (node.kind == Kind::number && std::isfinite(node.number))
    wrong = "must be a whole number, written without a point or exponent";
  else if (node.kind != Kind::integer && node.kind != Kind::number)
    wrong = fmt::format("must be a whole number, not {}", node.kind_name());
  else
    wrong = number_complaint(node);
  if (wrong.empty()) wrong = range_complaint(range, node.number);
  if (!wrong.empty()) {
    reading.refuse(node, wrong);
    return false;
  }
  value = node.integer;
  return true;
}

/// "x, y, T" of "xyT".
std::string listed(const std::string& variables) {
  std::vector<std::string> letters;
  for (const char v : variables) letters.emplace_back(1, v);
  return joined(letters);
}

constexpr std::size_t longest_dataset = 1000;

bool read_text(const Node& node, const Reading& reading, std::size_t longest, bool label,
               std::string& value) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; };
  std::string wrong;
  if (node.kind != Kind::string)
    wrong = fmt::format("must be a string, not {}", node.kind_name());
  else if (node.text.size() > longest)
    wrong = fmt::format("longer than {} characters ({})", longest, node.text.size());
  else if (std::any_of(node.text.begin(), node.text.end(), control))
    wrong = "holds a line break or another control character";
  else if (label && node.text.empty())
    wrong = "must not be empty";
  else if (label && node.text.find_first_of(",\"';") != std::string::npos)
    wrong = "holds a comma, semicolon or quote; it heads a column of a table";
  else if (label && (node.text.front() == ' ' || node.text.back() == ' '))
    wrong = "begins or ends with a space";
  if (!wrong.empty()) {
    reading.refuse(node, wrong);
    return false;
  }
  value = node.text;
  return true;
}

bool read_quantity(const Node& node, const Reading& reading, const Range& range, const std::string& variables,
                   const std::vector<std::string>& names, Quantity& value) {
  if (node.kind == Kind::table && reading.context != nullptr) {
    if (variables.find('t') == std::string::npos || !names.empty()) {
      reading.refuse(node, "a table over time has no place here; a number or an expression of " +
                               listed(variables) + " in quotes has");
      return false;
    }
    CourseCase course;
    if (!reading.context->read_course(node, reading, range, course)) return false;
    value = std::move(course);
    return true;
  }
  if (node.kind != Kind::string) {
    if (node.kind == Kind::integer || node.kind == Kind::number) {
      double number = 0.0;
      if (!read_number(node, reading, range, number)) return false;
      value = number;
      return true;
    }
    const bool timely = variables.find('t') != std::string::npos && names.empty();
    reading.refuse(node,
                   fmt::format("must be a number{} or an expression of {} in quotes, not {}",
                               timely ? ", a table over time" : "", listed(variables), node.kind_name()));
    return false;
  }
  if (std::find(names.begin(), names.end(), node.text) != names.end()) {
    value = node.text;
    return true;
  }
  if (reading.arrays != nullptr && variables.find('x') != std::string::npos) {
    DatasetCase dataset;
    if (!read_text(node, reading, longest_dataset, false, dataset.dataset)) return false;
    if (reading.context != nullptr && !reading.context->read_dataset(node, reading, range, dataset))
      return false;
    value = std::move(dataset);
    return true;
  }
  try {
    static const FunctionTable none;
    const Function f = Function::expression(node.text, variables,
                                            reading.context != nullptr ? reading.context->functions() : none);
    if (f.constant()) {
      const double number = f(0.0, 0.0);
      std::string wrong = std::isfinite(number) ? range_complaint(range, number) : "must be finite";
      if (!wrong.empty()) {
        reading.refuse(node, fmt::format("{}; it is {}", wrong, plain(number)));
        return false;
      }
    }
  } catch (const std::invalid_argument& error) {
    std::string wrong = error.what();
    if (reading.context != nullptr) wrong += reading.context->did_you_mean_in(node.text);
    if (!names.empty()) wrong += "; or one of " + joined(names) + did_you_mean(node.text, names);
    reading.refuse(node, wrong);
    return false;
  }
  value = node.text;
  return true;
}

std::string written(const Quantity& q) {
  if (const auto* number = std::get_if<double>(&q)) return toml_number(*number);
  if (const auto* text = std::get_if<std::string>(&q)) return toml_string(*text);
  if (const auto* array = std::get_if<DatasetCase>(&q)) return toml_string(array->dataset);
  CourseCase copy = std::get<CourseCase>(q);
  point_to_copies(copy);
  Schema schema;
  bind(schema, copy);
  return schema.write_inline();
}

template <class List>
std::string written_numbers(const List& values) {
  std::string all;
  for (const auto v : values) {
    if (!all.empty()) all += ", ";
    if constexpr (std::is_floating_point_v<std::remove_const_t<decltype(v)>>)
      all += toml_number(v);
    else
      all += fmt::format("{}", v);
  }
  return "[" + all + "]";
}

bool read_numbers(const Node& node, const Reading& reading, const Range& range, std::vector<double>& values,
                  const std::string& unit = "") {
  if (node.kind != Kind::array || node.items.empty()) {
    reading.refuse(node, "must be a list of numbers");
    return false;
  }
  std::vector<double> all;
  bool good = true;
  for (const Node& item : node.items) {
    double v = 0.0;
    good = read_number(item, reading, range, v, unit) && good;
    all.push_back(v);
  }
  if (good) values = std::move(all);
  return good;
}

bool rises(const std::vector<double>& values) {
  return std::adjacent_find(values.begin(), values.end(), [](double a, double b) { return !(a < b); }) ==
         values.end();
}

/// A list of whole numbers.
bool read_counts(const Node& node, const Reading& reading, const Range& range,
                 std::vector<std::int64_t>& values) {
  if (node.kind != Kind::array || node.items.empty()) {
    reading.refuse(node, "must be a list of whole numbers");
    return false;
  }
  bool good = true;
  values.clear();
  for (const Node& item : node.items)
    good = read_integer(item, reading, range, values.emplace_back(0)) && good;
  return good;
}

/// { at, cells, ratio } or { faces } of an axis of the grid.
void read_lines(const Node& node, const Reading& reading, std::array<double, 2>& ends, AxisCase& lines) {
  constexpr Range count{.low = 1.0, .high = most_cells_of_lines}, ratio_range{.low = 1e-6, .high = 1e6};
  for (const Node& member : node.members)
    if (member.key != "at" && member.key != "cells" && member.key != "ratio" && member.key != "faces")
      reading.mistakes.add(
          member.place, reading.path + "." + member.key, &member,
          "unknown key; there is: at, cells, ratio, faces" +
              did_you_mean(member.key, std::vector<std::string>{"at", "cells", "ratio", "faces"}));
  const auto inner = [&](const char* key) { return Reading{reading.mistakes, reading.path + "." + key}; };
  const Node *const at = node.member("at"), *const cells = node.member("cells"),
                    *const ratio = node.member("ratio"), *const faces = node.member("faces");
  AxisCase read;
  // What a later text says wins over what an earlier one says.
  bool by_faces = faces != nullptr;
  for (const Node* const other : {at, cells, ratio})
    if (other != nullptr && faces != nullptr && other->place.layer > faces->place.layer) by_faces = false;
  if (by_faces) {
    for (const Node* const other : {at, cells, ratio})
      if (other != nullptr && other->place.layer == faces->place.layer)
        reading.mistakes.add(other->place, reading.path + "." + other->key, other,
                             "stands beside faces; give one of the two");
    if (!read_numbers(*faces, inner("faces"), {}, read.faces)) return;
    if (read.faces.size() < 2)
      inner("faces").refuse(*faces, "must have at least two faces");
    else if (static_cast<double>(read.faces.size()) > most_cells_of_lines)
      inner("faces").refuse(*faces, "has too many faces");
    else if (!rises(read.faces))
      inner("faces").refuse(*faces, "must rise");
    else
      ends = {read.faces.front(), read.faces.back()};
    if (!reading.mistakes.about(reading.path + ".faces")) lines = std::move(read);
    return;
  }
  if (at == nullptr || cells == nullptr) {
    reading.refuse(node, "needs both at = [...] and cells = [...], or faces = [...]");
    return;
  }
  bool good = read_numbers(*at, inner("at"), {}, read.at);
  good = read_counts(*cells, inner("cells"), count, read.cells) && good;
  if (ratio != nullptr) good = read_numbers(*ratio, inner("ratio"), ratio_range, read.ratio) && good;
  if (!good) return;
  if (!rises(read.at)) {
    inner("at").refuse(*at, "must rise");
    return;
  }
  const std::size_t parts = read.at.size() - 1;
  if (parts != read.cells.size()) {
    inner("cells").refuse(*cells,
                          fmt::format("has {} number{}, and at = [...] makes {} part{}", read.cells.size(),
                                      read.cells.size() == 1 ? "" : "s", parts, parts == 1 ? "" : "s"));
    return;
  }
  if (ratio != nullptr && parts != read.ratio.size()) {
    inner("ratio").refuse(*ratio, fmt::format("has {} number{}, and there {} {} part{}", read.ratio.size(),
                                              read.ratio.size() == 1 ? "" : "s", parts == 1 ? "is" : "are",
                                              parts, parts == 1 ? "" : "s"));
    return;
  }
  double all = 0.0;
  for (std::size_t n = 0; n < parts; ++n) {
    all += static_cast<double>(read.cells[n]);
    if (ratio != nullptr && read.cells[n] == 1 && read.ratio[n] != 1.0) {
      inner("ratio").refuse(*ratio, fmt::format("part {} has one cell, which has no ratio but 1", n + 1));
      return;
    }
  }
  if (all > most_cells_of_lines) {
    inner("cells").refuse(
        *cells, fmt::format("makes {:.0f} cells, and {:.0f} are the most", all, most_cells_of_lines));
    return;
  }
  ends = {read.at.front(), read.at.back()};
  lines = std::move(read);
}

std::string written(const AxisCase& lines) {
  if (!lines.faces.empty()) return fmt::format("{{ faces = {} }}", written_numbers(lines.faces));
  return fmt::format("{{ at = {}, cells = {}{} }}", written_numbers(lines.at), written_numbers(lines.cells),
                     lines.ratio.empty() ? "" : ", ratio = " + written_numbers(lines.ratio));
}

/// Rising, where two equal numbers are a jump.
bool rises_or_jumps(const std::vector<double>& v) {
  for (std::size_t n = 1; n < v.size(); ++n)
    if (!(v[n] >= v[n - 1]) || (n > 1 && v[n] == v[n - 2])) return false;
  return v.size() < 2 || v.front() < v.back();
}

/// @param what  the key of the values
void read_table_over_T(const Node& node, const Reading& reading, const std::string& what,
                       std::vector<double>& table_T, std::vector<double>& table) {
  for (const Node& member : node.members)
    if (member.key != "T" && member.key != what)
      reading.mistakes.add(member.place, reading.path + "." + member.key, &member,
                           fmt::format("unknown key; a table holds T = [...] and {} = [...]", what));
  const Node* T = node.member("T");
  const Node* k = node.member(what);
  if (T == nullptr || k == nullptr) {
    reading.refuse(node, fmt::format("a table needs both T = [...] and {} = [...]", what));
    return;
  }
  std::vector<double> points, values;
  const bool good_T = read_numbers(*T, {reading.mistakes, reading.path + ".T"}, {}, points);
  const bool good_k =
      read_numbers(*k, {reading.mistakes, reading.path + "." + what}, {.low = 0.0, .low_open = true}, values);
  if (good_T && !rises_or_jumps(points)) {
    reading.mistakes.add(T->place, reading.path + ".T", T,
                         "temperatures must rise; two equal ones are a jump, and it has two sides");
    return;
  }
  if (!good_T || !good_k) return;
  if (points.size() != values.size()) {
    reading.refuse(node, fmt::format("T has {} numbers, {} has {}", points.size(), what, values.size()));
    return;
  }
  table_T = std::move(points);
  table = std::move(values);
}

void read_conductivity(const Node& node, const Reading& reading, ConductivityCase& value) {
  constexpr Range positive{.low = 0.0, .low_open = true};
  value = {};
  if (node.kind == Kind::table) {
    read_table_over_T(node, reading, "k", value.table_T, value.table_k);
  } else if (node.kind == Kind::array) {
    if (node.items.size() != 2) {
      reading.refuse(node, "must have two entries, [kx, ky]");
      return;
    }
    read_quantity(node.items[0], reading, positive, "xyT", {}, value.x);
    read_quantity(node.items[1], reading, positive, "xyT", {}, value.y);
    value.anisotropic = true;
  } else if (read_quantity(node, reading, positive, "xyT", {}, value.x)) {
    value.y = value.x;
  }
}

void read_specific_heat(const Node& node, const Reading& reading, SpecificHeatCase& value) {
  value = {};
  if (node.kind == Kind::table)
    read_table_over_T(node, reading, "c", value.table_T, value.table_c);
  else
    read_quantity(node, reading, {.low = 0.0, .low_open = true}, "xyT", {}, value.value);
}

std::string written(const SpecificHeatCase& c) {
  return c.table_T.empty()
             ? written(c.value)
             : fmt::format("{{ T = {}, c = {} }}", written_numbers(c.table_T), written_numbers(c.table_c));
}

std::string written(const ConductivityCase& c) {
  if (!c.table_T.empty())
    return fmt::format("{{ T = {}, k = {} }}", written_numbers(c.table_T), written_numbers(c.table_k));
  return c.anisotropic ? fmt::format("[{}, {}]", written(c.x), written(c.y)) : written(c.x);
}

/// What a quantity may be, for the reference of keys.
std::string quantity_type(const std::string& variables, bool names) {
  const bool timely = variables.find('t') != std::string::npos && !names;
  return std::string{names ? "number | name" : "number"} + (" | expression of " + listed(variables)) +
         (timely ? " | table over t" : "");
}

const std::string conductivity_type = "number | expression | [kx, ky] | { T, k }";

bool is_auto(const Node& node) { return node.kind == Kind::string && node.text == "auto"; }

std::string words_of(const std::vector<std::string>& names, const std::vector<bool>& built, bool want) {
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (built[i] == want) chosen.push_back(names[i]);
  return joined(chosen);
}

bool bare(std::string_view name) {
  const auto fits = [](char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_' || c == '-';
  };
  const auto digit = [](char c) { return '0' <= c && c <= '9'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits) &&
         !std::all_of(name.begin(), name.end(), digit);
}

std::string section_of(const std::string& key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

std::string leaf_of(const std::string& key) { return key.substr(key.rfind('.') + 1); }

std::string escaped_for_markdown(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? std::string{"\\|"} : std::string(1, c);
  return safe;
}

}  // namespace

std::string Range::text() const {
  const bool bounded_below = std::isfinite(low), bounded_above = std::isfinite(high);
  if (bounded_below && bounded_above)
    return fmt::format("in {}{}, {}{}", low_open ? "(" : "[", plain(low), plain(high), high_open ? ")" : "]");
  if (bounded_below) return fmt::format("{} {}", low_open ? ">" : ">=", plain(low));
  if (bounded_above) return fmt::format("{} {}", high_open ? "<" : "<=", plain(high));
  return {};
}

// The calls that describe a key.

Key& Key::above(double low) {
  range_.low = low;
  range_.low_open = true;
  return *this;
}
Key& Key::at_least(double low) {
  range_.low = low;
  range_.low_open = false;
  return *this;
}
Key& Key::below(double high) {
  range_.high = high;
  range_.high_open = true;
  return *this;
}
Key& Key::at_most(double high) {
  range_.high = high;
  range_.high_open = false;
  return *this;
}
Key& Key::required() {
  required_ = true;
  return *this;
}
Key& Key::required_for(std::vector<std::string> words) {
  required_for_ = std::move(words);
  return *this;
}
Key& Key::instead_of(const std::string& other) {
  Key* const primary = schema_->key(other);
  CALOR_ASSERT(primary != nullptr);
  partners_.push_back(primary);
  primary->partners_.push_back(this);
  primary->instead_.push_back(this);
  return *this;
}
Key& Key::pieces_as(const std::string& other) {
  pieces_as_ = other;
  return *this;
}
Key& Key::selects() {
  selects_ = true;
  return *this;
}
Key& Key::only_for(std::vector<std::string> words) {
  only_for_ = std::move(words);
  return *this;
}
Key& Key::label() {
  label_ = true;
  return *this;
}
Key& Key::help(const std::string& text) {
  help_ = text;
  return *this;
}

// The types of keys.

Key& Schema::add(const std::string& name, const std::string& type, const std::string& unit) {
  CALOR_ASSERT(key(name) == nullptr);
  Key& k = keys_.emplace_back();
  k.schema_ = this;
  k.name_ = name;
  k.type_ = type;
  k.unit_ = unit;
  return k;
}

Key& Schema::number(const std::string& name, double& value, const std::string& unit) {
  Key& k = add(name, unit == "s" ? "number | duration" : "number", unit);
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    read_number(n, r, me.range_, value, me.unit_);
  };
  k.write_ = [&value] { return toml_number(value); };
  return k;
}

Key& Schema::number(const std::string& name, std::optional<double>& value, const std::string& unit) {
  Key& k = add(name, unit == "s" ? "number | duration" : "number", unit);
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    double v = 0.0;
    if (read_number(n, r, me.range_, v, me.unit_)) value = v;
  };
  k.write_ = [&value] { return value ? toml_number(*value) : ""; };
  return k;
}

Key& Schema::number_or_auto(const std::string& name, std::optional<double>& value, const std::string& unit) {
  Key& k = add(name, unit == "s" ? "number | duration | \"auto\"" : "number | \"auto\"", unit);
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    double v = 0.0;
    value.reset();
    if (is_auto(n)) return;
    if (n.kind == Kind::string && me.unit_ != "s")
      r.refuse(n, "must be a number or \"auto\"");
    else if (n.kind == Kind::string && !duration_in(n))
      r.refuse(n, std::string{"must be \"auto\", "} + wanted_time);
    else if (read_number(n, r, me.range_, v, me.unit_))
      value = v;
  };
  k.write_ = [&value] { return value ? toml_number(*value) : "\"auto\""; };
  return k;
}

Key& Schema::integer(const std::string& name, std::int64_t& value, const std::string& unit) {
  Key& k = add(name, "integer", unit);
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    read_integer(n, r, me.range_, value);
  };
  k.write_ = [&value] { return fmt::format("{}", value); };
  return k;
}

Key& Schema::integer(const std::string& name, std::optional<std::int64_t>& value, const std::string& unit) {
  Key& k = add(name, "integer", unit);
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    std::int64_t v = 0;
    if (read_integer(n, r, me.range_, v)) value = v;
  };
  k.write_ = [&value] { return value ? fmt::format("{}", *value) : ""; };
  return k;
}

Key& Schema::integer_or_auto(const std::string& name, std::optional<std::int64_t>& value,
                             const std::string& unit) {
  Key& k = add(name, "integer | \"auto\"", unit);
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    std::int64_t v = 0;
    value.reset();
    if (is_auto(n)) return;
    if (n.kind == Kind::string)
      r.refuse(n, "must be a whole number or \"auto\"");
    else if (read_integer(n, r, me.range_, v))
      value = v;
  };
  k.write_ = [&value] { return value ? fmt::format("{}", *value) : "\"auto\""; };
  return k;
}

Key& Schema::pair(const std::string& name, std::array<double, 2>& value, const std::string& unit) {
  Key& k = add(name, "[number, number]", unit);
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    if (n.kind != Kind::array || n.items.size() != 2) {
      r.refuse(n, "must be a list of two numbers");
      return;
    }
    for (std::size_t i = 0; i < 2; ++i) read_number(n.items[i], r, me.range_, value[i]);
  };
  k.write_ = [&value] { return written_numbers(value); };
  return k;
}

Key& Schema::extent(const std::string& name, std::array<double, 2>& ends, AxisCase& lines,
                    const std::string& unit) {
  Key& k = add(name, "[number, number] | { at, cells, ratio } | { faces }", unit);
  k.read_ = [&ends, &lines](const Key& me, const Node& n, const Reading& r) {
    lines = {};
    if (n.kind == Kind::table) {
      read_lines(n, r, ends, lines);
      return;
    }
    if (n.kind != Kind::array || n.items.size() != 2) {
      r.refuse(n, "must be a list of two numbers, or a table of at, cells and ratio, or of faces");
      return;
    }
    for (std::size_t i = 0; i < 2; ++i) read_number(n.items[i], r, me.range_, ends[i]);
  };
  k.write_ = [&ends, &lines] { return lines.given() ? written(lines) : written_numbers(ends); };
  return k;
}

Key& Schema::cells(const std::string& name, std::int64_t& value) {
  Key& k = add(name, "integer", "");
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    read_integer(n, r, me.range_, value);
  };
  k.write_ = [&value] { return value == 0 ? "" : fmt::format("{}", value); };
  return k;
}

Key& Schema::integers_or_auto(const std::string& name, std::optional<std::array<std::int64_t, 2>>& value) {
  Key& k = add(name, "[integer, integer] | \"auto\"", "");
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    value.reset();
    if (is_auto(n)) return;
    if (n.kind != Kind::array || n.items.size() != 2) {
      r.refuse(n, "must be \"auto\" or a list of two whole numbers");
      return;
    }
    std::array<std::int64_t, 2> both{};
    const bool first = read_integer(n.items[0], r, me.range_, both[0]);
    const bool second = read_integer(n.items[1], r, me.range_, both[1]);
    if (first && second) value = both;
  };
  k.write_ = [&value] { return value ? written_numbers(*value) : "\"auto\""; };
  return k;
}

Key& Schema::numbers(const std::string& name, std::vector<double>& value, const std::string& unit) {
  Key& k = add(name, unit == "s" ? "list of numbers | durations" : "list of numbers", unit);
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    read_numbers(n, r, me.range_, value, me.unit_);
  };
  k.write_ = [&value] { return value.empty() ? "" : written_numbers(value); };
  return k;
}

Key& Schema::points(const std::string& name, std::vector<std::array<double, 2>>& value,
                    const std::string& unit) {
  Key& k = add(name, "list of [x, y]", unit);
  k.read_ = [&value](const Key& me, const Node& n, const Reading& r) {
    if (n.kind != Kind::array) {
      r.refuse(n, "must be a list of points [x, y]");
      return;
    }
    if (n.items.size() < 3) {
      r.refuse(n, fmt::format("a polygon has at least 3 points, this one {}", n.items.size()));
      return;
    }
    value.clear();
    for (const Node& item : n.items) {
      if (item.kind != Kind::array || item.items.size() != 2) {
        r.refuse(item, "every point must be a list of two numbers, [x, y]");
        continue;
      }
      std::array<double, 2> p{};
      read_number(item.items[0], r, me.range_, p[0]);
      read_number(item.items[1], r, me.range_, p[1]);
      value.push_back(p);
    }
  };
  k.write_ = [&value] {
    std::string all;
    for (const auto& p : value) all += (all.empty() ? "" : ", ") + written_numbers(p);
    return "[" + all + "]";
  };
  return k;
}

Key& Schema::quantity(const std::string& name, Quantity& value, const std::string& unit,
                      const std::string& variables) {
  return quantity_or_name(name, value, unit, variables, {});
}

Key& Schema::quantity(const std::string& name, std::optional<Quantity>& value, const std::string& unit,
                      const std::string& variables) {
  Key& k = add(name, quantity_type(variables, false), unit);
  k.read_ = [&value, variables](const Key& me, const Node& n, const Reading& r) {
    Quantity q;
    if (read_quantity(n, r, me.range_, variables, {}, q)) value = std::move(q);
  };
  k.write_ = [&value] { return value ? written(*value) : ""; };
  return k;
}

Key& Schema::quantity_or_name(const std::string& name, Quantity& value, const std::string& unit,
                              const std::string& variables, const std::vector<std::string>& names) {
  Key& k = add(name, quantity_type(variables, !names.empty()), unit);
  k.words_ = joined(names);
  k.read_ = [&value, variables, names](const Key& me, const Node& n, const Reading& r) {
    read_quantity(n, r, me.range_, variables, names, value);
  };
  k.write_ = [&value] { return written(value); };
  return k;
}

Key& Schema::conductivity(const std::string& name, ConductivityCase& value) {
  Key& k = add(name, conductivity_type, "W/(m K)");
  k.positive();
  k.read_ = [&value](const Key&, const Node& n, const Reading& r) { read_conductivity(n, r, value); };
  k.write_ = [&value] { return written(value); };
  return k;
}

Key& Schema::conductivity(const std::string& name, std::optional<ConductivityCase>& value) {
  Key& k = add(name, conductivity_type, "W/(m K)");
  k.positive();
  k.read_ = [&value](const Key&, const Node& n, const Reading& r) {
    read_conductivity(n, r, value.emplace());
  };
  k.write_ = [&value] { return value ? written(*value) : ""; };
  return k;
}

Key& Schema::specific_heat(const std::string& name, std::optional<SpecificHeatCase>& value) {
  Key& k = add(name, "number | expression of x, y, T | { T, c }", "J/(kg K)");
  k.positive();
  k.read_ = [&value](const Key&, const Node& n, const Reading& r) {
    read_specific_heat(n, r, value.emplace());
  };
  k.write_ = [&value] { return value ? written(*value) : ""; };
  return k;
}

Key& Schema::text(const std::string& name, std::string& value, std::size_t longest) {
  Key& k = add(name, "text", "");
  k.words_ = fmt::format("at most {} characters", longest);
  k.read_ = [&value, longest](const Key& me, const Node& n, const Reading& r) {
    read_text(n, r, longest, me.label_, value);
  };
  k.write_ = [&value] { return value.empty() ? "" : toml_string(value); };
  return k;
}

Key& Schema::stamp(const std::string& name, std::string& value) {
  Key& k = add(name, "ISO 8601 stamp", "");
  k.words_ = "\"2026-01-31T18:00:00+01:00\"";
  k.read_ = [&value](const Key&, const Node& n, const Reading& r) {
    if ((n.kind == Kind::string || n.kind == Kind::date) && parse_stamp(n.text))
      value = n.text;
    else
      r.refuse(n, "must be an ISO 8601 stamp, as \"2026-01-31\" or \"2026-01-31T18:00:00+01:00\"");
  };
  k.write_ = [&value] { return value.empty() ? "" : toml_string(value); };
  return k;
}

Key& Schema::column(const std::string& name, ColumnChoice& value) {
  Key& k = add(name, "text | integer", "");
  k.words_ = "a name, or a number from 1";
  k.read_ = [&value](const Key&, const Node& n, const Reading& r) {
    if (n.kind == Kind::string && !n.text.empty())
      value = {n.text, 0};
    else if (n.kind == Kind::integer && n.integer >= 1)
      value = {"", n.integer};
    else
      r.refuse(n, "must be the name of a column in quotes, or its number from 1");
  };
  k.write_ = [&value] {
    return value.number != 0    ? fmt::format("{}", value.number)
           : value.name.empty() ? ""
                                : toml_string(value.name);
  };
  return k;
}

Key& Schema::names(const std::string& name, std::vector<std::string>& value,
                   const std::vector<std::string>& known) {
  Key& k = add(name, "list of names", "");
  k.words_ = joined(known);
  k.choices_ = known;
  k.read_ = [&value, known](const Key&, const Node& n, const Reading& r) {
    if (n.kind != Kind::array || n.items.empty()) {
      r.refuse(n, "must be a list of some of " + joined(known));
      return;
    }
    std::vector<std::string> all;
    for (const Node& item : n.items) {
      if (item.kind != Kind::string || std::find(known.begin(), known.end(), item.text) == known.end())
        r.refuse(item, "unknown; there is: " + joined(known) + did_you_mean(item.text, known));
      else if (std::find(all.begin(), all.end(), item.text) != all.end())
        r.refuse(item, "stands there twice");
      else
        all.push_back(item.text);
    }
    if (!all.empty()) value = std::move(all);
  };
  k.write_ = [&value] {
    std::string all;
    for (const std::string& v : value) all += (all.empty() ? "" : ", ") + toml_string(v);
    return "[" + all + "]";
  };
  return k;
}

Key& Schema::region_file(const std::string& name, RegionCase& region) {
  Key& k = add(name, "text", "");
  k.words_ = "a PNG file, or data:image/png;base64,...; an HDF5 file; a DXF file";
  k.read_ = [&region](const Key&, const Node& n, const Reading& r) {
    std::string path;
    constexpr std::size_t longest = std::size_t{1} << 18;
    if (read_text(n, r, longest, false, path) && path.empty()) r.refuse(n, "must not be empty");
    if (path.empty() || r.context == nullptr) return;
    switch (region.shape) {
      case Shape::image:
        r.context->read_picture(n, r, region.picture);
        return;
      case Shape::hdf5:
        r.context->read_array_file(n, region.arrays);
        return;
      case Shape::dxf:
        r.context->read_drawing(n, r, region.drawing);
        return;
      case Shape::rectangle:
      case Shape::circle:
      case Shape::polygon:
        return;
    }
  };
  k.write_ = [&region] {
    const auto first = [](const std::string& a, const std::string& b) { return a.empty() ? b : a; };
    const std::string path = region.shape == Shape::hdf5  ? first(region.arrays.place, region.arrays.path)
                             : region.shape == Shape::dxf ? first(region.drawing.file, region.drawing.path)
                                                          : first(region.picture.file, region.picture.path);
    return path.empty() ? "" : toml_string(path);
  };
  return k;
}

Key& Schema::file_hash(const std::string& name, std::string& hash, const std::string& found) {
  Key& k = add(name, "text", "");
  k.words_ = "16 hexadecimal digits";
  k.read_ = [&hash](const Key&, const Node& n, const Reading& r) {
    const bool digits = n.kind == Kind::string && n.text.size() == 16 &&
                        n.text.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (digits)
      hash = n.text;
    else
      r.refuse(n, "must be 16 hexadecimal digits in quotes, as a resolved case has them");
  };
  k.write_ = [&hash, &found] {
    const std::string& known = found.empty() ? hash : found;
    return known.empty() ? "" : toml_string(known);
  };
  return k;
}

Key& Schema::colours(const std::string& name, PictureCase& value) {
  Key& k = add(name, "{ colour = name, ... }", "");
  k.words_ = "{ \"#b87333\" = \"copper\", ... }";
  k.read_ = [&value](const Key&, const Node& n, const Reading& r) {
    if (n.kind != Kind::table || n.members.empty()) {
      r.refuse(n, "must be a table of colours and names of materials, { \"#b87333\" = \"copper\", ... }");
      return;
    }
    value.materials.clear();
    for (const Node& m : n.members) {
      const std::string colour = colour_name(m.key), path = r.path + "." + toml_string(m.key);
      if (colour.empty())
        r.mistakes.add(m.place, path, &m, "is no colour; write #rrggbb, or #rrggbbaa where it is not opaque");
      else if (m.kind != Kind::string || m.text.empty())
        r.mistakes.add(m.place, path, &m, "must be the name of a material in quotes");
      else if (!value.materials.emplace(colour, m.text).second)
        r.mistakes.add(m.place, path, &m, "stands there twice");
    }
  };
  k.write_ = [&value] {
    std::string all;
    for (const auto& [colour, material] : value.materials)
      all += (all.empty() ? "{ " : ", ") + toml_string(colour) + " = " + toml_string(material);
    return all.empty() ? all : all + " }";
  };
  return k;
}

Key& Schema::truth(const std::string& name, std::optional<bool>& value) {
  Key& k = add(name, "boolean", "");
  k.words_ = "true, false";
  k.read_ = [&value](const Key&, const Node& n, const Reading& r) {
    if (n.kind != Kind::boolean)
      r.refuse(n, fmt::format("must be true or false, without quotes, not {}", n.kind_name()));
    else
      value = n.boolean;
  };
  k.write_ = [&value]() -> std::string { return !value ? "" : *value ? "true" : "false"; };
  return k;
}

Key& Schema::name_pair(const std::string& name, std::vector<std::string>& value) {
  Key& k = add(name, "[name, name]", "");
  k.read_ = [&value](const Key&, const Node& n, const Reading& r) {
    const bool two = n.kind == Kind::array && n.items.size() == 2 && n.items[0].kind == Kind::string &&
                     n.items[1].kind == Kind::string;
    if (!two)
      r.refuse(n, "must be a list of two names in quotes");
    else
      value = {n.items[0].text, n.items[1].text};
  };
  k.write_ = [&value] {
    return value.size() == 2 ? "[" + toml_string(value[0]) + ", " + toml_string(value[1]) + "]" : "";
  };
  return k;
}

Key& Schema::duration(const std::string& name, std::optional<double>& seconds) {
  Key& k = add(name, "duration", "s");
  k.words_ = "seconds, or \"30s\", \"10min\", \"2h\", \"1d\"";
  k.read_ = [&seconds](const Key& me, const Node& n, const Reading& r) {
    double v = 0.0;
    if (n.kind == Kind::string) {
      const std::optional<double> read = parse_duration(n.text);
      if (!read)
        r.refuse(n, "must be a number of seconds, or a number with s, min, h or d in quotes, as \"10min\"");
      else if (!me.range_.contains(*read))
        r.refuse(n, range_complaint(me.range_, *read));
      else
        seconds = read;
    } else if (read_number(n, r, me.range_, v)) {
      seconds = v;
    }
  };
  k.write_ = [&seconds] { return seconds ? toml_number(*seconds) : ""; };
  return k;
}

Key& Schema::free_table(const std::string& name, Node& value, const std::string& type) {
  Key& k = add(name, type, "");
  k.read_ = [&value](const Key&, const Node& n, const Reading& r) {
    if (n.kind != Kind::table)
      r.refuse(n, "must be a table");
    else
      value = n;
  };
  k.write_ = [&value] { return value.members.empty() ? "" : toml_value(value); };
  return k;
}

Key& Schema::free_tables(const std::string& name, Node& value, const std::string& type) {
  Key& k = add(name, type, "");
  k.read_ = [&value](const Key&, const Node& n, const Reading& r) {
    read_list(n, r, false, [](const Node&, const std::string&) {});
    if (n.kind == Kind::array) value = n;
  };
  k.write_ = [&value] { return value.items.empty() ? "" : toml_value(value); };
  return k;
}

Key& Schema::word_key(const std::string& name, const std::vector<std::string>& names,
                      const std::vector<bool>& built, std::function<void(std::size_t)> set,
                      std::function<std::size_t()> get) {
  Key& k = add(name, "word", "");
  k.words_ = words_of(names, built, true);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (built[i]) k.choices_.push_back(names[i]);
  if (const std::string later = words_of(names, built, false); !later.empty())
    k.words_ += " (not in this version: " + later + ")";
  k.read_ = [names, built, set = std::move(set)](const Key&, const Node& n, const Reading& r) {
    const std::string there = words_of(names, built, true);
    const auto found = std::find(names.begin(), names.end(), n.text);
    if (n.kind != Kind::string) {
      r.refuse(n, fmt::format("must be a word in quotes, not {}; there is: {}", n.kind_name(), there));
    } else if (found == names.end()) {
      r.refuse(n, "unknown; there is: " + there + did_you_mean(n.text, names));
    } else if (const auto i = static_cast<std::size_t>(found - names.begin()); !built[i]) {
      r.refuse(n, "not in this version; there is: " + there);
    } else {
      set(i);
    }
  };
  k.write_ = [names, get] { return toml_string(names[get()]); };
  k.word_ = [names, get] { return names[get()]; };
  return k;
}

std::string entry_path(const Node& list, const std::string& key, std::size_t i) {
  const Node* const name = list.items[i].member("name");
  if (name != nullptr && name->kind == Kind::string && bare(name->text) &&
      list.find(name->text) == &list.items[i])
    return key + "." + name->text;
  return fmt::format("{}.{}", key, i);
}

void read_list(const Node& node, const Reading& reading, bool lone_allowed,
               const std::function<void(const Node& entry, const std::string& path)>& read) {
  if (node.kind == Kind::table && lone_allowed) {
    read(node, reading.path);
    return;
  }
  if (node.kind != Kind::array) {
    reading.refuse(node, lone_allowed ? "must be a table { key = value, ... } or a list of such tables"
                                      : "must be a list of tables, each begun by [[" + reading.path + "]]");
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& entry = node.items[i];
    const std::string path = entry_path(node, reading.path, i);
    if (entry.kind != Kind::table)
      reading.mistakes.add(entry.place, path, &entry, "must be a table");
    else
      read(entry, path);
  }
}

// Reading.

Key* Schema::key(std::string_view name) {
  for (Key& k : keys_)
    if (k.name_ == name) return &k;
  return nullptr;
}

bool Schema::is_section(const std::string& name) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const Key& k) { return k.name_.compare(0, name.size() + 1, name + ".") == 0; });
}

/// The keys and sections right under a section, by their last name.
std::vector<std::string> Schema::names_in(const std::string& prefix) const {
  std::vector<std::string> names;
  for (const Key& k : keys_) {
    if (k.name_.compare(0, prefix.size(), prefix) != 0) continue;
    const std::string rest = k.name_.substr(prefix.size());
    const std::string name = rest.substr(0, rest.find('.'));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::vector<KeyWords> Schema::single_keys() const {
  std::vector<KeyWords> all;
  for (const Key& k : keys_) {
    if (!k.sample_) all.push_back({k.name_, k.choices_});
    if (!k.sample_ || k.block_) continue;
    for (KeyWords& inner : k.sample_()->single_keys())  // of a lone piece
      all.push_back({k.name_ + "." + inner.name, std::move(inner.choices)});
  }
  return all;
}

KeyNumbers Schema::numbers_at(std::span<const std::string> path) const {
  const auto is_index = [](const std::string& word) {
    return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  };
  std::string name;
  for (std::size_t n = 0; n < path.size(); ++n) {
    name += (n == 0 ? "" : ".") + path[n];
    const auto found =
        std::find_if(keys_.begin(), keys_.end(), [&](const Key& k) { return k.name_ == name; });
    if (found == keys_.end()) continue;
    std::span<const std::string> rest = path.subspan(n + 1);
    if (found->sample_) {  // an entry's name or number; a lone piece has none
      if (!rest.empty() && (found->block_ || is_index(rest[0]))) rest = rest.subspan(1);
      const KeyNumbers of_key = found->sample_()->numbers_at(rest);
      const bool may_be_named = of_key.unit.empty() && !of_key.whole && rest.size() > 1;
      return may_be_named ? found->sample_()->numbers_at(rest.subspan(1)) : of_key;
    }
    if (rest.empty() || (rest.size() == 1 && is_index(rest[0])))
      return {found->unit_, found->type_.find("integer") != std::string::npos};
    return {};
  }
  return {};
}

std::vector<std::string> Schema::all_keys() const {
  std::vector<std::string> all;
  for (const Key& k : keys_) {
    all.push_back(k.name_);
    if (k.sample_)
      for (const std::string& inner : k.sample_()->all_keys()) all.push_back(k.name_ + "." + inner);
  }
  return all;
}

void Schema::unknown(const Node& node, const std::string& prefix, const std::string& path,
                     Mistakes& mistakes) const {
  const std::vector<std::string> here = names_in(prefix);
  const bool section = node.kind == Kind::table && prefix.empty();
  std::string what = section ? "unknown section" : "unknown key";
  if (const std::string near = closest(node.key, here); !near.empty()) {
    what += fmt::format("; did you mean \"{}{}\"?", prefix, near);
  } else {
    // The right word in the wrong section.
    std::vector<std::string> elsewhere;
    const std::vector<std::string> everywhere = all_keys();
    for (const std::string& full : everywhere)
      if (edit_distance(leaf_of(full), node.key) == 0) elsewhere.push_back(full);
    if (elsewhere.size() > 3) elsewhere.resize(3);
    if (elsewhere.empty())
      what += "; there is: " + joined(here);
    else
      what += "; did you mean \"" + joined(elsewhere, "\" or \"") + "\"?";
  }
  mistakes.add(node.place, path + prefix + node.key, section ? nullptr : &node, what);
}

void Schema::read_keys_of(const Node& table, const Node& section, const std::string& prefix,
                          const std::string& path, Mistakes& mistakes) const {
  for (const Node& member : section.members) {
    const std::string name = prefix + member.key;
    const bool known = std::any_of(keys_.begin(), keys_.end(), [&](const Key& k) { return k.name_ == name; });
    if (known) continue;
    if (left_.count(name) > 0) continue;
    if (is_section(name)) {
      if (member.kind == Kind::table)
        read_keys_of(table, member, name + ".", path, mistakes);
      else
        mistakes.add(member.place, path + name, &member,
                     "is a section: write [" + name + "] and its keys below it");
    } else {
      unknown(member, prefix, path, mistakes);
    }
  }
}

bool Schema::word_among(const std::vector<std::string>& words) const {
  for (const Key& k : keys_)
    if (k.selects_) return std::find(words.begin(), words.end(), k.word_()) != words.end();
  return true;
}

bool Schema::belongs(const Key& key) const { return key.only_for_.empty() || word_among(key.only_for_); }

void Schema::read(const Node& table, const std::string& path, Mistakes& mistakes, CaseContext* context) {
  const std::string before = path.empty() ? "" : path + ".";
  read_keys_of(table, table, "", before, mistakes);

  const Node* selector = nullptr;
  const Key* selecting = nullptr;
  bool selected = true;  // which keys belong is known
  for (Key& k : keys_) {
    const std::string full = before + k.name_;
    const Node* const node = table.find(k.name_);
    if (k.selects_) {
      selector = node;
      selecting = &k;
    }
    if (!k.only_for_.empty() && !selected) continue;
    if (node == nullptr) {
      const Node* const section = table.find(section_of(k.name_));
      const bool section_is_wrong = section != nullptr && section->kind != Kind::table;
      const bool wanted = k.required_for_.empty() ? k.required_ && belongs(k) : word_among(k.required_for_);
      if (wanted && !section_is_wrong && !mistakes.about(full)) {
        std::string what = "missing; it must be given";
        if (!k.only_for_.empty())
          what += fmt::format(" with {} = \"{}\"", selecting->name_, selecting->word_());
        mistakes.add(section != nullptr ? section->place : table.place, full, nullptr, what);
      }
      if (k.selects_ && k.required_) selected = false;
      continue;
    }
    if (!belongs(k)) {
      // A later text that changes the kind of thing leaves behind keys of the old kind.
      if (selector == nullptr || node->place.layer >= selector->place.layer) {
        std::vector<std::string> fitting;
        for (const Key& other : keys_)
          if (belongs(other) && !other.selects_) fitting.push_back(other.name_);
        mistakes.add(node->place, full, node,
                     fmt::format("does not belong to {} = \"{}\", which takes {}", selecting->name_,
                                 selecting->word_(), joined(fitting)));
      }
      continue;
    }
    bool overruled = false;
    for (const Key* partner : k.partners_) {
      const Node* const other = table.find(partner->name_);
      if (other == nullptr) continue;
      if (other->place.layer > node->place.layer) overruled = true;
      // Said once, about the alternative.
      const bool alternative = std::find(k.instead_.begin(), k.instead_.end(), partner) == k.instead_.end();
      if (other->place.layer == node->place.layer && alternative)
        mistakes.add(node->place, full, node,
                     "stands beside " + before + partner->name_ + "; give one of the two");
    }
    if (overruled) continue;
    k.read_(k, *node, {mistakes, full, context, arrays_ ? arrays_() : nullptr});
    if (k.selects_ && mistakes.about(full)) selected = false;
  }
}

// Writing.

std::string Schema::write() const {
  std::string all, section;
  for (const Key& k : keys_) {
    if (!belongs(k)) continue;
    const std::string value = k.write_();
    if (k.block_) {
      const std::string heading = k.named_ ? "[" + k.name_ + ".NAME]" : "[[" + k.name_ + "]]";
      all += value.empty() ? "\n# " + heading + ": none\n" : value;
      section.clear();
      continue;
    }
    const bool replaced = std::any_of(k.instead_.begin(), k.instead_.end(),
                                      [](const Key* other) { return !other->write_().empty(); });
    if (const std::string mine = section_of(k.name_); mine != section) {
      section = mine;
      all += "\n[" + section + "]\n";
    }
    if (value.empty() || replaced)
      all += fmt::format("# {}: not given\n", leaf_of(k.name_));
    else
      all += fmt::format("{} = {}{}\n", leaf_of(k.name_), value, k.unit_.empty() ? "" : "  # " + k.unit_);
  }
  return all;
}

std::string Schema::write_inline() const {
  std::string all;
  for (const Key& k : keys_) {
    if (!belongs(k)) continue;
    if (const std::string value = k.write_(); !value.empty())
      all += (all.empty() ? "" : ", ") + fmt::format("{} = {}", k.name_, value);
  }
  return "{ " + all + " }";
}

// The reference of keys.

struct Schema::Row {
  std::string section, key, type, unit, preset, range, help;
};

void Schema::rows(const std::string& section, std::vector<Row>& to) const {
  std::vector<const Key*> pieces;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const Key& k = keys_[i];
    const std::string heading = section.empty() ? section_of(k.name_) : section;
    if (k.block_) {
      k.sample_()->rows(k.named_ ? k.name_ + ".NAME" : "[" + k.name_ + "]", to);
      continue;
    }
    const std::string value = k.write_();
    std::string range = k.range_.text();
    if (!k.words_.empty()) range += (range.empty() ? "" : "; ") + k.words_;
    std::string help = k.help_;
    if (k.required_for_.empty() && !k.only_for_.empty())
      help += fmt::format(" (for {})", joined(k.only_for_));
    if (!k.required_for_.empty()) {
      std::vector<std::string> others;
      for (const std::string& w : k.only_for_)
        if (std::find(k.required_for_.begin(), k.required_for_.end(), w) == k.required_for_.end())
          others.push_back(w);
      help += fmt::format(" (for {}{})", joined(k.required_for_),
                          others.empty() ? "" : "; may stand in " + joined(others));
    }
    to.push_back({heading, leaf_of(k.name_), k.type_, k.unit_,
                  k.required_ || !k.required_for_.empty() ? "required"
                  : value.empty() || value == "[]"        ? "-"
                                                          : value,
                  range, help});
    // Pieces have tables of their own behind the section's.
    if (k.sample_ && k.pieces_as_.empty()) pieces.push_back(&k);
    const bool last = i + 1 == keys_.size() || (section.empty() && section_of(keys_[i + 1].name_) != heading);
    if (!last) continue;
    for (const Key* const p : pieces)
      p->sample_()->rows(heading + (heading == "boundary" ? std::string{".SIDE"} : "." + leaf_of(p->name_)),
                         to);
    pieces.clear();
  }
}

std::string Schema::reference(bool markdown) const {
  std::vector<Row> all;
  rows("", all);
  const auto heading = [](const std::string& section) {
    return section.empty() ? std::string{"top of the file"} : "[" + section + "]";
  };
  std::string text;
  if (markdown) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Row& r = all[i];
      if (i == 0 || r.section != all[i - 1].section) {
        text += (i == 0 ? "" : "\n") +
                ("## " + (r.section.empty() ? heading("") : "`" + heading(r.section) + "`"));
        text += "\n\n| key | type | unit | default | range | help |\n|---|---|---|---|---|---|\n";
      }
      text += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", r.key, escaped_for_markdown(r.type), r.unit,
                          r.preset == "-" || r.preset == "required" ? r.preset : "`" + r.preset + "`",
                          escaped_for_markdown(r.range), escaped_for_markdown(r.help));
    }
    return text;
  }
  std::array<std::size_t, 5> width{};
  const auto cells = [](const Row& r) {
    return std::array<std::string, 5>{r.key, r.type, r.unit.empty() ? "-" : r.unit, r.preset,
                                      r.range.empty() ? "-" : r.range};
  };
  constexpr std::size_t widest = 44;  // a wider cell pushes its own row, not all rows
  for (const Row& r : all)
    for (std::size_t c = 0; c < width.size(); ++c)
      if (const std::size_t w = cells(r)[c].size(); w <= widest) width[c] = std::max(width[c], w);
  const std::array<std::string, 5> titles{"key", "type", "unit", "default", "range"};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto line = [&](const std::array<std::string, 5>& row, const std::string& help) {
      std::string cell_text = "  ";
      for (std::size_t c = 0; c < width.size(); ++c) cell_text += fmt::format("{:<{}}  ", row[c], width[c]);
      cell_text += help;
      return cell_text + "\n";
    };
    if (i == 0) text += line(titles, "help");
    if (i == 0 || all[i].section != all[i - 1].section) text += "\n" + heading(all[i].section) + "\n";
    text += line(cells(all[i]), all[i].help);
  }
  return text;
}

}  // namespace calor::app
