// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "solver/model/time_profile.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

namespace {

/// Value of the polygon; between the two nodes of a jump there is no time to ask for.
double polygon(const TimeProfile& p, double t) {
  const auto& nodes = p.nodes();
  const std::size_t n = p.after(t);
  if (n == 0) return nodes.front().value;
  if (n == nodes.size()) return nodes.back().value;
  const auto &l = nodes[n - 1], &r = nodes[n];
  return l.value + (r.value - l.value) * (t - l.t) / (r.t - l.t);
}

}  // namespace

TEST_CASE("a jump is found to the last digit of its time", "[profile]") {
  const double later = std::nextafter(3600.0, 1e9), earlier = std::nextafter(3600.0, 0.0);
  const TimeProfile from{[](double t) { return t < 3600.0 ? 20.0 : 800.0; }, 0.0, 7200.0, 1e-5};
  REQUIRE(from.jumps().size() == 1);
  CHECK(from.jumps()[0].before == earlier);
  CHECK(from.jumps()[0].after == 3600.0);
  CHECK(from.corners().empty());
  const TimeProfile past{[](double t) { return t > 3600.0 ? 800.0 : 20.0; }, 0.0, 7000.0, 1e-5};
  REQUIRE(past.jumps().size() == 1);
  CHECK(past.jumps()[0].before == 3600.0);
  CHECK(past.jumps()[0].after == later);
  // At the very beginning.
  const TimeProfile at_once{[](double t) { return t > 0.0 ? 800.0 : 20.0; }, 0.0, 7000.0, 1e-5};
  REQUIRE(at_once.jumps().size() == 1);
  CHECK(at_once.jumps()[0].before == 0.0);
  CHECK(at_once.jumps()[0].after == std::numeric_limits<double>::denorm_min());
}

TEST_CASE("what lasts a millionth of the run is found, wherever it lies", "[profile]") {
  for (const double at : {0.0, 0.1234567, 0.5, 0.7071, 0.9999}) {
    INFO(at);
    const double end = 31536000.0, from = at * end, to = from + 1e-6 * end;
    const TimeProfile p{[&](double t) { return t >= from && t < to ? 1e4 : 0.0; }, 0.0, end, 1e-5};
    REQUIRE(p.jumps().size() == (at == 0.0 ? 1 : 2));
    CHECK(p.jumps().back().after == to);
    CHECK(p.jumps().front().after == (at == 0.0 ? to : from));
  }
}

TEST_CASE("many jumps, on a wave, are all found and nothing else", "[profile]") {
  const auto f = [](double t) { return std::sin(0.01 * t) + (std::fmod(t, 86400.0) < 3600.0 ? 1.0 : 0.0); };
  const double end = 30 * 86400.0;
  const TimeProfile p{f, 0.0, end, 1e-5};
  CHECK(p.resolved());
  REQUIRE(p.jumps().size() == 59 + (f(end) > 1.0 ? 1 : 0));  // the last day begins again at the end
  for (const auto& j : p.jumps()) CHECK(std::abs(f(j.after) - f(j.before)) == Approx(1.0).epsilon(1e-6));
}

TEST_CASE("corners are found where slopes change at once", "[profile]") {
  const TimeProfile ramp{[](double t) { return std::clamp((t - 1234.5) / 500.0, 0.0, 1.0); }, 0.0, 1e4, 1e-5};
  CHECK(ramp.jumps().empty());
  REQUIRE(ramp.corners().size() == 2);
  CHECK(ramp.corners()[0] == Approx(1234.5).margin(1e-4));
  CHECK(ramp.corners()[1] == Approx(1734.5).margin(1e-4));
}

TEST_CASE("what is smooth has neither jumps nor corners, and the polygon is close to it", "[profile]") {
  const double end = 36000.0, closeness = 1e-5;
  const std::vector<double (*)(double)> smooth{
      [](double t) { return 20.0 + 5.0 * std::sin(t / 600.0); },
      [](double t) { return std::sin(0.2 * t); },  // a thousand cycles
      [](double t) { return std::exp(-0.5 * std::pow((t - 9000.0) / 10.0, 2)); },
      [](double t) { return 10.0 * std::sqrt(t); },
      [](double t) { return 345.0 * std::log10(8.0 * t / 60.0 + 1.0); },
      [](double t) { return 1e9 + t * t; }};
  for (std::size_t n = 0; n < smooth.size(); ++n) {
    INFO(n);
    const TimeProfile p{smooth[n], 0.0, end, closeness};
    CHECK(p.resolved());
    CHECK(p.jumps().empty());
    CHECK(p.corners().empty());
    double worst = 0.0;
    for (int i = 0; i < 100'003; ++i) {
      const double t = end * i / 100'003.0;
      worst = std::max(worst, std::abs(polygon(p, t) - smooth[n](t)));
    }
    CHECK(worst <= 3.0 * closeness * (p.most() - p.least()));
    CHECK(p.nodes().size() < 1'000'000);
  }
}

TEST_CASE("rounding is no change", "[profile]") {
  const auto wave = [](double t) { return 20.0 + 345.0 * std::log10(8.0 * t / 60.0 + 1.0); };
  const TimeProfile constant{[&](double t) { return 3.0 * wave(t) / wave(t); }, 0.0, 172800.0, 1e-5};
  CHECK(constant.jumps().empty());
  CHECK(constant.corners().empty());
  CHECK(constant.nodes().size() == 2);
  // A trifle on a large number.
  const TimeProfile small{[](double t) { return 1e9 + 1e-3 * std::sin(t); }, 0.0, 10.0, 1e-5};
  CHECK(small.jumps().empty());
  CHECK(small.corners().empty());
  CHECK(small.resolved());
}

TEST_CASE("what changes faster than it is looked at is owned up to", "[profile]") {
  const TimeProfile p{[](double t) { return std::sin(1e7 * t); }, 0.0, 1.0, 1e-5};
  CHECK_FALSE(p.resolved());
}

TEST_CASE("known knots are taken as they are, and nothing is looked for between them", "[profile]") {
  int calls = 0;
  const auto f = [&](double t) {
    ++calls;
    return t < 10.0 ? 1.0 + 0.2 * t : t < 20.0 ? -2.0 + 0.2 * (t - 10.0) : 0.5 * (t - 20.0);
  };
  const TimeProfile p{TimeProfile::AllKnown{}, f, 0.0, 30.0, 1e-5, {{10.0, true}, {20.0, false}}};
  CHECK(calls < 20);
  REQUIRE(p.jumps().size() == 1);
  CHECK(p.jumps()[0].after == 10.0);
  CHECK(p.jumps()[0].before == std::nextafter(10.0, 0.0));
  REQUIRE(p.corners().size() == 1);
  CHECK(p.corners()[0] == 20.0);
  CHECK(p.nodes().size() == 5);
  CHECK(p.least() == -2.0);
  CHECK(p.most() == 5.0);
}

TEST_CASE("knots that are known and those that are found become one list", "[profile]") {
  const auto f = [](double t) {
    return (t < 1000.0 ? 0.0 : 5.0) + std::max(0.0, (t - 2000.0) / 100.0) + (t < 3000.0 ? 0.0 : 7.0);
  };
  const TimeProfile p{f, 0.0, 4000.0, 1e-5, {{1000.0, true}, {2000.0, false}, {2500.0, false}}};
  REQUIRE(p.jumps().size() == 2);
  CHECK(p.jumps()[0].after == 1000.0);
  CHECK(p.jumps()[1].after == 3000.0);
  REQUIRE(p.corners().size() == 2);
  CHECK(p.corners()[0] == 2000.0);
  CHECK(p.corners()[1] == 2500.0);
}
