// SPDX-License-Identifier: BSD-3-Clause
#include "app/sweep/directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "app/console/stop.hpp"
#include "decomposition/error.hpp"
#include "io/file.hpp"

namespace calor {

namespace fs = std::filesystem;

namespace {

using Seconds = std::chrono::duration<double>;
constexpr Seconds beat_every{5.0}, stale{60.0};

constexpr std::size_t token_length = 16;  // hexadecimal digits of a job's name
constexpr std::array sweep_files{"journal", "sweep.csv", "results.h5", "case.toml", "status.json", "run.log"};

/// By the clock of the file system, which all hosts share.
void touch(const fs::path& file) { utimensat(AT_FDCWD, file.c_str(), nullptr, 0); }

/// Names of the files right in a directory; none if it is not there.
std::vector<std::string> files_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory, none))
    if (entry.is_regular_file()) names.push_back(entry.path().filename());
  return names;
}

bool ends_with(const std::string& name, std::string_view end) {
  return name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
}

/// Removes what a sweep has written; what is not calor's stays, and so do the directories that hold it.
void remove_sweep(const fs::path& path) {
  std::error_code not_empty;
  for (const char* name : sweep_files) fs::remove(path / name);
  for (const auto& [directory, end] : {std::pair{"leases", ".json"}, std::pair{"fields", ".f64"}}) {
    for (const std::string& name : files_in(path / directory))
      if (ends_with(name, end) && name.find_first_not_of("0123456789abcdef") >= token_length)
        fs::remove(path / directory / name);
    fs::remove(path / directory, not_empty);
  }
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(path / "cases", not_empty))
    if (entry.path().filename().string().find_first_not_of("0123456789") == std::string::npos)
      cases.push_back(entry.path());
  for (const fs::path& one : cases) {
    remove_run(one);
    fs::remove(one / "lock");
    fs::remove(one, not_empty);
  }
  fs::remove(path / "cases", not_empty);
}

}  // namespace

SweepDirectory::SweepDirectory(const mpi::Comm& comm, fs::path path, const DirectoryWish& wish)
    : path_{std::move(path)} {
  io::collectively(comm, [&] {
    job_ = io::random_token();
    prepare(wish);
  });
  job_ = comm.broadcast(job_);
  if (!ours_) return;
  heart_ = thread_without_signals([this] { beat(); });
}

void SweepDirectory::prepare(const DirectoryWish& wish) {
  const auto refuse = [&](const std::string& why) {
    return Error{Exit::cannot_create, fmt::format("output directory {}: {}", path_.string(), why)};
  };
  std::error_code failed;
  if (fs::exists(path_, failed) && !fs::is_directory(path_))
    throw refuse("this is a file; choose another with --output");
  // The journal is made first of all: whatever else of a sweep is seen here, it is there a moment later.
  const bool run_here = holds_run(path_), case_here = fs::exists(path_ / "case.toml", failed);
  const bool sweep_here = fs::exists(journal(), failed);
  if (!sweep_here && run_here) throw refuse("holds a run; choose another for the sweep by --output");
  if (sweep_here && !wish.resume && !wish.fresh)
    throw refuse(
        "holds a sweep already; go on with it, or join it, by --resume, discard it by --fresh, or choose "
        "another by --output");
  for (const char* name : {"case.toml", "sweep.csv", "results.h5"})
    if (!sweep_here && (name == std::string_view{"case.toml"} ? case_here : fs::exists(path_ / name, failed)))
      throw refuse(fmt::format(
          "holds a {} that no sweep has written, which would be replaced; choose another by --output", name));
  if (wish.takeover)
    for (const std::string& name : files_in(path_ / "leases")) robbed_.push_back(fs::path{name}.stem());
  try {
    const int others = remove_dead();
    if (others > 0 && wish.fresh && sweep_here)
      throw refuse("a job that is alive works here; end it, or say --takeover if it is known to be dead");
    if (wish.fresh && sweep_here) remove_sweep(path_);
    if (others == 0 && sweep_here) io::remove_partials(path_);
    io::make_directories(path_);
    io::File{journal(), io::File::Mode::append};
    make_lease();
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
    io::make_directories(path_ / "leases");
    try {
      io::File file{lease(job_), io::File::Mode::create};
      ours_ = true;
      const std::string text = to_json(this_process()).dump() + "\n";
      file.write_at(text.data(), static_cast<std::int64_t>(text.size()), 0);
      file.sync();
    } catch (const Error&) {
      std::error_code ignored;
      if (std::exchange(ours_, false)) {
        fs::remove(lease(job_), ignored);  // an empty one would never be taken for dead
        throw;
      }
      // A job that has just ended may have taken the empty directory away.
      if (attempt == patience || fs::exists(path_ / "leases", ignored)) throw;
    }
  }
}

int SweepDirectory::remove_dead() const {
  std::error_code failed;
  int alive = 0;
  for (const auto& entry : fs::directory_iterator(path_ / "leases", failed)) {
    const std::string job = entry.path().stem();
    if (job == job_) continue;
    try {
      const auto j = nlohmann::json::parse(io::read_text(entry.path()));
      if (life(job, process_from(j)) == Life::dead)
        remove_lease(job);
      else
        ++alive;
    } catch (const std::exception&) {
      // Being written at this moment, or gone since it was listed.
    }
  }
  return alive;
}

SweepDirectory::~SweepDirectory() {
  end_ = true;
  if (heart_.joinable()) heart_.join();
  std::error_code ignored;
  if (!ours_) return;
  fs::remove(lease(job_), ignored);
  fs::remove(path_ / "leases", ignored);  // only if it is empty now
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
  const fs::path mine = ours_ ? lease(job_) : io::partial_name(path_ / "leases" / "clock");
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
  std::error_code ignored;
  fs::remove(lease(job), ignored);
}

}  // namespace calor
