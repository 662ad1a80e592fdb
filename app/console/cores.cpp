// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/cores.hpp"

#include <omp.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "app/console/launcher.hpp"

namespace calor::app {

namespace {

/// The cores that a process may use; none where the system does not say.
cpu_set_t mask_of(pid_t process) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(process, sizeof mask, &mask) != 0) CPU_ZERO(&mask);
  return mask;
}

bool says_nothing(const char* variable) {
  const char* const text = std::getenv(variable);
  return text == nullptr || *text == 0;
}

}  // namespace

void yield_where_cores_are_shared(char** argv) {
  const cpu_set_t own = mask_of(0), launcher = mask_of(getppid());
  const int cores = CPU_COUNT(&own), cores_here = std::max(cores, CPU_COUNT(&launcher));
  const int ranks = processes_here(), threads = number_of("OMP_NUM_THREADS").value_or(1);
  if (cores == 0 || (threads <= cores && ranks * threads <= cores_here)) return;
  if (ranks > 1) setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
  if (threads == 1 || !says_nothing("OMP_WAIT_POLICY") || !says_nothing("GOMP_SPINCOUNT")) return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  execv("/proc/self/exe", argv);  // where it cannot be had, the program goes on and its threads spin
}

void take_share_of_cores(const mpi::Comm& world) {
  MPI_Comm handle = MPI_COMM_NULL;
  mpi::check(MPI_Comm_split_type(world.get(), MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &handle));
  const mpi::Comm node{handle};
  const cpu_set_t mask = mask_of(0);
  std::array<std::int32_t, CPU_SETSIZE> users{};
  for (std::size_t c = 0; c < users.size(); ++c) users[c] = CPU_ISSET(c, &mask) ? 1 : 0;
  mpi::check(MPI_Allreduce(MPI_IN_PLACE, users.data(), static_cast<int>(users.size()), MPI_INT32_T, MPI_SUM,
                           node.get()));
  if (!says_nothing("OMP_NUM_THREADS")) return;
  double share = 0.0;
  for (std::size_t c = 0; c < users.size(); ++c)
    if (CPU_ISSET(c, &mask)) share += 1.0 / users[c];
  constexpr double rounding = 1e-9;
  omp_set_num_threads(std::max(1, static_cast<int>(share + rounding)));
}

}  // namespace calor::app
