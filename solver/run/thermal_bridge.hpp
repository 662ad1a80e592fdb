// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "solver/model/problem.hpp"

namespace calor {

/// A steady body between two environments, as ISO 10211 looks at it.
struct ThermalBridge {
  double inside = 0.0, outside = 0.0;  // temperatures of both [K]
  struct Part {
    double U;       // thermal transmittance of a plane part [W/(m2 K)]
    double length;  // over which it counts [m]
  };
  std::vector<Part> parts;
};

/// What a wall is to a thermal bridge, by the temperatures that its law names.
enum class BridgeWall { insulated, inside, outside, other };
BridgeWall bridge_wall(const WallLaw& law, const ThermalBridge& bridge);

/// L2D = heat from inside / (inside - outside) [W/(m K)]    (ISO 10211:2017, 8.2.1)
/// psi = L2D - sum of U length                               (there, 12.3)
/// fRsi = (lowest surface temperature inside - outside) / (inside - outside)    (ISO 10211:2017, 10.4)
/// All per metre of depth.
struct ThermalBridgeReport {
  double L2D = 0.0, psi = 0.0, fRsi = 0.0;  // psi: NaN without parts; fRsi: without a film inside
};
/// @param heat  the ledger of the steady state: rates. Collective; exchanges the halo and works out the walls
ThermalBridgeReport report_thermal_bridge(Problem& p, const ThermalBridge& bridge,
                                          const Budget::Report& heat);

}  // namespace calor
