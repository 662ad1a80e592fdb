// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/text/time_series.hpp"
#include "solver/model/time_table.hpp"

namespace calor::app {

/// A quantity over time as a case gives it: points that stand in the case, or columns of a CSV file.
struct CourseCase {
  std::vector<double> t, value;  ///< in the case; empty: of `series`
  std::string path;              ///< of the file, as it can be opened; empty: the points stand in the case
  std::string file;              ///< where a resolved case points to: inputs/NAME-HASH.csv, beside it
  ColumnChoice column, time;
  double scale = 1.0, offset = 0.0;
  TimeTable::Between between = TimeTable::Between::linear;
  TimeTable::Beyond beyond = TimeTable::Beyond::hold;
  std::optional<double> period;              ///< s
  std::shared_ptr<const TimeSeries> series;  ///< what the file holds
  double shift = 0.0;                        ///< s, from time.start to the file's first stamp

  const std::vector<double>& times() const { return series ? series->t : t; }
  const std::vector<double>& values() const { return series ? series->value : value; }

  /// The same points and shape; wherever a file lay that was read.
  friend bool operator==(const CourseCase& a, const CourseCase& b);
};

/// The course as what is computed with.
TimeTable time_table(const CourseCase& c);

/// A function of [functions]: a course, or an expression of t.
struct FunctionCase {
  std::string name;
  std::string expression;  ///< empty: `course`
  CourseCase course;
  std::string where;  ///< "file:line"

  friend bool operator==(const FunctionCase&, const FunctionCase&) = default;
};

}  // namespace calor::app
