// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace calor::app {

/// A case's text as JSON: its tables, lists, texts and numbers. Null where it is no TOML.
nlohmann::ordered_json case_json(const std::string& text);

/// The keys of a resolved case that a case which says nothing would not have so, as a list of {key, value,
/// unit, default}; the default is missing where there is none. Null where it is no TOML.
nlohmann::ordered_json differences(const std::string& text);

}  // namespace calor::app
