// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/material.hpp"

namespace calor {

bool Materials::of_temperature() const {
  return conductivity.any([](const ConductivityLaw& k) {
    return k.x.of_temperature() || (!k.isotropic && k.y.of_temperature());
  });
}

bool Materials::constant() const {
  const auto varies = [](const Function& f) { return !f.constant(); };
  return !density.any(varies) && !specific_heat.any(varies) &&
         !conductivity.any(
             [&](const ConductivityLaw& k) { return varies(k.x) || (!k.isotropic && varies(k.y)); });
}

bool Materials::isotropic() const {
  return !conductivity.any([](const ConductivityLaw& k) { return !k.isotropic; });
}

bool Materials::uniform() const {
  return constant() && conductivity.single() && density.single() && specific_heat.single() &&
         !contacts.any() && !voids.any();
}

}  // namespace calor
