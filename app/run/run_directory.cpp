// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/run_directory.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/case/inputs.hpp"
#include "app/run/process_id.hpp"
#include "decomposition/error.hpp"
#include "io/file.hpp"

namespace calor {

namespace fs = std::filesystem;

namespace {

constexpr std::array run_files{"status.json",  "summary.json",   "history.csv", "probes.csv", "regions.csv",
                               "sections.csv", "snapshots.xdmf", "case.toml",   "run.log"};
constexpr std::array run_directories{"snapshots", "checkpoints"};

struct Owner {
  ProcessId process;
  std::string token;
};

std::optional<Owner> read_owner(const fs::path& lock) {
  try {
    const auto j = nlohmann::json::parse(io::read_text(lock));
    return Owner{process_from(j), j.at("token")};
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace

void remove_run(const fs::path& directory) {
  for (const char* name : run_files) fs::remove(directory / name);
  std::error_code gone_already;
  for (const auto& entry : fs::directory_iterator(directory, gone_already))
    if (entry.path().filename().string().rfind("suspect_", 0) == 0) fs::remove(entry.path());
  for (const char* name : run_directories) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory / name, none)) {
      const std::string ext = entry.path().extension().string();
      const std::string file = entry.path().filename().string();
      if (entry.is_regular_file() &&
          (ext == ".nc" || ext == ".h5" || file.find(".partial-") != std::string::npos))
        fs::remove(entry.path());
    }
    fs::remove(directory / name, none);  // only if it is empty now: what calor did not write stays
  }
  for (const auto& entry : fs::directory_iterator(directory / "inputs", gone_already))
    if (is_copied_input(entry.path().filename().string())) fs::remove(entry.path());
  fs::remove(directory / "inputs", gone_already);
}

bool holds_run(const fs::path& directory) {
  std::error_code none;
  for (const char* name : {"status.json", "summary.json", "history.csv"})
    if (fs::exists(directory / name, none)) return true;
  return fs::exists(directory / "checkpoints", none) && !fs::is_empty(directory / "checkpoints", none);
}

RunDirectory::RunDirectory(const mpi::Comm& comm, fs::path path, const DirectoryWish& wish,
                           const std::vector<std::string>& inputs)
    : path_{std::move(path)} {
  io::collectively(comm, [&] {
    const auto refuse = [&](const std::string& why) {
      return Error{Exit::cannot_create, fmt::format("output directory {}: {}", path_.string(), why)};
    };
    std::error_code failed;
    if (fs::exists(path_, failed) && !fs::is_directory(path_))
      throw refuse("this is a file; choose another with --output");
    const bool run_here = holds_run(path_);
    const bool restart_inside =
        !wish.restart.empty() && fs::exists(wish.restart, failed) &&
        fs::weakly_canonical(wish.restart).string().rfind(fs::weakly_canonical(path_).string() + "/", 0) == 0;
    if (fs::exists(path_ / "journal", failed))
      throw refuse("holds a sweep; choose another for the run by --output");
    if (run_here && !wish.resume && !wish.fresh && !restart_inside)
      throw refuse(
          "holds a run already; go on with it by --resume, discard it by --fresh, or choose another by "
          "--output");
    if (wish.fresh && restart_inside)
      throw refuse(
          "--fresh would discard the checkpoint that --restart names; choose another directory by --output");
    for (const std::string& input : inputs)
      if (fs::equivalent(path_ / "case.toml", input, failed))
        throw refuse(
            "its case.toml is the case to be run, and would be replaced by the resolved one; choose another "
            "by --output");
    for (const std::string& input : inputs)
      if (wish.fresh && fs::equivalent(path_ / "inputs", fs::path{input}.parent_path(), failed))
        throw refuse(
            fmt::format("--fresh would discard {}, which the case reads; choose another by --output", input));
    if (!run_here && fs::exists(path_ / "case.toml", failed))
      throw refuse(
          "holds a case.toml that no run has written, which would be replaced; choose another by --output");
    failed.clear();
    io::make_directories(path_, failed);
    if (failed) throw refuse("cannot be made: " + failed.message());

    const fs::path lock = path_ / "lock";
    token_ = io::random_token();
    nlohmann::json mine = to_json(this_process());
    mine["token"] = token_;
    for (int attempt = 0; !locked_; ++attempt) {
      try {
        io::File file{lock, io::File::Mode::create};
        locked_ = true;
        const std::string text = mine.dump() + "\n";
        file.write_at(text.data(), static_cast<std::int64_t>(text.size()), 0);
        file.sync();
      } catch (const Error& e) {
        if (locked_) throw;
        if (!fs::exists(lock, failed))
          throw Error{Exit::cannot_create, fmt::format("output directory {}: {}", path_.string(), e.what())};
        const auto owner = read_owner(lock);
        const bool may = wish.takeover || (owner && gone(owner->process));
        if (!may || attempt > 0)
          throw refuse(owner ? fmt::format("in use by process {} on {}; if that run is dead, say --takeover",
                                           owner->process.pid, owner->process.host)
                             : "in use (its lock cannot be read); if that run is dead, say --takeover");
        fs::remove(lock, failed);
      }
    }
    try {
      if (wish.fresh) remove_run(path_);
      for (const char* name : run_directories) io::make_directories(path_ / name);
      for (const fs::path& d : {path_, snapshots(), checkpoints()}) io::remove_partials(d);
    } catch (const std::exception& e) {
      fs::remove(lock, failed);
      locked_ = false;
      throw refuse(e.what());
    }
  });
  token_ = comm.broadcast(token_);
}

RunDirectory::~RunDirectory() {
  if (!locked_) return;
  std::error_code ignored;
  const auto owner = read_owner(path_ / "lock");
  if (owner && owner->token == token_) fs::remove(path_ / "lock", ignored);
}

void RunDirectory::check_still_ours() const {
  const auto owner = read_owner(path_ / "lock");
  if (!owner || owner->token != token_)
    throw Error{Exit::cannot_create,
                fmt::format("output directory {}: another run took it over; this one stops", path_.string())};
}

}  // namespace calor
