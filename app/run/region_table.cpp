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

/// Sides on which two pieces that pass heat share a face: what each of them is booked is then not its own.
std::vector<std::string> wall_warnings(const ProblemSpec& spec) {
  std::vector<std::string> warnings;
  const Grid& g = spec.grid;
  if (g.coverage == Coverage::centre) return warnings;
  for (const Side side : sides) {
    const bool vertical = side == Side::left || side == Side::right;
    const auto& list = spec.walls[side];
    const auto share_face = [&](const WallPiece& p, const WallPiece& q) {
      const int n = std::clamp(vertical ? g.row(q.from) : g.column(q.from), 0, (vertical ? g.ny : g.nx) - 1);
      const double low = vertical ? g.face_y(n) : g.face_x(n), step = vertical ? g.width_y(n) : g.width_x(n);
      constexpr double least = 1e-9;  // of a face
      const double before = (std::min(p.to, q.from) - std::max(p.from, low)) / step,
                   behind = (std::min(q.to, low + step) - q.from) / step;
      return before > least && before < 1.0 - least && behind > least;
    };
    const bool any = std::any_of(list.begin(), list.end(), [&](const WallPiece& p) {
      return passes_heat(p.law) && std::any_of(list.begin(), list.end(), [&](const WallPiece& q) {
               return &p != &q && passes_heat(q.law) && p.from < q.from && share_face(p, q);
             });
    });
    if (any)
      warnings.push_back(fmt::format(
          "boundary.{}: two pieces share a face of the grid: the heat of the side is right, that of the face "
          "stands "
          "wholly with the piece that has more of it; let them meet on a face for the heat of each",
          side_words[side]));
  }
  return warnings;
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
  table.warnings = grid_warnings(spec, reports);
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

std::vector<std::string> grid_warnings(const ProblemSpec& spec, const std::vector<RegionReport>& reports) {
  std::vector<std::string> all = wall_warnings(spec);
  for (std::string& w : region_warnings(reports, spec.regions, spec.materials, spec.grid))
    all.push_back(std::move(w));
  return all;
}

}  // namespace calor::app
