// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "solver/model/cell_means.hpp"

namespace calor::app {

/// A 2D dataset of an HDF5 file.
struct ArrayInput {
  PixelArray pixels;
  std::int64_t lowest = 0;  ///< where the least value stands

  double least() const { return pixels.values[static_cast<std::size_t>(lowest)]; }
};

/// A property that a region takes from a dataset of its file.
struct DatasetCase {
  std::string dataset;
  std::uint64_t hash = 0;                   ///< of the file
  std::shared_ptr<const ArrayInput> array;  ///< what the dataset holds; null while it is only asked for

  friend bool operator==(const DatasetCase& a, const DatasetCase& b) {
    return a.dataset == b.dataset && a.hash == b.hash;
  }
};

/// The file that a region of shape "hdf5" takes arrays from. It stays where it is.
struct ArrayFileCase {
  std::string path;   ///< as it can be opened; empty: none
  std::string place;  ///< where a resolved case points to: an absolute path
  std::string hash;   ///< that its bytes must have, 16 hexadecimal digits; empty: any
  std::string found;  ///< that they have; empty while it is only asked for

  /// The same bytes, wherever they lie.
  friend bool operator==(const ArrayFileCase& a, const ArrayFileCase& b) { return a.found == b.found; }
};

}  // namespace calor::app
