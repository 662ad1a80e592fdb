// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "decomposition/box.hpp"
#include "decomposition/field.hpp"
#include "decomposition/mpi.hpp"
#include "io/file.hpp"

namespace calor::io {

/// Cells and extents [m] of the whole domain; cell (i, j) is centred at x0 + (i + 1/2) (x1 - x0) / nx, same
/// in y, or half way between given faces.
struct GlobalGrid {
  std::int64_t nx = 0, ny = 0;
  double x0 = 0.0, x1 = 1.0, y0 = 0.0, y1 = 1.0;
  std::vector<double> x_faces{}, y_faces{};  ///< nx + 1 and ny + 1 of them; empty: equal cells
  bool axisymmetric = false;                 ///< x is the distance from an axis

  bool equal_cells() const { return x_faces.empty() && y_faces.empty(); }
  /// Of column i, or row j.
  double x_centre(std::int64_t i) const;
  double y_centre(std::int64_t j) const;
  friend bool operator==(const GlobalGrid&, const GlobalGrid&) = default;
};

/// One array over the whole grid, as this rank holds it.
struct FieldOut {
  std::string name;              ///< letters, digits, '_'; also the dataset's name
  std::string units, long_name;  ///< "K", "temperature"
  View2D<const double> values;   ///< covers `box`; ignored where that is empty
  Box box;  ///< what this rank writes; all ranks' boxes cover the grid once, in any shape
};

/// What a file says about itself besides its arrays. Equal on all ranks when writing.
struct Header {
  std::string kind;          ///< "snapshot", "checkpoint"
  std::uint64_t run_id = 0;  ///< chosen once for a run (random_id), kept over its restarts
  std::int64_t step = 0;
  double time = 0.0;  ///< s; kept to the last bit
  GlobalGrid grid;
  nlohmann::json state;  ///< whatever the caller needs back; finite numbers, UTF-8
};

/// Who moves the bytes; the file is the same. A single rank uses the second whatever is asked for.
enum class Writer {
  parallel_hdf5,  ///< hyperslabs through parallel HDF5 and MPI-IO
  direct,         ///< every rank writes its rows at their place in the file, by its own calls
};

class MemoryFile;

struct WriteOptions {
  bool single = false;  ///< 4-byte numbers in the file
  Writer writer = Writer::parallel_hdf5;
  /// Rank 0: makes the HDF5 file, in memory, with one contiguous dataset a field, of shape (ny, nx) or
  /// (1, ny, nx), all space allocated. Absent: root attributes, /state, and /<name> (ny, nx).
  std::function<void(const MemoryFile& file)> lay_out;
  /// Rank 0, at the last moment before the file gets its name; throws Error if it must not, for instance
  /// because the directory has got another owner.
  BeforeCommit before_commit;
  /// Collective. Called once if there is no room (ENOSPC, EDQUOT): makes some, says what it removed, and the
  /// file is tried once more; empty: nothing can be spared.
  std::function<std::string()> make_room;
  /// Called on all ranks with what went wrong and was mended; for the log.
  std::function<void(const std::string& text)> say;
  /// Called on all ranks where parallel HDF5 has failed, and why; the second writer then writes the file.
  /// From now on these ranks use that one, and the program cannot end with MPI in order (mpi::abandon_files):
  /// a run had better write what it needs to go on, and stop.
  std::function<void(const std::string& why)> lost;
};

/// Collective. Writes the fields as one HDF5 file that appears under `path` whole, durable and verified, or
/// not at all: then io_error on every rank, and what stood under `path` still stands there.
///  1. the HDF5 library lays the file out in the memory of rank 0, which makes it under a partial name and
///     reserves its space: a full disk is refused here;
///  2. all ranks write their boxes and agree on every outcome; row checksums are taken from memory;
///  3. rank 0 appends the trailer: row checksums, manifest, tail (docs/file_format.md);
///  4. the ranks read the file back against the checksums; 5. sync, rename, sync of the directory.
void write_array_file(const mpi::Comm& comm, const std::filesystem::path& path, const Header& header,
                      const std::vector<FieldOut>& fields, const WriteOptions& options = {});

/// One array of a verified file.
struct FieldEntry {
  std::string name, units, long_name;
  bool single = false;      ///< 4-byte numbers
  std::int64_t offset = 0;  ///< of the first value in the file [bytes]
  std::int64_t rows = 0, columns = 0;
  std::uint64_t salt = 0;
  std::int64_t sums_offset = 0;  ///< of the row checksums in the file [bytes]

  std::int64_t element() const { return single ? 4 : 8; }
  std::int64_t bytes() const { return rows * columns * element(); }
};

/// What the trailer of a verified file says.
struct Manifest {
  std::filesystem::path path;
  std::string calor_version;  ///< that wrote the file
  Header header;
  std::vector<FieldEntry> fields;
  std::int64_t file_bytes = 0;

  const FieldEntry* find(const std::string& name) const;  ///< nullptr if there is none
};

/// Collective. Checks every byte of a file against its trailer before anything else looks at it; the ranks
/// share the rows. no_input: no such file; bad_data: damaged, with the field and rows or the byte range.
Manifest verify_file(const mpi::Comm& comm, const std::filesystem::path& path);

/// The same by one process, for a file that it alone reads; serial.
Manifest verify_file_alone(const std::filesystem::path& path);

/// True if the file ends as a calor file does; serial, no promise that it is whole.
bool has_trailer(const std::filesystem::path& path);

/// The row checksums of a field of a verified file; serial. Equal for equal values, run, step and name.
std::vector<std::uint64_t> row_checksums(const Manifest& manifest, const std::string& name);

/// Collective. Reads the cells `box` of a verified file's field; boxes may overlap or be empty.
/// bad_data if there is no such field or the box is not in it.
void read_array(const mpi::Comm& comm, const Manifest& manifest, const std::string& name, View2D<double> out,
                const Box& box);

/// Collective. Reads the cells `box` of a 2D dataset (ny, nx) or (1, ny, nx) of any HDF5 file. A file with
/// calor's trailer is verified first. bad_data if the dataset is missing, of another shape, or not plain
/// numbers.
void read_foreign(const mpi::Comm& comm, const std::filesystem::path& path, const std::string& dataset,
                  std::int64_t nx, std::int64_t ny, View2D<double> out, const Box& box);
/// Collective. Whether such a file has that dataset.
bool has_dataset(const mpi::Comm& comm, const std::filesystem::path& path, const std::string& dataset);

}  // namespace calor::io
