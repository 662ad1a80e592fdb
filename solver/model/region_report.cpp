// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/region_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "decomposition/reduce.hpp"
#include "solver/model/cut_cells.hpp"

namespace calor {

namespace {

/// Exact area of the shape within the domain.
double area_within(const Area& area, const Grid& g) {
  const Grid one{1, 1, g.x0, g.x1, g.y0, g.y1};
  const std::vector<Area> alone{area};
  double sum = 0.0;
  for (const Overlay::Piece& p : Overlay{one, {&alone}}.pieces(one.cell(0, 0)))
    if (p.top[0] != 0) sum += p.area;
  return sum;
}

}  // namespace

std::vector<RegionReport> report_regions(const Problem& p) {
  const std::vector<Region>& regions = p.regions;
  const Grid& grid = p.grid;
  std::vector<RegionReport> reports(regions.size());
  std::vector<ExactSum> sums(4 * regions.size());
  const Contacts& contacts = p.coefficients.materials().contacts;
  // Shares of rings are those of volumes; areas are of the plane through the axis.
  Grid flat = grid;
  std::vector<RegionCells> flat_cells;
  if (grid.axisymmetric()) {
    flat.lay(grid.lines->x, grid.lines->y, false);
    flat_cells = cells_of_regions(regions, flat, p.owned, p.source.power(), {},
                                  p.coefficients.materials().voids, p.coefficients.bodies().get());
  }
  for (std::size_t n = 0; n < regions.size(); ++n) {
    const auto size = [&](double share, int i, int j) {
      return grid.uneven() ? share * (grid.area(i, j) / grid.cell_area()) : share;
    };
    const auto add_areas = [&](const RegionCells::Run& r, ExactSum& to) {
      if (!grid.uneven())
        to.add_equal(r.share, r.i1 - r.i0);
      else
        for (int i = r.i0; i < r.i1; ++i) to.add(size(r.share, i, r.j));
    };
    const auto body = static_cast<std::int32_t>(
        std::find(contacts.names.begin(), contacts.names.end(), regions[n].name) - contacts.names.begin());
    for (const RegionCells::Run& r : (grid.axisymmetric() ? flat_cells : p.region_cells)[n].runs()) {
      add_areas(r, sums[4 * n]);
      sums[4 * n + 1].add_equal(1.0, r.i1 - r.i0);
      if (!contacts.any() || !regions[n].body || !(r.share < 1.0)) continue;
      for (int i = r.i0; i < r.i1; ++i)
        if (contacts.resistance(body, contacts.body_at(grid.x(i), grid.y(r.j))) > 0.0)
          sums[4 * n + 3].add(size(r.share, i, r.j));
    }
    const RegionCells drawn{flat, p.owned, {regions[n].area}, Layered{Function{}}};
    for (const RegionCells::Run& r : drawn.runs()) add_areas(r, sums[4 * n + 2]);
  }
  if (!sums.empty()) reduce(p.comm, sums);
  for (std::size_t n = 0, hole = 0; n < regions.size(); ++n) {
    reports[n] = {static_cast<long long>(sums[4 * n + 1].value()),
                  grid.cell_area() * sums[4 * n].value(),
                  area_of(regions[n].area),
                  grid.cell_area() * sums[4 * n + 2].value(),
                  area_within(regions[n].area, grid),
                  grid.cell_area() * sums[4 * n + 3].value()};
    if (!regions[n].is_void.value_or(false)) continue;
    const BodyCells::Hole& seen = p.coefficients.bodies()->holes()[hole++];
    reports[n].cells = seen.cells;
    reports[n].area = seen.area;
    reports[n].elements = seen.elements;
    reports[n].factor = seen.factor;
  }
  return reports;
}

namespace {

/// Thickness and whether all long edges are parallel to an axis, from the longest edge of a polygon and the
/// area: of a layer, what it is across.
struct Layering {
  double thickness, length;
  bool oblique;
};
Layering layering(const Area& area, double drawn, const Grid& g) {
  if (const auto* r = std::get_if<Rectangle>(&area)) {
    const double w = r->x[1] - r->x[0], h = r->y[1] - r->y[0];
    return {std::min(w, h), std::max(w, h), false};
  }
  if (const auto* c = std::get_if<Circle>(&area)) return {2.0 * c->radius, 2.0 * c->radius, false};
  const auto& polygon = std::get<Polygon>(area);
  const auto& p = polygon.points;
  double around = 0.0;
  bool oblique = false;
  polygon.for_edges([&](std::size_t a, std::size_t b) {
    const double dx = std::abs(p[a][0] - p[b][0]), dy = std::abs(p[a][1] - p[b][1]);
    around += std::hypot(dx, dy);
    // Of a layer that is oblique in some part longer than a few cells.
    oblique =
        oblique || (dx > 2.0 * g.dx() && dy > 1e-9 * g.dy()) || (dy > 2.0 * g.dy() && dx > 1e-9 * g.dx());
  });
  const double half = 0.5 * around;  // length + thickness, of a strip
  const double root = std::sqrt(std::max(0.0, 0.25 * half * half - drawn));
  return {0.5 * half - root, 0.5 * half + root, oblique};
}

double middle_k(const ConductivityLaw& law, double x, double y) { return law(x, y, 300.0)[0]; }

/// A point near the area's first corner, for what lies around it.
std::array<double, 2> somewhere(const Area& area) {
  if (const auto* r = std::get_if<Rectangle>(&area))
    return {0.5 * (r->x[0] + r->x[1]), 0.5 * (r->y[0] + r->y[1])};
  if (const auto* c = std::get_if<Circle>(&area)) return {c->x, c->y};
  return std::get<Polygon>(area).points.front();
}

/// @param beyond, all  areas of it
std::string beyond_contact(const std::string& what, double beyond, double all) {
  return fmt::format(
      "{}: {:.3g} % of it lies in cells whose centre is beyond a contact, and has the temperature there: "
      "content, out, mean, extremes and integrals count it so, heat that it makes does not pass the contact, "
      "and where temperatures change with time results near it are of first order in the cells' size; lay "
      "faces of the grid along the contact (grid.x, grid.y)",
      what, 100.0 * beyond / all);
}

}  // namespace

std::vector<std::string> region_warnings(const std::vector<RegionReport>& reports,
                                         const std::vector<Region>& regions, const Materials& materials,
                                         const Grid& grid) {
  constexpr double much = 0.02;  // of the area
  std::vector<std::string> warnings;
  for (std::size_t n = 0; n < regions.size(); ++n) {
    const Region& r = regions[n];
    const RegionReport& report = reports[n];
    const double cell = grid.cell_area();
    if (!(report.area_inside > 0.0)) {
      warnings.push_back(
          fmt::format("region '{}' lies outside the domain: nothing of it is computed", r.name));
      continue;
    }
    // What is drawn on the other side of an axis is the same body.
    const Rectangle e = extent(r.area);
    const bool beyond_axis = grid.axisymmetric() && grid.x0 == 0.0 && e.x[0] < 0.0 && e.x[1] <= grid.x1 &&
                             e.y[0] >= grid.y0 && e.y[1] <= grid.y1;
    if (report.area_inside < report.area_drawn * (1.0 - 1e-6) && !r.is_void && !beyond_axis)
      warnings.push_back(fmt::format("region '{}': {:.3g} % of it lies outside the domain", r.name,
                                     100.0 * (1.0 - report.area_inside / report.area_drawn)));
    if (!(report.area_held > 0.0)) {
      warnings.push_back(
          fmt::format("region '{}' covers the centre of no cell and is not computed at all: it has {:.3g} "
                      "m2, a cell {:.3g} m2; "
                      "take more cells, or grid.coverage = \"area\"",
                      r.name, report.area_inside, cell));
      continue;
    }
    const double off = report.area_held / report.area_inside - 1.0;
    if (std::abs(off) > much)
      warnings.push_back(
          fmt::format("region '{}': its cells have {:.4g} m2, the shape has {:.4g} m2 ({:+.2g} %), for a "
                      "cell belongs where its "
                      "centre lies; take more cells, or grid.coverage = \"area\"",
                      r.name, report.area_held, report.area_inside, 100.0 * off));
    if (r.is_void.value_or(false)) {
      if (report.elements == 0 && report.area > 0.0)
        warnings.push_back(
            fmt::format("hole '{}' is so small, or lies so, that no line between centres of cells meets its "
                        "wall: no heat passes it; take more cells",
                        r.name));
      else if (report.elements > 0 && !(report.factor > 0.7 && report.factor < 1.4))
        warnings.push_back(
            fmt::format("hole '{}': its wall is {:.3g} times as long as the grid shows of it: too few cells "
                        "for what passes it; take more cells",
                        r.name, report.factor));
      continue;
    }
    if (report.cells == 0)
      warnings.push_back(
          materials.voids.areas.empty()
              ? fmt::format("region '{}' is wholly covered by later regions", r.name)
              : fmt::format("region '{}' is in no cell that is computed: later regions cover it, or it is so "
                            "thin, beside holes, that no centre of a cell lies in it",
                            r.name));
    if (report.area_beyond > 1e-9 * report.area)
      warnings.push_back(beyond_contact(fmt::format("region '{}'", r.name), report.area_beyond, report.area));
    if (!r.conductivity) continue;
    const Layering layer = layering(r.area, report.area_drawn, grid);
    const double h = std::max(grid.dx(), grid.dy());
    if (!layer.oblique || !(layer.thickness < 2.0 * h) || !(layer.length > 4.0 * layer.thickness)) continue;
    // What lies under it: the property without this region and those above.
    Layered<ConductivityLaw> under{materials.conductivity[0]};
    for (std::size_t m = 0; m < n; ++m)
      if (regions[m].conductivity) under.add(regions[m].area, *regions[m].conductivity);
    const auto [x, y] = somewhere(r.area);
    const double k = middle_k(*r.conductivity, x, y), around = middle_k(under(x, y), x, y);
    if (!(k > around)) continue;
    warnings.push_back(fmt::format(
        "region '{}' is an oblique layer {:.2g} cells thick that conducts better than what lies under it: "
        "most of the "
        "heat that flows along it is lost below two cells; take more cells, or lay it along the grid",
        r.name, layer.thickness / h));
  }
  return warnings;
}

std::string contact_warning(const Problem& p) {
  const Contacts& contacts = p.coefficients.materials().contacts;
  if (!contacts.any() || p.grid.coverage == Coverage::centre) return {};
  constexpr std::int32_t under_all = 0;
  const CutCells cells{p.grid, p.owned, {&contacts.bodies}};
  const auto size = [&](int i, int j) {
    return p.grid.uneven() ? p.grid.area(i, j) / p.grid.cell_area() : 1.0;
  };
  const auto body = [&](int i, int j) { return contacts.body_at(p.grid.x(i), p.grid.y(j)); };
  // What cut cells have of it, in cells: all, or beyond a contact.
  const auto in_cut = [&](bool beyond_alone) {
    ExactSum sum;
    for (const CutCells::Cell& c : cells.cells()) {
      if (!p.owned.contains(c.i, c.j) || !p.live(c.i, c.j)) continue;
      if (beyond_alone && !(contacts.resistance(under_all, body(c.i, c.j)) > 0.0)) continue;
      for (const CutCells::Part& part : cells.parts(c))
        if (part.top[0] == under_all) sum.add(part.share * size(c.i, c.j));
    }
    return sum;
  };
  std::array<ExactSum, 2> sums{in_cut(true), in_cut(false)};
  reduce(p.comm, {sums.data(), 1});
  const double beyond = sums[0].value();
  if (!(beyond > 0.0)) return {};
  sums[1].add(exact_sum(p.owned, [&](int i, int j) {
    return p.live(i, j) && cells.at(i, j).empty() && body(i, j) == under_all ? size(i, j) : 0.0;
  }));
  reduce(p.comm, {sums.data() + 1, 1});
  const double all = sums[1].value();
  return beyond > 1e-9 * all ? beyond_contact("material", beyond, all) : std::string{};
}

}  // namespace calor
