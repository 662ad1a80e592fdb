// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>

namespace calor::app {

/// "55m", "1h30m", "90" (seconds), "2:30:00" (Slurm's form) -> seconds; nothing if it is none of these.
std::optional<double> parse_duration(const std::string& text);

}  // namespace calor::app
