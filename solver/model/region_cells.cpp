// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/region_cells.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "solver/model/cut_cells.hpp"

namespace calor {

namespace {

/// Cells of the box that the area can have.
Box around(const Area& area, const Grid& g, const Box& box) {
  const auto [x, y] = extent(area);
  if (!g.even())
    return intersection(box, {g.column(x[0]) - 1, g.row(y[0]) - 1, g.column(x[1]) + 2, g.row(y[1]) + 2});
  const auto cell = [](double v, double origin, double step, int n) {
    return static_cast<int>(std::clamp(std::floor((v - origin) / step), -1.0, n + 1.0));
  };
  return intersection(box, {cell(x[0], g.x0, g.dx(), g.nx) - 1, cell(y[0], g.y0, g.dy(), g.ny) - 1,
                            cell(x[1], g.x0, g.dx(), g.nx) + 2, cell(y[1], g.y0, g.dy(), g.ny) + 2});
}

/// What a region sets, as bits: material, heating, initial temperature.
unsigned sets(const Region& r) {
  return (r.conductivity || r.density || r.specific_heat || r.is_void ? 1U : 0U) |
         (r.power || r.heat ? 2U : 0U) | (r.temperature ? 4U : 0U);
}

/// Sums of a property over the parts of cells: the region's, and all.
class PropertySums {
 public:
  struct Sums {
    double own = 0.0, all = 0.0;
  };
  /// @param areas  the region's, and those that hide it
  PropertySums(const Grid& grid, const Box& box, const std::vector<Area>& areas, const PartProperty& property,
               const Voids& voids)
      : grid_{grid}, areas_{areas}, property_{property}, voids_{voids} {
    const auto stack = [&](std::size_t n) -> const std::vector<Area>& {
      return n < property.stacks.size() ? *property.stacks[n] : no_areas_;
    };
    if (property.of) cells_ = CutCells{grid, box, {&areas, &voids.areas, &stack(0), &stack(1)}};
  }
  /// Adds what `from`, (i, j) or one that gave it what it has of bodies, holds. @param weight  of its parts
  void add(std::array<int, 2> from, double weight, int i, int j, Sums& sums) const {
    const auto parts = cells_.at(from[0], from[1]);
    for (const CutCells::Part& part : parts) add_part(part, weight, i, j, sums);
    if (parts.empty()) add_part(whole(from[0], from[1]), weight, i, j, sums);
  }

 private:
  void add_part(const CutCells::Part& part, double weight, int i, int j, Sums& sums) const {
    if (voids_.of(part.top[1]) != Voids::body) return;
    const double amount = weight * part.share * property_.of(part, i, j);
    sums.all += amount;
    if (part.top[0] == 1) sums.own += amount;
  }
  /// A cell that no edge cuts, as a part.
  CutCells::Part whole(int i, int j) const {
    CutCells::Part part{{}, 1.0, grid_.x(i), grid_.y(j)};
    const auto top = [&](const std::vector<Area>& areas) {
      for (std::size_t n = areas.size(); n > 0; --n)
        if (contains(areas[n - 1], part.x, part.y)) return static_cast<std::int32_t>(n);
      return std::int32_t{0};
    };
    part.top[0] = top(areas_);
    part.top[1] = top(voids_.areas);
    for (std::size_t n = 0; n < property_.stacks.size(); ++n)
      part.top[PartProperty::first_stack + n] = top(*property_.stacks[n]);
    return part;
  }

  const Grid& grid_;
  const std::vector<Area> no_areas_;
  const std::vector<Area>& areas_;
  const PartProperty& property_;
  const Voids& voids_;
  CutCells cells_;
};

}  // namespace

RegionCells::RegionCells(const Grid& grid, const Box& all, const std::vector<Area>& areas,
                         const Layered<Function>& power, const PartProperty& property, const Voids& voids,
                         const BodyCells* bodies) {
  const Box box = around(areas.front(), grid, all);
  if (box.empty()) return;
  const bool holes = bodies != nullptr;
  const std::vector<Area> no_areas;
  const CutCells cells{grid,
                       holes ? grid.within_reach(box.grown(2)) : box,
                       {&areas, &power.areas(), holes ? &voids.areas : &no_areas}};
  const Voids no_voids;
  const PropertySums sums{grid, holes ? grid.within_reach(box.grown(2)) : box, areas, property,
                          holes ? voids : no_voids};
  std::map<std::pair<int, int>, std::vector<BodyCells::Gift>> gifts;
  if (holes) gifts = bodies->gifts_by_receiver();
  auto next = cells.cells().begin();  // cells that are cut come row by row as well
  std::vector<double> x(static_cast<std::size_t>(box.nx()));
  for (std::size_t n = 0; n < x.size(); ++n) x[n] = grid.x(box.i0 + static_cast<int>(n));
  std::vector<std::int32_t> top(x.size());
  for (int j = box.j0; j < box.j1; ++j) {
    std::fill(top.begin(), top.end(), 0);
    for (std::size_t n = 0; n < areas.size(); ++n)
      mark(areas[n], grid.y(j), x.data(), static_cast<int>(x.size()), static_cast<std::int32_t>(n + 1),
           top.data());
    for (int i = box.i0; i < box.i1; ++i) {
      while (next != cells.cells().end() && std::pair{next->j, next->i} < std::pair{j, i}) ++next;
      if (holes && !bodies->live(i, j)) continue;
      const bool inside = top[static_cast<std::size_t>(i - box.i0)] == 1;
      const bool cut = next != cells.cells().end() && next->j == j && next->i == i;
      const auto given = gifts.find({j, i});
      if (!cut && given == gifts.end()) {
        if (!inside) continue;
        if (!runs_.empty() && runs_.back().whole() && runs_.back().j == j && runs_.back().i1 == i)
          ++runs_.back().i1;
        else
          runs_.push_back({j, i, i + 1, 1.0, 1.0, 1.0, 1.0, {}});
        continue;
      }
      double share = 0.0, held_in_all = 0.0;
      std::vector<Heating> mine, held;  // by layer
      const auto to = [](std::vector<Heating>& list, std::int32_t layer) -> double& {
        for (Heating& h : list)
          if (h.layer == layer) return h.share;
        return list.emplace_back(Heating{layer, 0.0}).share;
      };
      const auto see = [&](bool in_region, std::int32_t layer, double amount) {
        held_in_all += amount;
        to(held, layer) += amount;
        if (!in_region) return;
        share += amount;
        to(mine, layer) += amount;
      };
      const auto see_parts = [&](std::span<const CutCells::Part> of, double weight) {
        for (const CutCells::Part& p : of)
          if (voids.of(p.top[2]) == Voids::body) see(p.top[0] == 1, p.top[1], weight * p.share);
      };
      if (cut)
        see_parts(cells.parts(*next), 1.0);
      else
        see(inside, power.at(grid.x(i), grid.y(j)), 1.0);
      if (given != gifts.end())
        for (const BodyCells::Gift& g : given->second) see_parts(cells.at(g.i, g.j), g.weight(grid));
      if (!(share > 0.0)) continue;
      for (Heating& h : mine) h.share /= to(held, h.layer);
      const double part = holes ? share / held_in_all : share;
      PropertySums::Sums of{share, share / part};
      if (property.of) {
        of = {};
        sums.add({i, j}, 1.0, i, j, of);
        if (given != gifts.end())
          for (const BodyCells::Gift& g : given->second) sums.add({g.i, g.j}, g.weight(grid), i, j, of);
      }
      const double its_heat = property.of && of.all != 0.0 ? of.own / of.all : part;
      runs_.push_back({j, i, i + 1, share, part, of.own, its_heat, std::move(mine)});
    }
  }
}

PartProperty heat_capacity_of_parts(const Materials& materials) {
  if (materials.density.single() && materials.specific_heat.single()) return {};
  return {{&materials.density.areas(), &materials.specific_heat.areas()},
          [&materials](const CutCells::Part& p, int, int) {
            return materials.density[p.top[PartProperty::first_stack]](p.x, p.y) *
                   materials.specific_heat[p.top[PartProperty::first_stack + 1]](p.x, p.y);
          }};
}

std::vector<RegionCells> cells_of_regions(const std::vector<Region>& regions, const Grid& grid,
                                          const Box& owned, const Layered<Function>& power,
                                          const PartProperty& property, const Voids& voids,
                                          const BodyCells* bodies) {
  std::vector<RegionCells> cells;
  for (std::size_t n = 0; n < regions.size(); ++n) {
    const unsigned mine = sets(regions[n]);
    const unsigned first = mine & (~mine + 1U);  // the lowest bit
    std::vector<Area> areas{regions[n].area};
    for (std::size_t m = n + 1; m < regions.size(); ++m)
      if ((sets(regions[m]) & first) != 0U) areas.push_back(regions[m].area);
    if (regions[n].is_void.value_or(false))
      cells.emplace_back();
    else
      cells.emplace_back(grid, owned, areas, power, property, voids, bodies);
  }
  return cells;
}

}  // namespace calor
