// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/given_step.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "decomposition/error.hpp"
#include "decomposition/reduce.hpp"
#include "solver/linear/amg/coarse_points.hpp"
#include "solver/run/method_choice.hpp"
#include "solver/stencil/diffusion.hpp"

namespace calor {

namespace {

/// The largest eigenvalue of the symmetric tridiagonal matrix, by bisection (Sturm).
double largest_eigenvalue(const std::vector<double>& diagonal, const std::vector<double>& beside) {
  double low = *std::max_element(diagonal.begin(), diagonal.end()), high = low;
  for (std::size_t n = 0; n < diagonal.size(); ++n)
    high =
        std::max(high, diagonal[n] + (n > 0 ? beside[n - 1] : 0.0) + (n < beside.size() ? beside[n] : 0.0));
  const auto all_below = [&](double x) {  // all pivots of x - T are positive
    double pivot = 1.0;
    for (std::size_t n = 0; n < diagonal.size() && pivot > 0.0; ++n)
      pivot = x - diagonal[n] - (n > 0 ? beside[n - 1] * beside[n - 1] / pivot : 0.0);
    return pivot > 0.0;
  };
  for (int n = 0; n < 60; ++n) {
    const double middle = 0.5 * (low + high);
    (all_below(middle) ? high : low) = middle;
  }
  return high;
}

}  // namespace

double fastest_rate(Problem& p, double t) {
  constexpr int most = 300;
  constexpr double close_enough = 1e-5;  // between one round and ten before it
  const View2D<double> u = p.u.view();
  if (!p.linear()) p.halo(u);
  p.prepare(p.owned, t, u);
  Scratch::Lent v_field = p.scratch.lend(), before_field = p.scratch.lend(), w_field = p.scratch.lend(),
                sink_slope;
  if (p.source.of_temperature()) {
    sink_slope = p.scratch.lend();
    p.source.sink_slope(p.owned, t, u, sink_slope.view());
  }
  const auto norm = [&](View2D<const double> x) {  // weighted by rho_c, in which rho_c^-1 A is symmetric
    ExactSum sum =
        exact_sum(p.owned, [&](int i, int j) { return p.coefficients.rho_c(i, j) * x(i, j) * x(i, j); });
    reduce(p.comm, {&sum, 1});
    return std::sqrt(sum.value());
  };
  const auto scale = [&](View2D<double> x, double factor) {
    for_each(p.owned, [&](int i, int j) { x(i, j) *= factor; });
  };
  for_each(p.owned, [&](int i, int j) {
    v_field.view()(i, j) = p.live(i, j) ? noise(std::int64_t{j} * p.grid.nx + i) - 0.5 : 0.0;
    before_field.view()(i, j) = 0.0;
  });
  scale(v_field.view(), 1.0 / norm(v_field.cview()));
  std::vector<double> diagonal, beside;
  double largest = 0.0, earlier = 0.0, beta = 0.0;
  for (int round = 0; round < most; ++round) {
    const View2D<double> v = v_field.view(), w = w_field.view(), before = before_field.view();
    p.halo(v);
    p.walls.for_each_face(p.owned, [&](const Walls::Face& f) {
      v(f.gi, f.gj) = (1.0 - p.walls.reached_exchange(f.side, f.gi != f.i ? f.j : f.i)) * v(f.i, f.j);
    });
    ExactSum sum = apply_operator(p.owned, p.coefficients, sink_slope.cview(), 0.0, v, w);
    reduce(p.comm, {&sum, 1});
    const double alpha = sum.value();
    for_each(p.owned, [&](int i, int j) {
      w(i, j) = w(i, j) / p.coefficients.rho_c(i, j) - alpha * v(i, j) - beta * before(i, j);
    });
    diagonal.push_back(alpha);
    largest = largest_eigenvalue(diagonal, beside);
    beta = norm(w);
    if (!(beta > 1e-10 * std::abs(largest))) break;
    if (round % 10 == 9) {
      if (!(largest - earlier > close_enough * largest)) break;
      earlier = largest;
    }
    beside.push_back(beta);
    scale(w, 1.0 / beta);
    std::swap(before_field, v_field);
    std::swap(v_field, w_field);
  }
  return largest;
}

std::string judge_given_step(Problem& p, double t, double dt, double stable_dt) {
  constexpr double exactness = 1e-3;  // of the rate
  const double rate = fastest_rate(p, t);
  if (!(dt * rate <= 2.0 * (1.0 + exactness)))
    throw Error{
        Exit::bad_case,
        fmt::format(
            "time.dt = {:.9g}: forward Euler is unstable beyond {:.9g} s on this grid and material; write "
            "time.dt = {:.3g}, or \"auto\", or time.method = \"backward-euler\"",
            dt, 2.0 / rate, explicit_safety * stable_dt)};
  const std::string what =
      p.limit_varies() ? "steps are shortened to the limit as it changes"
                       : "it is stable as far as the present properties tell, but temperatures may overshoot";
  return fmt::format(
      "time.dt = {:.9g} s is beyond the explicit limit {:.9g} s, below which no temperature can "
      "leave the range of its neighbours, and within {:.9g} s, where forward Euler becomes "
      "unstable: {}",
      dt, stable_dt, 2.0 / rate, what);
}

}  // namespace calor
