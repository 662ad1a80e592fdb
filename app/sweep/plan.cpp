// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "app/case/case_io.hpp"
#include "app/case/inputs.hpp"
#include "app/case/schema.hpp"
#include "app/text/suggest.hpp"
#include "decomposition/error.hpp"
#include "io/checksum.hpp"

namespace calor::app {

namespace {

bool is_number(const Node& n) { return n.kind == Node::Kind::integer || n.kind == Node::Kind::number; }

/// A number of the SplitMix64 generator (Steele, Lea, Flood 2014).
std::uint64_t mixed(std::uint64_t x) { return io::mix64(x + io::golden); }

/// A stream of its own for every seed and key.
std::uint64_t stream(std::uint64_t seed, const std::string& key) {
  std::uint64_t h = mixed(seed);
  for (const char c : key) h = mixed(h ^ static_cast<unsigned char>(c));
  return h;
}

/// In [0, 1), 53 bits.
double share(std::uint64_t h) { return static_cast<double>(h >> 11U) * 0x1p-53; }

void set_layer(Node& node, int layer) {
  node.place.layer = layer;
  for (Node& member : node.members) set_layer(member, layer);
  for (Node& item : node.items) set_layer(item, layer);
}

bool same_value(const Node& a, const Node& b) {
  if (is_number(a) && is_number(b)) return a.number == b.number;
  return toml_value(a) == toml_value(b);
}

/// A condition of [[sweep.exclude]]: a value, one of a list, or a range with its ends.
bool holds(const Node& test, const Node& value) {
  if (same_value(test, value)) return true;
  if (test.kind == Node::Kind::array)
    return std::any_of(test.items.begin(), test.items.end(),
                       [&](const Node& item) { return same_value(item, value); });
  const Node* const from = test.member("from");
  const Node* const to = test.member("to");
  if (test.kind == Node::Kind::table && (from != nullptr || to != nullptr))
    return is_number(value) && (from == nullptr || from->number <= value.number) &&
           (to == nullptr || value.number <= to->number);
  return false;
}

}  // namespace

Node Plan::Axis::listed_value(std::size_t n, std::size_t key) const {
  const Node& item = listed[n];
  return names.size() > 1 && item.kind == Node::Kind::array ? item.items[key] : item;
}

double Plan::Axis::between(double a, double b) const {
  // Ends exact; round steps between round ends come out round.
  if (a <= 0.0) return from;
  if (b <= 0.0) return to;
  if (logarithmic) return std::pow(10.0, (std::log10(from) * b + std::log10(to) * a) / (a + b));
  return (from * b + to * a) / (a + b);
}

Node Plan::Axis::number(double v) const {
  Node node;
  node.place = place;
  // Beyond these whole numbers have gaps and none is meant; what reads the key refuses the end that was asked
  // for.
  constexpr double most = 9007199254740992.0;
  if (whole && std::abs(v) > most) {
    node.place.text += ": sweep.vary";
    node.kind = Node::Kind::integer;
    node.number = v > 0.0 ? std::max(from, to) : std::min(from, to);
    node.integer = static_cast<std::int64_t>(v > 0.0 ? most : -most);
    node.text = toml_number(node.number);
    return node;
  }
  node.kind = whole ? Node::Kind::integer : Node::Kind::number;
  node.number = v;
  node.integer = whole ? static_cast<std::int64_t>(v) : 0;
  node.text = whole ? fmt::format("{}", node.integer) : toml_number(v);
  return node;
}

Node Plan::Axis::at(std::int64_t n, std::size_t key) const {
  if (!listed.empty()) return listed_value(static_cast<std::size_t>(n), key);
  const double v = between(static_cast<double>(n), static_cast<double>(count - 1 - n));
  return number(whole ? std::round(v) : v);
}

Node Plan::Axis::drawn(double part, std::size_t key) const {
  if (!listed.empty()) {
    const auto n = static_cast<std::size_t>(part * static_cast<double>(listed.size()));
    return listed_value(std::min(n, listed.size() - 1), key);
  }
  if (!whole) return number(between(part, 1.0 - part));
  // Every whole number as likely as any other.
  Axis wide = *this;
  wide.from = std::min(from, to) - (logarithmic ? 0.0 : 0.5);
  wide.to = std::max(from, to) + (logarithmic ? 0.0 : 0.5);
  return number(
      std::clamp(std::round(wide.between(part, 1.0 - part)), std::min(from, to), std::max(from, to)));
}

Plan::Plan(const SweepCase& sweep, const std::optional<CsvTable>& table, int layer, Mistakes& mistakes)
    : mode_{sweep.mode},
      seed_{static_cast<std::uint64_t>(sweep.seed)},
      samples_{sweep.samples},
      layer_{layer},
      table_{table} {
  const Place here = sweep.vary.place;
  const bool drawn = mode_ == SweepMode::random || mode_ == SweepMode::latin_hypercube;
  std::int64_t total = 0;
  if (!drawn && samples_ > 0)
    mistakes.add(here, "sweep.samples", nullptr, "belongs to mode = \"random\" or \"latin-hypercube\"");
  if (table_) {
    names_ = table_->columns;
    total = static_cast<std::int64_t>(table_->rows.size());
    if (total == 0) mistakes.add(here, "sweep.file", nullptr, fmt::format("{} has no rows", table_->name));
  } else {
    read_axes(sweep.vary, "", sweep, mistakes);
    if (axes_.empty() && !mistakes.about("sweep.vary"))
      mistakes.add(here, "sweep.vary", nullptr,
                   "is empty; name at least one key to change, as \"material.conductivity\" = [1.0, 2.0]");
    for (const Axis& a : axes_) names_.insert(names_.end(), a.names.begin(), a.names.end());
    if (axes_.empty()) return;
    if (drawn) {
      total = samples_;
      if (total < 1)
        mistakes.add(here, "sweep.samples", nullptr, "missing; say how many cases are to be drawn");
    } else if (mode_ == SweepMode::zip) {
      total = axes_[0].count;
      for (const Axis& a : axes_)
        if (a.count != total)
          mistakes.add(a.place, "sweep.vary." + joined(a.names), nullptr,
                       fmt::format("has {} values, but {} has {}; zip needs as many of each", a.count,
                                   joined(axes_[0].names), total));
    } else {
      total = 1;
      for (const Axis& a : axes_) total = std::min(most_cases + 1, total * std::min(a.count, most_cases + 1));
    }
  }
  if (total > most_cases) {
    mistakes.add(here, "sweep.vary", nullptr, fmt::format("makes more than {} cases", most_cases));
    return;
  }
  std::set<std::string> seen;
  for (const std::string& name : names_) {
    paths_.push_back(key_path(name));
    const Place& place = table_ ? Place{here.layer, 1, 0, table_->name + ":1"} : here;
    if (paths_.back().empty())
      mistakes.add(place, "sweep.vary." + name, nullptr,
                   "is not a dotted key, such as material.conductivity" + about_key(name));
    else if (paths_.back()[0] == "sweep")
      mistakes.add(place, "sweep.vary." + name, nullptr, "a sweep cannot change itself");
    if (!seen.insert(joined(paths_.back(), ".")).second)
      mistakes.add(place, "sweep.vary." + name, nullptr, "stands there twice");
  }
  read_exclusions(sweep.exclude, mistakes);
  if (!mistakes.empty()) return;

  if (mode_ == SweepMode::latin_hypercube && !table_)
    for (const Axis& a : axes_) {
      // A shuffle (Fisher, Yates; Durstenfeld 1964) by the key's own stream.
      std::vector<std::int64_t>& order = strata_.emplace_back(static_cast<std::size_t>(total));
      std::iota(order.begin(), order.end(), 0);
      const std::uint64_t h = stream(seed_ ^ 0x6c61746e2d687963ULL, joined(a.names));
      for (std::size_t n = order.size(); n > 1; --n)
        std::swap(order[n - 1],
                  order[static_cast<std::size_t>(share(mixed(h ^ n)) * static_cast<double>(n))]);
    }
  for (std::int64_t n = 0; n < total; ++n)
    if (exclusions_.empty() || !left_out(all_values(n, mistakes)))
      kept_.push_back(n);
    else
      ++excluded_;
  if (kept_.empty() && total > 0)
    mistakes.add(sweep.exclude.place, "sweep.exclude", nullptr, "leaves no case of the plan");
}

void Plan::read_axes(const Node& table, std::string name, const SweepCase& sweep, Mistakes& mistakes) {
  if (!name.empty()) name += ".";
  for (const Node& member : table.members) {
    // Keys may stand in quotes, or be tables within tables as TOML makes of dotted keys.
    const bool range = member.member("from") != nullptr || member.member("to") != nullptr;
    if (member.kind == Node::Kind::table && !range)
      read_axes(member, name + member.key, sweep, mistakes);
    else
      read_axis(name + member.key, member, sweep, mistakes);
  }
}

void Plan::read_axis(const std::string& name, const Node& node, const SweepCase& sweep, Mistakes& mistakes) {
  const std::string full = "sweep.vary." + name;
  Axis a;
  a.place = node.place;
  a.text_layer = node.place.layer;
  a.place.layer = layer_;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t comma = std::min(name.find(',', at), name.size());
    std::string one = name.substr(at, comma - at);
    one.erase(0, one.find_first_not_of(' '));
    one.erase(one.find_last_not_of(' ') + 1);
    a.names.push_back(one);
    at = comma + 1;
  }
  // What the command line says of a key replaces what a file says, however the key was written.
  const auto same =
      std::find_if(axes_.begin(), axes_.end(), [&](const Axis& b) { return b.names == a.names; });
  const auto add = [&] {
    if (same == axes_.end())
      axes_.push_back(std::move(a));
    else if (a.text_layer == same->text_layer)
      mistakes.add(node.place, full, nullptr, "stands there twice");
    else if (a.text_layer > same->text_layer)
      *same = std::move(a);
  };
  if (node.kind == Node::Kind::array) {
    if (node.items.empty()) {
      mistakes.add(node.place, full, &node, "has no values");
      return;
    }
    a.listed = node.items;
    a.count = static_cast<std::int64_t>(a.listed.size());
    for (Node& item : a.listed) {
      set_layer(item, layer_);
      if (a.names.size() > 1 && item.kind == Node::Kind::array && item.items.size() != a.names.size())
        mistakes.add(
            item.place, full, &item,
            fmt::format("must be one value for all {} keys, or a list with one for each", a.names.size()));
    }
    add();
    return;
  }
  if (node.kind != Node::Kind::table) {
    mistakes.add(node.place, full, &node,
                 "must be a list of values, or { from = ..., to = ..., count = ... }");
    return;
  }
  std::string scale = "linear", whole = "no";
  const Words<std::string> scales{{"linear", "linear"}, {"log", "log"}},
      answers{{"no", "no"}, {"yes", "yes"}};
  Schema range;
  range.number("from", a.from).required().help("First value");
  range.number("to", a.to).required().help("Last value");
  range.integer("count", a.count).at_least(1).at_most(static_cast<double>(most_cases));
  range.word("scale", scale, scales);
  range.word("whole", whole, answers);
  range.read(node, full, mistakes);
  a.logarithmic = scale == "log";
  a.whole = whole == "yes";
  if (mistakes.about(full)) return;
  if (a.logarithmic && !(a.from > 0.0 && a.to > 0.0)) {
    mistakes.add(node.place, full, &node, "a logarithmic scale needs ends > 0");
    return;
  }
  const bool counted = sweep.mode == SweepMode::grid || sweep.mode == SweepMode::zip;
  if (counted && a.count == 0) {
    mistakes.add(node.place, full, &node, "count is missing: how many values from the first to the last");
    return;
  }
  add();
}

void Plan::read_exclusions(const Node& list, Mistakes& mistakes) {
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    std::vector<Condition> all;
    for (const Node& member : list.items[i].members) {
      const std::string full = fmt::format("sweep.exclude.{}.{}", i, member.key);
      const auto key = std::find(names_.begin(), names_.end(), member.key);
      if (key == names_.end()) {
        mistakes.add(member.place, full, nullptr,
                     fmt::format("is not a key that the sweep changes; there is: {}{}", joined(names_),
                                 did_you_mean(member.key, names_)));
        continue;
      }
      const bool range = member.member("from") != nullptr || member.member("to") != nullptr;
      for (const Node& bound : member.members)
        if (range && bound.key != "from" && bound.key != "to")
          mistakes.add(bound.place, full + "." + bound.key, &bound, "a range has from and to only");
      for (const char* end : {"from", "to"})
        if (const Node* const bound = member.member(end);
            member.kind == Node::Kind::table && bound != nullptr && !is_number(*bound))
          mistakes.add(bound->place, full + "." + end, bound, "must be a number");
      all.push_back({static_cast<std::size_t>(key - names_.begin()), member});
    }
    if (list.items[i].members.empty())
      mistakes.add(list.items[i].place, fmt::format("sweep.exclude.{}", i), nullptr,
                   "is empty, and would leave out every case");
    else
      exclusions_.push_back(std::move(all));
  }
}

std::vector<std::optional<Node>> Plan::all_values(std::int64_t n, Mistakes& mistakes) const {
  std::vector<std::optional<Node>> values;
  if (table_) {
    const auto row = static_cast<std::size_t>(n);
    const int line = table_->lines[row];
    const Place place{layer_, line, 0, fmt::format("{}:{}", table_->name, line)};
    for (std::size_t k = 0; k < names_.size(); ++k) {
      const std::string& cell = table_->rows[row][k];
      std::string wrong;
      if (cell.find_first_not_of(" \t") == std::string::npos)
        values.emplace_back();
      else if (std::optional<Node> value = typed_value(cell, place, wrong))
        values.push_back(std::move(value));
      else {
        mistakes.add(place, names_[k], nullptr, printable(cell) + ": " + wrong);
        values.emplace_back();
      }
    }
    return values;
  }
  std::int64_t combinations = 1;
  for (const Axis& a : axes_) combinations *= mode_ == SweepMode::grid ? a.count : 1;
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
    const Axis& a = axes_[axis];
    std::int64_t index = n;
    double part = 0.0;
    if (mode_ == SweepMode::grid) {
      combinations /= a.count;
      index = n / combinations % a.count;
    } else if (mode_ != SweepMode::zip) {
      part = share(mixed(stream(seed_, joined(a.names)) ^ mixed(static_cast<std::uint64_t>(n))));
      if (mode_ == SweepMode::latin_hypercube)
        part = (static_cast<double>(strata_[axis][static_cast<std::size_t>(n)]) + part) /
               static_cast<double>(samples_);
    }
    const bool drawn = mode_ == SweepMode::random || mode_ == SweepMode::latin_hypercube;
    for (std::size_t k = 0; k < a.names.size(); ++k)
      values.emplace_back(drawn ? a.drawn(part, k) : a.at(index, k));
  }
  return values;
}

bool Plan::left_out(const std::vector<std::optional<Node>>& values) const {
  return std::any_of(exclusions_.begin(), exclusions_.end(), [&](const std::vector<Condition>& all) {
    return std::all_of(all.begin(), all.end(),
                       [&](const Condition& c) { return values[c.key] && holds(c.test, *values[c.key]); });
  });
}

std::vector<std::optional<Node>> Plan::values(std::int64_t n, Mistakes& mistakes) const {
  return all_values(kept_[static_cast<std::size_t>(n)], mistakes);
}

std::string Plan::label(std::int64_t n) const {
  Mistakes unused;
  std::string text;
  const std::vector<std::optional<Node>> all = values(n, unused);
  for (std::size_t k = 0; k < all.size(); ++k)
    if (all[k]) text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", names_[k], all[k]->shown());
  return fmt::format("case {} ({})", n, text);
}

CaseMaker::CaseMaker(const Document& base, const Plan& plan, const std::string& name)
    : base_{base}, plan_{plan}, reader_{name} {
  base.tables().read_alone();  // what a case alone asks for
}

const Case& CaseMaker::make(std::int64_t n, Mistakes& mistakes) {
  Document document = base_;
  const std::vector<std::optional<Node>> values = plan_.values(n, mistakes);
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (!values[k]) continue;
    if (const std::string wrong = document.put(plan_.paths()[k], *values[k]); !wrong.empty())
      mistakes.add(values[k]->place, plan_.keys()[k], nullptr, wrong);
  }
  const Case& c = reader_.read(document, mistakes);
  missing_file_ = reader_.missing().empty() ? reader_.changed() : reader_.missing();
  if (c.initial.file.empty() || !missing_file_.empty()) return c;
  with_file_ = c;
  missing_file_ = find_initial_file(with_file_, document, hashes_).wrong();
  return with_file_;
}

}  // namespace calor::app
