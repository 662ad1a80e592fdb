// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace calor::app {

/// One pixel as screens take it: sRGB, 8 bits a channel.
struct Colour {
  std::uint8_t r = 0, g = 0, b = 0;
  friend constexpr bool operator==(Colour, Colour) = default;
};

/// Pixels row by row, the first row at the top.
struct Image {
  int width = 0, height = 0;  // pixels
  std::vector<Colour> pixels;

  Image() = default;
  Image(int w, int h, Colour fill) : width{w}, height{h}, pixels(std::size_t(w) * std::size_t(h), fill) {}
  Colour& at(int x, int y) { return pixels[std::size_t(y) * std::size_t(width) + std::size_t(x)]; }
  Colour at(int x, int y) const { return pixels[std::size_t(y) * std::size_t(width) + std::size_t(x)]; }
};

}  // namespace calor::app
