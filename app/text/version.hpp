// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace calor::app {

extern const char* const version;  ///< "0.1.0"
extern const char* const commit;  ///< of the tree that was built, found at every build; "unknown" without git
extern const char* const build;   ///< compiler and kind of build

}  // namespace calor::app
