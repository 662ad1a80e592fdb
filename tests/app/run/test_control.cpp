// SPDX-License-Identifier: BSD-3-Clause
// How far checkpoints are apart when nobody says so.
#include <algorithm>
#include <cmath>

#include "app/run/control.hpp"
#include "tests/support/catch.hpp"

using calor::app::checkpoint_interval;

namespace {

/// Share of the time that is lost: in checkpoints, and by failures, which each lose what was computed since
/// the last one, half an interval on average.
double lost(double interval, double cost, double mtbf) { return cost / interval + interval / (2.0 * mtbf); }

/// The interval that loses least, by looking.
double best(double cost, double mtbf) {
  double at = 1.0;
  for (double t = 1.0; t < 1e6; t *= 1.0005)
    if (lost(t, cost, mtbf) < lost(at, cost, mtbf)) at = t;
  return at;
}

}  // namespace

TEST_CASE("checkpoints are as far apart as loses least", "[checkpoint]") {
  const double hour = 3600.0, day = 24.0 * hour;
  for (const double cost : {0.02, 0.5, 3.0, 20.0})
    for (const double mtbf : {hour, 6.0 * hour, day, 7.0 * day}) {
      const double interval = checkpoint_interval(cost, mtbf);
      INFO("cost " << cost << " s, mtbf " << mtbf << " s: " << interval);
      const double wanted = std::clamp(best(cost, mtbf), 30.0, hour);
      CHECK(interval == Approx(wanted).epsilon(0.002));
    }
}

TEST_CASE("checkpoints take no more than a tenth of the time, whatever they cost", "[checkpoint]") {
  for (const double cost : {0.0, 1e-3, 5.0, 60.0, 900.0})
    for (const double mtbf : {1.0, 600.0, 86400.0}) {
      const double interval = checkpoint_interval(cost, mtbf);
      INFO("cost " << cost << " s, mtbf " << mtbf << " s: " << interval);
      CHECK(cost / interval <= 0.1 * (1.0 + 1e-12));
      CHECK(interval >= 30.0);
      CHECK(interval <= std::max(3600.0, 10.0 * cost));
    }
}
