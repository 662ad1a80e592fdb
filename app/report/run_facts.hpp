// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <filesystem>

#include "app/report/page.hpp"
#include "decomposition/mpi.hpp"

namespace calor::app {

/// How much of a run's fields and tables a page takes (docs/user_guide.md).
struct PageLimits {
  std::int64_t pictures = 200;             ///< snapshots, or a sweep's fields, evenly chosen of more
  std::int64_t cells_of_last = 1 << 20;    ///< of the last picture
  std::int64_t cells_of_others = 1 << 24;  ///< of all others together
  std::size_t table_rows = 2000;           ///< of each table of a run
  std::size_t sweep_cells = 2'000'000;     ///< rows times columns of a sweep's table
};

/// The page of one run, as far as its directory tells. Collective; the page is rank 0's.
Page run_page(const mpi::Comm& comm, const std::filesystem::path& directory, const PageLimits& limits);

}  // namespace calor::app
