// SPDX-License-Identifier: BSD-3-Clause
#include "app/run/region_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "solver/run/columns.hpp"

namespace calor::app {

namespace {

/// W per metre of depth that is made in the region, as of the last update of the source. Collective.
double power_in(const Problem& p, const RegionCells& cells) {
  const View2D<const double> u = p.u.view();
  ExactSum sum = cells.sum([&](int i, int j, const RegionCells::Run& run) {
    return p.grid.cell_volume() * p.source.made(run, i, u(i, j));
  });
  reduce(p.comm, {&sum, 1});
  return sum.value();
}

}  // namespace

nlohmann::json json_number(double v) { return std::isfinite(v) ? nlohmann::json(v) : nlohmann::json(); }

nlohmann::json regions_summary(const HistoryRow& row, const SimulationSpec& spec, nlohmann::json all) {
  for (std::size_t n = 0; n < row.regions.size(); ++n) {
    nlohmann::json& j = all[spec.problem.regions[n].name];
    for (const auto& c : region_columns()) j[std::string{c.name}] = json_number(c.value(row.regions[n]));
  }
  return all;
}

RegionTable region_table(Simulation& sim) {
  const ProblemSpec& spec = sim.spec().problem;
  RegionTable table{nlohmann::json::object(), {}, {}};
  Problem& p = sim.problem();
  const std::vector<RegionReport> reports =
      spec.regions.empty() ? std::vector<RegionReport>{} : report_regions(p);
  table.warnings = region_warnings(reports, spec.regions, spec.materials, spec.grid);
  if (!sim.steady())
    if (std::string warning = contact_warning(p); !warning.empty())
      table.warnings.push_back(std::move(warning));
  if (spec.regions.empty()) return table;
  if (!p.source.zero()) p.source.update(p.owned, sim.clock().time(), p.u.view());
  for (std::size_t n = 0; n < reports.size(); ++n) {
    const Region& r = spec.regions[n];
    const RegionReport& report = reports[n];
    nlohmann::json& j = table.summary[r.name];
    j = {{"cells", report.cells}, {"area", report.area}, {"area_drawn", report.area_drawn}};
    std::string line = fmt::format("region {}: {} cell{}, {:.6g} m2, drawn {:.6g} m2", r.name, report.cells,
                                   report.cells == 1 ? "" : "s", report.area, report.area_drawn);
    if (r.power || r.heat) {
      const double power = power_in(p, p.region_cells[n]);
      j["power_at_start"] = power;
      line += fmt::format(", {:.6g} {} at t = {:.6g} s", power, p.grid.per_metre_of_plane() ? "W/m" : "W",
                          sim.clock().time());
    }
    table.lines.push_back(line);
  }
  return table;
}

}  // namespace calor::app
