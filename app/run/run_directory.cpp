// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/run_directory.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <functional>
#include <optional>
#include <string_view>

#include "app/case/inputs.hpp"
#include "app/run/process_id.hpp"
#include "app/supervise/supervisor.hpp"
#include "app/text/version.hpp"
#include "decomposition/error.hpp"
#include "io/array_file.hpp"
#include "io/checkpoint.hpp"
#include "io/file.hpp"
#include "io/ours.hpp"
#include "io/snapshot.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

constexpr const char* mark = "status.json";
constexpr std::array run_files{mark,          "lock",         "summary.json",   "history.csv", "probes.csv",
                               "regions.csv", "sections.csv", "snapshots.xdmf", "case.toml",   "run.log"};

/// Whether a name is what `make` gives for the step that stands in it.
bool is_step_name(const std::string& name, std::string (*make)(std::int64_t)) {
  const std::size_t digit = name.find_first_of("0123456789");
  if (digit == std::string::npos) return false;
  const std::string number = name.substr(digit, name.find_first_not_of("0123456789", digit) - digit);
  constexpr std::size_t most_digits = 18;
  return number.size() <= most_digits && make(std::stoll(number)) == name;
}
bool is_snapshot(const std::string& name) { return is_step_name(name, io::snapshot_name); }
bool is_checkpoint(const std::string& name) { return is_step_name(name, io::checkpoint_name); }
bool is_suspect(const std::string& name) { return is_step_name(name, suspect_name); }
bool is_run_file(const std::string& name) {
  return std::find(run_files.begin(), run_files.end(), name) != run_files.end();
}

/// Where a run writes, below its directory, and under which names.
struct Place {
  const char* directory;
  bool (*name)(const std::string&);
};
constexpr std::array places{Place{"", is_suspect}, Place{"snapshots", is_snapshot},
                            Place{"checkpoints", is_checkpoint}, Place{"inputs", is_copied_input}};

struct Owner {
  ProcessId process;
  std::string token;
};

/// Throws io_error where the disk fails: then who owns it cannot be known.
std::optional<Owner> owner_of(const fs::path& lock) {
  try {
    if (io::kind_of(lock) != io::Kind::file) return {};
    const auto j = nlohmann::json::parse(io::read_text(lock));
    return Owner{process_from(j), j.at("token")};
  } catch (const Error& e) {
    if (e.code() == Exit::io_error) throw;
  } catch (const std::exception&) {
    // It says nothing that a lock says.
  }
  return {};
}
/// The same where a failing disk is no news.
std::optional<Owner> read_owner(const fs::path& lock) {
  try {
    return owner_of(lock);
  } catch (const Error&) {
    return {};
  }
}

/// A JSON object in a regular file; null for anything else.
nlohmann::json object_in(const fs::path& file) {
  try {
    if (io::kind_of(file) != io::Kind::file) return nullptr;
    nlohmann::json j = nlohmann::json::parse(io::read_text(file), nullptr, false);
    return j.is_object() ? j : nlohmann::json{};
  } catch (const Error&) {
    return nullptr;
  }
}
bool has_text(const nlohmann::json& j, const char* key) {
  return j.is_object() && j.contains(key) && j.at(key).is_string();
}

/// The first name that a run would write under and that is taken, in a directory that no run has owned.
std::optional<fs::path> taken_name(const fs::path& directory) {
  for (const char* name : run_files)
    if (name != std::string_view{"lock"} && io::kind_of(directory / name) != io::Kind::nothing) return name;
  for (const Place& p : places) {
    if (p.name == is_copied_input) continue;  // not replaced, see copy_inputs
    const std::vector<std::string> names = names_in(directory / p.directory, p.name);
    if (!names.empty()) return fs::path{p.directory} / names.front();
  }
  return {};
}

/// The first name of a run's under which there is something that no run has made.
std::optional<fs::path> wrong_kind(const fs::path& directory) {
  const auto wrong = [&](const char* name, io::Kind right) {
    const io::Kind kind = io::kind_of(directory / name);
    return kind != io::Kind::nothing && kind != right;
  };
  for (const char* name : run_files)
    if (wrong(name, io::Kind::file)) return name;
  for (const Place& p : places)
    if (*p.directory != '\0' && wrong(p.directory, io::Kind::directory)) return p.directory;
  return {};
}

/// Whether a file that is read stands under a name that a run gives in this directory.
bool is_inside(const fs::path& directory, const fs::path& file, bool copies_too) {
  std::error_code unknown;
  const fs::path inner =
      fs::weakly_canonical(file, unknown).lexically_relative(fs::weakly_canonical(directory, unknown));
  if (inner.empty() || *inner.begin() == "..") return false;
  if (is_run_file(inner.string())) return true;
  const std::string name = inner.filename().string();
  return std::any_of(places.begin(), places.end(), [&](const Place& p) {
    return inner.parent_path() == p.directory && p.name(name) && (copies_too || p.name != is_copied_input);
  });
}

void remove_file(const fs::path& path) {
  if (io::kind_of(path) == io::Kind::file) io::remove_name(path);
}

}  // namespace

std::vector<std::string> names_in(const fs::path& directory, bool (*is_name)(const std::string&)) {
  if (io::kind_of(directory) != io::Kind::directory) return {};
  std::vector<std::string> names = io::names_in(directory);
  std::erase_if(names, [&](const std::string& name) { return !is_name(name); });
  return names;
}

std::string suspect_name(std::int64_t step) { return fmt::format("suspect_{:09}.nc", step); }

RunMark run_mark(const fs::path& directory) {
  const nlohmann::json status = object_in(directory / mark);
  std::vector<std::string> checkpoints = names_in(directory / "checkpoints", is_checkpoint);
  // "generation" but no "calor" was written before 0.2.
  if (has_text(status, "token") && has_text(status, "state") &&
      (status.contains("calor") || status.contains("generation")))
    return status.at("state") == "starting" && checkpoints.empty() ? RunMark::begun : RunMark::run;
  // Somebody has removed that file: others say the same.
  const nlohmann::json summary = object_in(directory / "summary.json");
  if (has_text(summary, "status") && summary.contains("calor")) return RunMark::run;
  const bool checkpoint_here =
      std::any_of(checkpoints.begin(), checkpoints.end(), [&](const std::string& name) {
        const fs::path path = directory / "checkpoints" / name;
        return io::kind_of(path) == io::Kind::file && io::has_trailer(path);
      });
  return checkpoint_here ? RunMark::run : RunMark::none;
}

void remove_run(const fs::path& directory, bool keep_mark, const std::function<void()>& before_each) {
  const auto remove = [&](const fs::path& path) {
    if (before_each) before_each();
    io::remove_name(path);
  };
  // What a resumed run would go on from goes first: a kill in between must not bring it back.
  for (const Place& p : {places[2], places[1], places[0], places[3]}) {
    const fs::path where = directory / p.directory;
    for (const std::string& name : names_in(where, p.name))
      if (p.name == is_copied_input ? is_copy(where / name) : io::is_calors(where / name))
        remove(where / name);
    if (*p.directory != '\0' && io::kind_of(where) == io::Kind::directory) {
      io::remove_partials(where, p.name, [&] {
        if (before_each) before_each();
        return true;
      });
      io::remove_if_empty(where);  // what calor did not write stays
    }
  }
  for (const char* name : run_files)
    if (name != std::string_view{mark} && name != std::string_view{"lock"} &&
        io::kind_of(directory / name) == io::Kind::file)
      remove(directory / name);
  remove_attempts_log(directory);
  if (!keep_mark) remove_file(directory / mark);
}

RunDirectory::RunDirectory(const mpi::Comm& comm, fs::path path, const DirectoryWish& wish,
                           const std::vector<std::string>& inputs)
    : path_{std::move(path)}, ranks_{comm.size()} {
  io::collectively(comm, [&] {
    try {
      prepare(wish, inputs);
    } catch (...) {
      give_lock_back();
      throw;
    }
  });
  token_ = comm.broadcast(token_);
}

void RunDirectory::prepare(const DirectoryWish& wish, const std::vector<std::string>& inputs) {
  const auto refuse = [&](const std::string& why) {
    return Error{Exit::cannot_create, fmt::format("output directory {}: {}", path_.string(), why)};
  };
  std::error_code failed;
  if (fs::exists(path_, failed) && !fs::is_directory(path_))
    throw refuse("this is a file; choose another with --output");
  const bool restart_inside =
      !wish.restart.empty() && fs::exists(wish.restart, failed) &&
      fs::weakly_canonical(wish.restart).string().rfind(fs::weakly_canonical(path_).string() + "/", 0) == 0;
  if (fs::exists(path_ / "journal", failed))
    throw refuse("holds a sweep; choose another for the run by --output");
  const auto check_covered = [&] {
    if (run_mark(path_) == RunMark::run && !wish.resume && !wish.fresh && !restart_inside)
      throw refuse(
          "holds a run already; go on with it by --resume, discard it by --fresh, or choose another by "
          "--output");
  };
  check_covered();
  if (wish.fresh && restart_inside)
    throw refuse(
        "--fresh would discard the checkpoint that --restart names; choose another directory by --output");
  for (const std::string& input : inputs)
    if (is_inside(path_, input, wish.fresh))
      throw refuse(
          fmt::format("the case reads {}, which would be replaced or discarded there; choose another by "
                      "--output",
                      input));
  // Looked at without the lock, so that nothing is made where nothing may be; and with it, for good.
  const auto check_names = [&] {
    if (const auto name = wrong_kind(path_))
      throw refuse(fmt::format("its {} is a link, or not what a run makes of it; choose another by --output",
                               name->string()));
    if (run_mark(path_) != RunMark::none) return;
    if (const auto name = taken_name(path_))
      throw refuse(
          fmt::format("holds a {} that no run has written, which would be replaced; choose another by "
                      "--output",
                      name->string()));
  };
  check_names();
  try {
    io::make_directories(path_);
    take_lock(wish);
  } catch (const Error& e) {
    if (e.code() == Exit::io_error && ::access(path_.c_str(), W_OK) != 0) throw refuse(e.what());
    throw;
  }
  check_covered();
  check_names();
  try {
    settle(wish);
  } catch (const Error& e) {
    if (e.code() == Exit::io_error) check_still_ours();
    throw;
  }
}

/// Marks the directory, and clears it of what others have left there.
void RunDirectory::settle(const DirectoryWish& wish) {
  const auto ours = [&] { check_still_ours(); };
  if (run_mark(path_) == RunMark::none || wish.fresh) {
    nlohmann::json j = status("starting", "");
    j.update({{"step", 0}, {"time", 0.0}, {"generation", -1}});
    io::write_atomically(path_ / mark, j.dump(2) + "\n", ours);
  }
  if (wish.fresh) remove_run(path_, true, ours);
  const auto still_ours = [&] {
    check_still_ours();
    return true;
  };
  io::remove_partials(
      path_, [](const std::string& name) { return is_run_file(name) || is_suspect(name); }, still_ours);
  for (const fs::path& d : {snapshots(), checkpoints()}) io::make_directory(d);
  for (const Place& p : places)
    if (*p.directory != '\0') io::remove_partials(path_ / p.directory, p.name, still_ours);
  // The former owner may only have been stopped: it is to write into a file that is not there any more.
  if (const fs::path log = path_ / "run.log"; took_over_ && io::kind_of(log) == io::Kind::file)
    io::AppendFile::anew(
        log,
        [&](io::File& file) {
          const io::File former{log, io::File::Mode::read};
          io::append_copy(former, former.size(), file);
        },
        ours);
}

void RunDirectory::take_lock(const DirectoryWish& wish) {
  constexpr int patience = 3;
  token_ = io::random_token();
  nlohmann::json mine = to_json(this_process());
  mine["token"] = token_;
  for (int attempt = 1;; ++attempt) {
    if (io::publish(lock(), mine.dump() + "\n")) {
      locked_ = true;
      return;
    }
    if (io::kind_of(lock()) == io::Kind::nothing && attempt < patience) continue;  // given back just now
    const auto owner = read_owner(lock());
    const auto in_use = [&] {
      return Error{
          Exit::cannot_create,
          fmt::format("output directory {}: {}", path_.string(),
                      owner ? fmt::format("in use by process {} on {}; if that run is dead, say --takeover",
                                          owner->process.pid, owner->process.host)
                            : "in use (its lock cannot be read); if that run is dead, say --takeover")};
    };
    // A lock that says nothing was made by a version that did not write it at once, or by somebody else.
    const bool may =
        owner ? wish.takeover || gone(owner->process) : wish.takeover && run_mark(path_) != RunMark::none;
    if (!may || attempt >= patience) throw in_use();
    // Two may find the same dead owner. So it is moved away, and looked at again there.
    const fs::path aside = io::partial_name(lock());
    if (std::rename(lock().c_str(), aside.c_str()) != 0) {
      if (errno == ENOENT || errno == EINTR) continue;
      throw io::system_error(Exit::cannot_create, "take over", lock(), errno);
    }
    const auto moved = read_owner(aside);
    if ((moved ? moved->token : "") != (owner ? owner->token : "")) {
      static_cast<void>(::link(aside.c_str(), lock().c_str()));
      io::remove_name(aside);
      throw in_use();
    }
    io::remove_name(aside);
    took_over_ = true;
  }
}

void RunDirectory::give_lock_back() noexcept {
  if (!locked_) return;
  locked_ = false;
  try {
    const auto owner = read_owner(lock());
    if (owner && owner->token == token_) io::remove_name(lock());
  } catch (const std::exception&) {
    // It names a process that is gone, and so stops nobody.
  }
}

RunDirectory::~RunDirectory() { give_lock_back(); }

void RunDirectory::check_still_ours() const {
  const auto owner = owner_of(lock());
  if (!owner || owner->token != token_)
    throw Error{Exit::cannot_create,
                fmt::format("output directory {}: another run took it over; this one stops", path_.string())};
}

nlohmann::json RunDirectory::status(const std::string& state, const std::string& reason) const {
  const auto clock = std::time(nullptr);
  return {{"calor", version},
          {"state", state},
          {"reason", reason},
          {"host", io::host_name()},
          {"pid", getpid()},
          {"token", token_},
          {"ranks", ranks_},
          {"heartbeat", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(clock))},
          {"heartbeat_unix", static_cast<std::int64_t>(clock)}};
}

}  // namespace calor::app
