// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "app/case/case.hpp"
#include "app/materials/frame_cavity.hpp"

namespace calor::app {

/// What a case says of a place, be it by properties or by the name of a material.
struct Properties {
  std::optional<ConductivityCase> conductivity;
  std::optional<Quantity> density;
  std::optional<SpecificHeatCase> specific_heat;
  std::vector<PhaseChangeCase> phase_change;  ///< of whoever says the specific heat
};

/// The material of this name that the case holds; nullptr: none.
const NamedMaterialCase* material_of(const Case& c, const std::string& name);
Properties properties_of(const Case& c, const MaterialCase& m);
Properties properties_of(const Case& c, const RegionCase& r);

/// The cavity of a region that has one.
FrameCavity cavity_of(const RegionCase& r);

/// Adds the materials built in that the case names and does not define, in its unit of temperature: with them
/// it says all by itself.
void add_built_in(Case& c);

}  // namespace calor::app
