// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace calor {

/// A scalar of place x, y [m], time t [s] and temperature T: a constant, a table over T, or an arithmetic
/// expression (muparser: + - * / ^, comparisons, ?:, sin cos tan asin acos atan atan2 sinh cosh tanh exp ln
/// log10 log2 sqrt erf erfc abs sign min max rint, pi). Pure: the same arguments give the same bits on any
/// thread and rank. Safe to call from OpenMP threads at the same time.
class Function {
 public:
  Function(double constant = 0.0);  // NOLINT: a number is a function
  /// @param variables  which of "xyTt" may appear, as a string of their letters
  /// @throws std::invalid_argument saying what is wrong and at which character
  static Function expression(const std::string& text, const std::string& variables);
  /// Linear between the points, constant beyond the ends. @param T rising, as many as `values`, at least one
  static Function table(std::vector<double> T, std::vector<double> values);

  double operator()(double x, double y, double t = 0.0, double T = 0.0) const {
    return impl_ ? varying(x, y, t, T) : value_;
  }
  /// The same number, text or table: equal functions have equal values, not the other way round.
  friend bool operator==(const Function& a, const Function& b);
  bool constant() const { return !impl_; }  ///< a plain number, or an expression without variables
  bool of_place() const;                    ///< x or y appears
  bool of_time() const;                     ///< t appears
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

 private:
  struct Impl;
  double varying(double x, double y, double t, double T) const;
  double value_ = 0.0, factor_ = 1.0;  // of a constant; of what varies
  std::shared_ptr<const Impl> impl_;
};

}  // namespace calor
