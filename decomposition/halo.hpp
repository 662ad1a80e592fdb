// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "decomposition/copy_plan.hpp"
#include "decomposition/field.hpp"
#include "decomposition/mpi.hpp"

namespace calor {

/// Carries out a copy plan again and again: at most one message to each peer, persistent requests, buffers
/// kept. Between start and finish the caller may compute on whatever the plan does not write. T is double,
/// float or std::int32_t. The communicator must outlive the exchange; start and finish are called by all its
/// ranks in the same order.
template <class T>
class Exchange {
 public:
  Exchange() = default;
  Exchange(const mpi::Comm& comm, const CopyPlan& plan);
  Exchange(Exchange&& o) noexcept { swap(o); }
  Exchange& operator=(Exchange&& o) noexcept {
    swap(o);
    return *this;
  }
  ~Exchange();

  void start(View2D<const T> from);  ///< packs and sends; `from` may change after the call
  /// Waits for what is received, and unpacks; `to` may be the same field as `from`. That peers have taken
  /// what was sent to them is waited for by the next start only, so that a late peer does not hold up this
  /// rank.
  void finish(View2D<T> to);
  void operator()(View2D<T> u) {
    start(u);
    finish(u);
  }
  /// The cells of `owned` whose direct neighbours are not written by finish(): what can be worked on
  /// meanwhile.
  Box independent_part(const Box& owned) const;
  std::int64_t bytes() const {
    return std::int64_t{sizeof(T)} * static_cast<std::int64_t>(out_.size());
  }                                            ///< sent a time
  double seconds() const { return seconds_; }  ///< wall time spent in start and finish so far

 private:
  void swap(Exchange& o) noexcept;
  void wait_for_sends();
  CopyPlan plan_;
  int me_ = 0;
  std::vector<T> out_, in_;            // messages, peer after peer
  std::vector<MPI_Request> requests_;  // receives first
  std::size_t receives_ = 0;
  bool sending_ = false;
  double seconds_ = 0.0;
};

}  // namespace calor
