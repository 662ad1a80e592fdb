// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/stop.hpp"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "decomposition/error.hpp"

namespace calor {

namespace {

volatile std::sig_atomic_t last_signal = 0;
volatile std::sig_atomic_t signals_seen = 0;

extern "C" void on_stop_signal(int number) {
  last_signal = number;
  signals_seen = signals_seen + 1;
  if (signals_seen >= 3) _exit(static_cast<int>(Exit::internal));  // asked to stop thrice: something hangs
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  action.sa_flags = SA_RESTART;
  for (const int s : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) sigaction(s, &action, nullptr);
}

std::string stop_signal() {
  switch (last_signal) {
    case 0:
      return "";
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    case SIGUSR1:
      return "SIGUSR1";
    default:
      return "SIGUSR2";
  }
}

std::thread thread_without_signals(std::function<void()> work) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread{std::move(work)};
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace calor
