// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "decomposition/error.hpp"
#include "io/memory_file.hpp"

// The only header that shows HDF5; for the .cpp files of io/ alone.
namespace calor::io::hdf5 {

/// Call before HDF5: errors are kept for `check` instead of printed, no plugins are loaded from the user's
/// environment, and the library does not close files again at exit, when MPI may be gone.
void prepare();

/// Throws Error{code} with `doing` and HDF5's own innermost words when `result` is negative.
void check_result(std::int64_t result, const std::string& doing, Exit code);
template <class T>
T check(T result, const std::string& doing, Exit code = Exit::io_error) {
  check_result(static_cast<std::int64_t>(result), doing, code);
  return result;
}

/// Owns one HDF5 identifier.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close closer, const std::string& doing, Exit code = Exit::io_error)
      : id_{check(id, doing, code)}, close_{closer} {}
  Handle(Handle&& o) noexcept : id_{std::exchange(o.id_, -1)}, close_{o.close_} {}
  Handle& operator=(Handle&& o) noexcept {
    std::swap(id_, o.id_);
    std::swap(close_, o.close_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  hid_t get() const { return id_; }
  /// Reports what the destructor cannot.
  void close(const std::string& doing) {
    if (id_ >= 0) check(close_(std::exchange(id_, -1)), doing);
  }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

/// Files. What is created keeps no times and the order in which its members were made, so that equal content
/// is equal bytes and netCDF lists variables in that order; large data starts on whole pages. They are made
/// in memory alone: when the library cannot write or close a file, it takes the program down at its end.
Handle create_file(const MemoryFile& memory, std::int64_t longest_attribute);
Handle reopen_file(const MemoryFile& memory);                    ///< to read
Handle open_file(const std::filesystem::path& path, Exit code);  ///< to read
Handle create_group(hid_t parent, const std::string& name);

/// A contiguous dataset whose space exists at once and is not filled. No dimensions: a scalar.
Handle create_dataset(hid_t parent, const std::string& name, hid_t type,
                      const std::vector<std::int64_t>& shape);
void write(hid_t dataset, const std::vector<double>& values);
void write(hid_t dataset, const std::vector<std::int64_t>& values);
/// A scalar dataset of fixed-length text.
void put_text(hid_t parent, const std::string& name, const std::string& text);

/// Attributes; texts have a fixed length, since ParaView's netCDF reader trips over others.
void attribute(hid_t object, const std::string& name, const std::string& text);
void attribute(hid_t object, const std::string& name, std::int64_t number);
void attribute(hid_t object, const std::string& name, double number);
void attribute(hid_t object, const std::string& name, float number);
bool has_attribute(hid_t object, const std::string& name);
std::string text_attribute(hid_t object, const std::string& name);      ///< "" if there is none
std::int64_t integer_attribute(hid_t object, const std::string& name);  ///< bad_data if there is none

std::vector<std::int64_t> shape_of(hid_t dataset);
std::vector<double> read_1d(hid_t file,
                            const std::string& name);  ///< a whole 1D dataset; bad_data if it is not one

/// The datasets right under the root.
std::vector<std::string> dataset_names(hid_t file);

/// Whether that name leads to a dataset.
bool is_dataset(hid_t file, const std::string& name);

/// Opens a dataset of a file that may come from anywhere: plain numbers inside the file itself. bad_data
/// where it does not exist, is text or a compound, or lies in other files (external links or storage,
/// virtual).
Handle open_numbers(hid_t file, const std::string& name, const std::filesystem::path& path);

}  // namespace calor::io::hdf5
