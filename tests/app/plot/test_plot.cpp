// SPDX-License-Identifier: BSD-3-Clause
#include <png.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <sstream>
#include <thread>
#include <tuple>
#include <utility>

#include "app/plot/colour_map.hpp"
#include "app/plot/picture_file.hpp"
#include "app/plot/plot.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;

namespace {

constexpr Colour white{255, 255, 255}, grey{158, 162, 166};
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

/// A directory of this test's own, gone with it.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("calor_test_plot_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const char* name) const { return (path / name).string(); }
  std::size_t files() const {
    return std::size_t(
        std::distance(std::filesystem::directory_iterator{path}, std::filesystem::directory_iterator{}));
  }
};

Image read_png(const std::string& bytes) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&header, bytes.data(), bytes.size()) != 0);
  header.format = PNG_FORMAT_RGB;
  Image image{int(header.width), int(header.height), {}};
  REQUIRE(png_image_finish_read(&header, nullptr, image.pixels.data(), 0, nullptr) != 0);
  return image;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// What RFC 4648 writes as `text`.
std::string from_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) || c == '=') continue;
    bits = bits << 6 | unsigned(digits.find(c));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xff);
  }
  return bytes;
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t n = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
  return n;
}

template <class F>
std::vector<double> cells(int nx, int ny, F&& value) {
  std::vector<double> all;
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i) all.push_back(value(i, j));
  return all;
}

Picture picture(int nx, int ny, const std::vector<double>& values) {
  Picture p;
  p.nx = nx;
  p.ny = ny;
  p.x1 = nx;
  p.y1 = ny;
  p.values = values.data();
  return p;
}

/// A drawn picture and its pixels.
struct Shown : Plot {
  Image image;
};
Shown show(const Picture& p) {
  Plot plot = render(p);
  Image image = plot.canvas.image();
  return {std::move(plot), std::move(image)};
}

/// The pixel in the middle of a cell.
Colour at_cell(const Shown& plot, const Picture& p, int i, int j) {
  return plot.image.at(plot.field.x + int((i + 0.5) / p.nx * plot.field.width),
                       plot.field.bottom() - 1 - int((j + 0.5) / p.ny * plot.field.height));
}

std::set<std::tuple<int, int, int>> colours_of(const Image& image, const Rect& area) {
  std::set<std::tuple<int, int, int>> found;
  for (int y = area.y; y < area.bottom(); ++y)
    for (int x = area.x; x < area.right(); ++x)
      found.emplace(image.at(x, y).r, image.at(x, y).g, image.at(x, y).b);
  return found;
}

bool border_is_paper(const Image& image) {
  const int w = image.width, h = image.height;
  bool paper = true;
  for (int x = 0; x < w; ++x) paper = paper && image.at(x, 0) == white && image.at(x, h - 1) == white;
  for (int y = 0; y < h; ++y) paper = paper && image.at(0, y) == white && image.at(w - 1, y) == white;
  return paper;
}

bool all_paper(const Image& image, const Rect& area) {
  return colours_of(image, area) == std::set<std::tuple<int, int, int>>{{255, 255, 255}};
}

Exit refusal(const Picture& p) {
  try {
    render(p);
  } catch (const Error& error) {
    return error.code();
  }
  return Exit::done;
}

}  // namespace

TEST_CASE("equal steps of the colour map look equally large", "[plot][colour]") {
  const double step = distance(heat_path(0.0), heat_path(1.0 / 255.0));
  for (int k = 1; k <= 255; ++k) {
    const OkLab from = heat_path((k - 1) / 255.0), to = heat_path(k / 255.0);
    CHECK(to.L - from.L == Approx((heat_path(1.0).L - heat_path(0.0).L) / 255.0).epsilon(1e-9));
    CHECK(distance(from, to) == Approx(step).epsilon(0.01));
  }
  // The 8-bit table, over steps that are large against its rounding.
  const auto& table = heat_colours();
  for (std::size_t k = 16; k < 256; ++k) {
    CHECK(distance(to_oklab(table[k - 16]), to_oklab(table[k])) == Approx(16.0 * step).epsilon(0.06));
    CHECK(to_oklab(table[k]).L > to_oklab(table[k - 1]).L);
  }
}

TEST_CASE("every colour of the map can be shown", "[plot][colour]") {
  for (int k = 0; k <= 1000; ++k)
    for (const double c : to_linear_srgb(heat_path(k / 1000.0))) CHECK((c >= 0.0 && c <= 1.0));
  CHECK(heat_colour(-3.0) == heat_colours()[0]);
  CHECK(heat_colour(7.0) == heat_colours()[255]);
  CHECK(heat_colour(0.5) == heat_colours()[128]);
}

TEST_CASE("OKLab and sRGB are each other's inverse", "[plot][colour]") {
  const OkLab plain = to_oklab(white);
  CHECK(plain.L == Approx(1.0).epsilon(1e-6));
  CHECK(std::fabs(plain.a) + std::fabs(plain.b) < 1e-6);
  const auto red = to_linear_srgb(to_oklab({255, 0, 0}));
  CHECK(red[0] == Approx(1.0).epsilon(1e-5));
  CHECK(std::fabs(red[1]) + std::fabs(red[2]) < 1e-5);
}

TEST_CASE("ticks are round numbers", "[plot][ticks]") {
  CHECK(nice_ticks(0.0, 1.0, 5).at == std::vector<double>{0.0, 0.2, 0.4, 0.6, 0.8, 1.0});
  CHECK(nice_ticks(0.0, 0.6, 6).at == std::vector<double>{0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6});
  CHECK(nice_ticks(-7.0, 13.0, 5).at == std::vector<double>{-5.0, 0.0, 5.0, 10.0});
  CHECK(nice_ticks(293.15, 373.15, 5).at == std::vector<double>{300.0, 320.0, 340.0, 360.0});
  CHECK(nice_ticks(2e6, 1e7, 4).step == 2e6);
  CHECK(nice_ticks(5.0, 5.0, 5).at.empty());
  CHECK(nice_ticks(nan_value, 5.0, 5).at.empty());
  for (const double span : {1e-12, 3e-5, 0.0475, 0.95, 1.0, 7.7, 299.0, 4e9})
    for (const double low : {0.0, -0.31 * span, -span, 17.3 * span, -4e3 * span})
      for (const int intervals : {2, 3, 5, 10}) {
        const Ticks ticks = nice_ticks(low, low + span, intervals);
        CAPTURE(low, span, intervals, ticks.at);
        CHECK(ticks.at.size() >= 2);
        CHECK(ticks.at.size() <= std::size_t(intervals) + 2);
        CHECK(ticks.at.front() >= low - 1e-6 * span);
        CHECK(ticks.at.back() <= low + span + 1e-6 * span);
        const double mantissa = ticks.step / std::pow(10.0, std::floor(std::log10(ticks.step) + 1e-9));
        CHECK(std::min({std::fabs(mantissa - 1.0), std::fabs(mantissa - 2.0), std::fabs(mantissa - 5.0)}) <
              1e-9);
      }
}

TEST_CASE("tick labels say their values", "[plot][ticks]") {
  CHECK(label_ticks(nice_ticks(0.0, 1.0, 2)).text == std::vector<std::string>{"0.0", "0.5", "1.0"});
  CHECK(label_ticks(nice_ticks(-20.0, 20.0, 4)).text ==
        std::vector<std::string>{"\u221220", "\u221210", "0", "10", "20"});
  const TickLabels large = label_ticks(nice_ticks(0.0, 2e6, 4));
  CHECK(large.exponent == 6);
  CHECK(large.text == std::vector<std::string>{"0.0", "0.5", "1.0", "1.5", "2.0"});
  CHECK(label_ticks(nice_ticks(0.0, 2e-7, 2)).exponent == -9);
  for (const double low : {300.0, 300.0000017, -45.25, 1e8 + 0.5})
    for (const double span : {1e-5, 3e-3, 2.0}) {
      const Ticks ticks = nice_ticks(low, low + span, 5);
      const TickLabels labels = label_ticks(ticks);
      REQUIRE(labels.text.size() == ticks.at.size());
      for (std::size_t k = 0; k < ticks.at.size(); ++k) {
        std::string text = labels.text[k];
        CAPTURE(low, span, text, labels.offset, labels.exponent);
        if (text.rfind("\u2212", 0) == 0) text.replace(0, 3, "-");
        CHECK(text.size() <= 10);
        CHECK(labels.offset + std::stod(text) * std::pow(10.0, labels.exponent) ==
              Approx(ticks.at[k]).margin(1e-3 * ticks.step).epsilon(1e-15));
      }
    }
}

TEST_CASE("a picture shows every cell where it lies, y up", "[plot]") {
  const auto values = cells(4, 3, [](int i, int j) { return 10.0 * j + i; });
  Picture p = picture(4, 3, values);
  p.isolines = false;
  const Shown plot = show(p);
  CHECK(plot.image.width == 1200);
  CHECK(plot.low == 0.0);
  CHECK(plot.high == 23.0);
  CHECK(double(plot.field.width) / plot.field.height == Approx(4.0 / 3.0).epsilon(0.003));
  CHECK(plot.stretch == 1.0);
  for (int j = 0; j < 3; ++j)
    for (int i = 0; i < 4; ++i) CHECK(at_cell(plot, p, i, j) == heat_colour((10.0 * j + i) / 23.0));
  // Few cells are shown as what they are, in exactly their own colours.
  CHECK(colours_of(plot.image, plot.field).size() == 12);

  const std::vector<float> single(values.begin(), values.end());
  p.values = single.data();
  CHECK(show(p).image.pixels == plot.image.pixels);
}

TEST_CASE("the PNG file holds the picture", "[plot][file]") {
  const Folder folder;
  const auto values = cells(30, 20, [](int i, int j) { return std::sin(0.2 * i) + 0.1 * j; });
  Picture p = picture(30, 20, values);
  p.title = "Title";
  p.width = 640;
  // Without an ending it is a PNG too.
  for (const char* name : {"a.png", "b.PNG", "c", ".png"}) {
    const std::string path = folder / name;
    Picture older = p;
    older.title = "An older one";
    draw(older, path);
    draw(p, path);
    const Image read = read_png(bytes_of(path)), drawn = show(p).image;
    CHECK(read.width == 640);
    CHECK(read.height == drawn.height);
    CHECK(read.pixels == drawn.pixels);
  }
  CHECK(folder.files() == 4);
}

TEST_CASE("the SVG file holds lines, and the field's pixels", "[plot][file]") {
  const Folder folder;
  const auto values = cells(30, 20, [](int i, int j) { return std::sin(0.2 * i) + 0.1 * j; });
  Picture p = picture(30, 20, values);
  const Shown shown = show(p);
  draw(p, folder / "a.svg");
  const std::string svg = bytes_of(folder / "a.svg");
  CHECK(svg.rfind("<?xml", 0) == 0);
  CHECK(svg.find("</svg>") != std::string::npos);
  const std::string size =
      std::to_string(shown.image.width) + "px\" height=\"" + std::to_string(shown.image.height);
  CHECK(svg.find("width=\"" + size + "px\"") != std::string::npos);
  CHECK(count(svg, "<text") + count(svg, "<font") + count(svg, "<glyph") == 0);  // no font is asked for
  CHECK(count(svg, "<path") > 50);  // lines of the axes and strokes of letters
  std::size_t isolines = 0;         // cairo writes a style's parts, or since 1.18 attributes
  for (const std::string between : {":", "=\""})
    for (const char* opacity : {"0.42", "0.55"}) isolines += count(svg, "stroke-opacity" + between + opacity);
  CHECK(isolines >= shown.levels.size());

  // Two pictures lie in it, field and scale, as they are.
  std::vector<Image> placed;
  const std::string mark = "data:image/png;base64,";
  for (std::size_t at = svg.find(mark); at != std::string::npos; at = svg.find(mark, at + 1)) {
    const std::size_t first = at + mark.size();
    placed.push_back(read_png(from_base64(svg.substr(first, svg.find('"', first) - first))));
  }
  REQUIRE(placed.size() == 2);
  p.isolines = false;
  const Image plain = show(p).image;
  const std::array<Rect, 2> places{shown.field, shown.scale};
  for (std::size_t k = 0; k < 2; ++k) {
    REQUIRE(placed[k].width == places[k].width);
    REQUIRE(placed[k].height == places[k].height);
    bool same = true;
    for (int y = 0; y < places[k].height; ++y)
      for (int x = 0; x < places[k].width; ++x)
        same = same && placed[k].at(x, y) == plain.at(places[k].x + x, places[k].y + y);
    CHECK(same);
  }
}

TEST_CASE("the PDF file is a page of the picture's size", "[plot][file]") {
  const Folder folder;
  const auto values = cells(30, 20, [](int i, int) { return 1.0 * i; });
  const Picture p = picture(30, 20, values);
  draw(p, folder / "a.pdf");
  const std::string pdf = bytes_of(folder / "a.pdf");
  CHECK(pdf.rfind("%PDF-1.", 0) == 0);
  CHECK(pdf.find("%%EOF") != std::string::npos);
  CHECK(count(pdf, "/Type /Page ") == 1);
  CHECK(count(pdf, "/Font <<") == 0);
  // 96 pixels are an inch of 72 points.
  const std::size_t box = pdf.find("/MediaBox [ 0 0 ");
  REQUIRE(box != std::string::npos);
  std::istringstream numbers{pdf.substr(box + 16, 40)};
  double width = 0.0, height = 0.0;
  numbers >> width >> height;
  CHECK(width == Approx(0.75 * 1200));
  CHECK(height == Approx(0.75 * show(p).image.height).epsilon(1e-3));
}

TEST_CASE("a file holds nothing of the day it was drawn", "[plot][file]") {
  const auto values = cells(30, 20, [](int i, int j) { return 1.0 * i * j; });
  const Picture p = picture(30, 20, values);
  const std::string png = render(p).canvas.encoded(PictureFormat::png),
                    pdf = render(p).canvas.encoded(PictureFormat::pdf);
  CHECK(count(png, "tIME") == 0);
  CHECK(count(pdf, "Date") == 0);
  std::this_thread::sleep_for(std::chrono::milliseconds{1100});  // dates count seconds
  CHECK(render(p).canvas.encoded(PictureFormat::png) == png);
  CHECK(render(p).canvas.encoded(PictureFormat::pdf) == pdf);
}

TEST_CASE("an ending that is no picture's is refused, with those that are", "[plot][file]") {
  const Folder folder;
  const std::vector<double> one{1.0};
  for (const char* name : {"a.gif", "a.svgz", "a.png.bak", "a."}) {
    CAPTURE(name);
    try {
      draw(picture(1, 1, one), folder / name);
      FAIL("drawn");
    } catch (const Error& error) {
      CHECK(error.code() == Exit::usage);
      const std::string message = error.what();
      for (const char* word : {name, ".png", ".svg", ".pdf"}) CHECK(message.find(word) != std::string::npos);
    }
  }
  CHECK(folder.files() == 0);
  CHECK(picture_format("results.d/picture") == PictureFormat::png);
  CHECK(picture_format("a.b.Svg") == PictureFormat::svg);
}

TEST_CASE("a picture takes no place that is somebody else's", "[plot][file]") {
  const Folder folder;
  const auto values = cells(3, 2, [](int i, int j) { return i + 0.1 * j; });
  const Picture p = picture(3, 2, values);
  for (const char* name : {"a.png", "a.svg", "a.pdf"}) {
    const std::string path = folder / name;
    std::ofstream{path} << "a file of somebody, about calor";
    try {
      draw(p, path);
      FAIL("written");
    } catch (const Error& error) {
      CHECK(error.code() == Exit::cannot_create);
    }
    CHECK(bytes_of(path) == "a file of somebody, about calor");
    std::ofstream{path, std::ios::trunc};  // as mktemp leaves it
    draw(p, path);
    CHECK(bytes_of(path).find(mark_of(picture_format(path))) != std::string::npos);
  }
  CHECK(folder.files() == 3);
}

TEST_CASE("a picture that cannot be written is an error and leaves nothing behind", "[plot]") {
  const Folder folder;
  const std::vector<double> one{1.0};
  const Picture p = picture(1, 1, one);
  for (const char* name : {"taken.png", "taken.svg", "taken.pdf"})
    std::filesystem::create_directory(folder.path / name);
  for (const char* name :
       {"missing/a.png", "missing/a.svg", "missing/a.pdf", "taken.png", "taken.svg", "taken.pdf"}) {
    const std::string path = folder / name;
    CAPTURE(path);
    try {
      draw(p, path);
      FAIL("written");
    } catch (const Error& error) {
      CHECK(error.code() == (name[0] == 't' ? Exit::cannot_create : Exit::io_error));
      CHECK(std::string{error.what()}.find(path) != std::string::npos);
    }
  }
  CHECK(folder.files() == 3);
}

TEST_CASE("what cannot be drawn is refused", "[plot]") {
  const std::vector<double> values{1.0, 2.0};
  Picture p = picture(2, 1, values);
  CHECK(refusal(p) == Exit::done);
  for (const int width : {0, Picture::least_width - 1, Picture::most_width + 1}) {
    p.width = width;
    CHECK(refusal(p) == Exit::usage);
  }
  p = picture(2, 1, values);
  p.vmin = 3.0;
  p.vmax = 3.0;
  CHECK(refusal(p) == Exit::usage);
  p.vmax = nan_value;
  CHECK(refusal(p) == Exit::usage);
  p = picture(0, 1, values);
  CHECK(refusal(p) == Exit::bad_data);
  p = picture(2, 1, values);
  p.x1 = p.x0;
  CHECK(refusal(p) == Exit::bad_data);
  p = picture(2, 1, values);
  p.values = static_cast<const float*>(nullptr);
  CHECK(refusal(p) == Exit::bad_data);
}

TEST_CASE("the colour scale runs from low to high", "[plot]") {
  const bool upright = GENERATE(true, false);
  const int nx = upright ? 50 : 400, ny = 50;
  const auto values = cells(nx, ny, [](int i, int j) { return i + 2.0 * j; });
  Picture p = picture(nx, ny, values);
  p.isolines = false;
  const bool given = GENERATE(false, true);
  if (given) {
    p.vmin = 20.0;
    p.vmax = 60.0;
  }
  const Shown plot = show(p);
  CHECK(plot.scale_upright == upright);
  CHECK(plot.low == (given ? 20.0 : 0.0));
  CHECK(plot.high == (given ? 60.0 : nx - 1 + 2.0 * (ny - 1)));
  const Rect& s = plot.scale;
  const Colour start = upright ? plot.image.at(s.x + 5, s.bottom() - 1) : plot.image.at(s.x, s.y + 5);
  const Colour end = upright ? plot.image.at(s.x + 5, s.y) : plot.image.at(s.right() - 1, s.y + 5);
  CHECK(start == heat_colour(0.0));
  CHECK(end == heat_colour(1.0));
  if (upright) {
    CHECK(plot.image.at(s.x + 5, s.y + s.height / 4) == heat_colour(0.75 - 0.5 / s.height));
  } else {
    CHECK(plot.image.at(s.x + s.width / 4, s.y + 5) == heat_colour(0.25 + 0.5 / s.width));
  }
  // Values beyond the scale take its ends' colours.
  CHECK(at_cell(plot, p, 0, 0) == heat_colour(0.0));
  CHECK(at_cell(plot, p, nx - 1, ny - 1) == heat_colour(1.0));
}

TEST_CASE("fields finer than the picture are averaged over pixels", "[plot]") {
  // 0 and 1 in turn: any pixel that picked a single cell would be at an end of the scale.
  const auto values = cells(4000, 3000, [](int i, int j) { return double((i + j) % 2); });
  const Shown plot = show(picture(4000, 3000, values));
  for (const auto& [r, g, b] : colours_of(plot.image, plot.field)) {
    const OkLab seen = to_oklab({std::uint8_t(r), std::uint8_t(g), std::uint8_t(b)});
    CHECK(std::fabs(seen.L - heat_path(0.5).L) < 0.1);
  }
  CHECK(plot.levels.empty());
}

TEST_CASE("an average counts every cell once", "[plot]") {
  const auto values = cells(2500, 1, [](int i, int) { return i < 1250 ? 0.0 : 1.0; });
  Picture p = picture(2500, 1, values);
  p.y1 = 250.0;
  p.isolines = false;
  const Shown plot = show(p);
  const int y = plot.field.y + 3, w = plot.field.width;
  const auto column = [&](int k) { return plot.image.at(plot.field.x + k, y); };
  CHECK(column(0) == heat_colour(0.0));
  CHECK(column(w / 2 - 1) == heat_colour(0.0));  // the last that lies wholly left of the jump
  if (w % 2 == 1) CHECK(column(w / 2) == heat_colour(0.5));
  CHECK(column((w + 1) / 2) == heat_colour(1.0));
  CHECK(column(w - 1) == heat_colour(1.0));
}

TEST_CASE("an average leaves out cells without a value, unless they are most", "[plot]") {
  for (const int missing : {1, 3}) {
    const auto values =
        cells(4000, 400, [&](int i, int j) { return (i / 2 + 2 * (j % 2)) % 4 < missing ? nan_value : 7.0; });
    Picture p = picture(4000, 400, values);
    p.y1 = 4000.0;
    p.vmin = 0.0;
    p.vmax = 10.0;
    const Shown plot = show(p);
    const Colour middle =
        plot.image.at(plot.field.x + plot.field.width / 2, plot.field.y + plot.field.height / 2);
    CHECK(middle == (missing == 3 ? grey : heat_colour(0.7)));
  }
}

TEST_CASE("many cells that are coarser than the picture are interpolated", "[plot]") {
  const auto values =
      cells(250, 250, [](int i, int) { return double(i / 125); });  // a jump between two cells
  Picture p = picture(250, 250, values);
  p.isolines = false;
  const Shown smooth = show(p);
  CHECK(colours_of(smooth.image, smooth.field).size() > 2);
  const auto few = cells(100, 100, [](int i, int) { return double(i / 50); });
  Picture q = picture(100, 100, few);
  q.isolines = false;
  const Shown crisp = show(q);
  CHECK(colours_of(crisp.image, crisp.field).size() == 2);
}

TEST_CASE("cells without a value are grey, and explained", "[plot]") {
  for (const double bad : {nan_value, std::numeric_limits<double>::infinity()}) {
    auto values = cells(10, 10, [](int i, int) { return double(i); });
    values[5 * 10 + 3] = bad;
    Picture p = picture(10, 10, values);
    p.isolines = false;
    const Shown plot = show(p);
    CHECK(plot.low == 0.0);
    CHECK(plot.high == 9.0);
    CHECK(at_cell(plot, p, 3, 5) == grey);
    CHECK(at_cell(plot, p, 3, 4) == heat_colour(3.0 / 9.0));
    CHECK(at_cell(plot, p, 4, 5) == heat_colour(4.0 / 9.0));
    const Rect under{0, plot.field.bottom(), plot.image.width, plot.image.height - plot.field.bottom()};
    CHECK(colours_of(plot.image, under).count({grey.r, grey.g, grey.b}) == 1);
    values[5 * 10 + 3] = 3.0;
    const Image whole = show(p).image;
    CHECK(colours_of(whole, Rect{0, 0, whole.width, whole.height}).count({grey.r, grey.g, grey.b}) == 0);
  }
  const std::vector<double> none(6, nan_value);
  const Shown empty = show(picture(3, 2, none));
  CHECK(colours_of(empty.image, empty.field) ==
        std::set<std::tuple<int, int, int>>{{grey.r, grey.g, grey.b}});
}

TEST_CASE("a constant field lies inside its scale", "[plot]") {
  for (const double value : {300.0, 0.0, -1e-9, 1e20}) {
    const std::vector<double> values(12, value);
    const Shown plot = show(picture(4, 3, values));
    CAPTURE(value);
    CHECK(plot.low < value);
    CHECK(plot.high > value);
    CHECK(plot.levels.empty());
    CHECK(colours_of(plot.image, plot.field).size() == 1);
  }
  // A constant but for the last bits is no reason to draw noise.
  const std::vector<double> nearly{300.0 - 6e-14, 300.0 + 6e-14, 300.0};
  CHECK(render(picture(3, 1, nearly)).levels.empty());
}

TEST_CASE("isolines lie where the field has their value", "[plot]") {
  const auto values = cells(50, 40, [](int i, int) { return i + 0.5; });  // the field x
  Picture p = picture(50, 40, values);
  const Shown with = show(p);
  p.isolines = false;
  const Shown without = show(p);
  REQUIRE(with.field.width == without.field.width);
  CHECK(without.levels.empty());
  REQUIRE(with.levels.size() >= 3);
  const int y = with.field.y + with.field.height / 3;
  for (int x = with.field.x + 2; x < with.field.right() - 2; ++x) {
    double nearest = 1e9;
    for (const double level : with.levels)
      nearest = std::min(nearest, std::fabs(with.field.x + level / 50.0 * with.field.width - (x + 0.5)));
    const bool marked = !(with.image.at(x, y) == without.image.at(x, y));
    CAPTURE(x, nearest);
    if (nearest < 0.5) CHECK(marked);
    if (nearest > 1.7) CHECK(!marked);
  }
}

TEST_CASE("a rough field gets no isolines", "[plot]") {
  unsigned state = 1;
  const auto values = cells(300, 300, [&](int, int) {
    state = state * 1664525u + 1013904223u;
    return double(state >> 8);
  });
  CHECK(render(picture(300, 300, values)).levels.empty());
}

TEST_CASE("long and flat domains are shown as far as they can be", "[plot]") {
  const auto values = cells(1, 1000, [](int, int j) { return std::sin(0.01 * j); });
  Picture tall = picture(1, 1000, values);
  const Shown narrow = show(tall);
  CHECK(narrow.stretch < 1.0);
  CHECK(narrow.field.width >= 100);
  CHECK(narrow.image.height < 2 * narrow.image.width);
  CHECK(double(narrow.field.height) / narrow.field.width == Approx(1000.0 * narrow.stretch).epsilon(0.01));

  Picture flat = picture(1000, 1, values);
  const Shown low = show(flat);
  CHECK(low.stretch > 1.0);
  CHECK(!low.scale_upright);
  CHECK(low.field.height >= 100);

  Picture plate = picture(1000, 1, values);
  plate.x1 = 0.5;
  plate.y1 = 0.0475;
  const Shown thin = show(plate);
  CHECK(thin.stretch == 1.0);
  CHECK(double(thin.field.width) / thin.field.height == Approx(0.5 / 0.0475).epsilon(0.01));
}

TEST_CASE("nothing reaches the border of a picture", "[plot]") {
  struct Sides {
    double x, y;
  };
  const auto values = cells(7, 5, [](int i, int j) { return 1e-7 * i - 3e-3 * j; });
  for (const int width : {400, 777, 1200, 2000})
    for (const Sides& sides :
         {Sides{1, 1}, {0.5, 0.0475}, {1e-3, 1}, {12345, 11111}, {3e-6, 1e-6}, {1, 400}, {400, 1}}) {
      Picture p = picture(7, 5, values);
      p.width = width;
      p.x0 = -sides.x;
      p.x1 = 0.0;
      p.y1 = sides.y;
      p.title =
          "A title that is much too long for any picture: it tells of plates, walls, fins and chips, of all "
          "their materials and of every temperature that anyone ever measured on each of them";
      p.subtitle = "t = 1.5 s, step 1200";
      p.quantity = "a quantity whose name is longer than its scale is high, which no picture has room for";
      p.vmin = -0.01;
      p.vmax = -0.002;
      const Shown plot = show(p);
      CAPTURE(width, sides.x, sides.y);
      CHECK(plot.image.width == width);
      CHECK(border_is_paper(plot.image));
      // The frame stands clear of the scale and of the picture's edge.
      CHECK(plot.field.x > 30);
      CHECK(plot.field.right() + 10 < (plot.scale_upright ? plot.scale.x : width));
      CHECK(plot.scale.bottom() + 10 < plot.image.height);
    }
}

TEST_CASE("labels of neighbouring ticks stay apart", "[plot]") {
  const auto values = cells(5, 5, [](int i, int) { return double(i); });
  Picture p = picture(5, 5, values);
  p.x0 = -12345.7;
  p.x1 = -12345.2;
  p.y1 = 0.5;
  const Shown plot = show(p);
  // Ticks in a row of pixels under the frame, then white between the labels further down.
  const int tick_row = plot.field.bottom() + 8;
  const Rect band{0, plot.field.bottom() + 18, 1, 10};
  int ticks = 0, gaps = 0, white_run = 0;
  bool on_tick = false;
  for (int x = plot.field.x - 20; x < plot.field.right() + 20; ++x) {
    const bool dark = plot.image.at(x, tick_row).r < 128;
    ticks += dark && !on_tick;
    on_tick = dark;
    white_run = all_paper(plot.image, Rect{x, band.y, 1, band.height}) ? white_run + 1 : 0;
    gaps += white_run == 14 && ticks > 0 && x < plot.field.right() - 60;
  }
  CAPTURE(ticks, gaps);
  CHECK(ticks >= 3);
  CHECK(gaps >= ticks - 1);
}

TEST_CASE("every printable character has a shape", "[plot][text]") {
  const auto missing = shape_text("\u2603", 20.0);  // not in the font: a box
  for (char c = '!'; c <= '~'; ++c) {
    const TextShape shape = shape_text(std::string(1, c), 20.0);
    CAPTURE(c);
    CHECK(!shape.strokes.empty());
    CHECK(shape.advance > 0.0);
    CHECK((shape.strokes.size() != 1 || shape.strokes[0].size() != missing.strokes[0].size() ||
           shape.advance != missing.advance || c == 'D'));
    for (const Polyline& stroke : shape.strokes)
      for (const Point& point : stroke) {
        CHECK((point.x >= -1.0 && point.x <= shape.advance + 1.0));
        CHECK((point.y >= -0.35 * 20.0 && point.y <= 20.0));
      }
  }
  for (const char* special :
       {"\u00b0", "\u00b2", "\u00b3", "\u00b7", "\u2212", "\u00b5", "\u00d7", "\u207b"}) {
    const TextShape shape = shape_text(special, 20.0);
    CAPTURE(special);
    REQUIRE(!shape.strokes.empty());
    CHECK((shape.strokes[0].size() != missing.strokes[0].size() || shape.advance != missing.advance));
  }
  CHECK(shape_text(" ", 20.0).strokes.empty());
}

TEST_CASE("text is measured as it is drawn", "[plot][text]") {
  CHECK(text_width("", 18.0) == 0.0);
  CHECK(text_width("ab", 18.0) == text_width("a", 18.0) + text_width("b", 18.0));
  for (const char* digit : {"1", "2", "3", "4", "5", "6", "7", "8", "9"})
    CHECK(text_width(digit, 18.0) == text_width("0", 18.0));  // columns of numbers line up
  CHECK(text_width("iii", 18.0) < text_width("mmm", 18.0));
  CHECK(text_width("\xff\xc3(\xe2\x82", 18.0) > 0.0);  // broken UTF-8 is drawn as boxes
  // A character that the text ends within is not completed from what lies behind it.
  CHECK(text_width(std::string_view{"\xe2\x88\x92", 2}, 18.0) == text_width("\xff\xff", 18.0));
  CHECK(cap_height(20.0) == 14.0);
}

TEST_CASE("text is placed by its baseline and turned upwards", "[plot][text]") {
  Canvas canvas{60, 60, white};
  canvas.text(10, 40, "I", {20.0, {0, 0, 0}, false, Align::left, false});
  const Image upright = canvas.image();
  int top = 60, bottom = 0, left = 60, right = 0;
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 60; ++x)
      if (upright.at(x, y).r < 128) {
        top = std::min(top, y);
        bottom = std::max(bottom, y);
        left = std::min(left, x);
        right = std::max(right, x);
      }
  CHECK(bottom - top + 1 >= 14);
  CHECK(std::abs(bottom - 39) <= 1);
  CHECK(left >= 10);
  CHECK(right - left <= 2);

  // "I", turned: lying, to the left of its baseline.
  Canvas turned{60, 60, white};
  turned.text(40, 30, "I", {20.0, {0, 0, 0}, false, Align::centre, true});
  const Image lying = turned.image();
  int columns = 0, rows = 0;
  for (int k = 0; k < 60; ++k) {
    bool column = false, row = false;
    for (int m = 0; m < 60; ++m) {
      column = column || lying.at(k, m).r < 128;
      row = row || lying.at(m, k).r < 128;
    }
    columns += column;
    rows += row;
  }
  CHECK(columns >= 14);
  CHECK(rows <= 3);
  CHECK(all_paper(lying, Rect{43, 0, 17, 60}));

  Canvas rising{60, 60, white};  // from below to above
  rising.text(40, 50, "LL", {20.0, {0, 0, 0}, false, Align::left, true});
  CHECK(all_paper(rising.image(), Rect{0, 50, 60, 10}));
  CHECK(!all_paper(rising.image(), Rect{0, 40, 60, 10}));
}

TEST_CASE("lines cover as many pixels as they are wide", "[plot][canvas]") {
  Canvas canvas{40, 40, white};
  canvas.stroke({{{-5.0, 20.0}, {45.0, 20.0}}}, 3.0, {0, 0, 0});
  double dark = 0.0;
  const Image line = canvas.image();
  for (int y = 0; y < 40; ++y) dark += (255.0 - line.at(20, y).r) / 255.0;
  CHECK(dark == Approx(3.0).epsilon(0.01));
  CHECK(line.at(20, 20).r == 0);

  // Lines of one call do not add up where they cross.
  Canvas crossing{40, 40, white};
  crossing.stroke({{{0.0, 20.5}, {40.0, 20.5}}, {{20.5, 0.0}, {20.5, 40.0}}}, 3.0, {0, 0, 0}, 0.5);
  const Image cross = crossing.image();
  CHECK(cross.at(20, 20) == cross.at(5, 20));
  CHECK(std::abs(cross.at(20, 20).r - 128) <= 1);
  // A line thinner than a pixel covers its part of it, two that cross what either covers; cairo counts in
  // fifteenths of a pixel.
  Canvas thin{40, 40, white};
  thin.stroke({{{0.0, 20.5}, {40.0, 20.5}}, {{20.5, 0.0}, {20.5, 40.0}}}, 0.5, {0, 0, 0});
  const Image fine = thin.image();
  CHECK(std::abs(fine.at(5, 20).r - 128) <= 9);
  CHECK(std::abs(fine.at(20, 5).r - 128) <= 9);
  CHECK(std::abs(fine.at(20, 20).r - 64) <= 9);

  // What lies outside is cut off, not written elsewhere.
  Canvas outside{10, 10, white};
  outside.stroke({{{-50.0, -50.0}, {-20.0, -10.0}}}, 5.0, {0, 0, 0});
  outside.fill(Rect{8, -3, 10, 5}, {0, 0, 0});
  outside.fill(Polyline{{20, 20}, {30, 20}, {25, 30}}, {0, 0, 0});
  outside.text(5, 200, "far away", {});
  CHECK(all_paper(outside.image(), Rect{0, 0, 8, 10}));
  CHECK(all_paper(outside.image(), Rect{0, 2, 10, 8}));
  CHECK(outside.image().at(9, 1) == Colour{0, 0, 0});
}

TEST_CASE("a triangle is filled, its corners in either order", "[plot][canvas]") {
  for (const Polyline& corners : {Polyline{{2, 2}, {38, 2}, {20, 38}}, Polyline{{20, 38}, {38, 2}, {2, 2}}}) {
    Canvas canvas{40, 40, white};
    canvas.fill(corners, {0, 0, 0});
    double dark = 0.0;
    const Image image = canvas.image();
    for (const Colour& c : image.pixels) dark += (255.0 - c.r) / 255.0;
    CHECK(dark == Approx(36.0 * 36.0 / 2.0).epsilon(0.01));
    CHECK(image.at(20, 10) == Colour{0, 0, 0});
    CHECK(image.at(3, 30) == white);
  }
}
