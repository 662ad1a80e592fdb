// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace calor::app::torture {

/// What a power cut may leave of a sequence of changes that the fault shim has recorded.
///
/// The model is what POSIX promises, and no more: data of a file is on the disk once a later fsync of this
/// file has returned, a name (made, renamed, removed) once a later fsync of its directory has. Of everything
/// else any part may be there, whatever the order: each page of each write by itself, each change of length,
/// each change of a name. A rename is one change. (Alagappan et al., OSDI 2014: file systems do reorder like
/// that.)
class PowerCut {
 public:
  /// @param record  as the shim writes it: heads of 40 bytes, two names and the data each
  /// @param root    directory whose files count; it stays itself
  /// Error{bad_data} if the record is not whole.
  PowerCut(const std::filesystem::path& record, std::filesystem::path root);

  std::int64_t events() const { return static_cast<std::int64_t>(events_.size()); }

  struct State {
    std::map<std::filesystem::path, std::string> files{};  ///< below the root, relative
    std::set<std::filesystem::path> directories{};
  };
  /// How much of what was not synced is there.
  enum class Kept { nothing, all, some, names_only, data_only };
  /// After the first `prefix` events.
  State after(std::int64_t prefix, Kept kept, std::mt19937_64& random) const;
  /// What the program saw then: all of it.
  State seen(std::int64_t prefix) const;

  /// Names below the root that were given (created, renamed to) and made durable within `prefix` events and
  /// not taken away since.
  std::vector<std::filesystem::path> durable_names(std::int64_t prefix) const;

 private:
  struct Event {
    char what =
        0;  ///< c create, w write, t truncate, a allocate, s sync, r rename, l link, u unlink, m mkdir
    std::string path{}, other{};  ///< relative to the root
    std::int64_t offset = 0;
    std::uint64_t bytes = 0;
    std::string data{};
    int node = -1, replaced = -1;  ///< which file or directory it is, whatever its name
    std::int64_t synced = -1;      ///< the event that made it durable; -1: none
  };
  void resolve();

  std::filesystem::path root_;
  std::vector<Event> events_;
};

/// Writes a state as files below `directory`, which is emptied before.
void put_state(const PowerCut::State& state, const std::filesystem::path& directory);

}  // namespace calor::app::torture
