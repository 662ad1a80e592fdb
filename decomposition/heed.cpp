// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/heed.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include "decomposition/waits.hpp"

namespace calor {

Heed::Heed(const mpi::Comm& comm, std::function<bool()> wish, double apart)
    : comm_{comm}, wish_{std::move(wish)}, apart_{apart}, asked_{MPI_Wtime()} {}

void Heed::here(double sweeps) {
  work_ += sweeps;
  if (work_ < next_) return;
  std::array<double, 2> mine{wish_() ? 1.0 : 0.0, 0.0}, all{};
  if (comm_.root()) {
    // By the pace since the last question; twice as much work at most, as it may have been of another kind.
    const double now = MPI_Wtime(), seconds = std::max(now - asked_, 1e-9);
    mine[1] = std::min(work_ * (apart_ / seconds), std::max(2.0 * work_, 1.0));
    asked_ = now;
  }
  mpi::all_reduce(mine.data(), all.data(), static_cast<int>(all.size()), MPI_DOUBLE, MPI_MAX, comm_.get());
  mpi::sign_of_life();
  work_ = 0.0;
  next_ = all[1];
  if (all[0] != 0.0) throw Interrupted{};
}

}  // namespace calor
