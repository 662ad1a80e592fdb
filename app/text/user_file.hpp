// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <string_view>

namespace calor::app {

/// Writes a file that the user has named, as by -o: a picture, a page, a table. Where a file is already it is
/// replaced, whole, if it is empty or holds `mark`, by which calor knows what it has written;
/// else it is somebody else's and stays as it is. A link leads to the file that is meant. Into a pipe, a
/// device or what the process has open (/dev/stdout) the bytes are written. Error{cannot_create}: somebody
/// else's file, a directory, a link to nothing; Error{io_error}: it cannot be written.
void write_user_file(const std::string& path, std::string_view bytes, std::string_view mark);
/// Throws what write_user_file() would, as far as can be seen now: to be asked before long work.
void check_user_file(const std::string& path, std::string_view mark);
/// What is written there comes out with what the program says.
bool is_standard_output(const std::string& path);

}  // namespace calor::app
