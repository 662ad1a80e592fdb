// SPDX-License-Identifier: BSD-3-Clause
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/case/case_io.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/world.hpp"

using namespace calor;
using namespace calor::app;
using Strings = std::vector<std::string>;

namespace {

/// A directory that rank 0 makes and removes.
class Folder {
 public:
  Folder() {
    const auto name = "calor-read-case-" + std::to_string(getpid());
    path_ = test::world().broadcast((std::filesystem::temp_directory_path() / name).string());
    if (test::world().root()) std::filesystem::create_directory(path_);
  }
  ~Folder() {
    std::error_code ignored;
    if (test::world().root()) std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    if (test::world().root()) std::ofstream{file(name)} << text;
    test::world().barrier();
    return file(name);
  }

 private:
  std::string path_;
};

struct Outcome {
  int code = 0;
  std::string text;  // the resolved case, or the message
};

Outcome outcome(const Strings& files, const Strings& overrides = {}) {
  try {
    return {0, emit(read_case(test::world(), files, overrides))};
  } catch (const Error& error) {
    return {static_cast<int>(error.code()), error.what()};
  }
}

/// Every rank has what rank 0 has.
bool same_everywhere(const Outcome& mine) {
  const mpi::Comm& world = test::world();
  return world.all(mine.text == world.broadcast(mine.text) &&
                   std::to_string(mine.code) == world.broadcast(std::to_string(mine.code)));
}

const std::string unsaid =  // but for the initial temperature
    "[grid]\nnx = 4\nny = 5\n[time]\nend = 1.0\n[material]\nconductivity = 1.0\ndensity = 1.0\nspecific_heat "
    "= 1.0\n";
const std::string small = unsaid + "[initial]\ntemperature = 0.0\n";

}  // namespace

TEST_CASE("all ranks get the case that rank 0 reads", "[mpi][case]") {
  const Folder folder;
  const std::string first = folder.write("first.toml", small),
                    second = folder.write("second.toml", "grid.nx = 6\n");
  // Only rank 0's command line counts.
  const Strings files = test::world().root() ? Strings{first, second} : Strings{"elsewhere.toml"};
  const Outcome o =
      outcome(files, test::world().root() ? Strings{"grid.ny=7", "title=of rank 0"} : Strings{});
  CHECK(o.code == 0);
  CHECK(same_everywhere(o));
  CHECK_THAT(o.text, Catch::Contains("nx = 6\nny = 7") && Catch::Contains("title = \"of rank 0\""));
  CHECK(read_case(test::world(), files, {}).name == "first");
}

TEST_CASE("a missing or unreadable file ends all ranks with the same message", "[mpi][case]") {
  const Folder folder;
  const Outcome missing = outcome({folder.file("no.toml"), folder.file("neither.toml")});
  CHECK(missing.code == 66);
  CHECK(same_everywhere(missing));
  CHECK_THAT(missing.text,
             Catch::Contains("no.toml: No such file") && Catch::Contains("neither.toml: No such file"));
  CHECK(outcome({folder.file("")}).code == 66);  // a directory
  CHECK(outcome({}).code == 64);
}

TEST_CASE("a wrong case ends all ranks with the same message", "[mpi][case]") {
  const Folder folder;
  const std::string file = folder.write("bad.toml", "[grid]\nnx = 0" + small.substr(small.find("\nny")));
  const Outcome bad = outcome({file});
  CHECK(bad.code == 78);
  CHECK(same_everywhere(bad));
  CHECK_THAT(bad.text, Catch::StartsWith(file + ":2: grid.nx = 0: "));
  const std::string large = folder.write("large.toml", std::string((std::size_t{1} << 20) + 10, '#'));
  CHECK(outcome({large}).code == 78);
}

TEST_CASE("the file of the initial state must be there", "[mpi][case]") {
  const Folder folder;
  const std::string file =
      folder.write("case.toml", unsaid + "[initial]\nfile = \"" + folder.file("u.h5") + "\"\n");
  const Outcome missing = outcome({file});
  CHECK(missing.code == 66);
  CHECK(same_everywhere(missing));
  CHECK_THAT(missing.text,
             Catch::StartsWith(file + ":11: initial.file = ") && Catch::Contains("no such file"));
  folder.write("u.h5", "anything");
  const Outcome found = outcome({file});
  CHECK(found.code == 0);
  CHECK(same_everywhere(found));
  CHECK_THAT(found.text, Catch::Contains("file = \"" + folder.file("u.h5") + "\""));
}
