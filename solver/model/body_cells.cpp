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
    // As at() has it, so that arcs end where what lies level at the top and bottom begins.
    const auto angle = [&](double y) { return std::atan2(y - c.y, std::abs(c.at(y) - c.x)); };
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

/// Makes the cells step by step, in the order of its functions; each needs what those before it have found.
class BodyCells::Builder {
 public:
  Builder(BodyCells& to, const Materials& materials, const Grid& grid, const Box& owned, int depth)
      : to_{to},
        materials_{materials},
        voids_{materials.voids},
        grid_{grid},
        owned_{owned},
        depth_{depth},
        flags_{make_flags()},
        known_{grid.within_reach(flags_.box)},
        cells_{grid.within_reach(owned.grown(depth))},
        edges_{grid, {&voids_.areas}},
        edged_{grid, grid.within_reach(owned.grown(depth + 2 * gift_reach)), edges_},
        lines_{grid,
               {&materials.conductivity.areas(), &voids_.areas,
                materials.contacts.any() ? &materials.contacts.bodies : &no_bodies_}} {
    to_.holes_.resize(voids_.names.size());
    hole_areas_.resize(to_.holes_.size());
  }

  void find_live_cells();
  void find_cut_cells();
  void find_elements();
  void find_gifts();
  void keep_special_cells();
  void measure_holes(const mpi::Comm* comm);

 private:
  static constexpr int gift_reach = 2;
  /// One side of a cell, as in `ways`.
  struct Side {
    int i, j, axis, sign;
  };

  View2D<std::uint8_t> make_flags() {
    to_.flags_ = Field2D<std::uint8_t>{owned_, depth_ + 2 * gift_reach + 1};
    return to_.flags_.view();
  }
  void add_flag(int i, int j, Flag f) { flags_(i, j) = static_cast<std::uint8_t>(flags_(i, j) | f); }
  bool live(int i, int j) const { return to_.live(i, j); }
  bool cut(int i, int j) const { return to_.cut(i, j); }
  bool inside(int i, int j) const { return known_.contains(i, j); }
  static std::size_t index(std::int32_t hole) { return static_cast<std::size_t>(hole); }

  /// What the cell has of bodies itself.
  double own_share(int i, int j) const {
    if (!cut(i, j)) return live(i, j) ? 1.0 : 0.0;
    return body_.at({j, i});
  }
  bool near_wall(int i, int j) const;
  std::array<double, 2> diffusion(int i, int j) const;
  std::optional<Way::Hit> wall_along(const Way& way, const Side& s) const;
  double add_element(const Way& way, const Way::Hit& wall, const Side& s);
  void add_cell(int i, int j);
  std::vector<Gift> gifts_of(int i, int j) const;
  std::vector<ExactSum> count_own();

  BodyCells& to_;
  const Materials& materials_;
  const Voids& voids_;
  const Grid& grid_;
  const Box owned_;
  const int depth_;
  const View2D<std::uint8_t> flags_;
  const Box known_, cells_;  // cells with flags; cells of owned.grown(depth)
  const Overlay edges_;      // of holes
  const CutCells edged_;     // by them
  const std::vector<Area> no_bodies_;
  const Overlay lines_;
  const Measure measure_{grid_};
  ExactSum lost_;                               // of bodies, that no live cell takes
  std::vector<ExactSum> hole_areas_;            // that this rank sees of each
  std::map<std::pair<int, int>, double> body_;  // j, i: of cells that holes cut
  std::map<std::pair<int, int>, Cell> found_;   // j, i: cells that may be special
};

/// A cell is live by where its centre lies.
void BodyCells::Builder::find_live_cells() {
  std::vector<double> x(static_cast<std::size_t>(known_.nx()));
  for (std::size_t n = 0; n < x.size(); ++n) x[n] = grid_.x(known_.i0 + static_cast<int>(n));
  std::vector<std::int32_t> top(x.size());
  for (int j = known_.j0; j < known_.j1; ++j) {
    std::fill(top.begin(), top.end(), 0);
    for (std::size_t n = 0; n < voids_.areas.size(); ++n)
      mark(voids_.areas[n], grid_.y(j), x.data(), static_cast<int>(x.size()),
           static_cast<std::int32_t>(n + 1), top.data());
    for (int i = known_.i0; i < known_.i1; ++i)
      flags_(i, j) = voids_.of(top[static_cast<std::size_t>(i - known_.i0)]) == Voids::body
                         ? std::uint8_t{is_live}
                         : std::uint8_t{0};
  }
}

/// Cells that have some of a hole and some of a body, with the body's share; and what they have of holes.
void BodyCells::Builder::find_cut_cells() {
  const auto body_in = [&](const CutCells::Cell& c) {
    double share = 0.0;
    for (const CutCells::Part& p : edged_.parts(c))
      share += voids_.of(p.top[0]) == Voids::body ? p.share : 0.0;
    return share;
  };
  for (const CutCells::Cell& c : edged_.cells()) {
    const double share = body_in(c);
    bool has_hole = false;
    for (const CutCells::Part& p : edged_.parts(c)) has_hole = has_hole || voids_.of(p.top[0]) != Voids::body;
    if (has_hole && owned_.contains(c.i, c.j))
      for (const Overlay::Piece& p : edges_.pieces(grid_.cell(c.i, c.j)))
        if (const std::int32_t hole = voids_.of(p.top[0]); hole != Voids::body)
          hole_areas_[index(hole)].add(p.area);
    if (!has_hole || !(share > 0.0)) continue;
    add_flag(c.i, c.j, is_cut);
    body_[{c.j, c.i}] = share;
  }
}

/// Elements, and faces that are blocked.
void BodyCells::Builder::find_elements() {
  to_.first_row_ = cells_.j0;
  for (int j = cells_.j0; j < cells_.j1; ++j) {
    to_.row_start_.push_back(to_.elements_.size());
    for (int i = cells_.i0; i < cells_.i1; ++i)
      if (live(i, j) && near_wall(i, j)) add_cell(i, j);
  }
  to_.row_start_.push_back(to_.elements_.size());
}

bool BodyCells::Builder::near_wall(int i, int j) const {
  bool near = cut(i, j);
  for (const auto& [axis, sign] : ways) {
    const int ni = axis == 0 ? i + sign : i, nj = axis == 0 ? j : j + sign;
    near = near || (inside(ni, nj) && (!live(ni, nj) || cut(ni, nj)));
  }
  return near;
}

/// k over the width squared, along x and along y; where some conductivity depends on T, as if k were 1.
std::array<double, 2> BodyCells::Builder::diffusion(int i, int j) const {
  const auto k = materials_.of_temperature()
                     ? std::array{1.0, 1.0}
                     : materials_.conductivity(grid_.x(i), grid_.y(j))(grid_.x(i), grid_.y(j), 0.0);
  const double hx = grid_.even() ? grid_.dx() : grid_.width_x(i),
               hy = grid_.even() ? grid_.dy() : grid_.width_y(j);
  return {k[0] / (hx * hx), k[1] / (hy * hy)};
}

/// The elements on the sides of a live cell, and the capacity that keeps its explicit limit beside them.
void BodyCells::Builder::add_cell(int i, int j) {
  const std::array<double, 2> whole = diffusion(i, j);
  double rate = 0.0;
  bool tempered = false;
  for (const auto& [axis, sign] : ways) {
    const Side side{i, j, axis, sign};
    const Way way{grid_, lines_, materials_, axis, sign, i, j};
    const std::optional<Way::Hit> wall = wall_along(way, side);
    if (!wall) {
      rate += whole[static_cast<std::size_t>(axis)];
      continue;
    }
    const double resistance = add_element(way, *wall, side);
    if (voids_.tempered[index(wall->hole)] == 0) continue;
    tempered = true;
    rate += measure_.circumference(way.point(wall->place)[0]) / measure_.circumference(grid_.x(i)) /
            (way.h() * resistance);
  }
  Cell c{i, j, own_share(i, j), 0.0};
  if (tempered) c.extra = rate / (4.0 * (whole[0] + whole[1]));  // less its share, once that is known
  found_[{j, i}] = c;
}

/// Where the way from a cell runs into a hole; at the latest at the next centre, if that lies in one.
std::optional<Way::Hit> BodyCells::Builder::wall_along(const Way& way, const Side& s) const {
  if (const std::optional<Way::Hit> met = way.hit(); met) return met;
  if (!way.has_next || live(way.next_i, way.next_j)) return {};
  const double x = grid_.x(way.next_i), y = grid_.y(way.next_j);
  const double far =
      grid_.even() ? way.h() : grid_.distance(s.axis, (s.axis == 0 ? s.i : s.j) + (s.sign > 0 ? 1 : 0));
  return Way::Hit{voids_.at(x, y), far, s.axis == 0 ? x : y};
}

/// An element of a hole's wall, and the face that it blocks. Returns what resists on the way to the wall
/// [m2 K/W].
double BodyCells::Builder::add_element(const Way& way, const Way::Hit& wall, const Side& s) {
  const auto& [i, j, axis, sign] = s;
  if (!way.has_next || live(way.next_i, way.next_j))
    to_.blocked_.push_back({axis, axis == 0 && sign > 0 ? i + 1 : i, axis == 1 && sign > 0 ? j + 1 : j});
  const std::vector<Part> parts = way.parts(std::max(wall.distance, nearest * way.h()), wall);
  const bool of_temperature = materials_.of_temperature();
  double resistance = 0.0;
  for (const Part& p : parts)
    resistance += p.top < 0        ? p.contact
                  : of_temperature ? p.length
                                   : p.length / materials_.conductivity[p.top](
                                                    p.x, p.y, 0.0)[static_cast<std::size_t>(axis)];
  const double n = way.facing(wall.place);
  const auto [x, y] = way.point(wall.place);
  const std::size_t first = to_.parts_.size();
  if (of_temperature) to_.parts_.insert(to_.parts_.end(), parts.begin(), parts.end());
  to_.elements_.push_back({i, j, axis, wall.hole, way.across() * measure_.circumference(x) * n,
                           n * resistance, x, y, n, first, to_.parts_.size()});
  return resistance;
}

/// What cells that are not live have of a body.
void BodyCells::Builder::find_gifts() {
  for (const auto& [at, share] : body_) {
    const auto [j, i] = at;
    if (live(i, j) || !(share > 1e-12) ||
        !grid_.within_reach(owned_.grown(depth_ + gift_reach)).contains(i, j))
      continue;
    const std::vector<Gift> gifts = gifts_of(i, j);
    if (gifts.empty() && owned_.contains(i, j)) lost_.add(share * grid_.weight(i, j));
    for (const Gift& gift : gifts) {
      to_.gifts_.push_back(gift);
      if (!cells_.contains(gift.to_i, gift.to_j)) continue;
      const auto [to, fresh] =
          found_.try_emplace({gift.to_j, gift.to_i}, Cell{gift.to_i, gift.to_j, 1.0, 0.0});
      to->second.share += gift.weight(grid_) * share;
    }
  }
}

/// To the live cell that has most of a body itself, of the nearest ring around that has one; to all of them
/// alike where several have as much, so that what is symmetric stays so.
std::vector<BodyCells::Gift> BodyCells::Builder::gifts_of(int i, int j) const {
  constexpr std::array<std::array<int, 2>, 24> around{
      {{0, -1}, {-1, 0}, {1, 0},  {0, 1}, {-1, -1}, {1, -1}, {-1, 1},  {1, 1},
       {0, -2}, {-2, 0}, {2, 0},  {0, 2}, {-1, -2}, {1, -2}, {-2, -1}, {2, -1},
       {-2, 1}, {2, 1},  {-1, 2}, {1, 2}, {-2, -2}, {2, -2}, {-2, 2},  {2, 2}}};
  constexpr std::array<std::size_t, 4> rings{0, 4, 8, 24};
  constexpr double alike = 1e-9;
  for (std::size_t r = 0; r + 1 < rings.size(); ++r) {
    double most = 0.0;
    std::vector<Gift> gifts;
    for (std::size_t n = rings[r]; n < rings[r + 1]; ++n) {
      const int ni = i + around[n][0], nj = j + around[n][1];
      const double its = inside(ni, nj) && live(ni, nj) ? own_share(ni, nj) : 0.0;
      if (!(its > 0.0) || its < most * (1.0 - alike)) continue;
      if (its > most * (1.0 + alike)) gifts.clear();
      most = std::max(most, its);
      gifts.push_back({i, j, ni, nj, 0.0});
    }
    for (Gift& g : gifts) g.part = 1.0 / static_cast<double>(gifts.size());
    if (!gifts.empty()) return gifts;
  }
  return {};
}

void BodyCells::Builder::keep_special_cells() {
  for (auto& [at, c] : found_) {
    c.extra = std::max(0.0, c.extra - c.share);
    if (c.share == 1.0 && c.extra == 0.0) continue;
    to_.cells_.push_back(c);
    add_flag(c.i, c.j, is_special);
  }
}

/// This rank's numbers: of each hole cells, elements, the length of its wall, and what the elements show of
/// it; then live cells, their area, and what is lost; then the areas of the holes.
std::vector<ExactSum> BodyCells::Builder::count_own() {
  const std::size_t holes = to_.holes_.size();
  std::vector<ExactSum> numbers(4 * holes + 3);
  ExactSum* const of_all = &numbers[4 * holes];
  for (int j = owned_.j0; j < owned_.j1; ++j)
    for (int i = owned_.i0; i < owned_.i1; ++i) {
      if (live(i, j)) {
        of_all[0].add(1.0);
        of_all[1].add(to_.share(i, j) * grid_.weight(i, j));
        continue;
      }
      const std::int32_t hole = voids_.at(grid_.x(i), grid_.y(j));
      numbers[4 * index(hole)].add(1.0);
      if (edged_.at(i, j).empty()) hole_areas_[index(hole)].add(grid_.area(i, j));
    }
  of_all[2] = lost_;
  std::vector<ExactSum> length(holes), sum(holes);
  to_.add_wall_lengths(voids_, grid_, owned_, edges_, length);
  for (const Element& e : to_.elements_)
    if (owned_.contains(e.i, e.j)) {
      numbers[4 * index(e.hole) + 1].add(1.0);
      sum[index(e.hole)].add(e.length);
    }
  for (std::size_t n = 0; n < holes; ++n) {
    numbers[4 * n + 2] = length[n];
    numbers[4 * n + 3] = sum[n];
  }
  numbers.insert(numbers.end(), hole_areas_.begin(), hole_areas_.end());
  return numbers;
}

/// How much there is, of all ranks; lengths of walls, and with them f.
void BodyCells::Builder::measure_holes(const mpi::Comm* comm) {
  std::vector<ExactSum> numbers = count_own();
  if (comm != nullptr) reduce(*comm, numbers);
  std::vector<Hole>& holes = to_.holes_;
  for (std::size_t n = 0; n < holes.size(); ++n) {
    Hole& h = holes[n];
    h.cells = static_cast<std::int64_t>(numbers[4 * n].value());
    h.elements = static_cast<std::int64_t>(numbers[4 * n + 1].value());
    h.length = numbers[4 * n + 2].value();
    h.area = numbers[4 * holes.size() + 3 + n].value();
    const double shown = numbers[4 * n + 3].value();
    if (h.length > 0.0 && shown > 0.0) h.factor = h.length / shown;
  }
  to_.live_cells_ = static_cast<std::int64_t>(numbers[4 * holes.size()].value());
  to_.area_ = numbers[4 * holes.size() + 1].value();
  to_.lost_ = numbers[4 * holes.size() + 2].value();
  for (Element& e : to_.elements_) {
    e.length *= holes[index(e.hole)].factor;
    e.resistance *= holes[index(e.hole)].factor;
    e.factor *= holes[index(e.hole)].factor;
  }
}

BodyCells::BodyCells(const Materials& materials, const Grid& grid, const Box& owned, int depth,
                     const mpi::Comm* comm, Heed* heed) {
  Builder make{*this, materials, grid, owned, depth};
  make.find_live_cells();
  heed_here(heed, set_up_sweeps);
  make.find_cut_cells();
  heed_here(heed, set_up_sweeps);
  make.find_elements();
  heed_here(heed, set_up_sweeps);
  make.find_gifts();
  make.keep_special_cells();
  heed_here(heed, set_up_sweeps);
  make.measure_holes(comm);
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

BodyCells::Kind BodyCells::kind(int j, int i0, int i1) const {
  const std::uint8_t* const flags = flags_.cview().row(j);
  bool none = true, plain = true;
  for (std::ptrdiff_t i = i0; i < i1; ++i) {
    none &= (flags[i] & is_live) == 0;
    plain &= (flags[i] & (is_live | is_special)) == is_live;
  }
  return none ? Kind::none : plain ? Kind::plain : Kind::mixed;
}

std::map<std::pair<int, int>, std::vector<BodyCells::Gift>> BodyCells::gifts_by_receiver() const {
  std::map<std::pair<int, int>, std::vector<Gift>> gifts;
  for (const Gift& g : gifts_) gifts[{g.to_j, g.to_i}].push_back(g);
  return gifts;
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
