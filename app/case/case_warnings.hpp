// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <vector>

#include "app/case/case.hpp"

namespace calor::app {

/// What is spelt right in a case and may be meant otherwise, for the log and summary.json: a text each, with
/// the key, the value and what to do. What a simulation finds out by itself: Simulation::warnings().
std::vector<std::string> case_warnings(const Case& c);

}  // namespace calor::app
