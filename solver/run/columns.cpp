// SPDX-License-Identifier: BSD-3-Clause
#include "solver/run/columns.hpp"

namespace calor {

namespace {

template <std::size_t side>
double through_side(const HistoryRow& r) {
  return r.heat.sides[side];
}

constexpr Column<HistoryRow> time_column{"time", "s", "time", [](const HistoryRow& r) { return r.time; }};
constexpr Column<HistoryRow> step_column{"step", "1", "steps made",
                                         [](const HistoryRow& r) { return static_cast<double>(r.step); }};

constexpr std::array history{
    step_column,
    time_column,
    Column<HistoryRow>{"dt", "s", "the last step", [](const HistoryRow& r) { return r.dt; }},
    Column<HistoryRow>{"min", "", "lowest temperature",
                       [](const HistoryRow& r) { return r.temperature.min; }},
    Column<HistoryRow>{"max", "", "highest temperature",
                       [](const HistoryRow& r) { return r.temperature.max; }},
    Column<HistoryRow>{"mean", "", "mean temperature over the volume",
                       [](const HistoryRow& r) { return r.temperature.mean; }},
    Column<HistoryRow>{"heat_content", "J m-1", "heat content, counted from 0 of the case's scale",
                       [](const HistoryRow& r) { return r.heat.content; }},
    Column<HistoryRow>{"left", "J m-1", "heat that came in through the left side", through_side<0>},
    Column<HistoryRow>{"right", "J m-1", "through the right side", through_side<1>},
    Column<HistoryRow>{"bottom", "J m-1", "through the lower side", through_side<2>},
    Column<HistoryRow>{"top", "J m-1", "through the upper side", through_side<3>},
    Column<HistoryRow>{"source", "J m-1", "heat that sources made",
                       [](const HistoryRow& r) { return r.heat.source; }},
    Column<HistoryRow>{"plate", "J m-1", "heat that came in through the faces of a plate",
                       [](const HistoryRow& r) { return r.heat.plate; }},
    Column<HistoryRow>{"residual", "J m-1", "what the balance does not account for",
                       [](const HistoryRow& r) { return r.heat.residual(); }},
};

constexpr std::array probes{time_column};

constexpr std::array regions{
    Column<RegionRow>{"content", "J m-1", "heat content, counted from 0 of the case's scale",
                      [](const RegionRow& r) { return r.now.content; }},
    Column<RegionRow>{"power", "J m-1", "heat that sources made in it since the start",
                      [](const RegionRow& r) { return r.power; }},
    Column<RegionRow>{"out", "J m-1", "heat that left it through its boundary since the start",
                      [](const RegionRow& r) { return r.out; }},
    Column<RegionRow>{"power_now", "W m-1", "what sources make in it now",
                      [](const RegionRow& r) { return r.now.power; }},
    Column<RegionRow>{"out_now", "W m-1", "what leaves it now", [](const RegionRow& r) { return r.now.out; }},
    Column<RegionRow>{"min", "", "its lowest temperature", [](const RegionRow& r) { return r.now.min; }},
    Column<RegionRow>{"max", "", "its highest temperature", [](const RegionRow& r) { return r.now.max; }},
    Column<RegionRow>{"mean", "", "its mean temperature over its volume",
                      [](const RegionRow& r) { return r.now.mean; }},
};

constexpr std::array sections{
    Column<SectionRow>{"now", "W m-1", "what passes it now, to its left",
                       [](const SectionRow& r) { return r.now; }},
    Column<SectionRow>{"total", "J m-1", "what has passed it since the start",
                       [](const SectionRow& r) { return r.total; }},
};

constexpr std::array thermal_bridge{
    Column<ThermalBridgeReport>{"L2D", "W m-1 K-1", "thermal coupling coefficient",
                                [](const ThermalBridgeReport& r) { return r.L2D; }},
    Column<ThermalBridgeReport>{"psi", "W m-1 K-1", "linear thermal transmittance, with the given parts",
                                [](const ThermalBridgeReport& r) { return r.psi; }},
    Column<ThermalBridgeReport>{"fRsi", "1", "temperature factor of the surface inside where it is least",
                                [](const ThermalBridgeReport& r) { return r.fRsi; }},
};

}  // namespace

std::span<const Column<HistoryRow>> history_columns() { return history; }
std::span<const Column<ThermalBridgeReport>> thermal_bridge_columns() { return thermal_bridge; }

std::vector<NamedWall> named_walls(const ProblemSpec& spec) {
  std::vector<NamedWall> all;
  for (std::size_t n = 0; n < spec.holes.size(); ++n) all.push_back({spec.holes[n].name, {}, n});
  for (const Side side : sides)
    for (std::size_t n = 0; n < spec.walls[side].size(); ++n)
      if (const std::string& name = spec.walls[side][n].name; !name.empty()) all.push_back({name, side, n});
  return all;
}

std::span<const Column<RegionRow>> region_columns() { return regions; }
std::span<const Column<SectionRow>> section_columns() { return sections; }
std::span<const Column<HistoryRow>> probe_columns() { return probes; }

std::vector<ColumnHelp> all_columns() {
  std::vector<ColumnHelp> all;
  const auto add = [&](std::string_view file, const auto& columns) {
    for (const auto& c : columns) all.push_back({file, c.name, c.unit, c.help});
  };
  add("history.csv", history);
  add("probes.csv", probes);
  add("regions.csv", regions);
  add("sections.csv", sections);
  add("thermal_bridge in summary.json", thermal_bridge);
  return all;
}

std::string_view unit_in(bool steady, bool per_metre, std::string_view unit) {
  const bool amount = unit == "J m-1", rate = unit == "W m-1";
  if (rate || (amount && steady)) return per_metre ? "W m-1" : "W";
  return amount && !per_metre ? "J" : unit;
}

}  // namespace calor
