// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace calor {
namespace {

double distance_to_segment(double x, double y, const Point& p, const Point& q) {
  const double dx = q.x - p.x, dy = q.y - p.y, length2 = dx * dx + dy * dy;
  const double along =
      length2 > 0.0 ? std::clamp(((x - p.x) * dx + (y - p.y) * dy) / length2, 0.0, 1.0) : 0.0;
  return std::hypot(x - p.x - along * dx, y - p.y - along * dy);
}

/// The pixels within `reach` of all points, cut to the picture.
Rect bounds(const std::vector<Polyline>& lines, double reach, const Image& image) {
  double x0 = std::numeric_limits<double>::infinity(), y0 = x0, x1 = -x0, y1 = -x0;
  for (const Polyline& line : lines)
    for (const Point& p : line) {
      x0 = std::min(x0, p.x);
      x1 = std::max(x1, p.x);
      y0 = std::min(y0, p.y);
      y1 = std::max(y1, p.y);
    }
  if (!(x0 <= x1 && y0 <= y1)) return {};
  const auto pixel = [](double v, int limit) {
    return static_cast<int>(std::clamp(std::floor(v), 0.0, double(limit)));
  };
  const int left = pixel(x0 - reach, image.width), top = pixel(y0 - reach, image.height);
  return {left, top, pixel(x1 + reach + 1.0, image.width) - left,
          pixel(y1 + reach + 1.0, image.height) - top};
}

}  // namespace

void Canvas::blend(int x, int y, Colour colour, double share) {
  Colour& pixel = image_.at(x, y);
  const auto mix = [share](std::uint8_t below, std::uint8_t above) {
    return static_cast<std::uint8_t>(std::lround(below + share * (double(above) - below)));
  };
  pixel = {mix(pixel.r, colour.r), mix(pixel.g, colour.g), mix(pixel.b, colour.b)};
}

void Canvas::set(int x, int y, Colour colour) {
  if (x >= 0 && x < image_.width && y >= 0 && y < image_.height) image_.at(x, y) = colour;
}

void Canvas::fill(const Rect& area, Colour colour) {
  const int x0 = std::max(area.x, 0), x1 = std::min(area.right(), image_.width);
  const int y0 = std::max(area.y, 0), y1 = std::min(area.bottom(), image_.height);
  for (int y = y0; y < y1; ++y)
    for (int x = x0; x < x1; ++x) image_.at(x, y) = colour;
}

void Canvas::frame(const Rect& area, int thickness, Colour colour) {
  const int t = thickness, wide = area.width + 2 * t;
  fill(Rect{area.x - t, area.y - t, wide, t}, colour);
  fill(Rect{area.x - t, area.bottom(), wide, t}, colour);
  fill(Rect{area.x - t, area.y, t, area.height}, colour);
  fill(Rect{area.right(), area.y, t, area.height}, colour);
}

void Canvas::fill(const Polyline& corners, Colour colour) {
  const std::size_t n = corners.size();
  double area = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    const Point &p = corners[k], &q = corners[(k + 1) % n];
    area += p.x * q.y - p.y * q.x;
  }
  if (area == 0.0) return;
  const double side = area > 0.0 ? 1.0 : -1.0;
  const Rect box = bounds({corners}, 1.0, image_);
  for (int y = box.y; y < box.bottom(); ++y)
    for (int x = box.x; x < box.right(); ++x) {
      double inside = 1.0;
      for (std::size_t k = 0; k < n; ++k) {
        const Point &p = corners[k], &q = corners[(k + 1) % n];
        const double dx = q.x - p.x, dy = q.y - p.y, length = std::hypot(dx, dy);
        if (length == 0.0) continue;
        const double depth = side * (dx * (y + 0.5 - p.y) - dy * (x + 0.5 - p.x)) / length;
        inside = std::min(inside, depth + 0.5);
      }
      if (inside > 0.0) blend(x, y, colour, inside);
    }
}

void Canvas::stroke(const std::vector<Polyline>& lines, double width, Colour colour, double opacity) {
  const double half = width / 2.0, reach = half + 0.5;
  const Rect box = bounds(lines, reach, image_);
  if (box.width <= 0 || box.height <= 0) return;
  // How much of each pixel the pen covers: by its centre's distance from the nearest line.
  std::vector<float> cover(std::size_t(box.width) * std::size_t(box.height), 0.0f);
  const auto draw = [&](const Point& p, const Point& q) {
    const auto column = [&](double x) {
      return static_cast<int>(std::clamp(std::floor(x) - box.x, 0.0, double(box.width)));
    };
    const auto row = [&](double y) {
      return static_cast<int>(std::clamp(std::floor(y) - box.y, 0.0, double(box.height)));
    };
    const int x0 = column(std::min(p.x, q.x) - reach), x1 = column(std::max(p.x, q.x) + reach + 1.0);
    const int y0 = row(std::min(p.y, q.y) - reach), y1 = row(std::max(p.y, q.y) + reach + 1.0);
    for (int y = y0; y < y1; ++y)
      for (int x = x0; x < x1; ++x) {
        const double gap = distance_to_segment(box.x + x + 0.5, box.y + y + 0.5, p, q);
        // A pen thinner than a pixel covers no more than its width.
        const double share = std::min({half - gap + 0.5, 1.0, width});
        float& here = cover[std::size_t(y) * std::size_t(box.width) + std::size_t(x)];
        here = std::max(here, static_cast<float>(share));
      }
  };
  for (const Polyline& line : lines) {
    if (line.size() == 1) draw(line[0], line[0]);
    for (std::size_t k = 0; k + 1 < line.size(); ++k) draw(line[k], line[k + 1]);
  }
  for (int y = 0; y < box.height; ++y)
    for (int x = 0; x < box.width; ++x) {
      const float share = cover[std::size_t(y) * std::size_t(box.width) + std::size_t(x)];
      if (share > 0.0f) blend(box.x + x, box.y + y, colour, opacity * double(share));
    }
}

void Canvas::text(double x, double y, std::string_view utf8, const TextStyle& style) {
  TextShape shape = shape_text(utf8, style.size);
  double start = 0.0;
  if (style.align == Align::centre) start = -std::floor(shape.advance / 2.0);
  if (style.align == Align::right) start = -shape.advance;
  // Letters are shaped on whole pixels; half a pixel more puts their strokes on pixel centres.
  const double ox = std::round(x) + 0.5, oy = std::round(y) - 0.5;
  for (Polyline& stroke : shape.strokes)
    for (Point& p : stroke) {
      const double along = start + p.x;
      p = style.upwards ? Point{ox - 1.0 - p.y, oy - along} : Point{ox + along, oy - p.y};
    }
  this->stroke(shape.strokes, pen_width(style.size, style.bold), style.colour);
}

}  // namespace calor
