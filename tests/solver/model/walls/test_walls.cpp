// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "tests/support/catch.hpp"

#include "solver/model/walls/wall.hpp"

using namespace calor;

namespace {

constexpr double sigma = 5.670374419e-8;
double fourth(double v) { return v * v * v * v; }

/// One kind of wall, and its law written out anew: the test's own.
struct Row {
  const char* name;
  std::vector<std::string> functions;
  bool fixes_level, exchange_varies, linear, passes;
  /// The wall beside which this wall temperature and this heat flux inward belong together.
  WallLaw (*fitting)(double wall, double inward);
  /// Zero where the wall of `fitting` lets these two stand together.
  double (*balance)(double wall, double inward, double u_wall, double flux);
};

const std::vector<Row> rows{
    {"insulated",
     {},
     false,
     false,
     true,
     false,
     [](double, double) -> WallLaw { return Insulated{}; },
     [](double, double, double, double flux) { return flux; }},
    {"temperature",
     {"value"},
     true,
     false,
     true,
     true,
     [](double wall, double) -> WallLaw { return FixedTemperature{wall}; },
     [](double wall, double, double u_wall, double) { return u_wall - wall; }},
    {"flux",
     {"inward"},
     false,
     false,
     true,
     true,
     [](double, double inward) -> WallLaw { return HeatFlux{inward}; },
     [](double, double inward, double, double flux) { return flux - inward; }},
    {"convection",
     {"film", "ambient"},
     true,
     false,
     true,
     true,
     [](double wall, double inward) -> WallLaw {
       return Convection{12.0, wall + inward / 12.0};
     },
     [](double wall, double inward, double u_wall, double flux) {
       return flux - 12.0 * (wall + inward / 12.0 - u_wall);
     }},
    {"radiation",
     {"emissivity", "ambient"},
     true,
     true,
     false,
     true,
     [](double wall, double inward) -> WallLaw {
       return Radiation{0.8, std::pow(fourth(wall) + inward / (0.8 * sigma), 0.25)};
     },
     [](double wall, double inward, double u_wall, double flux) {
       return flux - 0.8 * sigma * (fourth(wall) + inward / (0.8 * sigma) - fourth(u_wall));
     }},
};

Function text(const std::string& expression) { return Function::expression(expression, "xytT"); }

/// Walls of several terms, and with the wall's own temperature in their functions; each law written out anew.
struct Sum {
  const char* name;
  WallLaw (*fitting)(double wall, double inward);
  double (*balance)(double wall, double inward, double u_wall, double flux);
  double steepest = 0.0;  // heat that feeds on itself, below the half cell's 2 k/dn
};

const std::vector<Sum> sums{
    {"convection and flux",
     [](double wall, double inward) -> WallLaw {
       return WallLaw{Convection{12.0, wall - 5.0}}.plus(HeatFlux{inward + 60.0});
     },
     [](double wall, double inward, double w, double flux) {
       return flux - (inward + 60.0) - 12.0 * (wall - 5.0 - w);
     }},
    {"convection and radiation",
     [](double wall, double inward) -> WallLaw {
       return WallLaw{
           Convection{5.0, wall + inward / 5.0 + 0.9 * sigma * (fourth(wall) - fourth(290.0)) / 5.0}}
           .plus(Radiation{0.9, 290.0});
     },
     [](double wall, double inward, double w, double flux) {
       return flux - 5.0 * (wall - w) - inward - 0.9 * sigma * (fourth(wall) - fourth(w));
     }},
    {"radiation and flux",
     [](double wall, double inward) -> WallLaw {
       return WallLaw{Radiation{0.7, 280.0}}.plus(
           HeatFlux{inward - 0.7 * sigma * (fourth(280.0) - fourth(wall))});
     },
     [](double wall, double inward, double w, double flux) {
       return flux - inward - 0.7 * sigma * (fourth(wall) - fourth(w));
     }},
    {"convection, radiation and flux",
     [](double wall, double inward) -> WallLaw {
       return WallLaw{Convection{8.0, wall}}.plus(Radiation{0.5, wall}).plus(HeatFlux{inward});
     },
     [](double wall, double inward, double w, double flux) {
       return flux - inward - 8.0 * (wall - w) - 0.5 * sigma * (fourth(wall) - fourth(w));
     }},
    {"a film of natural convection",
     [](double wall, double inward) -> WallLaw {
       return WallLaw{Convection{text(fmt::format("1.5*abs(T - {:.17g})^0.25", wall - 40.0)), wall - 40.0}}
           .plus(HeatFlux{inward + 1.5 * std::pow(40.0, 1.25)});
     },
     [](double wall, double inward, double w, double flux) {
       return flux - inward - 1.5 * std::pow(40.0, 1.25) +
              1.5 * std::pow(std::abs(w - wall + 40.0), 0.25) * (w - wall + 40.0);
     }},
    {"an emissivity of T",
     [](double wall, double inward) -> WallLaw {
       return Radiation{text("0.4 + 0.0005*T"),
                        std::pow(fourth(wall) + inward / ((0.4 + 0.0005 * wall) * sigma), 0.25)};
     },
     [](double wall, double inward, double w, double flux) {
       const double around = fourth(wall) + inward / ((0.4 + 0.0005 * wall) * sigma);
       return flux - (0.4 + 0.0005 * w) * sigma * (around - fourth(w));
     }},
    {"air that the wall warms",
     [](double wall, double inward) -> WallLaw {
       return Convection{12.0, text(fmt::format("{:.17g} + 0.2*(T - {:.17g})", wall + inward / 12.0, wall))};
     },
     [](double wall, double inward, double w, double flux) {
       return flux - inward - 12.0 * (0.2 * (w - wall) - (w - wall));
     }},
    {"a flux that holds the level",
     [](double wall, double inward) -> WallLaw {
       return HeatFlux{text(fmt::format("-10*(T - {:.17g})", wall + inward / 10.0))};
     },
     [](double wall, double inward, double w, double flux) { return flux - inward + 10.0 * (w - wall); }},
    {"a flux that feeds on itself",
     [](double wall, double inward) -> WallLaw {
       return HeatFlux{text(fmt::format("{:.17g} + 2*(T - {:.17g})", inward, wall))};
     },
     [](double wall, double inward, double w, double flux) { return flux - inward - 2.0 * (w - wall); }, 2.0},
    {"all of T at once",
     [](double wall, double inward) -> WallLaw {
       return WallLaw{Convection{text(fmt::format("3 + 0.01*(T - {:.17g})", wall)), wall}}
           .plus(Radiation{text(fmt::format("0.5 + 0.001*(T - {:.17g})", wall)), wall})
           .plus(HeatFlux{text(fmt::format("{:.17g} - 0.5*(T - {:.17g})", inward, wall))});
     },
     [](double wall, double inward, double w, double flux) {
       const double d = w - wall, film = std::max(0.0, 3.0 + 0.01 * d),
                    part = std::clamp(0.5 + 0.001 * d, 0.0, 1.0);
       return flux - inward + 0.5 * d + film * d + part * sigma * (fourth(w) - fourth(wall));
     }},
};

GhostRule rule_of(const WallLaw& law, double k, double dn, double u) {
  return ghost_rule(law, 0.0, 0.0, 0.0, {k, dn, u});
}

std::vector<std::string> names(const WallLaw& law) {
  std::vector<std::string> all;
  for_each_function(law, [&](const char* name, const Function&, const Allowed&) { all.emplace_back(name); });
  return all;
}

/// The n-th function of the wall, with other text.
WallLaw with(WallLaw law, std::size_t n, const char* text) {
  for_each_function(law, [&](const char*, Function& f, const Allowed&) {
    if (n-- == 0) f = Function::expression(text, "xytT");
  });
  return law;
}

/// Largest error of n cells on [0, 1] with k = 3 between the wall and a fixed temperature at x = 1. The exact
/// solution is 300 + slope x + 40 (1 - cos 2x).
double error_of(WallLaw (*fitting)(double, double), bool passes, int n) {
  const double k = 3.0, dn = 1.0 / n, slope = passes ? -20.0 : 0.0;
  const auto exact = [&](double x) { return 300.0 + slope * x + 40.0 * (1.0 - std::cos(2.0 * x)); };
  const WallLaw law = fitting(300.0, -k * slope);
  const auto size = static_cast<std::size_t>(n);
  std::vector<double> u(size, 250.0), c(size), d(size);
  for (int round = 0; round < 60; ++round) {  // walls that are not linear give their tangent
    const GhostRule left = rule_of(law, k, dn, u[0]);
    double before_c = 0.0, before_d = 0.0;
    for (std::size_t i = 0; i < size; ++i) {  // Thomas, for  2 u - u_west - u_east = -160 cos(2x) dn^2
      const double x = (static_cast<double>(i) + 0.5) * dn;
      double middle = 2.0, right = -160.0 * std::cos(2.0 * x) * dn * dn, west = 1.0, east = 1.0;
      if (i == 0) {
        middle -= left.a;
        right += left.b;
        west = 0.0;
      }
      if (i + 1 == size) {
        middle += 1.0;
        right += 2.0 * exact(1.0);
        east = 0.0;
      }
      const double pivot = middle - west * before_c;
      before_c = c[i] = east / pivot;
      before_d = d[i] = (right + west * before_d) / pivot;
    }
    for (std::size_t i = size; i-- > 0;) u[i] = d[i] + (i + 1 < size ? c[i] * u[i + 1] : 0.0);
  }
  double error = 0.0;
  for (std::size_t i = 0; i < size; ++i)
    error = std::max(error, std::abs(u[i] - exact((static_cast<double>(i) + 0.5) * dn)));
  return error;
}

}  // namespace

TEST_CASE("every kind of wall has its row here", "[walls]") {
  std::set<std::size_t> kinds;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const WallLaw law = row.fitting(300.0, 50.0);
    kinds.insert(law.terms().front().index());
    CHECK(names(law) == row.functions);
    CHECK(fixes_level(law) == row.fixes_level);
    CHECK(exchange_varies(law) == row.exchange_varies);
    CHECK(linear(law) == row.linear);
    CHECK(passes_heat(law) == row.passes);
    CHECK(steady(law) == row.linear);
  }
  CHECK(kinds.size() == std::variant_size_v<WallTerm>);
}

TEST_CASE("ghosts reproduce the law of their wall", "[walls]") {
  for (const Row& row : rows)
    for (const double u : {250.0, 300.0, 950.0})
      for (const double k : {0.04, 3.0, 400.0})
        for (const double dn : {1e-3, 0.2})
          for (const double inward : {-40.0, 0.0, 50.0}) {
            CAPTURE(row.name, u, k, dn, inward);
            const GhostRule r = rule_of(row.fitting(310.0, inward), k, dn, u);
            const double ghost = r.a * u + r.b, flux = k * (ghost - u) / dn;
            const double scale = 1.0 + std::abs(flux) + k * u / dn;
            CHECK(std::abs(row.balance(310.0, inward, 0.5 * (u + ghost), flux)) < 1e-11 * scale);
            CHECK((r.a >= -1.0 && r.a <= 1.0));  // what Walls::most_exchange counts on
          }
}

TEST_CASE("walls are of second order", "[walls]") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const double coarse = error_of(row.fitting, row.passes, 20), fine = error_of(row.fitting, row.passes, 40);
    CHECK(coarse < 1.0);
    CHECK(std::log2(coarse / fine) == Approx(2.0).margin(0.1));
  }
  for (const Sum& sum : sums) {
    CAPTURE(sum.name);
    const double coarse = error_of(sum.fitting, true, 40), fine = error_of(sum.fitting, true, 80);
    CHECK(coarse < 1.0);
    CHECK(std::log2(coarse / fine) == Approx(2.0).margin(0.1));
  }
}

TEST_CASE("what leaves a wall is the sum of its terms at the wall's own temperature", "[walls]") {
  for (const Sum& sum : sums)
    for (const double u : {250.0, 300.0, 950.0})
      for (const double k : {0.04, 3.0, 400.0})
        for (const double dn : {1e-3, 0.2})
          for (const double inward : {-40.0, 0.0, 50.0}) {
            if (sum.steepest > 0.8 * 2.0 * k / dn) continue;
            CAPTURE(sum.name, u, k, dn, inward);
            const GhostRule r = rule_of(sum.fitting(310.0, inward), k, dn, u);
            const double ghost = r.a * u + r.b, flux = k * (ghost - u) / dn;
            const double scale = 1.0 + std::abs(flux) + k * u / dn;
            CHECK(std::abs(sum.balance(310.0, inward, 0.5 * (u + ghost), flux)) < 1e-11 * scale);
            CHECK((r.a >= -1.0 && r.a <= 1.0));
          }
}

TEST_CASE("the rule of a wall is the tangent of its flux, where heat does not feed on itself", "[walls]") {
  const double k = 3.0, dn = 0.02;
  for (const Sum& sum : sums)
    for (const double u : {280.0, 330.0, 700.0}) {
      if (sum.steepest > 0.0) continue;
      CAPTURE(sum.name, u);
      const WallLaw law = sum.fitting(310.0, 30.0);
      const auto ghost = [&](double v) {
        const GhostRule r = rule_of(law, k, dn, v);
        return r.a * v + r.b;
      };
      CHECK(rule_of(law, k, dn, u).a == Approx((ghost(u + 0.01) - ghost(u - 0.01)) / 0.02).epsilon(1e-5));
    }
  for (const Sum& sum : sums)
    if (sum.steepest > 0.0) CHECK(rule_of(sum.fitting(310.0, 30.0), k, dn, 300.0).a == 1.0);
}

TEST_CASE("a wall without a balance, or with several, gives no number", "[walls]") {
  // h = 2 k/dn = 10; inside 300. Heat that grows faster than the half cell carries it off has no balance.
  CHECK(std::isnan(rule_of(HeatFlux{text("1e-3*T^3")}, 1.0, 0.2, 300.0).b));
  // The nearest one, where it is there at once: w = 300.1 and 460.
  const WallLaw lights = HeatFlux{text("T > 350 ? 1000 : 1")};
  CHECK_FALSE(std::isnan(rule_of(lights, 1.0, 0.2, 300.0).b));
  CHECK_FALSE(std::isnan(rule_of(lights, 1.0, 0.2, 360.0).b));
  // w = 305, 315 and 325 balance alike.
  const WallLaw open = HeatFlux{text("10*(T - 300) - 0.1*(T - 305)*(T - 315)*(T - 325)")};
  CHECK(std::isnan(rule_of(open, 1.0, 0.2, 300.0).b));
  // A film that leaps up holds the wall at the leap.
  const WallLaw leaps = Convection{text("T > 100 ? 1000 : 1"), 20.0};
  const GhostRule r = rule_of(leaps, 1.0, 0.2, 180.0);
  CHECK(0.5 * (180.0 + r.a * 180.0 + r.b) == Approx(100.0));
  CHECK(r.a == Approx(-1.0).margin(1e-3));
  // An expression that ends where it is not defined.
  const GhostRule root = rule_of(Convection{text("5*sqrt(T - 299)"), 20.0}, 1.0, 0.2, 300.0);
  const double w = 0.5 * (300.0 + root.a * 300.0 + root.b);
  CHECK(10.0 * (300.0 - w) == Approx(5.0 * std::sqrt(w - 299.0) * (w - 20.0)));
}

TEST_CASE("radiation counts from absolute zero, wherever that lies on the scale", "[walls]") {
  const WallLaw kelvin = WallLaw{Convection{5.0, 293.15}}.plus(Radiation{0.9, 293.15}),
                celsius = WallLaw{Convection{5.0, 20.0}}.plus(Radiation{0.9, 20.0});
  for (const double u : {-40.0, 20.0, 800.0}) {
    const GhostRule a = ghost_rule(kelvin, 0.0, 0.0, 0.0, {3.0, 0.02, u + 273.15}),
                    b = ghost_rule(celsius, 0.0, 0.0, 0.0, {3.0, 0.02, u, -273.15});
    CHECK(a.a == Approx(b.a).epsilon(1e-12));
    CHECK(a.a * (u + 273.15) + a.b - 273.15 == Approx(b.a * u + b.b).margin(1e-9));
  }
}

TEST_CASE("only fluxes stand beside another", "[walls]") {
  CHECK_THROWS_AS(WallLaw{FixedTemperature{3.0}}.plus(HeatFlux{1.0}), std::invalid_argument);
  CHECK_THROWS_AS(WallLaw{HeatFlux{3.0}}.plus(Insulated{}), std::invalid_argument);
  WallLaw many = HeatFlux{1.0};
  for (std::size_t n = 1; n < WallLaw::most_terms; ++n) many = many.plus(HeatFlux{1.0});
  CHECK_THROWS_AS(many.plus(HeatFlux{1.0}), std::invalid_argument);
  CHECK(rule_of(many, 2.0, 0.5, 1.0).b == Approx(4.0 * 0.5 / 2.0));
}

TEST_CASE("each function of a wall is seen by what it depends on, and acts", "[walls]") {
  for (const Row& row : rows) {
    const WallLaw law = row.fitting(300.0, 50.0);
    CHECK_FALSE((of_time(law) || of_place(law) || of_temperature(law)));
    for (std::size_t n = 0; n < row.functions.size(); ++n) {
      CAPTURE(row.name, row.functions[n]);
      const WallLaw t = with(law, n, "0.5 + t"), x = with(law, n, "0.5 + x"), y = with(law, n, "0.5 + y"),
                    T = with(law, n, "0.5 + T/1000");
      CHECK((of_time(t) && !of_place(t) && !of_temperature(t) && !steady(t)));
      CHECK((!of_time(x) && of_place(x) && !of_temperature(x)));
      CHECK((!of_time(y) && of_place(y) && !of_temperature(y)));
      CHECK((!of_time(T) && !of_place(T) && of_temperature(T) && !steady(T)));
      const auto ghost = [](const WallLaw& l, double px, double py, double time, double temperature) {
        const GhostRule r = ghost_rule(evaluate(l, px, py, time, temperature), {3.0, 0.2, 200.0});
        return r.a * 200.0 + r.b;
      };
      CHECK(ghost(t, 0.0, 0.0, 0.3, 0.0) != ghost(t, 0.0, 0.0, 0.0, 0.0));
      CHECK(ghost(x, 0.3, 0.0, 0.0, 0.0) == ghost(t, 0.0, 0.0, 0.3, 0.0));
      CHECK(ghost(y, 0.0, 0.3, 0.0, 0.0) == ghost(t, 0.0, 0.0, 0.3, 0.0));
      CHECK(ghost(T, 0.0, 0.0, 0.0, 300.0) == ghost(t, 0.0, 0.0, 0.3, 0.0));
    }
  }
}

TEST_CASE("a film that varies with time changes what may be exchanged, a film of zero fixes nothing",
          "[walls]") {
  CHECK(exchange_varies(Convection{Function::expression("2 + t", "t"), 20.0}));
  CHECK_FALSE(exchange_varies(Convection{2.0, Function::expression("2 + t", "t")}));
  CHECK_FALSE(fixes_level(Convection{0.0, 20.0}));
  CHECK(fixes_level(Convection{Function::expression("0*t", "t"), 20.0}));
  CHECK(rule_of(Convection{1e12, 20.0}, 3.0, 0.2, 7.0).a == Approx(-1.0));
}

TEST_CASE("the rule of a radiating wall is the tangent of radiation", "[walls]") {
  const double k = 55.0, dn = 1e-3, emissivity = 0.8;
  const WallLaw law = Radiation{emissivity, 300.0};
  for (const double u : {250.0, 300.0, 950.0, 2500.0}) {
    CAPTURE(u);
    const GhostRule g = rule_of(law, k, dn, u);
    const double w = 0.5 * (u + g.a * u + g.b), flux = k * (g.a * u + g.b - u) / dn;
    CHECK(flux == Approx(emissivity * sigma * (fourth(300.0) - fourth(w))).margin(1e-6));
    // The same rule taken at a neighbouring temperature differs from this one's line only in second order.
    const double h = 1e-2 * u;
    const GhostRule n = rule_of(law, k, dn, u + h);
    const double exact = k * (n.a * (u + h) + n.b - (u + h)) / dn,
                 line = k * (g.a * (u + h) + g.b - (u + h)) / dn;
    const double film = 4.0 * emissivity * sigma * w * w * w;
    CHECK(std::abs(exact - line) < 0.05 * film * h + 1e-9);
  }
}
