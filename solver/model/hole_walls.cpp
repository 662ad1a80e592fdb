// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/hole_walls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "decomposition/waits.hpp"
#include "solver/model/kirchhoff.hpp"
#include "solver/model/walls/settle.hpp"

namespace calor {

bool is_linear_sink(const WallLaw& law) {
  return linear(law) && !exchange_varies(law) && !of_temperature(law);
}

HoleWalls::HoleWalls(const std::vector<Hole>& holes, std::shared_ptr<const BodyCells> cells, const Grid& grid,
                     const Box& owned, double absolute_zero, std::shared_ptr<const Materials> materials)
    : holes_{holes},
      cells_{std::move(cells)},
      grid_{grid},
      owned_{owned},
      zero_{absolute_zero},
      materials_{std::move(materials)} {
  for (const Hole& h : holes_) {
    linear_ = linear_ && is_linear_sink(h.law) && (!materials_ || !passes_heat(h.law));
    of_time_ = of_time_ || calor::of_time(h.law);
    fixes_level_ = fixes_level_ || calor::fixes_level(h.law);
    steady_.push_back(calor::steady(h.law) && (!materials_ || !passes_heat(h.law)) ? 1 : 0);
  }
  const std::size_t count = cells_->elements().size();
  resistance_.resize(count);
  for (const BodyCells::Element& e : cells_->elements()) exchanges_.push_back({e.i, e.hole, 0.0, {}});
  for (std::size_t n = 0; n < count; ++n) set_resistance(n, cells_->elements()[n].resistance);
  q_.assign(count, 0.0);
  const auto known = values_at(0.0);
  for (std::size_t n = 0; n < count; ++n)
    if (steady_[static_cast<std::size_t>(cells_->elements()[n].hole)] != 0)
      exchanges_[n].rule = rule(n, 0.0, {}, known);
}

void HoleWalls::set_resistance(std::size_t n, double R) {
  resistance_[n] = R;
  exchanges_[n].g = cells_->elements()[n].length * grid_.depth / (2.0 * R * grid_.cell_volume());
}

double HoleWalls::resistance(std::size_t n, double T, double wall) const {
  static const Function one{1.0};
  const BodyCells::Element& e = cells_->elements()[n];
  const bool between = materials_->face_mean == FaceMean::integral;
  thread_local std::vector<Layer> layers;
  layers.clear();
  double sum = 0.0, length = 0.0;
  for (const BodyCells::Part& p : cells_->parts(e)) {
    // A contact is a layer of k = 1 and as many metres.
    const ConductivityLaw* const law = p.top < 0 ? nullptr : &materials_->conductivity[p.top];
    const Function& k = law == nullptr ? one : e.axis == 0 || law->isotropic ? law->x : law->y;
    const double part = law == nullptr ? p.contact : p.length;
    if (between)
      layers.push_back({&k, p.x, p.y, part});
    else
      sum += part / k(p.x, p.y, 0.0, T);
    length += part;
  }
  return e.factor * (between ? length / series_between(layers, T, wall) : sum);
}

/// Of holes whose functions are the same all along, and know no T.
std::vector<std::optional<WallValues>> HoleWalls::values_at(double t) const {
  std::vector<std::optional<WallValues>> known;
  for (const Hole& h : holes_)
    known.push_back(of_place(h.law) || of_temperature(h.law)
                        ? std::nullopt
                        : std::optional{evaluate(h.law, 0.0, 0.0, t, 0.0)});
  return known;
}

GhostRule HoleWalls::rule(std::size_t n, double t, View2D<const double> u,
                          const std::vector<std::optional<WallValues>>& known) const {
  const BodyCells::Element& e = cells_->elements()[n];
  const auto hole = static_cast<std::size_t>(e.hole);
  const WallSite site{1.0, 2.0 * resistance_[n], u.first != nullptr ? u(e.i, e.j) : 0.0, zero_};
  return known[hole] ? ghost_rule(*known[hole], site) : ghost_rule(holes_[hole].law, e.x, e.y, t, site);
}

void HoleWalls::update(const Box& region, double t, View2D<const double> u) {
  const std::vector<BodyCells::Element>& all = cells_->elements();
  const auto known = values_at(t);
  for (std::size_t n = 0; n < all.size(); ++n) {
    const BodyCells::Element& e = all[n];
    if (!region.contains(e.i, e.j)) continue;
    if (steady_[static_cast<std::size_t>(e.hole)] == 0) {
      const double T = u(e.i, e.j);
      const auto answer = [&](double wall) {
        if (materials_) set_resistance(n, resistance(n, T, wall));
        exchanges_[n].rule = rule(n, t, u, known);
        return surface(n, u);
      };
      const double wall = answer(T);
      if (materials_ && materials_->face_mean == FaceMean::integral) settle(wall, answer);
    }
    q_[n] = exchanges_[n].heat(u(e.i, e.j));
  }
}

void HoleWalls::add_to(const Box& region, View2D<double> q) const {
  const std::vector<BodyCells::Element>& all = cells_->elements();
  for (std::size_t n = 0; n < all.size(); ++n)
    if (region.contains(all[n].i, all[n].j)) q(all[n].i, all[n].j) += q_[n];
}

std::span<const HoleWalls::Exchange> HoleWalls::exchanges(int j, int i0, int i1) const {
  const std::size_t first = cells_->first_element(i0, j), end = cells_->first_element(i1, j);
  return {exchanges_.data() + first, exchanges_.data() + std::max(first, end)};
}

void HoleWalls::add_steady(int j, int i0, int i1, double* a, double* b) const {
  const std::vector<BodyCells::Element>& all = cells_->elements();
  for (std::size_t n = cells_->first_element(i0, j); n < all.size() && all[n].j == j && all[n].i < i1; ++n) {
    a[all[n].i] += exchanges_[n].g * exchanges_[n].rule.b;
    b[all[n].i] += exchanges_[n].g * (1.0 - exchanges_[n].rule.a);
  }
}

void HoleWalls::add_sink_slope(const Box& region, double t, View2D<const double> u,
                               View2D<double> out) const {
  for (int j = region.j0; j < region.j1; ++j)
    for (int i = region.i0; i < region.i1; ++i)
      if (!cells_->live(i, j)) out(i, j) += 1.0;
  const std::vector<BodyCells::Element>& all = cells_->elements();
  const auto known = values_at(t);
  for (std::size_t n = 0; n < all.size(); ++n) {
    const BodyCells::Element& e = all[n];
    if (!region.contains(e.i, e.j)) continue;
    const GhostRule r =
        steady_[static_cast<std::size_t>(e.hole)] != 0 ? exchanges_[n].rule : rule(n, t, u, known);
    out(e.i, e.j) += exchanges_[n].g * (1.0 - r.a);
  }
}

std::vector<ExactSum> HoleWalls::sums(double factor) const {
  std::vector<ExactSum> of(holes_.size());
  const std::vector<BodyCells::Element>& all = cells_->elements();
  for (std::size_t n = 0; n < all.size(); ++n)
    if (owned_.contains(all[n].i, all[n].j)) of[static_cast<std::size_t>(all[n].hole)].add(factor * q_[n]);
  return of;
}

std::vector<ExactSum> HoleWalls::response(double factor, View2D<const double> v) const {
  std::vector<ExactSum> of(holes_.size());
  const std::vector<BodyCells::Element>& all = cells_->elements();
  for (std::size_t n = 0; n < all.size(); ++n)
    if (owned_.contains(all[n].i, all[n].j))
      of[static_cast<std::size_t>(all[n].hole)].add(
          -factor * (exchanges_[n].g * (1.0 - exchanges_[n].rule.a) * v(all[n].i, all[n].j)));
  return of;
}

std::vector<HoleWalls::Share> HoleWalls::wall_shares(int i, int j) const {
  std::vector<Share> shares;
  double all = 0.0;
  for (const BodyCells::Element& e : cells_->elements(i, j)) {
    const auto n = static_cast<std::size_t>(&e - cells_->elements().data());
    if (!std::holds_alternative<FixedTemperature>(holes_[static_cast<std::size_t>(e.hole)].law.terms()[0]))
      continue;
    // The same at all times, whatever k is.
    shares.push_back({e.hole, e.length / e.resistance, 0.5 * exchanges_[n].rule.b});
    all += shares.back().share;
  }
  for (Share& s : shares) s.share /= all;
  return shares;
}

double HoleWalls::surface(std::size_t n, View2D<const double> u) const {
  const BodyCells::Element& e = cells_->elements()[n];
  const double T = u(e.i, e.j);
  return 0.5 * (T + (exchanges_[n].rule.a * T + exchanges_[n].rule.b));
}

double HoleWalls::flux(std::size_t n, View2D<const double> u) const {
  const BodyCells::Element& e = cells_->elements()[n];
  return e.factor * (surface(n, u) - u(e.i, e.j)) / resistance_[n];
}

std::vector<HoleWalls::Surface> HoleWalls::surfaces(const mpi::Comm& comm, View2D<const double> u) const {
  constexpr double infinity = std::numeric_limits<double>::infinity(),
                   none = std::numeric_limits<double>::quiet_NaN();
  std::vector<ExactSum> sums(2 * holes_.size());
  std::vector<double> least(2 * holes_.size(), infinity), all_least(least.size());
  const std::vector<BodyCells::Element>& all = cells_->elements();
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (!owned_.contains(all[n].i, all[n].j)) continue;
    const auto hole = static_cast<std::size_t>(all[n].hole);
    const double w = surface(n, u);
    sums[2 * hole].add(all[n].length * w);
    sums[2 * hole + 1].add(all[n].length);
    least[2 * hole] = std::min(least[2 * hole], w);
    least[2 * hole + 1] = std::min(least[2 * hole + 1], -w);
  }
  reduce(comm, sums);
  mpi::all_reduce(least.data(), all_least.data(), static_cast<int>(least.size()), MPI_DOUBLE, MPI_MIN,
                  comm.get());
  std::vector<Surface> surfaces;
  for (std::size_t h = 0; h < holes_.size(); ++h) {
    const double length = sums[2 * h + 1].value();
    surfaces.push_back(length > 0.0
                           ? Surface{all_least[2 * h], -all_least[2 * h + 1], sums[2 * h].value() / length}
                           : Surface{none, none, none});
  }
  return surfaces;
}

std::string HoleWalls::wrong(double t, View2D<const double> u, std::optional<double> coldest) const {
  std::string what;
  std::vector<std::uint8_t> seen(holes_.size(), 0);  // alike all along
  for (const BodyCells::Element& e : cells_->elements()) {
    const auto hole = static_cast<std::size_t>(e.hole);
    if (!what.empty()) break;
    if (seen[hole] != 0 || !owned_.contains(e.i, e.j)) continue;
    const WallLaw& law = holes_[hole].law;
    if (!of_place(law) && !of_temperature(law)) seen[hole] = 1;
    for_each_function(law, [&](const char* name, const Function& f, const Allowed& allowed) {
      const double v = f(e.x, e.y, t, u(e.i, e.j)), zero = coldest.value_or(0.0);
      const double least = allowed.absolute                   ? allowed.least + zero
                           : allowed.temperature() && coldest ? zero
                                                              : allowed.least;
      if (std::isfinite(v) && v >= least && v <= allowed.most) return;
      what = fmt::format("region {}: wall: {} = {}{}{} at x = {:.6g} m, y = {:.6g} m{}", holes_[hole].name,
                         name, v, *allowed.unit != 0 ? " " : "", allowed.unit, e.x, e.y,
                         allowed.temperature() && v < least ? ", below absolute zero" : "");
    });
  }
  return what;
}

}  // namespace calor
