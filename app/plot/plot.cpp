// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <utility>

#include "app/plot/colour_map.hpp"
#include "app/plot/picture_file.hpp"
#include "app/plot/plot_parts.hpp"
#include "app/text/units.hpp"
#include "decomposition/error.hpp"

namespace calor::app {
namespace {

constexpr Colour no_value{158, 162, 166};
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr int crisp_below = 200;  // cells a side: fewer are shown as what they are

// ----------------------------------------------------------------------------------------------------------
// From cells to pixels

/// How pixels along one axis gather cells: pixel p is the sum over k of weight[k] * cell[first + k].
struct Gather {
  struct Pixel {
    int first = 0;
    std::vector<double> weight;  // sums to 1
  };
  std::vector<Pixel> pixels;
};

enum class Between { cells, smooth, smooth_to_the_wall };

/// See gather().
Gather gather_uneven(const std::vector<double>& faces, int pixels, Between between) {
  Gather g;
  g.pixels.resize(std::size_t(pixels));
  const int cells = static_cast<int>(faces.size()) - 1;
  const double begin = faces.front(), width = (faces.back() - begin) / pixels;
  const auto cell_at = [&](double v) {
    const auto above = std::upper_bound(faces.begin(), faces.end(), v);
    return std::clamp(static_cast<int>(above - faces.begin()) - 1, 0, cells - 1);
  };
  const auto centre = [&](int i) { return 0.5 * (faces[std::size_t(i)] + faces[std::size_t(i) + 1]); };
  for (int p = 0; p < pixels; ++p) {
    Gather::Pixel& pixel = g.pixels[std::size_t(p)];
    const double from = begin + p * width, to = begin + (p + 1) * width, middle = 0.5 * (from + to);
    const int here = cell_at(middle);
    const double size = faces[std::size_t(here) + 1] - faces[std::size_t(here)];
    if (size < width || cells == 1 || between == Between::cells) {
      pixel.first = cell_at(from);
      for (int i = pixel.first; i < cells && (pixel.weight.empty() || faces[std::size_t(i)] < to); ++i)
        pixel.weight.push_back(
            std::max(0.0, std::min(to, faces[std::size_t(i) + 1]) - std::max(from, faces[std::size_t(i)])) /
            width);
      continue;
    }
    pixel.first = std::clamp(middle < centre(here) ? here - 1 : here, 0, cells - 2);
    const double a = centre(pixel.first), b = centre(pixel.first + 1);
    double share = (middle - a) / (b - a);
    if (between == Between::smooth) share = std::clamp(share, 0.0, 1.0);
    pixel.weight = {1.0 - share, share};
  }
  return g;
}

/// @param between  what to show where a cell covers several pixels: the cell's own value; the value
/// interpolated
///                 between cell centres; or that, continued over the outer half cells.
/// @param faces  of cells that are not equal; else empty
Gather gather(int cells, int pixels, Between between, const std::vector<double>& faces) {
  if (!faces.empty()) return gather_uneven(faces, pixels, between);
  Gather g;
  g.pixels.resize(std::size_t(pixels));
  const double ratio = double(cells) / pixels;
  for (int p = 0; p < pixels; ++p) {
    Gather::Pixel& pixel = g.pixels[std::size_t(p)];
    if (cells > pixels) {
      const double from = p * ratio, to = (p + 1) * ratio;
      pixel.first = std::min(static_cast<int>(from), cells - 1);
      for (int i = pixel.first; i < cells && i < to; ++i)
        pixel.weight.push_back((std::min(to, i + 1.0) - std::max(from, double(i))) / ratio);
    } else if (between == Between::cells || cells == 1) {
      pixel.first = std::min(static_cast<int>((p + 0.5) * ratio), cells - 1);
      pixel.weight = {1.0};
    } else {
      double centre = (p + 0.5) * ratio - 0.5;  // in cells, 0 at the first cell's centre
      if (between == Between::smooth) centre = std::clamp(centre, 0.0, cells - 1.0);
      pixel.first = std::clamp(static_cast<int>(std::floor(centre)), 0, cells - 2);
      const double share = centre - pixel.first;
      pixel.weight = {1.0 - share, share};
    }
  }
  return g;
}

/// The field on width x height pixels, the first row at the bottom; NaN where most of a pixel has no value.
/// Cells without a value do not count in the means.
template <class T>
std::vector<double> resample(const T* values, int nx, const Gather& columns, const Gather& rows) {
  const std::size_t width = columns.pixels.size(), height = rows.pixels.size();
  struct Row {
    int cell = -1;
    std::vector<double> sum, share;
  };
  // Where cells are larger than pixels, neighbouring rows of pixels need the same one or two rows of cells.
  std::array<Row, 2> kept;
  const auto row_of = [&](int j) -> const Row& {
    Row& row = kept[std::size_t(j % 2)];
    if (row.cell == j) return row;
    row.cell = j;
    row.sum.assign(width, 0.0);
    row.share.assign(width, 0.0);
    const T* const line = values + std::ptrdiff_t(j) * nx;
    for (std::size_t p = 0; p < width; ++p) {
      const Gather::Pixel& pixel = columns.pixels[p];
      for (std::size_t k = 0; k < pixel.weight.size(); ++k) {
        const double value = double(line[pixel.first + std::ptrdiff_t(k)]);
        if (!std::isfinite(value)) continue;
        row.sum[p] += pixel.weight[k] * value;
        row.share[p] += pixel.weight[k];
      }
    }
    return row;
  };
  std::vector<double> out(width * height, nan_value), sum(width), share(width);
  for (std::size_t q = 0; q < height; ++q) {
    const Gather::Pixel& pixel = rows.pixels[q];
    std::fill(sum.begin(), sum.end(), 0.0);
    std::fill(share.begin(), share.end(), 0.0);
    for (std::size_t k = 0; k < pixel.weight.size(); ++k) {
      const Row& row = row_of(pixel.first + static_cast<int>(k));
      for (std::size_t p = 0; p < width; ++p) {
        sum[p] += pixel.weight[k] * row.sum[p];
        share[p] += pixel.weight[k] * row.share[p];
      }
    }
    for (std::size_t p = 0; p < width; ++p)
      if (share[p] >= 0.5) out[q * width + p] = sum[p] / share[p];
  }
  return out;
}

struct Extremes {
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  std::int64_t missing = 0;  // cells without a finite value
  bool any() const { return least <= greatest; }
};

template <class T>
Extremes extremes(const T* values, std::int64_t n) {
  Extremes e;
  for (std::int64_t k = 0; k < n; ++k) {
    const double v = double(values[k]);
    if (!std::isfinite(v)) {
      ++e.missing;
      continue;
    }
    e.least = std::min(e.least, v);
    e.greatest = std::max(e.greatest, v);
  }
  return e;
}

// ----------------------------------------------------------------------------------------------------------
// Isolines

/// Sides of squares, each known by a number of its own, that lines cross on their way from one to the next.
using Crossing = std::array<std::int64_t, 2>;

/// Joins the crossings of squares that share a side into lines as long as they can be; a closed line ends
/// with its first side. No side is shared by more than two crossings.
std::vector<std::vector<std::int64_t>> chained(const std::vector<Crossing>& crossings) {
  constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  std::unordered_map<std::int64_t, std::array<std::size_t, 2>> at_side;
  for (std::size_t k = 0; k < crossings.size(); ++k)
    for (const std::int64_t side : crossings[k]) {
      const auto [place, first] = at_side.try_emplace(side, std::array{k, none});
      if (!first) place->second[1] = k;
    }
  std::vector<bool> used(crossings.size(), false);
  const auto follow = [&](std::size_t k, std::int64_t side) {
    std::vector<std::int64_t> line{side};
    while (k != none && !used[k]) {
      used[k] = true;
      side = crossings[k][crossings[k][0] == side ? 1 : 0];
      line.push_back(side);
      const std::array<std::size_t, 2>& both = at_side.at(side);
      k = both[both[0] == k ? 1 : 0];
    }
    return line;
  };
  std::vector<std::vector<std::int64_t>> lines;
  for (const bool open : {true, false})
    for (std::size_t k = 0; k < crossings.size(); ++k)
      for (const std::int64_t side : crossings[k])
        if (!used[k] && (!open || at_side.at(side)[1] == none)) lines.push_back(follow(k, side));
  return lines;
}

/// Marching squares over the centres of pixels: where the field, linear along the sides of each square of
/// four centres, equals `level`. Coordinates in pixels from the lower left corner, y up.
std::vector<Polyline> isoline(const std::vector<double>& field, int width, int height, double level) {
  std::vector<Crossing> crossings;
  const auto value = [&](int i, int j) {
    return field[std::size_t(j) * std::size_t(width) + std::size_t(i)];
  };
  for (int j = 0; j + 1 < height; ++j)
    for (int i = 0; i + 1 < width; ++i) {
      // Corners counter-clockwise from the lower left.
      const std::array<double, 4> v{value(i, j), value(i + 1, j), value(i + 1, j + 1), value(i, j + 1)};
      if (std::isnan(v[0] + v[1] + v[2] + v[3])) continue;
      unsigned above = 0;
      for (unsigned k = 0; k < 4; ++k) above |= v[k] > level ? 1u << k : 0u;
      if (above == 0 || above == 15) continue;
      // Sides run to the right (even numbers) or up (odd ones) from their lower left corner.
      const std::int64_t here = 2 * (std::int64_t{j} * width + i);
      const std::array<std::int64_t, 4> side{here, here + 3, here + 2 * std::int64_t{width}, here + 1};
      std::array<std::int64_t, 4> crossed{};
      std::size_t n = 0;
      for (std::size_t k = 0; k < 4; ++k)
        if ((v[k] > level) != (v[(k + 1) % 4] > level)) crossed[n++] = side[k];
      if (n == 2) {
        crossings.push_back({crossed[0], crossed[1]});
      } else {
        // A saddle: the mean tells which pair of opposite corners is joined across the middle.
        const bool middle_above = (v[0] + v[1] + v[2] + v[3]) / 4.0 > level;
        const bool first_above = v[0] > level;
        if (middle_above == first_above) {
          crossings.push_back({crossed[0], crossed[1]});
          crossings.push_back({crossed[2], crossed[3]});
        } else {
          crossings.push_back({crossed[3], crossed[0]});
          crossings.push_back({crossed[1], crossed[2]});
        }
      }
    }
  std::vector<Polyline> lines;
  for (const std::vector<std::int64_t>& sides : chained(crossings)) {
    Polyline& line = lines.emplace_back();
    for (const std::int64_t side : sides) {
      const int i = static_cast<int>(side / 2 % width), j = static_cast<int>(side / 2 / width);
      const bool up = side % 2 == 1;
      const double from = value(i, j), to = up ? value(i, j + 1) : value(i + 1, j);
      const double share = (level - from) / (to - from);
      line.push_back({i + 0.5 + (up ? 0.0 : share), j + 0.5 + (up ? share : 0.0)});
    }
  }
  return lines;
}

// ----------------------------------------------------------------------------------------------------------
// Words

struct LengthUnit {
  double metres = 1.0;
  const char* name = "m";
};

LengthUnit length_unit(double extent) {
  if (extent < 1e-7) return {1e-9, "nm"};
  if (extent < 1e-4) return {1e-6, "\u00b5m"};
  if (extent < 0.1) return {1e-3, "mm"};
  if (extent < 1e4) return {1.0, "m"};
  return {1e3, "km"};
}

// ----------------------------------------------------------------------------------------------------------
// Layout

/// Everything about a picture that is settled before a pixel is drawn.
class Layout {
 public:
  Layout(const Picture& p, const Extremes& found, double low, double high, bool isolines_wanted,
         bool too_many_outlines = false);

  PlotSizes size;
  int width, height = 0;        // of the picture
  LengthUnit along_x, along_y;  // the same where the picture is to scale
  PlotAxis x, y, value;
  Rect field, scale;
  bool upright = true;
  bool below = false, above = false;  // the field goes beyond the scale's ends
  double stretch = 1.0;
  bool centred = false;  // texts over and under a narrow field are centred, else flush with it
  std::string x_name, y_name;
  std::string title, subtitle;
  int title_y = 0, subtitle_y = 0;
  std::vector<std::string> footer;
  int footer_y = 0;
  bool missing = false;  // a last line of the footer explains cells without a colour
  std::string missing_text;
  int missing_y = 0;

  int text_x() const { return centred ? width / 2 : field.x; }
  Align text_align() const { return centred ? Align::centre : Align::left; }
  int value_label_extent() const { return static_cast<int>(widest(value.labels.text, size.tick)); }

 private:
  void place_field(const Picture& p);
};

/// Finds the field's size: to scale if it can be, inside what axes and colour scale leave.
void Layout::place_field(const Picture& p) {
  const double aspect = (p.y1 - p.y0) / (p.x1 - p.x0);
  const int label_text = static_cast<int>(cap_height(size.label));
  const int most_height = static_cast<int>(1.05 * width), least = size.px(36.0),
            least_stretched = size.px(150.0);
  // Room at the left depends on the widths of labels, these on the ticks, and the ticks on the field's
  // height.
  int y_labels = size.px(45.0), value_labels = size.px(45.0);
  for (int pass = 0; pass < 4; ++pass) {
    const int left =
        size.margin + label_text + size.px(12.0) + y_labels + size.gap + size.tick_length + size.line;
    const int scale_room = size.px(30.0) + size.px(26.0) + size.line + size.tick_length + size.gap +
                           value_labels + size.px(14.0) + label_text + size.margin;
    const int half_label = static_cast<int>(widest(x.labels.text, size.tick) / 2.0) + 1;
    const int right = upright ? scale_room : size.line + std::max(size.margin, half_label + size.px(14.0));
    const int room = width - left - right;
    double w = room, h = room * aspect;
    if (h > most_height) {
      h = most_height;
      w = most_height / aspect;
    }
    stretch = 1.0;
    if (w < least || h < least) {
      (w < h ? w : h) = least_stretched;
      stretch = h / w / aspect;
    }
    field = {left, 0, std::max(1, static_cast<int>(std::lround(w))),
             std::max(1, static_cast<int>(std::lround(h)))};
    centred = field.width < room * 2 / 3;
    field.x += std::max(0, room - field.width) / 2;
    if (pass == 0 && field.height < size.px(330.0)) {
      upright = false;  // a scale beside a flat field has no room for its numbers: it lies under the field
      continue;
    }
    const double lx = p.x1 - p.x0, ly = p.y1 - p.y0;
    along_x = length_unit(stretch == 1.0 ? std::max(lx, ly) : lx);
    along_y = length_unit(stretch == 1.0 ? std::max(lx, ly) : ly);
    x = make_axis(p.x0 / along_x.metres, p.x1 / along_x.metres, field.width, true, size.tick);
    y = make_axis(p.y0 / along_y.metres, p.y1 / along_y.metres, field.height, false, size.tick);
    value = make_axis(value.low, value.high, upright ? field.height : field.width, !upright, size.tick);
    value.minor.clear();  // its colours are marks enough
    y_labels = static_cast<int>(widest(y.labels.text, size.tick));
    value_labels = upright ? value_label_extent() : 0;
  }
}

Layout::Layout(const Picture& p, const Extremes& found, double low, double high, bool isolines_wanted,
               bool too_many_outlines)
    : size{p.width}, width{p.width}, x_name{p.x_name}, y_name{p.y_name} {
  value.low = low;
  value.high = high;
  place_field(p);

  int down = size.margin;
  const double room = width - 2.0 * size.margin;
  if (!p.title.empty()) {
    title = fitted(p.title, size.title, centred ? room : width - size.margin - field.x);
    title_y = down + static_cast<int>(cap_height(size.title));
    down = title_y + size.px(13.0);
  }
  if (!p.subtitle.empty()) {
    subtitle = fitted(p.subtitle, size.subtitle, centred ? room : width - size.margin - field.x);
    subtitle_y = down + static_cast<int>(cap_height(size.subtitle)) + (p.title.empty() ? 0 : size.px(2.0));
    down = subtitle_y + size.px(13.0);
  }
  field.y = down + size.px(8.0) + size.line;
  const int tip = size.px(18.0);  // pointed end of a scale that the field goes beyond
  below = found.any() && found.least < low;
  above = found.any() && found.greatest > high;
  down = field.bottom() + size.under_frame(cap_height(size.tick));
  if (upright) {
    scale = {field.right() + size.px(30.0), field.y, size.px(26.0), field.height};
    if (above) scale.y += tip;
    scale.height -= (above ? tip : 0) + (below ? tip : 0);
  } else {
    scale = {field.x, down + size.px(26.0), field.width, size.px(24.0)};
    if (below) scale.x += tip;
    scale.width -= (above ? tip : 0) + (below ? tip : 0);
    down = scale.bottom() + size.under_frame(cap_height(size.tick));
  }

  std::vector<std::string> parts{fmt::format("{} \u00d7 {} {}cells", p.nx, p.ny,
                                             p.x_faces.empty() && p.y_faces.empty() ? "" : "unequal ")};
  if (!found.any())
    parts.push_back("no cell has a value");
  else if (found.least == found.greatest)
    parts.push_back(fmt::format("everywhere {}", with_unit(found.least, p.unit)));
  else {
    const int digits = digits_apart(found.least, found.greatest);
    parts.push_back(fmt::format("min {}", with_unit(found.least, p.unit, digits)));
    parts.push_back(fmt::format("max {}", with_unit(found.greatest, p.unit, digits)));
  }
  if (isolines_wanted && value.ticks.at.size() > 1)
    parts.push_back(fmt::format("isolines every {}", with_unit(value.ticks.step, p.unit)));
  if (too_many_outlines) parts.emplace_back("too many regions to outline");
  if (stretch != 1.0)
    parts.push_back(fmt::format("not to scale: {} stretched {} times", stretch > 1.0 ? y_name : x_name,
                                number_text(std::max(stretch, 1.0 / stretch), 3)));
  footer = wrapped(parts, size.footer, centred ? room : width - size.margin - field.x);
  footer_y = down + size.px(26.0) + static_cast<int>(cap_height(size.footer));
  down = footer_y + size.line_height(size.footer) * (static_cast<int>(footer.size()) - 1);
  missing = found.missing > 0;
  if (missing) {
    missing_text = fmt::format("{} ({} {})", p.holes ? "hole" : "hole, or not a number", found.missing,
                               found.missing == 1 ? "cell" : "cells");
    missing_y = down + size.line_height(size.footer) + size.px(4.0);
    down = missing_y;
  }
  height = down + size.margin;
}

// ----------------------------------------------------------------------------------------------------------
// Drawing

/// Isolines and the marks for them on the scale: dark on light colours, light on dark ones.
struct LineLook {
  Colour colour;
  double opacity;
};
LineLook line_look(const OkLab& under) {
  return under.L < 0.6 ? LineLook{{255, 255, 255}, 0.55} : LineLook{{0, 0, 0}, 0.42};
}

/// A colour map.
struct Map {
  Colour (*colour)(double t);
  OkLab (*path)(double t);
};
constexpr Map heat_map{heat_colour, heat_path}, sign_map{sign_colour, sign_path};

// Thin dark lines in a light halo, which show on any colour of the maps.
constexpr Colour edge{24, 24, 28}, halo{255, 255, 255};
constexpr double edge_width = 1.3, halo_width = 3.4, halo_opacity = 0.65;  // widths at 1200 pixels

/// The pieces of a line, m, that lie inside the domain, as shares of it, y up. What runs along the domain's
/// own edge is left out: the frame is drawn there.
std::vector<Polyline> inside(const Polyline& line, const Picture& p) {
  const double lx = p.x1 - p.x0, ly = p.y1 - p.y0;
  constexpr double close = 1e-9;
  std::vector<Polyline> pieces;
  for (std::size_t k = 1; k < line.size(); ++k) {
    const Point a{(line[k - 1].x - p.x0) / lx, (line[k - 1].y - p.y0) / ly},
        b{(line[k].x - p.x0) / lx, (line[k].y - p.y0) / ly};
    // Liang and Barsky (1984): what of the segment a + t (b - a) all four sides leave.
    double from = 0.0, to = 1.0;
    bool there = true;
    for (const auto& [start, step] : {std::pair{a.x, b.x - a.x}, std::pair{a.y, b.y - a.y}}) {
      if (step == 0.0) {
        there = there && start > close && start < 1.0 - close;
        continue;
      }
      const double at_low = -start / step, at_high = (1.0 - start) / step;
      from = std::max(from, std::min(at_low, at_high));
      to = std::min(to, std::max(at_low, at_high));
    }
    if (!there || !(from < to)) continue;
    const auto at = [&](double t) {
      return t == 1.0 ? b : Point{a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
    };
    const bool goes_on = !pieces.empty() && pieces.back().back().x == a.x && pieces.back().back().y == a.y;
    if (from > 0.0 || !goes_on) pieces.push_back({at(from)});
    pieces.back().push_back(at(to));
  }
  return pieces;
}

class Painter {
 public:
  Painter(Canvas& canvas, const Layout& layout, const Map& map)
      : canvas_{canvas}, l_{layout}, s_{layout.size}, map_{map} {}

  void axes() {
    const Rect& f = l_.field;
    canvas_.frame(f, s_.line, ink);
    draw_ticks_below(canvas_, s_, l_.x, f);
    draw_ticks_left(canvas_, s_, l_.y, f);
    canvas_.text(f.x + f.width / 2.0, label_below(f), axis_title(l_.x_name, l_.along_x.name, l_.x.labels),
                 {s_.label, ink, false, Align::centre, false});
    const double left =
        f.x - s_.line - s_.tick_length - s_.gap - widest(l_.y.labels.text, s_.tick) - s_.px(12.0);
    draw_beside(canvas_, s_, left, f, axis_title(l_.y_name, l_.along_y.name, l_.y.labels));
  }

  void scale(const std::string& quantity, const std::string& unit, bool lines) {
    const Rect& b = l_.scale;
    draw_scale(canvas_, b, l_.upright, map_.colour);
    if (lines)
      for (const double v : l_.value.ticks.at) {
        const double t = l_.value.place(v);
        if (!(t > 0.0 && t < 1.0)) continue;
        const LineLook look = line_look(map_.path(t));
        const double at =
            (l_.upright ? tick_row(s_, l_.value, v, b) : tick_column(s_, l_.value, v, b)) + s_.line / 2.0;
        const Polyline line = l_.upright ? Polyline{{double(b.x), at}, {double(b.right()), at}}
                                         : Polyline{{at, double(b.y)}, {at, double(b.bottom())}};
        canvas_.stroke({line}, s_.line, look.colour, look.opacity);
      }
    canvas_.frame(b, s_.line, ink);
    if (l_.below) tip(false);
    if (l_.above) tip(true);
    const std::string title = axis_title(quantity, unit, l_.value.labels);
    if (!l_.upright) {
      draw_ticks_below(canvas_, s_, l_.value, b);
      const double centre = l_.field.x + l_.field.width / 2.0;
      const double room = 2.0 * (std::min(centre, l_.width - centre) - s_.margin);
      canvas_.text(centre, label_below(b), fitted(title, s_.label, room),
                   {s_.label, ink, false, Align::centre, false});
      return;
    }
    draw_ticks_right(canvas_, s_, l_.value, b, l_.value_label_extent());
    const double labels_end = b.right() + s_.line + s_.tick_length + s_.gap + l_.value_label_extent();
    draw_beside(canvas_, s_, labels_end + s_.px(14.0) + cap_height(s_.label), l_.field, title);
  }

  void words(bool holes) {
    const Align align = l_.text_align();
    canvas_.text(l_.text_x(), l_.title_y, l_.title, {s_.title, ink, true, align, false});
    canvas_.text(l_.text_x(), l_.subtitle_y, l_.subtitle, {s_.subtitle, faint, false, align, false});
    int y = l_.footer_y;
    for (const std::string& line : l_.footer) {
      canvas_.text(l_.text_x(), y, line, {s_.footer, faint, false, align, false});
      y += s_.line_height(s_.footer);
    }
    if (!l_.missing) return;
    const int box = static_cast<int>(cap_height(s_.footer)), gap = s_.px(9.0);
    const int all = box + gap + static_cast<int>(text_width(l_.missing_text, s_.footer));
    const int x = l_.centred ? l_.text_x() - all / 2 : l_.text_x();
    const Rect sample{x, l_.missing_y - box, box, box};
    canvas_.fill(sample, holes ? paper : no_value);
    if (holes) canvas_.frame(sample, 1, faint);
    canvas_.text(x + box + gap, l_.missing_y, l_.missing_text, {s_.footer, faint, false, Align::left, false});
  }

 private:
  int label_below(const Rect& r) const { return r.bottom() + s_.under_frame(cap_height(s_.tick)); }

  /// The pointed end that says: the field goes on beyond this colour.
  void tip(bool high) {
    const Rect& b = l_.scale;
    const double t = s_.px(16.0), line = s_.line;
    Polyline corners;
    if (l_.upright) {
      const double base = high ? b.y - line : b.bottom() + line, point = high ? base - t : base + t;
      corners = {{b.x - line, base}, {b.right() + line, base}, {b.x + b.width / 2.0, point}};
    } else {
      const double base = high ? b.right() + line : b.x - line, point = high ? base + t : base - t;
      corners = {{base, b.y - line}, {base, b.bottom() + line}, {point, b.y + b.height / 2.0}};
    }
    canvas_.fill(corners, map_.colour(high ? 1.0 : 0.0));
    canvas_.stroke({{corners[0], corners[2], corners[1]}}, line, ink);
  }

  Canvas& canvas_;
  const Layout& l_;
  const PlotSizes& s_;
  const Map& map_;
};

void check(const Picture& p) {
  check_picture_width(p.width);
  for (const auto& limit : {p.vmin, p.vmax})
    if (limit && !std::isfinite(*limit))
      throw Error{Exit::usage, fmt::format("the colour scale cannot end at {}: give a number", *limit)};
  if (p.vmin && p.vmax && !(*p.vmin < *p.vmax))
    throw Error{
        Exit::usage,
        fmt::format("the colour scale cannot run from {} to {}: its lower end must be below its upper end",
                    *p.vmin, *p.vmax)};
  const bool there = std::visit([](const auto* values) { return values != nullptr; }, p.values);
  if (p.nx < 1 || p.ny < 1 || !there)
    throw Error{Exit::bad_data,
                fmt::format("there is nothing to draw: the field has {} x {} cells", p.nx, p.ny)};
  const double lx = p.x1 - p.x0, ly = p.y1 - p.y0;
  if (!(lx > 0.0 && ly > 0.0 && std::isfinite(lx) && std::isfinite(ly)))
    throw Error{Exit::bad_data,
                fmt::format("there is nothing to draw: the domain is x from {} to {} m, y from {} to {} m",
                            p.x0, p.x1, p.y0, p.y1)};
}

/// The ends of the colour scale: as asked for, else those of the field; never equal.
std::pair<double, double> value_range(const Picture& p, const Extremes& found) {
  if (p.diverging) {
    const double most = std::max(std::fabs(p.vmin.value_or(found.any() ? found.least : 0.0)),
                                 std::fabs(p.vmax.value_or(found.any() ? found.greatest : 0.0)));
    return most > 0.0 ? std::pair{-most, most} : std::pair{-1.0, 1.0};
  }
  double low = p.vmin.value_or(found.any() ? found.least : p.vmax.value_or(1.0) - 1.0);
  double high = p.vmax.value_or(found.any() ? found.greatest : low + 1.0);
  const double size = std::max(std::fabs(low), std::fabs(high));
  if (high - low > 64.0 * std::numeric_limits<double>::epsilon() * size) return {low, high};
  // One value, or less apart than the last digits of it: room around it, on the side that was left open.
  const double room = room_around(size);
  if (p.vmin && p.vmax) return {low, high};
  if (p.vmin) return {low, low + 2.0 * room};
  if (p.vmax) return {high - 2.0 * room, high};
  return {low - room, high + room};
}

// ----------------------------------------------------------------------------------------------------------
// The field and the lines on it

/// A field on pixels, the first row at the bottom; NaN: no value.
struct PixelField {
  int width, height;
  std::vector<double> values;
};

PixelField on_pixels(const Picture& p, int width, int height, Between across, Between up) {
  const Gather columns = gather(p.nx, width, across, p.x_faces), rows = gather(p.ny, height, up, p.y_faces);
  return {width, height,
          std::visit([&](const auto* v) { return resample(v, p.nx, columns, rows); }, p.values)};
}

/// The lines of one value.
struct Isolines {
  double level;
  std::vector<Polyline> lines;  // pixels from the field's lower left corner, y up
};

/// Isolines at those of `levels` that the field takes; none where they would hide it.
std::vector<Isolines> isolines_of(const PixelField& smooth, const std::vector<double>& levels,
                                  const Extremes& found) {
  std::vector<Isolines> isolines;
  const int w = smooth.width, h = smooth.height;
  std::size_t pieces = 0;
  for (const double level : levels) {
    if (!(level > found.least && level < found.greatest)) continue;
    isolines.push_back({level, isoline(smooth.values, w, h, level)});
    for (const Polyline& line : isolines.back().lines) pieces += line.size() - 1;
  }
  // Lines in more than every eighth pixel would hide a field rather than explain it.
  if (pieces > std::size_t(w) * std::size_t(h) / 8 + 4 * std::size_t(w + h)) isolines.clear();
  std::erase_if(isolines, [](const Isolines& each) { return each.lines.empty(); });
  return isolines;
}

/// The outlines inside the domain, as shares of it, y up.
std::vector<Polyline> edges_of(const Picture& p) {
  std::vector<Polyline> edges;
  for (const Polyline& line : p.outlines)
    for (Polyline& piece : inside(line, p)) edges.push_back(std::move(piece));
  return edges;
}

/// As with isolines: whether so many edges would hide the field.
bool too_many(const std::vector<Polyline>& edges, int width, int height) {
  double length = 0.0;  // pixels
  for (const Polyline& piece : edges)
    for (std::size_t k = 1; k < piece.size(); ++k)
      length += std::hypot((piece[k].x - piece[k - 1].x) * width, (piece[k].y - piece[k - 1].y) * height);
  return length > double(width) * height / 8.0 + 4.0 * (width + height);
}

/// @param empty  the colour of pixels without a value
Image coloured(const PixelField& field, const Map& map, double low, double high, Colour empty) {
  const int w = field.width, h = field.height;
  Image colours{w, h, empty};
  for (int j = 0; j < h; ++j)
    for (int i = 0; i < w; ++i) {
      const double v = field.values[std::size_t(j) * std::size_t(w) + std::size_t(i)];
      if (!std::isnan(v)) colours.at(i, h - 1 - j) = map.colour((v - low) / (high - low));
    }
  return colours;
}

void draw_isolines(Plot& plot, const Layout& layout, const Map& map, std::vector<Isolines> isolines) {
  const Rect& f = layout.field;
  for (auto& [level, curves] : isolines) {
    for (Polyline& line : curves)
      for (Point& at : line) at = {f.x + at.x, f.bottom() - at.y};
    const LineLook look = line_look(map.path(layout.value.place(level)));
    plot.canvas.stroke(curves, 1.3 * layout.size.unit, look.colour, look.opacity);
    plot.levels.push_back(level);
  }
}

/// @param edges  as edges_of() has them
void draw_edges(Plot& plot, const Layout& layout, std::vector<Polyline> edges) {
  const Rect& f = layout.field;
  for (Polyline& piece : edges)
    for (Point& at : piece) at = {f.x + at.x * f.width, f.bottom() - at.y * f.height};
  plot.canvas.stroke(edges, std::max(2.6, halo_width * layout.size.unit), halo, halo_opacity);
  plot.canvas.stroke(edges, std::max(1.0, edge_width * layout.size.unit), edge);
  plot.outlines = edges.size();
}

}  // namespace

Ticks nice_ticks(double low, double high, int intervals) {
  Ticks ticks;
  const double span = high - low;
  if (!(span > 1e-290) || !std::isfinite(span)) return ticks;
  int power = static_cast<int>(std::floor(std::log10(span / std::max(intervals, 1)))) - 1;
  static constexpr std::array<int, 3> mantissas{1, 2, 5};
  std::size_t m = 0;
  const auto step_of = [&](std::size_t k, int p) { return mantissas[k] * std::pow(10.0, p); };
  const auto list = [&] {
    ticks.step = step_of(m, power);
    ticks.at.clear();
    // Ticks are whole multiples of the step, so that zero is zero; an end counts in spite of its last bits.
    const double first = std::ceil(low / ticks.step - 1e-9), last = std::floor(high / ticks.step + 1e-9);
    if (!(std::fabs(first) < 9e15 && std::fabs(last) < 9e15)) return;
    for (double k = first; k <= last; ++k) {
      // Dividing by a whole power of ten is exact to the last bit: 3 * 0.1 is not 0.3.
      const double whole = k * mantissas[m];
      ticks.at.push_back(whole == 0.0 ? 0.0
                         : power < 0  ? whole / std::pow(10.0, -power)
                                      : whole * std::pow(10.0, power));
    }
  };
  while (span / step_of(m, power) > intervals * (1.0 + 1e-9)) {
    m = (m + 1) % mantissas.size();
    if (m == 0) ++power;
  }
  list();
  for (int tries = 0; ticks.at.size() < 2 && tries < 2; ++tries) {
    m = (m + mantissas.size() - 1) % mantissas.size();
    if (m == mantissas.size() - 1) --power;
    list();
  }
  return ticks;
}

TickLabels label_ticks(const Ticks& ticks) {
  TickLabels labels;
  if (ticks.at.empty()) return labels;
  const auto largest = [&] {
    double most = 0.0;
    for (const double v : ticks.at) most = std::max(most, std::fabs(v - labels.offset));
    return most;
  };
  constexpr int longest = 7;  // digits of a label
  const double step_power = std::floor(std::log10(ticks.step) + 1e-9);
  if (largest() > 0.0 && std::floor(std::log10(largest())) - step_power >= longest) {
    const double round =
        std::pow(10.0, std::ceil(std::log10(ticks.at.back() - ticks.at.front() + ticks.step)));
    labels.offset = std::floor(ticks.at.front() / round) * round;
  }
  const double most = largest();
  if (most > 0.0 && (most >= 1e5 || most < 1e-2))
    labels.exponent = 3 * static_cast<int>(std::floor(std::floor(std::log10(most) + 1e-9) / 3.0));
  const int decimals = std::max(0, labels.exponent - static_cast<int>(step_power));
  for (const double v : ticks.at) {
    const double shown = (v - labels.offset) / std::pow(10.0, labels.exponent);
    std::string text = fmt::format("{:.{}f}", std::fabs(shown), decimals);
    if (shown < 0.0 && text.find_first_not_of("0.") != std::string::npos) text.insert(0, "\u2212");
    labels.text.push_back(text);
  }
  return labels;
}

Plot render(const Picture& p) {
  check(p);
  const Extremes found =
      std::visit([&](const auto* v) { return extremes(v, std::int64_t{p.nx} * p.ny); }, p.values);
  const auto [low, high] = value_range(p, found);
  const bool varies =
      found.any() && found.greatest - found.least > 1e-12 * std::max(std::fabs(low), std::fabs(high));

  bool lines = p.isolines && varies;
  Layout layout{p, found, low, high, lines};
  const int w = layout.field.width, h = layout.field.height;
  const auto shown = [](int cells) { return cells < crisp_below ? Between::cells : Between::smooth; };
  const PixelField field = on_pixels(p, w, h, shown(p.nx), shown(p.ny));

  std::vector<Isolines> isolines;
  if (lines) {
    const PixelField smooth = on_pixels(p, w, h, Between::smooth_to_the_wall, Between::smooth_to_the_wall);
    isolines = isolines_of(smooth, layout.value.ticks.at, found);
    if (isolines.empty()) {
      lines = false;
      layout = Layout{p, found, low, high, false};
    }
  }

  std::vector<Polyline> edges = edges_of(p);
  if (too_many(edges, w, h)) {
    edges.clear();
    layout = Layout{p, found, low, high, lines, true};
  }

  Plot plot{Canvas{layout.width, layout.height, paper},
            layout.field,
            layout.scale,
            layout.upright,
            low,
            high,
            {},
            0,
            layout.stretch};
  const Map& map = p.diverging ? sign_map : heat_map;
  plot.canvas.place(layout.field.x, layout.field.y,
                    coloured(field, map, low, high, p.holes ? paper : no_value));
  draw_isolines(plot, layout, map, std::move(isolines));
  draw_edges(plot, layout, std::move(edges));
  Painter painter{plot.canvas, layout, map};
  painter.axes();
  painter.scale(p.quantity, p.unit, lines);
  painter.words(p.holes);

  return plot;
}

void draw(const Picture& picture, const std::string& path) {
  picture_format(path);  // a name that will not do is told before the work
  write_picture(render(picture).canvas, path);
}

}  // namespace calor::app
