// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "app/case/arrays.hpp"
#include "app/case/drawing.hpp"
#include "app/case/picture.hpp"
#include "app/text/time_series.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

/// A file that a case has read: where it lies, what its copy beside the resolved case is called (empty: it
/// has none, and stays where it is), its bytes' hash.
struct InputFile {
  std::string path, name;
  std::uint64_t hash = 0;

  bool copied() const { return !name.empty(); }
  friend bool operator==(const InputFile& a, const InputFile& b) {
    return a.name == b.name && (a.copied() || a.hash == b.hash);
  }
};

/// Hashes of files that stay where they are, each found anew only where its size or time is another.
class FileHashes {
 public:
  /// 16 hexadecimal digits. Not collective. @throws Error{Exit::no_input} where it cannot be read
  std::string of(const std::string& path);

 private:
  struct Known {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type time{};
    std::string hash;
  };
  std::map<std::string, Known> known_;
};

/// The tables that cases take from files, each read once. First cases are read for what they ask for, then
/// all ranks load it together, from rank 0, then the cases are read again.
class InputTables {
 public:
  struct Entry {
    std::shared_ptr<const TimeSeries> series;      ///< or
    std::shared_ptr<const ColourPicture> picture;  ///< or
    std::shared_ptr<const Drawing> drawing;        ///< or
    std::shared_ptr<const ArrayInput> array;       ///< all null: `wrong` says why
    std::string place;                             ///< of an array's file: its absolute path
    std::string wrong;
    bool missing = false;  ///< the file cannot be read, rather than that it is wrong
    bool damaged = false;  ///< it is one of calor's whose checksums do not hold
    InputFile file;
  };
  /// What a file holds; null if it is not loaded yet, which is noted.
  const Entry* find(const std::string& path, const ColumnChoice& column, const ColumnChoice& time);
  const Entry* find_picture(const std::string& path);
  const Entry* find_drawing(const std::string& path);
  const Entry* find_array(const std::string& path, const std::string& dataset);
  /// Loads what was asked for in vain. Collective; every rank has asked for the same. False: there was
  /// nothing.
  bool load(const mpi::Comm& comm);
  /// From now on each rank reads by itself what it asks for.
  void read_alone() { alone_ = true; }
  /// What is loaded, each file once.
  std::vector<InputFile> files() const;
  /// Memory of what is loaded.
  std::int64_t bytes() const;

 private:
  enum class Kind { series, picture, drawing, array };
  struct Key {
    std::string path;
    ColumnChoice column, time;  // or, by its name, the dataset
    Kind kind = Kind::series;
    friend bool operator<(const Key& a, const Key& b) {
      const auto all = [](const Key& k) {
        return std::tie(k.path, k.column.name, k.column.number, k.time.name, k.time.number, k.kind);
      };
      return all(a) < all(b);
    }
  };
  /// What was read last, as several entries of one file are read one after the other.
  struct Before {
    std::string path, text;  // of a table or picture
    std::string array_file;  // and of arrays
    std::uint64_t array_hash = 0;
  };
  static Entry read(const Key& key, Before& before);
  const Entry* find(const Key& key);

  std::map<Key, Entry> entries_;
  std::set<Key> wanted_;
  bool alone_ = false;
};

/// A file that was read as this text and is to be copied.
InputFile to_be_copied(const std::string& path, const std::string& text);

/// Copies the files to DIRECTORY/inputs, whole or not at all; what is there under such a name and has its
/// hash stays. Rank 0 only. @throws Error{Exit::bad_data} for a file that changed since it was read,
/// Error{Exit::cannot_create} where something else stands under its name
void copy_inputs(const std::vector<InputFile>& files, const std::string& directory);

/// A name of a copy that copy_inputs made.
bool is_copied_input(const std::string& name);
/// Such a copy: a regular file with the hash that its name says.
bool is_copy(const std::filesystem::path& path);

}  // namespace calor::app
