// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "decomposition/box.hpp"
#include "decomposition/field.hpp"

namespace calor::io {

// Checksums of a global array that no layout of ranks can change. A row's sum is, modulo 2^64, the sum over
// its cells of
//   mix64((bits(value) + golden * (cell + 1)) ^ salt)         cell = j * columns + i, golden = 2^64 / phi
// so parts of a row add up. mix64 is one-to-one: a change of any one cell always shows. What the position
// adds makes exchanged cells, rows and blocks show, and a page of zeros; the salt shows data of another run,
// step or field. Several wrong cells in a row go unseen with a chance of 2^-64.

inline constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014; constants of Stafford's mix 13). One-to-one.
constexpr std::uint64_t mix64(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

/// One number from run, step and the field's name.
std::uint64_t salt_of(std::uint64_t run_id, std::int64_t step, std::string_view name);

/// What `count` consecutive cells of one row, from global number `first_cell` on, add to its sum.
std::uint64_t sum_cells(const double* values, std::int64_t count, std::int64_t first_cell,
                        std::uint64_t salt);
std::uint64_t sum_cells(const float* values, std::int64_t count, std::int64_t first_cell, std::uint64_t salt);

/// Sums of the rows box.j0 ... box.j1 - 1 over the columns of `box`. Threaded.
/// @param columns  of the whole array
/// @param single   the values as they are in a file of 4-byte numbers: rounded to float
std::vector<std::uint64_t> row_sums(View2D<const double> values, const Box& box, std::int64_t columns,
                                    std::uint64_t salt, bool single);

/// A 64-bit hash of a sequence of bytes: the same sum over its 8-byte words (little-endian, the last one
/// filled up with zeros), mixed with the length. Fed in pieces of a multiple of 8 bytes, but for the last.
class ByteHash {
 public:
  explicit ByteHash(std::uint64_t salt) : salt_{salt} {}
  void add(const void* data, std::size_t bytes);
  std::uint64_t value() const { return mix64(sum_ ^ mix64(static_cast<std::uint64_t>(bytes_) + golden)); }

 private:
  std::uint64_t salt_, sum_ = 0;
  std::int64_t bytes_ = 0;
};
std::uint64_t hash_bytes(const void* data, std::size_t bytes, std::uint64_t salt);

}  // namespace calor::io
