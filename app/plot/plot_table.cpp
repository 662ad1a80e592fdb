// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/plot_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <optional>
#include <utility>

#include "app/plot/colour_map.hpp"
#include "app/plot/picture_file.hpp"
#include "app/text/suggest.hpp"
#include "app/text/units.hpp"
#include "decomposition/error.hpp"

namespace calor::app {
namespace {

constexpr Colour grid{230, 231, 235};
/// The part of the map that points take: all its darkest colours look black in a point, and the pale ones
/// would be lost on the paper.
constexpr double darkest = 0.1, brightest = 0.8;
constexpr double least_size = 1e-300, greatest_size = 1e300;  // of a number that is drawn, unless it is 0

// ----------------------------------------------------------------------------------------------------------
// From cells to points

struct Cell {
  enum class Kind { empty, word, number, no_number } kind = Kind::empty;
  double value = 0.0;
};

/// no_number: not finite, or beyond greatest_size. What is under least_size counts as 0.
Cell parsed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0.0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || failed == std::errc::invalid_argument)
    return {Cell::Kind::word, 0.0};
  if (failed != std::errc{} || !(std::fabs(value) <= greatest_size)) return {Cell::Kind::no_number, 0.0};
  return {Cell::Kind::number, std::fabs(value) < least_size ? 0.0 : value};
}

std::string place_of(const CsvTable& table, std::size_t row) {
  return fmt::format("{}:{}", table.name, table.lines[row]);
}

/// "material.conductivity", "conductivity".
std::vector<std::string> last_parts(const std::string& name) {
  std::vector<std::string> all{name};
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1))
    all.push_back(name.substr(dot + 1));
  return all;
}

std::size_t find_column(const CsvTable& table, const std::string& option, const std::string& word) {
  if (const int exact = table.column(word); exact >= 0) return std::size_t(exact);
  std::vector<std::size_t> found;
  std::vector<std::string> known, names;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    for (const std::string& name : last_parts(table.columns[c])) {
      known.push_back(name);
      if (name != word) continue;
      found.push_back(c);
      names.push_back(table.columns[c]);
    }
  if (found.size() == 1) return found[0];
  if (found.size() > 1)
    throw Error{Exit::usage, fmt::format("{} {}: {} has {} columns of that name, {}; write more of it",
                                         option, word, table.name, found.size(), joined(names))};
  throw Error{Exit::usage, fmt::format("{} {}: no such column in {}{}; there is: {}", option, word,
                                       table.name, did_you_mean(word, known), joined(table.columns))};
}

/// The units of the results of a sweep, as far as they are known.
std::string unit_of(const std::string& column, const TableChoice& choice) {
  const std::string& degree = choice.degree;
  if (const auto unit = choice.units.find(column); unit != choice.units.end())
    return unit->second == "1" ? "" : unit->second == "K" || unit->second == "degC" ? degree : unit->second;
  if (column.rfind("T_", 0) == 0) return degree;
  if (column.rfind("heat_", 0) == 0) return "J/m";
  if (column == "seconds" || column == "setup_seconds" || column == "time") return "s";
  return "";
}

/// A column of the cases that are done.
struct Column {
  std::string name;
  std::vector<Cell> cells;  // of every row of the table
  bool words = false;       // one of the cells is a word

  Column(const CsvTable& table, std::size_t column, const std::vector<std::size_t>& done)
      : name{table.columns[column]} {
    for (const auto& row : table.rows) cells.push_back(parsed(row[column]));
    for (const std::size_t row : done) words = words || cells[row].kind == Cell::Kind::word;
  }
  bool usable(std::size_t row) const {
    return words ? cells[row].kind != Cell::Kind::empty : cells[row].kind == Cell::Kind::number;
  }
};

/// Refuses words and, on a logarithmic axis, what is not positive.
void check_numbers(const CsvTable& table, const Column& column, std::size_t index, const std::string& option,
                   bool logarithmic, const std::vector<std::size_t>& rows) {
  for (const std::size_t row : rows) {
    const Cell& cell = column.cells[row];
    if (cell.kind == Cell::Kind::word)
      throw Error{Exit::usage, fmt::format("{} {}: {} holds \"{}\" there, which is not a number", option,
                                           column.name, place_of(table, row), table.rows[row][index])};
    if (logarithmic && cell.kind == Cell::Kind::number && !(cell.value > 0.0))
      throw Error{Exit::usage,
                  fmt::format("{}: {} is {:g} in {}; a logarithmic axis takes numbers over 0 only", option,
                              column.name, cell.value, place_of(table, row))};
  }
}

/// Names for numbers, as short as tells them apart.
std::vector<std::string> number_names(const std::vector<double>& ascending) {
  std::vector<std::string> names;
  for (const int digits : {4, 6, 9, 12, 17}) {
    names.clear();
    for (const double v : ascending) names.push_back(number_text(v, digits));
    if (std::adjacent_find(names.begin(), names.end()) == names.end()) break;
  }
  return names;
}

/// The rows by the value of the colour column; without one, all in one series.
std::vector<std::pair<TableSeries, std::vector<std::size_t>>> grouped(const CsvTable& table, int index,
                                                                      const std::optional<Column>& colour,
                                                                      const std::vector<std::size_t>& rows) {
  std::vector<std::pair<TableSeries, std::vector<std::size_t>>> groups;
  if (!colour) {
    groups.push_back({{}, rows});
  } else if (colour->words) {
    for (const std::size_t row : rows) {
      const std::string& word = table.rows[row][std::size_t(index)];
      auto group = std::find_if(groups.begin(), groups.end(),
                                [&](const auto& each) { return each.first.name == word; });
      if (group == groups.end()) group = groups.insert(groups.end(), {{word, 0.0, {}}, {}});
      group->second.push_back(row);
    }
  } else {
    std::map<double, std::vector<std::size_t>> by_value;
    for (const std::size_t row : rows) by_value[colour->cells[row].value].push_back(row);
    std::vector<double> values;
    for (const auto& each : by_value) values.push_back(each.first);
    const std::vector<std::string> names = number_names(values);
    for (const auto& [value, members] : by_value)
      groups.push_back({{names[groups.size()], value, {}}, members});
  }
  return groups;
}

/// Whether a key leaves a curve over x as it is: the same in all these cases, whose x ascend, or rising or
/// falling with it, as keys do that are varied together.
bool follows(const CsvTable& table, std::size_t key, const std::vector<std::size_t>& rows,
             const std::vector<TablePoint>& points) {
  double direction = 0.0;
  for (std::size_t k = 1; k < rows.size(); ++k) {
    const std::string &from = table.rows[rows[k - 1]][key], &to = table.rows[rows[k]][key];
    if (from == to) continue;
    const Cell a = parsed(from), b = parsed(to);
    if (a.kind != Cell::Kind::number || b.kind != Cell::Kind::number) return false;
    const double step = b.value - a.value;
    if (points[k].x == points[k - 1].x || step * direction < 0.0) return false;
    if (step != 0.0) direction = step > 0.0 ? 1.0 : -1.0;
  }
  return true;
}

/// By more than the last digits of numbers that were computed.
bool differ(double low, double high) {
  return high - low >
         64.0 * std::numeric_limits<double>::epsilon() * std::max(std::fabs(low), std::fabs(high));
}

std::string counted(std::size_t n, const char* one) {
  return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s");
}

// ----------------------------------------------------------------------------------------------------------
// Layout

struct Span {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void take(double v) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
};

/// Room around the values, so that no marker touches the frame; a lone value lies in the middle.
Span with_room(Span s, bool logarithmic) {
  constexpr double share = 0.05;
  const bool apart = differ(s.low, s.high);
  if (logarithmic) {
    const double factor = std::pow(10.0, apart ? share * (std::log10(s.high) - std::log10(s.low)) : 0.5);
    return {std::max(s.low / factor, 1e-307), std::min(s.high * factor, 1e307)};
  }
  // nice_ticks takes no shorter ranges than about this.
  constexpr double shortest = 1e-280;
  const double room = apart ? share * (s.high - s.low) : room_around(s.high);
  return {s.low - std::max(room, shortest), s.high + std::max(room, shortest)};
}

/// The name without as many of its first parts as must go for the axis' title to fit.
std::string title_for(const TableAxis& axis, const TickLabels& labels, double size, double room) {
  std::string title;
  for (const std::string& name : last_parts(axis.name)) {
    title = axis_title(name, axis.unit, labels);
    if (text_width(title, size) <= room) return title;
  }
  return fitted(title, size, room);
}

/// Everything about a picture that is settled before a pixel is drawn.
struct TableLayout {
  explicit TableLayout(const TablePicture& p);

  PlotSizes size;
  int width, height = 0;  // of the picture
  PlotAxis x, y, value;   // value: of the colour scale
  Rect field, scale, legend;
  bool words_upwards = false;  // the words along x
  std::string title;
  int title_y = 0;
  std::vector<std::string> subtitle, footer;
  int subtitle_y = 0, footer_y = 0;
  std::string legend_title;
  std::vector<std::size_t> named;  // series in the legend
  std::string more;                // last line of the legend, for those that are not named
  double sample = 0.0;             // width of what stands before a name in the legend

 private:
  void choose_named(const TablePicture& p);
  void measure_legend(const TablePicture& p);
  void place_words(const std::vector<std::string>& words);
  int words_height() const {
    return static_cast<int>(words_upwards ? widest(x.labels.text, size.tick) : cap_height(size.tick));
  }
};

void TableLayout::choose_named(const TablePicture& p) {
  constexpr std::size_t most = TablePicture::most_named;
  const std::size_t n = p.series.size();
  // Of too many, evenly spread ones with the first and the last, and a line that says how many more.
  const std::size_t shown = n <= most ? n : most - 1;
  for (std::size_t k = 0; k < shown; ++k) named.push_back(n <= most ? k : k * (n - 1) / (shown - 1));
  if (n > shown) more = fmt::format("and {} more", n - shown);
}

/// Sets the legend's width and height.
void TableLayout::measure_legend(const TablePicture& p) {
  const double most = 0.3 * width - size.margin;
  legend_title = title_for(p.colour, {}, size.tick, most);
  sample = size.px(p.joined ? 46.0 : 26.0);
  double names = more.empty() ? 0.0 : text_width(more, size.tick);
  for (const std::size_t k : named) names = std::max(names, text_width(p.series[k].name, size.tick));
  legend.width =
      static_cast<int>(std::min(std::max(text_width(legend_title, size.tick), sample + names), most));
  legend.height =
      (static_cast<int>(named.size()) + (more.empty() ? 1 : 2)) * size.line_height(size.tick) + size.px(6.0);
}

/// One place for each word; names them along the axis, or upwards where there is no room for that, or some.
void TableLayout::place_words(const std::vector<std::string>& words) {
  const std::size_t n = words.size();
  x = {};
  x.low = -0.5;
  x.high = double(n) - 0.5;
  x.ticks.step = 1.0;
  const double slot = double(field.width) / double(n);
  words_upwards = widest(words, size.tick) + 0.8 * size.tick > slot;
  const auto every = static_cast<std::size_t>(std::ceil(words_upwards ? 1.45 * size.tick / slot : 1.0));
  for (std::size_t k = 0; k < n; ++k) {
    x.ticks.at.push_back(double(k));
    x.labels.text.push_back(k % every == 0 ? fitted(words[k], size.tick, 0.2 * width) : "");
  }
}

TableLayout::TableLayout(const TablePicture& p) : size{p.width}, width{p.width} {
  Span sx, sy, sc;
  for (const TableSeries& series : p.series)
    for (const TablePoint& point : series.points) {
      sx.take(point.x);
      sy.take(point.y);
      sc.take(series.value);
    }
  sx = with_room(sx, p.x.logarithmic);
  sy = with_room(sy, p.y.logarithmic);
  const auto axis = [&](const TableAxis& of, const Span& s, int pixels, bool along) {
    return of.logarithmic ? make_log_axis(s.low, s.high, pixels, along, size.tick)
                          : make_axis(s.low, s.high, pixels, along, size.tick);
  };

  const bool many = p.series.size() > std::size_t(TablePicture::most_named);
  const bool with_scale = !p.colour.name.empty() && p.colour.words.empty() && many;
  const bool with_legend = !p.colour.name.empty() && !with_scale;
  if (with_legend) {
    choose_named(p);
    measure_legend(p);
  }

  // Everything but the places of x is known from the height, and that from the width.
  const int label_text = static_cast<int>(cap_height(size.label)), beside = size.px(28.0);
  field.height = std::max(static_cast<int>(std::lround(0.5 * width)), legend.height);
  y = axis(p.y, sy, field.height, false);
  field.x = size.margin + label_text + size.px(12.0) + static_cast<int>(widest(y.labels.text, size.tick)) +
            size.gap + size.tick_length + size.line;
  int right = size.line + size.margin;
  if (with_legend) right += beside + legend.width;
  if (with_scale) {
    value = axis(p.colour, sc, field.height, false);
    scale.width = size.px(26.0);
    right += beside + scale.width + size.line + size.tick_length + size.gap +
             static_cast<int>(widest(value.labels.text, size.tick)) + size.px(14.0) + label_text;
  }
  for (int pass = 0; pass < 2; ++pass) {
    field.width = width - field.x - right;
    if (!p.x.words.empty()) {
      place_words(p.x.words);
      break;
    }
    x = axis(p.x, sx, field.width, true);
    // The last label may stand half beyond the frame.
    right =
        std::max(right, size.line + size.px(14.0) + static_cast<int>(widest(x.labels.text, size.tick) / 2.0));
  }

  int down = size.margin;
  const double room = width - size.margin - field.x;
  if (!p.title.empty()) {
    title = fitted(p.title, size.title, room);
    title_y = down + static_cast<int>(cap_height(size.title));
    down = title_y + size.px(13.0);
  }
  subtitle = wrapped(p.subtitle, size.subtitle, room);
  if (!subtitle.empty()) {
    subtitle_y = down + static_cast<int>(cap_height(size.subtitle)) + size.px(2.0);
    down = subtitle_y + size.line_height(size.subtitle) * (static_cast<int>(subtitle.size()) - 1) +
           size.px(13.0);
  }
  field.y = down + size.px(8.0) + size.line;
  scale = {field.right() + size.line + beside, field.y, scale.width, with_scale ? field.height : 0};
  legend = {field.right() + size.line + beside, field.y, legend.width, legend.height};
  down = field.bottom() + size.under_frame(words_height());
  footer = wrapped(p.footer, size.footer, room);
  if (!footer.empty()) {
    footer_y = down + size.px(26.0) + static_cast<int>(cap_height(size.footer));
    down = footer_y + size.line_height(size.footer) * (static_cast<int>(footer.size()) - 1);
  } else {
    down += size.px(8.0);  // for the tails of letters
  }
  height = down + size.margin;
}

// ----------------------------------------------------------------------------------------------------------
// Drawing

Colour point_colour(double t) { return heat_colour(darkest + (brightest - darkest) * t); }

/// Words: the colours of M. Okabe and K. Ito (Color Universal Design, 2008), which colour-blind readers tell
/// apart, without the one that is too pale for lines. Numbers, and more words than that: along the map of all
/// pictures, whose lightness alone tells the order.
std::vector<Colour> series_colours(const TablePicture& p, const PlotAxis& value, bool with_scale) {
  constexpr std::array<Colour, 7> distinct{{{0, 114, 178},
                                            {213, 94, 0},
                                            {0, 158, 115},
                                            {204, 121, 167},
                                            {230, 159, 0},
                                            {86, 180, 233},
                                            {0, 0, 0}}};
  const std::size_t n = p.series.size();
  std::vector<Colour> colours;
  for (std::size_t k = 0; k < n; ++k) {
    if (with_scale)
      colours.push_back(point_colour(value.place(p.series[k].value)));
    else if (n == 1 || (!p.colour.words.empty() && n <= distinct.size()))
      colours.push_back(distinct[k]);
    else
      colours.push_back(point_colour(double(k) / double(n - 1)));
  }
  return colours;
}

/// Filled markers of one size for all points of a picture.
class Marker {
 public:
  /// @param points  how many there are: the more, the smaller
  /// @param shapes  series differ in shape too
  Marker(Canvas& canvas, const PlotSizes& size, std::size_t points, bool shapes)
      : canvas_{canvas},
        radius_{size.unit * (points <= 150   ? 5.0
                             : points <= 600 ? 3.6
                                             : 2.6)},
        // A rim of paper keeps apart what lies on top of each other, but many of them would cover the rest.
        rim_{points <= 150 ? 1.0 : 0.0},
        shapes_{shapes} {}

  void draw(const Point& at, std::size_t series, Colour colour) const {
    const std::size_t shape = shapes_ ? series % 4 : 0;
    if (shape == 0) {
      if (rim_ > 0.0) canvas_.stroke({{at}}, 2.0 * (radius_ + rim_), paper);
      canvas_.stroke({{at}}, 2.0 * radius_, colour);
      return;
    }
    // About as large to the eye as the disc: square, diamond, triangle.
    const double reach = radius_ * (shape == 1 ? 1.25 : shape == 2 ? 1.35 : 1.4);
    const int corners = shape == 3 ? 3 : 4;
    const double turn = shape == 1 ? 45.0 : 90.0;  // degrees
    const auto outline = [&](double to_corner) {
      Polyline line;
      for (int k = 0; k < corners; ++k) {
        const double angle = (turn + 360.0 * k / corners) * std::numbers::pi / 180.0;
        line.push_back({at.x + to_corner * std::cos(angle), at.y - to_corner * std::sin(angle)});
      }
      return line;
    };
    // A rim's corner is as far from the shape's as its sides' angle asks.
    if (rim_ > 0.0) canvas_.fill(outline(reach + rim_ / std::cos(std::numbers::pi / corners)), paper);
    canvas_.fill(outline(reach), colour);
  }

 private:
  Canvas& canvas_;
  double radius_, rim_;
  bool shapes_;
};

void draw_grid(Canvas& canvas, const TableLayout& l) {
  const Rect& f = l.field;
  const int line = l.size.line;
  for (const double v : l.y.ticks.at)
    canvas.fill(Rect{f.x, tick_row(l.size, l.y, v, f), f.width, line}, grid);
  for (const double v : l.x.ticks.at)
    canvas.fill(Rect{tick_column(l.size, l.x, v, f), f.y, line, f.height}, grid);
}

void draw_axes(Canvas& canvas, const TablePicture& p, const TableLayout& l) {
  const PlotSizes& s = l.size;
  const Rect& f = l.field;
  canvas.frame(f, s.line, ink);
  PlotAxis x = l.x;
  if (l.words_upwards) {
    const double top = f.bottom() + s.line + s.tick_length + s.gap;
    for (std::size_t k = 0; k < x.ticks.at.size(); ++k) {
      const double middle = f.x + x.place(x.ticks.at[k]) * f.width + cap_height(s.tick) / 2.0;
      canvas.text(middle, top, x.labels.text[k], {s.tick, ink, false, Align::right, true});
      x.labels.text[k].clear();
    }
  }
  draw_ticks_below(canvas, s, x, f);
  draw_ticks_left(canvas, s, l.y, f);
  const double labels = l.words_upwards ? widest(l.x.labels.text, s.tick) : cap_height(s.tick);
  const double centre = f.x + f.width / 2.0;
  canvas.text(centre, f.bottom() + s.under_frame(labels),
              title_for(p.x, l.x.labels, s.label, 2.0 * (std::min(centre, l.width - centre) - s.margin)),
              {s.label, ink, false, Align::centre, false});
  const double left = f.x - s.line - s.tick_length - s.gap - widest(l.y.labels.text, s.tick) - s.px(12.0);
  draw_beside(canvas, s, left, f, title_for(p.y, l.y.labels, s.label, l.height - 2.0 * s.margin));
}

void draw_colour_scale(Canvas& canvas, const TablePicture& p, const TableLayout& l) {
  const PlotSizes& s = l.size;
  const Rect& b = l.scale;
  draw_scale(canvas, b, true, point_colour);
  canvas.frame(b, s.line, ink);
  const int labels = static_cast<int>(widest(l.value.labels.text, s.tick));
  draw_ticks_right(canvas, s, l.value, b, labels);
  draw_beside(canvas, s,
              b.right() + s.line + s.tick_length + s.gap + labels + s.px(14.0) + cap_height(s.label), b,
              title_for(p.colour, l.value.labels, s.label, l.height - 2.0 * s.margin));
}

void draw_legend(Canvas& canvas, const TablePicture& p, const TableLayout& l, const Marker& marker,
                 const std::vector<Colour>& colours) {
  const PlotSizes& s = l.size;
  const Rect& b = l.legend;
  const int step = s.line_height(s.tick);
  double baseline = b.y + cap_height(s.tick);
  canvas.text(b.x, baseline, fitted(l.legend_title, s.tick, b.width),
              {s.tick, ink, true, Align::left, false});
  baseline += s.px(6.0);
  const double line = l.sample - s.px(12.0);
  for (const std::size_t k : l.named) {
    baseline += step;
    const double middle = baseline - cap_height(s.tick) / 2.0;
    if (p.joined) canvas.stroke({{{double(b.x), middle}, {b.x + line, middle}}}, 2.0 * s.unit, colours[k]);
    if (p.markers) marker.draw({b.x + line / 2.0, middle}, k, colours[k]);
    canvas.text(b.x + l.sample, baseline, fitted(p.series[k].name, s.tick, b.width - l.sample),
                {s.tick, ink, false, Align::left, false});
  }
  if (!l.more.empty())
    canvas.text(b.x + l.sample, baseline + step, fitted(l.more, s.tick, b.width - l.sample),
                {s.tick, faint, false, Align::left, false});
}

void draw_words(Canvas& canvas, const TableLayout& l) {
  const PlotSizes& s = l.size;
  canvas.text(l.field.x, l.title_y, l.title, {s.title, ink, true, Align::left, false});
  int y = l.subtitle_y;
  for (const std::string& line : l.subtitle) {
    canvas.text(l.field.x, y, line, {s.subtitle, faint, false, Align::left, false});
    y += s.line_height(s.subtitle);
  }
  y = l.footer_y;
  for (const std::string& line : l.footer) {
    canvas.text(l.field.x, y, line, {s.footer, faint, false, Align::left, false});
    y += s.line_height(s.footer);
  }
}

/// The parts of a line, which begin at `breaks`.
std::vector<Polyline> parted(const Polyline& line, const std::vector<std::size_t>& breaks) {
  std::vector<Polyline> parts{{}};
  for (std::size_t k = 0; k < line.size(); ++k) {
    if (k > 0 && std::binary_search(breaks.begin(), breaks.end(), k)) parts.emplace_back();
    parts.back().push_back(line[k]);
  }
  return parts;
}

}  // namespace

bool spread_over_decades(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  if (values.size() < 3 || !(values.front() > 0.0)) return false;
  const double low = std::log10(values.front()), span = std::log10(values.back()) - low;
  const std::size_t half = values.size() / 2;
  const double middle = (std::log10(values[half]) + std::log10(values[values.size() - 1 - half])) / 2.0;
  return span > 2.0 && middle >= low + 0.25 * span && middle <= low + 0.75 * span;
}

namespace {

/// The cases that are done: all where the table does not say.
std::vector<std::size_t> done_cases(const CsvTable& table) {
  std::vector<std::size_t> done;
  const int status = table.column("status");
  for (std::size_t row = 0; row < table.rows.size(); ++row)
    if (status < 0 || table.rows[row][std::size_t(status)] == "done") done.push_back(row);
  if (table.rows.empty()) throw Error{Exit::bad_data, fmt::format("{}: there is no case in it", table.name)};
  if (done.empty())
    throw Error{Exit::bad_data,
                fmt::format("{}: not one of its {} is done", table.name, counted(table.rows.size(), "case"))};
  return done;
}

/// What of a table goes into a picture.
struct Selection {
  std::size_t at_x, at_y;
  int at_colour;  // -1: there is none
  Column x, y;
  std::optional<Column> colour;
  std::vector<std::size_t> done;  // cases
  std::vector<std::size_t> rows;  // those of them that have what is to be drawn
};

Selection selected(const CsvTable& table, const TableChoice& choice) {
  for (const auto& [option, word] : {std::pair{"--x", choice.x}, std::pair{"--y", choice.y}})
    if (word.empty())
      throw Error{Exit::usage, fmt::format("{} is a table: name a column with {}; there is: {}", table.name,
                                           option, joined(table.columns))};
  const std::size_t at_x = find_column(table, "--x", choice.x), at_y = find_column(table, "--y", choice.y);
  const int at_colour =
      choice.colour.empty() ? -1 : static_cast<int>(find_column(table, "--colour", choice.colour));
  const std::vector<std::size_t> done = done_cases(table);

  Selection s{at_x, at_y, at_colour, Column{table, at_x, done}, Column{table, at_y, done}, {}, done, {}};
  if (at_colour >= 0) s.colour.emplace(table, std::size_t(at_colour), done);
  check_numbers(table, s.y, at_y, choice.log_y ? "--log-y" : "--y", choice.log_y, done);
  if (choice.log_x) check_numbers(table, s.x, at_x, "--log-x", true, done);
  for (const std::size_t row : done)
    if (s.x.usable(row) && s.y.usable(row) && (!s.colour || s.colour->words || s.colour->usable(row)))
      s.rows.push_back(row);
  if (s.rows.empty())
    throw Error{Exit::bad_data, fmt::format("{}: no case that is done has a value for {} and a number for {}",
                                            table.name, s.x.name, s.y.name)};
  return s;
}

/// The words along x, if it holds any, in the order of the table, not of the series.
std::vector<std::string> words_along_x(const CsvTable& table, const Selection& s) {
  std::vector<std::string> words;
  if (!s.x.words) return words;
  for (const std::size_t row : s.rows) {
    const std::string& word = table.rows[row][s.at_x];
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return words;
}

/// What is seen of the cases while they become series.
struct Seen {
  std::vector<double> x, y, colours;
  bool repeated = false;            // an x, within a series
  std::vector<std::string> others;  // keys that vary within a series
};

/// The points of a series, by their x; its cases are sorted alike.
/// @param words  along x
void add_points(const CsvTable& table, const Selection& s, const std::vector<std::string>& words,
                std::pair<TableSeries, std::vector<std::size_t>>& group, Seen& seen) {
  auto& [series, rows_of] = group;
  const auto x_of = [&](std::size_t row) {
    if (!s.x.words) return s.x.cells[row].value;
    return double(std::find(words.begin(), words.end(), table.rows[row][s.at_x]) - words.begin());
  };
  std::vector<std::pair<double, std::size_t>> members;
  for (const std::size_t row : rows_of) members.push_back({x_of(row), row});
  std::sort(members.begin(), members.end());
  for (std::size_t k = 0; k < members.size(); ++k) {
    rows_of[k] = members[k].second;
    series.points.push_back({members[k].first, s.y.cells[rows_of[k]].value});
    seen.x.push_back(series.points[k].x);
    seen.y.push_back(series.points[k].y);
    seen.repeated = seen.repeated || (k > 0 && members[k].first == members[k - 1].first);
  }
  seen.colours.push_back(series.value);
}

/// Notes the keys of a sweep that are not the same along the series, nor follow its x.
void note_others(const CsvTable& table, const Selection& s,
                 const std::pair<TableSeries, std::vector<std::size_t>>& group,
                 std::vector<std::string>& others) {
  const auto& [series, rows_of] = group;
  const int status = table.column("status");
  for (int c = table.column("case") + 1; c < status; ++c) {
    const std::string& name = table.columns[std::size_t(c)];
    if (c != static_cast<int>(s.at_x) && std::find(others.begin(), others.end(), name) == others.end() &&
        !follows(table, std::size_t(c), rows_of, series.points))
      others.push_back(name);
  }
}

/// How many cases there are and were left out, and why no line joins them.
std::vector<std::string> case_counts(const CsvTable& table, const Selection& s, bool joined_by_lines,
                                     const std::vector<std::string>& others) {
  // A run's history has rows, a sweep's table cases.
  std::vector<std::string> parts{counted(s.rows.size(), table.column("case") < 0 ? "row" : "case")};
  if (const std::size_t n = table.rows.size() - s.done.size(); n > 0)
    parts.push_back(fmt::format("{} left out: not done", n));
  if (const std::size_t n = s.done.size() - s.rows.size(); n > 0)
    parts.push_back(fmt::format("{} left out: no number", n));
  if (!s.x.words && !joined_by_lines)
    parts.push_back("not joined: " +
                    (others.empty() ? "several cases of one x"
                                    : joined(others) + (others.size() == 1 ? " varies too" : " vary too")));
  return parts;
}

/// The least and the greatest value, and whose they are.
std::vector<std::string> extremes_of(const CsvTable& table, const Selection& s, const std::string& unit) {
  const Column& y = s.y;
  const auto [least, greatest] =
      std::minmax_element(s.rows.begin(), s.rows.end(),
                          [&](std::size_t a, std::size_t b) { return y.cells[a].value < y.cells[b].value; });
  const double low = y.cells[*least].value, high = y.cells[*greatest].value;
  if (!differ(low, high))
    return {fmt::format("{} {}{}", y.name, with_unit(low, unit), s.rows.size() > 1 ? " everywhere" : "")};
  const int digits = digits_apart(low, high), name = table.column("case");
  const auto extreme = [&](const char* word, std::size_t row) {
    return fmt::format("{} {}{}", word, with_unit(y.cells[row].value, unit, digits),
                       name < 0 ? "" : " in case " + table.rows[row][std::size_t(name)]);
  };
  return {extreme("least", *least), extreme("greatest", *greatest)};
}

}  // namespace

TablePicture table_picture(const CsvTable& table, const TableChoice& choice, const std::string& title) {
  const Selection s = selected(table, choice);
  TablePicture p;
  p.title = title;
  p.x = {s.x.name, unit_of(s.x.name, choice), words_along_x(table, s), false};
  p.y = {s.y.name, unit_of(s.y.name, choice), {}, false};
  if (s.colour) p.colour = {s.colour->name, unit_of(s.colour->name, choice), {}, false};
  Seen seen;
  for (auto& group : grouped(table, s.at_colour, s.colour, s.rows)) {
    add_points(table, s, p.x.words, group, seen);
    note_others(table, s, group, seen.others);
    TableSeries& series = group.first;
    if (s.colour && s.colour->words) {
      if (series.name.empty()) series.name = "(none)";
      p.colour.words.push_back(series.name);
    }
    p.series.push_back(std::move(series));
  }
  // A line says that nothing but x changes along it.
  p.joined = !s.x.words && !seen.repeated && seen.others.empty();
  p.x.logarithmic = p.x.words.empty() && (choice.log_x || spread_over_decades(seen.x));
  p.y.logarithmic = choice.log_y || spread_over_decades(seen.y);
  p.colour.logarithmic = p.colour.words.empty() && spread_over_decades(seen.colours);
  p.subtitle = case_counts(table, s, p.joined, seen.others);
  p.footer = extremes_of(table, s, p.y.unit);
  return p;
}

TablePicture together(const std::vector<TablePicture>& pictures, const std::vector<std::string>& names,
                      const std::string& what) {
  TablePicture all = pictures.at(0);
  all.series.clear();
  all.subtitle.clear();
  all.colour = {what, "", {}, false};
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t k = 0; k < pictures.size(); ++k) {
    const TablePicture& p = pictures[k];
    if (p.x.unit != all.x.unit || p.x.words != all.x.words || p.y.unit != all.y.unit)
      throw Error{Exit::usage,
                  fmt::format("{} and {} do not go into one picture: {} [{}] over {} [{}], and {} "
                              "[{}] over {} [{}]",
                              names[0], names[k], all.y.name, all.y.unit, all.x.name, all.x.unit, p.y.name,
                              p.y.unit, p.x.name, p.x.unit)};
    if (p.y.name != pictures[0].y.name) all.y.name = "value";
    all.joined = all.joined && p.joined;
    all.x.logarithmic = all.x.logarithmic && p.x.logarithmic;
    all.y.logarithmic = all.y.logarithmic && p.y.logarithmic;
    TableSeries series;
    series.name = names[k];
    for (const TableSeries& s : p.series) {
      for (const std::size_t at : s.breaks) series.breaks.push_back(series.points.size() + at);
      series.points.insert(series.points.end(), s.points.begin(), s.points.end());
    }
    for (const TablePoint& point : series.points) {
      low = std::min(low, point.y);
      high = std::max(high, point.y);
    }
    all.colour.words.push_back(series.name);
    all.series.push_back(std::move(series));
  }
  const int digits = digits_apart(low, high);
  all.footer = {fmt::format("least {}", with_unit(low, all.y.unit, digits)),
                fmt::format("greatest {}", with_unit(high, all.y.unit, digits))};
  return all;
}

TablePlot render(const TablePicture& p) {
  check_picture_width(p.width);
  std::size_t points = 0;
  for (const TableSeries& series : p.series) points += series.points.size();
  if (points == 0) throw Error{Exit::bad_data, "there is nothing to draw: the table has no point"};

  const TableLayout l{p};
  TablePlot plot{Canvas{l.width, l.height, paper}, l.field, l.x, l.y, {}, {}, l.legend, {}, l.scale};
  Canvas& canvas = plot.canvas;
  plot.colours = series_colours(p, l.value, l.scale.width > 0);
  draw_grid(canvas, l);
  const Rect& f = l.field;
  for (std::size_t k = 0; k < p.series.size(); ++k) {
    Polyline line;
    for (const TablePoint& point : p.series[k].points)
      line.push_back({f.x + l.x.place(point.x) * f.width, f.bottom() - l.y.place(point.y) * f.height});
    if (p.joined && line.size() > 1)
      canvas.stroke(parted(line, p.series[k].breaks), 2.0 * l.size.unit, plot.colours[k]);
    plot.points.push_back(std::move(line));
  }
  const Marker marker{canvas, l.size, points, l.scale.width == 0};
  for (std::size_t k = 0; p.markers && k < plot.points.size(); ++k)
    for (const Point& at : plot.points[k]) marker.draw(at, k, plot.colours[k]);
  draw_axes(canvas, p, l);
  if (l.scale.width > 0) draw_colour_scale(canvas, p, l);
  if (l.legend.width > 0) draw_legend(canvas, p, l, marker, plot.colours);
  draw_words(canvas, l);

  for (const std::size_t k : l.named) plot.named.push_back(p.series[k].name);
  return plot;
}

void draw(const TablePicture& picture, const std::string& path) {
  picture_format(path);  // a name that will not do is told before the work
  write_picture(render(picture).canvas, path);
}

}  // namespace calor::app
