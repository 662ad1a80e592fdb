// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <string>
#include <vector>

namespace calor::app {

/// What stands in every case that import_tealeaf() has written.
constexpr const char* imported_mark = "# From a TeaLeaf deck by calor import tealeaf.";

/// The text of a calor case (TOML) that computes what the TeaLeaf deck `deck_text` (a tea.in) computes.
/// Understands the keys of UK-MAC/TeaLeaf_ref and UoB-HPC/TeaLeaf, with and without their tl_ prefix.
///
/// TeaLeaf solves du/dt = div(k grad u) by backward Euler for u = density x energy, with k = 1/density (or
/// density) and the arithmetic face mean; so temperature = u, density = rho, specific_heat = 1/rho.
/// Rectangles are put on the edges of the cells that TeaLeaf fills, which calor's centre rule then fills
/// exactly.
///
/// @param name     what the deck is called, for the title and for messages
/// @param unknown  receives a line "NAME:LINE: ..." for each key that has no meaning here and for each state
///                 that fills no cell; the case is complete without them
/// Throws Error{Exit::bad_case} naming every faulty line.
std::string import_tealeaf(const std::string& deck_text, const std::string& name,
                           std::vector<std::string>& unknown);

}  // namespace calor::app
