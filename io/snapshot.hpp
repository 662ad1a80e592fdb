// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "io/array_file.hpp"

namespace calor::io {

/// What a snapshot says besides its fields.
struct SnapshotInfo {
  std::string title;
  std::string case_text;      ///< the resolved case, TOML
  std::string calor_version;  ///< filled in when read
  std::uint64_t run_id = 0;
  std::int64_t step = 0;
  double time = 0.0;  ///< s
  GlobalGrid grid;
  bool single = false;              ///< 4-byte numbers
  bool gaps = false;                ///< cells without a value are NaN, and _FillValue says so
  std::vector<std::string> fields;  ///< filled in when read
};

/// "snapshot_000000120.nc": nine digits of the step, more if it needs more.
std::string snapshot_name(std::int64_t step);

/// Serial. The snapshots in a run's directory, in the order of their steps.
std::vector<std::filesystem::path> snapshots_in(const std::filesystem::path& directory);

/// Collective. One instant as a netCDF-4 file after the CF conventions: <field>(time = 1, y, x), with time,
/// y, x (cell centres) as coordinates and mesh/x, mesh/y (cell edges). Whole or not at all, see
/// write_array_file.
void write_snapshot(const mpi::Comm& comm, const std::filesystem::path& path, const SnapshotInfo& info,
                    const std::vector<FieldOut>& fields, const WriteOptions& options = {});

/// Serial. Reads what a snapshot says, of any program that kept calor's names; verify_file says whether it is
/// whole. bad_data if it is no such file.
SnapshotInfo read_snapshot_info(const std::filesystem::path& path);

}  // namespace calor::io
