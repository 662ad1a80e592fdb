// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "solver/model/enthalpy_curve.hpp"
#include "tests/support/catch.hpp"

using namespace calor;

namespace {

/// Its integral by many small steps, for anything that has a value.
template <class C>
double integral(C&& c, double from, double to) {
  constexpr int pieces = 200000;
  double sum = 0.0;
  for (int n = 0; n < pieces; ++n) sum += c(from + (to - from) * (n + 0.5) / pieces);
  return sum * (to - from) / pieces;
}

Function c_of_water() { return Function::table({-40.0, 0.0, 0.0, 30.0}, {1800.0, 2100.0, 4200.0, 4180.0}); }

}  // namespace

TEST_CASE("a constant specific heat is the temperature itself", "[enthalpy]") {
  const EnthalpyCurve c{Function{460.0}, {}, 0.0};
  CHECK(c.straight());
  CHECK(c.reference() == 460.0);
  for (const double T : {-3.7, 0.0, 1e5}) {
    CHECK(c.heat(T) == T);
    CHECK(c.temperature(T) == T);
    CHECK(c.slope(T) == 1.0);
    CHECK(c.liquid(T) == 0.0);
  }
}

TEST_CASE("what is held is the integral of c from 0, tables and expressions alike", "[enthalpy]") {
  const std::vector<std::pair<Function, double>> laws{
      {c_of_water(), -273.15},
      {Function::table({300.0, 400.0}, {1.0, 7.0}), 0.0},
      {Function::expression("460*(1 + 0.001*T)", "T"), 0.0},
      {Function::expression("700 + 300*exp(-((T-500)/40)^2)", "T"), 0.0},
      {Function::expression("T < 600 ? 425 + 0.773*T : 666 + 13002/(750 + T)", "T"), -273.15}};
  for (const auto& [c, zero] : laws) {
    const EnthalpyCurve curve{c, {}, zero};
    const auto value = [&f = c](double T) { return f(0.0, 0.0, 0.0, T); };
    CHECK(curve.heat(0.0) == Approx(0.0).margin(1e-9));
    for (const double T : {-150.0, -17.3, 12.0, 333.3, 642.0, 1870.0}) {
      if (T < zero) continue;
      const double held = integral(value, 0.0, T);
      CHECK(curve.reference() * curve.heat(T) == Approx(held).epsilon(2e-6));
    }
  }
}

TEST_CASE("temperature and content are each other's inverse, and the slope is theirs", "[enthalpy]") {
  const std::vector<PhaseChange> changes{{0.0, 0.0, 333600.0}, {12.0, 15.0, 5e4}, {14.0, 20.0, 2e4}};
  const EnthalpyCurve c{c_of_water(), changes, -273.15};
  std::mt19937 random{4};
  std::uniform_real_distribution<double> anywhere{-100.0, 100.0};
  double before = -1e9, T_before = -1e9;
  std::vector<double> all;
  for (int n = 0; n < 500; ++n) all.push_back(anywhere(random));
  for (const double T : {-40.0, 0.0, 12.0, 14.0, 15.0, 20.0, 30.0}) all.push_back(T);
  std::sort(all.begin(), all.end());
  for (const double T : all) {
    const double h = c.heat(T);
    CHECK(c.temperature(h) == Approx(T).margin(1e-11));
    CHECK(h > before);
    if (T > T_before) CHECK(h - before >= (T - T_before) * c.least_capacity(T_before, T) * (1.0 - 1e-9));
    before = h;
    T_before = T;
    const double d = 1e-5, low = c.temperature(h + d), high = c.temperature(h + 2.0 * d);
    CHECK((high - low) / d == Approx(c.slope(h + 1.5 * d)).margin(1e-4));
  }
}

TEST_CASE("temperature stands still while a sharp phase change takes place", "[enthalpy]") {
  const EnthalpyCurve c{c_of_water(), std::vector<PhaseChange>{{0.0, 0.0, 333600.0}}, -273.15};
  const double latent = 333600.0 / c.reference();
  CHECK(c.heat(0.0) == 0.0);  // solid
  CHECK(c.heat(0.0, 1.0) == Approx(latent));
  CHECK(c.heat(1e-9) == Approx(latent).epsilon(1e-9));
  for (const double share : {0.0, 0.2, 0.7, 0.999}) {
    const double h = c.heat(0.0, share);
    CHECK(c.temperature(h) == 0.0);
    CHECK(c.liquid(h) == Approx(share).margin(1e-12));
    CHECK(c.slope(h + 1e-6) == 0.0);
  }
  CHECK(c.liquid(c.heat(-1.0)) == 0.0);
  CHECK(c.liquid(c.heat(1.0)) == 1.0);
  CHECK(c.temperature(c.heat(0.0, 1.0)) == 0.0);
}

TEST_CASE("latent heat of a range is spread evenly, and several add", "[enthalpy]") {
  const EnthalpyCurve c{Function{2.0}, std::vector<PhaseChange>{{10.0, 20.0, 100.0}, {15.0, 15.0, 40.0}},
                        0.0};
  CHECK(c.reference() * c.heat(10.0) == Approx(20.0));
  CHECK(c.reference() * c.heat(12.5) == Approx(50.0));
  CHECK(c.reference() * c.heat(15.0, 0.5) == Approx(30.0 + 50.0 + 20.0));
  CHECK(c.reference() * c.heat(30.0) == Approx(60.0 + 140.0));
  CHECK(c.liquid(c.heat(12.5)) == Approx(25.0 / 140.0));
  CHECK(c.liquid(c.heat(20.0)) == Approx(1.0));
}

TEST_CASE("a mixture holds what its parts hold at one temperature", "[enthalpy]") {
  const EnthalpyCurve water{c_of_water(), std::vector<PhaseChange>{{0.0, 0.0, 333600.0}}, -273.15};
  const EnthalpyCurve wax{Function{2100.0}, std::vector<PhaseChange>{{5.0, 9.0, 2e5}}, -273.15};
  const EnthalpyCurve steel{Function{460.0}, {}, -273.15};
  const double rho[] = {1000.0 * 0.3, 850.0 * 0.5, 7850.0 * 0.2};
  const EnthalpyCurve* const curves[] = {&water, &wax, &steel};
  std::vector<std::pair<double, const EnthalpyCurve*>> parts;
  double all = 0.0;
  for (int n = 0; n < 3; ++n) {
    parts.emplace_back(rho[n] * curves[n]->reference(), curves[n]);
    all += parts.back().first;
  }
  const EnthalpyCurve mix = EnthalpyCurve::mixture(parts);
  for (const double T : {-80.0, -3.0, 2.0, 6.0, 8.9, 31.0, 200.0}) {
    double held = 0.0;
    for (const auto& [weight, curve] : parts) held += weight * curve->heat(T);
    CHECK(all * mix.heat(T) == Approx(held).epsilon(1e-12));
    CHECK(mix.temperature(mix.heat(T)) == Approx(T).margin(1e-10));
  }
  // Half of its ice has melted.
  const double h = mix.heat(0.0, 0.5);
  CHECK(mix.temperature(h) == 0.0);
  CHECK(all * mix.heat(0.0, 1.0) == Approx(300.0 * 333600.0));
}

TEST_CASE("what is no specific heat is refused, or valid as far as it is one", "[enthalpy]") {
  CHECK_THROWS(EnthalpyCurve(Function::expression("T - 1000", "T"), {}, 0.0));
  CHECK_THROWS(EnthalpyCurve(Function::expression("1/0 + T", "T"), {}, 0.0));
  const EnthalpyCurve c{Function::expression("1000 - T", "T"), {}, 0.0};
  CHECK(c.valid().first == 0.0);
  CHECK(c.valid().second == Approx(1000.0).epsilon(1e-3));
}
