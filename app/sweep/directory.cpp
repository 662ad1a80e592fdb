// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "app/case/inputs.hpp"
#include "app/console/stop.hpp"
#include "app/supervise/supervisor.hpp"
#include "app/sweep/journal.hpp"
#include "decomposition/error.hpp"
#include "io/file.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

using Seconds = std::chrono::duration<double>;
constexpr Seconds beat_every{5.0}, stale{60.0};

constexpr std::size_t token_length = 16;     // hexadecimal digits of a job's name
constexpr std::size_t case_digits = 5;       // at least
constexpr const char* clock_name = "clock";  // of the file system, see life
constexpr std::array sweep_files{"journal", "sweep.csv", "results.h5", "case.toml", "status.json", "run.log"};

/// By the clock of the file system, which all hosts share.
void touch(const fs::path& file) { utimensat(AT_FDCWD, file.c_str(), nullptr, 0); }

bool ends_with(const std::string& name, std::string_view end) {
  return name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}
/// A job's name, as leases and fields begin with it.
bool begins_with_job(const std::string& name) {
  return name.find_first_not_of("0123456789abcdef") == token_length;
}
bool is_lease(const std::string& name) {
  return begins_with_job(name) && name.size() == token_length + std::string_view{".json"}.size() &&
         ends_with(name, ".json");
}
bool is_fields(const std::string& name) { return begins_with_job(name) && ends_with(name, ".f64"); }
bool is_case(const std::string& name) {
  return name.size() >= case_digits && name.find_first_not_of("0123456789") == std::string::npos;
}

/// Where a sweep writes, below its directory, under which names, and what.
struct Place {
  const char* directory;
  bool (*name)(const std::string&);
  io::Kind kind;
};
constexpr std::array places{Place{"leases", is_lease, io::Kind::file},
                            Place{"fields", is_fields, io::Kind::file},
                            Place{"cases", is_case, io::Kind::directory}};

/// The first name that a sweep would write under and that is taken.
std::optional<fs::path> taken_name(const fs::path& path) {
  for (const char* name : sweep_files)
    if (io::kind_of(path / name) != io::Kind::nothing) return name;
  for (const Place& p : places) {
    const std::vector<std::string> names = names_in(path / p.directory, p.name);
    if (!names.empty()) return fs::path{p.directory} / names.front();
  }
  return {};
}

/// The first name of a sweep's under which there is something that no sweep has made.
std::optional<fs::path> wrong_kind(const fs::path& path) {
  const auto wrong = [&](const fs::path& name, io::Kind right) {
    const io::Kind kind = io::kind_of(path / name);
    return kind != io::Kind::nothing && kind != right;
  };
  for (const char* name : sweep_files)
    if (wrong(name, io::Kind::file)) return name;
  if (wrong("inputs", io::Kind::directory)) return "inputs";
  for (const Place& p : places) {
    if (wrong(p.directory, io::Kind::directory)) return p.directory;
    for (const std::string& name : names_in(path / p.directory, p.name))
      if (wrong(fs::path{p.directory} / name, p.kind)) return fs::path{p.directory} / name;
  }
  return {};
}

void remove_file(const fs::path& path) {
  if (io::kind_of(path) == io::Kind::file) io::remove_name(path);
}

/// Removes what a sweep has written, but for the journal, which says that it has; what is not calor's stays,
/// and so do the directories that hold it.
void remove_sweep(const fs::path& path) {
  for (const Place& p : places) {
    for (const std::string& name : names_in(path / p.directory, p.name)) {
      const fs::path one = path / p.directory / name;
      if (p.kind == io::Kind::file) {
        remove_file(one);
      } else if (run_mark(one) != RunMark::none) {
        remove_run(one, false);
        remove_file(one / "lock");
        io::remove_if_empty(one);
      }
    }
    if (io::kind_of(path / p.directory) == io::Kind::directory) io::remove_if_empty(path / p.directory);
  }
  for (const std::string& name : names_in(path / "inputs", is_copied_input))
    if (is_copy(path / "inputs" / name)) io::remove_name(path / "inputs" / name);
  if (io::kind_of(path / "inputs") == io::Kind::directory) io::remove_if_empty(path / "inputs");
  for (const char* name : sweep_files)
    if (name != std::string_view{"journal"}) remove_file(path / name);
  remove_attempts_log(path);
}

}  // namespace

SweepDirectory::SweepDirectory(const mpi::Comm& comm, fs::path path, const DirectoryWish& wish,
                               const std::vector<std::string>& inputs)
    : path_{std::move(path)} {
  io::collectively(comm, [&] {
    job_ = io::random_token();
    prepare(wish, inputs);
  });
  job_ = comm.broadcast(job_);
  if (!ours_) return;
  heart_ = thread_without_signals([this] { beat(); });
}

void SweepDirectory::prepare(const DirectoryWish& wish, const std::vector<std::string>& inputs) {
  const auto refuse = [&](const std::string& why) {
    return Error{Exit::cannot_create, fmt::format("output directory {}: {}", path_.string(), why)};
  };
  const auto holds_sweep = [&] {
    return refuse(
        "holds a sweep already; go on with it, or join it, by --resume, discard it by --fresh, or choose "
        "another by --output");
  };
  std::error_code failed;
  if (fs::exists(path_, failed) && !fs::is_directory(path_))
    throw refuse("this is a file; choose another with --output");
  // The journal is made first of all: whatever else of a sweep is seen here, it is there a moment later.
  const std::optional<fs::path> taken = taken_name(path_);
  const bool run_here = run_mark(path_) != RunMark::none, sweep_here = Journal::is_one(journal());
  if (!sweep_here && run_here) throw refuse("holds a run; choose another for the sweep by --output");
  if (const auto name = wrong_kind(path_))
    throw refuse(fmt::format("its {} is a link, or not what a sweep makes of it; choose another by --output",
                             name->string()));
  if (!sweep_here && taken && ::access(journal().c_str(), R_OK) != 0 && errno != ENOENT)
    throw refuse(fmt::format("its journal cannot be read: {}", std::strerror(errno)));
  if (!sweep_here && taken)
    throw refuse(
        fmt::format("holds a {} that no sweep has written, which would be replaced; choose another by "
                    "--output",
                    taken->string()));
  if (sweep_here && !wish.resume && !wish.fresh) throw holds_sweep();
  for (const std::string& input : inputs) {
    const fs::path inner =
        fs::weakly_canonical(input, failed).lexically_relative(fs::weakly_canonical(path_, failed));
    if (wish.fresh && !inner.empty() && *inner.begin() != "..")
      throw refuse(
          fmt::format("--fresh could discard {}, which the plan reads; choose another by --output", input));
  }
  if (wish.takeover)
    for (const std::string& name : names_in(path_ / "leases", is_lease))
      robbed_.push_back(fs::path{name}.stem());
  try {
    const int others = remove_dead();
    if (others > 0 && wish.fresh && sweep_here)
      throw refuse("a job that is alive works here; end it, or say --takeover if it is known to be dead");
    if (wish.fresh && sweep_here) {
      remove_sweep(path_);
      Journal::begin_anew(journal());
    }
    io::make_directories(path_);
    if (!sweep_here && !Journal::begin(journal()) && !wish.resume) throw holds_sweep();
    make_lease();
    // What dead jobs have left of their unfinished files.
    const auto alone = [&] {
      if (buried()) throw taken_for_dead();
      return remove_dead() == 0;
    };
    const auto of_sweep = [](const std::string& name) {
      return std::find(sweep_files.begin(), sweep_files.end(), name) != sweep_files.end();
    };
    const auto of_leases = [](const std::string& name) { return is_lease(name) || name == clock_name; };
    io::remove_partials(path_, of_sweep, alone);
    if (io::kind_of(path_ / "leases") == io::Kind::directory)
      io::remove_partials(path_ / "leases", of_leases, alone);
  } catch (const Error& e) {
    if (e.code() == Exit::io_error && ::access(path_.c_str(), W_OK) != 0) throw refuse(e.what());
    throw;
  } catch (const std::exception& e) {
    throw refuse(e.what());
  }
}

void SweepDirectory::make_lease() {
  constexpr int patience = 10;
  for (int attempt = 1; !ours_; ++attempt) {
    io::make_directory(path_ / "leases");
    try {
      ours_ = io::publish(lease(job_), to_json(this_process()).dump() + "\n");
      if (ours_) return;
      // No other job has our name: it is there by an attempt that failed after it had been made.
      io::sync_directory(path_ / "leases");
      ours_ = true;
    } catch (const Error&) {
      // A job that has just ended may have taken the empty directory away, or our unfinished lease.
      if (attempt == patience) throw;
    }
  }
}

int SweepDirectory::remove_dead() const {
  int alive = 0;
  for (const std::string& name : names_in(path_ / "leases", is_lease)) {
    const std::string job = fs::path{name}.stem();
    if (job == job_) continue;
    try {
      const auto j = nlohmann::json::parse(io::read_text(lease(job)));
      if (life(job, process_from(j)) == Life::dead)
        remove_lease(job);
      else
        ++alive;
    } catch (const std::exception&) {
      // Gone since it was listed, or of a version that did not write it at once.
    }
  }
  return alive;
}

SweepDirectory::~SweepDirectory() {
  end_ = true;
  if (heart_.joinable()) heart_.join();
  if (!ours_) return;
  remove_lease(job_);
  io::remove_if_empty(path_ / "leases");
}

bool SweepDirectory::buried() const {
  std::error_code failed;
  return ours_ && !fs::exists(lease(job_), failed) && !failed && Journal::is_one(journal());
}

Error SweepDirectory::taken_for_dead() const {
  return Error{Exit::cannot_create,
               fmt::format("output directory {}: another job took this one for dead and has its cases; this "
                           "one stops, what it has finished stays",
                           path_.string())};
}

fs::path SweepDirectory::of_case(std::int64_t number) const {
  return path_ / "cases" / fmt::format("{:05}", number);
}

void SweepDirectory::beat() {
  constexpr Seconds nap{0.02};
  for (Seconds rest{0.0}; !end_; rest -= nap) {
    if (rest <= Seconds{0.0}) {
      touch(lease(job_));
      rest = beat_every;
    }
    std::this_thread::sleep_for(nap);
  }
}

SweepDirectory::Life SweepDirectory::life(const std::string& job, const ProcessId& process) const {
  std::error_code failed;
  const auto last = fs::last_write_time(lease(job), failed);
  if (failed || std::find(robbed_.begin(), robbed_.end(), job) != robbed_.end()) return Life::dead;
  if (process.host == io::host_name()) return gone(process) ? Life::dead : Life::alive;
  // What time it is there tells a file that is touched now.
  const fs::path mine = ours_ ? lease(job_) : io::partial_name(path_ / "leases" / clock_name);
  if (!ours_) io::File{mine, io::File::Mode::create};
  touch(mine);
  const Seconds age = fs::last_write_time(mine, failed) - last;
  if (!ours_) fs::remove(mine, failed);
  return age > stale ? Life::dead : Life::unknown;
}

fs::file_time_type SweepDirectory::last_beat(const std::string& job) const {
  std::error_code failed;
  const auto last = fs::last_write_time(lease(job), failed);
  return failed ? fs::file_time_type{} : last;
}

void SweepDirectory::remove_lease(const std::string& job) const {
  try {
    io::remove_name(lease(job));
  } catch (const Error&) {
    // It names a process that is gone.
  }
}

}  // namespace calor::app
