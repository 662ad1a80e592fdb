// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/canvas.hpp"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <exception>

#include "decomposition/error.hpp"

namespace calor::app {
namespace {

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw Error{Exit::internal, fmt::format("the picture could not be drawn: cairo says: {}",
                                            cairo_status_to_string(status))};
}

/// For cairo, which hands over a file piece by piece.
cairo_status_t append(void* closure, const unsigned char* bytes, unsigned length) {
  try {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(bytes), length);
  } catch (const std::exception&) {  // no room; a C library must not be unwound
    return CAIRO_STATUS_NO_MEMORY;
  }
  return CAIRO_STATUS_SUCCESS;
}

/// One row of pixels as cairo holds them: 0x00rrggbb in the machine's byte order.
std::uint32_t* row_of(cairo_surface_t* pixels, int y) {
  return reinterpret_cast<std::uint32_t*>(cairo_image_surface_get_data(pixels) +
                                          std::ptrdiff_t{y} * cairo_image_surface_get_stride(pixels));
}

}  // namespace

void Canvas::Release::operator()(_cairo* pen) const { cairo_destroy(pen); }
void Canvas::Release::operator()(_cairo_surface* surface) const { cairo_surface_destroy(surface); }

Canvas::Canvas(int width, int height, Colour background) : width_{width}, height_{height} {
  const cairo_rectangle_t extents{0.0, 0.0, double(width), double(height)};
  recording_.reset(cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &extents));
  pen_.reset(cairo_create(recording_.get()));
  cairo_set_line_cap(pen_.get(), CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(pen_.get(), CAIRO_LINE_JOIN_ROUND);
  use(background);
  cairo_paint(pen_.get());
}

void Canvas::use(Colour colour, double opacity) {
  cairo_set_source_rgba(pen_.get(), colour.r / 255.0, colour.g / 255.0, colour.b / 255.0, opacity);
}

void Canvas::fill(const Rect& area, Colour colour) {
  use(colour);
  cairo_rectangle(pen_.get(), area.x, area.y, area.width, area.height);
  cairo_fill(pen_.get());
}

void Canvas::frame(const Rect& area, int thickness, Colour colour) {
  const int t = thickness, wide = area.width + 2 * t;
  fill(Rect{area.x - t, area.y - t, wide, t}, colour);
  fill(Rect{area.x - t, area.bottom(), wide, t}, colour);
  fill(Rect{area.x - t, area.y, t, area.height}, colour);
  fill(Rect{area.right(), area.y, t, area.height}, colour);
}

void Canvas::fill(const Polyline& corners, Colour colour) {
  use(colour);
  for (const Point& p : corners) cairo_line_to(pen_.get(), p.x, p.y);
  cairo_fill(pen_.get());
}

void Canvas::stroke(const std::vector<Polyline>& lines, double width, Colour colour, double opacity) {
  use(colour, opacity);
  cairo_set_line_width(pen_.get(), width);
  for (const Polyline& line : lines) {
    cairo_new_sub_path(pen_.get());
    for (const Point& p : line) cairo_line_to(pen_.get(), p.x, p.y);
    if (line.size() == 1) cairo_close_path(pen_.get());
  }
  cairo_stroke(pen_.get());
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

void Canvas::place(int x, int y, const Image& image) {
  const Surface pixels{cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height)};
  check(cairo_surface_status(pixels.get()));
  cairo_surface_flush(pixels.get());
  for (int j = 0; j < image.height; ++j) {
    std::uint32_t* const row = row_of(pixels.get(), j);
    for (int i = 0; i < image.width; ++i) {
      const Colour c = image.at(i, j);
      row[i] = std::uint32_t{c.r} << 16 | std::uint32_t{c.g} << 8 | c.b;
    }
  }
  cairo_surface_mark_dirty(pixels.get());
  cairo_set_source_surface(pen_.get(), pixels.get(), x, y);
  cairo_pattern_set_filter(cairo_get_source(pen_.get()), CAIRO_FILTER_NEAREST);
  cairo_paint(pen_.get());
}

void Canvas::draw_on(_cairo_surface* surface) const {
  check(cairo_status(pen_.get()));
  const Pen pen{cairo_create(surface)};
  cairo_set_source_surface(pen.get(), recording_.get(), 0.0, 0.0);
  cairo_paint(pen.get());
  check(cairo_status(pen.get()));
}

Canvas::Surface Canvas::pixels() const {
  Surface pixels{cairo_image_surface_create(CAIRO_FORMAT_RGB24, width_, height_)};
  check(cairo_surface_status(pixels.get()));
  draw_on(pixels.get());
  cairo_surface_flush(pixels.get());
  return pixels;
}

Image Canvas::image() const {
  const Surface surface = pixels();
  Image image{width_, height_, {}};
  for (int j = 0; j < height_; ++j) {
    const std::uint32_t* const row = row_of(surface.get(), j);
    for (int i = 0; i < width_; ++i)
      image.at(i, j) = {static_cast<std::uint8_t>(row[i] >> 16), static_cast<std::uint8_t>(row[i] >> 8),
                        static_cast<std::uint8_t>(row[i])};
  }
  return image;
}

std::string_view mark_of(PictureFormat format) {
  switch (format) {
    case PictureFormat::png:
      return {"Software\0calor", 14};
    case PictureFormat::svg:
      return "<!-- drawn by calor -->";
    case PictureFormat::pdf:
      return "/Creator (calor)";
  }
  throw Error{Exit::internal, "a format of pictures without a mark"};
}

namespace {

/// A chunk tEXt behind the first chunk, IHDR, as the PNG specification has them: length, type, data, CRC.
void mark_png(std::string& png) {
  constexpr std::size_t behind_head = 8 + 25;
  const auto big_endian = [](std::uint32_t v) {
    return std::string{static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
                       static_cast<char>(v)};
  };
  const std::string_view mark = mark_of(PictureFormat::png);
  const std::string body = "tEXt" + std::string{mark};
  const auto sum =
      ::crc32(0, reinterpret_cast<const unsigned char*>(body.data()), static_cast<unsigned>(body.size()));
  png.insert(std::min(behind_head, png.size()), big_endian(static_cast<std::uint32_t>(mark.size())) + body +
                                                    big_endian(static_cast<std::uint32_t>(sum)));
}

}  // namespace

std::string Canvas::encoded(PictureFormat format) const {
  std::string bytes;
  Surface page;
  switch (format) {
    case PictureFormat::png:
      check(cairo_surface_write_to_png_stream(pixels().get(), append, &bytes));
      mark_png(bytes);
      return bytes;
    case PictureFormat::svg:
      page.reset(cairo_svg_surface_create_for_stream(append, &bytes, width_, height_));
      cairo_svg_surface_set_document_unit(page.get(), CAIRO_SVG_UNIT_PX);
      break;
    case PictureFormat::pdf: {
      constexpr double points = 72.0 / 96.0;  // a pixel
      page.reset(cairo_pdf_surface_create_for_stream(append, &bytes, points * width_, points * height_));
      cairo_pdf_surface_restrict_to_version(page.get(), CAIRO_PDF_VERSION_1_4);  // the same by any cairo
      cairo_surface_set_device_scale(page.get(), points, points);
      cairo_pdf_surface_set_metadata(page.get(), CAIRO_PDF_METADATA_CREATE_DATE, "");
      cairo_pdf_surface_set_metadata(page.get(), CAIRO_PDF_METADATA_CREATOR, "calor");
      break;
    }
  }
  draw_on(page.get());
  cairo_surface_finish(page.get());
  check(cairo_surface_status(page.get()));
  if (format == PictureFormat::svg)  // behind the line that says that it is XML
    bytes.insert(bytes.find('\n') + 1, std::string{mark_of(format)} + '\n');
  return bytes;
}

}  // namespace calor::app
