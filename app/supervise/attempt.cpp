// SPDX-License-Identifier: BSD-3-Clause
#include "app/supervise/attempt.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "app/console/stop.hpp"
#include "app/console/wall_clock.hpp"
#include "decomposition/error.hpp"
#include "io/file.hpp"

namespace calor::app {

namespace {

constexpr const char* token_variable = "CALOR_ATTEMPT";
constexpr double patience_of_guard = 5.0;  // s
/// s: a killed rank may take long to go where the machine has no memory or time for it.
constexpr double patience_with_dying = 60.0, short_patience_with_dying = 2.0;
constexpr std::chrono::milliseconds nap{50};

struct Pipe {
  int read = -1, write = -1;
};
Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw Error{Exit::internal, std::string{"cannot make a pipe: "} + std::strerror(errno)};
  return {ends[0], ends[1]};
}

/// All of it, as far as somebody takes it.
bool write_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t done = ::write(fd, data, size);
    if (done < 0 && errno == EAGAIN) {
      pollfd one{fd, POLLOUT, 0};
      ::poll(&one, 1, 1000);
      continue;
    }
    if (done < 0 && errno != EINTR) return false;
    if (done > 0) {
      data += done;
      size -= static_cast<std::size_t>(done);
    }
  }
  return true;
}

bool group_lives(pid_t group) { return ::kill(-group, 0) == 0; }

void end_group(pid_t group, double patience) {
  ::kill(-group, SIGTERM);
  ::kill(-group, SIGCONT);
  for (const double until = wall_seconds() + patience; wall_seconds() < until && group_lives(group);)
    std::this_thread::sleep_for(nap);
  ::kill(-group, SIGKILL);
}

/// What is left, as soon as nobody uses it.
void remove(LeftOvers& left, pid_t group, double patience) {
  left.remove(group);
  for (const double until = wall_seconds() + patience; wall_seconds() < until && left.any();) {
    std::this_thread::sleep_for(nap);
    left.remove(group);
  }
}

/// The guard's whole life.
[[noreturn]] void guard(int pipe_end, pid_t group, LeftOvers left) {
  ::setsid();
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  // Nobody is to wait for what we hold open.
  if (pipe_end != 3) ::dup2(pipe_end, 3);
  for (const int fd : {0, 1, 2}) ::close(fd);
  ::close_range(4, ~0U, 0);
  left.look();
  const double often_until = wall_seconds() + 10.0;  // ranks may die before they have been looked at
  for (pollfd one{3, POLLIN, 0};;) {
    const int ready = ::poll(&one, 1, wall_seconds() < often_until ? 100 : 1000);
    if (ready > 0) break;  // nobody writes: the other end is closed
    left.look();
  }
  left.look();  // at what is younger than the last look: its ranks may be about to be killed
  // The launcher has got its TERM from the kernel at this moment; a second one would make it leave in a
  // hurry.
  for (const double until = wall_seconds() + 2.0; wall_seconds() < until && group_lives(group);)
    std::this_thread::sleep_for(nap);
  end_group(group, patience_of_guard);
  left.end();
  remove(left, group, patience_with_dying);
  ::_exit(0);
}

}  // namespace

Attempt::Attempt(const std::vector<std::string>& words, std::function<void(const std::string&)> heard)
    : heard_{std::move(heard)}, left_{""} {
  const std::string token = fmt::format("{}={}", token_variable, io::random_token());
  left_ = LeftOvers{token};
  // What the child needs is made before it: between fork and exec little is allowed.
  std::vector<char*> arguments, environment;
  for (const std::string& w : words) arguments.push_back(const_cast<char*>(w.c_str()));
  arguments.push_back(nullptr);
  for (char** e = environ; *e != nullptr; ++e)
    if (std::strncmp(*e, token_variable, std::strlen(token_variable)) != 0) environment.push_back(*e);
  environment.push_back(const_cast<char*>(token.c_str()));
  environment.push_back(nullptr);

  const Pipe out = make_pipe(), err = make_pipe(), failed = make_pipe(), death = make_pipe();
  const pid_t parent = ::getpid();
  launcher_ = ::fork();
  if (launcher_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(out.write, STDOUT_FILENO);
    ::dup2(err.write, STDERR_FILENO);
    restore_signals_of_start();
    ::execvpe(arguments[0], arguments.data(), environment.data());
    const int number = errno;
    static_cast<void>(!::write(failed.write, &number, sizeof number));
    ::_exit(127);
  }
  const int no_process = errno;
  if (launcher_ > 0) ::setpgid(launcher_, launcher_);
  for (const int fd : {out.write, err.write, failed.write}) ::close(fd);
  int number = 0;
  const bool no_program = launcher_ > 0 && ::read(failed.read, &number, sizeof number) == sizeof number;
  ::close(failed.read);
  if (launcher_ > 0 && !no_program) {
    guard_ = ::fork();
    if (guard_ == 0) {
      ::close(death.write);
      guard(death.read, launcher_, left_);
    }
  }
  ::close(death.read);
  out_.from = out.read;
  out_.to = STDOUT_FILENO;
  err_.from = err.read;
  err_.to = STDERR_FILENO;
  guard_pipe_ = death.write;
  for (const int fd : {out_.from, err_.from}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  if (launcher_ > 0 && !no_program) return;
  if (launcher_ > 0) ::waitpid(launcher_, nullptr, 0);
  status_ = 127;
  end(0.0);
  close_all();
  if (no_program)
    throw Error{Exit::usage,
                fmt::format("cannot start {}: {}", words[0], std::generic_category().message(number))};
  throw Error{Exit::internal,
              fmt::format("cannot start another process: {}", std::generic_category().message(no_process))};
}

Attempt::~Attempt() {
  if (!ended_) end(0.0);
  close_all();
}

void Attempt::close_all() {
  for (int* fd : {&out_.from, &err_.from, &guard_pipe_})
    if (*fd >= 0) ::close(std::exchange(*fd, -1));
}

void Attempt::pass_on(Stream& s, bool all) {
  std::array<char, 16384> buffer;
  while (s.from >= 0) {
    const ssize_t got = ::read(s.from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      ::close(std::exchange(s.from, -1));
      break;
    }
    if (s.heard) s.heard = write_all(s.to, buffer.data(), static_cast<std::size_t>(got));
    for (ssize_t n = 0; n < got; ++n) {
      const char c = buffer[static_cast<std::size_t>(n)];
      if (c == '\n')
        heard_(std::exchange(s.line, ""));
      else if (s.line.size() < buffer.size())
        s.line += c;
    }
    if (!all) break;
  }
  if (all && !s.line.empty()) heard_(std::exchange(s.line, ""));
}

std::optional<int> Attempt::attend(int milliseconds) {
  pollfd both[2] = {{out_.from, POLLIN, 0}, {err_.from, POLLIN, 0}};
  ::poll(both, 2, milliseconds);
  pass_on(out_, false);
  pass_on(err_, false);
  int status = 0;
  if (!status_ && ::waitpid(launcher_, &status, WNOHANG) == launcher_) {
    pass_on(out_, true);
    pass_on(err_, true);
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return status_;
}

void Attempt::signal_launcher(int number) const {
  if (!status_) ::kill(launcher_, number);
}

std::vector<pid_t> Attempt::ranks(const std::string& program) const {
  std::vector<pid_t> found = left_.processes();
  std::erase_if(found, [&](pid_t pid) {
    std::array<char, 4096> exe{};
    return pid == launcher_ ||
           ::readlink(fmt::format("/proc/{}/exe", pid).c_str(), exe.data(), exe.size() - 1) < 0 ||
           program != exe.data();
  });
  return found;
}

void Attempt::signal_ranks(int number, const std::string& program) const {
  for (const pid_t pid : ranks(program)) ::kill(pid, number);
}

int Attempt::end(double patience) {
  if (std::exchange(ended_, true)) return 0;
  if (launcher_ > 0) {
    left_.look();
    if (!status_) {
      ::kill(-launcher_, SIGTERM);
      ::kill(-launcher_, SIGCONT);
      for (const double until = wall_seconds() + patience; wall_seconds() < until && !attend(50);) continue;
    }
    if (!status_ || !left_.processes().empty()) ::kill(-launcher_, SIGKILL);
    // Its zombie, if it is one still, keeps the group's number from others.
    for (int n = 0; n < 100 && !attend(50); ++n) continue;
  }
  // Ranks of a launcher that has died notice it within two seconds, and clean up after themselves.
  for (const double until = wall_seconds() + 2.0; wall_seconds() < until && !left_.processes().empty();)
    std::this_thread::sleep_for(nap);
  const int killed = left_.end();
  if (launcher_ > 0) remove(left_, launcher_, short_patience_with_dying);
  pass_on(out_, true);
  pass_on(err_, true);
  if (guard_ > 0) {
    ::kill(guard_, SIGKILL);  // also one that somebody has stopped
    while (::waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) continue;
    guard_ = -1;
  }
  return killed;
}

void LastLines::add(const std::string& line) {
  constexpr std::size_t longest = 500;
  std::string clean;
  for (const char c : line.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 32 && byte != 127)
      clean += c;
    else if (c == '\t')
      clean += ' ';
  }
  lines_.push_back(clean);
  if (lines_.size() > most_) lines_.pop_front();
}

}  // namespace calor::app
