// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>

namespace calor::io {

/// Serial. True if what `path` leads to may be removed or replaced as one of calor's array files (snapshots,
/// checkpoints): a regular file under that very name, not a link, which ends or begins as calor's files do,
/// or holds nothing but zeros, as a file does that was damaged by a power cut. A name alone says nothing:
/// other programs, too, write snapshot_000000007.nc. False if there is none, or it may
/// not be read.
/// @throws Error{io_error}  if reading it fails
bool is_calors(const std::filesystem::path& path);

/// Serial. Throws Error{cannot_create} if something that is not calor's stands under a name that is about to
/// be given to a file.
void refuse_foreign(const std::filesystem::path& path);

}  // namespace calor::io
