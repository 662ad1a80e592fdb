// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decomposition/box_index.hpp"
#include "decomposition/mpi.hpp"

namespace calor {

/// A cell by one number: j * width + i, with the width of the domain. Ascending numbers go row by row.
using CellNumber = std::int64_t;

/// Leaves each cell once, ascending.
void sort_unique(std::vector<CellNumber>& cells);
/// Where the cells of `few` stand in `all`, which has them; both ascend.
std::vector<std::int32_t> places_in(std::span<const CellNumber> few, std::span<const CellNumber> all);

/// Which rank owns a cell, where every rank has a box, some of them empty. Any number of threads may ask.
class CellOwners {
 public:
  CellOwners() = default;
  CellOwners(std::vector<Box> boxes, int width) : boxes_{std::move(boxes)}, width_{width} {}
  /// @param guess  a rank that is looked at first: the answer for the cell before is often right again
  /// @return the number of ranks where nobody has the cell
  int operator()(CellNumber cell, int guess = 0) const;

 private:
  BoxIndex boxes_;
  int width_ = 1;
};

/// to[r] goes to rank r; element r of the result came from there. Collective.
std::vector<std::vector<std::int64_t>> trade(const mpi::Comm& comm,
                                             const std::vector<std::vector<std::int64_t>>& to);
std::vector<std::vector<double>> trade(const mpi::Comm& comm, const std::vector<std::vector<double>>& to);

/// Numbers at chosen cells, brought from the ranks that own them, again and again: what a copy plan is for
/// boxes, for cells that fill none.
class Gather {
 public:
  Gather() = default;
  /// @param from    cells of the numbers to take from, ascending, this rank's own among them
  /// @param wanted  cells of the numbers to bring, ascending
  /// @param in_place  `wanted` is `from` itself, and a rank's own numbers stay where they are
  /// Collective; the communicator must outlive the result.
  Gather(const mpi::Comm& comm, std::span<const CellNumber> from, std::span<const CellNumber> wanted,
         const CellOwners& owners, bool in_place);
  /// Collective. The numbers stand in the order of the cells.
  void operator()(std::span<const double> from, std::span<double> to);

 private:
  struct Message {
    int peer = 0;
    std::vector<std::int32_t> places{};  // in `from`, or in `to`
    std::vector<double> numbers{};
  };
  const mpi::Comm* comm_ = nullptr;
  std::vector<Message> sends_, receives_;
  std::vector<std::int32_t> own_from_, own_to_;
  std::vector<MPI_Request> requests_;
};

}  // namespace calor
