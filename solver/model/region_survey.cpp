// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/region_survey.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "decomposition/reduce.hpp"
#include "decomposition/waits.hpp"

namespace calor {

namespace {

/// div(k grad u) in a cell [W m^-3], from what prepare() has worked out.
double inflow(const Coefficients& c, View2D<const double> u, int i, int j) {
  const double here = u(i, j);
  return (c.gx(i + 1, j) * (u(i + 1, j) - here) - c.gx(i, j) * (here - u(i - 1, j))) +
         (c.gy(i, j + 1) * (u(i, j + 1) - here) - c.gy(i, j) * (here - u(i, j - 1)));
}

/// What a run has of the heat of a cell [J per metre of depth].
double content_of(const Problem& p, const RegionCells::Run& s, int i, int j) {
  const double volume = p.grid.cell_volume();
  if (p.coefficients.bodies()) return s.held * volume * p.heat_of(i, j);
  return s.held * volume * p.coefficients.rho_c(i, j) * p.state()(i, j);
}

std::vector<double> least_of_all(const mpi::Comm& comm, std::vector<double> mine) {
  std::vector<double> least(mine.size());
  mpi::all_reduce(mine.data(), least.data(), static_cast<int>(mine.size()), MPI_DOUBLE, MPI_MIN, comm.get());
  mpi::sign_of_life();
  return least;
}

}  // namespace

PartsSurvey survey_parts(Problem& p, double t) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const View2D<double> values = p.u.view();
  p.halo(values);
  p.prepare(p.owned, t, values);
  const View2D<const double> u = values;
  const Coefficients& c = p.coefficients;
  const double volume = p.grid.cell_volume();
  const View2D<const double> q = p.source.q();
  enum { content, power, in, heat, area, kinds };
  const std::size_t regions = p.region_cells.size();
  std::vector<ExactSum> sums(kinds * regions + p.sections.count());
  std::vector<double> ends(2 * regions, infinity);  // least T, and least -T
  for (std::size_t n = 0; n < regions; ++n) {
    const RegionCells& r = p.region_cells[n];
    ExactSum* const of = &sums[kinds * n];
    using Run = RegionCells::Run;
    const auto whole = [&](int i, int j) { return q.first != nullptr ? q(i, j) : 0.0; };
    const auto made = [&](int i, int j, const Run& s) { return p.source.made(s, i, u(i, j)); };
    of[content] = r.sum([&](int i, int j, const Run& s) { return content_of(p, s, i, j); });
    of[power] = r.sum([&](int i, int j, const Run& s) { return volume * made(i, j, s); });
    // What enters is what the content gains beside the heat that is made.
    of[in] = r.sum([&](int i, int j, const Run& s) {
      return volume * (s.held * (inflow(c, u, i, j) + whole(i, j)) - made(i, j, s));
    });
    const bool even = p.grid.even();
    const auto volume_of = [&](int i, int j) { return even ? volume : volume * p.grid.weight(i, j); };
    of[heat] = r.sum([&](int i, int j, const Run& s) { return s.share * volume_of(i, j) * u(i, j); });
    of[area] = r.sum([&](int i, int j, const Run& s) { return s.share * volume_of(i, j); });
    for (const RegionCells::Run& run : r.runs())
      for (int i = run.i0; i < run.i1; ++i) {
        ends[2 * n] = std::min(ends[2 * n], u(i, run.j));
        ends[2 * n + 1] = std::min(ends[2 * n + 1], -u(i, run.j));
      }
  }
  for (const Sections::Face& f : p.sections.faces())
    sums[kinds * regions + f.section].add(Sections::heat(f, c, volume, u));
  reduce(p.comm, sums);
  ends = least_of_all(p.comm, std::move(ends));
  PartsSurvey s;
  for (std::size_t n = 0; n < regions; ++n) {
    const ExactSum* const of = &sums[kinds * n];
    const double none = std::numeric_limits<double>::quiet_NaN();
    const double size = of[area].value();
    s.regions.push_back({of[content].value(), of[power].value(), 0.0 - of[in].value(), none, none, none});
    if (!(size > 0.0)) continue;
    s.regions.back().min = ends[2 * n];
    s.regions.back().max = -ends[2 * n + 1];
    s.regions.back().mean = of[heat].value() / size;
  }
  if (p.source.holes()) {
    const std::vector<HoleWalls::Surface> surfaces = p.source.holes()->surfaces(p.comm, u);
    std::vector<ExactSum> heats = p.source.holes()->sums(volume);
    reduce(p.comm, heats);
    for (std::size_t n = 0, hole = 0; n < regions; ++n)
      if (p.regions[n].is_void.value_or(false)) {
        const HoleWalls::Surface& w = surfaces[hole];
        s.regions[n] = {0.0, 0.0, heats[hole].value(), w.min, w.max, w.mean};
        ++hole;
      }
  }
  for (std::size_t n = 0; n < p.sections.count(); ++n)
    s.sections.push_back(sums[kinds * regions + n].value());
  return s;
}

std::vector<double> region_contents(const Problem& p) {
  std::vector<ExactSum> sums;
  for (const RegionCells& r : p.region_cells)
    sums.push_back(r.sum([&](int i, int j, const RegionCells::Run& s) { return content_of(p, s, i, j); }));
  if (!sums.empty()) reduce(p.comm, sums);
  std::vector<double> values;
  for (const ExactSum& s : sums) values.push_back(s.value());
  return values;
}

}  // namespace calor
