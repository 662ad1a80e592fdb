// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace calor::io {

/// All of a 2D dataset, row by row.
struct WholeArray {
  std::int64_t nx = 0, ny = 0;  ///< columns, rows
  std::vector<double> values;
};

/// Serial. Reads a dataset of any numbers, (ny, nx) or (1, ny, nx), of an HDF5 file from anywhere; it may be
/// chunked and compressed by what HDF5 itself knows. bad_data for what is no such file or dataset, for one of
/// more than `most` numbers, or packed as netCDF packs (scale_factor, add_offset), and for a value that is
/// not finite or marked as missing (_FillValue, missing_value): file:dataset[row,column], from 0.
WholeArray read_whole_array(const std::filesystem::path& path, const std::string& dataset, std::int64_t most);

}  // namespace calor::io
