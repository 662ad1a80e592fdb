// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace calor {

/// What is looked at while steps are made, so that a memory cell that changes by itself does not change a
/// result; see solver/run/guard.hpp.
enum class GuardKind { off, ledger, full };

}  // namespace calor
