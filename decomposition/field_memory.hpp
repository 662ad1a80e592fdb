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

}  // namespace field_memory

}  // namespace calor
