// SPDX-License-Identifier: BSD-3-Clause
#include "io/memory_file.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

namespace calor::io {

MemoryFile::MemoryFile(std::int64_t bytes, const std::filesystem::path& meant) {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      limit.rlim_cur < static_cast<rlim_t>(bytes))
    throw system_error(Exit::io_error, "write", meant, EFBIG);
  fd_ = memfd_create("calor", MFD_CLOEXEC);
  if (fd_ < 0) throw system_error(Exit::io_error, "make", "a file in memory", errno);
  path_ = "/proc/self/fd/" + std::to_string(fd_);
}
MemoryFile::~MemoryFile() { ::close(fd_); }

std::int64_t MemoryFile::size() const { return File{path_, File::Mode::read}.size(); }

void MemoryFile::copy(std::int64_t begin, std::int64_t end, File& to) const {
  constexpr std::int64_t piece = std::int64_t{1} << 20;
  const File from{path_, File::Mode::read};
  std::vector<char> buffer(static_cast<std::size_t>(std::clamp<std::int64_t>(end - begin, 0, piece)));
  for (std::int64_t at = begin; at < end; at += piece) {
    const std::int64_t bytes = std::min(piece, end - at);
    from.read_at(buffer.data(), bytes, at);
    to.write_at(buffer.data(), bytes, at);
  }
}

}  // namespace calor::io
