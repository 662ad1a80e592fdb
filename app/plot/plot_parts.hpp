// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <vector>

#include "app/plot/canvas.hpp"
#include "app/plot/plot.hpp"

/// What calor's pictures have in common: their sizes, words and axes.
namespace calor::app {

constexpr Colour paper{255, 255, 255}, ink{32, 32, 36}, faint{96, 96, 104};

/// Throws Error{usage} unless Picture::least_width <= width <= Picture::most_width.
void check_picture_width(int width);

/// Half the range that is shown around a value that stands alone; of its own size, and never 0.
double room_around(double value);

/// As many significant digits as tell the ends of a range apart: 6 to 15.
int digits_apart(double low, double high);

/// Letters, gaps and lines for a picture of some width, pixels.
struct PlotSizes {
  double unit;  // 1 for a picture 1200 pixels wide
  double title, subtitle, label, tick, footer;
  int margin, tick_length, gap, line;  // line: of the frame and ticks

  explicit PlotSizes(int width);
  int px(double at_1200) const;
  int line_height(double text) const;  ///< from baseline to baseline
  /// From a frame's lower edge to the baseline of the title of an axis whose labels are so high.
  int under_frame(double labels) const;
};

/// "305.2 K"; without the gap where there is no unit.
std::string with_unit(double value, const std::string& unit, int digits = 6);
/// "temperature [K]", "x [10³ km]", "temperature − 300.25 K [10⁻⁶ K]".
std::string axis_title(const std::string& quantity, const std::string& unit, const TickLabels& labels);
double widest(const std::vector<std::string>& texts, double size);  ///< pixels
/// `text`, with "…" instead of what does not fit in `room` pixels.
std::string fitted(std::string text, double size, double room);
/// The parts, joined by dots, in as few lines as fit.
std::vector<std::string> wrapped(const std::vector<std::string>& parts, double size, double room);

/// An axis from `low` to `high` over a number of pixels, its ticks no denser than their labels allow.
struct PlotAxis {
  double low = 0.0, high = 1.0;
  Ticks ticks;
  TickLabels labels;          // as many as ticks; some may be empty
  std::vector<double> minor;  // places that get a short tick without a label
  bool logarithmic = false;   // then 0 < low

  /// Where a value lies: 0 at `low`, 1 at `high`.
  double place(double value) const;
};

/// @param along  labels stand along the axis (they need room for their widths) rather than beside it
/// @param size   of the labels, pixels
PlotAxis make_axis(double low, double high, double pixels, bool along, double size);
/// The same with powers of ten, whole steps of them or 1, 2 and 5 between; Ticks::step is 0 unless the range
/// is too short for these. 1e-307 <= low < high <= 1e307.
PlotAxis make_log_axis(double low, double high, double pixels, bool along, double size);

// Ticks lie outside `frame` and its line, their labels beyond them.

void draw_ticks_below(Canvas& canvas, const PlotSizes& size, const PlotAxis& axis, const Rect& frame);
void draw_ticks_left(Canvas& canvas, const PlotSizes& size, const PlotAxis& axis, const Rect& frame);
/// Labels have `width` pixels. Long ticks only.
void draw_ticks_right(Canvas& canvas, const PlotSizes& size, const PlotAxis& axis, const Rect& frame,
                      int width);
/// First of the pixels of a tick's line.
int tick_row(const PlotSizes& size, const PlotAxis& axis, double value, const Rect& frame);
int tick_column(const PlotSizes& size, const PlotAxis& axis, double value, const Rect& frame);
/// Colours from t = 0 at the lower end (on the left, where the scale is not upright) to t = 1.
void draw_scale(Canvas& canvas, const Rect& area, bool upright, Colour (*colour)(double t));
/// Text read upwards with its baseline at x, centred on `frame` as far as the picture allows.
void draw_beside(Canvas& canvas, const PlotSizes& size, double x, const Rect& frame, const std::string& text);

}  // namespace calor::app
