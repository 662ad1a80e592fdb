// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/png_image.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <png.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "decomposition/error.hpp"

namespace calor {
namespace {

std::vector<unsigned char> encode(const Image& image) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(image.width);
  header.height = static_cast<png_uint_32>(image.height);
  header.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  std::vector<unsigned char> bytes(size);
  static_assert(sizeof(Colour) == 3, "libpng is handed the pixels as they lie in memory");
  if (png_image_write_to_memory(&header, bytes.data(), &size, 0, image.pixels.data(), 3 * image.width,
                                nullptr) == 0)
    throw Error{Exit::io_error, fmt::format("a picture of {} x {} pixels could not be encoded as PNG: {}",
                                            image.width, image.height, header.message)};
  bytes.resize(size);
  return bytes;
}

/// 0, or the errno of the call that failed. fsync and close are checked: a full disk or quota may show only
/// there.
int write_file(const std::string& path, const std::vector<unsigned char>& bytes) {
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

void write_png(const Image& image, const std::string& path) {
  const std::vector<unsigned char> bytes = encode(image);
  const std::string temporary = fmt::format("{}.part{}", path, ::getpid());
  int error = write_file(temporary, bytes);
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return;
  ::unlink(temporary.c_str());
  throw Error{Exit::io_error,
              fmt::format("cannot write the picture {}: {}; choose a place that exists and has room with -o",
                          path, std::strerror(error))};
}

}  // namespace calor
