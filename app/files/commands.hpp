// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor {

// One function a command; all collective. They print on rank 0 and throw Error alike on all ranks.

/// What a snapshot or checkpoint holds, and whether its checksums hold (Error{bad_data} if not).
Exit info_command(const mpi::Comm& comm, const std::string& file);

/// Exit::done and "identical" if all values agree to the last bit, or to `rtol` of the larger magnitude in
/// the field; else the largest difference and where, and Exit::difference. Error{bad_data} if the grids
/// differ.
Exit compare_command(const mpi::Comm& comm, const std::string& a, const std::string& b, double rtol);

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
/// number to draw.
Exit plot_command(const mpi::Comm& comm, const PlotOptions& options);

Exit import_command(const mpi::Comm& comm, const std::string& deck, const std::string& out);

/// Reference problems by name (all if none), as a pass table; Exit::difference if one fails.
Exit verify_command(const mpi::Comm& comm, const std::vector<std::string>& names, bool list);

struct BenchOptions {
  std::vector<std::string> names;  // none: all
  std::vector<int> sizes;          // cells a side; none: the usual ones
  bool large = false;              // 16384 too
  int repeats = 7;
  std::string json, csv;  // files for the tables, or empty
};
Exit bench_command(const mpi::Comm& comm, const BenchOptions& options);

}  // namespace calor
