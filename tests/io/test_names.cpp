// SPDX-License-Identifier: BSD-3-Clause
// What stands under a name: made whole, never reached through a link, never taken for calor's by its name
// alone.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "io/file.hpp"
#include "io/ours.hpp"
#include "io/xdmf.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::io;
namespace fs = std::filesystem;

namespace {

/// A directory that goes when the test ends.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("calor-names-" + random_token());
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
  fs::path operator/(const std::string& name) const { return path / name; }
  std::size_t names() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(path)) ++count;
    return count;
  }
};

template <class F>
std::optional<Exit> failure(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.code();
  }
  return {};
}

SeriesEntry entry(int step) { return {std::to_string(step) + ".nc", 0.5 * step, step}; }
const GlobalGrid grid{4, 3, 0.0, 1.0, 0.0, 1.0, {}, {}, false};
const SeriesShape shape{grid, {"temperature", "a<b"}, false};

void touch(const fs::path& file) { std::ofstream{file} << "x"; }

}  // namespace

TEST_CASE("a published file has all of its text or does not exist, and has one owner", "[io][names]") {
  const Scratch dir;
  CHECK(publish(dir / "lock", "first\n"));
  CHECK_FALSE(publish(dir / "lock", "second\n"));
  CHECK(read_text(dir / "lock") == "first\n");
  CHECK(dir.names() == 1);
  fs::create_symlink("nowhere", dir / "dangling");
  CHECK_FALSE(publish(dir / "dangling", "x"));
  CHECK(failure([&] { publish(dir / "none" / "lock", "x"); }) == Exit::io_error);
  // Of many who try at once, one; and whoever looks sees it whole.
  const std::string text(50000, 'x');
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> owners{0}, torn{0};
    std::atomic<bool> over{false};
    std::vector<std::thread> all;
    const fs::path lock = dir / (std::to_string(round) + ".lock");
    std::thread watcher{[&] {
      while (!over)
        if (kind_of(lock) != Kind::nothing && read_text(lock) != text) ++torn;
    }};
    for (int n = 0; n < 4; ++n)
      all.emplace_back([&] {
        if (publish(lock, text)) ++owners;
      });
    for (std::thread& t : all) t.join();
    over = true;
    watcher.join();
    CHECK(owners == 1);
    CHECK(torn == 0);
  }
}

TEST_CASE("nothing is written through a link, or into what is no regular file", "[io][names]") {
  const Scratch dir;
  std::ofstream{dir / "theirs"} << "precious";
  fs::create_symlink(dir / "theirs", dir / "link");
  fs::create_symlink(dir.path, dir / "here");
  REQUIRE(mkfifo((dir / "pipe").c_str(), 0666) == 0);
  for (const auto mode :
       {File::Mode::create, File::Mode::update, File::Mode::append, File::Mode::create_append})
    for (const char* name : {"link", "pipe", "here"}) {
      CAPTURE(static_cast<int>(mode), name);
      CHECK(failure([&] { File{dir / name, mode}; }) == Exit::io_error);
    }
  CHECK(failure([&] { File{dir / "pipe", File::Mode::read}; }) == Exit::bad_data);  // and does not wait
  CHECK(read_text(dir / "theirs") == "precious");
  write_atomically(dir / "link", "ours");
  CHECK(read_text(dir / "theirs") == "precious");
  CHECK(kind_of(dir / "link") == Kind::file);
  CHECK(kind_of(dir / "here") == Kind::something_else);
  CHECK(kind_of(dir / "none") == Kind::nothing);
  CHECK(failure([&] { make_directory(dir / "here"); }) == Exit::cannot_create);
  CHECK(failure([&] { make_directory(dir / "theirs"); }) == Exit::cannot_create);
  make_directories(dir / "here/a/b/");
  CHECK(kind_of(dir / "a/b") == Kind::directory);
  make_directory(dir / "a/b");
}

TEST_CASE("unfinished files go by their names, those of others stay", "[io][names]") {
  const Scratch dir;
  for (const char* name : {"a.nc.partial-0123456789abcdef", "b.nc.partial-0123456789abcdef", "a.nc.partial-0",
                           "a.nc.partial-0123456789abcdef.locktest.0", ".partial-0123456789abcdef"})
    touch(dir / name);
  CHECK(remove_partials(dir.path, [](const std::string& name) { return name == "a.nc"; }) == 2);
  CHECK(remove_partials(dir.path) == 1);
  CHECK(dir.names() == 2);
}

TEST_CASE("a file is calor's by what is in it, not by its name", "[io][names]") {
  const Scratch dir;
  const auto is = [&](const std::string& content) {
    std::ofstream{dir / "snapshot_000000007.nc"} << content;
    return is_calors(dir / "snapshot_000000007.nc");
  };
  const std::string noise(100000, 'n');
  CHECK_FALSE(is("somebody else's"));
  CHECK_FALSE(is(noise));
  CHECK(is(noise + "calorSUM" + std::string(24, '\1')));
  CHECK_FALSE(is(noise + "calorSUM" + std::string(25, '\1')));
  CHECK(is("\211HDF calor_version" + noise));  // the end is lost
  CHECK(is(std::string(3 << 20, '\0')));       // what a power cut leaves
  CHECK_FALSE(is(std::string(3 << 20, '\0') + "x"));
  CHECK_FALSE(is_calors(dir / "none"));
  CHECK(is(""));
  fs::create_symlink("snapshot_000000007.nc", dir / "link");
  CHECK_FALSE(is_calors(dir / "link"));
  CHECK(failure([&] { refuse_foreign(dir / "link"); }) == Exit::cannot_create);
  CHECK_FALSE(failure([&] { refuse_foreign(dir / "none"); }));
}

TEST_CASE("a former owner of a table writes on into a file without a name", "[io][names]") {
  const Scratch dir;
  AppendFile old{dir / "history.csv"};
  old.append("step\n1\n2\n");
  CHECK(old.in_place());
  AppendFile heir = AppendFile::anew(dir / "history.csv", [&](File& file) {
    append_copy(File{dir / "history.csv", File::Mode::read}, 7, file);
  });
  old.append("3\n");
  heir.append("2.5\n");
  CHECK(read_text(dir / "history.csv") == "step\n1\n2.5\n");
  CHECK_FALSE(old.in_place());
  CHECK(heir.in_place());
  CHECK(heir.offset() == 11);
  fs::remove(dir / "history.csv");
  CHECK_FALSE(heir.in_place());
  // Too short: nothing is replaced.
  touch(dir / "history.csv");
  CHECK(failure([&] {
          AppendFile::anew(dir / "history.csv", [&](File& file) {
            append_copy(File{dir / "history.csv", File::Mode::read}, 7, file);
          });
        }) == Exit::bad_data);
  CHECK(read_text(dir / "history.csv") == "x");
  CHECK(dir.names() == 1);
}

TEST_CASE("an index of snapshots grows at its end, and is whole after each of them", "[io][names][xdmf]") {
  const Scratch dir;
  const fs::path index = dir / "snapshots.xdmf";
  const auto whole = [&](const std::vector<SeriesEntry>& entries) {
    XdmfSeries{dir / "whole.xdmf", entries, shape};
    return read_text(dir / "whole.xdmf");
  };
  std::vector<SeriesEntry> entries{entry(0)};
  XdmfSeries series{index, entries, shape};
  CHECK(read_text(index) == whole(entries));
  std::vector<std::int64_t> offsets{series.offset()};
  for (int step = 1; step < 2000; ++step) {
    entries.push_back(entry(step));
    series.append(entries.back(), shape);
    offsets.push_back(series.offset());
    if (step % 500 == 1) CHECK(read_text(index) == whole(entries));
  }
  CHECK(read_text(index).find("a&lt;b") != std::string::npos);
  for (const SeriesEntry& e : entries) touch(dir / e.file);
  // From where a checkpoint remembers; a former owner's next entry goes nowhere.
  entries.resize(1500);
  auto heir = XdmfSeries::resumed(index, offsets[1499], 1499);
  REQUIRE(heir);
  CHECK(heir->offset() == offsets[1499]);
  series.append(entry(2000), shape);
  CHECK(read_text(index) == whole(entries));
  // Snapshots that were taken away are in it no more.
  fs::remove(dir / "700.nc");
  heir = XdmfSeries::resumed(index, offsets[1499], 1499);
  REQUIRE(heir);
  entries.erase(entries.begin() + 700);
  CHECK(read_text(index) == whole(entries));
  // Not what the checkpoint means: left alone.
  CHECK_FALSE(XdmfSeries::resumed(index, heir->offset(), 1498));
  CHECK_FALSE(XdmfSeries::resumed(index, heir->offset() - 1, 1499));
  CHECK_FALSE(XdmfSeries::resumed(index, heir->offset() + 1000, 1499));
  CHECK_FALSE(XdmfSeries::resumed(dir / "none.xdmf", 1000, 1499));
  CHECK_FALSE(XdmfSeries::resumed(dir / "1.nc", 1, 1));
  CHECK(read_text(index) == whole(entries));
  // As former versions began: made anew by the run from its snapshots.
  write_atomically(dir / "old.xdmf",
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE Xdmf SYSTEM \"Xdmf.dtd\" []>\n" +
                       read_text(index).substr(read_text(index).find("<Xdmf")));
  CHECK_FALSE(XdmfSeries::resumed(dir / "old.xdmf", heir->offset() + 35, 1499));
  // Removed: put back.
  fs::remove(index);
  CHECK_FALSE(heir->in_place());
  heir->restore();
  CHECK(heir->in_place());
  CHECK(read_text(index) == whole(entries));
  // A full disk: as it was.
  struct rlimit kept {};
  getrlimit(RLIMIT_FSIZE, &kept);
  const struct rlimit low { static_cast<rlim_t>(heir->offset() + 100), kept.rlim_max };
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &low);
  const auto full = failure([&] { heir->append(entry(3000), shape); });
  setrlimit(RLIMIT_FSIZE, &kept);
  std::signal(SIGXFSZ, old);
  CHECK(full == Exit::io_error);
  CHECK(read_text(index) == whole(entries));
}
