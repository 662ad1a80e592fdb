// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <exception>
#include <functional>

#include "decomposition/mpi.hpp"

namespace calor {

/// Long work was left because somebody wished it to stop: thrown by Heed::here() on all ranks alike. No
/// error: whoever began the work knows what stands, and why it was to stop.
class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted on request"; }
};

/// Lets long work be left between two of its pieces. Knows nothing of signals and clocks of others: it asks a
/// wish. All ranks come to the same places in the same order with the same numbers, and leave alike. Ranks
/// talk about five times a second, however short the pieces are, so that it costs nothing that counts; no
/// result depends on it.
class Heed {
 public:
  /// @param wish  whether this rank wants to stop; must not communicate
  /// @param apart  about so long between two questions [s]; 0: at each place
  Heed(const mpi::Comm& comm, std::function<bool()> wish, double apart = 0.2);
  /// A place where the work may be left. Collective. @param sweeps  work since the last place, about, in
  /// sweeps over the grid; the same on all ranks
  void here(double sweeps);

 private:
  const mpi::Comm& comm_;
  std::function<bool()> wish_;
  double apart_;
  double work_ = 0.0, next_ = 0.0;  // sweeps since the last question, and until the next
  double asked_;                    // clock [s]
};

/// About the work of a pass over all cells while a problem is made, in sweeps: such a pass takes far longer
/// than a step's.
constexpr double set_up_sweeps = 50.0;

/// Where nobody may be listening.
inline void heed_here(Heed* heed, double sweeps) {
  if (heed != nullptr) heed->here(sweeps);
}
/// Before this is made out of it.
template <class T>
const T& heed_before(Heed* heed, double sweeps, const T& made_of) {
  heed_here(heed, sweeps);
  return made_of;
}

}  // namespace calor
