// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>

namespace calor::field_memory {

/// Huge pages are had whole, where there are any: the most bytes that fields took by it at once beyond those
/// that they asked for, since the last look.
std::size_t look_at_most_beyond();

}  // namespace calor::field_memory
