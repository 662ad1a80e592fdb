// SPDX-License-Identifier: BSD-3-Clause
// Preloaded: a library that starts a thread before main() is reached, as numerical and network libraries may.
// It never ends, and keeps the signal mask that it was started with.
#include <unistd.h>

#include <thread>

namespace {

[[gnu::constructor]] void start() {
  std::thread{[] {
    for (;;) ::pause();
  }}.detach();
}

}  // namespace
