// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/body_cells.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <utility>

#include "decomposition/reduce.hpp"
#include "solver/model/overlay.hpp"

namespace calor {

namespace {

constexpr double nearest = 1e-4;  // of a cell: no wall is taken to be nearer to a centre

/// What lies along one side of a cell, or along a line through it: from, to, and what it is.
struct Interval {
  double from, to;
  std::int32_t hole;
};
using Profile = std::vector<Interval>;

/// Of lines in a plane their length, of what they are around an axis the area: integral of 2 pi x along them.
class Measure {
 public:
  explicit Measure(const Grid& grid) : around_{grid.axisymmetric()} {}
  double curve(const Overlay::Curve& c, double y0, double y1) const {
    if (c.radius == 0.0)
      return std::hypot(y1 - y0, c.slope * (y1 - y0)) * circumference(0.5 * (c.at(y0) + c.at(y1)));
    const auto angle = [&](double y) { return std::asin(std::clamp((y - c.y) / c.radius, -1.0, 1.0)); };
    const double turned = std::abs(angle(y1) - angle(y0));
    return around_ ? full * c.radius * (c.x * turned + c.sign * std::abs(y1 - y0)) : c.radius * turned;
  }
  /// At a height, from x to x, or at an x.
  double level(double from, double to) const { return (to - from) * circumference(0.5 * (from + to)); }
  double upright(double x, double from, double to) const { return (to - from) * circumference(x); }
  double circumference(double x) const { return around_ ? full * x : 1.0; }

 private:
  static constexpr double full = 2.0 * std::numbers::pi;
  bool around_;
};

/// Adds to length[hole] where one profile has the hole and the other one a body. measure(from, to): of a
/// stretch of both
template <class M>
void add_meeting(const Profile& a, const Profile& b, M&& measure, std::vector<ExactSum>& length) {
  for (const Interval& p : a)
    for (const Interval& q : b) {
      const double from = std::max(p.from, q.from), to = std::min(p.to, q.to);
      if (!(to > from) || (p.hole == Voids::body) == (q.hole == Voids::body)) continue;
      length[static_cast<std::size_t>(std::max(p.hole, q.hole))].add(measure(from, to));
    }
}

/// A cell as the pieces that bodies and holes have of it.
class Pieces {
 public:
  Pieces(const Overlay& overlay, const Voids& voids, const Frame& frame)
      : voids_{voids}, frame_{frame}, pieces_{overlay.pieces(frame)} {}

  /// Lengths of the walls within the cell.
  void add_lengths(const Measure& measure, std::vector<ExactSum>& length) const {
    const auto level = [&](double from, double to) { return measure.level(from, to); };
    std::optional<double> below;  // where the slab before ends
    Profile under;
    for (std::size_t n = 0; n < pieces_.size();) {
      std::size_t end = n;
      while (end < pieces_.size() && pieces_[end].y0 == pieces_[n].y0) ++end;
      const double y0 = pieces_[n].y0, y1 = pieces_[n].y1;
      Profile lower, upper;
      for (std::size_t m = n; m < end; ++m) {
        const Overlay::Piece& p = pieces_[m];
        lower.push_back({p.left.at(y0), p.right.at(y0), hole(p)});
        upper.push_back({p.left.at(y1), p.right.at(y1), hole(p)});
        if (m + 1 == end) continue;
        const std::int32_t here = hole(p), next = hole(pieces_[m + 1]);
        if ((here == Voids::body) != (next == Voids::body))
          length[static_cast<std::size_t>(std::max(here, next))].add(measure.curve(p.right, y0, y1));
      }
      if (below) add_meeting(under, lower, level, length);
      below = y1;
      under = std::move(upper);
      n = end;
    }
  }
  /// Along the left (-1) or right side (axis 0), or the lower or upper one (axis 1).
  Profile side(int axis, int sign) const {
    Profile all;
    for (std::size_t n = 0; n < pieces_.size(); ++n) {
      const Overlay::Piece& p = pieces_[n];
      const bool first = n == 0 || pieces_[n - 1].y0 != p.y0;
      const bool last = n + 1 == pieces_.size() || pieces_[n + 1].y0 != p.y0;
      if (axis == 0 && (sign < 0 ? first : last)) all.push_back({p.y0, p.y1, hole(p)});
      const double y = sign < 0 ? pieces_.front().y0 : pieces_.back().y1;
      if (axis == 1 && (sign < 0 ? p.y0 : p.y1) == y) all.push_back({p.left.at(y), p.right.at(y), hole(p)});
    }
    return all;
  }

 private:
  std::int32_t hole(const Overlay::Piece& p) const { return voids_.of(p.top[0]); }
  const Voids& voids_;
  Frame frame_;
  std::vector<Overlay::Piece> pieces_;
};

/// A way from the centre of a cell through one of its sides to the next centre, or to the domain's wall.
class Way {
 public:
  struct Hit {
    std::int32_t hole;
    double distance, place;
  };
  /// @param lines  conductivities, voids, and, where there are contacts, bodies
  Way(const Grid& grid, const Overlay& lines, const Materials& materials, int axis, int sign, int i, int j)
      : lines_{lines},
        materials_{materials},
        axis_{axis},
        h_{grid.even() ? (axis == 0 ? grid.dx() : grid.dy())
                       : (axis == 0 ? grid.width_x(i) : grid.width_y(j))},
        across_{grid.even() ? (axis == 0 ? grid.dy() : grid.dx())
                            : (axis == 0 ? grid.width_y(j) : grid.width_x(i))},
        at_{axis == 0 ? grid.y(j) : grid.x(i)},
        rings_{axis == 0 && grid.axisymmetric() && !(i == 0 && sign > 0 && grid.x0 == 0.0)},
        next_i{axis == 0 ? i + sign : i},
        next_j{axis == 0 ? j : j + sign},
        has_next{!grid.within_reach({next_i, next_j, next_i + 1, next_j + 1}).empty()} {
    const auto add = [&](int ci, int cj, bool outward) {
      const Frame c = grid.cell(ci, cj);
      const double centre = axis == 0 ? grid.x(ci) : grid.y(cj);
      const bool high = (sign > 0) == outward;  // the side that the way passes
      const double side = axis == 0 ? (high ? c.x1 : c.x0) : (high ? c.y1 : c.y0);
      legs_[count_++] =
          outward ? Leg{centre, side, grid.x(ci), grid.y(cj)} : Leg{side, centre, grid.x(ci), grid.y(cj)};
    };
    add(i, j, true);
    if (has_next) add(next_i, next_j, false);
  }

  /// Where it first runs into a hole.
  std::optional<Hit> hit() const {
    double distance = 0.0;
    for (std::size_t n = 0; n < count_; ++n)
      for (const Overlay::Stretch& s : along(legs_[n], voids)) {
        const double length = s.to - s.from;
        const std::int32_t hole = materials_.voids.of(s.top);
        if (hole != Voids::body && length > 1e-9 * h_)
          return Hit{hole, distance, legs_[n].from < legs_[n].to ? s.from : s.to};
        distance += length;
      }
    return {};
  }
  /// What it passes up to a distance that is at least the wall's, as the wall sees it.
  std::vector<BodyCells::Part> parts(double distance, const Hit& wall) const {
    std::vector<BodyCells::Part> all;
    double left = distance, to_wall = wall.distance;
    std::int32_t body = -1;  // that it has come from
    for (std::size_t n = 0; n < count_ && left > 0.0; ++n) {
      const Leg& leg = legs_[n];
      const std::vector<Overlay::Stretch> stretches = along(leg, conductivities);
      std::vector<Crossing> met;
      if (materials_.contacts.any()) {
        const auto meet = [&](std::int32_t next, double at) {
          const double R = body < 0 ? 0.0 : materials_.contacts.resistance(body, next);
          // At the wall itself there is nothing behind it.
          if (R > 0.0 && std::abs(at - leg.from) < to_wall - 1e-9 * h_)
            met.push_back(
                {std::abs(at - leg.from), R / std::max(least_facing, lines_.facing(axis_, at_, at, bodies))});
          body = next;
        };
        if (n == 0) body = materials_.contacts.body_at(leg.x, leg.y);
        for (const Overlay::Stretch& s : along(leg, bodies)) meet(s.top, leg.from < leg.to ? s.from : s.to);
      }
      std::size_t next = 0;
      double done = 0.0;  // of the leg
      const double end_of_all = std::min(left, std::abs(leg.to - leg.from));
      for (const Overlay::Stretch& s : stretches) {
        const double end = std::min(end_of_all, done + (s.to - s.from));
        while (next < met.size() && met[next].distance < end) {
          const Crossing& c = met[next++];
          if (c.distance > done)
            conduct(all, leg, s.top, done, c.distance, stretches.size() == 1, wall.place);
          all.push_back({-1, 0.0, 0.0, 0.0, c.resistance * seen(leg.at(c.distance), wall.place)});
          done = std::max(done, c.distance);
        }
        if (end > done) conduct(all, leg, s.top, done, end, stretches.size() == 1, wall.place);
        done = std::max(done, end);
        if (!(done < end_of_all)) break;
      }
      left -= done;
      to_wall -= std::abs(leg.to - leg.from);
    }
    // A wall nearer than a way can be: what is last goes on.
    for (std::size_t n = all.size(); left > 0.0 && n-- > 0;)
      if (all[n].top >= 0) {
        all[n].length += left;
        left = 0.0;
      }
    return all;
  }
  double facing(double place) const {
    return std::max(least_facing, lines_.facing(axis_, at_, place, voids));
  }
  static constexpr std::size_t conductivities = 0, voids = 1, bodies = 2;  // stacks of the lines
  double h() const { return h_; }
  double across() const { return across_; }
  std::array<double, 2> point(double place) const {
    return axis_ == 0 ? std::array{place, at_} : std::array{at_, place};
  }

 private:
  struct Leg {
    double from, to;  // along the axis, in the direction of the way
    double x, y;      // the cell's centre
    double at(double distance) const { return from < to ? from + distance : from - distance; }
  };
  /// Where it passes from one body to another that it meets a resistance at.
  struct Crossing {
    double distance, resistance;  // from where the leg begins [m]; m2 K/W
  };
  static constexpr double least_facing = 1e-9;  // of an edge along the line
  /// Around an axis: how much larger a ring is where the wall stands. @param s  along the axis of the way
  double seen(double s, double place) const { return rings_ && s > 0.0 ? place / s : 1.0; }
  /// One stretch of a leg, by distances from where it begins.
  void conduct(std::vector<BodyCells::Part>& all, const Leg& leg, std::int32_t top, double begin, double end,
               bool alone, double place) const {
    const double a = leg.at(begin), b = leg.at(end), middle = 0.5 * (a + b);
    const bool at_centre = alone && end - begin == std::abs(leg.to - leg.from);
    all.push_back({top, rings_ && a > 0.0 && b > 0.0 ? place * std::abs(std::log(b / a)) : end - begin,
                   axis_ == 1 || at_centre ? leg.x : middle, axis_ == 0 || at_centre ? leg.y : middle, 0.0});
  }
  std::vector<Overlay::Stretch> along(const Leg& leg, std::size_t stack) const {
    auto parts = lines_.line(axis_, at_, std::min(leg.from, leg.to), std::max(leg.from, leg.to), stack);
    if (leg.to < leg.from) std::reverse(parts.begin(), parts.end());
    return parts;
  }
  const Overlay& lines_;
  const Materials& materials_;
  int axis_;
  double h_, across_, at_;
  bool rings_;  // it leads to or from an axis, and not from the cell at it
  std::array<Leg, 2> legs_{};
  std::size_t count_ = 0;

 public:
  const int next_i, next_j;
  const bool has_next;
};

constexpr std::array<std::array<int, 2>, 4> ways{{{0, -1}, {0, 1}, {1, -1}, {1, 1}}};  // axis, sign

}  // namespace

BodyCells::BodyCells(const Materials& materials, const Grid& grid, const Box& owned, int depth,
                     const mpi::Comm* comm) {
  const Voids& voids = materials.voids;
  constexpr int gift_reach = 2;
  flags_ = Field2D<std::uint8_t>{owned, depth + 2 * gift_reach + 1};
  const View2D<std::uint8_t> flags = flags_.view();
  const Box known = grid.within_reach(flags.box), cells = grid.within_reach(owned.grown(depth));
  {
    std::vector<double> x(static_cast<std::size_t>(known.nx()));
    for (std::size_t n = 0; n < x.size(); ++n) x[n] = grid.x(known.i0 + static_cast<int>(n));
    std::vector<std::int32_t> top(x.size());
    for (int j = known.j0; j < known.j1; ++j) {
      std::fill(top.begin(), top.end(), 0);
      for (std::size_t n = 0; n < voids.areas.size(); ++n)
        mark(voids.areas[n], grid.y(j), x.data(), static_cast<int>(x.size()),
             static_cast<std::int32_t>(n + 1), top.data());
      for (int i = known.i0; i < known.i1; ++i)
        flags(i, j) = voids.of(top[static_cast<std::size_t>(i - known.i0)]) == Voids::body
                          ? std::uint8_t{is_live}
                          : std::uint8_t{0};
    }
  }
  const auto add_flag = [&](int i, int j, Flag f) {
    flags(i, j) = static_cast<std::uint8_t>(flags(i, j) | f);
  };

  const Overlay edges{grid, {&voids.areas}};
  const CutCells edged{grid, grid.within_reach(owned.grown(depth + 2 * gift_reach)), edges};
  const auto body_in = [&](const CutCells::Cell& c) {
    double share = 0.0;
    for (const CutCells::Part& p : edged.parts(c)) share += voids.of(p.top[0]) == Voids::body ? p.share : 0.0;
    return share;
  };
  std::map<std::pair<int, int>, double> body;  // j, i: of cells that holes cut
  holes_.resize(voids.names.size());
  std::vector<ExactSum> area(holes_.size());
  for (const CutCells::Cell& c : edged.cells()) {
    const double share = body_in(c);
    bool has_hole = false;
    for (const CutCells::Part& p : edged.parts(c)) has_hole = has_hole || voids.of(p.top[0]) != Voids::body;
    if (has_hole && owned.contains(c.i, c.j))
      for (const Overlay::Piece& p : edges.pieces(grid.cell(c.i, c.j)))
        if (const std::int32_t hole = voids.of(p.top[0]); hole != Voids::body)
          area[static_cast<std::size_t>(hole)].add(p.area);
    if (!has_hole || !(share > 0.0)) continue;
    add_flag(c.i, c.j, is_cut);
    body[{c.j, c.i}] = share;
  }
  const auto own_share = [&](int i, int j) {
    if (!cut(i, j)) return live(i, j) ? 1.0 : 0.0;
    return body.at({j, i});
  };

  // Elements, and faces that are blocked.
  const std::vector<Area> no_bodies;
  const Overlay lines{grid,
                      {&materials.conductivity.areas(), &voids.areas,
                       materials.contacts.any() ? &materials.contacts.bodies : &no_bodies}};
  const Measure measure{grid};
  const bool of_temperature = materials.of_temperature();
  const auto inside = [&](int i, int j) { return known.contains(i, j); };
  std::map<std::pair<int, int>, Cell> found;
  first_row_ = cells.j0;
  for (int j = cells.j0; j < cells.j1; ++j) {
    row_start_.push_back(elements_.size());
    for (int i = cells.i0; i < cells.i1; ++i) {
      if (!live(i, j)) continue;
      bool near = cut(i, j);
      for (const auto& [axis, sign] : ways) {
        const int ni = axis == 0 ? i + sign : i, nj = axis == 0 ? j : j + sign;
        near = near || (inside(ni, nj) && (!live(ni, nj) || cut(ni, nj)));
      }
      if (!near) continue;
      const auto k = of_temperature ? std::array{1.0, 1.0}
                                    : materials.conductivity(grid.x(i), grid.y(j))(grid.x(i), grid.y(j), 0.0);
      const double hx = grid.even() ? grid.dx() : grid.width_x(i),
                   hy = grid.even() ? grid.dy() : grid.width_y(j);
      const std::array<double, 2> diffusion{k[0] / (hx * hx), k[1] / (hy * hy)};
      double rate = 0.0;
      bool tempered = false;
      for (const auto& [axis, sign] : ways) {
        const Way way{grid, lines, materials, axis, sign, i, j};
        std::optional<Way::Hit> hit = way.hit();
        const bool next_live = way.has_next && live(way.next_i, way.next_j);
        if (!hit && way.has_next && !next_live) {
          const double x = grid.x(way.next_i), y = grid.y(way.next_j);
          const double far =
              grid.even() ? way.h() : grid.distance(axis, (axis == 0 ? i : j) + (sign > 0 ? 1 : 0));
          hit = Way::Hit{voids.at(x, y), far, axis == 0 ? x : y};
        }
        if (!hit) {
          rate += diffusion[static_cast<std::size_t>(axis)];
          continue;
        }
        if (next_live || !way.has_next)
          blocked_.push_back({axis, axis == 0 && sign > 0 ? i + 1 : i, axis == 1 && sign > 0 ? j + 1 : j});
        const std::vector<Part> parts = way.parts(std::max(hit->distance, nearest * way.h()), *hit);
        double resistance = 0.0;
        for (const Part& p : parts)
          resistance += p.top < 0        ? p.contact
                        : of_temperature ? p.length
                                         : p.length / materials.conductivity[p.top](
                                                          p.x, p.y, 0.0)[static_cast<std::size_t>(axis)];
        const double n = way.facing(hit->place);
        const auto [x, y] = way.point(hit->place);
        const std::size_t first = parts_.size();
        if (of_temperature) parts_.insert(parts_.end(), parts.begin(), parts.end());
        elements_.push_back({i, j, axis, hit->hole, way.across() * measure.circumference(x) * n,
                             n * resistance, x, y, n, first, parts_.size()});
        if (voids.tempered[static_cast<std::size_t>(hit->hole)] == 0) continue;
        tempered = true;
        rate += measure.circumference(x) / measure.circumference(grid.x(i)) / (way.h() * resistance);
      }
      Cell c{i, j, own_share(i, j), 0.0};
      if (tempered)
        c.extra = rate / (4.0 * (diffusion[0] + diffusion[1]));  // less its share, once that is known
      found[{j, i}] = c;
    }
  }
  row_start_.push_back(elements_.size());

  // What cells that are not live have of a body.
  for (const auto& [at, share] : body) {
    const auto [j, i] = at;
    if (live(i, j) || !(share > 1e-12) || !grid.within_reach(owned.grown(depth + gift_reach)).contains(i, j))
      continue;
    constexpr std::array<std::array<int, 2>, 24> around{
        {{0, -1}, {-1, 0}, {1, 0},  {0, 1}, {-1, -1}, {1, -1}, {-1, 1},  {1, 1},
         {0, -2}, {-2, 0}, {2, 0},  {0, 2}, {-1, -2}, {1, -2}, {-2, -1}, {2, -1},
         {-2, 1}, {2, 1},  {-1, 2}, {1, 2}, {-2, -2}, {2, -2}, {-2, 2},  {2, 2}}};
    constexpr std::array<std::size_t, 4> rings{0, 4, 8, 24};
    for (std::size_t r = 0; r + 1 < rings.size(); ++r) {
      double most = 0.0;
      Gift gift{i, j, i, j};
      for (std::size_t n = rings[r]; n < rings[r + 1]; ++n) {
        const int ni = i + around[n][0], nj = j + around[n][1];
        if (!inside(ni, nj) || !live(ni, nj) || !(own_share(ni, nj) > most)) continue;
        most = own_share(ni, nj);
        gift = {i, j, ni, nj};
      }
      if (!(most > 0.0)) continue;
      gifts_.push_back(gift);
      if (cells.contains(gift.to_i, gift.to_j)) {
        const auto [to, fresh] =
            found.try_emplace({gift.to_j, gift.to_i}, Cell{gift.to_i, gift.to_j, 1.0, 0.0});
        to->second.share += share * (grid.weight(i, j) / grid.weight(gift.to_i, gift.to_j));
      }
      break;
    }
  }
  for (auto& [at, c] : found) {
    c.extra = std::max(0.0, c.extra - c.share);
    if (c.share == 1.0 && c.extra == 0.0) continue;
    cells_.push_back(c);
    add_flag(c.i, c.j, is_special);
  }

  // How much there is, of all ranks; lengths of walls, and with them f.
  std::vector<ExactSum> numbers(4 * holes_.size() + 2);
  ExactSum* const of_all = &numbers[4 * holes_.size()];
  for (int j = owned.j0; j < owned.j1; ++j)
    for (int i = owned.i0; i < owned.i1; ++i) {
      if (live(i, j)) {
        of_all[0].add(1.0);
        of_all[1].add(share(i, j) * grid.weight(i, j));
        continue;
      }
      const std::int32_t hole = voids.at(grid.x(i), grid.y(j));
      numbers[4 * static_cast<std::size_t>(hole)].add(1.0);
      if (edged.at(i, j).empty()) area[static_cast<std::size_t>(hole)].add(grid.area(i, j));
    }
  std::vector<ExactSum> length(holes_.size()), sum(holes_.size());
  add_wall_lengths(voids, grid, owned, edges, length);
  for (const Element& e : elements_)
    if (owned.contains(e.i, e.j)) {
      numbers[4 * static_cast<std::size_t>(e.hole) + 1].add(1.0);
      sum[static_cast<std::size_t>(e.hole)].add(e.length);
    }
  for (std::size_t n = 0; n < holes_.size(); ++n) {
    numbers[4 * n + 2] = length[n];
    numbers[4 * n + 3] = sum[n];
  }
  numbers.insert(numbers.end(), area.begin(), area.end());
  if (comm != nullptr) reduce(*comm, numbers);
  for (std::size_t n = 0; n < holes_.size(); ++n) {
    Hole& h = holes_[n];
    h.cells = static_cast<std::int64_t>(numbers[4 * n].value());
    h.elements = static_cast<std::int64_t>(numbers[4 * n + 1].value());
    h.length = numbers[4 * n + 2].value();
    h.area = numbers[4 * holes_.size() + 2 + n].value();
    const double shown = numbers[4 * n + 3].value();
    if (h.length > 0.0 && shown > 0.0) h.factor = h.length / shown;
  }
  live_cells_ = static_cast<std::int64_t>(numbers[4 * holes_.size()].value());
  area_ = numbers[4 * holes_.size() + 1].value();
  for (Element& e : elements_) {
    e.length *= holes_[static_cast<std::size_t>(e.hole)].factor;
    e.resistance *= holes_[static_cast<std::size_t>(e.hole)].factor;
    e.factor *= holes_[static_cast<std::size_t>(e.hole)].factor;
  }
}

void BodyCells::add_wall_lengths(const Voids& voids, const Grid& grid, const Box& owned, const Overlay& edges,
                                 std::vector<ExactSum>& length) const {
  const auto has = [&](int i, int j) { return !grid.within_reach({i, j, i + 1, j + 1}).empty(); };
  const Measure measure{grid};
  for (int j = owned.j0; j < owned.j1; ++j)
    for (int i = owned.i0; i < owned.i1; ++i) {
      const bool here_cut = cut(i, j);
      const Frame cell = grid.cell(i, j);
      if (here_cut) Pieces{edges, voids, cell}.add_lengths(measure, length);
      for (const int axis : {0, 1}) {  // the face to the west, and to the south
        const int ni = axis == 0 ? i - 1 : i, nj = axis == 0 ? j : j - 1;
        if (!has(ni, nj) || (!here_cut && !cut(ni, nj) && live(i, j) == live(ni, nj))) continue;
        Profile a = Pieces{edges, voids, grid.cell(ni, nj)}.side(axis, 1),
                b = Pieces{edges, voids, cell}.side(axis, -1);
        add_meeting(
            a, b,
            [&](double from, double to) {
              return axis == 0 ? measure.upright(cell.x0, from, to) : measure.level(from, to);
            },
            length);
      }
    }
}

std::size_t BodyCells::first_element(int i, int j) const {
  const auto row = static_cast<std::size_t>(j - first_row_);
  if (j < first_row_ || row + 1 >= row_start_.size()) return elements_.size();
  const auto begin = elements_.begin() + static_cast<std::ptrdiff_t>(row_start_[row]),
             end = elements_.begin() + static_cast<std::ptrdiff_t>(row_start_[row + 1]);
  return static_cast<std::size_t>(
      std::partition_point(begin, end, [i](const Element& e) { return e.i < i; }) - elements_.begin());
}

std::span<const BodyCells::Element> BodyCells::elements(int i, int j) const {
  const auto from = elements_.begin() + static_cast<std::ptrdiff_t>(first_element(i, j));
  auto to = from;
  while (to != elements_.end() && to->i == i && to->j == j) ++to;
  return {from, to};
}

const BodyCells::Cell* BodyCells::find(int i, int j) const {
  const auto at = std::partition_point(cells_.begin(), cells_.end(), [&](const Cell& c) {
    return std::pair{c.j, c.i} < std::pair{j, i};
  });
  return at != cells_.end() && at->i == i && at->j == j ? &*at : nullptr;
}

}  // namespace calor
