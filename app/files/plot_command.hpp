// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>

#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor {

struct PlotOptions {
  /// A snapshot, or a run's directory: then its last one. Or a table, NAME.csv, or a sweep's directory.
  std::string what, out;
  int width = 1200;
  // of a snapshot
  std::string field = "temperature";
  std::optional<double> low, high;
  bool no_isolines = false;
  // of a table: columns (see TableChoice in app/plot/plot_table.hpp)
  std::string x, y, colour;
  bool log_x = false, log_y = false;
};
/// Draws a PNG, SVG or PDF, by the ending of `out`. Error{usage} for another ending, for a field or column
/// that is not there, for options of the other kind of picture, and in a build without pictures;
/// Error{no_input} where there is nothing of that name, Error{bad_data} for what is damaged or holds no
/// number to draw. Collective.
Exit plot_command(const mpi::Comm& comm, const PlotOptions& options);

}  // namespace calor
