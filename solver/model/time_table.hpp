// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

namespace calor {

/// Something happens in a function of time: its slope changes, or it jumps. At a jump the function has the
/// later value; std::nextafter(t, -infinity) is the last time with the earlier one.
struct Knot {
  double t;   ///< s
  bool jump;  ///< false: a corner

  friend bool operator==(const Knot&, const Knot&) = default;
};

/// A measured or given course of time: points (t, value), what lies between them and what beyond, then
/// value * scale + offset. Two equal t are a jump, the later value holds from there on. Copies share the
/// points (17 bytes each with the sums for integrals, 8 + 8 without); a value costs a search of log2(points)
/// steps, or none if it lies beside the one this thread asked for before. Nothing is allocated. Pure: the
/// same bits on any thread.
class TimeTable {
 public:
  enum class Between {
    linear,  ///< straight lines between the points
    step     ///< each value holds until the next
  };
  enum class Beyond {
    hold,      ///< the first value before, the last after
    repeat,    ///< with a period; what is missing of it after the last point is drawn as between two points
    undefined  ///< NaN, but for what rounding makes of the ends
  };
  struct Shape {
    Between between = Between::linear;
    Beyond beyond = Beyond::hold;
    double period = 0.0;  ///< of repeat, s, at least last - first; 0: last - first
    double scale = 1.0, offset = 0.0;
  };

  /// @param t  s, not falling, at least one; no period of 0 for repeat
  TimeTable(std::vector<double> t, std::vector<double> values, const Shape& shape);

  double operator()(double t) const;
  /// Exact but for rounding, also over many repeats. t0 <= t1.
  double integral(double t0, double t1) const;
  /// Appends the corners and jumps in (from, to), rising, repeats unrolled. Three points in a line are no
  /// corner. False, with nothing appended, if they may be more than `most`.
  bool knots(double from, double to, std::size_t most, std::vector<Knot>& out) const;

  bool constant() const;  ///< one value, whatever t
  double first() const;
  double last() const;        ///< with repeat the first point of the next period
  std::size_t bytes() const;  ///< of memory, shared with copies

  /// The same points and shape.
  friend bool operator==(const TimeTable& a, const TimeTable& b);

 private:
  struct Points;
  struct Position {
    double period;  // number of the repeat; 0 without
    double t;       // within the points
    std::ptrdiff_t
        segment;  // t[segment] <= t < t[segment + 1]; -1 before the first, the last index after the last
  };
  Position position(double t) const;
  double raw(const Position& p) const;
  double raw_integral(double t0, double t1, std::ptrdiff_t s0, std::ptrdiff_t s1) const;
  double time_of(double period, std::ptrdiff_t point) const;

  std::shared_ptr<const Points> points_;
  Beyond beyond_;
  double scale_, offset_;
};

}  // namespace calor
