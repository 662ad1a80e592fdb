// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <functional>
#include <span>

namespace calor {

/// The integral of f from t0 to the last of `ends`, in pieces that end at them: times at which f may jump or
/// turn, rising. Each piece by Gauss and Legendre's rule of 3 points within Kronrod's of 7, halved until the
/// two agree to 1e-10 of the integral of the magnitude, or 40 times: so it follows what grows without bound
/// at the end of a piece. f is not asked at the ends themselves. A jump within a piece may be
/// found or not, a pulse between all its points is not seen. Source: Kronrod, Nodes and Weights of Quadrature
/// Formulas (1965).
double integral_over(const std::function<double(double)>& f, double t0, std::span<const double> ends);

}  // namespace calor
