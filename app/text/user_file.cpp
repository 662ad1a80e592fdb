// SPDX-License-Identifier: BSD-3-Clause
#include "app/text/user_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "decomposition/error.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

/// 0, or the errno of the call that failed. fsync and close are checked: a full disk or quota may show only
/// there.
int write_all(const std::string& path, int flags, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666);
  if (file < 0) return errno;
  int error = 0;
  for (std::size_t done = 0; done < bytes.size() && error == 0;) {
    const ssize_t n = ::write(file, bytes.data() + done, bytes.size() - done);
    if (n > 0)
      done += static_cast<std::size_t>(n);
    else if (n == 0)
      error = EIO;
    else if (errno != EINTR)
      error = errno;
  }
  // EINVAL: the place cannot be synchronised (a pipe, /dev/null), which loses nothing.
  if (error == 0 && ::fsync(file) != 0 && errno != EINVAL && errno != EROFS) error = errno;
  if (::close(file) != 0 && error == 0) error = errno;
  return error;
}

bool holds(const std::string& path, std::string_view mark) {
  std::ifstream in{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
  return text.find(mark) != std::string::npos;
}

/// A name of what this process has open (/dev/stdout, /dev/fd/3): to be written to as it is.
bool of_open_files(const std::string& path) {
  return path.rfind("/dev/", 0) == 0 || path.rfind("/proc/", 0) == 0;
}

}  // namespace

void write_user_file(const std::string& path, std::string_view bytes, std::string_view mark) {
  const auto refuse = [&](const std::string& why) {
    throw Error{Exit::cannot_create, fmt::format("{}: {}; choose another name with -o", path, why)};
  };
  int error = 0;
  std::string place = path;
  struct stat s {};
  const bool there = ::stat(path.c_str(), &s) == 0;
  if (there && S_ISDIR(s.st_mode)) refuse("is a directory");
  if (there && (!S_ISREG(s.st_mode) || of_open_files(path))) {
    error = write_all(path, 0, bytes);
  } else {
    std::error_code unknown;
    if (fs::is_symlink(path, unknown)) {
      if (!there) refuse("is a link that leads to nothing");
      place = fs::canonical(path, unknown).string();
    }
    if (there && s.st_size > 0 && !holds(place, mark))
      refuse("holds something that calor has not written there, which is left as it is");
    const std::string temporary = fmt::format("{}.part{}", place, ::getpid());
    error = write_all(temporary, O_CREAT | O_TRUNC, bytes);
    if (error == 0 && std::rename(temporary.c_str(), place.c_str()) != 0) error = errno;
    if (error != 0) ::unlink(temporary.c_str());
  }
  if (error != 0)
    throw Error{Exit::io_error,
                fmt::format("cannot write {}: {}; choose a place that exists and has room with -o", path,
                            std::strerror(error))};
}

}  // namespace calor::app
