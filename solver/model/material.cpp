// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/material.hpp"

namespace calor {

void Materials::set_specific_heat(const Function& c, const std::vector<PhaseChange>& changes, double zero) {
  const bool curved = c.of_temperature() || !changes.empty();
  curves.front() = curved ? EnthalpyCurve{c, changes, zero} : EnthalpyCurve{};
  specific_heat.replace(0, curved ? Function{curves.front().reference()} : c);
}

void Materials::add_specific_heat(const Area& area, const Function& c,
                                  const std::vector<PhaseChange>& changes, double zero) {
  const bool curved = c.of_temperature() || !changes.empty();
  curves.push_back(curved ? EnthalpyCurve{c, changes, zero} : EnthalpyCurve{});
  specific_heat.add(area, curved ? Function{curves.back().reference()} : c);
}

bool Materials::enthalpic() const {
  return std::any_of(curves.begin(), curves.end(), [](const EnthalpyCurve& c) { return !c.straight(); });
}

bool Materials::of_temperature() const {
  return conductivity.any([](const ConductivityLaw& k) {
    return k.x.of_temperature() || (!k.isotropic && k.y.of_temperature());
  });
}

namespace {

template <class Varies>
bool none(const Materials& m, Varies&& varies) {
  return !m.density.any(varies) && !m.specific_heat.any(varies) &&
         !m.conductivity.any(
             [&](const ConductivityLaw& k) { return varies(k.x) || (!k.isotropic && varies(k.y)); });
}

}  // namespace

bool Materials::constant() const {
  return none(*this, [](const Function& f) { return !f.constant_on_pixels(); });
}

bool Materials::isotropic() const {
  return !conductivity.any([](const ConductivityLaw& k) { return !k.isotropic; });
}

bool Materials::uniform() const {
  return none(*this, [](const Function& f) { return !f.constant(); }) && conductivity.single() &&
         density.single() && specific_heat.single() && !contacts.any() && !voids.any();
}

}  // namespace calor
