// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>

#include "app/plot/canvas.hpp"

namespace calor::app {

/// What the ending of a file's name asks for, in capitals or small letters; without an ending PNG.
/// Throws Error{usage} for another ending.
PictureFormat picture_format(const std::string& path);

/// Writes a file of that format. It appears under its name whole or not at all: the bytes go to a temporary
/// name beside it, which is renamed when they are on disk.
/// Throws Error{usage} as picture_format does, Error{io_error} naming the file and the system's reason.
/// Called by one rank.
void write_picture(const Canvas& canvas, const std::string& path);

}  // namespace calor::app
