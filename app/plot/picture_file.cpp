// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/picture_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include "app/text/user_file.hpp"
#include "decomposition/error.hpp"

namespace calor::app {
namespace {

struct Ending {
  const char* text;
  PictureFormat format;
};
constexpr std::array<Ending, 3> endings{
    {{".png", PictureFormat::png}, {".svg", PictureFormat::svg}, {".pdf", PictureFormat::pdf}}};

}  // namespace

PictureFormat picture_format(const std::string& path) {
  std::string ending = std::filesystem::path{path}.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending.empty()) return PictureFormat::png;
  for (const Ending& known : endings)
    if (ending == known.text) return known.format;
  throw Error{Exit::usage, fmt::format("{}: no picture ends in {}; write {} for pixels, {} or {} for lines",
                                       path, ending, endings[0].text, endings[1].text, endings[2].text)};
}

void write_picture(const Canvas& canvas, const std::string& path) {
  const PictureFormat format = picture_format(path);
  write_user_file(path, canvas.encoded(format), mark_of(format));
}

}  // namespace calor::app
