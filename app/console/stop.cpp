// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/stop.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

#include "decomposition/error.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

namespace {

struct StopSignal {
  int number;
  const char* name;
};
constexpr StopSignal stop_signals[] = {{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"},   {SIGHUP, "SIGHUP"},
                                       {SIGUSR1, "SIGUSR1"}, {SIGUSR2, "SIGUSR2"}, {SIGXCPU, "SIGXCPU"}};
constexpr int signals_that_leave = 3;

std::atomic<int> last_signal{0};
sigset_t wanted;  // what asks to stop: all of stop_signals but those ignored at start
bool held = false, heard = false;

void wait_for_signals() {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds one{30};
  Clock::time_point before{};
  for (int seen = 0;;) {
    int number = 0;
    if (sigwait(&wanted, &number) != 0) continue;
    last_signal.store(number, std::memory_order_relaxed);
    const Clock::time_point now = Clock::now();
    if (seen == 0 || now - before > one) ++seen;
    before = now;
    if (seen >= signals_that_leave) _exit(static_cast<int>(Exit::internal));  // something hangs
  }
}

}  // namespace

void hold_stop_signals() {
  if (!std::exchange(held, true)) {
    sigemptyset(&wanted);
    for (const StopSignal& s : stop_signals) {
      struct sigaction at_start {};
      if (sigaction(s.number, nullptr, &at_start) == 0 && at_start.sa_handler != SIG_IGN)
        sigaddset(&wanted, s.number);
    }
  }
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
}

void catch_stop_signals() {
  hold_stop_signals();
  if (std::exchange(heard, true)) return;
  try {
    thread_without_signals(wait_for_signals).detach();
  } catch (const std::system_error&) {  // no thread to be had: signals end the program, as they do others
    pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
  }
}

void hold_standard_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest number that is free is this one. Opened the wrong way round: nothing can be read or written.
    const int made = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (made >= 0 && made != fd) close(made);
  }
}

std::string stop_signal() {
  const int last = last_signal.load(std::memory_order_relaxed);
  for (const StopSignal& s : stop_signals)
    if (s.number == last) return s.name;
  return "";
}

void leave_if_asked(const mpi::Comm& comm) {
  const std::string name = comm.first_message(stop_signal());
  if (!name.empty())
    throw Error{Exit::stopped, fmt::format("stopped ({}) before anything was written; start again with the "
                                           "same command",
                                           name)};
}

void restore_signals_of_start() {
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGXFSZ, SIG_DFL);
  if (held) pthread_sigmask(SIG_UNBLOCK, &wanted, nullptr);
}

std::thread thread_without_signals(std::function<void()> work) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread;
  try {
    thread = std::thread{std::move(work)};
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace calor::app
