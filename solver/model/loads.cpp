// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/loads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <utility>

namespace calor {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

using Place = std::array<double, 2>;

}  // namespace

Loads::Meaning Loads::meaning_of(WallQuantity quantity) {
  switch (quantity) {
    case WallQuantity::exchange:
      return Meaning::exchange;
    case WallQuantity::surroundings:
    case WallQuantity::temperature:
      return Meaning::temperature;
    case WallQuantity::flux:
      return Meaning::flux;
  }
  return Meaning::exchange;
}

/// Goes through the functions of a problem and keeps those of time.
class Loads::Collector {
 public:
  Collector(Loads& loads, const ProblemSpec& spec, double tolerance, LoadsCache* cache, const mpi::Comm* comm)
      : loads_{loads}, spec_{spec}, cache_{cache}, comm_{comm} {
    // Finer than what a step may depart by.
    closeness_ = std::clamp(0.25 * tolerance, 1e-7, 2.5e-5);
    const Grid& g = spec.grid;
    domain_ = Rectangle{{g.x0, g.x1}, {g.y0, g.y1}};
    const double nx = std::min(g.nx, places), ny = std::min(g.ny, places);
    const auto at_places = [&](auto&& f) {
      for (int j = 0; j < ny; ++j)
        for (int i = 0; i < nx; ++i)
          f(g.x(static_cast<int>((i + 0.5) * g.nx / nx)), g.y(static_cast<int>((j + 0.5) * g.ny / ny)));
    };
    at_places(
        [&](double x, double y) { capacity_ += rho_c(x, y) * (g.x1 - g.x0) * (g.y1 - g.y0) / (nx * ny); });
    for (const Side side : sides)
      for (const WallPiece& piece : spec.walls[side]) wall(side, piece);
    for (const Hole& hole : spec.holes) hole_wall(hole);
    for (std::int32_t n = 0; n < spec.power.size(); ++n) power(n);
    if (spec.plate) plate(*spec.plate);
    // What melts may keep its temperature for long: where it begins counts then, as it does elsewhere once
    // the first step is made.
    if (spec.materials.enthalpic())
      at_places([&](double x, double y) {
        const double T = spec.initial(x, y)(x, y);
        for (std::array<double, 2>* range : {&fixed_, &named_})
          if (std::isfinite((*range)[0])) widen(*range, T, T);
      });
    loads.scale_.expected = std::max(
        {fixed_[1] - fixed_[0], 0.1 * (named_[1] - named_[0]), capacity_ > 0.0 ? heat_ / capacity_ : 0.0});
    keep_what_matters();
    if (cache_ != nullptr) *cache_ = std::move(now_);
  }

 private:
  static constexpr int places = 12;

  double rho_c(double x, double y) const {
    return spec_.materials.density(x, y)(x, y) * spec_.materials.specific_heat(x, y)(x, y);
  }
  static void widen(std::array<double, 2>& range, double low, double high) {
    if (!std::isfinite(low) || !std::isfinite(high)) return;
    range = {std::min(range[0], low), std::max(range[1], high)};
  }

  void hole_wall(const Hole& hole) {
    const Grid& g = spec_.grid;
    Rectangle e = extent(domain_);
    for (const Region& r : spec_.regions)
      if (r.name == hole.name) e = extent(r.area);
    const std::array<double, 2> ex{std::max(e.x[0], g.x0), std::min(e.x[1], g.x1)},
        ey{std::max(e.y[0], g.y0), std::min(e.y[1], g.y1)};
    const double mx = 0.5 * (ex[0] + ex[1]), my = 0.5 * (ey[0] + ey[1]);
    follow(fmt::format("region {}: wall", hole.name), hole.law,
           {{mx, my}, {ex[0], my}, {ex[1], my}, {mx, ey[0]}, {mx, ey[1]}}, std::min(g.dx(), g.dy()),
           2.0 * (std::abs(ex[1] - ex[0]) + std::abs(ey[1] - ey[0])));
  }

  void wall(Side side, const WallPiece& piece) {
    const Grid& g = spec_.grid;
    const bool vertical = side == Side::left || side == Side::right;
    std::vector<Place> along;
    for (int n = 0; n < 5; ++n) {
      const double s = piece.from + (n + 0.5) / 5.0 * (piece.to - piece.from);
      along.push_back(vertical ? Place{side == Side::left ? g.x0 : g.x1, s}
                               : Place{s, side == Side::bottom ? g.y0 : g.y1});
    }
    std::swap(along[0], along[2]);
    follow(fmt::format("boundary.{}", side_words[side]), piece.law, along, vertical ? g.dx() : g.dy(),
           std::abs(piece.to - piece.from));
  }

  void follow(const std::string& what, const WallLaw& law, const std::vector<Place>& along, double cell,
              double length) {
    for_each_function(law, [&](const char* name, const Function& f, const Allowed& allowed) {
      const Meaning meaning = meaning_of(allowed.quantity);
      const std::size_t before = courses_.size();
      const Range r = function(fmt::format("{}: {}", what, name), f, meaning, along, cell, 1.0);
      if (allowed.quantity == WallQuantity::temperature) widen(fixed_, r.least, r.most);
      if (allowed.quantity == WallQuantity::surroundings) widen(named_, r.least, r.most);
      if (meaning != Meaning::flux) return;
      const double heat = r.size * length;
      heat_ += heat;
      last_brings(before, heat);
    });
    widen(named_, fixed_[0], fixed_[1]);
  }

  /// What the source of number n is called: by the region whose power or heat it is, if a region brought it.
  std::string source_name(std::int32_t n) const {
    std::int32_t left = n;
    for (const Region& r : spec_.regions)
      if ((r.power || r.heat) && --left == 0) return fmt::format("region {}: power", r.name);
    return fmt::format("source {}: power", n);
  }

  void plate(const Plate& p) {
    const Grid& g = spec_.grid;
    std::vector<Place> places_of_plate;
    for (int n = 0; n < 25; ++n)
      places_of_plate.push_back(
          {g.x0 + (n % 5 + 0.5) / 5.0 * (g.x1 - g.x0), g.y0 + (n / 5 + 0.5) / 5.0 * (g.y1 - g.y0)});
    std::swap(places_of_plate.front(), places_of_plate[12]);
    const double cell = std::min(g.dx(), g.dy());
    function("plate: film", p.film, Meaning::exchange, places_of_plate, cell, 1.0);
    const Range r = function("plate: ambient", p.ambient, Meaning::temperature, places_of_plate, cell, 1.0);
    widen(named_, r.least, r.most);
  }

  void power(std::int32_t n) {
    const Area& area = n == 0 ? domain_ : spec_.power.area(n);
    const Rectangle all = extent(area);
    const std::array<double, 2> ex = all.x, ey = all.y;
    std::vector<Place> inside;
    const auto look = [&](int many) {
      for (int b = 0; b < many; ++b)
        for (int a = 0; a < many; ++a) {
          const double x = ex[0] + (a + 0.5) / many * (ex[1] - ex[0]),
                       y = ey[0] + (b + 0.5) / many * (ey[1] - ey[0]);
          const Grid& g = spec_.grid;
          if (contains(area, x, y) && x > g.x0 && x < g.x1 && y > g.y0 && y < g.y1) inside.push_back({x, y});
        }
    };
    look(5);
    if (inside.empty()) look(64);
    if (inside.empty()) return;
    const double share = static_cast<double>(inside.size()) / (inside.size() > 25 ? 4096.0 : 25.0);
    std::swap(inside.front(), inside[inside.size() / 2]);
    inside.resize(std::min<std::size_t>(inside.size(), 25));
    // What is given for the whole region is spread over it.
    const auto heat = std::find_if(spec_.heats.begin(), spec_.heats.end(),
                                   [&](const ProblemSpec::Heat& h) { return h.number == n; });
    const double area_seen = share * (ex[1] - ex[0]) * (ey[1] - ey[0]);
    double whole = 1.0;
    if (heat != spec_.heats.end()) {
      whole = area_seen * spec_.grid.depth;
      double r = 0.0;
      for (const Place& p : inside) r += p[0] / static_cast<double>(inside.size());
      if (spec_.grid.axisymmetric()) whole = area_seen * 2.0 * std::numbers::pi * r;
    }
    const std::string name = heat != spec_.heats.end() ? fmt::format("region {}: heat", heat->region)
                             : n == 0                  ? "source: power"
                                                       : source_name(n);
    const std::size_t before = courses_.size();
    const Range r = function(name, spec_.power[n], Meaning::power, inside,
                             std::min(spec_.grid.dx(), spec_.grid.dy()), whole);
    heat_ += r.size * area_seen / whole;
    last_brings(before, r.size * area_seen / whole);
  }

  struct Range {
    double least, most, size;  // size: integral of |f| over the run
  };
  /// One function at its places, and how much it can do: K, or of its own largest value if it is an exchange.
  struct Course {
    std::vector<Load> loads;
    double change;
    std::vector<Knot> known;  ///< of the tables in it, at all places the same
  };

  /// Where terms cancel, rounding alone is left of a function, and it looks as if it jumped all the time.
  void keep_what_matters() {
    double scale = loads_.scale_.expected;
    for (const double T : {named_[0], named_[1]})
      if (std::isfinite(T)) scale = std::max(scale, std::abs(T));
    for (Course& c : courses_) {
      const bool relative = c.loads.front().meaning == Meaning::exchange;
      // What a table does suddenly it may do between the places that are looked at.
      if (c.loads.front().f.of_place())
        for (const Knot& k : c.known)
          loads_.events_.push_back({k.jump ? std::nextafter(k.t, -infinity) : k.t, k.t});
      if (!(c.change > 1e-12 * (relative ? 1.0 : scale))) continue;
      events_of(c.loads);
      std::move(c.loads.begin(), c.loads.end(), std::back_inserter(loads_.loads_));
    }
  }
  /// The last course brings or takes so much heat [J per metre of depth], if it was one since `before`.
  void last_brings(std::size_t before, double heat) {
    if (courses_.size() > before) courses_.back().change = heat / capacity_;
  }

  /// @param at  the first is the place to look at most closely     @param cell  width there [m]
  /// @param whole  m2 that a heat is spread over; 1 for what is given by the m2 or m3
  Range function(const std::string& name, const Function& given, Meaning meaning, std::vector<Place> at,
                 double cell, double whole) {
    const auto stand = std::find_if(loads_.stands_.begin(), loads_.stands_.end(),
                                    [&](const Stand& s) { return s.in_steps == given; });
    const Function& f = stand != loads_.stands_.end() ? stand->f : given;
    if (!f.of_place()) at.resize(1);
    const double end = loads_.end_;
    const auto T_at = [&](const Place& p) { return spec_.initial(p[0], p[1])(p[0], p[1]); };
    Range range{infinity, -infinity, 0.0};
    if (!f.of_time()) {
      for (const Place& p : at) {
        const double v = f(p[0], p[1], 0.0, T_at(p));
        range = {std::min(range.least, v), std::max(range.most, v),
                 range.size + std::abs(v) * end / static_cast<double>(at.size())};
      }
      return range;
    }
    std::vector<Knot> knots;
    const bool told = f.knots(0.0, end, knots);
    const auto look = [&](const Place& p, std::size_t looks) {
      const double T = T_at(p);
      if (cache_ != nullptr)
        for (const LoadsCache::Look& k : cache_->looks)
          if (k.x == p[0] && k.y == p[1] && k.T == T && k.end == end && k.closeness == closeness_ &&
              k.looks == looks && k.f == f)
            return now_.looks.emplace_back(k).profile;
      const auto course = [&](double t) { return f(p[0], p[1], t, T); };
      const auto all_known = TimeProfile::AllKnown{};
      auto profile =
          told && f.knots_known()
              ? std::make_shared<const TimeProfile>(all_known, course, 0.0, end, closeness_, knots)
              : std::make_shared<const TimeProfile>(course, 0.0, end, closeness_, knots, looks, comm_);
      now_.looks.push_back({f, p[0], p[1], T, end, closeness_, looks, profile});
      return profile;
    };
    std::vector<Load> found;
    const auto keep = [&](const Place& p, std::shared_ptr<const TimeProfile> profile) {
      const auto k = spec_.materials.conductivity(p[0], p[1])(p[0], p[1], T_at(p));
      found.push_back({name, fmt::format(" at x = {:.6g} m, y = {:.6g} m", p[0], p[1]), f, p[0], p[1],
                       T_at(p), meaning, rho_c(p[0], p[1]), std::max(k[0], k[1]), cell, whole,
                       std::move(profile), nullptr});
    };
    if (at.size() == 1) {
      keep(at[0], look(at[0], TimeProfile::close_looks));
      found[0].place.clear();
    } else {
      for (const Place& p : at) keep(p, look(p, TimeProfile::close_looks / 32));
      const auto livelier = [](const Load& a, const Load& b) {
        return a.profile->most() - a.profile->least() < b.profile->most() - b.profile->least();
      };
      Load& most = *std::max_element(found.begin(), found.end(), livelier);
      most.profile = look({most.x, most.y}, TimeProfile::close_looks);
      std::swap(most, found.front());
    }
    for (const Load& l : found) {
      range.least = std::min(range.least, l.profile->least());
      range.most = std::max(range.most, l.profile->most());
      const auto& nodes = l.profile->nodes();
      for (std::size_t n = 1; n < nodes.size(); ++n)
        range.size += 0.5 * (std::abs(nodes[n].value) + std::abs(nodes[n - 1].value)) *
                      (nodes[n].t - nodes[n - 1].t) / static_cast<double>(found.size());
    }
    if (stand != loads_.stands_.end()) found[0].mean = stand->mean;
    const double largest = std::max(std::abs(range.least), std::abs(range.most));
    const double change = range.most - range.least;
    courses_.push_back({std::move(found), meaning == Meaning::exchange ? change / largest : change,
                        told ? std::move(knots) : std::vector<Knot>{}});
    return range;
  }

  /// A jump is one of the load where other places jump with it; what passes by jumps at each place at another
  /// time, and is followed as it is.
  void events_of(const std::vector<Load>& found) {
    const Load& first = found.front();
    for (const TimeProfile::Jump& j : first.profile->jumps()) {
      bool together = found.size() == 1;
      for (std::size_t n = 1; n < found.size() && !together; ++n)
        together = std::abs(found[n](j.after) - found[n](j.before)) >
                   1e-5 * (found[n].profile->most() - found[n].profile->least());
      if (together) loads_.events_.push_back({j.before, j.after});
    }
    for (const double t : first.profile->corners()) loads_.events_.push_back({t, t});
  }

  Loads& loads_;
  const ProblemSpec& spec_;
  LoadsCache* cache_;
  const mpi::Comm* comm_;
  LoadsCache now_;
  double closeness_;
  Area domain_;
  double capacity_ = 0.0, heat_ = 0.0;
  std::vector<Course> courses_;
  std::array<double, 2> fixed_{infinity, -infinity}, named_{infinity, -infinity};
};

Loads::Loads(ProblemSpec& spec) : spec_{spec} {
  const auto stand_in = [&](Function& f) {
    if (!f.of_time() || f.of_place() || f.of_temperature()) return;
    auto mean = std::make_shared<StepValues>();
    stands_.push_back({f, Function::in_steps(f, mean), mean});
    f = stands_.back().in_steps;
  };
  const auto stand_in_wall = [&](WallLaw& law) {
    for_each_function(law, [&](const char*, Function& f, const Allowed& allowed) {
      if (meaning_of(allowed.quantity) == Meaning::flux) stand_in(f);
    });
  };
  for (auto& side : spec.walls)
    for (WallPiece& piece : side) stand_in_wall(piece.law);
  for (Hole& hole : spec.holes) stand_in_wall(hole.law);
  for (std::int32_t n = 0; n < spec.power.size(); ++n) stand_in(spec.power.function(n));
}

void Loads::look(double end, double tolerance, LoadsCache* cache, const mpi::Comm* comm) {
  if (!(end > 0.0)) return;
  end_ = end;
  Collector{*this, spec_, tolerance, cache, comm};
  std::sort(events_.begin(), events_.end(), [](const LoadEvent& a, const LoadEvent& b) {
    return a.after < b.after || (a.after == b.after && a.before < b.before);
  });
  // The same moment in several functions; a jump beats a corner.
  std::vector<LoadEvent> merged;
  for (const LoadEvent& e : events_) {
    if (merged.empty() || e.before - merged.back().after > 1e-12 * end) {
      merged.push_back(e);
      continue;
    }
    LoadEvent& last = merged.back();
    if (e.jump() || last.jump()) {
      last.before = last.jump() ? (e.jump() ? std::min(last.before, e.before) : last.before) : e.before;
      last.after = last.jump() ? (e.jump() ? std::max(last.after, e.after) : last.after) : e.after;
    }
  }
  events_ = std::move(merged);
}

double Loads::swings() const {
  double most = 0.0;
  for (const Load& l : loads_) {
    const double range = l.profile->most() - l.profile->least();
    const auto& nodes = l.profile->nodes();
    double way = 0.0;
    for (std::size_t n = 1; n < nodes.size(); ++n) way += std::abs(nodes[n].value - nodes[n - 1].value);
    if (range > 0.0) most = std::max(most, way / range);
  }
  return most;
}

double Loads::integral(const Load& l, double a, double b) {
  std::vector<double> ends;
  const auto& nodes = l.profile->nodes();
  for (std::size_t n = l.profile->after(a); n < nodes.size() && nodes[n].t < b; ++n)
    ends.push_back(nodes[n].t);
  ends.push_back(b);
  return l.f.integral(a, ends, l.x, l.y, l.T);
}

/// How far the load departs, while a step goes, from the parabola that the step sees of it [K].
double Loads::departure(const Load& l, double from, double to, double scale) {
  const auto& nodes = l.profile->nodes();
  const std::size_t first = l.profile->after(from);
  if (first == nodes.size() || !(nodes[first].t < to)) return 0.0;
  const double h = to - from, f0 = l(from), f1 = l(from + 0.5 * h), f2 = l(to);
  const auto parabola = [&](double t) {
    const double s = (t - from) / h;
    return f0 + s * (4.0 * f1 - 3.0 * f0 - f2 + 2.0 * s * (f0 + f2 - 2.0 * f1));
  };
  // Heat: how much too much of it has come at any time, if all of it has come in the end.
  double most = 0.0, sum = 0.0, t = from, before = 0.0;
  std::array<double, 2> heat{0.0, 0.0};
  for (std::size_t n = first; n < nodes.size() && nodes[n].t < to; ++n) {
    const double d = nodes[n].value - parabola(nodes[n].t);
    most = std::max(most, std::abs(d));
    sum += 0.5 * (d + before) * (nodes[n].t - t);
    heat = {std::min(heat[0], sum), std::max(heat[1], sum)};
    t = nodes[n].t;
    before = d;
  }
  sum += 0.5 * before * (to - t);
  heat = {std::min(heat[0], sum), std::max(heat[1], sum)};
  switch (l.meaning) {
    case Meaning::temperature:
      return most;
    case Meaning::exchange:
      return most / std::max({std::abs(l.profile->most()), std::abs(l.profile->least()), 1e-300}) * scale;
    case Meaning::flux:  // it has spread so deep
      return (heat[1] - heat[0]) / (l.rho_c * std::max(l.cell, std::sqrt(l.k / l.rho_c * h)));
    case Meaning::power:
      return (heat[1] - heat[0]) / (l.rho_c * l.whole);
  }
  return most;
}

double Loads::reach(double from, double to, double tolerance, double scale) const {
  for (const Load& l : loads_) {
    const auto fits = [&](double end) { return !(departure(l, from, end, scale) > tolerance * scale); };
    if (fits(to)) continue;
    const auto& nodes = l.profile->nodes();
    std::size_t good = l.profile->after(from), bad = l.profile->after(to);  // nodes to end at
    to = nodes[good].t;
    while (bad - good > 1) {
      const std::size_t middle = good + (bad - good) / 2;
      if (fits(nodes[middle].t)) {
        good = middle;
        to = nodes[middle].t;
      } else {
        bad = middle;
      }
    }
    // Where this one jumps by itself the step ends behind the jump, or the next would have no length.
    if (to == nodes[good].t && good + 1 < nodes.size() && nodes[good + 1].t == std::nextafter(to, infinity))
      to = nodes[good + 1].t;
  }
  return to;
}

std::string Loads::below(double coldest) const {
  for (const Load& l : loads_)
    if (l.meaning == Meaning::temperature && l.profile->least() < coldest)
      return fmt::format("{}{}: falls to {:.6g}, below absolute zero, {:.6g}", l.name, l.place,
                         l.profile->least(), coldest);
  return {};
}

bool Loads::quiet_after(double t, double rate, double scale) const {
  return std::all_of(loads_.begin(), loads_.end(), [&](const Load& l) {
    const double now = l(t), most = std::max(std::abs(l.profile->most()), std::abs(l.profile->least()));
    double before = t, value = now;
    const auto& nodes = l.profile->nodes();
    for (std::size_t n = l.profile->after(t); n < nodes.size(); ++n) {
      const double slope = std::abs(nodes[n].value - value) / (nodes[n].t - before);
      const double more = std::abs(nodes[n].value - now) / l.rho_c;
      double makes = 0.0;
      switch (l.meaning) {
        case Meaning::temperature:
          makes = slope;
          break;
        case Meaning::exchange:
          makes = most > 0.0 ? slope / most * scale : 0.0;
          break;
        case Meaning::flux:
          makes = more / l.cell;
          break;
        case Meaning::power:
          makes = more / l.whole;
          break;
      }
      if (makes > rate) return false;
      before = nodes[n].t;
      value = nodes[n].value;
    }
    return true;
  });
}

void Loads::begin_steps(const Steps& steps) {
  for (Load& l : loads_) {
    if (l.mean) {
      l.mean->times.clear();
      l.mean->values.clear();
    }
    for (std::int64_t k = 0; k < steps.count; ++k) {
      const double a = steps.time(k), b = steps.time(k + 1), whole = integral(l, a, b);
      if (l.mean) {
        l.mean->times.push_back(a);
        l.mean->values.push_back(whole / steps.dt);
      }
      l.step_integral += whole;
      l.step_used += l.mean ? whole : l(a) * steps.dt;
      l.step_size += std::abs(l.mean ? whole : l(a) * steps.dt);
    }
  }
}

void Loads::begin_step(const Steps& step, std::span<const Look> looks, double carried) {
  const double a = step.time(0), b = step.time(1);
  for (Load& l : loads_) {
    const double whole = integral(l, a, b),
                 before = carried != 0.0 ? carried * integral(l, std::max(a - step.dt, 0.0), a) : 0.0;
    double size = std::abs(before), used = before, weight = 0.0;
    for (const Look& look : looks) {
      const double v = l(look.at == 0.0 ? a : look.at == 1.0 ? b : a + look.at * step.dt);
      used += look.weight * v * step.dt;
      size += look.weight * std::abs(v) * step.dt;
      weight += look.weight * step.dt;
    }
    if (l.mean) {
      l.mean->offset = (whole - used) / weight;
      used = whole;
      size = std::abs(whole);
    }
    l.step_integral += whole;
    l.step_used += used;
    l.step_size += size;
  }
}

void Loads::end_steps(bool stands) {
  for (Load& l : loads_) {
    if (l.mean) *l.mean = {};
    if (stands) {
      l.integral += l.step_integral;
      l.used += l.step_used;
      l.size += l.step_size;
    }
    l.step_integral = l.step_used = l.step_size = 0.0;
  }
}

std::vector<double> Loads::numbers() const {
  std::vector<double> n;
  for (const Load& l : loads_) n.insert(n.end(), {l.integral, l.used, l.size});
  return n;
}

void Loads::restore(const std::vector<double>& numbers) {
  if (numbers.size() != 3 * loads_.size()) return;
  for (std::size_t n = 0; n < loads_.size(); ++n) {
    loads_[n].integral = numbers[3 * n];
    loads_[n].used = numbers[3 * n + 1];
    loads_[n].size = numbers[3 * n + 2];
  }
}

const char* Loads::unit(const Load& l) {
  switch (l.meaning) {
    case Meaning::temperature:
      return "K s";
    case Meaning::exchange:
      return "s times its unit";
    case Meaning::flux:
      return "J/m2";
    case Meaning::power:
      return l.whole == 1.0 ? "J/m3" : "J/m";
  }
  return "";
}

std::vector<Loads::Course> Loads::courses() const {
  std::vector<Course> all;
  for (const Load& l : loads_) {
    // The places of one function follow each other.
    const Course here{l.name + l.place, unit(l), l.integral, l.used};
    if (all.empty() || l.place.empty() || all.back().name.substr(0, l.name.size()) != l.name)
      all.push_back(here);
    else if (std::abs(here.used - here.integral) > std::abs(all.back().used - all.back().integral))
      all.back() = here;
  }
  return all;
}

std::vector<std::string> Loads::complaints(double time) const {
  std::vector<std::string> all;
  for (std::size_t n = 0; n < loads_.size();) {
    // The places of one function follow each other; one complaint is enough.
    const std::string& name = loads_[n].name;
    const Load* worst = nullptr;
    double missed = 1e-3;
    const bool alone = loads_[n].place.empty();
    std::size_t end = n + 1;
    while (!alone && end < loads_.size() && loads_[end].name == name && !loads_[end].place.empty()) ++end;
    double most = 0.0;  // heat at one of the places: beside it the tail of a moving Gaussian is none
    for (std::size_t k = n; k < end; ++k)
      most = std::max({most, loads_[k].size, std::abs(loads_[k].integral)});
    for (; n < end; ++n) {
      const Load& l = loads_[n];
      if (!l.profile->resolved() && (worst == nullptr || worst->profile->resolved())) worst = &l;
      // Temperatures count by what they change, heat by what there is of it.
      const bool heat = l.meaning == Meaning::flux || l.meaning == Meaning::power;
      const double least = l.profile->least(), greatest = l.profile->most();
      const double rounding = 1e-9 * std::max(std::abs(greatest), std::abs(least)) * time;
      // A pulse, up or down, is short beside the run: a twentieth of it is much, whatever it is beside that.
      const double pulse = std::min(l.integral - least * time, greatest * time - l.integral);
      const double of = heat ? std::max({l.size, std::abs(l.integral), 1e-9 * most})
                             : std::max(std::min((greatest - least) * time, 50.0 * pulse), rounding);
      if (!(std::abs(l.used - l.integral) > missed * of)) continue;
      worst = &l;
      missed = std::abs(l.used - l.integral) / of;
    }
    if (worst == nullptr) continue;
    if (!worst->profile->resolved())
      all.push_back(
          fmt::format("{}{}: changes so often that it cannot be followed over the whole run; give "
                      "time.max_dt, or a smoother function",
                      name, worst->place));
    else
      all.push_back(
          fmt::format("{}{}: its integral over time is {:.6g} {}, and the steps have seen {:.6g}; give "
                      "time.max_dt, or a smaller time.dt or time.tolerance",
                      name, worst->place, worst->integral, unit(*worst), worst->used));
  }
  return all;
}

}  // namespace calor
