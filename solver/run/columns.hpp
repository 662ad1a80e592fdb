// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "solver/run/simulation.hpp"

namespace calor {

/// One column of a table that a run leaves: one row here, from which files, summaries, sweeps and the
/// documentation take their words.
template <class Row>
struct Column {
  std::string_view name;  ///< in files; of a region or section, after its own name and a dot
  std::string_view unit;  ///< as UDUNITS spells it; empty: that of temperatures, as the user wants it
  std::string_view help;
  double (*value)(const Row& row);
};

std::span<const Column<HistoryRow>> history_columns();
std::span<const Column<RegionRow>> region_columns();
std::span<const Column<SectionRow>> section_columns();
std::span<const Column<ThermalBridgeReport>> thermal_bridge_columns();
/// A probe has one number, its temperature, and its column the probe's name; before them stands the time.
std::span<const Column<HistoryRow>> probe_columns();

/// A wall that has a name: of a hole, or a piece of a side.
struct NamedWall {
  std::string name;
  std::optional<Side> side;  ///< none: of a hole
  std::size_t number;        ///< of the piece on its side, or of the hole
  /// What came in through it.
  double heat(const Budget::Report& r) const { return side ? r.pieces[*side][number] : r.holes[number]; }
};
/// Holes, then pieces of sides, in the order of the case.
std::vector<NamedWall> named_walls(const ProblemSpec& spec);

/// A table of a run as people are told of it.
struct ColumnHelp {
  std::string_view file, name, unit, help;
};
std::vector<ColumnHelp> all_columns();

/// The unit of an amount of heat, "J m-1", and of a rate, "W m-1", as this run has them: rates where it is
/// steady, whose ledger holds them; without the metre where heat is of a depth or a whole turn. Others as
/// they are.
std::string_view unit_in(bool steady, bool per_metre, std::string_view unit);

}  // namespace calor
