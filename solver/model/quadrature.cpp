// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/quadrature.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace calor {

namespace {

using F = std::function<double(double)>;

/// Of f over [a, b]: the integral, what is uncertain of it, and the integral of |f|.
struct Estimate {
  double value, error, magnitude;
};

Estimate kronrod(const F& f, double a, double b) {
  static constexpr std::array<double, 4> at{0.960491268708020283423507092629080,
                                            0.774596669241483377035853079956480,
                                            0.434243749346802558002071502844628, 0.0};
  static constexpr std::array<double, 4> weight{
      0.104656226026467265193823857192073, 0.268488089868333440728569280666710,
      0.401397414775962222905051818618432, 0.450916538658474142345110087045571};
  const double middle = 0.5 * a + 0.5 * b, half = 0.5 * (b - a), centre = f(middle);
  double value = weight[3] * centre, gauss = 8.0 / 9.0 * centre, magnitude = weight[3] * std::abs(centre);
  for (std::size_t i = 0; i < 3; ++i) {
    const double below = f(middle - half * at[i]), above = f(middle + half * at[i]);
    value += weight[i] * (below + above);
    magnitude += weight[i] * (std::abs(below) + std::abs(above));
    if (i == 1) gauss += 5.0 / 9.0 * (below + above);
  }
  return {half * value, std::abs(half * (value - gauss)), half * magnitude};
}

/// Halves what is not yet known well enough. @param enough  error allowed over all of [a, b]
/// @param left  how many times more the rule may be used
double refined(const F& f, double a, double b, const Estimate& whole, double enough, int halvings,
               int& left) {
  if (whole.error <= enough || halvings == 0 || left < 2 || std::isnan(whole.error)) return whole.value;
  const double middle = 0.5 * a + 0.5 * b;
  if (!(a < middle && middle < b)) return whole.value;
  left -= 2;
  const Estimate first = kronrod(f, a, middle), second = kronrod(f, middle, b);
  return refined(f, a, middle, first, 0.5 * enough, halvings - 1, left) +
         refined(f, middle, b, second, 0.5 * enough, halvings - 1, left);
}

}  // namespace

double integral_over(const F& f, double t0, std::span<const double> ends) {
  constexpr double tolerance = 1e-10;
  constexpr int most_halvings = 40;
  int left = 4000;  // rules
  std::vector<Estimate> pieces;
  pieces.reserve(ends.size());
  double magnitude = 0.0, from = t0;
  for (const double to : ends) {
    pieces.push_back(kronrod(f, from, to));
    magnitude += pieces.back().magnitude;
    from = to;
  }
  double all = 0.0;
  from = t0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const double share = ends.back() > t0 ? (ends[i] - from) / (ends.back() - t0) : 0.0;
    all += refined(f, from, ends[i], pieces[i], tolerance * share * magnitude, most_halvings, left);
    from = ends[i];
  }
  return all;
}

}  // namespace calor
