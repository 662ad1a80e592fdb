// SPDX-License-Identifier: BSD-3-Clause
#include "app/materials/table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/case/case_warnings.hpp"
#include "app/case/properties.hpp"
#include "app/case/spec_of_case.hpp"
#include "decomposition/error.hpp"
#include "tests/support/catch.hpp"

using namespace calor;
using namespace calor::app;
using Catch::Contains;

namespace {

/// A transient of one cell in a row, all of the material.
std::string plate_of(const std::string& name, const std::string& more = "",
                     const std::string& unit = "degC") {
  return "[grid]\nnx = 3\nny = 3\n" + more + "[material]\nmaterial = \"" + name +
         "\"\n[initial]\ntemperature = 300.0\n[time]\nend = 1.0\n[output]\ntemperature_unit = \"" + unit +
         "\"\n";
}

double k_at(const std::string& name, double celsius) {
  const ProblemSpec s = make_spec(parse_case({{"a.toml", plate_of(name)}}));
  return s.materials.conductivity[0].x(0.0, 0.0, 0.0, celsius);
}

std::string refusal(const std::string& text) {
  try {
    parse_case({{"a.toml", text}});
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("every built-in material has a name, values and a source") {
  CHECK(built_in_materials().size() >= 60);
  std::set<std::string> names;
  for (const BuiltInMaterial& m : built_in_materials()) {
    INFO(m.name);
    CHECK(names.insert(m.name).second);
    CHECK(m.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzT0123456789_") == std::string::npos);
    CHECK_FALSE(m.what.empty());
    CHECK_FALSE(m.group.empty());
    CHECK(m.source.size() > 8);
    CHECK(m.density > 0.5);
    CHECK(m.density < 25000.0);
    const auto sound = [](const OverCelsius& t) {
      REQUIRE(t.T.size() == t.value.size());
      REQUIRE(t.T.size() >= 2);
      // Two equal temperatures are a jump.
      for (std::size_t n = 1; n < t.T.size(); ++n)
        CHECK((t.T[n] > t.T[n - 1] || (t.T[n] == t.T[n - 1] && t.value[n] != t.value[n - 1])));
      CHECK(t.T.front() > -273.15);
      CHECK(*std::min_element(t.value.begin(), t.value.end()) > 0.0);
    };
    const bool of_T = std::holds_alternative<OverCelsius>(m.conductivity);
    if (of_T) sound(std::get<OverCelsius>(m.conductivity));
    if (const auto* k = std::get_if<double>(&m.conductivity)) CHECK((*k > 0.001 && *k < 3000.0));
    if (const auto* c = std::get_if<double>(&m.specific_heat)) CHECK((*c > 100.0 && *c < 5000.0));
    if (const auto* c = std::get_if<OverCelsius>(&m.specific_heat)) sound(*c);
    CHECK((m.name.find("_of_T") != std::string::npos) ==
          (of_T && m.name.find("_en_") == std::string::npos && !m.melting));
    // A case may name it, in both units, and then says all of it by itself.
    for (const char* unit : {"K", "degC"}) {
      const Case c = parse_case({{"a.toml", plate_of(m.name, "", unit)}});
      REQUIRE(c.materials.size() == 1);
      CHECK(without_places(parse_case({{"a.toml", emit(c)}})) == without_places(c));
      CHECK(properties_of(c, c.material).density == std::optional<Quantity>{m.density});
    }
  }
}

TEST_CASE("conductivities of T are those of the standards, in the unit of the case") {
  for (const double T : {20.0, 300.0, 650.0, 799.0})
    CHECK(k_at("steel_en_1993_1_2", T) == Approx(54.0 - 3.33e-2 * T));
  CHECK(k_at("steel_en_1993_1_2", 1000.0) == Approx(27.3));
  for (const double T : {20.0, 137.0, 500.0, 915.0, 1200.0}) {
    const double h = T / 100.0;
    CHECK(k_at("concrete_en_1992_1_2", T) == Approx(2.0 - 0.2451 * h + 0.0107 * h * h).epsilon(5e-4));
    CHECK(k_at("concrete_en_1992_1_2_lower", T) == Approx(1.36 - 0.136 * h + 0.0057 * h * h).epsilon(5e-4));
    CHECK(k_at("steel_stainless_en_1993_1_2", T) == Approx(14.6 + 1.27e-2 * T));
  }
  CHECK(k_at("silicon_of_T", 400.0 - 273.15) == Approx(98.9));
  const ProblemSpec s = make_spec(parse_case({{"a.toml", plate_of("silicon_of_T", "", "K")}}));
  CHECK(s.materials.conductivity[0].x(0.0, 0.0, 0.0, 400.0) == Approx(98.9));
  CHECK(s.materials.conductivity[0].x(0.0, 0.0, 0.0, 350.0) == Approx(0.5 * (148.0 + 98.9)));
}

TEST_CASE("specific heats of T are those of the standards, and content follows") {
  const auto curve = [](const std::string& name) {
    return make_spec(parse_case({{"a.toml", plate_of(name, "", "degC")}})).materials.curves.front();
  };
  // EN 1993-1-2, 3.4.1.2, integrated from 20 deg C.
  const auto steel = [](double T) {
    return T < 600.0   ? 425.0 + 0.773 * T - 1.69e-3 * T * T + 2.22e-6 * T * T * T
           : T < 735.0 ? 666.0 + 13002.0 / (738.0 - T)
           : T < 900.0 ? 545.0 + 17820.0 / (T - 731.0)
                       : 650.0;
  };
  const auto held = [](auto&& c, double from, double to) {
    double sum = 0.0;
    for (int n = 0; n < 100000; ++n) sum += c(from + (to - from) * (n + 0.5) / 1e5);
    return sum * (to - from) / 1e5;
  };
  const EnthalpyCurve s = curve("steel_en_1993_1_2");
  for (const double T : {100.0, 550.0, 700.0, 734.0, 780.0, 1100.0})
    CHECK(s.reference() * (s.heat(T) - s.heat(20.0)) == Approx(held(steel, 20.0, T)).epsilon(1e-3));
  const EnthalpyCurve c = curve("concrete_en_1992_1_2");
  CHECK(c.reference() * (c.heat(400.0) - c.heat(20.0)) ==
        Approx(80.0 * 900.0 + 100.0 * 950.0 + 200.0 * 1050.0));
  const EnthalpyCurve stainless = curve("steel_stainless_en_1993_1_2");
  const auto law = [](double T) { return 450.0 + 0.28 * T - 2.91e-4 * T * T + 1.34e-7 * T * T * T; };
  CHECK(stainless.reference() * (stainless.heat(900.0) - stainless.heat(20.0)) ==
        Approx(held(law, 20.0, 900.0)).epsilon(1e-3));
  const EnthalpyCurve water = curve("water_that_freezes");
  CHECK(water.reference() * (water.heat(1.0) - water.heat(-1.0)) == Approx(2000.0 + 4190.0 + 333600.0));
  // In kelvin as well.
  const EnthalpyCurve kelvin =
      make_spec(parse_case({{"a.toml", plate_of("water_that_freezes", "", "K")}})).materials.curves.front();
  CHECK(kelvin.liquid(kelvin.heat(273.14)) == 0.0);
  CHECK(kelvin.liquid(kelvin.heat(273.16)) == 1.0);
}

TEST_CASE("made-up values follow their formulas") {
  const auto k = [](const char* name) { return std::get<double>(find_built_in(name)->conductivity); };
  const auto content = [](const char* name) {
    const BuiltInMaterial& m = *find_built_in(name);
    return m.density * std::get<double>(m.specific_heat);
  };
  // Johansen: 80 % quartz, porosity 0.4; de Vries.
  const double solids = std::exp(0.8 * std::log(7.7) + 0.2 * std::log(2.0));
  CHECK(k("soil_sand_thawed") ==
        Approx(std::exp(0.6 * std::log(solids) + 0.4 * std::log(0.57))).epsilon(5e-3));
  CHECK(k("soil_sand_frozen") ==
        Approx(std::exp(0.6 * std::log(solids) + 0.4 * std::log(2.2))).epsilon(5e-3));
  CHECK(content("soil_sand_thawed") == Approx(0.6 * 1.92e6 + 0.4 * 4.18e6).epsilon(1e-3));
  CHECK(content("soil_sand_frozen") == Approx(0.6 * 1.92e6 + 0.4 * 1.9e6).epsilon(1e-3));
  CHECK(content("soil_clay") == Approx(3.0e6).epsilon(1e-3));
  // ISO 6946: resistances.
  CHECK(0.025 / k("air_layer_25mm") == Approx(0.18).epsilon(1e-3));
  CHECK(0.05 / k("air_layer_50mm_up") == Approx(0.16).epsilon(1e-3));
  CHECK(0.3 / k("air_layer_300mm_down") == Approx(0.23).epsilon(1e-3));
}

TEST_CASE("a material of the case, what stands beside it, and later texts") {
  const std::string own =
      "[materials.copper]\nconductivity = [3.0, 4.0]\ndensity = 10.0\nspecific_heat = 7.0\n";
  const Case c = parse_case({{"a.toml", plate_of("copper", own)}});
  CHECK(properties_of(c, c.material).density == std::optional<Quantity>{10.0});  // the case's own wins
  CHECK(make_spec(c).materials.conductivity[0].y(0.0, 0.0) == 4.0);

  const std::string beside =
      plate_of("copper") +
      "[[region]]\nname = \"a\"\nshape = \"circle\"\ncenter = [0.5, 0.5]\nradius = 0.4\n"
      "material = \"tin\"\ndensity = 5.0\n";
  const Case d = parse_case({{"a.toml", beside}});
  CHECK(properties_of(d, d.regions[0]).density == std::optional<Quantity>{5.0});
  CHECK(make_spec(d).materials.conductivity[1].x(0.0, 0.0) == 66.6);
  // A later name takes what stood beside the old one with it; a later value wins over a name.
  const Case e = parse_case({{"a.toml", beside}}, {"region.a.material=lead"});
  CHECK(properties_of(e, e.regions[0]).density == std::optional<Quantity>{11340.0});
  const Case f = parse_case({{"a.toml", beside}}, {"region.a.conductivity=1.5"});
  CHECK(make_spec(f).materials.conductivity[1].x(0.0, 0.0) == 1.5);
}

TEST_CASE("a name that stands for nothing, and a material of which too little is known, are refused") {
  CHECK_THAT(refusal(plate_of("coper")), Contains("did you mean \"copper\""));
  CHECK_THAT(refusal(plate_of("mie", "[materials.mine]\nconductivity = 1.0\n")),
             Contains("did you mean \"mine\""));
  CHECK_THAT(refusal(plate_of("mine", "[materials.mine]\nconductivity = 1.0\nspecific_heat = 2.0\n")),
             Contains("material.density: missing"));
  CHECK_THAT(refusal(plate_of("mine", "[materials.mine]\ndensity = 1.0\nspecific_heat = 2.0\n")),
             Contains("material.conductivity: missing"));
  CHECK_THAT(refusal("[grid]\nnx = 3\nny = 3\n[time]\nmethod = \"steady\"\n"),
             Contains("material.conductivity: missing"));
  CHECK_THAT(
      refusal(plate_of("copper") + "[[region]]\nname = \"a\"\nshape = \"circle\"\ncenter = [0.5, 0.5]\n"
                                   "radius = 0.4\nmaterial = \"m\"\n[materials.m]\nconductivity = 2.0\n"),
      Contains("region.a.density: missing"));
}

TEST_CASE("cavities of three sizes conduct as worked out by hand") {
  // docs/user_guide.md has the same numbers.
  struct Size {
    double d, b, difference, other;
    double h_a, h_r, k;
  };
  for (const Size& s : {Size{0.020, 0.030, 10.0, 0.9, 1.572737, 3.233714, 0.0961290},
                        Size{0.004, 0.020, 10.0, 0.9, 6.25, 3.8332385, 0.04033295},
                        Size{0.050, 0.005, 3.0, 0.1, 1.052842, 0.26731935, 0.06600808}}) {
    FrameCavity cavity{s.d, s.b, {0.9, s.other}, s.difference};
    const double T = 283.15;
    CHECK(cavity.convection(s.difference) == Approx(s.h_a).epsilon(1e-6));
    CHECK(cavity.radiation_per_cube() * T * T * T == Approx(s.h_r).epsilon(1e-6));
    CHECK(cavity.conductivity(T) == Approx(s.k).epsilon(1e-6));
    cavity.slightly_ventilated = true;
    CHECK(cavity.conductivity(T) == Approx(2.0 * s.k).epsilon(1e-6));
  }
  // A triangle: half the rectangle around it, with its sides' ratio.
  FrameCavity cavity;
  make_rectangular(cavity, 0.02, 0.04, 0.0004);
  CHECK(cavity.d * cavity.b == Approx(0.0004));
  CHECK(cavity.b / cavity.d == Approx(2.0));
}

TEST_CASE("a unit that nobody said is doubted where k depends on T") {
  std::string text = plate_of("silicon_of_T");
  text.erase(text.find("[output]"));
  CHECK(case_warnings(parse_case({{"a.toml", text}})).empty());
  const std::vector<std::string> warnings =
      case_warnings(parse_case({{"a.toml", text}}, {"initial.temperature=20.0"}));
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], Contains("silicon_of_T"));
}
