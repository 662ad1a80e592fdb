// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/picture.hpp"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <cctype>
#include <cstddef>

#include "decomposition/error.hpp"

namespace calor::app {

namespace {

constexpr std::size_t most_colours = 65'535;
constexpr std::int64_t most_pixels = std::int64_t{1} << 28;

/// Frees what libpng holds.
struct Image : png_image {
  Image() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~Image() { png_image_free(this); }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
};

std::string name_of(std::uint32_t rgba) {
  const std::string opaque = fmt::format("#{:06x}", rgba >> 8U);
  return (rgba & 0xffU) == 0xffU ? opaque : fmt::format("#{:08x}", rgba);
}

}  // namespace

ColourPicture read_picture(const std::string& bytes, const std::string& name) {
  const auto refuse = [&](const std::string& why) {
    throw Error{Exit::bad_case, fmt::format("{}: {}", name, why)};
  };
  Image image;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0)
    refuse(fmt::format("is no PNG picture that can be read ({})", image.message));
  if (std::int64_t{image.width} * image.height > most_pixels)
    refuse(fmt::format("{} x {} pixels are more than {}", image.width, image.height, most_pixels));
  image.format = PNG_FORMAT_RGBA;
  std::vector<png_byte> rgba(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, rgba.data(), 0, nullptr) == 0)
    refuse(fmt::format("is damaged ({})", image.message));
  ColourPicture p;
  p.nx = static_cast<int>(image.width);
  p.ny = static_cast<int>(image.height);
  const std::size_t pixels = static_cast<std::size_t>(image.width) * image.height;
  std::vector<std::uint32_t> values(pixels);
  for (std::size_t n = 0; n < pixels; ++n)
    values[n] = std::uint32_t{rgba[4 * n]} << 24U | std::uint32_t{rgba[4 * n + 1]} << 16U |
                std::uint32_t{rgba[4 * n + 2]} << 8U | rgba[4 * n + 3];
  std::vector<std::uint32_t> different = values;
  std::sort(different.begin(), different.end());
  different.erase(std::unique(different.begin(), different.end()), different.end());
  if (different.size() > most_colours)
    refuse(fmt::format(
        "has {} colours, more than {}; a picture of materials has a few: was it smoothed, or is it a "
        "photograph?",
        different.size(), most_colours));
  for (const std::uint32_t c : different) p.colours.push_back(name_of(c));
  p.count.assign(different.size(), 0);
  p.pixels.resize(pixels);
  const auto nx = static_cast<std::size_t>(p.nx), ny = static_cast<std::size_t>(p.ny);
  for (std::size_t row = 0; row < ny; ++row)
    for (std::size_t i = 0; i < nx; ++i) {
      const auto number = static_cast<std::size_t>(
          std::lower_bound(different.begin(), different.end(), values[row * nx + i]) - different.begin());
      p.pixels[(ny - 1 - row) * nx + i] =
          static_cast<std::uint16_t>(number);  // a picture is told from its top
      ++p.count[number];
    }
  return p;
}

std::string colour_name(std::string_view text) {
  if (!text.empty() && text.front() == '#') text.remove_prefix(1);
  std::string name{"#"};
  for (const char c : text) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool digits = name.find_first_not_of("0123456789abcdef", 1) == std::string::npos;
  if (!digits || (name.size() != 7 && name.size() != 9)) return {};
  if (name.size() == 9 && name.substr(7) == "ff") name.resize(7);
  return name;
}

}  // namespace calor::app
