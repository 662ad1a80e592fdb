// SPDX-License-Identifier: BSD-3-Clause
#include "app/supervise/left_overs.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <thread>
#include <utility>

namespace calor::app {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view shared_memory = "/dev/shm/";

bool own(const std::string& path) {
  struct stat s {};
  return ::lstat(path.c_str(), &s) == 0 && s.st_uid == ::geteuid();
}

std::string whole_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// Of all processes of this user.
std::vector<pid_t> own_processes() {
  std::vector<pid_t> all;
  std::error_code gone;
  for (fs::directory_iterator at{"/proc", gone}, end; !gone && at != end; at.increment(gone)) {
    const std::string name = at->path().filename().string();
    pid_t pid = 0;
    const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc{} && rest == name.data() + name.size() && own(at->path().string()))
      all.push_back(pid);
  }
  return all;
}

/// Whether it runs: not a zombie, which only waits for its parent to ask.
bool alive(pid_t pid) {
  const std::string stat = whole_file(fmt::format("/proc/{}/stat", pid));
  const std::size_t end = stat.rfind(')');
  return end != std::string::npos && end + 2 < stat.size() && stat[end + 2] != 'Z' && stat[end + 2] != 'X';
}

/// Segments of /dev/shm that a process has mapped.
std::set<std::string> segments_of(pid_t pid) {
  std::set<std::string> found;
  std::ifstream maps{fmt::format("/proc/{}/maps", pid)};
  for (std::string line; std::getline(maps, line);) {
    const std::size_t at = line.find(shared_memory);
    if (at != std::string::npos && line.find(" (deleted)", at) == std::string::npos)
      found.insert(line.substr(at));
  }
  return found;
}

/// A variable in the environment that a process was started with.
std::string variable_of(const std::string& environment, std::string_view name) {
  std::istringstream in{environment};
  for (std::string one; std::getline(in, one, '\0');)
    if (one.size() > name.size() && one.compare(0, name.size(), name) == 0 && one[name.size()] == '=')
      return one.substr(name.size() + 1);
  return "";
}

std::string environment_of(pid_t pid) { return '\0' + whole_file(fmt::format("/proc/{}/environ", pid)); }

}  // namespace

std::vector<pid_t> LeftOvers::processes() const noexcept {
  std::vector<pid_t> found;
  try {
    const std::string mark = '\0' + token_ + '\0';
    for (const pid_t pid : own_processes())
      if (environment_of(pid).find(mark) != std::string::npos && alive(pid)) found.push_back(pid);
  } catch (const std::exception&) {
    // What cannot be looked at is not ours to end.
  }
  return found;
}

void LeftOvers::look() noexcept {
  try {
    for (const pid_t pid : processes()) {
      segments_.merge(segments_of(pid));
      const std::string session = variable_of(environment_of(pid), "PMIX_SERVER_TMPDIR");
      if (!session.empty()) sessions_.insert(session);
    }
  } catch (const std::exception&) {
    // Another look comes.
  }
}

int LeftOvers::end() noexcept {
  constexpr int looks = 50;
  constexpr std::chrono::milliseconds nap{100};
  std::set<pid_t> ended;
  for (int n = 0; n < looks; ++n) {
    const std::vector<pid_t> left = processes();
    if (left.empty()) break;
    for (const pid_t pid : left)
      if (ended.insert(pid).second) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(nap);
  }
  return static_cast<int>(ended.size());
}

int LeftOvers::remove(pid_t launcher) noexcept {
  int removed = 0;
  try {
    std::set<std::string> used;
    for (const pid_t pid : own_processes()) used.merge(segments_of(pid));
    for (const std::string& segment : std::exchange(segments_, {})) {
      if (used.count(segment) != 0)
        segments_.insert(segment);
      else if (own(segment))
        removed += ::unlink(segment.c_str()) == 0 ? 1 : 0;
    }
    // Open MPI: <tmp>/ompi.<host>.<user>/pid.<launcher>
    const std::string name = fmt::format("pid.{}", launcher);
    for (const std::string& session : sessions_) {
      if (fs::path{session}.filename() != name || !own(session) || fs::is_symlink(session)) continue;
      removed += static_cast<int>(fs::remove_all(session));
    }
    sessions_.clear();
  } catch (const std::exception&) {
    // Left to the system's own cleaning.
  }
  return removed;
}

}  // namespace calor::app
