// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/case/case.hpp"
#include "app/case/document.hpp"

namespace calor::app {

/// A word of a case and what it stands for. Not `built`: known, but refused by name in this version.
template <class E>
struct Word {
  std::string name;
  E value;
  bool built = true;
};
template <class E>
using Words = std::vector<Word<E>>;

/// The numbers a key takes.
struct Range {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool low_open = false, high_open = false;  ///< the bound itself is outside

  bool contains(double v) const {
    return (low_open ? v > low : v >= low) && (high_open ? v < high : v <= high);
  }
  std::string text() const;  ///< "> 0", "in (0, 1]"; empty: any
};

class CaseContext;

/// What a key is read with: where mistakes go, the key's full name in messages, and what the case holds
/// besides.
struct Reading {
  Mistakes& mistakes;
  std::string path;
  CaseContext* context = nullptr;  ///< null: no functions and no files
  ArrayFileCase* arrays =
      nullptr;  ///< not null: a text in the place of an expression of x, y is a dataset of it

  void refuse(const Node& node, const std::string& what) const {
    mistakes.add(node.place, path, &node, what);
  }
};

/// One key of the case: made by Schema, described by the calls chained to it.
class Key {
 public:
  Key& above(double low);     ///< numbers > low
  Key& at_least(double low);  ///< numbers >= low
  Key& below(double high);
  Key& at_most(double high);
  Key& positive() { return above(0.0); }
  Key& required();
  /// Required if the selecting key holds one of the words.
  Key& required_for(std::vector<std::string> words);
  /// Stands for `other`, bound before: not both. What a later text says wins over what an earlier one says.
  Key& instead_of(const std::string& other);
  Key& selects();                                 ///< its word decides which `only_for` keys belong
  Key& only_for(std::vector<std::string> words);  ///< belongs if the selecting key holds one of the words
  Key& label();                              ///< a text fit for a column's heading: no comma, quote, control
  Key& pieces_as(const std::string& other);  ///< its pieces have the keys of those: told there
  Key& help(const std::string& text);

 private:
  friend class Schema;
  class Schema* schema_ = nullptr;
  std::string name_, type_, unit_, help_, words_;  // words_: what it takes, in words
  std::vector<std::string> choices_;               // the words that it takes, where they are known
  Range range_;
  bool required_ = false, selects_ = false, label_ = false;
  std::vector<std::string> only_for_, required_for_;
  std::string pieces_as_;
  std::vector<Key*> partners_;  // not together with these
  std::vector<Key*> instead_;   // those that may stand for this one
  std::function<void(const Key&, const Node&, const Reading&)> read_;
  std::function<std::string()> write_;               // TOML; empty: not given
  std::function<std::string()> word_;                // of a selecting key
  std::function<std::unique_ptr<Schema>()> sample_;  // of a list of tables: the keys of one entry
  bool named_ = false;                               // a table of tables, by their names
  bool block_ = false;                               // written as [[name]] tables rather than as a value
};

/// All keys of a case, or of one entry of a list in it. From one line a key come parsing, validation, the
/// resolved copy and the reference of keys. Keys are dotted names; the values bound to them outlive the
/// schema.
class Schema {
 public:
  Schema() = default;
  Schema(const Schema&) = delete;
  Schema& operator=(const Schema&) = delete;

  Key& number(const std::string& key, double& value, const std::string& unit = "");
  Key& number(const std::string& key, std::optional<double>& value, const std::string& unit = "");
  Key& number_or_auto(const std::string& key, std::optional<double>& value, const std::string& unit = "");
  Key& integer(const std::string& key, std::int64_t& value, const std::string& unit = "");
  Key& integer(const std::string& key, std::optional<std::int64_t>& value, const std::string& unit = "");
  Key& integer_or_auto(const std::string& key, std::optional<std::int64_t>& value,
                       const std::string& unit = "");
  Key& truth(const std::string& key, std::optional<bool>& value);
  Key& pair(const std::string& key, std::array<double, 2>& value, const std::string& unit);
  /// Both ends of an axis, or how its cells lie.
  Key& extent(const std::string& key, std::array<double, 2>& ends, AxisCase& lines, const std::string& unit);
  /// A number of cells; 0, which is not written: not given.
  Key& cells(const std::string& key, std::int64_t& value);
  Key& integers_or_auto(const std::string& key, std::optional<std::array<std::int64_t, 2>>& value);
  Key& numbers(const std::string& key, std::vector<double>& value, const std::string& unit);
  Key& points(const std::string& key, std::vector<std::array<double, 2>>& value, const std::string& unit);
  /// A number, or an expression of the variables named by their letters; ranges hold for what is constant.
  Key& quantity(const std::string& key, Quantity& value, const std::string& unit,
                const std::string& variables);
  Key& quantity(const std::string& key, std::optional<Quantity>& value, const std::string& unit,
                const std::string& variables);
  /// As quantity, or one of the names.
  Key& quantity_or_name(const std::string& key, Quantity& value, const std::string& unit,
                        const std::string& variables, const std::vector<std::string>& names);
  Key& conductivity(const std::string& key, ConductivityCase& value);
  Key& conductivity(const std::string& key, std::optional<ConductivityCase>& value);
  Key& specific_heat(const std::string& key, std::optional<SpecificHeatCase>& value);
  Key& text(const std::string& key, std::string& value, std::size_t longest);
  Key& names(const std::string& key, std::vector<std::string>& value, const std::vector<std::string>& known);
  /// The names of a picture's colours.
  Key& colours(const std::string& key, PictureCase& value);
  /// What the file of a region holds, by its shape; and the hash that one with arrays must have.
  Key& region_file(const std::string& key, RegionCase& region);
  /// @param found  the hash that it has, which is written where it is known
  Key& file_hash(const std::string& key, std::string& hash, const std::string& found);
  /// Texts in the place of expressions of x, y are names of datasets wherever this gives a file.
  void datasets(std::function<ArrayFileCase*()> file) { arrays_ = std::move(file); }
  /// Two names.
  Key& name_pair(const std::string& key, std::vector<std::string>& value);
  Key& duration(const std::string& key, std::optional<double>& seconds);
  /// A table, or a list of tables, whose members somebody else knows: kept as it was written.
  Key& free_table(const std::string& key, Node& value, const std::string& type);
  Key& free_tables(const std::string& key, Node& value, const std::string& type);
  template <class E>
  Key& word(const std::string& key, E& value, const Words<E>& words);
  /// A word that need not be given.
  template <class E>
  Key& word(const std::string& key, std::optional<E>& value, const Words<E>& words);
  /// A list of tables, [[key]].
  template <class T>
  Key& tables(const std::string& key, std::vector<T>& list, void (*bind)(Schema&, T&));
  /// A table, or a list of tables, written inline.
  template <class T>
  Key& pieces(const std::string& key, std::vector<T>& list, void (*bind)(Schema&, T&));

  /// Tables with names of the user's, [key.NAME].
  template <class T>
  Key& named_tables(const std::string& key, std::vector<T>& list, void (*bind)(Schema&, T&));
  /// An instant, ISO 8601, as text or as TOML's own.
  Key& stamp(const std::string& key, std::string& value);
  /// The number or the name of a column of a file.
  Key& column(const std::string& key, ColumnChoice& value);

  /// A section that another schema reads.
  void leave(const std::string& section) { left_.insert(section); }

  /// Reads every key from the table and reports unknown, wrong and missing ones. @param path of the table in
  /// messages
  void read(const Node& table, const std::string& path, Mistakes& mistakes, CaseContext* context = nullptr);
  /// TOML with a header for every section.
  std::string write() const;
  /// "{ key = value, ... }"
  std::string write_inline() const;
  /// The reference of all keys: aligned text, or a Markdown table a section.
  std::string reference(bool markdown) const;
  /// The keys as a JSON Schema, draft 2020-12.
  std::string json_schema() const;
  /// The keys but for those in lists and named tables of tables.
  std::vector<KeyWords> single_keys() const;
  /// What numbers at the end of a path are, as of `region.duct.radius`, `grid.x.1`; nothing if none belong
  /// there.
  KeyNumbers numbers_at(std::span<const std::string> path) const;

 private:
  friend class Key;
  struct Row;
  Key& add(const std::string& key, const std::string& type, const std::string& unit);
  Key* key(std::string_view name);
  bool is_section(const std::string& name) const;
  bool belongs(const Key& key) const;
  /// The word of the selecting key is one of these.
  bool word_among(const std::vector<std::string>& words) const;
  void read_keys_of(const Node& table, const Node& section, const std::string& prefix,
                    const std::string& path, Mistakes& mistakes) const;
  void unknown(const Node& node, const std::string& prefix, const std::string& path,
               Mistakes& mistakes) const;
  std::vector<std::string> names_in(const std::string& prefix) const;
  std::vector<std::string> all_keys() const;
  void rows(const std::string& section, std::vector<Row>& to) const;
  std::string json_of_keys(bool whole) const;
  template <class T>
  Key& list(const std::string& key, std::vector<T>& list, void (*bind)(Schema&, T&), bool block);
  Key& word_key(const std::string& key, const std::vector<std::string>& names, const std::vector<bool>& built,
                std::function<void(std::size_t)> set, std::function<std::size_t()> get);

  std::deque<Key> keys_;  // a deque: keys keep their address
  std::set<std::string> left_;
  std::function<ArrayFileCase*()> arrays_;
};

/// The full name of a list's entry: by its name where that singles it out, else by its number, as in
/// key=value on the command line.
std::string entry_path(const Node& list, const std::string& key, std::size_t i);

/// Calls `read` with every table of the list, a lone table counting as a list of one if `lone_allowed`.
void read_list(const Node& node, const Reading& reading, bool lone_allowed,
               const std::function<void(const Node& entry, const std::string& path)>& read);

template <class E>
Key& Schema::word(const std::string& key, E& value, const Words<E>& words) {
  std::vector<std::string> names;
  std::vector<bool> built;
  for (const Word<E>& w : words) {
    names.push_back(w.name);
    built.push_back(w.built);
  }
  return word_key(
      key, names, built, [&value, words](std::size_t i) { value = words[i].value; },
      [&value, words] {
        std::size_t i = 0;
        while (i + 1 < words.size() && !(words[i].value == value)) ++i;
        return i;
      });
}

template <class E>
Key& Schema::word(const std::string& key, std::optional<E>& value, const Words<E>& words) {
  std::vector<std::string> names;
  std::vector<bool> built;
  for (const Word<E>& w : words) {
    names.push_back(w.name);
    built.push_back(w.built);
  }
  Key& k = word_key(
      key, names, built, [&value, words](std::size_t i) { value = words[i].value; }, [] { return 0; });
  k.write_ = [&value, words] {
    for (const Word<E>& w : words)
      if (value == w.value) return "\"" + w.name + "\"";
    return std::string{};
  };
  return k;
}

template <class T>
Key& Schema::list(const std::string& name, std::vector<T>& list, void (*bind)(Schema&, T&), bool block) {
  Key& k = add(name, block ? "list of tables" : "piece | list of pieces", "");
  k.block_ = block;
  k.read_ = [&list, bind, block](const Key&, const Node& node, const Reading& reading) {
    list.clear();
    read_list(node, reading, !block, [&](const Node& entry, const std::string& path) {
      list.emplace_back();
      list.back().where = entry.place.text;
      Schema schema;
      bind(schema, list.back());
      schema.read(entry, path, reading.mistakes, reading.context);
    });
  };
  k.write_ = [&list, bind, block, name] {
    std::string all;
    for (T& entry : list) {
      Schema schema;
      bind(schema, entry);
      if (block)
        all += "\n[[" + name + "]]\n" + schema.write();
      else
        all += (all.empty() ? "" : ", ") + schema.write_inline();
    }
    if (block) return all;
    return list.size() == 1 ? all : "[" + all + "]";
  };
  k.sample_ = [bind] {
    auto schema = std::make_unique<Schema>();
    static T sample;  // only its defaults are read
    bind(*schema, sample);
    return schema;
  };
  return k;
}

template <class T>
Key& Schema::named_tables(const std::string& name, std::vector<T>& list, void (*bind)(Schema&, T&)) {
  Key& k = add(name, "tables", "");
  k.block_ = k.named_ = true;
  k.read_ = [&list, bind](const Key&, const Node& node, const Reading& reading) {
    list.clear();
    if (node.kind != Node::Kind::table) {
      reading.refuse(node, "must hold tables, each begun by [" + reading.path + ".NAME]");
      return;
    }
    for (const Node& entry : node.members) {
      const std::string path = reading.path + "." + entry.key;
      if (entry.kind != Node::Kind::table) {
        reading.mistakes.add(entry.place, path, &entry, "must be a table, begun by [" + path + "]");
        continue;
      }
      list.emplace_back();
      list.back().name = entry.key;
      list.back().where = entry.place.text;
      Schema schema;
      bind(schema, list.back());
      schema.read(entry, path, reading.mistakes, reading.context);
    }
  };
  k.write_ = [&list, bind, name] {
    std::string all;
    for (T& entry : list) {
      Schema schema;
      bind(schema, entry);
      all += "\n[" + name + "." + entry.name + "]\n" + schema.write();
    }
    return all;
  };
  k.sample_ = [bind] {
    auto schema = std::make_unique<Schema>();
    static T sample;  // only its defaults are read
    bind(*schema, sample);
    return schema;
  };
  return k;
}

template <class T>
Key& Schema::tables(const std::string& key, std::vector<T>& values, void (*bind)(Schema&, T&)) {
  return list(key, values, bind, true);
}

template <class T>
Key& Schema::pieces(const std::string& key, std::vector<T>& values, void (*bind)(Schema&, T&)) {
  return list(key, values, bind, false);
}

}  // namespace calor::app
