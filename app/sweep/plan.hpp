// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "app/case/case_io.hpp"
#include "app/case/document.hpp"
#include "app/case/sweep_case.hpp"
#include "app/text/csv.hpp"

namespace calor::app {

/// The cases of a sweep: for each, what the varied keys are set to.
///   grid             every combination; the last key changes fastest
///   zip              the first values of all keys, the second ones, ...
///   random           every value drawn alike from its list or range, also on a logarithmic scale
///   latin-hypercube  as random, but each key's range is cut into as many parts as there are samples, and
///                    every part is met once (McKay, Beckman, Conover 1979)
/// Draws depend on the seed, the key and the sample's number alone: more samples, or another key, leave the
/// random ones as they were.
class Plan {
 public:
  /// @param table   the rows of `sweep.file`, where one is given
  /// @param layer   of the values, see Document::layers
  Plan(const SweepCase& sweep, const std::optional<CsvTable>& table, int layer, Mistakes& mistakes);

  std::int64_t size() const { return static_cast<std::int64_t>(kept_.size()); }
  std::int64_t excluded() const { return excluded_; }
  const std::vector<std::string>& keys() const { return names_; }                ///< as in the file
  const std::vector<std::vector<std::string>>& paths() const { return paths_; }  ///< the same, in parts
  /// The values of case n, one a key; nothing: the key stays as it is (an empty cell of a table).
  std::vector<std::optional<Node>> values(std::int64_t n, Mistakes& mistakes) const;

  /// "case 3 (material.conductivity = 2.0)"
  std::string label(std::int64_t n) const;

  static constexpr std::int64_t most_cases = SweepCase::most_cases;

 private:
  /// One entry of [sweep.vary]: one or more keys that change together.
  struct Axis {
    std::vector<std::string> names;
    Place place;               // of the layer of the plan
    int text_layer = 0;        // where it was written
    std::vector<Node> listed;  // empty: a range
    double from = 0.0, to = 0.0;
    std::int64_t count = 0;
    bool logarithmic = false, whole = false;

    Node listed_value(std::size_t n, std::size_t key) const;
    /// The number that divides the range, on its scale, as a : b.
    double between(double a, double b) const;
    Node number(double v) const;
    Node at(std::int64_t n, std::size_t key) const;  // of `count`
    Node drawn(double part, std::size_t key) const;  // part in [0, 1)
  };
  struct Condition {
    std::size_t key;
    Node test;
  };

  void read_axes(const Node& table, std::string name, const SweepCase& sweep, Mistakes& mistakes);
  void read_axis(const std::string& name, const Node& node, const SweepCase& sweep, Mistakes& mistakes);
  void read_exclusions(const Node& list, Mistakes& mistakes);
  std::vector<std::optional<Node>> all_values(std::int64_t n, Mistakes& mistakes) const;
  bool left_out(const std::vector<std::optional<Node>>& values) const;

  SweepMode mode_;
  std::uint64_t seed_ = 0;
  std::int64_t samples_ = 0;
  int layer_ = 0;
  std::vector<Axis> axes_;
  std::optional<CsvTable> table_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> paths_;
  std::vector<std::vector<std::int64_t>> strata_;  // latin-hypercube: of each axis, the part of every sample
  std::vector<std::vector<Condition>> exclusions_;
  std::vector<std::int64_t> kept_;  // numbers of the cases that are not excluded
  std::int64_t excluded_ = 0;
};

/// Makes the cases of a plan one by one. Not collective.
class CaseMaker {
 public:
  /// @param base  what all cases share; it and the plan outlive the maker
  CaseMaker(const Document& base, const Plan& plan, const std::string& name);
  /// Case n of the plan, `initial.file` looked for; good until the next call.
  const Case& make(std::int64_t n, Mistakes& mistakes);
  /// Of the case made last: what is wrong with its `initial.file`, or empty.
  const std::string& missing_file() const { return missing_file_; }

 private:
  const Document& base_;
  const Plan& plan_;
  CaseReader reader_;
  Case with_file_;
  std::string missing_file_;
  FileHashes hashes_;
};

}  // namespace calor::app
