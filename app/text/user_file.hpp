// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <string_view>

namespace calor::app {

/// Writes a file that the user has named, as by -o: a picture, a page, a table. Where a file is already it is
/// replaced, whole and durably, if it is empty or holds `mark`, by which calor knows what it has written;
/// else it is somebody else's and stays as it is. A link leads to the file that is meant. Into a pipe or a
/// device the bytes are written. Error{cannot_create}: somebody else's file, a directory, a link to nothing;
/// Error{io_error}: it cannot be written.
void write_user_file(const std::string& path, std::string_view bytes, std::string_view mark);

}  // namespace calor::app
