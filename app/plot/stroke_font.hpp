// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string_view>
#include <vector>

namespace calor::app {

struct Point {
  double x = 0.0, y = 0.0;
};
using Polyline = std::vector<Point>;

/// A line of text as pen strokes, in pixels: x to the right of where the text starts, y up from the baseline.
struct TextShape {
  std::vector<Polyline> strokes;
  double advance = 0.0;  // pixels; whole
};

/// Shapes UTF-8 text in calor's own sans-serif line font, so that pictures need no fonts on the machine. It
/// holds ASCII, the signs of physical units and formulas, raised digits, some Greek and the accented letters
/// of Western Europe; any other character is an empty box, and so is a byte that is not UTF-8.
/// @param size  height of the font [pixels]; capitals and digits are 0.72 of it. Stems, baseline and heights
///              are placed on whole pixels, so that small text is crisp.
TextShape shape_text(std::string_view utf8, double size);

double text_width(std::string_view utf8, double size);  ///< pixels
double cap_height(double size);                         ///< of capitals and digits, pixels; whole
double pen_width(double size, bool bold);               ///< pixels

}  // namespace calor::app
