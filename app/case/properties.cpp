// SPDX-License-Identifier: BSD-3-Clause
#include "app/case/properties.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <variant>

#include "app/materials/table.hpp"
#include "solver/model/area.hpp"

namespace calor::app {

namespace {

template <class T>
Properties with_material(const Case& c, const T& own) {
  Properties p{own.conductivity, own.density, own.specific_heat, own.phase_change};
  const NamedMaterialCase* const m = own.material.empty() ? nullptr : material_of(c, own.material);
  if (m == nullptr) return p;
  if (!p.conductivity) p.conductivity = m->conductivity;
  if (!p.density) p.density = m->density;
  if (!p.specific_heat) {
    p.specific_heat = m->specific_heat;
    if (p.phase_change.empty()) p.phase_change = m->phase_change;
  }
  return p;
}

ConductivityCase conductivity_of(const BuiltInMaterial& m, double zero) {
  ConductivityCase k;
  if (const auto* number = std::get_if<double>(&m.conductivity)) {
    k.x = k.y = *number;
  } else if (const auto* pair = std::get_if<std::array<double, 2>>(&m.conductivity)) {
    k.x = (*pair)[0];
    k.y = (*pair)[1];
    k.anisotropic = true;
  } else {
    const auto& table = std::get<OverCelsius>(m.conductivity);
    for (const double T : table.T) k.table_T.push_back(T + zero);
    k.table_k = table.value;
  }
  return k;
}

SpecificHeatCase specific_heat_of(const BuiltInMaterial& m, double zero) {
  SpecificHeatCase c;
  if (const auto* number = std::get_if<double>(&m.specific_heat)) {
    c.value = *number;
  } else {
    const auto& table = std::get<OverCelsius>(m.specific_heat);
    for (const double T : table.T) c.table_T.push_back(T + zero);
    c.table_c = table.value;
  }
  return c;
}

/// Of a cavity, over the temperature in the case's unit. @param zero  what makes it one from absolute zero
ConductivityCase conductivity_of(const FrameCavity& cavity, double zero) {
  const double still = cavity.factor() * cavity.d * cavity.convection(cavity.difference),
               cube = cavity.factor() * cavity.d * cavity.radiation_per_cube();
  const std::string T = zero == 0.0 ? "T" : fmt::format("(T + {})", zero);
  ConductivityCase k;
  k.x = k.y = fmt::format("{} + {}*{}*{}*{}", still, cube, T, T, T);
  return k;
}

std::vector<PhaseChangeCase> phase_change_of(const BuiltInMaterial& m, double zero) {
  if (!m.melting) return {};
  return {{m.melting->at + zero, m.melting->at + zero, m.melting->latent_heat, ""}};
}

}  // namespace

const NamedMaterialCase* material_of(const Case& c, const std::string& name) {
  const auto found = std::find_if(c.materials.begin(), c.materials.end(),
                                  [&](const NamedMaterialCase& m) { return m.name == name; });
  return found == c.materials.end() ? nullptr : &*found;
}

Properties properties_of(const Case& c, const MaterialCase& m) { return with_material(c, m); }
Properties properties_of(const Case& c, const RegionCase& r) {
  Properties p = with_material(c, r);
  if (r.cavity.empty()) return p;
  p.conductivity = conductivity_of(cavity_of(r), -absolute_zero(c.output.unit()));
  if (!p.density) p.density = air_density;
  if (!p.specific_heat) p.specific_heat = SpecificHeatCase{air_specific_heat, {}, {}};
  return p;
}

FrameCavity cavity_of(const RegionCase& r) {
  const CavityCase& c = r.cavity.front();
  FrameCavity cavity;
  cavity.emissivity = {c.emissivity, c.other_emissivity.value_or(c.emissivity)};
  cavity.difference = c.difference;
  cavity.slightly_ventilated = c.slightly_ventilated;
  double wide = r.x[1] - r.x[0], high = r.y[1] - r.y[0], area = wide * high;
  if (r.shape == Shape::circle) {
    wide = high = 2.0 * r.radius;
    area = std::numbers::pi * r.radius * r.radius;
  } else if (r.shape == Shape::polygon && !r.points.empty()) {
    const Rectangle around = extent(Polygon{r.points});
    wide = around.x[1] - around.x[0];
    high = around.y[1] - around.y[0];
    area = 0.0;
    for (std::size_t a = 0, b = r.points.size() - 1; a < r.points.size(); b = a++)
      area += 0.5 * (r.points[b][0] * r.points[a][1] - r.points[a][0] * r.points[b][1]);
  }
  make_rectangular(cavity, c.along_y ? high : wide, c.along_y ? wide : high, std::abs(area));
  return cavity;
}

void add_built_in(Case& c) {
  const double zero = -absolute_zero(TemperatureUnit::celsius) + absolute_zero(c.output.unit());
  const auto add = [&](const std::string& name) {
    if (name.empty() || material_of(c, name) != nullptr) return;
    const BuiltInMaterial* const m = find_built_in(name);
    if (m == nullptr) return;
    c.materials.push_back({m->name, conductivity_of(*m, zero), m->density, specific_heat_of(*m, zero),
                           phase_change_of(*m, zero), ""});
  };
  add(c.material.material);
  for (const RegionCase& r : c.regions) {
    add(r.material);
    for (const auto& [colour, name] : r.picture.materials) add(name);
  }
}

}  // namespace calor::app
