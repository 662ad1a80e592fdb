// SPDX-License-Identifier: BSD-3-Clause
// Loaded before a program (LD_PRELOAD): the n-th call on a file below a directory fails, is cut short, or is
// the last that the process makes.
//
//   FAULT_DIR   the directory, absolute     FAULT_RANK  only this rank of MPI (all)
//   FAULT_NOT   not on paths with one of these parts, "snapshots/,checkpoints/"
//   FAULT_N     which call, from 1 on       FAULT_OPS   only these, "write,rename" (all)
//   FAULT_KIND  count    writes a line a call to FAULT_LOG, and changes nothing
//               before, after, half   killed before or after the call, or after half of the bytes
//               short    half of the bytes, as a write or read that a signal cut off
//               stop     SIGSTOP before the call
//               EINTR, EIO, ENOSPC, EDQUOT, ESTALE, EROFS, EACCES, EFBIG   the call fails with that
//   FAULT_EVERY set: the same at every k-th call from FAULT_N on, k = its value
// FAULT_LOG gets a line when the fault strikes: a test can tell that it did.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

enum class Fault { none, fail, half, half_and_kill, kill_after };

struct Order {
  const char *directory = nullptr, *ops = nullptr, *log = nullptr, *spared = nullptr;
  char kind[16] = "";
  long n = 0, every = 0;
  int error = 0;
  bool on = false;
};

template <class F>
F* real(const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));  // NOLINT: what dlsym is for
}

Order read_order() {
  Order o;
  const char *kind = std::getenv("FAULT_KIND"), *rank = std::getenv("FAULT_RANK"),
             *mine = std::getenv("OMPI_COMM_WORLD_RANK");
  o.directory = std::getenv("FAULT_DIR");
  if (kind == nullptr || o.directory == nullptr || std::strcmp(program_invocation_short_name, "calor") != 0)
    return o;
  if (rank != nullptr && std::strcmp(rank, mine != nullptr ? mine : "0") != 0) return o;
  std::snprintf(o.kind, sizeof o.kind, "%s", kind);
  if (const char* n = std::getenv("FAULT_N")) o.n = std::atol(n);
  if (const char* every = std::getenv("FAULT_EVERY")) o.every = std::atol(every);
  o.ops = std::getenv("FAULT_OPS");
  o.spared = std::getenv("FAULT_NOT");
  o.log = std::getenv("FAULT_LOG");
  const struct {
    const char* word;
    int number;
  } errors[] = {{"EINTR", EINTR},   {"EIO", EIO},     {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT},
                {"ESTALE", ESTALE}, {"EROFS", EROFS}, {"EACCES", EACCES}, {"EFBIG", EFBIG}};
  for (const auto& e : errors)
    if (std::strcmp(kind, e.word) == 0) o.error = e.number;
  o.on = true;
  return o;
}

const Order& order() {
  static const Order o = read_order();
  return o;
}

/// Whether one of the parts in a list stands in a path.
bool has_part(const char* path, const char* list) {
  while (list != nullptr && *list != '\0') {
    const char* const comma = std::strchr(list, ',');
    const size_t length = comma != nullptr ? static_cast<size_t>(comma - list) : std::strlen(list);
    if (length > 0 && memmem(path, std::strlen(path), list, length) != nullptr) return true;
    list = comma != nullptr ? comma + 1 : nullptr;
  }
  return false;
}

bool below(const char* path) {
  const Order& o = order();
  return path != nullptr && o.on && std::strncmp(path, o.directory, std::strlen(o.directory)) == 0 &&
         !has_part(path, o.spared);
}

void note(long n, const char* op, const char* path) {
  if (order().log == nullptr) return;
  static auto* const open_it = real<int(const char*, int, ...)>("open");
  static auto* const write_it = real<ssize_t(int, const void*, size_t)>("write");
  static auto* const close_it = real<int(int)>("close");
  char line[5000];
  const int length = std::snprintf(line, sizeof line, "%ld %s %s\n", n, op, path);
  const int fd = open_it(order().log, O_WRONLY | O_CREAT | O_APPEND, 0666);
  if (fd < 0) return;
  static_cast<void>(!write_it(fd, line, static_cast<size_t>(length)));
  close_it(fd);
}

[[noreturn]] void die() {
  for (;;) kill(getpid(), SIGKILL);
}

Fault strike(const char* op, const char* path) {
  static std::atomic<long> calls{0};
  const Order& o = order();
  if (o.ops != nullptr) {
    char all[256], one[32];
    std::snprintf(all, sizeof all, ",%s,", o.ops);
    std::snprintf(one, sizeof one, ",%s,", op);
    if (std::strstr(all, one) == nullptr) return Fault::none;
  }
  const long n = ++calls;
  const bool counting = std::strcmp(o.kind, "count") == 0;
  if (!counting && n != o.n && !(o.every > 0 && n > o.n && (n - o.n) % o.every == 0)) return Fault::none;
  const int kept = errno;
  note(n, op, path);
  errno = kept;
  if (counting) return Fault::none;
  if (std::strcmp(o.kind, "before") == 0) die();
  if (std::strcmp(o.kind, "stop") == 0) {
    kill(getpid(), SIGSTOP);
    return Fault::none;
  }
  if (std::strcmp(o.kind, "after") == 0) return Fault::kill_after;
  if (std::strcmp(o.kind, "half") == 0) return Fault::half_and_kill;
  if (std::strcmp(o.kind, "short") == 0) return Fault::half;
  errno = o.error;
  return Fault::fail;
}

Fault at_path(const char* op, const char* path) { return below(path) ? strike(op, path) : Fault::none; }

Fault at_file(const char* op, int fd) {
  if (!order().on) return Fault::none;
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const int kept = errno;
  const ssize_t length = readlink(link, path, sizeof path - 1);
  errno = kept;
  if (length < 0) return Fault::none;
  path[length] = '\0';
  return at_path(op, path);
}

/// A call that moves no bytes: done whole, or not at all.
template <class Call>
auto whole(Fault fault, Call&& call) {
  if (fault == Fault::fail) return decltype(call())(-1);
  const auto result = call();
  if (fault == Fault::kill_after || fault == Fault::half_and_kill) die();
  return result;
}

/// A call that moves `bytes`, of which `call` is told how many.
template <class Call>
ssize_t moving(Fault fault, size_t bytes, Call&& call) {
  if (fault == Fault::fail) return -1;
  const bool half = fault == Fault::half || fault == Fault::half_and_kill;
  const ssize_t moved = call(half && bytes > 1 ? bytes / 2 : bytes);
  if (fault == Fault::kill_after || fault == Fault::half_and_kill) die();
  return moved;
}

}  // namespace

// NOLINTBEGIN: the names are the C library's
extern "C" {

static int open_with(const char* name, const char* path, int flags, mode_t mode) {
  auto* const f = real<int(const char*, int, ...)>(name);
  return whole(at_path("open", path), [&] { return f(path, flags, mode); });
}
int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>(va_arg(rest, int));
  va_end(rest);
  return open_with("open", path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>(va_arg(rest, int));
  va_end(rest);
  return open_with("open64", path, flags, mode);
}
int close(int fd) {
  static auto* const f = real<int(int)>("close");
  const Fault fault = at_file("close", fd);
  const int number = errno, result = f(fd);  // it is closed whatever it says
  if (fault == Fault::kill_after || fault == Fault::half_and_kill) die();
  if (fault != Fault::fail) return result;
  errno = number;
  return -1;
}

ssize_t write(int fd, const void* data, size_t bytes) {
  static auto* const f = real<ssize_t(int, const void*, size_t)>("write");
  return moving(at_file("write", fd), bytes, [&](size_t n) { return f(fd, data, n); });
}
ssize_t pwrite(int fd, const void* data, size_t bytes, off_t at) {
  static auto* const f = real<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return moving(at_file("write", fd), bytes, [&](size_t n) { return f(fd, data, n, at); });
}
ssize_t pwrite64(int fd, const void* data, size_t bytes, off64_t at) {
  static auto* const f = real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  return moving(at_file("write", fd), bytes, [&](size_t n) { return f(fd, data, n, at); });
}
ssize_t read(int fd, void* data, size_t bytes) {
  static auto* const f = real<ssize_t(int, void*, size_t)>("read");
  return moving(at_file("read", fd), bytes, [&](size_t n) { return f(fd, data, n); });
}
ssize_t pread(int fd, void* data, size_t bytes, off_t at) {
  static auto* const f = real<ssize_t(int, void*, size_t, off_t)>("pread");
  return moving(at_file("read", fd), bytes, [&](size_t n) { return f(fd, data, n, at); });
}
ssize_t pread64(int fd, void* data, size_t bytes, off64_t at) {
  static auto* const f = real<ssize_t(int, void*, size_t, off64_t)>("pread64");
  return moving(at_file("read", fd), bytes, [&](size_t n) { return f(fd, data, n, at); });
}

int fsync(int fd) {
  static auto* const f = real<int(int)>("fsync");
  return whole(at_file("fsync", fd), [&] { return f(fd); });
}
int ftruncate(int fd, off_t bytes) noexcept {
  static auto* const f = real<int(int, off_t)>("ftruncate");
  return whole(at_file("ftruncate", fd), [&] { return f(fd, bytes); });
}
int ftruncate64(int fd, off64_t bytes) noexcept {
  static auto* const f = real<int(int, off64_t)>("ftruncate64");
  return whole(at_file("ftruncate", fd), [&] { return f(fd, bytes); });
}
int posix_fallocate(int fd, off_t at, off_t bytes) {
  static auto* const f = real<int(int, off_t, off_t)>("posix_fallocate");
  const Fault fault = at_file("fallocate", fd);
  return fault == Fault::fail ? errno : whole(fault, [&] { return f(fd, at, bytes); });
}
int rename(const char* from, const char* to) noexcept {
  static auto* const f = real<int(const char*, const char*)>("rename");
  return whole(at_path("rename", to), [&] { return f(from, to); });
}
int link(const char* from, const char* to) noexcept {
  static auto* const f = real<int(const char*, const char*)>("link");
  return whole(at_path("link", to), [&] { return f(from, to); });
}
int unlink(const char* path) noexcept {
  static auto* const f = real<int(const char*)>("unlink");
  return whole(at_path("unlink", path), [&] { return f(path); });
}
int remove(const char* path) noexcept {
  static auto* const f = real<int(const char*)>("remove");
  return whole(at_path("unlink", path), [&] { return f(path); });
}
int rmdir(const char* path) noexcept {
  static auto* const f = real<int(const char*)>("rmdir");
  return whole(at_path("rmdir", path), [&] { return f(path); });
}
int mkdir(const char* path, mode_t mode) noexcept {
  static auto* const f = real<int(const char*, mode_t)>("mkdir");
  return whole(at_path("mkdir", path), [&] { return f(path, mode); });
}

}  // extern "C"
// NOLINTEND
