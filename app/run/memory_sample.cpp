// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/memory_sample.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "decomposition/error.hpp"

namespace calor {

namespace {

/// A line of /proc/self/status, in bytes.
std::int64_t status_bytes(const std::string& key) {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.rfind(key + ":", 0) == 0) return 1024 * std::atoll(line.c_str() + key.size() + 1);
  return 0;
}

/// From now on the peak is that of what follows, and nothing waits in the heap to be used again.
void forget_peak() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  std::ofstream{"/proc/self/clear_refs"} << "5";
}

}  // namespace

std::int64_t resident_bytes() { return status_bytes("VmRSS"); }

std::optional<MemorySample> sample_memory(const mpi::Comm& comm, const SimulationSpec& spec) {
  constexpr int few = 6, many = 14;  // later ones may make operators anew
  constexpr double enough = 15.0;    // s
  forget_peak();
  const std::int64_t before = resident_bytes();
  if (comm.any(before == 0)) return {};
  try {
    Simulation sim{spec, comm};
    for (int n = 0; n < many && !sim.finished(); ++n) {
      if (n >= few && comm.max(sim.seconds_stepping()) > enough) break;
      sim.advance(1);
    }
    const auto cells = static_cast<double>(sim.problem().owned.grown(sim.problem().depth).cells());
    const auto most = [&](const char* key) {
      return comm.max(static_cast<double>(std::max<std::int64_t>(0, status_bytes(key) - before)));
    };
    return MemorySample{comm.max(cells), most("VmHWM"), most("VmRSS")};
  } catch (const Error&) {
    return {};  // as for all ranks; the run will say why
  }
}

}  // namespace calor
