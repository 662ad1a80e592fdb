// SPDX-License-Identifier: BSD-3-Clause
#include "app/text/user_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "decomposition/error.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

/// 0, or the errno of the call that failed.
int write_all(int file, std::string_view bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(file, bytes.data() + done, bytes.size() - done);
    if (n == 0) return EIO;
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  return 0;
}

/// Closes it as well. fsync and close are checked: a full disk or quota may show only there.
int write_and_close(int file, std::string_view bytes) {
  if (file < 0) return errno;
  int error = write_all(file, bytes);
  // EINVAL: the place cannot be synchronised (a pipe, /dev/null), which loses nothing.
  if (error == 0 && ::fsync(file) != 0 && errno != EINVAL && errno != EROFS) error = errno;
  if (::close(file) != 0 && error == 0) error = errno;
  return error;
}

/// Beside `place`, under a name that is nobody's, and then in its place.
int replace(const std::string& place, std::string_view bytes) {
  std::string temporary;
  int file = -1;
  for (int n = 0; n < 100 && file < 0; ++n) {
    temporary = fmt::format("{}.part{}", place, ::getpid() + n);
    file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno != EEXIST) return errno;
  }
  int error = write_and_close(file, bytes);
  if (error == 0 && std::rename(temporary.c_str(), place.c_str()) != 0) error = errno;
  if (error != 0 && file >= 0) ::unlink(temporary.c_str());
  return error;
}

bool holds(const std::string& path, std::string_view mark) {
  std::ifstream in{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  return text.find(mark) != std::string::npos;
}

/// What this process has open under that name: /dev/stdout, /dev/fd/3. It may be a file that a shell has
/// opened, and stands somewhere in it.
std::optional<int> open_file(const std::string& path) {
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view directory : {"/dev/fd/", "/proc/self/fd/"}) {
    if (path.compare(0, directory.size(), directory) != 0) continue;
    int number = -1;
    const char* const end = path.data() + path.size();
    const auto [rest, failed] = std::from_chars(path.data() + directory.size(), end, number);
    if (failed == std::errc{} && rest == end && number >= 0) return number;
  }
  return {};
}

/// The file that an ordinary name leads to. Throws where that is not for us to replace.
std::string place_of(const std::string& path, std::string_view mark) {
  const auto refuse = [&](const std::string& why) {
    throw Error{Exit::cannot_create, fmt::format("{}: {}; choose another name with -o", path, why)};
  };
  struct stat s {};
  const bool there = ::stat(path.c_str(), &s) == 0;
  if (there && S_ISDIR(s.st_mode)) refuse("is a directory");
  if (there && S_ISREG(s.st_mode) && s.st_size > 0 && !holds(path, mark))
    refuse("holds something that calor has not written there, which is left as it is");
  std::error_code unknown;
  if (!fs::is_symlink(path, unknown)) return path;
  if (!there) refuse("is a link that leads to nothing");
  return fs::canonical(path, unknown).string();
}

bool is_special(const std::string& path) {
  struct stat s {};
  return ::stat(path.c_str(), &s) == 0 && !S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode);
}

void fail_if(int error, const std::string& path) {
  if (error != 0)
    throw Error{Exit::io_error,
                fmt::format("cannot write {}: {}; choose a place that exists and has room with -o", path,
                            std::strerror(error))};
}

}  // namespace

bool is_standard_output(const std::string& path) { return open_file(path) == STDOUT_FILENO; }

void write_user_file(const std::string& path, std::string_view bytes, std::string_view mark) {
  if (const std::optional<int> number = open_file(path))
    fail_if(write_all(*number, bytes), path);
  else if (is_special(path))
    fail_if(write_and_close(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC), bytes), path);
  else
    fail_if(replace(place_of(path, mark), bytes), path);
}

void check_user_file(const std::string& path, std::string_view mark) {
  if (open_file(path) || is_special(path)) return;
  const fs::path directory = fs::path{place_of(path, mark)}.parent_path();
  fail_if(::access(directory.empty() ? "." : directory.c_str(), W_OK) != 0 ? errno : 0, path);
}

}  // namespace calor::app
