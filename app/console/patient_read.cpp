// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/patient_read.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "app/console/stop.hpp"
#include "decomposition/error.hpp"

namespace calor::app {

namespace {
constexpr int look_every = 100;  // ms

/// Waits until there is something to read, or nothing to wait for.
void wait_for_bytes(int fd) {
  for (;;) {
    pollfd one{fd, POLLIN, 0};
    const int ready = ::poll(&one, 1, look_every);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return;
    if (const std::string name = stop_signal(); !name.empty())
      throw Error{Exit::stopped, "stopped (" + name + ") while waiting for the case"};
  }
}
}  // namespace

std::string read_patiently(int fd, std::size_t most, std::string& wrong) {
  std::string bytes;
  constexpr std::size_t piece = 64 * 1024;
  while (bytes.size() < most) {
    wait_for_bytes(fd);
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(piece, most - before));
    const ssize_t got = ::read(fd, bytes.data() + before, bytes.size() - before);
    const int number = errno;
    bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) break;
    if (got < 0 && number != EINTR && number != EAGAIN) {
      wrong = std::generic_category().message(number);
      break;
    }
  }
  return bytes;
}

std::string read_patiently(const std::string& file, std::size_t most, std::string& wrong) {
  // A FIFO opened so does not wait for its writer here, but where the wait can be ended.
  const int fd = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    wrong = std::generic_category().message(errno);
    return {};
  }
  struct Close {
    int fd;
    ~Close() { ::close(fd); }
  } close{fd};
  struct stat s {};
  if (::fstat(fd, &s) == 0 && S_ISDIR(s.st_mode)) {
    wrong = "is a directory";
    return {};
  }
  return read_patiently(fd, most, wrong);
}

}  // namespace calor::app
