// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>

#include "app/plot/image.hpp"

namespace calor::app {

/// A colour in OKLab (B. Ottosson, "A perceptual color space for image processing", 2020,
/// https://bottosson.github.io/posts/oklab): lightness in [0, 1], a towards red, b towards yellow. The eye's
/// difference of two colours, Delta E, is their Euclidean distance.
struct OkLab {
  double L = 0.0, a = 0.0, b = 0.0;
};

OkLab to_oklab(Colour colour);
std::array<double, 3> to_linear_srgb(const OkLab& colour);  ///< r, g, b in [0, 1] where a screen can show it
double distance(const OkLab& p, const OkLab& q);            ///< Delta E

/// The map of calor's pictures, from 0 (deep blue) over magenta, red and orange to 1 (pale yellow).
/// Equal steps of t are equal steps for the eye: lightness is linear in t and Delta E per step constant. It
/// keeps its order in grey print and for the colour-blind.
OkLab heat_path(double t);
/// The same in 256 steps of sRGB. `t` outside [0, 1] takes the nearer end.
Colour heat_colour(double t);
const std::array<Colour, 256>& heat_colours();

/// The map for values of both signs, from 0 (blue) over 0.5 (a light grey: zero) to 1 (red). Both halves
/// darken alike, and equal steps of t are equal steps for the eye; blue and red are told apart by the
/// colour-blind.
OkLab sign_path(double t);
/// `t` outside [0, 1] takes the nearer end.
Colour sign_colour(double t);

}  // namespace calor::app
