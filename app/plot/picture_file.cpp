// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/picture_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "decomposition/error.hpp"

namespace calor::app {
namespace {

struct Ending {
  const char* text;
  PictureFormat format;
};
constexpr std::array<Ending, 3> endings{
    {{".png", PictureFormat::png}, {".svg", PictureFormat::svg}, {".pdf", PictureFormat::pdf}}};

/// 0, or the errno of the call that failed. fsync and close are checked: a full disk or quota may show only
/// there.
int write_file(const std::string& path, const std::string& bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
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
  if (error == 0 && ::fsync(file) != 0 && errno != EINVAL) error = errno;
  if (::close(file) != 0 && error == 0) error = errno;
  return error;
}

}  // namespace

PictureFormat picture_format(const std::string& path) {
  std::string ending = std::filesystem::path{path}.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending.empty()) return PictureFormat::png;
  for (const Ending& known : endings)
    if (ending == known.text) return known.format;
  throw Error{Exit::usage, fmt::format("{}: no picture ends in {}; write {} for pixels, {} or {} for lines",
                                       path, ending, endings[0].text, endings[1].text, endings[2].text)};
}

void write_picture(const Canvas& canvas, const std::string& path) {
  const std::string bytes = canvas.encoded(picture_format(path));
  const std::string temporary = fmt::format("{}.part{}", path, ::getpid());
  int error = write_file(temporary, bytes);
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(temporary.c_str());
  throw Error{Exit::io_error,
              fmt::format("cannot write the picture {}: {}; choose a place that exists and has room with -o",
                          path, std::strerror(error))};
}

}  // namespace calor::app
