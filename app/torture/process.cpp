// SPDX-License-Identifier: BSD-3-Clause
#include "app/torture/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <thread>

#include "decomposition/error.hpp"
#include "io/file.hpp"

extern char** environ;

namespace calor::app::torture {

namespace fs = std::filesystem;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
void sleep_for(double seconds) {
  if (seconds > 0.0) std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

namespace {

std::string name_of(const std::string& setting) { return setting.substr(0, setting.find('=') + 1); }

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& t : texts) result.push_back(t.data());
  result.push_back(nullptr);
  return result;
}

std::string in_path(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const char* const path = std::getenv("PATH");
  std::string_view left = path != nullptr ? path : "/usr/bin:/bin";
  while (!left.empty()) {
    const std::string_view part = left.substr(0, left.find(':'));
    left.remove_prefix(std::min(left.size(), part.size() + 1));
    const std::string full = fmt::format("{}/{}", part, program);
    if (::access(full.c_str(), X_OK) == 0) return full;
  }
  return program;
}

std::string whole(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

}  // namespace

Process::Process(const Start& start)
    : mark_{"CALOR_TORTURE=" + io::random_token()}, launches_{start.launches}, left_{mark_}, begun_{now()} {
  std::vector<std::string> words = start.words, settings;
  const std::string program = in_path(words.at(0));
  for (char** e = environ; *e != nullptr; ++e) settings.emplace_back(*e);
  std::vector<std::string> own = start.settings;
  own.push_back(mark_);
  for (const std::string& s : own) {
    std::erase_if(settings, [&](const std::string& old) { return name_of(old) == name_of(s); });
    settings.push_back(s);
  }
  const std::vector<char*> argv = pointers(words), envp = pointers(settings);
  // Between fork and exec only calls that a signal handler might make.
  id_ = ::fork();
  if (id_ == 0) {
    ::setpgid(0, 0);
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    for (int s = 1; s < 32; ++s) ::sigaction(s, &usual, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int out = ::open(start.said.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
    const int in = ::open("/dev/null", O_RDONLY);
    if (out < 0 || in < 0 || ::chdir(start.directory.c_str()) != 0) ::_exit(127);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::close(in);
    ::close(out);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    if (start.most_file_bytes) {
      const rlimit most{*start.most_file_bytes, *start.most_file_bytes};
      if (::setrlimit(RLIMIT_FSIZE, &most) != 0) ::_exit(127);
    }
    ::execve(program.c_str(), argv.data(), envp.data());
    ::_exit(127);
  }
  if (id_ < 0) throw io::system_error(Exit::internal, "start", program, errno);
  ::setpgid(id_, id_);
}

Process::~Process() {
  kill_all();
  if (!end_) ::waitpid(id_, nullptr, 0);
  left_.end();
  left_.remove(id_);
}

bool Process::ended() {
  if (end_) return true;
  int status = 0;
  const pid_t got = ::waitpid(id_, &status, WNOHANG);
  if (got != id_) return false;
  end_ =
      Ended{WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), false, now() - begun_, false};
  return true;
}

/// How long the process that had to wait most has waited for a processor since the last call [s].
double Process::waited_for_processor() {
  double most = 0.0;
  std::map<pid_t, double> now_waits;
  for (const pid_t id : left_.processes()) {
    // ns on a processor, ns waiting for one
    std::istringstream in{whole(fmt::format("/proc/{}/schedstat", id))};
    double ran = 0.0, waited = 0.0;
    if (!(in >> ran >> waited)) continue;
    const auto before = waits_.find(id);
    now_waits[id] = 1e-9 * waited;
    most = std::max(most, 1e-9 * waited - (before != waits_.end() ? before->second : 0.0));
  }
  waits_ = std::move(now_waits);
  return most;
}

/// A limit that is put off by what the process and its kin wait for a processor.
class Process::Patience {
 public:
  Patience(Process& process, double limit)
      : process_{process}, until_{now() + limit}, latest_{now() + 10.0 * limit} {}
  bool over() {
    constexpr double tick = 1.0;  // s
    if (const double past = now() - looked_; past > tick) {
      until_ = std::min(latest_, until_ + std::min(past, process_.waited_for_processor()));
      looked_ = now();
    }
    return now() > until_;
  }

 private:
  Process& process_;
  double until_, latest_, looked_ = now();
};

Ended Process::wait(double limit) {
  Patience patience{*this, limit};
  while (!ended()) {
    if (patience.over()) {
      const bool alone = launches_ && left_.processes() == std::vector<pid_t>{id_};
      kill_all();
      int status = 0;
      ::waitpid(id_, &status, 0);
      end_ = Ended{128 + SIGKILL, !alone, now() - begun_, alone};
      break;
    }
    sleep_for(0.001);
  }
  return *end_;
}

std::vector<pid_t> Process::running(const fs::path& program) {
  left_.look();  // whoever asks may be about to kill them
  std::vector<pid_t> found = left_.processes();
  std::sort(found.begin(), found.end());
  std::erase_if(found, [&](pid_t id) {
    std::error_code gone;
    return fs::read_symlink(fmt::format("/proc/{}/exe", id), gone) != program;
  });
  return found;
}

int Process::left_after(double limit) {
  Patience patience{*this, limit};
  for (;;) {
    const auto left = static_cast<int>(left_.processes().size());
    if (left == 0 || patience.over()) return left;
    sleep_for(0.02);
  }
}

void Process::kill_all() const {
  if (!end_) ::kill(-id_, SIGKILL);
  for (const pid_t id : left_.processes()) ::kill(id, SIGKILL);
}

}  // namespace calor::app::torture
