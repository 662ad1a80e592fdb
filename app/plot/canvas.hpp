// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string_view>
#include <vector>

#include "app/plot/png_image.hpp"
#include "app/plot/stroke_font.hpp"

namespace calor {

/// Whole pixels: x in [x, x + width), y in [y, y + height), y downwards.
struct Rect {
  int x = 0, y = 0, width = 0, height = 0;
  int right() const { return x + width; }
  int bottom() const { return y + height; }
};

enum class Align { left, centre, right };

struct TextStyle {
  double size = 16.0;  // pixels, see shape_text
  Colour colour{};
  bool bold = false;
  Align align = Align::left;  // along the text
  bool upwards = false;       // read from below to above
};

/// A picture and what can be drawn on it. Positions are pixels from the top left corner, y downwards; the
/// centre of pixel (i, j) is at (i + 0.5, j + 0.5). What falls outside is cut off.
class Canvas {
 public:
  Canvas(int width, int height, Colour background) : image_{width, height, background} {}

  void set(int x, int y, Colour colour);
  void fill(const Rect& area, Colour colour);
  /// A line of `thickness` whole pixels around `area`, outside it.
  void frame(const Rect& area, int thickness, Colour colour);
  /// A convex polygon with smooth edges, its corners in either order.
  void fill(const Polyline& corners, Colour colour);
  /// Lines with round ends, `width` pixels wide, smooth edges. Where lines of one call cross they do not add
  /// up.
  void stroke(const std::vector<Polyline>& lines, double width, Colour colour, double opacity = 1.0);
  /// Text whose baseline begins, is centred, or ends at (x, y).
  void text(double x, double y, std::string_view utf8, const TextStyle& style);

  const Image& image() const { return image_; }
  Image take() && { return std::move(image_); }

 private:
  void blend(int x, int y, Colour colour, double share);

  Image image_;
};

}  // namespace calor
