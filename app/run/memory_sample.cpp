// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/memory_sample.hpp"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include "app/run/control.hpp"
#include "decomposition/error.hpp"
#include "decomposition/heed.hpp"
#include "decomposition/memory_taken.hpp"
#include "solver/run/guard.hpp"

namespace calor::app {

namespace {

/// A line of /proc/self/status, in bytes.
std::int64_t status_bytes(const std::string& key) {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);)
    if (line.rfind(key + ":", 0) == 0) return 1024 * std::atoll(line.c_str() + key.size() + 1);
  return 0;
}

/// While it lives, pages are small ones: what huge ones take beyond what is used does not grow with the
/// cells.
class SmallPages {
 public:
  SmallPages() { set(1); }
  SmallPages(const SmallPages&) = delete;
  SmallPages& operator=(const SmallPages&) = delete;
  ~SmallPages() { set(0); }

 private:
  static void set(unsigned long on) {
#ifdef PR_SET_THP_DISABLE
    static_cast<void>(::prctl(PR_SET_THP_DISABLE, on, 0UL, 0UL, 0UL));
#endif
  }
};

/// From now on the peak is that of what follows, and nothing waits in the heap to be used again.
void forget_peak() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  std::ofstream{"/proc/self/clear_refs"} << "5";
}

}  // namespace

std::int64_t resident_bytes() { return status_bytes("VmRSS"); }

std::optional<MemorySample> sample_memory(const mpi::Comm& comm, const SimulationSpec& spec, GuardKind kind,
                                          double larger) {
  constexpr int few = 6, many = 14;  // later ones may make operators anew
  constexpr double enough = 15.0;    // s
  const SmallPages pages;
  forget_peak();
  field_memory::look_at_most_beyond();
  const std::int64_t before = resident_bytes();
  if (comm.any(before == 0)) return {};
  try {
    Heed heed{comm, [] { return false; }};
    Simulation sim{spec, comm, nullptr, &heed};
    Guard guard{sim, kind};
    sim.measure();
    for (int n = 0; n < many && !sim.finished(); ++n) {
      const double seconds = comm.max(sim.seconds_stepping());
      if (n >= few && seconds > enough) break;
      // Of the first step nobody knows yet how long it will be.
      guard.advance(n == 0 ? 1 : sim.steps_a_pass(), n == 0 || seconds / n * larger > Control::long_step);
    }
    sim.integrals();
    guard.look();
    const auto cells = static_cast<double>(sim.problem().owned.grown(sim.problem().depth).cells());
    const auto most = [&](const char* key) {
      return comm.max(static_cast<double>(std::max<std::int64_t>(0, status_bytes(key) - before)));
    };
    const auto beyond = static_cast<double>(field_memory::look_at_most_beyond());
    return MemorySample{comm.max(cells), most("VmHWM"), most("VmRSS"), comm.max(beyond)};
  } catch (const Error&) {
    return {};  // as for all ranks; the run will say why
  }
}

}  // namespace calor::app
