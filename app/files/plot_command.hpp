// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

struct PlotOptions {
  /// Snapshots, or runs' directories: then the last one of each. Or tables, NAME.csv, or a sweep's directory.
  std::vector<std::string> what;
  std::string out;
  int width = 1200;
  // of snapshots
  std::string field = "temperature";
  std::string minus;  ///< the field of another snapshot is taken off
  std::string line;   ///< "x0,y0,x1,y1": along it
  bool all = false;   ///< the snapshots of a directory, not the last one alone
  std::optional<double> low, high;
  bool no_isolines = false, no_outlines = false, diverging = false;
  // of tables: columns (see TableChoice in app/plot/plot_table.hpp)
  std::string x, colour;
  std::vector<std::string> y;
  bool log_x = false, log_y = false;

  /// A line as a table, OUT.csv, rather than a picture.
  bool writes_numbers() const;
  /// The first option given that is for the other kind of picture; empty: none.
  std::string of_snapshots() const;
  std::string of_tables() const;
};
/// Draws a PNG, SVG or PDF, by the ending of `out`; several where `out` holds a number's place, %03d.
/// Error{usage} for another ending, for a field or column that is not there, for options of the other kind of
/// picture, and in a build without pictures; Error{no_input} where there is nothing of that name,
/// Error{bad_data} for what is damaged or holds no number to draw. Collective.
Exit plot_command(const mpi::Comm& comm, const PlotOptions& options);

}  // namespace calor::app
