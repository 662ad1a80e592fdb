// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "solver/model/pixel_map.hpp"
#include "solver/model/time_table.hpp"

namespace calor {

/// What steps take of a function of t alone in place of its own values, so that the heat they book is its
/// integral. Whoever makes the steps sets it between two of them.
struct StepValues {
  std::vector<double> times, values;  // rising; holds at these very times
  double offset = 0.0;                // is added at all others
};

class CellMeans;
class Function;
/// Functions of one number that expressions may call, by name; each takes the number as its t.
using FunctionTable = std::map<std::string, Function, std::less<>>;

/// A scalar of place x, y [m], time t [s] and temperature T: a constant, a table over T, a table over t,
/// other functions on the pixels of a map, means of an array, or an arithmetic expression (muparser: + - * /
/// ^, comparisons,
/// ?:, sin cos tan asin acos atan atan2 sinh cosh tanh exp ln log10 log2 sqrt erf erfc abs sign min max rint,
/// pi, and named functions). Pure: the same arguments give the same bits on any thread and rank. Safe to call
/// from OpenMP threads at the same time.
class Function {
 public:
  Function(double constant = 0.0);  // NOLINT: a number is a function
  /// @param variables  which of "xyTt" may appear, as a string of their letters
  /// @param named      what else may be called, "T_out(t) - 2"; the function keeps those that it calls. No
  /// name is
  ///                   a word of the language
  /// @throws std::invalid_argument saying what is wrong and at which character
  static Function expression(const std::string& text, const std::string& variables);
  static Function expression(const std::string& text, const std::string& variables,
                             const FunctionTable& named);
  /// A course of time; a plain number if it is constant.
  static Function over_time(TimeTable table);
  /// Linear between the points, constant beyond the ends. @param T rising, as many as `values`, at least one
  static Function table(std::vector<double> T, std::vector<double> values);
  /// of[n] on the pixels with the number n.
  static Function pixels(std::shared_ptr<const PixelMap> pixels, std::vector<Function> of);
  /// In each cell of a grid the mean of an array.
  static Function in_cells(std::shared_ptr<const CellMeans> means);
  /// `f`, a function of t alone, as steps take it.
  static Function in_steps(const Function& f, std::shared_ptr<const StepValues> values);

  double operator()(double x, double y, double t = 0.0, double T = 0.0) const {
    return impl_ ? varying(x, y, t, T) : value_;
  }
  /// The same number, text or table: equal functions have equal values, not the other way round.
  friend bool operator==(const Function& a, const Function& b);
  bool constant() const { return !impl_; }  ///< a plain number, or an expression without variables
  bool of_place() const;                    ///< x or y appears
  bool of_time() const;                     ///< t appears
  bool constant_on_pixels() const;          ///< constant, or on each pixel of a map
  bool of_temperature() const;              ///< T appears, or it is a table
  /// The points of a table over T, empty if it is none.
  struct Table {
    std::span<const double> T, values;
  };
  Table table() const;
  /// The function times a number.
  Function times(double factor) const;
  /// d/dT by a central difference, for Newton's method.
  double slope(double x, double y, double t, double T) const;

  /// What the tables over time in this function do in (from, to), appended in rising order, each time once:
  /// the corners and jumps of a table, of the tables that an expression calls with plain `t`, and of those
  /// that these call.
  /// @return false, with nothing appended, if they may be more than most_knots
  bool knots(double from, double to, std::vector<Knot>& out) const;
  static constexpr std::size_t most_knots = 4'000'000;
  /// These knots are all that happens suddenly: nothing depends on t, or it is a table over time, or sums and
  /// products of such called with plain `t`, of numbers, x, y and T. Anything else of t has to be scanned.
  bool knots_known() const;
  /// The integral over time from t0 to t1 >= t0 at a place and a temperature. Exact but for rounding where
  /// nothing depends on t and for tables over time; else integral_over, in pieces between knots.
  double integral(double t0, double t1, double x, double y, double T = 0.0) const;
  /// The same to the last of `ends`, in pieces that end at these.
  double integral(double t0, std::span<const double> ends, double x, double y, double T = 0.0) const;

  /// A word of the language of expressions: a function, a variable, a constant. No name for a function.
  static bool is_word(std::string_view name);
  /// The names that stand in a text, variables too, in order, some several times.
  static std::vector<std::string_view> names_in(std::string_view text);

 private:
  struct Impl;
  double varying(double x, double y, double t, double T) const;
  double value_ = 0.0, factor_ = 1.0;  // of a constant; of what varies
  std::shared_ptr<const Impl> impl_;
};

/// Temperatures of standard fires over t [s], 20 deg C before t = 0: iso834, external_fire, hydrocarbon.
/// Source: EN 1991-1-2:2002, 3.2.1 to 3.2.3.
/// @param zero  of deg C on the scale that is wanted: 0, or 273.15 for kelvin
FunctionTable standard_fires(double zero);

}  // namespace calor
