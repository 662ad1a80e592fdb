// SPDX-License-Identifier: BSD-3-Clause
#include "app/files/stored.hpp"

#include <fmt/format.h>

#include "io/file.hpp"
#include "io/snapshot.hpp"

namespace calor::app {

namespace fs = std::filesystem;

fs::path snapshot_of(const mpi::Comm& comm, const std::string& what) {
  std::string found = what;
  io::collectively(comm, [&] {
    if (fs::path{what}.extension() == ".toml" && fs::is_regular_file(what))
      throw Error{Exit::usage,
                  fmt::format("{} is a case: `calor run` it, and name the directory of the run", what)};
    if (!fs::is_directory(what)) return;
    const std::vector<fs::path> files = io::snapshots_in(what);
    const bool sweep =
        fs::is_regular_file(fs::path{what} / "sweep.csv") || fs::is_regular_file(fs::path{what} / "journal");
    if (files.empty() && sweep)
      throw Error{
          Exit::no_input,
          fmt::format(
              "{} holds a sweep: its numbers are in sweep.csv, its fields in results.h5 (once it has ended), "
              "what has files of its own in cases/NNNNN",
              what)};
    if (files.empty()) throw Error{Exit::no_input, fmt::format("{}: no snapshot there", what)};
    found = files.back().string();
  });
  return comm.broadcast(found);
}

std::string name_for(const mpi::Comm& comm, const std::string& what, const std::string& ending) {
  std::string name;
  io::collectively(comm, [&] {
    std::error_code none;
    fs::path path = fs::absolute(what, none).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
    name = (fs::is_directory(path, none) ? path.filename() : path.stem()).string() + ending;
    if (io::kind_of(name) != io::Kind::nothing)
      throw Error{Exit::cannot_create, fmt::format("{} is there already; say -o NAME{}", name, ending)};
  });
  return comm.broadcast(name);
}

bool is_steady(const io::Manifest& file) {
  return file.header.kind == "snapshot" &&
         io::read_snapshot_info(file.path).case_text.find("\nmethod = \"steady\"\n") != std::string::npos;
}

}  // namespace calor::app
