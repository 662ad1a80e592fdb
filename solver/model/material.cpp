// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/material.hpp"

namespace calor {

bool Materials::of_temperature() const {
  return conductivity.any([](const ConductivityLaw& k) {
    return k.x.of_temperature() || (!k.isotropic && k.y.of_temperature());
  });
}

bool Materials::uniform() const {
  return conductivity.single() && density.single() && specific_heat.single() &&
         conductivity[0].x.constant() && (conductivity[0].isotropic || conductivity[0].y.constant()) &&
         density[0].constant() && specific_heat[0].constant() && !contacts.any();
}

}  // namespace calor
