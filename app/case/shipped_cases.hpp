// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <map>
#include <string>
#include <vector>

namespace calor::app {
/// The texts of configs/*.toml by name, without the ending.
const std::map<std::string, std::string>& shipped_cases();
/// The texts of configs/*.csv, which shipped cases name, by file name.
const std::map<std::string, std::string>& shipped_tables();
std::vector<std::string> shipped_names();
}  // namespace calor::app
