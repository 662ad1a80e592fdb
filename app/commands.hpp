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
  std::string what, out;  ///< a file, or a run's directory: then its last snapshot
  std::string field = "temperature";
  int width = 1200;
  std::optional<double> low, high;
  bool no_isolines = false;
};
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
