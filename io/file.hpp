// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

/// Names, boxes and views in files. Nothing here prints; what goes wrong is an Error.
namespace calor::io {

// Agreement: what one rank meets, all ranks throw.

/// Collective. Runs `f` on every rank; if it throws anywhere, the Error of the lowest such rank is thrown on
/// every rank. Other exceptions count as Exit::internal. `f` must not leave a collective call half-way.
void agree(const mpi::Comm& comm, const std::function<void()>& f);
/// Collective. Runs `f` on rank 0 only, with the same promise.
void collectively(const mpi::Comm& comm, const std::function<void()>& f);

// Everything below is serial: called by one process, usually rank 0 inside `collectively`.

/// "cannot <doing> <path>: <reason>", with what to do about it where errno `number` says so.
Error system_error(Exit code, const std::string& doing, const std::filesystem::path& path, int number);
/// Of this machine.
std::string host_name();
/// 16 hexadecimal digits that nobody can predict.
std::string random_token();
/// A 64-bit number that nobody can predict; names a run.
std::uint64_t random_id();

/// An open file descriptor. All failures are Errors: io_error for writing; for reading, no_input where there
/// is no such file and bad_data where it ends too early. What is written to is a regular file that is reached
/// by its own name, never through a link at the end of the path. Calls that a signal interrupts, and those
/// that move less than they were asked to, go on.
class File {
 public:
  enum class Mode {
    read,           ///< must exist
    create,         ///< must not exist; made with 0666 and the umask
    update,         ///< must exist; read and write
    append,         ///< made if missing; every write goes to the end
    create_append,  ///< must not exist; every write goes to the end
  };
  File(const std::filesystem::path& path, Mode mode);
  File(File&& o) noexcept;
  File& operator=(File&& o) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  const std::filesystem::path& path() const { return path_; }
  std::int64_t size() const;
  void read_at(void* data, std::int64_t bytes, std::int64_t offset) const;
  void write_at(const void* data, std::int64_t bytes, std::int64_t offset);
  /// One write of all bytes at the end (Mode::append); what got in of a write that failed is cut off again.
  void append(std::string_view text);
  /// The same for a file that others append to at the same time: one write, and what got in of one that
  /// failed stays.
  void append_shared(std::string_view text);
  /// What is there from `offset` on, at most `most` bytes; less at the end of the file.
  std::string read_from(std::int64_t offset, std::int64_t most) const;
  /// Space for [offset, offset + bytes), so that later writes there cannot find the disk full. Where the file
  /// system has no such promise this does nothing.
  void reserve(std::int64_t offset, std::int64_t bytes);
  void resize(std::int64_t bytes);
  void sync();   ///< to stable storage
  void close();  ///< reports what the destructor cannot
  void now_named(std::filesystem::path path) { path_ = std::move(path); }  ///< it was renamed
  bool is_at(const std::filesystem::path& path) const;  ///< the name leads to this very file

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

/// At the last moment before a finished file takes its name; throws Error where it must not. Who takes a
/// directory over removes what was unfinished there. So whoever looks here whether it is still the owner, the
/// unfinished file lying there, cannot replace a file of the next one, however long it is stopped afterwards.
using BeforeCommit = std::function<void()>;

/// A growing text file: whole lines, one write each.
class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path) : file_{path, File::Mode::append} {}
  /// A new file in the place of what `path` was; whoever has that open still writes into a file that has no
  /// name any more. @param fill  writes its beginning, which is on stable storage before it gets the name
  static AppendFile anew(const std::filesystem::path& path, const std::function<void(File&)>& fill,
                         const BeforeCommit& before_commit = {});
  void append(std::string_view text) { file_.append(text); }
  std::int64_t offset() const { return file_.size(); }  ///< bytes so far: what a checkpoint remembers
  /// Cuts off what was written after `offset()` returned this; bad_data if the file is shorter.
  void truncate_to(std::int64_t offset);
  void sync() { file_.sync(); }
  bool in_place() const { return file_.is_at(file_.path()); }  ///< false: it was removed or replaced
  const File& file() const { return file_; }

 private:
  explicit AppendFile(File&& file) : file_{std::move(file)} {}
  File file_;
};

/// Copies `from`, the first `bytes` of it, to the end of `to`.
void append_copy(const File& from, std::int64_t bytes, File& to);

/// Replaces `path` by a file that holds `text`, durably and at once: readers see the old or the new file,
/// whole.
void write_atomically(const std::filesystem::path& path, std::string_view text,
                      const BeforeCommit& before_commit = {});
/// Makes `path` with all of `text` in it, durably and at once, so that nobody ever sees it empty; false if
/// something stands under that name already, which is left as it is.
bool publish(const std::filesystem::path& path, std::string_view text);
/// The whole file; no_input if it is missing.
std::string read_text(const std::filesystem::path& path);
/// Makes the names in a directory durable (after create, rename, remove).
void sync_directory(const std::filesystem::path& directory);
/// What a name stands for; a link counts as something else, wherever it leads.
enum class Kind { nothing, file, directory, something_else };
Kind kind_of(const std::filesystem::path& path);
/// Makes one directory durably, or finds it. Error{cannot_create} if it cannot be made, or is none by itself
/// but, say, a link to one.
void make_directory(const std::filesystem::path& path);
/// The same for all of a path that a user has named, where links may lead.
void make_directories(const std::filesystem::path& path);
/// The names in a directory, in any order; none if there is no such directory. Error{io_error} if it cannot
/// be listed.
std::vector<std::string> names_in(const std::filesystem::path& directory);
/// Removes a name, not durably; there may be none. Error{io_error}
void remove_name(const std::filesystem::path& path);
/// Removes a directory if nothing is in it; says nothing if it cannot.
void remove_if_empty(const std::filesystem::path& directory);

/// What this user may still write on the file system of `directory` [bytes].
std::int64_t free_bytes(const std::filesystem::path& directory);
/// The directory of `path`, "." where it has none.
std::filesystem::path directory_of(const std::filesystem::path& path);

/// The temporary name next to `path` under which it is written: "<name>.partial-<token>".
std::filesystem::path partial_name(const std::filesystem::path& path);
/// Removes what killed runs left of their unfinished files in `directory`: regular files named
/// "<anything>.partial-<16 hexadecimal digits>", and MPI-IO's "....locktest.<n>" beside them. Only for the
/// directory's one owner. Returns how many.
/// @param of     which names, without ".partial-...", are meant; absent: all
/// @param still  asked once they are listed whether none of them can be another owner's; false: they stay
int remove_partials(const std::filesystem::path& directory,
                    const std::function<bool(const std::string& name)>& of = {},
                    const std::function<bool()>& still = {});

/// Unlinks an unfinished file unless it was committed.
class Partial {
 public:
  explicit Partial(std::filesystem::path final_path)
      : final_{std::move(final_path)}, path_{partial_name(final_)} {}
  Partial(const Partial&) = delete;
  Partial& operator=(const Partial&) = delete;
  ~Partial();
  const std::filesystem::path& path() const { return path_; }
  void commit();  ///< rename to the final name, durably

 private:
  std::filesystem::path final_, path_;
  bool committed_ = false;
};

}  // namespace calor::io
