// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <filesystem>

#include "app/report/page.hpp"
#include "app/report/run_facts.hpp"

namespace calor::app {

/// Whether a directory is a sweep's.
bool holds_sweep(const std::filesystem::path& directory);

/// The page of a sweep, as far as its directory tells. Serial.
Page sweep_page(const std::filesystem::path& directory, const PageLimits& limits);

}  // namespace calor::app
