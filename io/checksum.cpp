// SPDX-License-Identifier: BSD-3-Clause
#include "io/checksum.hpp"

#include <bit>
#include <cstring>

namespace calor::io {

namespace {

constexpr std::uint64_t term(std::uint64_t word, std::uint64_t position, std::uint64_t salt) {
  return mix64((word + golden * (position + 1)) ^ salt);
}
std::uint64_t bits(double v) { return std::bit_cast<std::uint64_t>(v); }
std::uint64_t bits(float v) { return std::bit_cast<std::uint32_t>(v); }

template <class As, class T>
std::uint64_t sum(const T* values, std::int64_t count, std::int64_t first_cell, std::uint64_t salt) {
  std::uint64_t total = 0;
  for (std::int64_t k = 0; k < count; ++k)
    total += term(bits(static_cast<As>(values[k])), static_cast<std::uint64_t>(first_cell + k), salt);
  return total;
}

}  // namespace

std::uint64_t salt_of(std::uint64_t run_id, std::int64_t step, std::string_view name) {
  const std::uint64_t numbers = mix64(run_id + golden) ^ mix64(static_cast<std::uint64_t>(step) + 2 * golden);
  return hash_bytes(name.data(), name.size(), mix64(numbers));
}

std::uint64_t sum_cells(const double* values, std::int64_t count, std::int64_t first_cell,
                        std::uint64_t salt) {
  return sum<double>(values, count, first_cell, salt);
}
std::uint64_t sum_cells(const float* values, std::int64_t count, std::int64_t first_cell,
                        std::uint64_t salt) {
  return sum<float>(values, count, first_cell, salt);
}

std::vector<std::uint64_t> row_sums(View2D<const double> values, const Box& box, std::int64_t columns,
                                    std::uint64_t salt, bool single) {
  if (box.empty()) return {};
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(box.ny()));
#pragma omp parallel for schedule(static) if (box.cells() > 1 << 16)  // fewer are not worth waking threads
  for (int j = box.j0; j < box.j1; ++j) {
    const double* const row = &values(box.i0, j);
    const std::int64_t first = j * columns + box.i0;
    sums[static_cast<std::size_t>(j - box.j0)] =
        single ? sum<float>(row, box.nx(), first, salt) : sum<double>(row, box.nx(), first, salt);
  }
  return sums;
}

void ByteHash::add(const void* data, std::size_t bytes) {
  CALOR_ASSERT(bytes_ % 8 == 0);
  const char* from = static_cast<const char*>(data);
  auto position = static_cast<std::uint64_t>(bytes_ / 8);
  bytes_ += static_cast<std::int64_t>(bytes);
  for (; bytes > 0; ++position) {
    std::uint64_t word = 0;
    const std::size_t n = bytes < 8 ? bytes : 8;
    std::memcpy(&word, from, n);
    sum_ += term(word, position, salt_);
    from += n;
    bytes -= n;
  }
}

std::uint64_t hash_bytes(const void* data, std::size_t bytes, std::uint64_t salt) {
  ByteHash hash{salt};
  hash.add(data, bytes);
  return hash.value();
}

}  // namespace calor::io
