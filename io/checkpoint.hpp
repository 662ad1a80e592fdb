// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "io/array_file.hpp"

namespace calor::io {

/// "checkpoint_000000120.h5": nine digits of the step, more if it needs more.
std::string checkpoint_name(std::int64_t step);

/// Collective. Writes `fields` and header.state as directory/checkpoint_<header.step>.h5 (see
/// write_array_file) and, only after that, removes older ones so that `keep` (at least 1) are left, the new
/// one among them. Those of later steps are left alone: see remove_later. Returns the path.
std::filesystem::path write_checkpoint(const mpi::Comm& comm, const std::filesystem::path& directory,
                                       Header header, const std::vector<FieldOut>& fields, int keep,
                                       const WriteOptions& options = {});

/// Collective. The newest checkpoint of the directory that is whole, verified; nullopt if there never was one
/// (or no such directory). What had to be skipped is told in `messages`, a line each. bad_data, with these
/// lines, if there are checkpoints and none is whole: the caller must not start afresh without being told to.
/// @param before  only checkpoints of earlier steps are looked at
std::optional<Manifest> newest_whole(const mpi::Comm& comm, const std::filesystem::path& directory,
                                     std::vector<std::string>& messages,
                                     std::int64_t before = std::numeric_limits<std::int64_t>::max());

/// Collective. Verifies one checkpoint file. no_input if it is missing; bad_data if it is damaged or not a
/// checkpoint. header.state is what write_checkpoint was given; fields are read with read_array.
Manifest read_checkpoint(const mpi::Comm& comm, const std::filesystem::path& path);

/// Collective. Removes the checkpoints of steps after `step`: once a run goes on from an older one, those of
/// its abandoned future must not be found by the next restart. Returns how many.
/// @param before_each  throws Error where nothing may be removed any more
int remove_later(const mpi::Comm& comm, const std::filesystem::path& directory, std::int64_t step,
                 const std::function<void()>& before_each = {});

/// Serial. Steps of the checkpoints in a directory, oldest first; empty if there is no such directory.
std::vector<std::int64_t> checkpoint_steps(const std::filesystem::path& directory);

}  // namespace calor::io
