// SPDX-License-Identifier: BSD-3-Clause
#include "app/files/stored.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "io/snapshot.hpp"

namespace calor {

namespace fs = std::filesystem;

std::vector<fs::path> snapshots_in(const fs::path& directory) {
  const fs::path inside =
      fs::is_directory(directory / "snapshots") ? directory / "snapshots" : fs::path{directory};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(inside))
    if (entry.path().extension() == ".nc" && entry.is_regular_file()) files.push_back(entry.path());
  // Names carry the step with leading zeros; longer names are later steps.
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    const std::string x = a.filename(), y = b.filename();
    return x.size() != y.size() ? x.size() < y.size() : x < y;
  });
  return files;
}

fs::path snapshot_of(const mpi::Comm& comm, const std::string& what) {
  std::string found = what;
  io::collectively(comm, [&] {
    if (!fs::is_directory(what)) return;
    const std::vector<fs::path> files = snapshots_in(what);
    if (files.empty()) throw Error{Exit::no_input, fmt::format("{}: no snapshot there", what)};
    found = files.back().string();
  });
  return comm.broadcast(found);
}

bool is_steady(const io::Manifest& file) {
  return file.header.kind == "snapshot" &&
         io::read_snapshot_info(file.path).case_text.find("\nmethod = \"steady\"\n") != std::string::npos;
}

}  // namespace calor
