// SPDX-License-Identifier: BSD-3-Clause
#include "io/writers.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "decomposition/ending.hpp"
#include "io/checksum.hpp"
#include "io/hdf5.hpp"

namespace calor::io {

Slabs::Slabs(const Box& b, std::int64_t element) {
  if (b.empty()) return;
  rows = static_cast<int>(std::clamp<std::int64_t>(slab_bytes / element / b.nx(), 1, b.ny()));
  count = (b.ny() + rows - 1) / rows;
}

namespace {

/// Rows j0 ... j1 - 1 of the box as they are in the file, packed.
template <class T>
void pack(const FieldOut& field, int j0, int j1, std::vector<T>& to) {
  const Box& b = field.box;
  to.resize(static_cast<std::size_t>(std::int64_t{j1 - j0} * b.nx()));
#pragma omp parallel for schedule(static) if (to.size() > threads_from)
  for (int j = j0; j < j1; ++j) {
    const double* const from = &field.values(b.i0, j);
    T* const row = to.data() + std::int64_t{j - j0} * b.nx();
    for (int i = 0; i < b.nx(); ++i) row[i] = static_cast<T>(from[i]);
  }
}

/// Has the system write what has gone into a file, while the next part is being made; what it cannot do is no
/// loss, since the file is synced in the end.
class WriteBehind {
 public:
  explicit WriteBehind(const std::filesystem::path& path)
      : file_{::open(path.c_str(), O_WRONLY | O_CLOEXEC)} {}
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;
  ~WriteBehind() {
    if (file_ >= 0) ::close(file_);
  }
  void start(std::int64_t offset, std::int64_t bytes) const {
#ifdef SYNC_FILE_RANGE_WRITE
    if (file_ >= 0) static_cast<void>(::sync_file_range(file_, offset, bytes, SYNC_FILE_RANGE_WRITE));
#endif
  }

 private:
  int file_;
};

/// Hands every slab of this rank's part of a field, packed, to put(first row, last row + 1, data), and adds
/// its checksums to `sums`.
template <class T, class Put>
void for_each_slab(const FieldOut& field, const FieldEntry& entry, const WriteBehind& behind,
                   std::vector<std::uint64_t>& sums, Put put) {
  std::vector<T> buffer;
  const Box& b = field.box;
  const Slabs slabs{b, sizeof(T)};
  for (std::int64_t r = 0; r < slabs.count; ++r) {
    const int j0 = b.j0 + static_cast<int>(r) * slabs.rows, j1 = std::min(j0 + slabs.rows, b.j1);
    const std::vector<std::uint64_t> part =
        row_sums(field.values, Box{b.i0, j0, b.i1, j1}, entry.columns, entry.salt, entry.single);
    sums.insert(sums.end(), part.begin(), part.end());
    pack(field, j0, j1, buffer);
    put(j0, j1, buffer.data());
    // Of blocks side by side the pieces are short, and the system had better put them together first.
    if (b.nx() == entry.columns)
      behind.start(entry.offset + j0 * entry.columns * entry.element(),
                   (j1 - j0) * entry.columns * entry.element());
    mpi::sign_of_life();
  }
}

template <class T>
void write_rows(File& file, const FieldOut& field, const FieldEntry& entry, const WriteBehind& behind,
                std::vector<std::uint64_t>& sums) {
  const Box& b = field.box;
  const auto row_bytes = static_cast<std::int64_t>(sizeof(T)) * b.nx();
  const auto place = [&](int j) {
    return entry.offset + (j * entry.columns + b.i0) * static_cast<std::int64_t>(sizeof(T));
  };
  for_each_slab<T>(field, entry, behind, sums, [&](int j0, int j1, const T* data) {
    if (b.nx() == entry.columns) {
      file.write_at(data, row_bytes * (j1 - j0), place(j0));
    } else {
      for (int j = j0; j < j1; ++j) file.write_at(data + std::int64_t{j - j0} * b.nx(), row_bytes, place(j));
    }
  });
}

bool any_rows(const std::vector<FieldOut>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const FieldOut& f) { return !f.box.empty(); });
}

}  // namespace

RowSums write_direct(const mpi::Comm& comm, const std::filesystem::path& path,
                     const std::vector<FieldOut>& fields, const std::vector<FieldEntry>& entries) {
  RowSums sums(fields.size());
  agree(comm, [&] {
    if (!any_rows(fields)) return;
    File file{path, File::Mode::update};
    const WriteBehind behind{path};
    for (std::size_t k = 0; k < fields.size(); ++k)
      entries[k].single ? write_rows<float>(file, fields[k], entries[k], behind, sums[k])
                        : write_rows<double>(file, fields[k], entries[k], behind, sums[k]);
    file.sync();
    file.close();
  });
  return sums;
}

// Parallel HDF5
// -----------------------------------------------------------------------------------------------

namespace {

/// What is open of a file. Abandoned, it stays as it is until the program ends: libhdf5 and MPI-IO are known
/// to crash and to hang when they close what has failed.
struct OpenFile {
  hdf5::Handle transfer{}, file{}, dataset{};
};
std::vector<std::unique_ptr<OpenFile>> abandoned;
std::string unusable;  // why this process uses parallel HDF5 no more
bool warned = false;

/// Every rank opens the file for itself. Where one file is opened by all together, a rank whose read fails
/// while it opens, or whose write fails in a collective transfer, is caught in the library or leaves the
/// others caught there (docs/decisions.md); like this no call of the library waits for another rank. Nothing
/// but raw data is written, at places that are in the file already.
void open_alone(const mpi::Comm& alone, OpenFile& open, const std::filesystem::path& path) {
  hdf5::prepare();
  open.transfer = hdf5::Handle{H5Pcreate(H5P_DATASET_XFER), H5Pclose, "make transfer properties"};
  hdf5::check(H5Pset_dxpl_mpio(open.transfer.get(), H5FD_MPIO_INDEPENDENT), "choose independent transfer");
  const hdf5::Handle access{H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "make file properties"};
  hdf5::check(H5Pset_fapl_mpio(access.get(), alone.get(), MPI_INFO_NULL), "choose parallel file access");
  open.file =
      hdf5::Handle{H5Fopen(path.c_str(), H5F_ACC_RDWR, access.get()), H5Fclose, "open " + path.string()};
}

template <class T>
void write_dataset(OpenFile& open, const FieldOut& field, const FieldEntry& entry, const WriteBehind& behind,
                   std::vector<std::uint64_t>& sums, const std::filesystem::path& path) {
  const Box& b = field.box;
  const std::string doing = fmt::format("write field '{}' to {}", field.name, path.string());
  open.dataset = hdf5::Handle{H5Dopen2(open.file.get(), field.name.c_str(), H5P_DEFAULT), H5Dclose, doing};
  const hdf5::Handle space{H5Dget_space(open.dataset.get()), H5Sclose, doing};
  const int rank = hdf5::check(H5Sget_simple_extent_ndims(space.get()), doing);
  for_each_slab<T>(field, entry, behind, sums, [&](int j0, int j1, const T* data) {
    const auto rows = static_cast<hsize_t>(j1 - j0), columns = static_cast<hsize_t>(b.nx());
    const hsize_t packed = rows * columns;
    const hdf5::Handle memory{H5Screate_simple(1, &packed, nullptr), H5Sclose, doing};
    const std::array<hsize_t, 3> start{0, static_cast<hsize_t>(j0), static_cast<hsize_t>(b.i0)};
    const std::array<hsize_t, 3> count{1, rows, columns};
    const std::size_t skip = rank == 3 ? 0 : 1;
    hdf5::check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data() + skip, nullptr,
                                    count.data() + skip, nullptr),
                doing);
    const hid_t type = sizeof(T) == 4 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
    hdf5::check(H5Dwrite(open.dataset.get(), type, memory.get(), space.get(), open.transfer.get(), data),
                doing);
  });
  open.dataset.close(doing);
}

/// Why Open MPI cannot keep there what it knows of an open file; empty: it can.
std::string shared_memory_lacks() {
  constexpr const char* shared_memory = "/dev/shm";
  constexpr unsigned long enough = 1 << 20;  // bytes; it takes a few pages
  struct statvfs s {};
  if (::access(shared_memory, W_OK) != 0 || ::statvfs(shared_memory, &s) != 0)
    return fmt::format("{} cannot be written", shared_memory);
  const bool limited = s.f_blocks > 0;
  return limited && s.f_bavail * s.f_frsize < enough ? fmt::format("{} is full", shared_memory)
                                                     : std::string{};
}

}  // namespace

bool parallel_hdf5_serves(const mpi::Comm& comm, const std::function<void(const std::string&)>& say) {
  if (unusable.empty()) unusable = shared_memory_lacks();
  const std::string why = comm.first_message(unusable);
  if (!why.empty() && !comm.any(warned)) {
    warned = true;
    say(fmt::format("files are written by calor's own calls, parallel HDF5 cannot be had: {}", why));
  }
  return why.empty();
}

bool parallel_hdf5_lost() { return !unusable.empty(); }

RowSums write_parallel_hdf5(const mpi::Comm& comm, const std::filesystem::path& path,
                            const std::vector<FieldOut>& fields, const std::vector<FieldEntry>& entries) {
  const mpi::Comm alone = comm.split(comm.rank());
  const bool writes = any_rows(fields);
  auto open = std::make_unique<OpenFile>();
  RowSums sums(fields.size());
  try {
    agree(comm, [&] {
      if (!writes) return;
      open_alone(alone, *open, path);
      const WriteBehind behind{path};
      for (std::size_t k = 0; k < fields.size(); ++k) {
        if (fields[k].box.empty()) continue;
        entries[k].single ? write_dataset<float>(*open, fields[k], entries[k], behind, sums[k], path)
                          : write_dataset<double>(*open, fields[k], entries[k], behind, sums[k], path);
      }
      open->file.close("finish writing " + path.string());
    });
  } catch (const Error& e) {
    abandoned.push_back(std::move(open));
    unusable = e.what();
    warned = true;
    mpi::abandon_files();
    throw;
  }
  // By our own calls: what the library has not said would not be heard of.
  agree(comm, [&] {
    if (!writes) return;
    File file{path, File::Mode::update};
    file.sync();
    file.close();
  });
  return sums;
}

}  // namespace calor::io
