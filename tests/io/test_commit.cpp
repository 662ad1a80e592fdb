// SPDX-License-Identifier: BSD-3-Clause
// Files get their names only when they are on stable storage, and the names are made durable too. The calls
// that matter are wrapped by the linker (-Wl,--wrap, see CMakeLists.txt) and kept in their order; what HDF5
// and MPI call by themselves is not seen.
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>
#include "tests/support/catch.hpp"

#ifdef CALOR_WITH_PLOT
#include "app/plot/picture_file.hpp"
#endif
#include "decomposition/field.hpp"
#include "decomposition/partition.hpp"
#include "io/array_file.hpp"
#include "io/checkpoint.hpp"
#include "io/file.hpp"
#include "io/snapshot.hpp"
#include "io/table.hpp"
#include "io/xdmf.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using namespace calor::app;
using namespace calor::io;
namespace fs = std::filesystem;

namespace {

/// A file or directory, whatever its name.
using Node = std::pair<dev_t, ino_t>;

Node node_of(int file) {
  struct stat s {};
  return ::fstat(file, &s) == 0 ? Node{s.st_dev, s.st_ino} : Node{};
}
Node node_of(const std::string& path) {
  struct stat s {};
  return ::stat(path.c_str(), &s) == 0 ? Node{s.st_dev, s.st_ino} : Node{};
}

struct Call {
  enum class Kind { write, sync, name, remove } kind;
  Node what;         // the file; where names change, their directory
  Node named{};      // by a rename: the file
  std::string to{};  // its new name
};
std::vector<Call> calls;

}  // namespace

// Reserved names are what the linker asks for.
// NOLINTBEGIN
extern "C" {
ssize_t __real_write(int, const void*, size_t);
ssize_t __real_pwrite(int, const void*, size_t, off_t);
int __real_ftruncate(int, off_t);
int __real_fsync(int);
int __real_rename(const char*, const char*);
int __real_unlink(const char*);

ssize_t __wrap_write(int file, const void* data, size_t bytes);
ssize_t __wrap_pwrite(int file, const void* data, size_t bytes, off_t offset);
int __wrap_ftruncate(int file, off_t bytes);
int __wrap_fsync(int file);
int __wrap_rename(const char* from, const char* to);
int __wrap_unlink(const char* path);

ssize_t __wrap_write(int file, const void* data, size_t bytes) {
  calls.push_back({Call::Kind::write, node_of(file)});
  return __real_write(file, data, bytes);
}
ssize_t __wrap_pwrite(int file, const void* data, size_t bytes, off_t offset) {
  calls.push_back({Call::Kind::write, node_of(file)});
  return __real_pwrite(file, data, bytes, offset);
}
int __wrap_ftruncate(int file, off_t bytes) {
  calls.push_back({Call::Kind::write, node_of(file)});
  return __real_ftruncate(file, bytes);
}
int __wrap_fsync(int file) {
  const int result = __real_fsync(file);
  if (result == 0) calls.push_back({Call::Kind::sync, node_of(file)});
  return result;
}
int __wrap_rename(const char* from, const char* to) {
  const Node file = node_of(std::string{from});
  const int result = __real_rename(from, to);
  calls.push_back({Call::Kind::name, node_of(directory_of(to).string()), file, to});
  return result;
}
int __wrap_unlink(const char* path) {
  calls.push_back({Call::Kind::remove, node_of(directory_of(path).string())});
  return __real_unlink(path);
}
}
// NOLINTEND

namespace {

const mpi::Comm& comm() { return test::world(); }

class Scratch {
 public:
  Scratch() {
    path_ = comm().broadcast((fs::temp_directory_path() / ("calor-commit-" + random_token())).string());
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

/// What one rank must have done, and has not; empty if all is well.
/// @param durable_name  whether the name, too, is to be on stable storage
std::string missing(bool durable_name) {
  const auto begin = calls.begin(), end = calls.end();
  const auto synced = [&](auto from, auto to, const Node& node) {
    return std::any_of(from, to, [&](const Call& c) { return c.kind == Call::Kind::sync && c.what == node; });
  };
  for (auto c = begin; c != end; ++c) {
    if (c->kind == Call::Kind::write && !synced(c, end, c->what)) return "a file was written and not synced";
    if (c->kind == Call::Kind::remove && !synced(c, end, c->what)) return "a name was removed, not durably";
    if (c->kind != Call::Kind::name) continue;
    // From the last write on; a file that was written by HDF5 was synced at least once, at its end.
    auto from = c;
    while (from != begin && !((from - 1)->kind == Call::Kind::write && (from - 1)->what == c->named)) --from;
    if (!synced(from, c, c->named)) return c->to + " got its name before it was on stable storage";
    if (durable_name && !synced(c, end, c->what)) return "the name " + c->to + " is not on stable storage";
  }
  return "";
}

/// Collective. Whether `f` gave these many files their names, and did all that makes them last.
void check_lasts(int names, const std::function<void()>& f, bool durable_name = true) {
  calls.clear();
  f();
  const std::string complaint = comm().first_message(missing(durable_name));
  CHECK(complaint == "");
  const std::int64_t named =
      std::count_if(calls.begin(), calls.end(), [](const Call& c) { return c.kind == Call::Kind::name; });
  CHECK(comm().sum(named) == names);  // else nothing was looked at
}

constexpr int nx = 23, ny = 19;
const GlobalGrid grid{nx, ny, 0.0, 1.0, 0.0, 1.0};

struct Fields {
  Box owned = partition({0, 0, nx, ny}, comm().size())[static_cast<std::size_t>(comm().rank())];
  Field2D<double> u{owned, 1, 3.5};
  std::vector<FieldOut> list() const { return {{"temperature", "K", "temperature", u.view(), owned}}; }
};

}  // namespace

TEST_CASE("texts are on stable storage before they have their names", "[io][commit]") {
  const Scratch scratch;
  check_lasts(2, [&] {
    collectively(comm(), [&] {
      write_atomically(scratch / "a.json", "{}\n");
      write_atomically(scratch / "a.json", std::string(100000, 'x'));
    });
  });
}

TEST_CASE("arrays are on stable storage before they have their names", "[mpi][io][commit]") {
  const Scratch scratch;
  const Fields fields;
  for (const Writer writer : {Writer::parallel_hdf5, Writer::direct})
    for (const bool single : {false, true}) {
      CAPTURE(static_cast<int>(writer), single);
      WriteOptions options;
      options.writer = writer;
      options.single = single;
      Header header;
      header.kind = "snapshot";
      header.grid = grid;
      check_lasts(1, [&] { write_array_file(comm(), scratch / "a.h5", header, fields.list(), options); });
      SnapshotInfo info;
      info.grid = grid;
      info.single = single;
      check_lasts(1, [&] { write_snapshot(comm(), scratch / "a.nc", info, fields.list(), options); });
      int step = 0;
      check_lasts(4, [&] {  // and the two old ones go durably
        for (; step < 4; ++step) {
          header.kind = "checkpoint";
          header.step = step;
          write_checkpoint(comm(), scratch.path(), header, fields.list(), 2, options);
        }
      });
      check_lasts(0, [&] { remove_later(comm(), scratch.path(), 0); });
    }
}

TEST_CASE("lists and tables are on stable storage before they have their names", "[io][commit]") {
  const Scratch scratch;
  check_lasts(1, [&] {
    collectively(comm(), [&] {
      XdmfSeries{scratch / "a.xdmf", {{"a.nc", 0.0, 0}}, {grid, {"temperature"}, false}};
    });
  });
  check_lasts(1, [&] {
    collectively(comm(), [&] {
      write_table(scratch / "table.h5", "one column", {{"case", "1", Integers{1, 2}}}, {});
    });
  });
}

#ifdef CALOR_WITH_PLOT
TEST_CASE("a picture is on stable storage before it has its name", "[io][commit]") {
  const Scratch scratch;
  check_lasts(
      1,
      [&] {
        collectively(comm(), [&] {
          write_picture(Canvas{4, 4, {255, 255, 255}}, (scratch / "a.png").string());
        });
      },
      false);
}
#endif
