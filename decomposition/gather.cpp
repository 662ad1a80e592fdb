// SPDX-License-Identifier: BSD-3-Clause
#include "decomposition/gather.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>
#include "decomposition/waits.hpp"

namespace calor {

namespace {

constexpr int tag = 19;

int mpi_count(std::size_t n) {
  if (n > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw std::length_error{"a message of more than 2^31 - 1 numbers; use more ranks"};
  return static_cast<int>(n);
}

template <class T>
std::vector<std::vector<T>> trade_of(const mpi::Comm& comm, const std::vector<std::vector<T>>& to,
                                     MPI_Datatype type) {
  const auto me = static_cast<std::size_t>(comm.rank()), ranks = static_cast<std::size_t>(comm.size());
  std::vector<int> out(ranks), in(ranks);
  for (std::size_t r = 0; r < ranks; ++r) out[r] = mpi_count(to[r].size());
  mpi::check(MPI_Alltoall(out.data(), 1, MPI_INT, in.data(), 1, MPI_INT, comm.get()));
  std::vector<std::vector<T>> result(ranks);
  result[me] = to[me];
  std::vector<MPI_Request> requests;
  for (std::size_t r = 0; r < ranks; ++r)
    if (r != me && in[r] > 0) {
      result[r].resize(static_cast<std::size_t>(in[r]));
      mpi::check(MPI_Irecv(result[r].data(), in[r], type, static_cast<int>(r), tag, comm.get(),
                           &requests.emplace_back()));
    }
  for (std::size_t r = 0; r < ranks; ++r)
    if (r != me && out[r] > 0)
      mpi::check(MPI_Isend(to[r].data(), out[r], type, static_cast<int>(r), tag, comm.get(),
                           &requests.emplace_back()));
  mpi::wait_all(requests.data(), static_cast<int>(requests.size()));
  mpi::sign_of_life();
  return result;
}

}  // namespace

void sort_unique(std::vector<CellNumber>& cells) {
  std::sort(cells.begin(), cells.end());
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
}

std::vector<std::int32_t> places_in(std::span<const CellNumber> few, std::span<const CellNumber> all) {
  std::vector<std::int32_t> places;
  places.reserve(few.size());
  std::size_t at = 0;
  for (const CellNumber cell : few) {
    // Most often the next one, or near.
    std::size_t step = 1;
    while (at + step < all.size() && all[at + step] < cell) step *= 2;
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at),
               end = all.begin() + static_cast<std::ptrdiff_t>(std::min(at + step, all.size()));
    at = static_cast<std::size_t>(std::lower_bound(begin, end, cell) - all.begin());
    places.push_back(static_cast<std::int32_t>(at));
  }
  return places;
}

int CellOwners::operator()(CellNumber cell, int guess) const {
  const auto i = static_cast<int>(cell % width_), j = static_cast<int>(cell / width_);
  auto owner = static_cast<std::size_t>(guess);
  if (owner < boxes_.size() && boxes_[owner].contains(i, j)) return guess;
  owner = boxes_.size();
  boxes_.any_touching({i, j, i + 1, j + 1}, [&](std::size_t rank) {
    owner = rank;
    return true;
  });
  return static_cast<int>(owner);
}

std::vector<std::vector<std::int64_t>> trade(const mpi::Comm& comm,
                                             const std::vector<std::vector<std::int64_t>>& to) {
  return trade_of(comm, to, MPI_INT64_T);
}

std::vector<std::vector<double>> trade(const mpi::Comm& comm, const std::vector<std::vector<double>>& to) {
  return trade_of(comm, to, MPI_DOUBLE);
}

Gather::Gather(const mpi::Comm& comm, std::span<const CellNumber> from, std::span<const CellNumber> wanted,
               const CellOwners& owners, bool in_place)
    : comm_{&comm} {
  const auto ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::vector<std::int64_t>> ask(ranks);
  std::vector<std::vector<std::int32_t>> places(ranks);
  std::vector<CellNumber> own;
  int owner = 0;
  for (std::size_t n = 0; n < wanted.size(); ++n) {
    owner = owners(wanted[n], owner);
    if (owner != comm.rank()) {
      ask[static_cast<std::size_t>(owner)].push_back(wanted[n]);
      places[static_cast<std::size_t>(owner)].push_back(static_cast<std::int32_t>(n));
    } else if (!in_place) {
      own.push_back(wanted[n]);
      own_to_.push_back(static_cast<std::int32_t>(n));
    }
  }
  own_from_ = places_in(own, from);
  const std::vector<std::vector<std::int64_t>> asked = trade(comm, ask);
  for (std::size_t r = 0; r < ranks; ++r) {
    if (!places[r].empty()) {
      Message& m = receives_.emplace_back();
      m.peer = static_cast<int>(r);
      m.places = std::move(places[r]);
      m.numbers.resize(m.places.size());
    }
    if (!asked[r].empty()) {
      Message& m = sends_.emplace_back();
      m.peer = static_cast<int>(r);
      m.places = places_in(asked[r], from);
      m.numbers.resize(m.places.size());
    }
  }
}

void Gather::operator()(std::span<const double> from, std::span<double> to) {
  requests_.clear();
  for (Message& m : receives_)
    mpi::check(MPI_Irecv(m.numbers.data(), mpi_count(m.numbers.size()), MPI_DOUBLE, m.peer, tag, comm_->get(),
                         &requests_.emplace_back()));
  for (Message& m : sends_) {
    for (std::size_t n = 0; n < m.places.size(); ++n)
      m.numbers[n] = from[static_cast<std::size_t>(m.places[n])];
    mpi::check(MPI_Isend(m.numbers.data(), mpi_count(m.numbers.size()), MPI_DOUBLE, m.peer, tag, comm_->get(),
                         &requests_.emplace_back()));
  }
  for (std::size_t n = 0; n < own_from_.size(); ++n)
    to[static_cast<std::size_t>(own_to_[n])] = from[static_cast<std::size_t>(own_from_[n])];
  mpi::wait_all(requests_.data(), static_cast<int>(requests_.size()));
  mpi::sign_of_life();
  for (const Message& m : receives_)
    for (std::size_t n = 0; n < m.places.size(); ++n)
      to[static_cast<std::size_t>(m.places[n])] = m.numbers[n];
}

}  // namespace calor
