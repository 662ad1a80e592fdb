// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <string>

namespace calor::app {

/// The first `most` bytes of a file that may keep us waiting: a FIFO that nobody writes, a pipe, a terminal.
/// Where signals only ask to stop (stop.hpp), one that comes ends the wait: Error{stopped}.
/// @param wrong  why it cannot be read; else left as it is
std::string read_patiently(const std::string& file, std::size_t most, std::string& wrong);
/// The same of a descriptor that is open, such as standard input.
std::string read_patiently(int fd, std::size_t most, std::string& wrong);

}  // namespace calor::app
