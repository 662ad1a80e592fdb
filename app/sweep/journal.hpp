// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "io/file.hpp"

namespace calor::app {

/// A file that only grows, written by any number of processes at once: a line a record, each its checksum and
/// a JSON object, and where it tells a result, a tab and that as another one, which most readers pass over.
/// The order of the lines is the order of events for everybody who reads them; that is
/// how two jobs agree who has got a case (app/sweep/queue). A line that a killed process left half-written
/// is passed over. On file systems where appends of several hosts can overwrite each other (NFS) a record may
/// be lost; then a case is computed again, never wrongly. Not collective.
class Journal {
 public:
  /// Opens the file, or makes it. Error{io_error}
  explicit Journal(const std::filesystem::path& path);
  /// Makes a new one, whole from its first moment: its first record says that it is a sweep's. False if
  /// something stands under that name. Error{io_error}
  static bool begin(const std::filesystem::path& path);
  /// Replaces it by a new one.
  static void begin_anew(const std::filesystem::path& path);
  /// Whether a file is a journal: a regular file with a record among its first lines.
  static bool is_one(const std::filesystem::path& path);

  struct Record {
    nlohmann::json event;
    std::string result;           ///< JSON, or empty
    std::int64_t result_at = -1;  ///< where it begins in the file, of a record that was read
  };
  /// Adds the records in one write. Error{io_error}
  void append(const std::vector<Record>& records);
  void sync() { file_.sync(); }  ///< to stable storage
  /// What was added since the last call, by anybody.
  std::vector<Record> read_new();
  /// The result of a record once more, so that nobody need keep it. Error{io_error} if it is not there.
  std::string result(std::int64_t at, std::int64_t bytes) const;

 private:
  io::File file_;
  std::int64_t read_ = 0;   // bytes of the file that were looked at
  std::string incomplete_;  // a last line without its end
};

/// Checksum of a text (XXH3, 64 bits) in 16 hexadecimal digits.
std::string text_sum(std::string_view text);
/// A name for a text's content (XXH3, 128 bits) in 32 hexadecimal digits: two texts of one name are the same.
std::string content_name(std::string_view text);

}  // namespace calor::app
