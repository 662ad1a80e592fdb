// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/plot/canvas.hpp"

namespace calor::app {

/// A field on the cells of a rectangle, and how to show it. What is absent is chosen from the field.
struct Picture {
  int nx = 0, ny = 0;                             // cells
  double x0 = 0.0, x1 = 1.0, y0 = 0.0, y1 = 1.0;  // extents, m
  std::vector<double> x_faces{}, y_faces{};       // of the cells, m; empty: equal
  /// nx * ny values, row by row, the first row at y0 (the bottom). Read only while the picture is drawn.
  /// Values that are not finite are drawn grey, or left white where they are known for holes.
  std::variant<const double*, const float*> values;
  bool holes = false;  // cells without a value lie in holes
  /// Edges of what lies in the domain, m; drawn as thin lines, as far as they lie inside it, and unless they
  /// are so many that they would hide the field.
  std::vector<Polyline> outlines{};

  std::string title, subtitle;  // UTF-8; the subtitle usually is time_text(...) of app/text/units.hpp
  std::string x_name = "x", y_name = "y";
  std::string quantity = "temperature";
  std::string unit = "K";  // may be empty

  int width = 1200;                  // of the picture, pixels: least_width to most_width; the height follows
  std::optional<double> vmin, vmax;  // values at the ends of the colour scale, in the unit of the field
  bool isolines = true;              // at the ticks of the colour scale
  /// Values of both signs: zero in the middle of the scale, which ends as far below it as above.
  bool diverging = false;

  static constexpr int least_width = 400, most_width = 10000;
};

/// A drawn picture, and where things ended up in it.
struct Plot {
  Canvas canvas;
  Rect field;  // the domain, without its frame; exactly this rectangle holds the field's colours
  Rect scale;  // the colour scale, from `low` to `high`
  bool scale_upright = true;  // false: it lies under the field, low on the left
  double low = 0.0, high = 1.0;
  std::vector<double> levels;  // the values of the isolines; empty: none drawn
  std::size_t outlines = 0;    // lines drawn of Picture::outlines, by pieces inside the domain
  double stretch = 1.0;        // y is drawn this many times longer than x (under 1: shorter); 1: to scale
};

/// Draws the field to scale, with axes in metres (or mm, km ... as the domain needs), a colour scale and the
/// least and greatest value. Domains over about 25 times longer than wide are stretched, and the picture says
/// by how much. Fields finer than the picture are averaged over each pixel's area; fields of at least 200
/// cells a side that are coarser are interpolated; smaller ones show their cells. Isolines are left out where
/// the field is too rough for them. Throws Error{usage} for a width or range that cannot be drawn,
/// Error{bad_data} for an empty domain.
Plot render(const Picture& picture);

/// render() into a file: PNG, SVG or PDF by its ending; see write_picture. Called by one rank.
void draw(const Picture& picture, const std::string& path);

/// Round numbers (1, 2 or 5 times a power of ten apart) in [low, high]: two or more wherever doubles can tell
/// them apart, about `intervals` of them.
struct Ticks {
  double step = 0.0;
  std::vector<double> at;
};
Ticks nice_ticks(double low, double high, int intervals);

/// The numbers to print at ticks: value = offset + 10^exponent * label. Exponent and offset are not 0 only
/// where the labels would be too long without.
struct TickLabels {
  std::vector<std::string> text;
  int exponent = 0;
  double offset = 0.0;
};
TickLabels label_ticks(const Ticks& ticks);

}  // namespace calor::app
