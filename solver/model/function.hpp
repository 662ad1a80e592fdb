// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <string>
#include <vector>

namespace calor {

/// What steps take of a function of t alone in place of its own values, so that the heat they book is its
/// integral. Whoever makes the steps sets it between two of them.
struct StepValues {
  std::vector<double> times, values;  // rising; holds at these very times
  double offset = 0.0;                // is added at all others
};

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
  bool of_temperature() const;              ///< T appears, or it is a table
  /// d/dT by a central difference, for Newton's method.
  double slope(double x, double y, double t, double T) const;

 private:
  struct Impl;
  double varying(double x, double y, double t, double T) const;
  double value_ = 0.0;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace calor
