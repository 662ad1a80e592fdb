// SPDX-License-Identifier: BSD-3-Clause
#include "io/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <limits>
#include <new>
#include <system_error>
#include <utility>

namespace calor::io {

namespace {

constexpr std::int64_t most_per_call = std::int64_t{1} << 30;  // Linux moves at most 2 GiB a call
constexpr std::string_view partial_mark = ".partial-";
constexpr std::size_t token_length = 16;

/// A system call, again and again while a signal interrupts it.
template <class F>
auto uninterrupted(F&& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

std::string advice(int number) {
  switch (number) {
    case ENOSPC:
      return "; free some space or choose another output directory";
    case EDQUOT:
      return "; the disk quota is used up: free some space or choose another output directory";
    case EFBIG:
      return "; the file-size limit is too low (ulimit -f) or the file system takes no file as large";
    case EACCES:
    case EPERM:
      return "; check who owns the directory and its permissions";
    case EROFS:
      return "; the file system is mounted read-only";
    case ENOENT:
      return "; does the directory exist?";
    case ELOOP:
      return "; it is a link, and calor does not write through links";
    case EIO:
    case ESTALE:
      return "; the storage failed: see the system log";
    default:
      return "";
  }
}

}  // namespace

void agree(const mpi::Comm& comm, const std::function<void()>& f) {
  // "<code> <message>": never empty, so an empty text says that all went well.
  std::string mine;
  const auto where = [&] { return fmt::format(" (rank {} on {})", comm.rank(), host_name()); };
  try {
    f();
  } catch (const Error& e) {
    const bool environment = e.code() == Exit::io_error || e.code() == Exit::internal;
    mine = fmt::format("{} {}{}", static_cast<int>(e.code()), e.what(),
                       environment && comm.size() > 1 ? where() : "");
  } catch (const std::bad_alloc&) {
    mine = fmt::format("{} out of memory{}", static_cast<int>(Exit::internal), where());
  } catch (const std::filesystem::filesystem_error& e) {
    const bool refused = e.code() == std::errc::permission_denied;
    mine = fmt::format("{} {}: {}{}", static_cast<int>(refused ? Exit::no_input : Exit::io_error),
                       e.path1().string(), e.code().message(), where());
  } catch (const std::exception& e) {
    mine = fmt::format("{} {}{}", static_cast<int>(Exit::internal), e.what(), where());
  } catch (...) {
    mine = fmt::format("{} unknown exception{}", static_cast<int>(Exit::internal), where());
  }
  const std::string first = comm.first_message(mine);
  if (first.empty()) return;
  const std::size_t space = first.find(' ');
  throw Error{static_cast<Exit>(std::stoi(first.substr(0, space))), first.substr(space + 1)};
}

void collectively(const mpi::Comm& comm, const std::function<void()>& f) {
  agree(comm, [&] {
    if (comm.root()) f();
  });
}

Error system_error(Exit code, const std::string& doing, const std::filesystem::path& path, int number) {
  return Error{code, fmt::format("cannot {} {}: {}{}", doing, path.string(),
                                 std::generic_category().message(number), advice(number))};
}

std::uint64_t random_id() {
  std::uint64_t id = 0;
  for (;;) {
    const ssize_t got = getrandom(&id, sizeof id, 0);
    if (got == static_cast<ssize_t>(sizeof id)) return id;
    if (got < 0 && errno != EINTR) throw system_error(Exit::internal, "read", "random numbers", errno);
  }
}

std::string host_name() {
  char name[256] = "";
  if (gethostname(name, sizeof name - 1) != 0) return "unknown host";
  return name;
}

std::string random_token() { return fmt::format("{:016x}", random_id()); }

namespace {
/// What may not be read is as good as missing (EX_NOINPUT of sysexits.h); a device that fails is not.
bool refused(int number) { return number == EACCES || number == EPERM; }
}  // namespace

File::File(const std::filesystem::path& path, Mode mode) : path_{path} {
  int flags = O_CLOEXEC;
  switch (mode) {
    case Mode::read:
      flags |= O_RDONLY | O_NONBLOCK | O_NOCTTY;  // a FIFO is refused below, not waited for
      break;
    case Mode::create:
      flags |= O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
      break;
    case Mode::update:
      flags |= O_RDWR | O_NOFOLLOW;
      break;
    case Mode::append:
      flags |= O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW;
      break;
    case Mode::create_append:
      flags |= O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW;
      break;
  }
  fd_ = uninterrupted([&] { return ::open(path.c_str(), flags, 0666); });
  if (fd_ < 0) {
    const int number = errno;
    if (mode != Mode::read)
      throw system_error(Exit::io_error, mode == Mode::update ? "open" : "create", path, number);
    if (number == ENOENT || number == ENOTDIR) throw Error{Exit::no_input, "no such file: " + path.string()};
    throw system_error(refused(number) ? Exit::no_input : Exit::io_error, "read", path, number);
  }
  struct stat s {};
  if (fstat(fd_, &s) != 0 || !S_ISREG(s.st_mode)) {
    ::close(std::exchange(fd_, -1));
    throw Error{mode == Mode::read ? Exit::bad_data : Exit::io_error,
                path.string() + " is not a regular file"};
  }
}

File::File(File&& o) noexcept : path_{std::move(o.path_)}, fd_{std::exchange(o.fd_, -1)} {}
File& File::operator=(File&& o) noexcept {
  std::swap(path_, o.path_);
  std::swap(fd_, o.fd_);
  return *this;
}
File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

std::int64_t File::size() const {
  struct stat s {};
  if (fstat(fd_, &s) != 0) throw system_error(Exit::io_error, "ask the size of", path_, errno);
  return s.st_size;
}

void File::read_at(void* data, std::int64_t bytes, std::int64_t offset) const {
  char* to = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = ::pread(fd_, to, static_cast<std::size_t>(std::min(bytes, most_per_call)), offset);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw system_error(Exit::io_error, "read", path_, errno);
    }
    if (got == 0)
      throw Error{Exit::bad_data,
                  fmt::format("{} ends at byte {}, {} too early", path_.string(), offset, bytes)};
    to += got;
    offset += got;
    bytes -= got;
  }
}

void File::write_at(const void* data, std::int64_t bytes, std::int64_t offset) {
  const char* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t put = ::pwrite(fd_, from, static_cast<std::size_t>(std::min(bytes, most_per_call)), offset);
    if (put < 0) {
      if (errno == EINTR) continue;
      throw system_error(Exit::io_error, "write", path_, errno);
    }
    if (put == 0) throw system_error(Exit::io_error, "write", path_, ENOSPC);
    from += put;
    offset += put;
    bytes -= put;
  }
}

void File::append(std::string_view text) {
  const std::int64_t before = size();
  while (!text.empty()) {
    const ssize_t put = ::write(fd_, text.data(), text.size());
    if (put < 0) {
      if (errno == EINTR) continue;
      const int number = errno;
      if (uninterrupted([&] { return ftruncate(fd_, before); }) != 0)
        throw system_error(Exit::io_error, "write, or mend,", path_, number);
      throw system_error(Exit::io_error, "write", path_, number);
    }
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

void File::append_shared(std::string_view text) {
  // What a short write has left is no whole line, and so means nothing; a second write of the rest could land
  // behind somebody else's, so all of it is written once more. Twice short: the disk is full.
  for (int attempt = 1;; ++attempt) {
    const ssize_t put = uninterrupted([&] { return ::write(fd_, text.data(), text.size()); });
    if (put == static_cast<ssize_t>(text.size())) return;
    if (put < 0 || attempt == 2) throw system_error(Exit::io_error, "write", path_, put < 0 ? errno : ENOSPC);
  }
}

std::string File::read_from(std::int64_t offset, std::int64_t most) const {
  std::string text(static_cast<std::size_t>(std::min(most, std::max<std::int64_t>(0, size() - offset))),
                   '\0');
  std::size_t got = 0;
  while (got < text.size()) {
    const ssize_t n = ::pread(fd_, text.data() + got, text.size() - got, offset + static_cast<off_t>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error(Exit::io_error, "read", path_, errno);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  text.resize(got);
  return text;
}

void File::reserve(std::int64_t offset, std::int64_t bytes) {
  if (bytes <= 0) return;
  int number = 0;
  do number = posix_fallocate(fd_, offset, bytes);
  while (number == EINTR);
  if (number == EOPNOTSUPP || number == EINVAL) return;
  if (number != 0)
    throw system_error(Exit::io_error, fmt::format("reserve {} bytes for", bytes), path_, number);
}

void File::resize(std::int64_t bytes) {
  if (uninterrupted([&] { return ftruncate(fd_, bytes); }) != 0)
    throw system_error(Exit::io_error, "resize", path_, errno);
}
void File::sync() {
  if (uninterrupted([&] { return fsync(fd_); }) != 0)
    throw system_error(Exit::io_error, "write to stable storage", path_, errno);
}
void File::close() {
  if (::close(std::exchange(fd_, -1)) != 0 && errno != EINTR)
    throw system_error(Exit::io_error, "finish writing", path_, errno);
}

bool File::is_at(const std::filesystem::path& path) const {
  struct stat mine {
  }, there{};
  return fstat(fd_, &mine) == 0 && ::lstat(path.c_str(), &there) == 0 && mine.st_dev == there.st_dev &&
         mine.st_ino == there.st_ino;
}

AppendFile AppendFile::anew(const std::filesystem::path& path, const std::function<void(File&)>& fill,
                            const BeforeCommit& before_commit) {
  Partial partial{path};
  File file{partial.path(), File::Mode::create_append};
  fill(file);
  file.sync();
  if (before_commit) before_commit();
  partial.commit();
  file.now_named(path);
  return AppendFile{std::move(file)};
}

void append_copy(const File& from, std::int64_t bytes, File& to) {
  constexpr std::int64_t piece = std::int64_t{1} << 22;
  for (std::int64_t at = 0; at < bytes; at += piece) {
    const std::int64_t wanted = std::min(piece, bytes - at);
    const std::string text = from.read_from(at, wanted);
    if (static_cast<std::int64_t>(text.size()) < wanted)
      throw Error{Exit::bad_data, fmt::format("{} ends before byte {}", from.path().string(), bytes)};
    to.append(text);
  }
}

void AppendFile::truncate_to(std::int64_t offset) {
  const std::int64_t bytes = file_.size();
  if (offset < 0 || offset > bytes)
    throw Error{Exit::bad_data, fmt::format("{} has {} bytes, {} were expected: it was cut or replaced",
                                            file_.path().string(), bytes, offset)};
  file_.resize(offset);
}

std::filesystem::path directory_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

void write_atomically(const std::filesystem::path& path, std::string_view text,
                      const BeforeCommit& before_commit) {
  Partial partial{path};
  File file{partial.path(), File::Mode::create};
  file.write_at(text.data(), static_cast<std::int64_t>(text.size()), 0);
  file.sync();
  file.close();
  if (before_commit) before_commit();
  partial.commit();
}

namespace {

enum class Published { yes, taken, unfinished_removed };

Published try_to_publish(const std::filesystem::path& path, std::string_view text) {
  Partial partial{path};
  File file{partial.path(), File::Mode::create};
  file.write_at(text.data(), static_cast<std::int64_t>(text.size()), 0);
  file.sync();
  // Over a network the answer may be lost although the link was made: then the name leads to our file.
  if (uninterrupted([&] { return ::link(partial.path().c_str(), path.c_str()); }) != 0 && !file.is_at(path)) {
    const int number = errno;
    if (number == EEXIST) return Published::taken;
    if (number == ENOENT && kind_of(partial.path()) == Kind::nothing) return Published::unfinished_removed;
    if (number != EPERM && number != ENOTSUP && number != ENOSYS && number != EMLINK)
      throw system_error(Exit::io_error, "create", path, number);
    // A file system without links of this kind: nothing is lost but the promise about a kill in between.
    if (kind_of(path) != Kind::nothing) return Published::taken;
    partial.commit();
    return Published::yes;
  }
  sync_directory(directory_of(path));
  return Published::yes;
}

}  // namespace

bool publish(const std::filesystem::path& path, std::string_view text) {
  // Who takes a directory over removes what others have not finished there, ours too.
  constexpr int patience = 5;
  for (int attempt = 1;; ++attempt) {
    const Published result = try_to_publish(path, text);
    if (result != Published::unfinished_removed) return result == Published::yes;
    if (attempt == patience) throw system_error(Exit::io_error, "create", path, ENOENT);
  }
}

std::string read_text(const std::filesystem::path& path) {
  const File file{path, File::Mode::read};
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read_at(text.data(), static_cast<std::int64_t>(text.size()), 0);
  return text;
}

void sync_directory(const std::filesystem::path& directory) {
  const int fd = uninterrupted([&] { return ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0 && errno == EACCES) return;  // who may write in it but not list it cannot flush it
  if (fd < 0) throw system_error(Exit::io_error, "open", directory, errno);
  const int result = uninterrupted([&] { return fsync(fd); }), number = errno;
  ::close(fd);
  // Some network file systems refuse to sync a directory; they order names themselves.
  if (result != 0 && number != EINVAL && number != EROFS && number != ENOTSUP)
    throw system_error(Exit::io_error, "write to stable storage", directory, number);
}

Kind kind_of(const std::filesystem::path& path) {
  struct stat s {};
  if (::lstat(path.c_str(), &s) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return Kind::nothing;
    throw system_error(Exit::cannot_create, "look at", path, errno);
  }
  return S_ISREG(s.st_mode) ? Kind::file : S_ISDIR(s.st_mode) ? Kind::directory : Kind::something_else;
}

void make_directory(const std::filesystem::path& path) {
  if (uninterrupted([&] { return ::mkdir(path.c_str(), 0777); }) == 0) {
    sync_directory(directory_of(path));  // else a power cut could take all that is flushed below
    return;
  }
  const int number = errno;
  if (number != EEXIST) throw system_error(Exit::cannot_create, "make the directory", path, number);
  if (kind_of(path) != Kind::directory)
    throw Error{
        Exit::cannot_create,
        fmt::format("{} should be a directory and is something else; a link counts as that", path.string())};
}

void make_directories(const std::filesystem::path& path) {
  std::error_code unknown;
  if (path.empty() || std::filesystem::is_directory(path, unknown)) return;
  make_directories(path.has_filename() ? path.parent_path() : path.parent_path().parent_path());
  make_directory(path.has_filename() ? path : path.parent_path());
}

std::vector<std::string> names_in(const std::filesystem::path& directory) {
  for (;;) {
    std::vector<std::string> names;
    std::error_code code;
    std::filesystem::directory_iterator it{directory, code};
    for (const std::filesystem::directory_iterator end; !code && it != end; it.increment(code))
      names.push_back(it->path().filename().string());
    if (!code) return names;
    if (code == std::errc::no_such_file_or_directory) return {};
    if (code != std::errc::interrupted)
      throw system_error(refused(code.value()) ? Exit::no_input : Exit::io_error, "list", directory,
                         code.value());
  }
}

void remove_name(const std::filesystem::path& path) {
  if (uninterrupted([&] { return ::unlink(path.c_str()); }) != 0 && errno != ENOENT)
    throw system_error(Exit::io_error, "remove", path, errno);
}

void remove_if_empty(const std::filesystem::path& directory) {
  static_cast<void>(uninterrupted([&] { return ::rmdir(directory.c_str()); }));
}

std::int64_t free_bytes(const std::filesystem::path& directory) {
  struct statvfs s {};
  if (statvfs(directory.c_str(), &s) != 0)
    throw system_error(Exit::io_error, "ask the free space of", directory, errno);
  const std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  const std::uint64_t block = s.f_frsize, blocks = s.f_bavail;
  if (block != 0 && blocks > most / block) return static_cast<std::int64_t>(most);
  return static_cast<std::int64_t>(block * blocks);
}

std::filesystem::path partial_name(const std::filesystem::path& path) {
  std::filesystem::path result = path;
  result += std::string{partial_mark} + random_token();
  return result;
}

namespace {
/// What the file is to be called, of "<that>.partial-<token>", and of what MPI-IO puts beside it while it
/// opens it, "....locktest.<number>"; empty for other names.
std::string name_of_partial(std::string name) {
  constexpr std::string_view probe = ".locktest.";
  if (const std::size_t at = name.rfind(probe);
      at != std::string::npos && name.find_first_not_of("0123456789", at + probe.size()) == std::string::npos)
    name.resize(at);
  if (name.size() <= partial_mark.size() + token_length) return "";
  const std::size_t mark = name.size() - token_length - partial_mark.size();
  const bool ours =
      name.compare(mark, partial_mark.size(), partial_mark) == 0 &&
      name.find_first_not_of("0123456789abcdef", mark + partial_mark.size()) == std::string::npos;
  return ours ? name.substr(0, mark) : "";
}
}  // namespace

int remove_partials(const std::filesystem::path& directory,
                    const std::function<bool(const std::string& name)>& of,
                    const std::function<bool()>& still) {
  int removed = 0;
  const std::vector<std::string> names = names_in(directory);
  if (still && !still()) return 0;
  for (const std::string& file : names) {
    const std::string name = name_of_partial(file);
    const std::filesystem::path path = directory / file;
    if (name.empty() || (of && !of(name)) || kind_of(path) != Kind::file) continue;
    if (uninterrupted([&] { return ::unlink(path.c_str()); }) == 0) ++removed;
  }
  return removed;
}

Partial::~Partial() {
  if (!committed_) static_cast<void>(uninterrupted([&] { return ::unlink(path_.c_str()); }));
}
void Partial::commit() {
  if (uninterrupted([&] { return ::rename(path_.c_str(), final_.c_str()); }) != 0)
    throw system_error(Exit::io_error, "rename to", final_, errno);
  committed_ = true;
  sync_directory(directory_of(final_));
}

}  // namespace calor::io
