// SPDX-License-Identifier: BSD-3-Clause
// How long a rank may be silent: the limit, and while files are written what files take.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <thread>

#include "app/console/wall_clock.hpp"
#include "app/console/watchdog.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

namespace {

void nap(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>{seconds}); }

/// Seconds after which the watchdog ends a process that does this and is silent then; `most` if it does not.
double ended_after(const std::function<void(calor::app::Watchdog&)>& work, double limit, double most) {
  const double begun = calor::app::wall_seconds();
  const pid_t child = fork();
  if (child == 0) {
    close(STDERR_FILENO);
    calor::app::Watchdog watchdog{0, limit};
    work(watchdog);
    nap(most);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const double took = calor::app::wall_seconds() - begun;
  const bool by_watchdog =
      WIFEXITED(status) && WEXITSTATUS(status) == static_cast<int>(calor::Exit::internal);
  return by_watchdog ? took : most;
}

}  // namespace

TEST_CASE("silence while stepping, or in files that are small, ends the rank after the limit") {
  constexpr double limit = 1.0, most = 8.0, slack = 3.0;
  CHECK(ended_after([](calor::app::Watchdog& w) { w.phase("stepping"); }, limit, most) < limit + slack);
  const double in_files = ended_after([](calor::app::Watchdog& w) { w.phase("files"); }, limit, most);
  CHECK(in_files >= limit);
  CHECK(in_files < limit + slack);
}

TEST_CASE("files may take what so many bytes take, and ten times what earlier ones took") {
  constexpr double limit = 1.0, most = 6.0, rate = 5e6;
  CHECK(ended_after(
            [](calor::app::Watchdog& w) {
              w.expect_file(60.0 * rate);
              w.phase("files");
            },
            limit, most) == most);
  CHECK(ended_after(
            [](calor::app::Watchdog& w) {
              w.phase("files");
              nap(0.9);
              w.phase("stepping");
              w.phase("last files");
            },
            limit, most) == most);
}

TEST_CASE("no limit, no watchdog") {
  CHECK(ended_after([](calor::app::Watchdog& w) { w.phase("stepping"); }, 0.0, 2.0) == 2.0);
}
