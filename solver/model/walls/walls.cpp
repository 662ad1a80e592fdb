// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/walls/walls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
#include <tuple>

#include "decomposition/error.hpp"
#include "solver/model/walls/settle.hpp"

namespace calor {

/// What happened where rules were worked out, by several threads at a time.
struct Walls::Notes {
  struct Event {
    Side side;
    int along;
    double t, u_in;
    std::string no_number{};  // what is none, if something is not
    /// The first one, whichever thread was the first.
    bool before(const Event& other) const {
      return std::tie(t, side, along) < std::tie(other.t, other.side, other.along);
    }
  };
  mutable std::mutex writing;
  std::optional<Event> unbalanced, exceeding;

  void note(std::optional<Event>& of, const Event& e) {
    const std::lock_guard lock{writing};
    if (!of || e.before(*of)) of = e;
  }
};

Walls::Walls(const Pieces& pieces, const Grid& grid, const Box& cells, const WallOutlook& outlook)
    : pieces_{pieces}, grid_{grid}, cells_{cells}, outlook_{outlook}, notes_{std::make_shared<Notes>()} {
  for (const Side side : sides) {
    const bool vertical = side == Side::left || side == Side::right;
    const auto& list = pieces_[side];
    Line& line = lines_[side];
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
      if (calor::of_temperature(p.law) && !is_flux(p.law))
        throw Error{Exit::bad_case, std::string{"boundary."} + side_words[side] +
                                        ": T can stand only in walls that give a heat flux"};
      of_time_ = of_time_ || calor::of_time(p.law);
      of_temperature_ = of_temperature_ || !linear(p.law) || calor::of_temperature(p.law);
      of_users_temperature_ = of_users_temperature_ || calor::of_temperature(p.law);
      fixes_level_ = fixes_level_ || calor::fixes_level(p.law);
      exchange_varies_ = exchange_varies_ || calor::exchange_varies(p.law);
      line.steady = line.steady && calor::steady(p.law);
    }
    look_ahead(side);
  }
}

namespace {
/// The largest f(t) from 0 to the end: of samples, then about the largest of them by golden section. Not a
/// number where some sample is none.
template <class F>
double largest_until(double end, std::int64_t samples, F&& f) {
  const double between = end / static_cast<double>(samples);
  double largest = 0.0, where = 0.0;
  for (std::int64_t k = 0; k <= samples; ++k) {
    const double t = between * static_cast<double>(k), value = f(t);
    if (value <= largest) continue;
    largest = value;
    where = t;
    if (value != value) return value;
  }
  const double ratio = 0.5 * (std::sqrt(5.0) - 1.0);
  double from = std::max(0.0, where - between), to = std::min(end, where + between);
  for (int n = 0; n < 50; ++n) {
    const double a = to - ratio * (to - from), b = from + ratio * (to - from), left = f(a), right = f(b);
    largest = std::max({largest, left, right});
    (left < right ? from : to) = left < right ? a : b;
  }
  return largest;
}
}  // namespace

/// The largest exchange of walls whose film is a function of time, until the end.
void Walls::look_ahead(Side side) {
  constexpr std::int64_t evaluations = 1 << 22, most = 1 << 16, least = 256;
  Line& line = lines_[side];
  line.most_slope.assign(line.piece.size(), std::numeric_limits<double>::infinity());
  const auto& list = pieces_[side];
  const bool vertical = side == Side::left || side == Side::right;
  // By the whole side, so that every rank looks at the same times.
  const std::int64_t samples = std::clamp(evaluations / (vertical ? grid_.ny : grid_.nx), least, most);
  std::vector<std::optional<double>> same(list.size());
  // The largest slope of a piece at one face; infinite where it is not known.
  const auto largest_of = [&](std::size_t n, int along) {
    const WallLaw& law = list[n].law;
    if (!linear(law) || !is_flux(law) || calor::of_temperature(law))
      return std::numeric_limits<double>::infinity();
    if (same[n]) return *same[n];
    const auto [x, y] = middle(side, along);
    const auto slope_at = [&, x = x, y = y](double t) {
      return outward(evaluate(law, x, y, t, 0.0), 0.0, outlook_.absolute_zero).slope;
    };
    const double largest = largest_until(*outlook_.end, calor::of_place(law) ? samples : most, slope_at);
    if (!calor::of_place(law)) same[n] = largest;
    return largest;
  };
  for (std::size_t at = 0; at < line.piece.size() && outlook_.end; ++at) {
    const int along = line.first + static_cast<int>(at);
    std::vector<Part> parts{{line.piece[at], 1.0, true, {}}};
    if (const auto found = line.shared.find(along); found != line.shared.end()) parts = found->second;
    const bool varies = std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
      return part.piece >= 0 && calor::exchange_varies(list[static_cast<std::size_t>(part.piece)].law);
    });
    if (!varies) continue;
    // What passes is a mean of what passes each part, so no more than the most of them.
    double largest = 0.0;
    for (const Part& part : parts)
      if (part.piece >= 0 && !(largest != largest)) {
        const double its = largest_of(static_cast<std::size_t>(part.piece), along);
        largest = its > largest || its != its ? its : largest;
      }
    line.most_slope[at] = largest;
  }
}

/// Finds the faces that pieces share. The ledger books them with the piece that passes heat, of several with
/// the one that has most of the face, and then moves what passes the others.
void Walls::share_out(Side side, Line& line, const Range& r) {
  const bool vertical = side == Side::left || side == Side::right;
  // Around an axis, ends are rings.
  const bool rings = !vertical && grid_.axisymmetric();
  const auto& list = pieces_[side];
  for (int n = r.begin; n < r.end; ++n) {
    const Frame cell = vertical ? grid_.cell(0, n) : grid_.cell(n, 0);
    const double low = vertical ? cell.y0 : cell.x0, high = vertical ? cell.y1 : cell.x1;
    const double step = rings          ? (high - low) * (high + low)
                        : grid_.even() ? (vertical ? grid_.dy() : grid_.dx())
                                       : high - low;
    std::vector<Part> parts;
    double rest = 1.0;
    for (std::size_t p = 0; p < list.size(); ++p) {
      constexpr double least = 1e-9;  // of a face, as of cells
      const double begin = std::max(low, list[p].from), end = std::min(high, list[p].to);
      double share = (rings ? (end - begin) * (end + begin) : end - begin) / step;
      if (!(share > least)) continue;
      if (share > 1.0 - least) share = 1.0;
      parts.push_back({static_cast<int>(p), share, calor::passes_heat(list[p].law), {}});
      rest -= share;
    }
    if (rest > 1e-9) parts.push_back({-1, rest, false, {}});
    if (parts.size() < 2) continue;
    const auto most = std::max_element(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
      return std::pair{a.books, a.share} < std::pair{b.books, b.share};
    });
    line.piece[line.at(n)] = most->piece;
    line.books[line.at(n)] = most->books ? most->piece : -1;
    line.shared.emplace(n, std::move(parts));
  }
}

bool Walls::passes_heat(Side side) const {
  const auto& list = pieces_[side];
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

std::array<double, 2> Walls::middle(Side side, int along) const {
  const Grid& g = grid_;
  return {side == Side::left    ? g.x0
          : side == Side::right ? g.x1
                                : g.x(along),
          side == Side::bottom ? g.y0
          : side == Side::top  ? g.y1
                               : g.y(along)};
}

WallSite Walls::site(Side side, int along, double u_in) const {
  const Line& line = lines_[side];
  const double dn = width(side);
  return {conductivity_of(side, along, line.conductance[line.at(along)]), dn, u_in, outlook_.absolute_zero};
}

double Walls::conductance_of_one(Side side, int along) const {
  const WallCells w = wall_cells(side, along, grid_);
  return grid_.conductance(w.i != w.gi ? 0 : 1, std::max(w.i, w.gi), std::max(w.j, w.gj));
}

GhostRule Walls::rule_at(const WallPiece& p, Side side, int along, double t, double u_in) const {
  const Line& line = lines_[side];
  if (line.conductance[line.at(along)] == 0.0) return {};  // before a hole: nothing passes
  const auto [x, y] = middle(side, along);
  return looked_at(ghost_rule(p.law, x, y, t, site(side, along, u_in)), side, along, t, u_in);
}

GhostRule Walls::looked_at(GhostRule rule, Side side, int along, double t, double u_in) const {
  const Line& line = lines_[side];
  if (!std::isfinite(rule.b)) {
    // What the functions give now; later a step's mean of one is not to be had any more.
    if (std::isfinite(u_in))
      notes_->note(notes_->unbalanced, {side, along, t, u_in, first_no_number(side, along, t, u_in)});
  } else if (std::isfinite(line.most_slope[line.at(along)]) &&
             1.0 - rule.a > most_exchange(side, along) * (1.0 + 1e-6)) {
    notes_->note(notes_->exceeding, {side, along, t, u_in});
  }
  return rule;
}

double Walls::most_exchange(Side side, int along) const {
  const Line& line = lines_[side];
  const std::size_t at = line.at(along);
  const double now = 1.0 - line.rule[at].a;
  if (line.piece[at] < 0 || line.conductance[at] == 0.0) return now;
  const auto& list = pieces_[side];
  const auto varies = [&](int p) {
    return p >= 0 && calor::exchange_varies(list[static_cast<std::size_t>(p)].law);
  };
  bool any = varies(line.piece[at]);
  if (const auto found = line.shared.find(along); found != line.shared.end())
    for (const Part& part : found->second) any = any || varies(part.piece);
  if (!any) return now;
  const double ratio = line.most_slope[at] * width(side) / (2.0 * site(side, along, 0.0).k);
  const double most = std::isinf(ratio) ? 2.0 : 2.0 * ratio / (1.0 + ratio);  // a >= -1 for any film
  return most < now ? now : most;
}

double Walls::reached_exchange(Side side, int along) const {
  const Line& line = lines_[side];
  return std::isfinite(line.most_slope[line.at(along)]) ? most_exchange(side, along)
                                                        : 1.0 - line.rule[line.at(along)].a;
}

/// "ambient comes out as nan", if a function of a wall is no finite number there.
std::string Walls::first_no_number(Side side, int along, double t, double u_in) const {
  const std::array<double, 2> at = middle(side, along);
  const double where = at[side == Side::left || side == Side::right ? 1 : 0];
  std::string found;
  for (const WallPiece& piece : pieces_[side]) {
    if (where < piece.from || where > piece.to) continue;
    for_each_function(piece.law, [&](const char* name, const Function& f, const Allowed&) {
      if (const double v = f(at[0], at[1], t, u_in); found.empty() && !std::isfinite(v))
        found = fmt::format("{} comes out as {}", name, std::isnan(v) ? "nan" : "infinite");
    });
  }
  return found;
}

std::string Walls::trouble() const {
  const std::lock_guard lock{notes_->writing};
  if (!notes_->unbalanced) return {};
  const Notes::Event& e = *notes_->unbalanced;
  const auto [x, y] = middle(e.side, e.along);
  const std::string where = fmt::format(
      "boundary.{} at x = {:.6g} m, y = {:.6g} m, t = {:.9g} s, where the cell behind it has {:.6g}",
      side_words[e.side], x, y, e.t, e.u_in);
  if (!e.no_number.empty()) return fmt::format("{}: {}; look at its expression", where, e.no_number);
  return where +
         ": no temperature of the wall balances what its expressions let through, or more than one does; "
         "look "
         "at what they give between there and far from it, or take smaller cells at the wall, which bind it "
         "closer";
}

void Walls::forget_trouble() {
  const std::lock_guard lock{notes_->writing};
  notes_->unbalanced.reset();
}

std::string Walls::surprise() const {
  const std::lock_guard lock{notes_->writing};
  if (!notes_->exceeding) return {};
  const Notes::Event& e = *notes_->exceeding;
  return fmt::format(
      "boundary.{}: at t = {:.9g} s its film lets more heat through than was found by a look at the whole "
      "run, "
      "and explicit steps at their limit may be unstable there; give a smaller time.dt",
      side_words[e.side], e.t);
}

Walls::Moment::Moment(const Walls& walls, double t) : walls_{walls}, t_{t} {
  for (std::size_t s = 0; s < sides.size(); ++s)
    for (const WallPiece& p : walls.pieces_[s])
      values_[s].push_back(of_place(p.law) || calor::of_temperature(p.law)
                               ? std::nullopt
                               : std::optional{evaluate(p.law, 0.0, 0.0, t, 0.0)});
}

GhostRule Walls::Moment::operator()(Side side, int along, double T) const {
  const Line& line = walls_.lines_[side];
  if (line.steady) return line.rule[line.at(along)];
  if (line.conductance[line.at(along)] == 0.0) return {};  // as rule_at has it
  return rule_of(line, along, [&](int piece) { return rule_of_piece(side, piece, along, T); });
}

GhostRule Walls::Moment::rule_of_piece(Side side, int piece, int along, double T) const {
  if (const auto& same = values_[side][static_cast<std::size_t>(piece)])
    return walls_.looked_at(ghost_rule(*same, walls_.site(side, along, T)), side, along, t_, T);
  return walls_.rule_at(walls_.pieces_[side][static_cast<std::size_t>(piece)], side, along, t_, T);
}

const GhostRule* Walls::Moment::steady(Side side) const {
  const Line& line = walls_.lines_[side];
  return line.steady ? line.rule.data() - line.first : nullptr;
}

const int* Walls::Moment::pieces(Side side) const {
  const Line& line = walls_.lines_[side];
  return line.books.data() - line.first;
}

const std::map<int, std::vector<Walls::Part>>* Walls::Moment::shared(Side side) const {
  const Line& line = walls_.lines_[side];
  return line.shared.empty() ? nullptr : &line.shared;
}

std::vector<Walls::Part> Walls::Moment::parts_beside(Side side, int along, double T) const {
  const Line& line = walls_.lines_[side];
  const std::size_t at = line.at(along);
  std::vector<Part> parts;
  if (line.conductance[at] == 0.0) return parts;  // before a hole: nothing passes
  for (const Part& part : line.shared.at(along)) {
    if (!part.books || part.piece == line.piece[at]) continue;
    parts.push_back(part);
    if (!line.steady) parts.back().rule = rule_of_piece(side, part.piece, along, T);
  }
  return parts;
}

const double* Walls::Moment::conductances(Side side) const {
  const Line& line = walls_.lines_[side];
  return line.conductance.data() - line.first;
}

void Walls::keep(Line& line, int along, const GhostRule& rule, const std::vector<GhostRule>& of_parts) {
  line.rule[line.at(along)] = rule;
  if (of_parts.empty()) return;
  std::vector<Part>& parts = line.shared.at(along);
  for (std::size_t n = 0; n < parts.size(); ++n) parts[n].rule = of_parts[n];
}

void Walls::update(const Box& region, double t, const Coefficients& c, View2D<const double> u) {
  std::vector<GhostRule> of_parts;
  for (const Side side : sides) {
    Line& line = lines_[side];
    const auto& list = pieces_[side];
    const Range r = range(side, region);
    for (int n = r.begin; n < r.end; ++n) {
      const auto at = static_cast<std::size_t>(n - line.first);
      const WallCells w = wall_cells(side, n, grid_);
      const int i = std::max(w.i, w.gi), j = std::max(w.j, w.gj);  // the wall face's number
      line.conductance[at] = w.i != w.gi ? c.gx(i, j) : c.gy(i, j);
      if (line.piece[at] < 0) continue;
      const auto of_u = [&](const WallPiece& p) { return !linear(p.law) || calor::of_temperature(p.law); };
      bool waits = false;  // for temperatures
      const auto of_piece = [&](int number) {
        const WallPiece& p = list[static_cast<std::size_t>(number)];
        if (u.first == nullptr && of_u(p)) {
          waits = true;
          return GhostRule{};
        }
        return rule_at(p, side, n, t, of_u(p) ? u(w.i, w.j) : 0.0);
      };
      const GhostRule rule = rule_of(line, n, of_piece, &of_parts);
      if (!waits) keep(line, n, rule, of_parts);
    }
  }
}

void Walls::settle(const Box& region, double t, Coefficients& c, View2D<const double> u) {
  std::vector<GhostRule> of_parts;
  for (const Side side : sides) {
    Line& line = lines_[side];
    const auto& list = pieces_[side];
    const Range r = range(side, region);
    for (int n = r.begin; n < r.end; ++n) {
      const std::size_t at = line.at(n);
      if (line.books[at] < 0 || line.conductance[at] == 0.0)
        continue;  // insulated: the wall has the cell's temperature
      const WallCells w = wall_cells(side, n, grid_);
      const int i = std::max(w.i, w.gi), j = std::max(w.j, w.gj), axis = w.i != w.gi ? 0 : 1;
      const double T = u(w.i, w.j);
      /// Temperature of the wall if it is taken to be `wall` where k is worked out.
      const auto answer = [&](double wall) {
        line.conductance[at] = conductance_of(side, n, c.to_wall(axis, i, j, T, wall));
        const auto of_piece = [&](int p) {
          return rule_at(list[static_cast<std::size_t>(p)], side, n, t, T);
        };
        const GhostRule rule = rule_of(line, n, of_piece, &of_parts);
        keep(line, n, rule, of_parts);
        return 0.5 * (T + (line.rule[at].a * T + line.rule[at].b));
      };
      calor::settle(0.5 * (T + (line.rule[at].a * T + line.rule[at].b)), answer);
      c.set_wall(axis, i, j, line.conductance[at]);
    }
  }
}

template <bool homogeneous>
void Walls::fill_sides(const Box& region, View2D<double> u) const {
  for (const Side side : sides) {
    const Line& line = lines_[side];
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
