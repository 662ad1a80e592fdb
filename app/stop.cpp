// SPDX-License-Identifier: BSD-3-Clause
#include "app/stop.hpp"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <vector>

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

const auto program_start = std::chrono::steady_clock::now();

std::optional<double> number(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0.0)
    return {};
  return value;
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

std::optional<double> parse_duration(const std::string& text) {
  if (text.find(':') != std::string::npos) {  // [[D-]HH:]MM:SS
    double days = 0.0;
    std::string rest = text;
    if (const auto dash = rest.find('-'); dash != std::string::npos) {
      const auto d = number(rest.substr(0, dash));
      if (!d) return {};
      days = *d;
      rest = rest.substr(dash + 1);
    }
    std::vector<double> parts;
    for (std::size_t a = 0; a <= rest.size();) {
      const std::size_t b = std::min(rest.find(':', a), rest.size());
      const auto part = number(rest.substr(a, b - a));
      if (!part) return {};
      parts.push_back(*part);
      a = b + 1;
    }
    if (parts.size() > 3) return {};
    if (rest.size() != text.size()) parts.resize(3, 0.0);  // D-HH:MM: with days, the first part is hours
    double seconds = 0.0;
    for (const double p : parts) seconds = 60.0 * seconds + p;
    return days * 86400.0 + seconds;
  }
  if (const auto plain = number(text)) return plain;
  double seconds = 0.0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t unit = text.find_first_not_of("0123456789.", at);
    if (unit == std::string::npos || unit == at) return {};
    const auto value = number(std::string_view{text}.substr(at, unit - at));
    std::size_t next = text.find_first_of("0123456789.", unit);
    next = std::min(next, text.size());
    const std::string word = text.substr(unit, next - unit);
    const double scale = word == "s"                    ? 1.0
                         : word == "m" || word == "min" ? 60.0
                         : word == "h"                  ? 3600.0
                         : word == "d"                  ? 86400.0
                                                        : 0.0;
    if (!value || scale == 0.0) return {};
    seconds += *value * scale;
    at = next;
  }
  if (text.empty()) return {};
  return seconds;
}

std::optional<double> seconds_left_in_job() {
  const char* const end = std::getenv("SLURM_JOB_END_TIME");  // seconds since 1970
  if (end == nullptr) return {};
  const auto at = number(end);
  if (!at) return {};
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return *at - now;
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - program_start).count();
}

}  // namespace calor
