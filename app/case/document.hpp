// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace calor::app {

struct InputFile;
class InputTables;

/// Where something was written: a line of a file, or an override of the command line.
struct Place {
  int layer = 0;            ///< which text: later ones win; all overrides are the last layer
  int line = 1, order = 0;  ///< line of the file, or the override's number; then the order within it
  std::string text;         ///< "case.toml:12" or "command line: grid.nx=0"
  int file = -1;            ///< the text that paths are relative to; -1: the working directory
};

/// A value of a case with its place.
struct Node {
  enum class Kind { table, array, string, integer, number, boolean, date };
  Kind kind = Kind::table;
  Place place;
  std::string key;           ///< of a table's member: its name there
  std::string text;          ///< string: its characters; anything else but table and array: as it was typed
  std::int64_t integer = 0;  ///< of an integer
  double number = 0.0;       ///< of a number or an integer
  bool boolean = false;
  std::vector<Node> members;  ///< of a table
  bool braces = false;        ///< a table that was written as one value, { ... }
  std::vector<Node> items;    ///< of an array

  const Node* member(std::string_view name) const;      ///< nullptr: not there
  const Node* find(std::string_view dotted_key) const;  ///< through tables; nullptr: not there
  std::string shown() const;      ///< the value for a message: short, in one line, no control characters
  std::string kind_name() const;  ///< "a string", "a table"
};

/// What the numbers of a key are.
struct KeyNumbers {
  std::string unit;
  bool whole = false;
};

/// A key that can stand before a value, as on the command line, and the words that it takes, where it takes
/// those.
struct KeyWords {
  std::string name;
  std::vector<std::string> choices;
};

/// All that is wrong with a case, collected so that the user hears of it in one go.
class Mistakes {
 public:
  /// One line: "place: key = value: what". `value` null: "place: key: what".
  void add(const Place& place, const std::string& key, const Node* value, const std::string& what);
  void add(const Place& place, const std::string& what);
  bool empty() const { return lines_.empty(); }
  std::size_t count() const { return lines_.size(); }
  void take(Mistakes&& others);
  bool about(const std::string& key) const;  ///< something is wrong with the key or with a part of it
  /// Error{Exit::bad_case}, in the order of the files' lines. @param besides  what else is to be told then
  void throw_if_any(const std::vector<std::string>& besides = {}) const;

 private:
  struct Line {
    Place place;
    std::string text;
  };
  std::vector<Line> lines_;
  std::set<std::string> keys_;
};

/// A text to read and the name it has in messages.
struct Text {
  std::string name, bytes;
};

constexpr std::size_t longest_document = std::size_t{1} << 20;  ///< bytes of one text

/// Case files merged with the overrides of the command line: tables merge, anything else is replaced by the
/// later one, a table in braces that says what it is too (`type`, `t`, `file`, ...). In `key=value` the value
/// is TOML, or a bare word; in the key, a list's entry is chosen by its number from 0 or by its `name`
/// (`probe.E.at=[0.1, 0.2]`).
class Document {
 public:
  /// An override whose value or list entry is wrong becomes a mistake and is left out.
  /// @throws Error{Exit::bad_case} for texts that are not TOML or too large, Error{Exit::usage} for what is
  /// no
  ///         key=value
  Document(const std::vector<Text>& texts, const std::vector<std::string>& overrides, Mistakes& mistakes);

  const Node& root() const { return root_; }
  const Node* find(std::string_view dotted_key) const { return root_.find(dotted_key); }
  /// Puts a value at the end of a path, as an override of the command line does. Returns what is wrong with
  /// the path, or nothing.
  std::string put(const std::vector<std::string>& path, Node value);
  /// The number of texts, with the overrides as one: a value of this layer wins over all that is there.
  int layers() const { return layers_; }
  /// Place of the key, else of the nearest section around it, else the first text.
  const Place& place_of(std::string_view dotted_key) const;
  /// A path as it can be opened: one that is relative counts from the file that names it, as `at` tells.
  std::string path_from(const Place& at, const std::string& path) const;
  /// What cases that are read from this document, and from copies of it, take from other files.
  InputTables& tables() const { return *tables_; }
  /// All that the document says, with paths that hold from anywhere: tables are in inputs/ beside the text.
  Node with_copies(const std::vector<InputFile>& copies) const;

 private:
  Node root_;
  int layers_ = 0;
  std::vector<std::string> directories_;  ///< of the texts; empty: the working directory
  std::shared_ptr<InputTables> tables_;
};

/// The parts of a dotted TOML key, `a."b.c".d`; none if it is not one.
std::vector<std::string> key_path(const std::string& key);
/// What may be wrong with a key that has no path, to follow a message; empty: nobody knows.
std::string about_key(const std::string& key);
/// A value as it stands after `key=` on the command line: TOML, else a bare word. Nothing, with the reason in
/// `wrong`, if it is neither.
std::optional<Node> typed_value(const std::string& typed, const Place& place, std::string& wrong);

std::string toml_string(std::string_view text);  ///< quoted and escaped
/// All that the document says, as TOML again, without comments.
std::string toml_document(const Node& root);
std::string toml_value(const Node& value);  ///< in one line; numbers as they were typed
std::string toml_number(double value);      ///< shortest text that reads back to the same bits
/// Control characters and what follows `limit` characters made harmless for a terminal or a log.
std::string printable(std::string_view text, std::size_t limit = 60);

}  // namespace calor::app
