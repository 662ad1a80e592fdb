// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/halo.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include "decomposition/waits.hpp"

namespace calor {

namespace {

constexpr int tag = 17;

template <class T>
MPI_Datatype mpi_type() {
  if constexpr (std::is_same_v<T, double>) return MPI_DOUBLE;
  if constexpr (std::is_same_v<T, float>) return MPI_FLOAT;
  if constexpr (std::is_same_v<T, std::int32_t>) return MPI_INT32_T;
}

std::int64_t cells_of(const std::vector<Transfer>& transfers) {
  std::int64_t total = 0;
  for (const Transfer& t : transfers) total += t.cells.cells();
  return total;
}

/// Calls f(peer, offset, count) for each run of transfers with the same peer other than `me`.
template <class F>
void for_each_message(const std::vector<Transfer>& transfers, int me, F&& f) {
  std::int64_t offset = 0;
  for (std::size_t a = 0; a < transfers.size();) {
    std::int64_t count = 0;
    std::size_t b = a;
    while (b < transfers.size() && transfers[b].peer == transfers[a].peer)
      count += transfers[b++].cells.cells();
    if (transfers[a].peer != me) f(transfers[a].peer, offset, count);
    offset += count;
    a = b;
  }
}

int mpi_count(std::int64_t n) {
  if (n > std::numeric_limits<int>::max())
    throw std::length_error{"a halo message of more than 2^31 - 1 cells; use more ranks or less halo depth"};
  return static_cast<int>(n);
}

}  // namespace

template <class T>
Exchange<T>::Exchange(const mpi::Comm& comm, const CopyPlan& plan) : plan_{plan}, me_{comm.rank()} {
  out_.resize(static_cast<std::size_t>(cells_of(plan_.sends)));
  in_.resize(static_cast<std::size_t>(cells_of(plan_.recvs)));
  for_each_message(plan_.recvs, me_, [&](int peer, std::int64_t offset, std::int64_t count) {
    requests_.emplace_back();
    mpi::check(MPI_Recv_init(in_.data() + offset, mpi_count(count), mpi_type<T>(), peer, tag, comm.get(),
                             &requests_.back()));
  });
  receives_ = requests_.size();
  for_each_message(plan_.sends, me_, [&](int peer, std::int64_t offset, std::int64_t count) {
    requests_.emplace_back();
    mpi::check(MPI_Send_init(out_.data() + offset, mpi_count(count), mpi_type<T>(), peer, tag, comm.get(),
                             &requests_.back()));
  });
}

template <class T>
void Exchange<T>::wait_for_sends() {
  if (!sending_) return;
  const std::size_t sends = requests_.size() - receives_;
  mpi::wait_all(requests_.data() + receives_, static_cast<int>(sends));
  sending_ = false;
}

template <class T>
Exchange<T>::~Exchange() {
  // The buffers must outlive the messages. When an error ends the run, peers may never take them.
  if (std::uncaught_exceptions() == 0) wait_for_sends();
  for (MPI_Request& r : requests_) MPI_Request_free(&r);
}

template <class T>
void Exchange<T>::swap(Exchange& o) noexcept {
  std::swap(plan_, o.plan_);
  std::swap(me_, o.me_);
  out_.swap(o.out_);  // the buffers keep their addresses, which the requests know
  in_.swap(o.in_);
  requests_.swap(o.requests_);
  std::swap(receives_, o.receives_);
  std::swap(sending_, o.sending_);
  std::swap(seconds_, o.seconds_);
}

template <class T>
void Exchange<T>::start(View2D<const T> from) {
  const double begin = MPI_Wtime();
  wait_for_sends();
  if (receives_ > 0) mpi::check(MPI_Startall(static_cast<int>(receives_), requests_.data()));
  T* to = out_.data();
  for (const Transfer& t : plan_.sends)
    for (int j = t.cells.j0; j < t.cells.j1; ++j)
      to = std::copy_n(from.row(j) + t.cells.i0, t.cells.nx(), to);
  const std::size_t sends = requests_.size() - receives_;
  if (sends > 0) mpi::check(MPI_Startall(static_cast<int>(sends), requests_.data() + receives_));
  sending_ = sends > 0;
  seconds_ += MPI_Wtime() - begin;
}

template <class T>
void Exchange<T>::finish(View2D<T> to) {
  const double begin = MPI_Wtime();
  mpi::wait_all(requests_.data(), static_cast<int>(receives_));
  mpi::sign_of_life();
  // What this rank sends to itself (a periodic image) stays in the send buffer, in the order of the receives.
  const auto own_part = [this](const std::vector<Transfer>& list) {
    std::int64_t offset = 0;
    for (const Transfer& t : list) {
      if (t.peer == me_) break;
      offset += t.cells.cells();
    }
    return offset;
  };
  const T* from = in_.data();
  const T* own = out_.data() + own_part(plan_.sends);
  for (const Transfer& t : plan_.recvs) {
    const Box cells = t.cells.shifted(t.di, t.dj);
    const T*& source = t.peer == me_ ? own : from;
    for (int j = cells.j0; j < cells.j1; ++j) {
      std::copy_n(source, cells.nx(), to.row(j) + cells.i0);
      source += cells.nx();
    }
    if (t.peer == me_) from += t.cells.cells();
  }
  seconds_ += MPI_Wtime() - begin;
}

template <class T>
Box Exchange<T>::independent_part(const Box& owned) const {
  Box inner = owned;
  for (const Transfer& t : plan_.recvs) {
    const Box c = t.cells.shifted(t.di, t.dj);
    const bool beside = c.j0 < owned.j1 && owned.j0 < c.j1,
               above_or_below = c.i0 < owned.i1 && owned.i0 < c.i1;
    if (beside && c.i1 == owned.i0) inner.i0 = owned.i0 + 1;
    if (beside && c.i0 == owned.i1) inner.i1 = owned.i1 - 1;
    if (above_or_below && c.j1 == owned.j0) inner.j0 = owned.j0 + 1;
    if (above_or_below && c.j0 == owned.j1) inner.j1 = owned.j1 - 1;
  }
  return inner.empty() ? Box{} : inner;
}

template class Exchange<double>;
template class Exchange<float>;
template class Exchange<std::int32_t>;

}  // namespace calor
