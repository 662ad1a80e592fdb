// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace calor {

/// Numbers computed with. In single precision the state between passes is kept in doubles that hold singles.
enum class Precision { double_, single };

}  // namespace calor
