// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <string_view>

namespace calor::app {

/// mpirun gives its ranks a pseudo-terminal even where its own output goes to a file: looks at the
/// launcher's.
bool launcher_has_terminal();

enum class Tone { bad, careful, good };
/// The text in red, yellow or green where the file is a terminal that can, and NO_COLOR is not set to
/// anything (https://no-color.org); else as it is.
std::string toned(std::string_view text, Tone tone, int file);

}  // namespace calor::app
