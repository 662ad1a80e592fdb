// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/case/case.hpp"

namespace calor::app {

/// What the cavities of a case conduct at the temperatures that a run ended with.
struct CavityTable {
  /// By region: d, b [m], h_a, h_r [W m^-2 K^-1], conductivity [W m^-1 K^-1], all at its mean temperature;
  /// difference, assumed and found_difference [K], the range of its temperatures.
  nlohmann::json summary = nlohmann::json::object();
  std::vector<std::string> lines;     ///< for the log
  std::vector<std::string> warnings;  ///< where another difference would have made another conductivity
};
/// @param regions  of summary.json: min, max, mean by name
CavityTable cavity_table(const Case& c, const nlohmann::json& regions);

}  // namespace calor::app
