// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>

namespace calor::field_memory {

/// Bytes of memory that a block of a field takes of which so many are used: huge pages are had whole, where
/// there are any.
std::size_t taken_by(std::size_t bytes);

}  // namespace calor::field_memory
