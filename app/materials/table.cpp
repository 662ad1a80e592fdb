// SPDX-License-Identifier: BSD-3-Clause
#include "app/materials/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace calor::app {

namespace {

constexpr std::string_view metals = "metals", fire = "steel and concrete in fire", building = "building",
                           insulation = "insulation", plastics = "plastics and rubber",
                           semiconductors = "semiconductors and ceramics", electronics = "electronics",
                           soils = "soils", waters = "water, ice, snow", gases = "gases",
                           layers = "air layers";

// Sources of many rows.
const std::string incropera_1 =
    "Incropera, DeWitt, Bergman, Lavine: Fundamentals of Heat and Mass Transfer (6th ed. 2007), table A.1";
const std::string incropera_2 =
    "Incropera, DeWitt, Bergman, Lavine: Fundamentals of Heat and Mass Transfer (6th ed. 2007), table A.2";
const std::string iso_10456 = "ISO 10456:2007, table 3";
const std::string at_300 = "at 300 K";
const std::string c_at_300 = "k of T; c at 300 K";

/// A table that a book gives over kelvin.
OverCelsius over_kelvin(std::vector<double> T, std::vector<double> value) {
  for (double& t : T) t = std::round((t - 273.15) * 100.0) / 100.0;
  return {std::move(T), std::move(value)};
}

/// a + b T + c T^2 over [from, to] deg C, as straight pieces.
OverCelsius polynomial(double from, double to, int pieces, double a, double b, double c) {
  OverCelsius table;
  for (int n = 0; n <= pieces; ++n) {
    const double T = from + (to - from) * n / pieces;
    table.T.push_back(T);
    table.value.push_back(a + T * (b + T * c));
  }
  return table;
}

/// A law over [from, to] deg C by as few straight pieces as leave it off by a thousandth.
template <class F>
void follow(OverCelsius& table, double from, double to, F&& law) {
  const auto add = [&](double T) {
    table.T.push_back(std::round(T * 100.0) / 100.0);
    table.value.push_back(std::round(law(T) * 100.0) / 100.0);
  };
  add(from);
  for (double T = from; T < to;) {
    double next = to;
    const auto straight = [&] {
      for (const double share : {0.25, 0.5, 0.75}) {
        const double line = (1.0 - share) * law(T) + share * law(next);
        if (std::abs(line - law(T + share * (next - T))) > 1e-3 * line) return false;
      }
      return true;
    };
    while (!straight()) next = T + 0.8 * (next - T);
    add(T = next);
  }
}

/// EN 1993-1-2, 3.4.1.2.
OverCelsius heat_of_steel() {
  OverCelsius c;
  follow(c, 20.0, 600.0, [](double T) { return 425.0 + T * (0.773 + T * (-1.69e-3 + T * 2.22e-6)); });
  follow(c, 600.0, 735.0, [](double T) { return 666.0 + 13002.0 / (738.0 - T); });
  c.T.pop_back();  // both laws give 5000 there
  c.value.pop_back();
  follow(c, 735.0, 900.0, [](double T) { return 545.0 + 17820.0 / (T - 731.0); });
  follow(c, 900.0, 1200.0, [](double) { return 650.0; });
  return c;
}

double rounded(double v, double digits) {
  const double unit = std::pow(10.0, std::floor(std::log10(v)) + 1.0 - digits);
  return std::round(v / unit) * unit;
}

/// A soil whose pores are full of water or ice: k of solids and pores by the geometric mean, heat capacity by
/// volumes. @param solids  W/(m K)     @param grain  density of the solids [kg/m3]     @param content  their
/// heat capacity [J/(m3 K)]
BuiltInMaterial saturated(const std::string& name, const std::string& what, double porosity, double solids,
                          double grain, double content, bool frozen, const std::string& note) {
  constexpr double k_water = 0.57, k_ice = 2.2;      // W/(m K), Johansen
  constexpr double c_water = 4.18e6, c_ice = 1.9e6;  // J/(m3 K), de Vries
  constexpr double rho_water = 1000.0, rho_ice = 917.0;
  const double k = std::pow(solids, 1.0 - porosity) * std::pow(frozen ? k_ice : k_water, porosity);
  const double rho = (1.0 - porosity) * grain + porosity * (frozen ? rho_ice : rho_water);
  const double c = ((1.0 - porosity) * content + porosity * (frozen ? c_ice : c_water)) / rho;
  return {name,
          soils,
          what,
          rounded(k, 3.0),
          std::round(rho),
          std::round(c),
          "k: Johansen (1975), geometric mean, in Farouki (1981), CRREL Monograph 81-1, section 7.11; heat "
          "capacity by volumes: de Vries (1963)",
          fmt::format("porosity {}, solids {:.3g} W/(m K){}{}", porosity, solids, note.empty() ? "" : "; ",
                      note)};
}

/// Conductivity of the solids of a mineral soil with this share of quartz (Johansen 1975).
double minerals(double quartz) {
  return std::pow(7.7, quartz) * std::pow(quartz > 0.2 ? 2.0 : 3.0, 1.0 - quartz);
}

/// A layer of still air between surfaces of high emissivity, by its thermal resistance.
BuiltInMaterial air_layer(int millimetres, const std::string& direction, double resistance) {
  const std::string way = direction.empty() ? "" : "_" + direction;
  const std::string flow = direction.empty() ? "horizontal" : direction == "up" ? "upward" : "downward";
  return {
      fmt::format("air_layer_{}mm{}", millimetres, way),
      layers,
      fmt::format("unventilated air layer, {} mm, {} heat flow", millimetres, flow),
      rounded(1e-3 * millimetres / resistance, 4.0),
      1.23,
      1008.0,
      "ISO 6946:2007, table 2; air: " + iso_10456,
      fmt::format("k = thickness / {} m2 K/W: of a layer {} mm thick, along the heat flow, and of no other",
                  resistance, millimetres)};
}

std::vector<BuiltInMaterial> make_table() {
  const OverCelsius dry_concrete_c{{20.0, 100.0, 200.0, 400.0, 1200.0},
                                   {900.0, 900.0, 1000.0, 1100.0, 1100.0}};
  const OverCelsius steel_k{{20.0, 801.8018018018018}, {53.334, 27.3}};
  std::vector<BuiltInMaterial> t{
      {"aluminium", metals, "aluminium, pure", 237.0, 2702.0, 903.0, incropera_1, at_300},
      {"aluminium_of_T", metals, "aluminium, pure, k(T)",
       over_kelvin({200, 300, 400, 600, 800}, {237, 237, 240, 231, 218}), 2702.0, 903.0, incropera_1,
       c_at_300},
      {"aluminium_2024_t6", metals, "aluminium alloy 2024-T6", 177.0, 2770.0, 875.0, incropera_1, at_300},
      {"aluminium_alloy", metals, "aluminium alloys, design value", 160.0, 2800.0, 880.0, iso_10456, ""},
      {"brass", metals, "brass, design value", 120.0, 8400.0, 380.0, iso_10456, ""},
      {"brass_70_30", metals, "cartridge brass, 70 Cu 30 Zn", 110.0, 8530.0, 380.0, incropera_1, at_300},
      {"bronze", metals, "bronze, design value", 65.0, 8700.0, 380.0, iso_10456, ""},
      {"cast_iron", metals, "cast iron, design value", 50.0, 7500.0, 450.0, iso_10456, ""},
      {"chromium", metals, "chromium", 93.7, 7160.0, 449.0, incropera_1, at_300},
      {"constantan", metals, "constantan, 55 Cu 45 Ni", 23.0, 8920.0, 384.0, incropera_1, at_300},
      {"copper", metals, "copper, pure", 401.0, 8933.0, 385.0, incropera_1, at_300},
      {"copper_of_T", metals, "copper, pure, k(T)",
       over_kelvin({200, 300, 400, 600, 800, 1000}, {413, 401, 393, 379, 366, 352}), 8933.0, 385.0,
       incropera_1, c_at_300},
      {"gold", metals, "gold", 317.0, 19300.0, 129.0, incropera_1, at_300},
      {"inconel_x750", metals, "Inconel X-750", 11.7, 8510.0, 439.0, incropera_1, at_300},
      {"iron", metals, "iron, pure", 80.2, 7870.0, 447.0, incropera_1, at_300},
      {"iron_of_T", metals, "iron, pure, k(T)",
       over_kelvin({200, 300, 400, 600, 800, 1000}, {94.0, 80.2, 69.5, 54.7, 43.3, 32.8}), 7870.0, 447.0,
       incropera_1, c_at_300},
      {"lead", metals, "lead", 35.3, 11340.0, 129.0, incropera_1, at_300},
      {"magnesium", metals, "magnesium", 156.0, 1740.0, 1024.0, incropera_1, at_300},
      {"molybdenum", metals, "molybdenum", 138.0, 10240.0, 251.0, incropera_1, at_300},
      {"nickel", metals, "nickel", 90.7, 8900.0, 444.0, incropera_1, at_300},
      {"platinum", metals, "platinum", 71.6, 21450.0, 133.0, incropera_1, at_300},
      {"silver", metals, "silver", 429.0, 10500.0, 235.0, incropera_1, at_300},
      {"steel", metals, "steel, design value", 50.0, 7800.0, 450.0, iso_10456, ""},
      {"steel_carbon", metals, "plain carbon steel", 60.5, 7854.0, 434.0, incropera_1, at_300},
      {"steel_stainless", metals, "stainless steel, design value", 17.0, 7900.0, 460.0,
       "EN 12524:2000, table 1 (now ISO 10456)", ""},
      {"steel_stainless_304", metals, "stainless steel AISI 304", 14.9, 7900.0, 477.0, incropera_1, at_300},
      {"steel_stainless_304_of_T", metals, "stainless steel AISI 304, k(T)",
       over_kelvin({200, 300, 400, 600, 800, 1000, 1200, 1500},
                   {12.6, 14.9, 16.6, 19.8, 22.6, 25.4, 28.0, 31.7}),
       7900.0, 477.0, incropera_1, c_at_300},
      {"steel_stainless_316", metals, "stainless steel AISI 316", 13.4, 8238.0, 468.0, incropera_1, at_300},
      {"tin", metals, "tin", 66.6, 7310.0, 227.0, incropera_1, at_300},
      {"titanium", metals, "titanium", 21.9, 4500.0, 522.0, incropera_1, at_300},
      {"tungsten", metals, "tungsten", 174.0, 19300.0, 132.0, incropera_1, at_300},
      {"zinc", metals, "zinc", 116.0, 7140.0, 389.0, incropera_1, at_300},

      {"steel_en_1993_1_2", fire, "structural steel in fire, k(T)", steel_k, 7850.0, heat_of_steel(),
       "EN 1993-1-2:2005, 3.4.1.3 (k), 3.4.1.2 (c) and 3.2.2 (density)",
       "k = 54 - 0.0333 T to 800 deg C, then 27.3; the standard's jump of 0.06 there is taken out. c to a "
       "thousandth, with its peak of 5000 at 735 deg C"},
      {"steel_stainless_en_1993_1_2", fire, "stainless steel in fire, k(T)",
       OverCelsius{{20.0, 1200.0}, {14.854, 29.84}}, 7850.0,
       [] {
         OverCelsius c;
         follow(c, 20.0, 1200.0, [](double T) { return 450.0 + T * (0.28 + T * (-2.91e-4 + T * 1.34e-7)); });
         return c;
       }(),
       "EN 1993-1-2:2005, annex C, C.3.2 and C.3.3",
       "k = 14.6 + 0.0127 T; c = 450 + 0.28 T - 2.91e-4 T^2 + 1.34e-7 T^3, to a thousandth"},
      {"concrete_en_1992_1_2", fire, "concrete of normal weight in fire, upper limit of k(T)",
       polynomial(20.0, 1200.0, 59, 2.0, -0.2451e-2, 0.0107e-4), 2300.0, dry_concrete_c,
       "EN 1992-1-2:2004, 3.3.3 (k), 3.3.2 (c)",
       "k = 2 - 0.2451 (T/100) + 0.0107 (T/100)^2. c of dry concrete: what moisture adds between 100 and 200 "
       "deg C is not in it; density that of 20 deg C"},
      {"concrete_en_1992_1_2_lower", fire, "concrete of normal weight in fire, lower limit of k(T)",
       polynomial(20.0, 1200.0, 59, 1.36, -0.136e-2, 0.0057e-4), 2300.0, dry_concrete_c,
       "EN 1992-1-2:2004, 3.3.3 (k), 3.3.2 (c)",
       "k = 1.36 - 0.136 (T/100) + 0.0057 (T/100)^2. c of dry concrete: what moisture adds between 100 and "
       "200 deg C is not in it; density that of 20 deg C"},

      {"asphalt", building, "asphalt", 0.70, 2100.0, 1000.0, iso_10456, ""},
      {"bitumen", building, "bitumen, felt or sheet", 0.23, 1100.0, 1000.0, iso_10456, ""},
      {"brick_1800", building, "masonry of solid bricks, 1800 kg/m3", 0.81, 1800.0, 1000.0,
       "DIN 4108-4, table 1; c: ISO 10456:2007, table 4", "with joints of ordinary mortar"},
      {"carpet", building, "carpet, textile flooring", 0.06, 200.0, 1300.0, iso_10456, ""},
      {"concrete_1800", building, "concrete of medium density, 1800 kg/m3", 1.15, 1800.0, 1000.0, iso_10456,
       ""},
      {"concrete_2000", building, "concrete of medium density, 2000 kg/m3", 1.35, 2000.0, 1000.0, iso_10456,
       ""},
      {"concrete_2200", building, "concrete of medium density, 2200 kg/m3", 1.65, 2200.0, 1000.0, iso_10456,
       ""},
      {"concrete_2400", building, "concrete of high density, 2400 kg/m3", 2.00, 2400.0, 1000.0, iso_10456,
       ""},
      {"concrete_reinforced_1", building, "concrete with 1 % of steel", 2.3, 2300.0, 1000.0, iso_10456, ""},
      {"concrete_reinforced_2", building, "concrete with 2 % of steel", 2.5, 2400.0, 1000.0, iso_10456, ""},
      {"glass", building, "soda lime glass, float glass", 1.00, 2500.0, 750.0, iso_10456, ""},
      {"granite", building, "granite", 2.8, 2600.0, 1000.0, iso_10456, "density: middle of 2500 to 2700"},
      {"gypsum_plasterboard", building, "gypsum plasterboard, 900 kg/m3", 0.25, 900.0, 1000.0, iso_10456, ""},
      {"limestone_hard", building, "limestone, hard", 1.7, 2200.0, 1000.0, iso_10456, ""},
      {"linoleum", building, "linoleum", 0.17, 1200.0, 1400.0, iso_10456, ""},
      {"marble", building, "marble", 3.5, 2800.0, 1000.0, iso_10456, ""},
      {"mdf", building, "wood fibreboard, 600 kg/m3, also MDF", 0.14, 600.0, 1700.0, iso_10456, ""},
      {"osb", building, "oriented strand board", 0.13, 650.0, 1700.0, iso_10456, ""},
      {"particleboard", building, "particleboard, 600 kg/m3", 0.14, 600.0, 1700.0, iso_10456, ""},
      {"plaster_cement", building, "plaster of cement and sand", 1.00, 1800.0, 1000.0, iso_10456, ""},
      {"plaster_gypsum", building, "gypsum plastering, 1000 kg/m3", 0.40, 1000.0, 1000.0, iso_10456, ""},
      {"plaster_lime", building, "plaster of lime and sand", 0.80, 1600.0, 1000.0, iso_10456, ""},
      {"plywood", building, "plywood, 500 kg/m3", 0.13, 500.0, 1600.0, iso_10456, ""},
      {"sandstone", building, "sandstone (silica)", 2.3, 2600.0, 1000.0, iso_10456, ""},
      {"slate", building, "slate", 2.2, 2400.0, 1000.0, iso_10456, "density: middle of 2000 to 2800"},
      {"tile_ceramic", building, "tiles, ceramic or porcelain", 1.3, 2300.0, 840.0, iso_10456, ""},
      {"tile_roof_clay", building, "roof tiles of clay", 1.0, 2000.0, 800.0, iso_10456, ""},
      {"timber_450", building, "timber, 450 kg/m3", 0.12, 450.0, 1600.0, iso_10456, "across the grain"},
      {"timber_500", building, "timber, 500 kg/m3 (softwood)", 0.13, 500.0, 1600.0, iso_10456,
       "across the grain"},
      {"timber_700", building, "timber, 700 kg/m3 (hardwood)", 0.18, 700.0, 1600.0, iso_10456,
       "across the grain"},

      {"cellulose_fibre", insulation, "cellulose fibres, loose fill", 0.040, 50.0, 1600.0,
       "declared values of products by EN 15101-1; c: ISO 10456:2007, table 4",
       "products run from 0.037 to 0.045"},
      {"cork_board", insulation, "expanded cork board", 0.040, 110.0, 1560.0,
       "declared values of products by EN 13170; c: ISO 10456:2007, table 4",
       "products run from 0.037 to 0.045"},
      {"eps", insulation, "expanded polystyrene (EPS)", 0.035, 20.0, 1450.0,
       "declared values of products by EN 13163; c: ISO 10456:2007, table 4",
       "products run from 0.031 to 0.040"},
      {"mineral_wool", insulation, "mineral wool", 0.035, 50.0, 1030.0,
       "declared values of products by EN 13162; c: ISO 10456:2007, table 4",
       "products run from 0.031 to 0.040"},
      {"pur", insulation, "rigid polyurethane foam (PUR, PIR)", 0.025, 35.0, 1400.0,
       "declared values of products by EN 13165; c: ISO 10456:2007, table 4",
       "products run from 0.022 to 0.029"},
      {"wood_fibre_board", insulation, "wood fibre insulation board", 0.040, 160.0, 2000.0,
       "declared values of products by EN 13171; c: ISO 10456:2007, table 4",
       "products run from 0.037 to 0.050"},
      {"xps", insulation, "extruded polystyrene (XPS)", 0.035, 35.0, 1450.0,
       "declared values of products by EN 13164; c: ISO 10456:2007, table 4",
       "products run from 0.029 to 0.038"},

      {"acrylic_glass", plastics, "polymethylmethacrylate (PMMA)", 0.18, 1180.0, 1500.0, iso_10456, ""},
      {"butyl_rubber", plastics, "butyl rubber, solid", 0.24, 1200.0, 1400.0, iso_10456, ""},
      {"epdm", plastics, "ethylene propylene diene monomer (EPDM)", 0.25, 1150.0, 1000.0, iso_10456, ""},
      {"epoxy", plastics, "epoxy resin", 0.20, 1200.0, 1400.0, iso_10456, ""},
      {"neoprene", plastics, "neoprene (polychloroprene)", 0.23, 1240.0, 2140.0, iso_10456, ""},
      {"polyamide", plastics, "polyamide (nylon)", 0.25, 1150.0, 1600.0, iso_10456, ""},
      {"polyamide_gf25", plastics, "polyamide 6.6 with 25 % of glass fibre", 0.30, 1450.0, 1600.0, iso_10456,
       ""},
      {"polycarbonate", plastics, "polycarbonate", 0.20, 1200.0, 1200.0, iso_10456, ""},
      {"polyethylene_hd", plastics, "polyethylene of high density", 0.50, 980.0, 1800.0, iso_10456, ""},
      {"polyethylene_ld", plastics, "polyethylene of low density", 0.33, 920.0, 2200.0, iso_10456, ""},
      {"polypropylene", plastics, "polypropylene", 0.22, 910.0, 1800.0, iso_10456, ""},
      {"polysulfide", plastics, "polysulfide", 0.40, 1700.0, 1000.0, iso_10456, ""},
      {"ptfe", plastics, "polytetrafluoroethylene (PTFE)", 0.25, 2200.0, 1000.0, iso_10456, ""},
      {"pvc", plastics, "polyvinylchloride (PVC), rigid", 0.17, 1390.0, 900.0, iso_10456, ""},
      {"rubber", plastics, "natural rubber", 0.13, 910.0, 1100.0, iso_10456, ""},
      {"silicone", plastics, "silicone, pure", 0.35, 1200.0, 1000.0, iso_10456, ""},

      {"alumina", semiconductors, "aluminium oxide, polycrystalline", 36.0, 3970.0, 765.0, incropera_2,
       at_300},
      {"alumina_of_T", semiconductors, "aluminium oxide, polycrystalline, k(T)",
       over_kelvin({200, 300, 400, 600, 800, 1000}, {55.0, 36.0, 26.4, 15.8, 10.4, 7.85}), 3970.0, 765.0,
       incropera_2, c_at_300},
      {"aluminium_nitride", semiconductors, "aluminium nitride, substrate", 170.0, 3260.0, 740.0,
       "makers' data of sintered substrates (grade 170)", "grades run from 140 to 230 W/(m K)"},
      {"beryllium_oxide", semiconductors, "beryllium oxide", 272.0, 3000.0, 1030.0, incropera_2, at_300},
      {"diamond", semiconductors, "diamond, type IIa", 2300.0, 3500.0, 509.0, incropera_2, at_300},
      {"gallium_arsenide", semiconductors, "gallium arsenide", 55.0, 5320.0, 330.0,
       "Ioffe Institute, NSM archive of semiconductors, GaAs", at_300},
      {"gallium_nitride", semiconductors, "gallium nitride", 130.0, 6150.0, 490.0,
       "Ioffe Institute, NSM archive of semiconductors, GaN", at_300},
      {"germanium", semiconductors, "germanium", 59.9, 5360.0, 322.0, incropera_1, at_300},
      {"silicon", semiconductors, "silicon", 148.0, 2330.0, 712.0, incropera_1, at_300},
      {"silicon_of_T", semiconductors, "silicon, k(T)",
       over_kelvin({200, 300, 400, 600, 800, 1000, 1200}, {264, 148, 98.9, 61.9, 42.2, 31.2, 25.7}), 2330.0,
       712.0, incropera_1, c_at_300},
      {"silicon_carbide", semiconductors, "silicon carbide", 490.0, 3160.0, 675.0, incropera_2, at_300},
      {"silicon_dioxide", semiconductors, "silicon dioxide, fused silica", 1.38, 2220.0, 745.0, incropera_2,
       at_300},
      {"silicon_nitride", semiconductors, "silicon nitride", 16.0, 2400.0, 691.0, incropera_2, at_300},

      {"fr4", electronics, "FR4, across the board", 0.343, 1850.0, 1010.0,
       "k: Sarvar, Poole, Witting (1990), J. Electronic Materials 19, 1345; density: NEMA LI 1, grade FR-4",
       "c: 60 parts of glass and 40 of epoxy by mass, of ISO 10456"},
      {"fr4_in_plane", electronics, "FR4, in the plane of the board", 1.059, 1850.0, 1010.0,
       "k: Sarvar, Poole, Witting (1990), J. Electronic Materials 19, 1345; density: NEMA LI 1, grade FR-4",
       "for a board seen from above; c as fr4"},
      {"fr4_section", electronics, "FR4, section of a board that lies along x", std::array{1.059, 0.343},
       1850.0, 1010.0,
       "k: Sarvar, Poole, Witting (1990), J. Electronic Materials 19, 1345; density: NEMA LI 1, grade FR-4",
       "c as fr4"},
      {"gap_pad_1500", electronics, "gap filler of class 1.5", 1.5, 2100.0, 1000.0,
       "data sheet of Bergquist Gap Pad 1500", "take the values of your product where you have them"},
      {"gap_pad_3000", electronics, "gap filler of class 3", 3.0, 3200.0, 1000.0,
       "data sheet of Bergquist Gap Pad 3000S30", "take the values of your product where you have them"},
      {"polyimide", electronics, "polyimide film", 0.12, 1420.0, 1090.0, "data sheet of DuPont Kapton HN",
       ""},
      {"solder_au80sn20", electronics, "solder, 80 Au 20 Sn", 57.0, 14510.0, 149.0,
       "Indium Corporation, solder alloy directory (Indalloy 182)",
       "c: by mass from the metals of " + incropera_1},
      {"solder_sac305", electronics, "solder SAC305, 96.5 Sn 3 Ag 0.5 Cu", 58.0, 7380.0, 228.0,
       "Indium Corporation, solder alloy directory (Indalloy 256)",
       "c: by mass from the metals of " + incropera_1},
      {"solder_sn63pb37", electronics, "solder, 63 Sn 37 Pb", 50.0, 8400.0, 191.0,
       "Indium Corporation, solder alloy directory (Indalloy 106)",
       "c: by mass from the metals of " + incropera_1},
      {"thermal_grease", electronics, "thermal grease, zinc oxide in silicone", 0.67, 2140.0, 1000.0,
       "k, density: data sheet of Dow Corning 340",
       "c is an estimate: it hardly matters in so thin a layer. Take the values of your product where you "
       "have them"},

      {"soil_clay", soils, "clay or silt", 1.5, 1800.0, 1667.0, "ISO 13370:2007, table 1 (3.0e6 J/(m3 K))",
       ""},
      {"soil_sand", soils, "sand or gravel", 2.0, 2000.0, 1000.0, "ISO 13370:2007, table 1 (2.0e6 J/(m3 K))",
       ""},
      {"rock", soils, "homogeneous rock", 3.5, 2500.0, 800.0, "ISO 13370:2007, table 1 (2.0e6 J/(m3 K))", ""},
      saturated("soil_sand_thawed", "sand full of water", 0.40, minerals(0.8), 2650.0, 1.92e6, false,
                "80 % quartz"),
      saturated("soil_sand_frozen", "sand full of ice", 0.40, minerals(0.8), 2650.0, 1.92e6, true,
                "80 % quartz"),
      saturated("soil_clay_thawed", "clay full of water", 0.50, minerals(0.2), 2700.0, 1.92e6, false,
                "20 % quartz"),
      saturated("soil_clay_frozen", "clay full of ice", 0.50, minerals(0.2), 2700.0, 1.92e6, true,
                "20 % quartz, all water frozen: clay keeps some that is not"),
      saturated("soil_peat_thawed", "peat full of water", 0.90, 0.25, 1300.0, 2.5e6, false, ""),
      saturated("soil_peat_frozen", "peat full of ice", 0.90, 0.25, 1300.0, 2.5e6, true, ""),

      {"water", waters, "water at 10 deg C, at rest", 0.60, 1000.0, 4190.0, iso_10456, "without convection"},
      {"water_40", waters, "water at 40 deg C, at rest", 0.63, 990.0, 4190.0, iso_10456,
       "without convection"},
      {"water_80", waters, "water at 80 deg C, at rest", 0.67, 970.0, 4190.0, iso_10456,
       "without convection"},
      {"ice", waters, "ice at 0 deg C", 2.20, 900.0, 2000.0, iso_10456, ""},
      {"water_that_freezes",
       waters,
       "water and ice, at rest, freezing at 0 deg C",
       OverCelsius{{-10.0, 0.0, 0.0, 10.0}, {2.30, 2.20, 0.60, 0.60}},
       1000.0,
       OverCelsius{{-10.0, 0.0, 0.0, 10.0}, {2000.0, 2000.0, 4190.0, 4190.0}},
       iso_10456 + "; heat of fusion: CRC Handbook of Chemistry and Physics, 6.01 kJ/mol",
       "without convection; ice has the density of water here, as a grid does not give way",
       {{0.0, 333600.0}}},
      {"ice_10", waters, "ice at -10 deg C", 2.30, 920.0, 2000.0, iso_10456, ""},
      {"snow_fresh", waters, "snow, freshly fallen (below 30 mm)", 0.05, 100.0, 2000.0, iso_10456, ""},
      {"snow_soft", waters, "snow, soft (30 to 70 mm)", 0.12, 200.0, 2000.0, iso_10456, ""},
      {"snow_slightly_compacted", waters, "snow, slightly compacted (70 to 100 mm)", 0.23, 300.0, 2000.0,
       iso_10456, ""},
      {"snow_compacted", waters, "snow, compacted (below 200 mm)", 0.60, 500.0, 2000.0, iso_10456, ""},

      {"air", gases, "air, at rest", 0.025, 1.23, 1008.0, iso_10456, "without convection and radiation"},
      {"argon", gases, "argon, at rest", 0.017, 1.70, 519.0, iso_10456, "without convection and radiation"},
      {"carbon_dioxide", gases, "carbon dioxide, at rest", 0.014, 1.95, 820.0, iso_10456,
       "without convection and radiation"},
      {"krypton", gases, "krypton, at rest", 0.0090, 3.56, 245.0, iso_10456,
       "without convection and radiation"},
      {"xenon", gases, "xenon, at rest", 0.0054, 5.68, 160.0, iso_10456, "without convection and radiation"}};
  for (const auto& [thickness, resistance] : {std::pair{5, 0.11},
                                              {7, 0.13},
                                              {10, 0.15},
                                              {15, 0.17},
                                              {25, 0.18},
                                              {50, 0.18},
                                              {100, 0.18},
                                              {300, 0.18}})
    t.push_back(air_layer(thickness, "", resistance));
  for (const auto& [thickness, resistance] :
       {std::pair{15, 0.16}, {25, 0.16}, {50, 0.16}, {100, 0.16}, {300, 0.16}})
    t.push_back(air_layer(thickness, "up", resistance));
  for (const auto& [thickness, resistance] : {std::pair{25, 0.19}, {50, 0.21}, {100, 0.22}, {300, 0.23}})
    t.push_back(air_layer(thickness, "down", resistance));
  return t;
}

}  // namespace

const std::vector<BuiltInMaterial>& built_in_materials() {
  static const std::vector<BuiltInMaterial> table = make_table();
  return table;
}

const BuiltInMaterial* find_built_in(std::string_view name) {
  const std::vector<BuiltInMaterial>& all = built_in_materials();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const BuiltInMaterial& m) { return m.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> built_in_names() {
  std::vector<std::string> names;
  for (const BuiltInMaterial& m : built_in_materials()) names.push_back(m.name);
  return names;
}

namespace {
std::string table_text(OverCelsius table, const char* letter, double zero) {
  for (double& T : table.T) T += zero;
  const auto list = [](const std::vector<double>& values) {
    std::vector<std::string> texts;
    for (const double v : values) texts.push_back(fmt::format("{:.7g}", v));
    return fmt::format("[{}]", fmt::join(texts, ", "));
  };
  return fmt::format("{{ T = {}, {} = {} }}", list(table.T), letter, list(table.value));
}
}  // namespace

std::string conductivity_text(const BuiltInMaterial& m, double zero) {
  if (const auto* k = std::get_if<double>(&m.conductivity)) return fmt::format("{}", *k);
  if (const auto* k = std::get_if<std::array<double, 2>>(&m.conductivity))
    return fmt::format("[{}, {}]", (*k)[0], (*k)[1]);
  return table_text(std::get<OverCelsius>(m.conductivity), "k", zero);
}

std::string specific_heat_text(const BuiltInMaterial& m, double zero) {
  if (const auto* c = std::get_if<double>(&m.specific_heat)) return fmt::format("{}", *c);
  return table_text(std::get<OverCelsius>(m.specific_heat), "c", zero);
}

}  // namespace calor::app
