// SPDX-License-Identifier: BSD-3-Clause
#include "solver/time/tr_bdf2.hpp"

#include <cmath>
#include <utility>

#include "solver/time/step_error.hpp"

namespace calor {

namespace {

/// gamma = 2 - sqrt(2): both stages have the same operator.
constexpr double gamma_tr = 0.58578643762690495120;

}  // namespace

void TrBdf2::step(HeatOperator& f, const Steps& s) {
  constexpr double g = gamma_tr, root2 = 1.41421356237309504880;
  Problem& p = f.problem();
  const double t = s.time(0), stage = 0.5 * g * s.dt, booked = 0.25 * root2 * s.dt;
  Scratch::Lent room = p.scratch.lend();
  const View2D<double> next = room.view();
  const View2D<const double> before = old(), u = p.state();
  const bool estimated = options().estimate_error;
  if (estimated) e_ = p.scratch.lend();
  const View2D<double> e = e_.view();
  f.explicit_part(t, stage, booked, next);
  // Rates, times dt, from what the stages did: (next - old) / stage, (u - next) / stage.
  constexpr double k = (-3.0 * g * g + 4.0 * g - 2.0) / (12.0 * (2.0 - g));
  constexpr double c0 = 2.0 * k / g, c1 = -2.0 * k / (g * (1.0 - g)), c2 = 2.0 * k / (1.0 - g);
  const double per_stage = s.dt / stage;
  if (estimated)
    for_cells(p.owned, [&](int i, int j) { e(i, j) = c0 * per_stage * (next(i, j) - before(i, j)); });
  f.implicit_part(next, t + g * s.dt, stage, booked);
  if (estimated)
    for_cells(p.owned, [&](int i, int j) { e(i, j) += c1 * per_stage * (u(i, j) - next(i, j)); });
  constexpr double of_stage = 1.0 / (g * (2.0 - g)), of_old = (1.0 - g) * (1.0 - g) / (g * (2.0 - g));
  for_cells(p.owned, [&](int i, int j) { next(i, j) = of_stage * u(i, j) - of_old * before(i, j); });
  f.implicit_part(next, s.time(1), stage, stage);
  if (estimated)
    for_cells(p.owned, [&](int i, int j) { e(i, j) += c2 * per_stage * (u(i, j) - next(i, j)); });
}

double TrBdf2::estimate(HeatOperator& f, const Steps& s) {
  Scratch::Lent e = std::move(e_);
  damp(f, s, e.view());
  return relative_size(f.problem(), e.view(), old_temperatures());
}

std::vector<Loads::Look> TrBdf2::looks(const Steps&) const {
  constexpr double root2 = 1.41421356237309504880;
  return {{0.0, 0.25 * root2}, {gamma_tr, 0.25 * root2}, {1.0, 0.5 * gamma_tr}};
}

double TrBdf2::factor(double z) {
  const double g = 2.0 - std::sqrt(2.0), inner = (1.0 - 0.5 * g * z) / (1.0 + 0.5 * g * z);
  return (inner / (g * (2.0 - g)) - (1.0 - g) * (1.0 - g) / (g * (2.0 - g))) / (1.0 + 0.5 * g * z);
}

constinit const Method methods::tr_bdf2{
    .word = "tr-bdf2",
    .order = 2,
    .automatic = AutomaticStep::by_error,
    .candidate = true,
    .fields = implicit_fields,
    .sweeps = [](const Workload& w) { return w.steps() * (700.0 + 2.0 * w.source_sweeps); },
    .decay = [](const Mode& m) { return std::pow(TrBdf2::factor(m.z), 1.0 * m.steps); },
    .make = [](const MethodOptions& o) -> std::unique_ptr<Integrator> {
      return std::make_unique<TrBdf2>(o);
    }};

}  // namespace calor
