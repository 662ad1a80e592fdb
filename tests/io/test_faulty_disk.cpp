// SPDX-License-Identifier: BSD-3-Clause
// Every file call fails once, in turn, on every rank: whatever writes must say so on all ranks, in time,
// leave what was there as it was, and nothing half-written. The calls are this program's own and go before
// those of the C library also for HDF5 and MPI-IO.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>
#include "tests/support/catch.hpp"

#include "decomposition/field.hpp"
#include "decomposition/partition.hpp"
#include "io/array_file.hpp"
#include "io/checkpoint.hpp"
#include "io/file.hpp"
#include "io/snapshot.hpp"
#include "io/table.hpp"
#include "io/writers.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using namespace calor::io;
namespace fs = std::filesystem;

namespace {

/// What is to happen: at call number `at`, and at all later ones if `lasting`. `number` 0: a short count.
struct Fault {
  bool armed = false, lasting = false;
  int number = 0;
  std::int64_t at = 0, seen = 0, fired = 0;
  std::string directory;
} fault;

bool inside(const char* path) {
  return fault.armed && path != nullptr &&
         std::strncmp(path, fault.directory.c_str(), fault.directory.size()) == 0;
}
bool inside(int file) {
  if (!fault.armed) return false;
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = ::readlink(link, path, sizeof path - 1);
  if (length < 0) return false;
  path[length] = '\0';
  return inside(path);
}
bool hit() {
  const std::int64_t now = ++fault.seen;
  if (now != fault.at && !(fault.lasting && now > fault.at)) return false;
  ++fault.fired;
  return true;
}
/// Whether the call fails; errno is set then.
template <class Where>
bool fails(Where where) {
  if (!inside(where) || !hit() || fault.number == 0) return false;
  errno = fault.number;
  return true;
}
/// The same for a call that moves bytes, which may be cut short instead.
bool fails(int file, std::size_t& bytes) {
  if (!inside(file) || !hit()) return false;
  if (fault.number == 0) {
    if (bytes > 1) bytes /= 2;
    return false;
  }
  errno = fault.number;
  return true;
}
template <class F>
F* real(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// NOLINTBEGIN
#define CALOR_MOVE(name, data_type, offset_type)                                     \
  ssize_t name(int file, data_type data, size_t bytes, offset_type at) {             \
    static const auto f = real<ssize_t(int, data_type, size_t, offset_type)>(#name); \
    return fails(file, bytes) ? -1 : f(file, data, bytes, at);                       \
  }
#define CALOR_OPEN(name)                                           \
  int name(const char* path, int flags, ...) {                     \
    va_list list;                                                  \
    va_start(list, flags);                                         \
    const int mode = va_arg(list, int);                            \
    va_end(list);                                                  \
    static const auto f = real<int(const char*, int, ...)>(#name); \
    return fails(path) ? -1 : f(path, flags, mode);                \
  }
#define CALOR_FILE(name, parameters, arguments)        \
  int name parameters {                                \
    static const auto f = real<int parameters>(#name); \
    return fails(file) ? -1 : f arguments;             \
  }
#define CALOR_RESERVE(name, offset_type)                                   \
  int name(int file, offset_type at, offset_type bytes) {                  \
    static const auto f = real<int(int, offset_type, offset_type)>(#name); \
    return fails(file) ? errno : f(file, at, bytes);                       \
  }
#define CALOR_VECTOR(name, offset_type)                                                     \
  ssize_t name(int file, const struct iovec* list, int count, offset_type at) {             \
    static const auto f = real<ssize_t(int, const struct iovec*, int, offset_type)>(#name); \
    size_t pieces = static_cast<size_t>(count);                                             \
    return fails(file, pieces) ? -1 : f(file, list, static_cast<int>(pieces), at);          \
  }

extern "C" {
CALOR_OPEN(open)
CALOR_OPEN(open64)
CALOR_MOVE(pread, void*, off_t)
CALOR_MOVE(pread64, void*, off64_t)
CALOR_MOVE(pwrite, const void*, off_t)
CALOR_MOVE(pwrite64, const void*, off64_t)
CALOR_VECTOR(preadv, off_t)
CALOR_VECTOR(preadv64, off64_t)
CALOR_VECTOR(pwritev, off_t)
CALOR_VECTOR(pwritev64, off64_t)
CALOR_FILE(fsync, (int file), (file))
CALOR_FILE(ftruncate, (int file, off_t bytes), (file, bytes))
CALOR_FILE(ftruncate64, (int file, off64_t bytes), (file, bytes))
CALOR_RESERVE(posix_fallocate, off_t)
CALOR_RESERVE(posix_fallocate64, off64_t)
ssize_t write(int file, const void* data, size_t bytes) {
  static const auto f = real<ssize_t(int, const void*, size_t)>("write");
  return fails(file, bytes) ? -1 : f(file, data, bytes);
}
ssize_t read(int file, void* data, size_t bytes) {
  static const auto f = real<ssize_t(int, void*, size_t)>("read");
  return fails(file, bytes) ? -1 : f(file, data, bytes);
}
int close(int file) {  // it is closed all the same
  static const auto f = real<int(int)>("close");
  const bool failed = fails(file);
  const int number = errno, result = f(file);
  if (!failed) return result;
  errno = number;
  return -1;
}
int rename(const char* from, const char* to) {
  static const auto f = real<int(const char*, const char*)>("rename");
  return fails(from) ? -1 : f(from, to);
}
}
// NOLINTEND

namespace {

const mpi::Comm& comm() { return test::world(); }

class Scratch {
 public:
  Scratch() {
    path_ = comm().broadcast((fs::temp_directory_path() / ("calor-faults-" + random_token())).string());
    collectively(comm(), [&] { fs::create_directory(path_); });
  }
  ~Scratch() {
    comm().barrier();
    std::error_code ignored;
    if (comm().root()) fs::remove_all(path_, ignored);
  }
  fs::path operator/(const std::string& name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

constexpr int nx = 9, ny = 7;
const GlobalGrid grid{nx, ny, 0.0, 1.0, 0.0, 1.0};

struct Fields {
  explicit Fields(double value) : u{owned, 1, value} {}
  Box owned = partition({0, 0, nx, ny}, comm().size())[static_cast<std::size_t>(comm().rank())];
  Field2D<double> u;
  std::vector<FieldOut> list() const { return {{"temperature", "K", "temperature", u.view(), owned}}; }
};

struct Outcome {
  Exit code = Exit::done;
  std::string message;
  std::int64_t fired = 0;  // faults, on all ranks
  double seconds = 0.0;
};

/// Collective. Runs f with a fault at call n of one rank.
Outcome with_fault(const Scratch& dir, int rank, std::int64_t n, int number, bool lasting,
                   const std::function<void()>& f) {
  fault = {rank == comm().rank(), lasting, number, n, 0, 0, dir.path().string()};
  Outcome o;
  const auto begin = std::chrono::steady_clock::now();
  try {
    f();
  } catch (const Error& e) {
    o.code = e.code();
    o.message = e.what();
  }
  fault.armed = false;
  o.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  o.fired = comm().sum(fault.fired);
  return o;
}

std::vector<std::string> names(const fs::path& directory) {
  std::vector<std::string> result;
  for (const auto& e : fs::directory_iterator(directory)) result.push_back(e.path().filename().string());
  std::sort(result.begin(), result.end());
  return result;
}

/// Steps of the checkpoints that are whole.
std::vector<std::int64_t> whole(const fs::path& directory) {
  std::vector<std::int64_t> steps;
  for (const std::int64_t s : checkpoint_steps(directory)) {
    static_cast<void>(read_checkpoint(comm(), directory / checkpoint_name(s)));
    steps.push_back(s);
  }
  return steps;
}

struct Tried {
  std::int64_t faults = 0, errors = 0, other_codes = 0, unequal = 0, slow = 0, lost = 0, left = 0;
};

/// Collective. Writes a second checkpoint with every call of every rank failing in turn.
Tried every_call(int number, bool lasting) {
  Tried t;
  WriteOptions options;
  options.writer = Writer::direct;
  const Fields fields{3.5};
  for (int rank = 0; rank < comm().size(); ++rank)
    for (std::int64_t n = 1;; ++n) {
      const Scratch dir;
      const auto write = [&](std::int64_t step) {
        write_checkpoint(comm(), dir.path(), {"checkpoint", 1, step, 0.5, grid, nullptr}, fields.list(), 2,
                         options);
      };
      write(1);
      const Outcome o = with_fault(dir, rank, n, number, lasting, [&] { write(2); });
      if (o.fired == 0) break;
      ++t.faults;
      t.errors += o.code == Exit::io_error;
      t.other_codes += o.code != Exit::io_error && o.code != Exit::done;
      t.unequal +=
          !comm().all(o.code == (comm().max(std::int64_t{o.code == Exit::done}) ? Exit::done : o.code));
      t.slow += o.seconds > 5.0;
      const std::vector<std::int64_t> kept = whole(dir.path());
      const bool second = std::count(kept.begin(), kept.end(), 2) != 0;
      t.lost += std::count(kept.begin(), kept.end(), 1) == 0 || (o.code == Exit::done && !second);
      t.left += names(dir.path()).size() != kept.size();
      CAPTURE(rank, n, number, o.message);
      CHECK(t.lost + t.left + t.other_codes + t.unequal + t.slow == 0);
    }
  return t;
}

}  // namespace

TEST_CASE("calor's own writer fails in order, whatever call of it fails", "[io][faults]") {
  for (const int number : {EIO, ENOSPC, EDQUOT, ESTALE})
    for (const bool lasting : {false, true}) {
      if (comm().size() > 1 && (number != EIO || lasting)) continue;  // on crowded machines ranks meet slowly
      const Tried t = every_call(number, lasting);
      CHECK(t.faults > 15);
      CHECK(t.errors > t.faults / 2);  // the others: a read-only file that does not close
    }
}

TEST_CASE("interruptions and short counts do no harm", "[io][faults]") {
  for (const int number : {EINTR, 0}) {
    if (comm().size() > 1 && number == EINTR) continue;
    const Tried t = every_call(number, false);
    CHECK(t.faults > 15);
    CHECK(t.errors == 0);
  }
}

TEST_CASE("parallel HDF5 fails on all ranks, in time", "[io][faults]") {
  // The calls of the library alone, on files that are laid out already.
  const Fields fields{3.5};
  std::int64_t faults = 0, errors = 0, not_seen = 0, slow = 0;
  for (int rank = 0; rank < comm().size(); ++rank)
    for (const int number : {EIO, ENOSPC})
      for (std::int64_t n = 1; comm().size() == 1 || number == EIO; ++n) {
        const Scratch dir;
        const fs::path path = dir / "a.h5";
        WriteOptions options;
        options.writer = Writer::direct;
        const Fields zero{0.0};
        write_array_file(comm(), path, {"checkpoint", 1, 1, 0.5, grid, nullptr}, zero.list(), options);
        const Manifest there = verify_file(comm(), path);
        const Outcome o = with_fault(dir, rank, n, number, false,
                                     [&] { write_parallel_hdf5(comm(), path, fields.list(), there.fields); });
        if (o.fired == 0) break;
        ++faults;
        slow += o.seconds > 5.0;
        errors += o.code == Exit::io_error;
        CHECK((o.code == Exit::io_error || o.code == Exit::done));
        CHECK(comm().all(o.code == Exit::done) == comm().any(o.code == Exit::done));
        if (o.code != Exit::done) continue;
        // Nothing was lost then.
        bool right = true;
        collectively(comm(), [&] {
          const File file{path, File::Mode::read};
          const std::string bytes = file.read_from(0, file.size());
          const double value = 3.5;
          std::int64_t found = 0;
          for (std::size_t at = 0; (at = bytes.find(std::string(reinterpret_cast<const char*>(&value), 8),
                                                    at)) != std::string::npos;
               at += 8)
            ++found;
          right = found >= nx * ny;
        });
        comm().broadcast(&right, sizeof right);
        not_seen += !right;
      }
  CHECK(faults > 10);
  CHECK(errors > faults / 2);
  CHECK(not_seen == 0);
  CHECK(slow == 0);
}

TEST_CASE("where parallel HDF5 fails, calor's own writer takes over, and says so", "[io][faults]") {
  if (comm().size() == 1) return;
  const Scratch dir;
  const Fields fields{3.5};
  std::string said;
  WriteOptions options;
  options.say = [&](const std::string& text) { said += text; };
  // By now it has failed on these ranks.
  write_array_file(comm(), dir / "a.h5", {"checkpoint", 1, 1, 0.5, grid, nullptr}, fields.list(), options);
  CHECK(verify_file(comm(), dir / "a.h5").header.step == 1);
  CHECK(names(dir.path()) == std::vector<std::string>{"a.h5"});
}

TEST_CASE("a checkpoint that finds no room is tried once more without the oldest", "[io][faults]") {
  const Fields fields{3.5};
  for (const int number : {ENOSPC, EDQUOT}) {
    const Scratch dir;
    std::string said;
    WriteOptions options;
    options.writer = Writer::direct;
    options.say = [&](const std::string& text) { said += text; };
    const auto write = [&](std::int64_t step, int keep) {
      write_checkpoint(comm(), dir.path(), {"checkpoint", 1, step, 0.5, grid, nullptr}, fields.list(), keep,
                       options);
    };
    write(1, 2);
    // The only one is not given up.
    const Outcome alone = with_fault(dir, 0, 2, number, false, [&] { write(2, 3); });
    CHECK(alone.code == Exit::io_error);
    CHECK(whole(dir.path()) == std::vector<std::int64_t>{1});
    CHECK(said.empty());
    write(2, 3);
    const Outcome two = with_fault(dir, 0, 2, number, false, [&] { write(3, 3); });
    CHECK(two.code == Exit::done);
    CHECK(whole(dir.path()) == std::vector<std::int64_t>{2, 3});
    CHECK(said.find(checkpoint_name(1)) != std::string::npos);
    // And of two of which the newer is damaged, neither.
    collectively(comm(), [&] {
      File file{dir / checkpoint_name(3), File::Mode::update};
      file.write_at("x", 1, 3000);
    });
    said.clear();
    const Outcome damaged = with_fault(dir, 0, 2, number, false, [&] { write(4, 3); });
    CHECK(damaged.code == Exit::io_error);
    CHECK(checkpoint_steps(dir.path()) == std::vector<std::int64_t>{2, 3});
    CHECK(said.empty());
    // No other reason costs a checkpoint.
    const Outcome other = with_fault(dir, 0, 2, EIO, false, [&] { write(4, 3); });
    CHECK(other.code == Exit::io_error);
    CHECK(checkpoint_steps(dir.path()) == std::vector<std::int64_t>{2, 3});
  }
}

TEST_CASE("a table fails in order, whatever call fails", "[io][faults]") {
  collectively(comm(), [&] {
    for (const int number : {EIO, ENOSPC, EINTR, 0})
      for (std::int64_t n = 1;; ++n) {
        const fs::path dir = fs::temp_directory_path() / ("calor-faults-" + random_token());
        fs::create_directory(dir);
        const std::vector<Column> columns{{"case", "1", Integers{0, 1}},
                                          {"title", "", std::vector<std::string>{"a", "bc"}}};
        TableFields field{"temperature", "K", "temperature", grid,
                          [](std::int64_t) { return std::vector<double>(nx * ny, 2.5); }};
        write_table(dir / "results.h5", "old", columns, field);
        const std::string before = read_text(dir / "results.h5");
        fault = {true, false, number, n, 0, 0, dir.string()};
        Exit code = Exit::done;
        try {
          write_table(dir / "results.h5", "new", columns, field);
        } catch (const Error& e) {
          code = e.code();
        }
        fault.armed = false;
        const std::string after = read_text(dir / "results.h5");
        const bool whole = names(dir) == std::vector<std::string>{"results.h5"};
        fs::remove_all(dir);
        if (fault.fired == 0) break;
        CAPTURE(n, number);
        CHECK(whole);
        CHECK(code == (number == EINTR || number == 0 ? Exit::done : code));
        CHECK((code == Exit::io_error || code == Exit::done));
        if (code == Exit::done) CHECK(after != before);
      }
  });
}
