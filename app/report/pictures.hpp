// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/report/page.hpp"
#include "io/array_file.hpp"

namespace calor::app {

/// The map of calor's pictures, six hexadecimal digits a colour.
std::string picture_colours();

/// Adds a field to the pictures of a page, data.series, in at most `most` points equally far apart. Unequal
/// cells come as points, equally far apart, of the cell that each lies in; data.grid says how many points
/// there were before means of several were taken (nx, ny), and of how many cells they are. Returns what the
/// page knows of the picture, for more facts.
/// @param values  nx ny of them, row by row from the bottom
nlohmann::ordered_json& add_picture(Page& page, const io::GlobalGrid& grid, std::vector<double> values,
                                    std::int64_t most);

}  // namespace calor::app
