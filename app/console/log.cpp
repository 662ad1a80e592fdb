// SPDX-License-Identifier: BSD-3-Clause
#include "app/console/log.hpp"

#include <fmt/format.h>
#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <utility>

#include "decomposition/error.hpp"

namespace calor::app {

void Log::open(const std::filesystem::path& file) {
  if (!speaks_) return;
  file_.emplace(file);
  const std::vector<std::string> lines = std::move(before_);
  for (const std::string& line : lines) append(line);
}

void Log::line(const std::string& text) {
  if (!speaks_) return;
  progress_.line(text);
  if (file_)
    append(text);
  else
    before_.push_back(text);
}

/// A log that cannot be written must not take rank 0 away from the others; what matters is in other files.
void Log::append(const std::string& text) {
  try {
    file_->append(text + "\n");
  } catch (const Error&) {
    if (!std::exchange(failed_, true)) progress_.line("warning: the log cannot be written");
  }
}

void log_layout(const mpi::Comm& comm, const std::string& work, Log& log) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) CPU_ZERO(&mask);
  const int cores = CPU_COUNT(&mask), threads = omp_get_max_threads();
  const auto fewest = static_cast<int>(comm.min(cores)),
             most = static_cast<int>(comm.max(static_cast<double>(cores)));
  const auto plural = [](int n, const char* word) {
    return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
  };
  log.line(fmt::format(
      "{} x {}, {} in each rank's mask; {}", plural(comm.size(), "rank"), plural(threads, "thread"),
      fewest == most ? plural(most, "core") : fmt::format("{} to {} cores", fewest, most), work));

  // All threads of a node against all cores that its ranks may use together.
  MPI_Comm handle = MPI_COMM_NULL;
  mpi::check(MPI_Comm_split_type(comm.get(), MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &handle));
  const mpi::Comm node{handle};
  cpu_set_t together;
  mpi::check(MPI_Allreduce(&mask, &together, sizeof mask, MPI_BYTE, MPI_BOR, node.get()));
  const std::int64_t on_node = node.sum(threads);
  std::string warning;
  if (cores > 0 && threads > cores)
    warning = fmt::format(
        "{} of a rank share {}; set OMP_NUM_THREADS, or give each rank its cores (Open MPI: --map-by "
        "slot:PE={} "
        "--bind-to core, or --bind-to none)",
        plural(threads, "thread"), plural(cores, "core"), threads);
  else if (cores > 0 && on_node > CPU_COUNT(&together))
    warning = fmt::format(
        "{} threads of {} on one node share {}: this can be many times slower; use fewer ranks{}", on_node,
        plural(node.size(), "rank"), plural(CPU_COUNT(&together), "core"),
        threads == 1
            ? ""
            : fmt::format(" or OMP_NUM_THREADS={}", std::max(1, CPU_COUNT(&together) / node.size())));
  warning = comm.first_message(warning);
  if (!warning.empty()) log.line("warning: " + warning);
}

}  // namespace calor::app
