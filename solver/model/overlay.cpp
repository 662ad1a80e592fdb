// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/overlay.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "decomposition/error.hpp"

namespace calor {

namespace {

constexpr double snap = 1e-9;  // cells

/// @param lines  of the grid along an axis, or null where they are equally far apart
double snapped(double v, double origin, double step, const std::vector<double>* lines) {
  if (lines != nullptr) {
    const auto above = std::lower_bound(lines->begin(), lines->end(), v);
    for (const auto face :
         {above - (above == lines->begin() ? 0 : 1), above - (above == lines->end() ? 1 : 0)}) {
      const auto next = face + 1 == lines->end() ? face : face + 1;
      const auto before = face == lines->begin() ? face : face - 1;
      if (std::abs(v - *face) <=
          snap * std::min(next == face ? step : *next - *face, before == face ? step : *face - *before))
        return *face;
    }
    return v;
  }
  const double n = std::round((v - origin) / step);
  if (!(std::abs(n) < 1e9)) return v;
  const double face = origin + n * step;
  return std::abs(v - face) <= snap * step ? face : v;
}

/// Corners in order, on the grid's faces where they are meant to be.
std::vector<std::array<double, 2>> corners(const Area& area, const Grid& g) {
  std::vector<std::array<double, 2>> p;
  if (const auto* r = std::get_if<Rectangle>(&area)) {
    if (!(r->x[0] < r->x[1] && r->y[0] < r->y[1])) return {};
    p = {{r->x[0], r->y[0]}, {r->x[1], r->y[0]}, {r->x[1], r->y[1]}, {r->x[0], r->y[1]}};
  } else {
    p = std::get<Polygon>(area).points;
  }
  const GridLines* const lines = g.lines.get();
  for (auto& q : p)
    q = {snapped(q[0], g.x0, g.dx(), lines != nullptr ? &lines->x : nullptr),
         snapped(q[1], g.y0, g.dy(), lines != nullptr ? &lines->y : nullptr)};
  for (std::size_t n = 0; n + 1 < p.size(); ++n) {
    if (std::abs(p[n + 1][0] - p[n][0]) <= snap * g.dx()) p[n + 1][0] = p[n][0];
    if (std::abs(p[n + 1][1] - p[n][1]) <= snap * g.dy()) p[n + 1][1] = p[n][1];
  }
  return p;
}

/// Area between an arc of the angle theta and its chord, over r^2 / 2: theta - sin theta.
double segment(double theta) {
  if (theta > 0.3) return theta - std::sin(theta);
  const double s = theta * theta;  // the difference would lose what is asked for
  return theta * s / 6.0 * (1.0 - s / 20.0 * (1.0 - s / 42.0 * (1.0 - s / 72.0 * (1.0 - s / 110.0))));
}

/// Integral of x - x0 over [y0, y1].
double integral(const Overlay::Curve& c, double x0, double y0, double y1) {
  const double height = y1 - y0;
  if (c.radius == 0.0) return (c.at(0.5 * (y0 + y1)) - x0) * height;
  const double a = c.at(y0), b = c.at(y1), r = c.radius;
  const auto angle = [&](double x, double y) { return std::atan2(y - c.y, std::abs(x - c.x)); };
  const double theta = angle(b, y1) - angle(a, y0);
  return (0.5 * (a + b) - x0) * height + c.sign * 0.5 * r * r * segment(theta);
}

/// Integral of (x - x0)^2 / 2 over [y0, y1]: what the moment about the axis x = x0 has of it.
double moment(const Overlay::Curve& c, double x0, double y0, double y1) {
  const double height = y1 - y0;
  if (c.radius == 0.0) {
    const double a = c.at(y0) - x0, m = c.at(0.5 * (y0 + y1)) - x0, b = c.at(y1) - x0;
    return height * (a * a + 4.0 * m * m + b * b) / 12.0;
  }
  const double e = c.x - x0, half_chords = integral(c, c.x, y0, y1), t0 = y0 - c.y, t1 = y1 - c.y;
  const double squares = c.radius * c.radius * height - (t1 * t1 * t1 - t0 * t0 * t0) / 3.0;
  return 0.5 * (e * e * height + 2.0 * e * half_chords + squares);
}

}  // namespace

double Overlay::Curve::at(double height) const {
  if (radius == 0.0) return x + slope * (height - y);
  const double d = std::abs(height - y);
  return x + sign * std::sqrt(std::max(0.0, (radius - d) * (radius + d)));
}

Overlay::Overlay(const Grid& grid, std::initializer_list<const std::vector<Area>*> stacks) : grid_{grid} {
  CALOR_ASSERT(stacks.size() <= most_stacks);
  std::size_t stack = 0;
  for (const std::vector<Area>* areas : stacks) {
    std::int32_t number = 0;
    for (const Area& area : *areas) {
      Outline o;
      o.stack = stack;
      o.number = ++number;
      if (const auto* c = std::get_if<Circle>(&area)) {
        o.x = c->x;
        o.y = c->y;
        o.radius = c->radius;
        o.around = {c->x - c->radius, c->x + c->radius, c->y - c->radius, c->y + c->radius};
        if (c->radius > 0.0) outlines_.push_back(std::move(o));
        continue;
      }
      Polygon polygon{corners(area, grid), {}};
      const auto& p = polygon.points;
      if (p.empty()) continue;
      if (const auto* drawn = std::get_if<Polygon>(&area)) polygon.ends = drawn->ends;
      o.around = {p[0][0], p[0][0], p[0][1], p[0][1]};
      polygon.for_edges([&](std::size_t a, std::size_t b) {
        const auto &low = p[a][1] <= p[b][1] ? p[a] : p[b], &high = p[a][1] <= p[b][1] ? p[b] : p[a];
        if (low != high) o.segments.push_back({low[0], low[1], high[0], high[1]});
        o.around = {std::min(o.around.x0, p[a][0]), std::max(o.around.x1, p[a][0]),
                    std::min(o.around.y0, p[a][1]), std::max(o.around.y1, p[a][1])};
      });
      outlines_.push_back(std::move(o));
    }
    ++stack;
  }
}

bool Overlay::reaches(const Outline& o, const Frame& f) {
  return o.around.x0 < f.x1 && o.around.x1 > f.x0 && o.around.y0 < f.y1 && o.around.y1 > f.y0;
}

/// Whether some of the segment lies in the open frame (Liang, Barsky 1984).
bool Overlay::passes(const Segment& s, const Frame& f) {
  // Most do not, of an outline of many.
  if (s.yb <= f.y0 || s.ya >= f.y1 || (s.xa <= f.x0 && s.xb <= f.x0) || (s.xa >= f.x1 && s.xb >= f.x1))
    return false;
  double from = 0.0, to = 1.0;
  const auto clip = [&](double a, double b, double low, double high) {
    if (a == b) return low < a && a < high;
    const double p = (low - a) / (b - a), q = (high - a) / (b - a);
    from = std::max(from, std::min(p, q));
    to = std::min(to, std::max(p, q));
    return from < to;
  };
  return clip(s.xa, s.xb, f.x0, f.x1) && clip(s.ya, s.yb, f.y0, f.y1);
}

bool Overlay::passes_circle(const Outline& o, const Frame& f) {
  if (o.radius == 0.0) return false;
  const double nx = std::clamp(o.x, f.x0, f.x1) - o.x, ny = std::clamp(o.y, f.y0, f.y1) - o.y;
  const double fx = std::max(std::abs(f.x0 - o.x), std::abs(f.x1 - o.x)),
               fy = std::max(std::abs(f.y0 - o.y), std::abs(f.y1 - o.y));
  const double r2 = o.radius * o.radius;
  return nx * nx + ny * ny < r2 && r2 < fx * fx + fy * fy;
}

std::vector<int> Overlay::touched(int j) const {
  std::vector<int> columns;
  const double dx = grid_.dx(), low = grid_.face_y(j), high = grid_.face_y(j + 1);
  const GridLines* const lines = grid_.lines.get();
  const auto mark = [&](double from, double to) {
    constexpr double margin = 1e-6;  // cells; what is marked in vain is found out by its pieces
    const double a = (from - grid_.x0) / dx - margin, b = (to - grid_.x0) / dx + margin;
    if (lines == nullptr && (!(a < grid_.nx) || !(b >= 0.0))) return;
    int i0 = 0, i1 = 0;
    if (lines == nullptr) {
      i0 = static_cast<int>(std::max(0.0, std::floor(a)));
      i1 = static_cast<int>(std::min(grid_.nx - 1.0, std::floor(b)));
    } else {
      constexpr double near = 1e-6;  // of the cell
      i0 = grid_.column(from);
      i1 = grid_.column(to);
      if (i0 >= grid_.nx || i1 < 0) return;
      if (i0 > 0 && from - grid_.face_x(i0) < near * grid_.width_x(i0 - 1)) --i0;
      if (i1 + 1 < grid_.nx && grid_.face_x(i1 + 1) - to < near * grid_.width_x(i1 + 1)) ++i1;
      i0 = std::max(i0, 0);
      i1 = std::min(i1, grid_.nx - 1);
    }
    for (int i = i0; i <= i1; ++i) columns.push_back(i);
  };
  for (const Outline& o : outlines_) {
    if (!(o.around.y0 < high && o.around.y1 > low)) continue;
    for (const Segment& s : o.segments) {
      if (!(s.ya < high && s.yb > low)) continue;
      const auto x_at = [&](double y) { return s.xa + (y - s.ya) / (s.yb - s.ya) * (s.xb - s.xa); };
      const double a = s.ya < low ? x_at(low) : s.xa, b = s.yb > high ? x_at(high) : s.xb;
      mark(std::min(a, b), std::max(a, b));
    }
    if (o.radius == 0.0) continue;
    const double from = std::max(low, o.y - o.radius), to = std::min(high, o.y + o.radius);
    const auto half_width = [&](double d) {
      return std::sqrt(std::max(0.0, (o.radius - d) * (o.radius + d)));
    };
    const double near = from <= o.y && o.y <= to ? 0.0 : std::min(std::abs(from - o.y), std::abs(to - o.y));
    const double wide = half_width(near),
                 narrow = half_width(std::max(std::abs(from - o.y), std::abs(to - o.y)));
    mark(o.x - wide, o.x - narrow);
    mark(o.x + narrow, o.x + wide);
  }
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  return columns;
}

/// The scan of a frame upwards: heights at which the order of the edges in it may change, and the pieces of
/// the slabs between them.
class Overlay::Scan {
 public:
  Scan(const std::vector<Outline>& outlines, const Frame& frame, bool axisymmetric)
      : f_{frame}, axisymmetric_{axisymmetric} {
    for (const Outline& o : outlines) {
      if (!reaches(o, f_)) continue;
      here_.push_back(&o);
      for (const Segment& s : o.segments)
        if (passes(s, f_)) add_segment(s);
      if (passes_circle(o, f_)) add_circle(o);
    }
    // Where two of them meet. A height too many does no harm.
    for (std::size_t a = 0; a < active_.size(); ++a)
      for (std::size_t b = 0; b < a; ++b) add_meeting(active_[a], active_[b]);
    std::sort(heights_.begin(), heights_.end());
  }

  std::vector<Piece> pieces() && {
    for (std::size_t n = 0; n + 1 < heights_.size(); ++n) {
      const double y0 = heights_[n], y1 = heights_[n + 1], y = 0.5 * (y0 + y1);
      if (!(y0 < y && y < y1)) continue;
      find_crossings(y);
      cut_slab(y0, y, y1);
    }
    return std::move(result_);
  }

 private:
  struct Crossing {
    double x;
    const Outline* outline;
    Curve curve;
  };

  void add(double y) {
    if (f_.y0 < y && y < f_.y1) heights_.push_back(y);
  }
  static Curve straight_curve(const Segment& s) {
    return Curve{s.xa, s.ya, (s.xb - s.xa) / (s.yb - s.ya), 0.0, 1.0};
  }
  static Curve arc(const Outline& o, double sign) { return {o.x, o.y, 0.0, o.radius, sign}; }

  /// What touches without crossing begins a slab there too, whatever rounding makes of it: in the middle of
  /// one the two would be at the same place, in any order.
  static constexpr double touching = 1.0 + 1e-9;  // of a distance

  /// Heights of its ends, and where it meets the frame's sides.
  void add_segment(const Segment& s) {
    add(s.ya);
    add(s.yb);
    if (s.ya == s.yb) return;
    const Curve c = straight_curve(s);
    for (const double side : {f_.x0, f_.x1})
      if (c.slope != 0.0) add(s.ya + (side - s.xa) / c.slope);
    active_.push_back(c);
  }
  /// Likewise; of its two halves each counts as an edge.
  void add_circle(const Outline& o) {
    add(o.y - o.radius);
    add(o.y + o.radius);
    for (const double side : {f_.x0, f_.x1}) {
      const double d = std::abs(side - o.x);
      if (!(d < touching * o.radius)) continue;
      const double h = std::sqrt(std::max(0.0, (o.radius - d) * (o.radius + d)));
      add(o.y - h);
      add(o.y + h);
    }
    for (const double sign : {-1.0, 1.0}) active_.push_back(arc(o, sign));
  }

  void add_meeting(const Curve& p, const Curve& q) {
    if (p.radius == 0.0 && q.radius == 0.0) {
      if (p.slope != q.slope) add(p.y + (q.at(p.y) - p.x) / (p.slope - q.slope));
    } else if (p.radius == 0.0) {
      add_meeting_of_line(p, q);
    } else if (q.radius == 0.0) {
      add_meeting_of_line(q, p);
    } else {
      add_meeting_of_arcs(p, q);
    }
  }
  void add_meeting_of_line(const Curve& line, const Curve& circle) {
    if (circle.sign < 0.0) return;  // both halves of a circle meet the same line
    // Foot of the centre on the line, and half the chord along it.
    const double m = line.slope, n2 = 1.0 + m * m, off = line.at(circle.y) - circle.x;
    const double d2 = off * off / n2, h2 = circle.radius * circle.radius - d2;
    if (d2 > touching * touching * (circle.radius * circle.radius)) return;
    const double foot = circle.y - off * m / n2, half = std::sqrt(std::max(0.0, h2) / n2);
    add(foot - half);
    add(foot + half);
  }
  void add_meeting_of_arcs(const Curve& p, const Curve& q) {
    if (!(p.sign > 0.0 && q.sign > 0.0)) return;  // once for both circles
    const double vx = q.x - p.x, vy = q.y - p.y, d2 = vx * vx + vy * vy, d = std::sqrt(d2);
    if (d == 0.0 || d > touching * (p.radius + q.radius) || touching * d < std::abs(p.radius - q.radius))
      return;
    const double along = 0.5 * (d2 + (p.radius - q.radius) * (p.radius + q.radius)) / d;
    const double half = std::sqrt(std::max(0.0, (p.radius - along) * (p.radius + along)));
    add(p.y + (along * vy - half * vx) / d);
    add(p.y + (along * vy + half * vx) / d);
  }

  /// Going from the left to the right, one is in an outline or out of it.
  void toggle(const Outline* o) {
    const auto at = std::find(inside_.begin(), inside_.end(), o);
    if (at == inside_.end())
      inside_.push_back(o);
    else
      inside_.erase(at);
  }
  Numbers tops() const {
    Numbers top{};
    for (const Outline* o : inside_) top[o->stack] = std::max(top[o->stack], o->number);
    return top;
  }

  /// The edges at a height from left to right, and what is inside on the frame's left side.
  void find_crossings(double y) {
    crossings_.clear();
    inside_.clear();
    const auto meet = [&](const Outline* o, const Curve& c) {
      const double x = c.at(y);
      if (x <= f_.x0)
        toggle(o);
      else if (x < f_.x1)
        crossings_.push_back({x, o, c});
    };
    for (const Outline* o : here_) {
      for (const Segment& s : o->segments)
        if (s.ya <= y && y < s.yb) meet(o, straight_curve(s));
      if (o->radius > 0.0 && std::abs(y - o->y) < o->radius)
        for (const double sign : {-1.0, 1.0}) meet(o, arc(*o, sign));
    }
    std::stable_sort(crossings_.begin(), crossings_.end(),
                     [](const Crossing& a, const Crossing& b) { return a.x < b.x; });
  }

  /// The pieces from one edge to the next. @param y  in the middle of the slab
  void cut_slab(double y0, double y, double y1) {
    Curve left{f_.x0, f_.y0, 0.0, 0.0, 1.0};
    const auto close = [&](const Curve& right) {
      const double area = integral(right, f_.x0, y0, y1) - integral(left, f_.x0, y0, y1);
      if (area > 0.0) {
        double volume = area;
        if (axisymmetric_) {  // within the piece's ends, whatever rounding makes of it
          const double r = (moment(right, f_.x0, y0, y1) - moment(left, f_.x0, y0, y1)) / area + f_.x0;
          volume *= std::clamp(r, f_.x0, f_.x1);
        }
        result_.push_back({tops(), area, volume, 0.5 * (left.at(y) + right.at(y)), y, y0, y1, left, right});
      }
      left = right;
    };
    for (const Crossing& c : crossings_) {
      close(c.curve);
      toggle(c.outline);
    }
    close({f_.x1, f_.y0, 0.0, 0.0, 1.0});
  }

  const Frame f_;
  const bool axisymmetric_;
  std::vector<const Outline*> here_;
  std::vector<Curve> active_;  // what passes the frame
  std::vector<double> heights_{f_.y0, f_.y1};
  std::vector<Crossing> crossings_;     // of the slab that is cut
  std::vector<const Outline*> inside_;  // what one is in, on the way along it
  std::vector<Piece> result_;
};

std::vector<Overlay::Piece> Overlay::pieces(const Frame& f) const {
  return Scan{outlines_, f, grid_.axisymmetric()}.pieces();
}

std::vector<Overlay::Stretch> Overlay::line(int axis, double at, double from, double to,
                                            std::size_t stack) const {
  struct Crossing {
    double place;
    const Outline* outline;
  };
  std::vector<Crossing> crossings;
  std::vector<const Outline*> inside;
  const auto toggle = [&](const Outline* o) {
    const auto found = std::find(inside.begin(), inside.end(), o);
    if (found == inside.end())
      inside.push_back(o);
    else
      inside.erase(found);
  };
  const auto meet = [&](const Outline& o, double place) {
    if (place <= from)
      toggle(&o);
    else if (place < to)
      crossings.push_back({place, &o});
  };
  for (const Outline& o : outlines_) {
    if (o.stack != stack) continue;
    const double low = axis == 0 ? o.around.y0 : o.around.x0, high = axis == 0 ? o.around.y1 : o.around.x1;
    if (at < low || at > high || from >= (axis == 0 ? o.around.x1 : o.around.y1)) continue;
    for (const Segment& s : o.segments) {
      const double a = axis == 0 ? s.ya : s.xa, b = axis == 0 ? s.yb : s.xb;    // across the line
      const double pa = axis == 0 ? s.xa : s.ya, pb = axis == 0 ? s.xb : s.yb;  // along it
      if ((a <= at) == (b <= at)) continue;
      meet(o, pa == pb ? pa : pa + (at - a) / (b - a) * (pb - pa));
    }
    const double d = std::abs(at - (axis == 0 ? o.y : o.x));
    if (!(d < o.radius)) continue;
    const double half = std::sqrt((o.radius - d) * (o.radius + d)), middle = axis == 0 ? o.x : o.y;
    meet(o, middle - half);
    meet(o, middle + half);
  }
  std::stable_sort(crossings.begin(), crossings.end(),
                   [](const Crossing& a, const Crossing& b) { return a.place < b.place; });
  std::vector<Stretch> result;
  double begin = from;
  const auto close = [&](double end) {
    if (!(begin < end)) return;
    std::int32_t top = 0;
    for (const Outline* o : inside) top = std::max(top, o->number);
    if (!result.empty() && result.back().top == top)
      result.back().to = end;
    else
      result.push_back({top, begin, end});
    begin = end;
  };
  for (const Crossing& c : crossings) {
    close(c.place);
    toggle(c.outline);
  }
  close(to);
  return result;
}

double Overlay::facing(int axis, double at, double place, std::size_t stack) const {
  double nearest = std::numeric_limits<double>::infinity(), share = 1.0;
  const auto see = [&](double meets, double normal) {
    if (!(std::abs(meets - place) < nearest)) return;
    nearest = std::abs(meets - place);
    share = normal;
  };
  for (const Outline& o : outlines_) {
    if (o.stack != stack) continue;
    for (const Segment& s : o.segments) {
      const double a = axis == 0 ? s.ya : s.xa, b = axis == 0 ? s.yb : s.xb;    // across the line
      const double pa = axis == 0 ? s.xa : s.ya, pb = axis == 0 ? s.xb : s.yb;  // along it
      if ((a <= at) == (b <= at)) continue;
      see(pa == pb ? pa : pa + (at - a) / (b - a) * (pb - pa), std::abs(b - a) / std::hypot(b - a, pb - pa));
    }
    // A line that touches a circle, but for rounding, runs along it there.
    const double d = std::abs(at - (axis == 0 ? o.y : o.x));
    if (!(d < o.radius * (1.0 + 1e-9))) continue;
    const double half = std::sqrt(std::max(0.0, (o.radius - d) * (o.radius + d))),
                 middle = axis == 0 ? o.x : o.y;
    see(middle - half, half / o.radius);
    see(middle + half, half / o.radius);
  }
  return share;
}

bool Overlay::straight(const Frame& f, std::size_t stack) const {
  for (const Outline& o : outlines_) {
    if (o.stack != stack || !reaches(o, f)) continue;
    if (passes_circle(o, f)) return false;
    for (const Segment& s : o.segments)
      if (s.xa != s.xb && s.ya != s.yb && passes(s, f)) return false;
  }
  return true;
}

std::vector<double> Overlay::ends(int axis, const Frame& f, std::size_t stack) const {
  std::vector<double> result;
  const double low = axis == 0 ? f.y0 : f.x0, high = axis == 0 ? f.y1 : f.x1;
  const auto add = [&](double v) {
    if (low < v && v < high) result.push_back(v);
  };
  for (const Outline& o : outlines_) {
    if (o.stack != stack || !reaches(o, f)) continue;
    for (const Segment& s : o.segments) {
      if (!passes(s, f)) continue;
      add(axis == 0 ? s.ya : s.xa);
      add(axis == 0 ? s.yb : s.xb);
    }
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

double area_of(const Area& area) {
  if (const auto* c = std::get_if<Circle>(&area)) return std::numbers::pi * c->radius * c->radius;
  // One cell around all of it: the scan knows the even-odd rule and lines that cross.
  std::vector<std::array<double, 2>> p;
  if (const auto* r = std::get_if<Rectangle>(&area))
    return std::max(0.0, r->x[1] - r->x[0]) * std::max(0.0, r->y[1] - r->y[0]);
  p = std::get<Polygon>(area).points;
  Grid around{1, 1, p[0][0], p[0][0], p[0][1], p[0][1]};
  for (const auto& q : p) {
    around.x0 = std::min(around.x0, q[0]);
    around.x1 = std::max(around.x1, q[0]);
    around.y0 = std::min(around.y0, q[1]);
    around.y1 = std::max(around.y1, q[1]);
  }
  const std::vector<Area> alone{area};
  double sum = 0.0;
  for (const Overlay::Piece& piece : Overlay{around, {&alone}}.pieces(around.cell(0, 0)))
    if (piece.top[0] != 0) sum += piece.area;
  return sum;
}

}  // namespace calor
