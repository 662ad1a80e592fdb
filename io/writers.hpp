// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "decomposition/mpi.hpp"
#include "io/array_file.hpp"

// Who moves the rows of the fields into a file that is laid out already; for the .cpp files of io/ alone.
namespace calor::io {

constexpr std::int64_t slab_bytes = std::int64_t{4} << 20;      // stays in the caches on its way to the file
[[maybe_unused]] constexpr std::size_t threads_from = 1 << 16;  // cells; for fewer, waking threads costs more

/// A rank's box in slabs of rows.
struct Slabs {
  int rows = 1;            ///< in a slab
  std::int64_t count = 0;  ///< of this rank
  Slabs(const Box& b, std::int64_t element);
};

/// Checksums of this rank's rows, by field: taken from memory, while they are there for the file.
using RowSums = std::vector<std::vector<std::uint64_t>>;

/// Collective. Every rank writes its rows by its own calls, and syncs. io_error on all ranks.
RowSums write_direct(const mpi::Comm& comm, const std::filesystem::path& path,
                     const std::vector<FieldOut>& fields, const std::vector<FieldEntry>& entries);

/// Whether parallel HDF5 can be had on these ranks, as far as is known before it is tried; `say` hears once
/// why not. Collective.
bool parallel_hdf5_serves(const mpi::Comm& comm, const std::function<void(const std::string&)>& say);
/// Whether it has failed in this process, or cannot be had. The same on all ranks that have just written.
bool parallel_hdf5_lost();

/// Collective. Through parallel HDF5: every rank transfers its hyperslabs. io_error on all ranks: then the
/// library's objects are abandoned as they are, nothing calls it for this file again, and MPI may not be
/// finalised (mpi::abandon_files).
RowSums write_parallel_hdf5(const mpi::Comm& comm, const std::filesystem::path& path,
                            const std::vector<FieldOut>& fields, const std::vector<FieldEntry>& entries);

}  // namespace calor::io
