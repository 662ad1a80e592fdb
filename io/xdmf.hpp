// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/array_file.hpp"
#include "io/file.hpp"

namespace calor::io {

/// One snapshot of a series.
struct SeriesEntry {
  std::string file;  ///< relative to the index: "snapshots/snapshot_000000120.nc"
  double time = 0.0;
  std::int64_t step = 0;
};

/// What the snapshots of a series hold.
struct SeriesShape {
  GlobalGrid grid;
  std::vector<std::string> fields;  ///< names of the datasets
  bool single = false;              ///< 4-byte numbers
};

/// An index by which ParaView and VisIt open a series of snapshots: version 2 XDMF, one grid a snapshot, cell
/// data. An entry costs the same however many there are: it is written over the closing tags, which follow it
/// in the same write, so that the file is whole before and after. Serial.
class XdmfSeries {
 public:
  /// A new index with these entries, in the place of what `path` was. Error{io_error}
  XdmfSeries(const std::filesystem::path& path, const std::vector<SeriesEntry>& entries,
             const SeriesShape& shape, const BeforeCommit& before_commit = {});
  /// A new file with the entries in the first `bytes` of the former one, which offset() had told, whose
  /// snapshots are still there; nullopt if that is no such index, or was cut. @param last  a step that the
  /// last of these entries must be of; -1: any
  static std::optional<XdmfSeries> resumed(const std::filesystem::path& path, std::int64_t bytes,
                                           std::int64_t last, const BeforeCommit& before_commit = {});

  /// Error{io_error}: then the index is as it was, as far as that can still be done.
  void append(const SeriesEntry& entry, const SeriesShape& shape);
  /// Bytes before the closing tags: what a checkpoint remembers.
  std::int64_t offset() const { return end_; }
  void sync() { file_.sync(); }
  bool in_place() const { return file_.is_at(file_.path()); }  ///< false: it was removed or replaced
  /// A new file with the same entries, in the place of what stands under the name now.
  void restore(const BeforeCommit& before_commit = {});

 private:
  XdmfSeries(File&& file, std::int64_t end) : end_{end}, file_{std::move(file)} {}
  std::int64_t end_ = 0;
  File file_;
};

}  // namespace calor::io
