// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/leave.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <thread>

#include "decomposition/ending.hpp"
#include "decomposition/error.hpp"

namespace calor::app {

namespace {

constexpr unsigned longest_end = 60;  // s

extern "C" void on_end_that_hangs(int) {
  constexpr std::string_view text =
      "calor: the work is over and MPI cannot be ended: another rank is stopped or lost\n";
  static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
  _exit(static_cast<int>(Exit::internal));
}

}  // namespace

int leave(const mpi::Comm& world, int code) {
  if (!mpi::files_abandoned()) {
    // MPI_Finalize waits for all, and no watchdog looks after it.
    if (world.size() > 1) {
      std::signal(SIGALRM, on_end_that_hangs);
      alarm(longest_end);
    }
    return code;
  }
  using std::chrono::steady_clock;
  if (code == 0 && world.root())
    std::fputs("calor: all is written, but MPI-IO has failed on the way and cannot be ended in order\n",
               stderr);
  std::fflush(nullptr);
  // A launcher ends the others as soon as one rank has gone: not before they have said their last words.
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(world.get(), &request);
  const auto limit = steady_clock::now() + std::chrono::seconds{1};
  for (int there = 0; there == 0 && steady_clock::now() < limit;
       std::this_thread::sleep_for(std::chrono::milliseconds{1}))
    if (MPI_Test(&request, &there, MPI_STATUS_IGNORE) != MPI_SUCCESS) break;
  _exit(code == 0 ? static_cast<int>(Exit::io_error) : code);
}

}  // namespace calor::app
