// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/walls/walls.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace calor {

Walls::Walls(const Pieces& pieces, const Grid& grid, const Box& cells)
    : pieces_{pieces}, grid_{grid}, cells_{cells} {
  for (const Side side : sides) {
    const bool vertical = side == Side::left || side == Side::right;
    const auto& list = pieces_[static_cast<std::size_t>(side)];
    Line& line = lines_[static_cast<std::size_t>(side)];
    const Range r = range(side, cells_);
    line.first = r.begin;
    for (int n = r.begin; n < r.end; ++n) {
      const double along = vertical ? grid_.y(n) : grid_.x(n);
      const auto covers = [&](const WallPiece& p) { return p.from <= along && along < p.to; };
      const auto found = std::find_if(list.begin(), list.end(), covers);
      line.piece.push_back(found == list.end() ? -1 : static_cast<int>(found - list.begin()));
      const bool passes = found != list.end() && calor::passes_heat(found->law);
      line.books.push_back(passes ? line.piece.back() : -1);
      line.rule.emplace_back();
      line.conductance.push_back(0.0);
    }
    if (grid_.coverage == Coverage::area) share_out(side, line, r);
    for (const WallPiece& p : list) {
      of_time_ = of_time_ || calor::of_time(p.law);
      of_temperature_ = of_temperature_ || !linear(p.law) || calor::of_temperature(p.law);
      of_users_temperature_ = of_users_temperature_ || calor::of_temperature(p.law);
      fixes_level_ = fixes_level_ || calor::fixes_level(p.law);
      exchange_varies_ = exchange_varies_ || calor::exchange_varies(p.law);
      line.steady = line.steady && calor::steady(p.law);
    }
  }
}

/// Finds the faces that pieces share. The ledger books them with the piece that passes heat, of several with
/// the one that has most of the face.
void Walls::share_out(Side side, Line& line, const Range& r) {
  const bool vertical = side == Side::left || side == Side::right;
  const double step = vertical ? grid_.dy() : grid_.dx();
  const auto& list = pieces_[static_cast<std::size_t>(side)];
  for (int n = r.begin; n < r.end; ++n) {
    const Frame cell = vertical ? grid_.cell(0, n) : grid_.cell(n, 0);
    const double low = vertical ? cell.y0 : cell.x0, high = vertical ? cell.y1 : cell.x1;
    std::vector<std::pair<int, double>> parts;
    double rest = 1.0;
    for (std::size_t p = 0; p < list.size(); ++p) {
      constexpr double least = 1e-9;  // of a face, as of cells
      double share = (std::min(high, list[p].to) - std::max(low, list[p].from)) / step;
      if (!(share > least)) continue;
      if (share > 1.0 - least) share = 1.0;
      parts.emplace_back(static_cast<int>(p), share);
      rest -= share;
    }
    if (rest > 1e-9) parts.emplace_back(-1, rest);
    if (parts.size() < 2) continue;
    const auto passes = [&](int p) {
      return p >= 0 && calor::passes_heat(list[static_cast<std::size_t>(p)].law);
    };
    const auto most = std::max_element(parts.begin(), parts.end(), [&](const auto& a, const auto& b) {
      return std::pair{passes(a.first), a.second} < std::pair{passes(b.first), b.second};
    });
    line.piece[line.at(n)] = most->first;
    line.books[line.at(n)] = passes(most->first) ? most->first : -1;
    line.shared.emplace(n, std::move(parts));
  }
}

bool Walls::passes_heat(Side side) const {
  const auto& list = pieces_[static_cast<std::size_t>(side)];
  return std::any_of(list.begin(), list.end(), [](const WallPiece& p) { return calor::passes_heat(p.law); });
}

Walls::Range Walls::range(Side side, const Box& region) const {
  const Box b = intersection(grid_.within_reach(region), cells_);
  const bool touches = !b.empty() && ((side == Side::left && !grid_.periodic_x && b.i0 == 0) ||
                                      (side == Side::right && !grid_.periodic_x && b.i1 == grid_.nx) ||
                                      (side == Side::bottom && !grid_.periodic_y && b.j0 == 0) ||
                                      (side == Side::top && !grid_.periodic_y && b.j1 == grid_.ny));
  if (!touches) return {0, 0};
  return side == Side::left || side == Side::right ? Range{b.j0, b.j1} : Range{b.i0, b.i1};
}

namespace {
/// Middle of a wall face [m].
std::array<double, 2> middle(Side side, int along, const Grid& g) {
  return {side == Side::left    ? g.x0
          : side == Side::right ? g.x1
                                : g.x(along),
          side == Side::bottom ? g.y0
          : side == Side::top  ? g.y1
                               : g.y(along)};
}
}  // namespace

GhostRule Walls::rule_at(const WallPiece& p, Side side, int along, double t, View2D<const double> u) const {
  const Line& line = lines_[static_cast<std::size_t>(side)];
  const auto [x, y] = middle(side, along, grid_);
  const double dn = width(side), k = line.conductance[line.at(along)] * dn * dn;
  const auto rule = [&, x = x, y = y](double T) { return ghost_rule(evaluate(p.law, x, y, t, T), k, dn, T); };
  if (u.first == nullptr) return rule(0.0);
  const WallCells w = wall_cells(side, along, grid_);
  const double T = u(w.i, w.j);
  const GhostRule here = rule(T);
  if (!calor::of_temperature(p.law)) return here;
  // The user's own function of T: the tangent of the ghost in T, so that the explicit limit and the implicit
  // operator know of it. Where the ghost rises faster than the rule at fixed coefficients, heat feeds on
  // itself; that part is lagged.
  const double h = 1e-6 * std::max(1.0, std::abs(T));
  const auto ghost = [&](double v) {
    const GhostRule r = rule(v);
    return r.a * v + r.b;
  };
  const double slope = (ghost(T + h) - ghost(T - h)) / (2.0 * h);
  if (!(slope < here.a)) return here;
  return {slope, ghost(T) - slope * T};
}

double Walls::most_exchange(Side side, int along) const {
  const Line& line = lines_[static_cast<std::size_t>(side)];
  const double now = 1.0 - line.rule[line.at(along)].a;
  const auto& list = pieces_[static_cast<std::size_t>(side)];
  const auto varies = [&](int p) {
    return p >= 0 && calor::exchange_varies(list[static_cast<std::size_t>(p)].law);
  };
  bool any = varies(line.piece[line.at(along)]);
  if (const auto found = line.shared.find(along); found != line.shared.end())
    for (const auto& part : found->second) any = any || varies(part.first);
  return any ? std::max(now, 2.0) : now;  // a >= -1 for any film
}

Walls::Moment::Moment(const Walls& walls, double t) : walls_{walls}, t_{t} {
  for (std::size_t s = 0; s < sides.size(); ++s)
    for (const WallPiece& p : walls.pieces_[s])
      values_[s].push_back(of_place(p.law) ? std::nullopt : std::optional{evaluate(p.law, 0.0, 0.0, t, 0.0)});
}

GhostRule Walls::Moment::operator()(Side side, int along, double T) const {
  const auto s = static_cast<std::size_t>(side);
  const Line& line = walls_.lines_[s];
  if (line.steady) return line.rule[line.at(along)];
  return rule_of(line, along, [&](int n) {
    const double dn = walls_.width(side), k = line.conductance[line.at(along)] * dn * dn;
    if (const auto& same = values_[s][static_cast<std::size_t>(n)]) return ghost_rule(*same, k, dn, T);
    const WallPiece& p = walls_.pieces_[s][static_cast<std::size_t>(n)];
    const auto [x, y] = middle(side, along, walls_.grid_);
    return ghost_rule(evaluate(p.law, x, y, t_, T), k, dn, T);
  });
}

const GhostRule* Walls::Moment::steady(Side side) const {
  const Line& line = walls_.lines_[static_cast<std::size_t>(side)];
  return line.steady ? line.rule.data() - line.first : nullptr;
}

const int* Walls::Moment::pieces(Side side) const {
  const Line& line = walls_.lines_[static_cast<std::size_t>(side)];
  return line.books.data() - line.first;
}

const double* Walls::Moment::conductances(Side side) const {
  const Line& line = walls_.lines_[static_cast<std::size_t>(side)];
  return line.conductance.data() - line.first;
}

void Walls::update(const Box& region, double t, const Coefficients& c, View2D<const double> u) {
  for (const Side side : sides) {
    Line& line = lines_[static_cast<std::size_t>(side)];
    const auto& list = pieces_[static_cast<std::size_t>(side)];
    const Range r = range(side, region);
    for (int n = r.begin; n < r.end; ++n) {
      const auto at = static_cast<std::size_t>(n - line.first);
      const WallCells w = wall_cells(side, n, grid_);
      const int i = std::max(w.i, w.gi), j = std::max(w.j, w.gj);  // the wall face's number
      line.conductance[at] = w.i != w.gi ? c.gx(i, j) : c.gy(i, j);
      if (line.piece[at] < 0) continue;
      line.rule[at] =
          rule_of(line, n, [&](int p) { return rule_at(list[static_cast<std::size_t>(p)], side, n, t, u); });
    }
  }
}

void Walls::settle(const Box& region, double t, Coefficients& c, View2D<const double> u) {
  constexpr int patience = 100;
  for (const Side side : sides) {
    Line& line = lines_[static_cast<std::size_t>(side)];
    const auto& list = pieces_[static_cast<std::size_t>(side)];
    const Range r = range(side, region);
    for (int n = r.begin; n < r.end; ++n) {
      const std::size_t at = line.at(n);
      if (line.books[at] < 0) continue;  // insulated: the wall has the cell's temperature
      const WallCells w = wall_cells(side, n, grid_);
      const int i = std::max(w.i, w.gi), j = std::max(w.j, w.gj), axis = w.i != w.gi ? 0 : 1;
      const double T = u(w.i, w.j), dn = width(side);
      /// Temperature of the wall if it is taken to be `wall` where k is worked out.
      const auto answer = [&](double wall) {
        line.conductance[at] = c.to_wall(axis, i, j, T, wall) / (dn * dn);
        line.rule[at] = rule_of(
            line, n, [&](int p) { return rule_at(list[static_cast<std::size_t>(p)], side, n, t, u); });
        return 0.5 * (T + (line.rule[at].a * T + line.rule[at].b));
      };
      const double close = 4.0 * std::numeric_limits<double>::epsilon();
      double wall = 0.5 * (T + (line.rule[at].a * T + line.rule[at].b));
      // Where answer(x) - x is positive, and where it is not, once both are known: the root lies between.
      std::optional<double> below, above;
      for (int round = 0; round < patience; ++round) {
        const double next = answer(wall);
        if (!(std::abs(next - wall) > close * std::max(std::abs(next), std::abs(wall)))) break;
        (next > wall ? below : above) = wall;
        // What the answer leaps over is halved.
        wall = below && above &&
                       (round > 20 || !(std::min(*below, *above) < next && next < std::max(*below, *above)))
                   ? 0.5 * (*below + *above)
                   : next;
      }
      c.set_wall(axis, i, j, line.conductance[at]);
    }
  }
}

template <bool homogeneous>
void Walls::fill_sides(const Box& region, View2D<double> u) const {
  for (const Side side : sides) {
    const Line& line = lines_[static_cast<std::size_t>(side)];
    const Range r = range(side, region);
    for (int n = r.begin; n < r.end; ++n) {
      const WallCells w = wall_cells(side, n, grid_);
      const GhostRule rule = line.rule[static_cast<std::size_t>(n - line.first)];
      u(w.gi, w.gj) = homogeneous ? rule.a * u(w.i, w.j) : rule.a * u(w.i, w.j) + rule.b;
    }
  }
}

void Walls::fill(const Box& region, View2D<double> u) const { fill_sides<false>(region, u); }
void Walls::fill_homogeneous(const Box& region, View2D<double> u) const { fill_sides<true>(region, u); }

}  // namespace calor
