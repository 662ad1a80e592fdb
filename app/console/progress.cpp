// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <vector>

#include "app/console/terminal.hpp"
#include "app/text/units.hpp"

namespace calor::app {
namespace {

constexpr double redraw_every = 0.2, sample_every = 0.5, rates_over = 15.0;  // s
/// Time left is told after this share of the run, or after so many seconds.
constexpr double telling_share = 0.02, telling_seconds = 20.0;

/// Seconds after the start when the next plain line is due.
double next_line(double elapsed) {
  if (elapsed < 1.0) return 1.0;
  const double gap = elapsed < 60.0 ? 10.0 : elapsed < 3600.0 ? 60.0 : 300.0;
  return gap * (std::floor(elapsed / gap) + 1.0);
}

int columns_of(int file) {
  winsize size{};
  if (::ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

/// Printed width of UTF-8 text: bytes that begin a character.
std::size_t length(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

Console Console::standard() {
  const char* const term = std::getenv("TERM");
  const bool able = term != nullptr && std::string_view{term} != "dumb" && launcher_has_terminal();
  Console console;
  console.lines = &std::cout;
  const int file = able && ::isatty(STDERR_FILENO) != 0 ? STDERR_FILENO : STDOUT_FILENO;
  if (able && ::isatty(file) != 0) console.bar = file == STDERR_FILENO ? &std::cerr : &std::cout;
  console.seconds = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  console.columns = [file] { return columns_of(file); };
  console.warned = [](std::string_view word) { return toned(word, Tone::careful, STDOUT_FILENO); };
  return console;
}

Progress::Progress(bool quiet, Console console) : quiet_{quiet}, console_{std::move(console)} {}

Progress::~Progress() {
  try {
    finish();
  } catch (...) {  // a stream set to throw: nothing more can be shown
  }
}

double Progress::State::done() const {
  // Simulated time comes first: with variable steps their number is a guess.
  if (end > 0.0) return std::clamp(time / end, 0.0, 1.0);
  if (total_steps > 0) return std::clamp(double(step) / double(total_steps), 0.0, 1.0);
  return -1.0;
}

void Progress::update(std::int64_t step, std::int64_t total_steps, double time, double end,
                      double cells_done) {
  if (!quiet_) tell({console_.seconds(), step, total_steps, time, end, cells_done});
}

void Progress::update_cases(std::int64_t done, std::int64_t total, double share) {
  if (!quiet_) tell({console_.seconds(), done, total, share, 1.0, 0.0, true});
}

void Progress::update_search(std::int64_t step, double share, const std::string& note) {
  if (!quiet_) tell({console_.seconds(), step, 0, share, 1.0, 0.0, false, note});
}

void Progress::tell(const State& now) {
  const double gap = console_.bar != nullptr ? redraw_every : 1.0;
  if (!begun_) {
    begun_ = true;
    start_ = now.at;
    begun_at_ = now.done();
    next_ = now.at + gap;
    recent_.push_back(now);
    return;
  }
  // The sample before the oldest one wanted stays, so that rates never cover less.
  if (now.at - recent_.back().at >= sample_every) {
    recent_.push_back(now);
    while (recent_.size() > 2 && now.at - recent_[1].at >= rates_over) recent_.pop_front();
  }
  if (now.at < next_) return;
  if (console_.bar != nullptr) {
    next_ = now.at + gap;
    draw(now);
  } else {
    next_ = start_ + next_line(now.at - start_);
    *console_.lines << words(now, std::string::npos, false) << '\n' << std::flush;
  }
}

std::string Progress::words(const State& now, std::size_t room, bool with_bar) const {
  // Rates of late; in the beginning, of all there was.
  const State& then = recent_.front();
  const double seconds = now.at - then.at;
  const auto rate = [&](double from, double to) { return seconds > 0.0 ? (to - from) / seconds : 0.0; };
  const double done = now.done(), speed = rate(then.done(), done);

  // What matters most comes first; what no longer fits is left out.
  std::vector<std::string> parts;
  if (done >= 0.0) parts.push_back(fmt::format("{:3.0f}%", std::floor(100.0 * done)));
  const bool tells = done - begun_at_ >= telling_share || now.at - start_ >= telling_seconds;
  if (tells && done >= 0.0 && done < 1.0 && speed > 0.0)
    parts.push_back(duration_text((1.0 - done) / speed) + " left");
  const char* const noun = now.cases ? "case" : "step";
  parts.push_back(now.total_steps > 0 ? fmt::format("{} {}/{}", noun, now.step, now.total_steps)
                                      : fmt::format("{} {}", noun, now.step));
  if (now.step > then.step)
    parts.push_back(si_text(rate(double(then.step), double(now.step)), now.cases ? "cases/s" : "steps/s"));
  if (now.cells > then.cells) parts.push_back(si_text(rate(then.cells, now.cells), "cells/s"));
  if (!now.note.empty())
    parts.push_back(now.note);
  else if (now.end > 0.0 && !now.cases)
    parts.push_back(fmt::format("t = {:.4g}/{:.4g} s", now.time, now.end));
  else if (now.time > 0.0 && !now.cases)
    parts.push_back(fmt::format("t = {:.4g} s", now.time));

  // The bar's length depends on the terminal alone, so that it does not jump with the words beside it.
  std::string bar;
  if (with_bar && done >= 0.0 && room >= 40) {
    const std::size_t width = std::clamp<std::size_t>(room / 5, 10, 32);
    const auto full = static_cast<std::size_t>(std::lround(done * double(width)));
    bar = " [" + std::string(full, '#') + std::string(width - full, '.') + "]";
  }
  std::size_t used = bar.size(), fit = 0;
  constexpr std::size_t between = 2;
  while (fit < parts.size() && used + length(parts[fit]) <= room) used += length(parts[fit++]) + between;
  std::string text;
  for (std::size_t k = 0; k < fit; ++k) {
    if (k > 0) text += std::string(between, ' ');
    text += parts[k];
    if (k == 0) text += bar;
  }
  return text;
}

void Progress::draw(const State& now) {
  // The last column stays empty: some terminals go to the next line there.
  const auto room = static_cast<std::size_t>(std::max(console_.columns() - 1, 0));
  const std::string text = words(now, room, true);
  *console_.bar << '\r' << text << "\033[K" << std::flush;
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  *console_.bar << "\r\033[K" << std::flush;
  shown_ = false;
}

void Progress::line(const std::string& text) {
  if (quiet_) return;
  clear();
  constexpr std::string_view warning = "warning:";
  if (console_.warned && text.compare(0, warning.size(), warning) == 0)
    *console_.lines << console_.warned(warning) << text.substr(warning.size()) << '\n' << std::flush;
  else
    *console_.lines << text << '\n' << std::flush;
}

void Progress::finish() {
  if (quiet_) return;
  clear();
}

}  // namespace calor::app
