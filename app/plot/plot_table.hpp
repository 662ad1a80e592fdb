// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <map>
#include <string>
#include <vector>

#include "app/plot/canvas.hpp"
#include "app/plot/plot_parts.hpp"
#include "app/text/csv.hpp"

namespace calor::app {

/// One column of a table as an axis shows it.
struct TableAxis {
  std::string name, unit;          // the unit may be empty
  std::vector<std::string> words;  // not empty: the values are their numbers, 0, 1, ...
  bool logarithmic = false;        // then all values are > 0
};

/// One case: values of the two axes, each finite and, unless 0, from 1e-300 to 1e300 in magnitude.
struct TablePoint {
  double x = 0.0, y = 0.0;
};

/// The cases of one value of the colour key.
struct TableSeries {
  std::string name;    // in the legend
  double value = 0.0;  // of the colour key, where that holds numbers
  std::vector<TablePoint> points;
  std::vector<std::size_t> breaks{};  // points that no line joins to the one before, ascending
};

/// A response over a parameter, and how to show it.
struct TablePicture {
  std::string title;                          // UTF-8
  std::vector<std::string> subtitle, footer;  // parts, which are joined by dots as they fit
  TableAxis x, y;                             // y has no words
  TableAxis colour;                           // a name: there is a legend or a colour scale
  std::vector<TableSeries> series;            // numbers: ascending; words: as they first appear
  bool joined = false;                        // each series by a line, in the order of its points
  bool markers = true;                        // at each point
  int width = 1200;                           // pixels, as Picture::width; the height follows

  /// Most series that a legend names. More are shown by a colour scale if the key holds numbers, else the
  /// legend names some of them.
  static constexpr int most_named = 12;
};

/// A drawn table, and where things ended up in it.
struct TablePlot {
  Canvas canvas;
  Rect field;                              // what the axes frame
  PlotAxis x, y;                           // over `field`
  std::vector<std::vector<Point>> points;  // centres of the markers, by series, pixels
  std::vector<Colour> colours;             // by series
  Rect legend;                             // around its words; no width: there is none
  std::vector<std::string> named;          // what the legend names
  Rect scale;                              // the colour scale; no width: there is none
};

/// Draws the points over linear, logarithmic or word axes. Throws Error{usage} for a width that cannot be
/// drawn, Error{bad_data} where there is no point.
TablePlot render(const TablePicture& picture);

/// render() into a file: PNG, SVG or PDF by its ending; see write_picture. Called by one rank.
void draw(const TablePicture& picture, const std::string& path);

/// What to take from a table. A column goes by its name, or by the last parts of a dotted name that no other
/// column shares.
struct TableChoice {
  std::string x, y;
  std::string colour = "";  // none: one series
  bool log_x = false, log_y = false;
  std::string degree = "K";  ///< what temperatures are in
  /// Of columns, where the table's maker has told them; "1" is none.
  std::map<std::string, std::string> units{};
};

/// The response `y` of a sweep, or of any other table, over `x`: cases that are not `done` (where there is a
/// column `status`) or have no number are left out, and the subtitle says how many. Series are joined
/// by lines where x is a number, no x comes twice, and no other key of the sweep changes to and fro. Axes are
/// logarithmic if asked for, or if their values are positive, span more than two decades and are spread about
/// evenly over them.
/// @param title  of the picture
/// @throws Error{usage} for a column that is not named or not there, words where numbers belong, a value on
/// a logarithmic axis that is not positive; Error{bad_data} where no case is left
TablePicture table_picture(const CsvTable& table, const TableChoice& choice, const std::string& title);

/// Pictures of several tables, or of several columns, as one, a series each under the names given. They have
/// one x, and one unit of y; their own series are left out of the legend, so that they have one each.
/// @param what  the names are: "run"     @throws Error{usage} where they do not go together
TablePicture together(const std::vector<TablePicture>& pictures, const std::vector<std::string>& names,
                      const std::string& what);

/// Whether positive values are better seen on a logarithmic axis: they span more than two decades, and the
/// middle one lies in the middle half of the range of their logarithms.
bool spread_over_decades(std::vector<double> values);

}  // namespace calor::app
