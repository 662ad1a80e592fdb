// SPDX-License-Identifier: BSD-3-Clause
#include "app/plot/colour_map.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace calor::app {
namespace {

// Lightness of the two ends. Not 0 and 1: black and white have no hue, and white is the paper.
constexpr double darkest = 0.17, lightest = 0.965;

struct Hue {
  double a, b;
};

// Control points of a cubic B-spline in the plane of a and b: blue, violet, magenta, red, orange, yellow.
// They were found by a search for the most colourful smooth curve that, walked at constant speed while the
// lightness rises linearly, never leaves what sRGB can show.
constexpr std::array<Hue, 8> control{{{0.001, -0.051},
                                      {0.022, -0.122},
                                      {0.100, -0.139},
                                      {0.169, -0.085},
                                      {0.205, -0.005},
                                      {0.171, 0.105},
                                      {0.002, 0.149},
                                      {-0.014, 0.047}}};

/// Point of the spline; the end points count three times, so that it starts and stops in them. p in [0, 1].
Hue spline(double p) {
  constexpr int last = static_cast<int>(control.size()) - 1;
  constexpr int segments = last + 2;
  const int s = std::min(static_cast<int>(p * segments), segments - 1);
  const double u = p * segments - s, v = 1.0 - u;
  const std::array<double, 4> w{v * v * v / 6.0, (3.0 * u * u * u - 6.0 * u * u + 4.0) / 6.0,
                                (-3.0 * u * u * u + 3.0 * u * u + 3.0 * u + 1.0) / 6.0, u * u * u / 6.0};
  Hue sum{0.0, 0.0};
  for (int k = 0; k < 4; ++k) {
    const Hue& c = control[std::size_t(std::clamp(s + k - 2, 0, last))];
    sum.a += w[std::size_t(k)] * c.a;
    sum.b += w[std::size_t(k)] * c.b;
  }
  return sum;
}

/// The spline by its length: points[k] lies at length[k] from the start.
struct Walk {
  std::vector<Hue> points;
  std::vector<double> length;
};

const Walk& walk() {
  static const Walk done = [] {
    constexpr int n = 4096;
    Walk w{{spline(0.0)}, {0.0}};
    for (int k = 1; k <= n; ++k) {
      const Hue from = w.points.back(), to = spline(double(k) / n);
      w.points.push_back(to);
      w.length.push_back(w.length.back() + std::hypot(to.a - from.a, to.b - from.b));
    }
    return w;
  }();
  return done;
}

// IEC 61966-2-1.
double encode(double c) { return c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1.0 / 2.4) - 0.055; }
double decode(double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); }

}  // namespace

OkLab to_oklab(Colour colour) {
  const double r = decode(colour.r / 255.0), g = decode(colour.g / 255.0), b = decode(colour.b / 255.0);
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
          1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

std::array<double, 3> to_linear_srgb(const OkLab& colour) {
  const auto cube = [](double x) { return x * x * x; };
  const double l = cube(colour.L + 0.3963377774 * colour.a + 0.2158037573 * colour.b);
  const double m = cube(colour.L - 0.1055613458 * colour.a - 0.0638541728 * colour.b);
  const double s = cube(colour.L - 0.0894841775 * colour.a - 1.2914855480 * colour.b);
  return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
          -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
          -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

double distance(const OkLab& p, const OkLab& q) {
  return std::sqrt((p.L - q.L) * (p.L - q.L) + (p.a - q.a) * (p.a - q.a) + (p.b - q.b) * (p.b - q.b));
}

OkLab heat_path(double t) {
  t = std::clamp(t, 0.0, 1.0);
  const Walk& w = walk();
  const double goal = t * w.length.back();
  const auto after = std::upper_bound(w.length.begin() + 1, w.length.end() - 1, goal);
  const auto k = std::size_t(after - w.length.begin());
  const double f = (goal - w.length[k - 1]) / (w.length[k] - w.length[k - 1]);
  const Hue &p = w.points[k - 1], &q = w.points[k];
  return {darkest + (lightest - darkest) * t, p.a + f * (q.a - p.a), p.b + f * (q.b - p.b)};
}

namespace {
std::array<Colour, 256> in_srgb(OkLab (*path)(double t)) {
  std::array<Colour, 256> colours;
  for (int k = 0; k < 256; ++k) {
    const auto rgb = to_linear_srgb(path(k / 255.0));
    const auto byte = [](double c) {
      return static_cast<std::uint8_t>(std::lround(255.0 * encode(std::clamp(c, 0.0, 1.0))));
    };
    colours[std::size_t(k)] = {byte(rgb[0]), byte(rgb[1]), byte(rgb[2])};
  }
  return colours;
}
}  // namespace

const std::array<Colour, 256>& heat_colours() {
  static const std::array<Colour, 256> table = in_srgb(heat_path);
  return table;
}

Colour heat_colour(double t) {
  return heat_colours()[static_cast<std::size_t>(std::lround(255.0 * std::clamp(t, 0.0, 1.0)))];
}

OkLab sign_path(double t) {
  // Ends as dark and colourful as sRGB can show on both sides, at one lightness and one chroma.
  constexpr double middle = 0.93, end = 0.40;
  constexpr Hue blue{-0.0278, -0.1576}, red{0.1413, 0.0751};
  const double s = std::fabs(2.0 * std::clamp(t, 0.0, 1.0) - 1.0);
  const Hue& hue = t < 0.5 ? blue : red;
  return {middle + (end - middle) * s, s * hue.a, s * hue.b};
}

Colour sign_colour(double t) {
  static const std::array<Colour, 256> table = in_srgb(sign_path);
  return table[static_cast<std::size_t>(std::lround(255.0 * std::clamp(t, 0.0, 1.0)))];
}

}  // namespace calor::app
