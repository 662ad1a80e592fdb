// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/plot/image.hpp"
#include "app/plot/stroke_font.hpp"

struct _cairo;  // cairo's name for what draws on a surface
struct _cairo_surface;

namespace calor::app {

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

enum class PictureFormat { png, svg, pdf };
/// What stands in every picture of calor, and in no other.
std::string_view mark_of(PictureFormat format);

/// A picture and what can be drawn on it. Positions are pixels from the top left corner, y downwards; the
/// centre of pixel (i, j) is at (i + 0.5, j + 0.5). What falls outside is cut off. What is drawn is kept as
/// lines and areas, which cairo turns into pixels (PNG) or writes as they are (SVG, PDF).
class Canvas {
 public:
  Canvas(int width, int height, Colour background);

  int width() const { return width_; }
  int height() const { return height_; }

  void fill(const Rect& area, Colour colour);
  /// A line of `thickness` whole pixels around `area`, outside it.
  void frame(const Rect& area, int thickness, Colour colour);
  /// A polygon with smooth edges, its corners in either order.
  void fill(const Polyline& corners, Colour colour);
  /// Lines with round ends and corners, `width` pixels wide, smooth edges; a line of one point is a dot.
  /// Where lines of one call cross they do not add up.
  void stroke(const std::vector<Polyline>& lines, double width, Colour colour, double opacity = 1.0);
  /// Text whose baseline begins, is centred, or ends at (x, y).
  void text(double x, double y, std::string_view utf8, const TextStyle& style);
  /// Pixels as they are, the upper left one at (x, y).
  void place(int x, int y, const Image& image);

  /// The picture as pixels.
  Image image() const;
  /// The picture as the bytes of a file; nothing in them depends on the clock. SVG and PDF hold lines, areas
  /// and what was placed; 96 pixels are an inch of paper.
  std::string encoded(PictureFormat format) const;

 private:
  struct Release {
    void operator()(_cairo* pen) const;
    void operator()(_cairo_surface* surface) const;
  };
  using Pen = std::unique_ptr<_cairo, Release>;
  using Surface = std::unique_ptr<_cairo_surface, Release>;

  void use(Colour colour, double opacity = 1.0);
  void draw_on(_cairo_surface* surface) const;
  Surface pixels() const;

  int width_, height_;
  Surface recording_;
  Pen pen_;  // draws on the recording
};

}  // namespace calor::app
