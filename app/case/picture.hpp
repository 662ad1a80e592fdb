// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace calor::app {

/// Pixels as numbers of colours.
struct ColourPicture {
  int nx = 0, ny = 0;
  std::vector<std::string>
      colours;  ///< "#rrggbb", or "#rrggbbaa" where it is not opaque; in order of their text
  std::vector<std::int64_t> count;    ///< pixels of each
  std::vector<std::uint16_t> pixels;  ///< row by row from the lower left
  std::uint64_t hash = 0;             ///< of the file
};

/// @param bytes  of a PNG file     @param name  for messages
/// @throws Error{Exit::bad_case} for what is no PNG, is too large, or has more than 65535 colours
ColourPicture read_picture(const std::string& bytes, const std::string& name);

/// "#B87333" and "b87333" as "#b87333"; empty: no colour.
std::string colour_name(std::string_view text);

/// What a region takes from a picture: the material of each colour.
struct PictureCase {
  std::string path;                              ///< of the file, as it can be opened; empty: none
  std::string file;                              ///< where a resolved case points to: inputs/NAME-HASH.png
  std::map<std::string, std::string> materials;  ///< names, by colour
  std::shared_ptr<const ColourPicture> picture;  ///< what the file holds; null while it is only asked for

  /// The same pixels and materials; wherever the file lay that was read.
  friend bool operator==(const PictureCase& a, const PictureCase& b) {
    return a.materials == b.materials && a.file == b.file &&
           (a.picture == b.picture || (a.picture && b.picture && a.picture->hash == b.picture->hash));
  }
};

}  // namespace calor::app
