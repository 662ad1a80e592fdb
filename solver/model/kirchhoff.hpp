// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <span>

#include "solver/model/function.hpp"

namespace calor {

/// Kirchhoff's mean of a conductivity over the temperatures between a and b,
///   1/(b - a) integral from a to b of k(T) dT,     k(a) if a = b,
/// with which the flux k_mean (a - b) / length through one material is exact whatever k(T) is (Carslaw,
/// Jaeger 1959, sec. 1.6). Tables in closed form. Expressions by Simpson's rule where that is exact to
/// round-off, else by Gauss's of 8 points, halved until two levels agree to 1e-13, at most ten times.
/// @param ka, kb  k at a and b
double mean_between(const Function& k, double x, double y, double a, double b, double ka, double kb);

/// Whether k is a straight line in T, so that its mean between two temperatures is that of both ends: by
/// looking, at three places, every third of a degree from -300 to 3000 and ever further apart beyond.
bool straight_in_temperature(const Function& k);

/// A layer of a wall: k(x, y, 0, T) over a length.
struct Layer {
  const Function* k;
  double x, y;
  double length;  // m
};
/// The one conductivity that lets as much heat through as the layers in series do between temperatures a and
/// b: length_total / sum of length_n / mean_n, each mean between the temperatures on both sides of its layer,
/// which are such that the same flux passes all of them. Symmetric in the order of the layers to round-off.
/// @param interface  if not null: temperature behind the first `before` layers
double series_between(std::span<const Layer> layers, double a, double b, std::size_t before = 0,
                      double* interface = nullptr);

}  // namespace calor
