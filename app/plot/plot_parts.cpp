// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/plot_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/text/units.hpp"
#include "decomposition/error.hpp"

namespace calor::app {
namespace {

int most_intervals(double pixels, bool along, double size) {
  return std::clamp(static_cast<int>(pixels / (along ? 4.5 * size : 3.2 * size)), 2, 10);
}

/// How far apart ticks with these labels must be, pixels.
double room_of_label(const TickLabels& labels, bool along, double size) {
  return along ? widest(labels.text, size) + 1.1 * size : 1.5 * size;
}

/// The places between labelled ticks that get a short one: fifths of 1 and 5, quarters of 2.
std::vector<double> between_ticks(const PlotAxis& axis) {
  std::vector<double> at;
  if (axis.ticks.at.size() < 2) return at;
  const double mantissa = axis.ticks.step / std::pow(10.0, std::floor(std::log10(axis.ticks.step) + 1e-9));
  const int parts = std::lround(mantissa) == 2 ? 4 : 5;
  const double step = axis.ticks.step / parts, slack = 1e-9 * (axis.high - axis.low);
  for (int k = -parts; k < parts * static_cast<int>(axis.ticks.at.size()); ++k) {
    const double v = axis.ticks.at.front() + k * step;
    if (k % parts != 0 && v >= axis.low - slack && v <= axis.high + slack) at.push_back(v);
  }
  return at;
}

/// Pixel whose middle third a tick's line starts at.
int tick_pixel(double from, double extent, double place, int line) {
  return static_cast<int>(std::lround(from + place * extent - line / 2.0));
}

/// From a line's first pixel to the baseline of figures that it points to the middle of.
int to_baseline(const PlotSizes& size) {
  return static_cast<int>(std::lround((cap_height(size.tick) + size.line) / 2.0));
}

/// m * 10^k in [low, high] for the mantissas m and all k that are multiples of `every`.
std::vector<double> powers_of_ten(double low, double high, const std::vector<int>& mantissas, int every) {
  std::vector<double> at;
  const double slack = 1e-9;
  const int first = static_cast<int>(std::floor(std::log10(low))),
            last = static_cast<int>(std::ceil(std::log10(high)));
  for (int k = first; k <= last; ++k) {
    if (k % every != 0) continue;
    for (const int m : mantissas) {
      // Dividing by a whole power of ten is exact to the last bit: 3 * 0.1 is not 0.3.
      const double v = k < 0 ? m / std::pow(10.0, -k) : m * std::pow(10.0, k);
      if (v >= low * (1.0 - slack) && v <= high * (1.0 + slack)) at.push_back(v);
    }
  }
  return at;
}

/// Plain numbers where all are short, else powers of ten.
TickLabels label_powers(const std::vector<double>& at) {
  TickLabels labels;
  const bool plain = at.front() > 0.9e-3 && at.back() < 1.1e4;
  for (const double v : at) {
    const int power = static_cast<int>(std::floor(std::log10(v) + 1e-9));
    const int mantissa = static_cast<int>(std::lround(v / std::pow(10.0, power)));
    labels.text.push_back(plain           ? number_text(v)
                          : mantissa == 1 ? power_of_ten_text(power)
                                          : fmt::format("{}\u00b7{}", mantissa, power_of_ten_text(power)));
  }
  return labels;
}

}  // namespace

void check_picture_width(int width) {
  if (width < Picture::least_width || width > Picture::most_width)
    throw Error{Exit::usage, fmt::format("a picture can be {} to {} pixels wide, not {}",
                                         Picture::least_width, Picture::most_width, width)};
}

double room_around(double value) {
  const double size = std::fabs(value);
  return size >= 0.1 && size <= 1e4 ? 0.5 : size > 0.0 ? 0.1 * size : 0.5;
}

int digits_apart(double low, double high) {
  if (!(low < high)) return 6;
  const double ratio = std::max(std::fabs(low), std::fabs(high)) / (high - low);
  return std::clamp(3 + static_cast<int>(std::ceil(std::log10(ratio))), 6, 15);
}

PlotSizes::PlotSizes(int width)
    // Small pictures keep their letters readable rather than in proportion.
    : unit{std::max(width / 1200.0, 0.62)},
      title{std::round(27.0 * unit)},
      subtitle{std::round(20.0 * unit)},
      label{std::round(21.0 * unit)},
      tick{std::round(18.5 * unit)},
      footer{std::round(17.0 * unit)},
      margin{px(24.0)},
      tick_length{px(8.0)},
      gap{px(8.0)},
      line{px(1.4)} {}

int PlotSizes::px(double at_1200) const { return std::max(1, static_cast<int>(std::lround(at_1200 * unit))); }

int PlotSizes::line_height(double text) const { return static_cast<int>(std::lround(1.45 * text)); }

int PlotSizes::under_frame(double labels) const {
  return line + tick_length + gap + static_cast<int>(labels) + px(14.0) + static_cast<int>(cap_height(label));
}

std::string with_unit(double value, const std::string& unit, int digits) {
  return unit.empty() ? number_text(value, digits) : number_text(value, digits) + " " + unit;
}

std::string axis_title(const std::string& quantity, const std::string& unit, const TickLabels& labels) {
  std::string text = quantity;
  if (labels.offset != 0.0) {
    const std::string size = fmt::format("{:.15g}", std::fabs(labels.offset));
    text +=
        fmt::format(" {} {}{}{}", labels.offset > 0.0 ? "\u2212" : "+", size, unit.empty() ? "" : " ", unit);
  }
  std::string factor = labels.exponent != 0 ? power_of_ten_text(labels.exponent) : "";
  if (!factor.empty() && !unit.empty()) factor += " ";
  if (!factor.empty() || !unit.empty()) text += fmt::format(" [{}{}]", factor, unit);
  return text;
}

double widest(const std::vector<std::string>& texts, double size) {
  double most = 0.0;
  for (const std::string& each : texts) most = std::max(most, text_width(each, size));
  return most;
}

std::string fitted(std::string text, double size, double room) {
  if (text_width(text, size) <= room) return text;
  while (!text.empty() && text_width(text + "\u2026", size) > room) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
    if (!text.empty()) text.pop_back();
  }
  return text + "\u2026";
}

std::vector<std::string> wrapped(const std::vector<std::string>& parts, double size, double room) {
  std::vector<std::string> lines;
  for (const std::string& part : parts) {
    const std::string longer = lines.empty() ? part : lines.back() + "  \u00b7  " + part;
    if (!lines.empty() && text_width(longer, size) <= room)
      lines.back() = longer;
    else
      lines.push_back(fitted(part, size, room));
  }
  return lines;
}

double PlotAxis::place(double value) const {
  // Differences of logarithms: the quotient of very large and very small numbers would overflow.
  if (logarithmic) return (std::log10(value) - std::log10(low)) / (std::log10(high) - std::log10(low));
  return (value - low) / (high - low);
}

PlotAxis make_axis(double low, double high, double pixels, bool along, double size) {
  PlotAxis axis;
  axis.low = low;
  axis.high = high;
  for (int intervals = most_intervals(pixels, along, size); intervals >= 2; --intervals) {
    axis.ticks = nice_ticks(low, high, intervals);
    axis.labels = label_ticks(axis.ticks);
    const double gap = axis.ticks.step / (high - low) * pixels;
    axis.minor = between_ticks(axis);
    if (gap >= room_of_label(axis.labels, along, size) || axis.ticks.at.size() < 2) return axis;
  }
  // Not even the fewest ticks fit: only the first and the last are named, or one.
  const bool both = pixels >= (along ? 2.2 * widest(axis.labels.text, size) : 2.0 * size);
  for (std::size_t k = both ? 1 : 0; k + 1 < axis.labels.text.size(); ++k) axis.labels.text[k].clear();
  return axis;
}

PlotAxis make_log_axis(double low, double high, double pixels, bool along, double size) {
  PlotAxis axis;
  axis.low = low;
  axis.high = high;
  axis.logarithmic = true;
  const int most = most_intervals(pixels, along, size);
  const auto fits = [&] {
    double least_gap = pixels;
    for (std::size_t k = 1; k < axis.ticks.at.size(); ++k)
      least_gap =
          std::min(least_gap, (axis.place(axis.ticks.at[k]) - axis.place(axis.ticks.at[k - 1])) * pixels);
    return least_gap >= room_of_label(axis.labels, along, size);
  };
  const auto take = [&](const std::vector<double>& at) {
    if (at.size() < 2) return false;
    axis.ticks.at = at;
    axis.labels = label_powers(at);
    return fits();
  };
  const std::vector<int> all{1, 2, 3, 4, 5, 6, 7, 8, 9};
  const std::vector<double> decades = powers_of_ten(low, high, {1}, 1);
  if (decades.size() < 4 && take(powers_of_ten(low, high, {1, 2, 5}, 1))) {
    axis.minor = powers_of_ten(low, high, all, 1);
    return axis;
  }
  // The last step leaves at least two of them in any case.
  const int n = static_cast<int>(decades.size());
  for (const int every : {1, 2, 3, 5, 10, 20, 50, 100, 200, std::max(1, n / 2)}) {
    if (n / every > std::max(most, 3) || !take(powers_of_ten(low, high, {1}, every))) continue;
    // Short ticks closer than this would be a grey bar.
    const double gap = pixels / (std::log10(high) - std::log10(low));
    if (gap > 2.0 * size && every == 1)
      axis.minor = powers_of_ten(low, high, all, 1);
    else if (gap > 0.4 * size)
      axis.minor = decades;
    return axis;
  }
  // Less than a decade: round numbers, the same apart.
  for (int intervals = most; intervals >= 2; --intervals) {
    axis.ticks = nice_ticks(low, high, intervals);
    axis.labels = label_ticks(axis.ticks);
    if (fits()) break;
  }
  axis.minor = between_ticks(axis);
  return axis;
}

void draw_ticks_below(Canvas& canvas, const PlotSizes& size, const PlotAxis& axis, const Rect& frame) {
  const int edge = frame.bottom() + size.line;
  for (const double v : axis.minor)
    canvas.fill(Rect{tick_column(size, axis, v, frame), edge, size.line, size.tick_length / 2}, ink);
  for (std::size_t k = 0; k < axis.ticks.at.size(); ++k) {
    const int x = tick_column(size, axis, axis.ticks.at[k], frame);
    canvas.fill(Rect{x, edge, size.line, size.tick_length}, ink);
    canvas.text(x + size.line / 2, edge + size.tick_length + size.gap + cap_height(size.tick),
                axis.labels.text[k], {size.tick, ink, false, Align::centre, false});
  }
}

void draw_ticks_left(Canvas& canvas, const PlotSizes& size, const PlotAxis& axis, const Rect& frame) {
  const int edge = frame.x - size.line;
  for (const double v : axis.minor)
    canvas.fill(
        Rect{edge - size.tick_length / 2, tick_row(size, axis, v, frame), size.tick_length / 2, size.line},
        ink);
  for (std::size_t k = 0; k < axis.ticks.at.size(); ++k) {
    const int y = tick_row(size, axis, axis.ticks.at[k], frame);
    canvas.fill(Rect{edge - size.tick_length, y, size.tick_length, size.line}, ink);
    canvas.text(edge - size.tick_length - size.gap, y + to_baseline(size), axis.labels.text[k],
                {size.tick, ink, false, Align::right, false});
  }
}

void draw_ticks_right(Canvas& canvas, const PlotSizes& size, const PlotAxis& axis, const Rect& frame,
                      int width) {
  const int edge = frame.right() + size.line;
  for (std::size_t k = 0; k < axis.ticks.at.size(); ++k) {
    const int y = tick_row(size, axis, axis.ticks.at[k], frame);
    canvas.fill(Rect{edge, y, size.tick_length, size.line}, ink);
    // Figures of a linear axis stand under each other; those of powers of ten have no such columns.
    const Align align = axis.logarithmic ? Align::left : Align::right;
    canvas.text(edge + size.tick_length + size.gap + (align == Align::right ? width : 0),
                y + to_baseline(size), axis.labels.text[k], {size.tick, ink, false, align, false});
  }
}

int tick_row(const PlotSizes& size, const PlotAxis& axis, double value, const Rect& frame) {
  return tick_pixel(frame.y, frame.height, 1.0 - axis.place(value), size.line);
}

int tick_column(const PlotSizes& size, const PlotAxis& axis, double value, const Rect& frame) {
  return tick_pixel(frame.x, frame.width, axis.place(value), size.line);
}

void draw_scale(Canvas& canvas, const Rect& area, bool upright, Colour (*colour)(double t)) {
  Image image{area.width, area.height, {}};
  for (int y = 0; y < area.height; ++y)
    for (int x = 0; x < area.width; ++x)
      image.at(x, y) = colour(upright ? (area.height - y - 0.5) / area.height : (x + 0.5) / area.width);
  canvas.place(area.x, area.y, image);
}

void draw_beside(Canvas& canvas, const PlotSizes& size, double x, const Rect& frame,
                 const std::string& text) {
  const int height = canvas.height();
  const std::string shown = fitted(text, size.label, height - 2.0 * size.margin);
  const double half = text_width(shown, size.label) / 2.0;
  const double y = std::clamp(frame.y + frame.height / 2.0, size.margin + half,
                              std::max(size.margin + half, height - size.margin - half));
  canvas.text(x, y, shown, {size.label, ink, false, Align::centre, true});
}

}  // namespace calor::app
