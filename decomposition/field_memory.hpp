// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>

namespace calor {

/// Where fields get their memory. Large ones ask for huge pages: a column of cells would otherwise need an
/// address translation a row. Safe for several threads at a time.
namespace field_memory {

void* take(std::size_t bytes);  ///< @throws std::bad_alloc
void give_back(void* memory, std::size_t bytes) noexcept;

/// From now on large blocks that are given back wait for the next taker of about their size: for programs
/// that solve one problem after the other, which would otherwise spend much of their time on the system's
/// clearing of fresh pages. No more is held, in use and waiting, than was ever in use at once. Where such a
/// block lies, on machines with several memories, was decided by who wrote to it first. Switching off frees
/// what waits.
void keep(bool on);
std::size_t waiting();  ///< bytes

/// From now on the heap gives back to the system at once what is large, as fields are given back. Of its own
/// accord it would, after the first such block, keep larger and larger ones, and gaps between them: a tenth
/// to a quarter of the memory of implicit runs. A user's MALLOC_MMAP_THRESHOLD_ is heeded in its place.
void keep_no_gaps();

}  // namespace field_memory

}  // namespace calor
