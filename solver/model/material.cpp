// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/material.hpp"

#include <algorithm>

namespace calor {

namespace {

EnthalpyCurve curve_of(const Function& c, const std::vector<PhaseChange>& changes, double zero) {
  return c.of_temperature() || !changes.empty() ? EnthalpyCurve{c, changes, zero} : EnthalpyCurve{};
}

/// What stands for c where content is not proportional to T.
Function reference_of(const EnthalpyCurve& curve, const Function& c) {
  return curve.straight() ? c : Function{curve.reference()};
}

}  // namespace

void Materials::set_specific_heat(const Function& c, const std::vector<PhaseChange>& changes, double zero) {
  curves.front() = curve_of(c, changes, zero);
  specific_heat.replace(0, reference_of(curves.front(), c));
}

void Materials::add_specific_heat(const Area& area, const Function& c,
                                  const std::vector<PhaseChange>& changes, double zero) {
  curves.push_back(curve_of(c, changes, zero));
  specific_heat.add(area, reference_of(curves.back(), c));
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
