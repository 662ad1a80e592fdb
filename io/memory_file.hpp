// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>

#include "io/file.hpp"

namespace calor::io {

/// A file that lies in memory and has no name on any disk (memfd_create): a library that writes files lays
/// one out here, where only memory can fail, and what it wrote goes to disk by our own calls, whose failures
/// are Errors. Holes take no memory: datasets that are allocated and not written cost nothing.
class MemoryFile {
 public:
  /// io_error if the system knows no such files, or `ulimit -f` is below `bytes`, which holds for them too: a
  /// library that meets it half-way may not survive it. @param bytes  it will have at most  @param meant  as
  /// what it will stand on disk
  MemoryFile(std::int64_t bytes, const std::filesystem::path& meant);
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile();
  /// By which this process opens it as if it lay on a disk.
  const std::filesystem::path& path() const { return path_; }
  std::int64_t size() const;
  /// Its bytes [begin, end), to the same place of a file on disk.
  void copy(std::int64_t begin, std::int64_t end, File& to) const;

 private:
  int fd_ = -1;
  std::filesystem::path path_;
};

}  // namespace calor::io
