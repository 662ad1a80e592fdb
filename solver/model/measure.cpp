// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/measure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "decomposition/clones.hpp"
#include "decomposition/waits.hpp"
#include "solver/model/points_around.hpp"
#include "solver/model/way_to_wall.hpp"

namespace calor {

namespace {

/// Least and greatest of the values, and zero: NaN if one of them is not finite.
CALOR_CLONES std::array<double, 3> range_of(const double* values, int count) {
  double low = std::numeric_limits<double>::infinity(), high = -low, zero = 0.0;
#pragma omp simd reduction(min : low) reduction(max : high) reduction(+ : zero)
  for (int n = 0; n < count; ++n) {
    low = std::min(low, values[n]);
    high = std::max(high, values[n]);
    zero += values[n] * 0.0;
  }
  return {low, high, zero};
}

}  // namespace

namespace {

/// What a survey finds in some cells.
struct Found {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  std::int64_t bad =
      std::numeric_limits<std::int64_t>::max();  // global number of the first that is not finite
  std::array<ExactSum, 3> sums;                  // of temperatures over the area, of heat, of its size

  void add(const Found& o) {
    low = std::min(low, o.low);
    high = std::max(high, o.high);
    bad = std::min(bad, o.bad);
    for (std::size_t n = 0; n < sums.size(); ++n) sums[n].add(o.sums[n]);
  }
};

constexpr int survey_chunk = 512;

/// The live cells i0 .. i1 - 1 of row j, at most survey_chunk, beside holes.
void survey_row(const Problem& p, int j, int i0, int i1, Found& found) {
  const BodyCells& bodies = *p.coefficients.bodies();
  const BodyCells::Kind kind = bodies.kind(j, i0, i1);
  if (kind == BodyCells::Kind::none) return;
  const double* const u = p.u.view().row(j);
  const double* const state = p.state().row(j);
  const double volume = p.grid.cell_volume();
  const int count = i1 - i0;
  std::array<std::array<double, survey_chunk>, 3> terms;
  const auto held = [&](int i) {
    const BodyCells::Cell* const c = bodies.special(i, j);
    if (c == nullptr) return u[i];
    if (c->extra == 0.0) return c->share * u[i];
    if (!p.at_start) return c->share * u[i];
    return (c->share + c->extra) * u[i] -
           c->extra * p.source.holes()->of_walls(i, j, [](double T) { return T; });
  };
  const auto put = [&](int i, double area_term, double heat) {
    const auto n = static_cast<std::size_t>(i - i0);
    terms[0][n] = p.grid.even() ? area_term : p.grid.weight(i, j) * area_term;
    terms[1][n] = volume * heat;
    terms[2][n] = std::abs(volume * p.coefficients.rho_c(i, j) * state[i]);
  };
  double unfit = 0.0;
  if (kind == BodyCells::Kind::plain) {
    const auto [low, high, zero] = range_of(u + i0, count);
    found.low = std::min(found.low, low);
    found.high = std::max(found.high, high);
    unfit = zero;
    for (int i = i0; i < i1; ++i) put(i, u[i], p.coefficients.rho_c(i, j) * state[i]);
  } else {
    for (int i = i0; i < i1; ++i) {
      if (!bodies.live(i, j)) {
        for (auto& of : terms) of[static_cast<std::size_t>(i - i0)] = 0.0;  // solvers may have left something
        continue;
      }
      put(i, held(i), p.heat_of(i, j));
      found.low = std::min(found.low, u[i]);
      found.high = std::max(found.high, u[i]);
      unfit += u[i] * 0.0;
    }
  }
  for (int i = i0; unfit != 0.0 && i < i1; ++i)
    if (bodies.live(i, j) && !std::isfinite(u[i]))
      found.bad = std::min(found.bad, std::int64_t{j} * p.grid.nx + i);
  for (std::size_t n = 0; n < terms.size(); ++n) found.sums[n].add(terms[n].data(), count);
}

/// row(j, i0, i1, found) for all owned cells, at most survey_chunk at a time.
template <class Row>
Found find_in_rows(const Problem& p, Row&& row) {
  Found all;
#pragma omp parallel if (worth_threads(p.owned))
  {
    Found mine;
#pragma omp for schedule(static) nowait
    for (int j = p.owned.j0; j < p.owned.j1; ++j)
      for (int i = p.owned.i0; i < p.owned.i1; i += survey_chunk)
        row(j, i, std::min(i + survey_chunk, p.owned.i1), mine);
#pragma omp critical(calor_survey)
    all.add(mine);
  }
  return all;
}

/// What all ranks found but for the sums. Collective.
Survey begin_survey(const Problem& p, const Found& found) {
  Survey s;
  s.min = p.comm.min(found.low) + 0.0;  // -0 and 0 are one
  s.max = p.comm.max(found.high) + 0.0;
  const std::int64_t bad = -p.comm.max(-found.bad);
  if (bad != std::numeric_limits<std::int64_t>::max()) {
    s.finite = false;
    s.i = static_cast<int>(bad % p.grid.nx);
    s.j = static_cast<int>(bad / p.grid.nx);
  }
  return s;
}

/// The same of the cells that are live.
Survey survey_bodies(const Problem& p) {
  Found found = find_in_rows(p, [&](int j, int i0, int i1, Found& mine) { survey_row(p, j, i0, i1, mine); });
  reduce(p.comm, found.sums);
  Survey s = begin_survey(p, found);
  s.mean = found.sums[0].value() / p.coefficients.bodies()->area();
  s.heat = found.sums[1].value();
  s.heat_size = found.sums[2].value();
  return s;
}

/// What all cells have, in nominal cells: their number but for the rounding that sums over cells have as
/// well.
double all_weights(const Problem& p) {
  ExactSum sum = exact_sum(p.owned, [&](int i, int j) { return p.grid.weight(i, j); });
  reduce(p.comm, {&sum, 1});
  return sum.value();
}

}  // namespace

Survey survey(const Problem& p) {
  if (p.coefficients.bodies()) return survey_bodies(p);
  const View2D<const double> u = p.u.view();
  const View2D<const double> held = p.state();
  const bool uniform = p.coefficients.uniform() && !p.enthalpy, even = p.grid.even();
  const double volume = p.grid.cell_volume();
  Found found = find_in_rows(p, [&](int j, int i0, int i1, Found& mine) {
    const int count = i1 - i0;
    const double* const values = u.row(j) + i0;
    double terms[survey_chunk];
    const auto [least, most, zero] = range_of(values, count);
    mine.low = std::min(mine.low, least);
    mine.high = std::max(mine.high, most);
    for (int n = 0; zero != 0.0 && n < count; ++n)
      if (!std::isfinite(values[n])) mine.bad = std::min(mine.bad, std::int64_t{j} * p.grid.nx + i0 + n);
    if (even) {
      mine.sums[0].add(values, count);
    } else {
      for (int n = 0; n < count; ++n) terms[n] = p.grid.weight(i0 + n, j) * values[n];
      mine.sums[0].add(terms, count);
    }
    if (uniform) return;
    for (int n = 0; n < count; ++n) terms[n] = volume * p.coefficients.rho_c(i0 + n, j) * held(i0 + n, j);
    mine.sums[1].add(terms, count);
  });
  auto& sums = found.sums;
  reduce(p.comm, std::span{sums}.first(2));
  Survey s = begin_survey(p, found);
  s.mean = sums[0].value() / (even ? static_cast<double>(p.grid.domain().cells()) : all_weights(p));
  s.heat = uniform ? volume * p.coefficients.rho_c(0, 0) * sums[0].value() : sums[1].value();
  s.heat_size = std::abs(s.heat);
  if (p.enthalpy || (s.min < 0.0 && s.max > 0.0)) {
    ExactSum size = exact_sum(
        p.owned, [&](int i, int j) { return std::abs(volume * p.coefficients.rho_c(i, j) * held(i, j)); });
    reduce(p.comm, {&size, 1});
    s.heat_size = size.value();
  }
  return s;
}

double heat_content(const Problem& p, bool even) {
  const View2D<const double> u = p.u.view();
  if (p.coefficients.bodies() || p.enthalpy || !p.grid.even()) {
    const double volume = p.grid.cell_volume();
    ExactSum held = exact_sum(p.owned, [&](int i, int j) { return volume * p.heat_of(i, j); });
    reduce(p.comm, {&held, 1});
    return held.value();
  }
  if (!p.coefficients.uniform())
    return weighted_integral(p, nullptr, [&](int i, int j) { return p.coefficients.rho_c(i, j); });
  ExactSum sum;
  if (even)
    sum.add_equal(u(p.owned.i0, p.owned.j0), p.owned.cells());
  else
    sum = exact_sum(p.owned, [&](int i, int j) { return u(i, j); });
  reduce(p.comm, {&sum, 1});
  return p.grid.cell_volume() * p.coefficients.rho_c(0, 0) * sum.value();
}

namespace {

/// Temperatures in and around one cell: its centre, and face and vertex values towards one of its corners.
class CellCorner {
 public:
  CellCorner(const Problem& p, View2D<const double> u) : p_{p}, u_{u} {}

  /// Temperature on the face between cell (i, j) and its neighbour in direction (di, 0) or (0, dj): that for
  /// which both sides carry the same flux. On a wall the ghost has the cell's own conductivity.
  double face(int i, int j, int di, int dj) const {
    const int in = i + di, jn = j + dj;
    const double here = u_(i, j), there = u_(in, jn);
    // On the axis of a body around it T is even in r.
    if (di < 0 && i == 0 && p_.grid.axisymmetric() && p_.grid.x0 == 0.0 && p_.grid.nx > 1 &&
        p_.coefficients.joined(0, j, 1, j) && alike(0, 1, j)) {
      const double a = p_.grid.x(0), b = p_.grid.x(1);
      return here - (u_(1, j) - here) * (a * a / ((b - a) * (b + a)));
    }
    if (!inside(in, jn)) return 0.5 * (here + there);
    // Numbered by the upper of both cells.
    const bool first = di + dj > 0;  // of the face's two cells this one
    return p_.coefficients.face_temperature(di == 0 ? 1 : 0, std::max(i, in), std::max(j, jn),
                                            first ? here : there, first ? there : here, !first);
  }

  /// Temperature at the vertex of cell (i, j) towards (di, dj): the plane through a cell's centre and two
  /// faces, met there; the mean over the cells that share the vertex, weighted by their conductivities. What
  /// the planes leave out, u_xy h_x h_y / 4, cancels between the cells; where only one has the vertex, in a
  /// corner of the domain, it is taken from the cells around.
  double vertex(int i, int j, int di, int dj) const {
    if (!inside(i + di, j) && !inside(i, j + dj)) {
      const double plane = face(i, j, di, 0) + face(i, j, 0, dj) - u_(i, j);
      if (!inside(i - di, j) || !inside(i, j - dj)) return plane;
      return plane +
             corner_share(i, j, di, dj) * ((u_(i, j) - u_(i - di, j)) - (u_(i, j - dj) - u_(i - di, j - dj)));
    }
    double sum = 0.0, weights = 0.0;
    for (const int b : {0, 1})
      for (const int a : {0, 1}) {
        const int ic = i + a * di, jc = j + b * dj;
        if (!inside(ic, jc) || !p_.coefficients.joined(i, j, ic, jc)) continue;
        const int towards_x = a == 0 ? di : -di, towards_y = b == 0 ? dj : -dj;
        const auto k = conductivity(ic, jc);
        double w = k[0] + k[1];
        // What planes leave out goes with the cell's size.
        if (p_.grid.uneven()) w /= p_.grid.area(ic, jc);
        sum += w * (face(ic, jc, towards_x, 0) + face(ic, jc, 0, towards_y) - u_(ic, jc));
        weights += w;
      }
    return sum / weights;
  }

 private:
  /// h_x h_y / 4 over what lies between the centres.
  double corner_share(int i, int j, int di, int dj) const {
    const Grid& g = p_.grid;
    if (!g.uneven()) return 0.25;
    return 0.25 * g.area(i, j) / std::abs((g.x(i) - g.x(i - di)) * (g.y(j) - g.y(j - dj)));
  }
  /// Both cells of a row are of one material.
  bool alike(int i1, int i2, int j) const {
    const Grid& g = p_.grid;
    const auto& k = p_.coefficients.materials().conductivity;
    return p_.coefficients.whole(i1, j) && p_.coefficients.whole(i2, j) &&
           k.at(g.x(i1), g.y(j)) == k.at(g.x(i2), g.y(j));
  }
  bool inside(int i, int j) const { return !p_.grid.within_reach({i, j, i + 1, j + 1}).empty(); }
  std::array<double, 2> conductivity(int i, int j) const {
    return p_.coefficients.conductivity(i, j, u_(i, j));
  }
  const Problem& p_;
  View2D<const double> u_;
};

/// A point as a cell sees it.
struct InCell {
  int i, j;
  double ox, oy;  // from the centre, in cells
};

/// The cell that has a point of the domain.
InCell cell_of(const Grid& g, double x, double y) {
  if (!g.even()) {
    const int i = std::clamp(g.column(x), 0, g.nx - 1), j = std::clamp(g.row(y), 0, g.ny - 1);
    return {i, j, (x - g.x(i)) / g.width_x(i), (y - g.y(j)) / g.width_y(j)};
  }
  const double cx = (x - g.x0) / g.dx(), cy = (y - g.y0) / g.dy();  // in cells from the lower left corner
  const int i = std::clamp(static_cast<int>(std::floor(cx)), 0, g.nx - 1);
  const int j = std::clamp(static_cast<int>(std::floor(cy)), 0, g.ny - 1);
  return {i, j, cx - (i + 0.5), cy - (j + 0.5)};
}

/// A cell's centre from the place, in cells of the place's size.
std::array<double, 2> apart(const Grid& g, const InCell& at, int i, int j) {
  if (!g.uneven()) return {i - at.i - at.ox, j - at.j - at.oy};
  return {(g.centre_x(i) - g.x(at.i)) / g.width_x(at.i) - at.ox,
          (g.centre_y(j) - g.y(at.j)) / g.width_y(at.j) - at.oy};
}

double interpolated(const Problem& p, View2D<const double> u, const InCell& at) {
  const int di = at.ox < 0.0 ? -1 : 1, dj = at.oy < 0.0 ? -1 : 1;
  const double a = 2.0 * std::abs(at.ox), b = 2.0 * std::abs(at.oy);
  const CellCorner corner{p, u};
  return (1.0 - a) * ((1.0 - b) * u(at.i, at.j) + b * corner.face(at.i, at.j, 0, dj)) +
         a * ((1.0 - b) * corner.face(at.i, at.j, di, 0) + b * corner.vertex(at.i, at.j, di, dj));
}

/// What the owner of a point found, to all. Collective.
double from_owner(const Problem& p, double value) {
  // One rank knows; adding zeros keeps its bits.
  double result = 0.0;
  mpi::all_reduce(&value, &result, 1, MPI_DOUBLE, MPI_SUM, p.comm.get());
  return result;
}

/// Weighted least squares of 1, x, y and, with enough points, x^2, x y, y^2 at x = y = 0.
class Fit {
 public:
  void add(double x, double y, double weight, double value) { points_.push_back({x, y, weight, value}); }
  std::optional<double> at_origin() const {
    for (const std::size_t terms : {std::size_t{6}, std::size_t{3}})
      if (points_.size() >= terms + terms / 2)
        if (const std::optional<double> v = solve<6>(terms, [](const Point& p) {
              return std::array<double, 6>{1.0, p.x, p.y, p.x * p.x, p.x * p.y, p.y * p.y};
            }))
          return v;
    return {};
  }
  /// Where all points have one x or one y, as on a grid of one column or row: a parabola, or a line, over the
  /// other one.
  std::optional<double> on_axis() const {
    for (const bool along_x : {true, false}) {
      const auto along = [along_x](const Point& p) { return along_x ? p.x : p.y; };
      const auto across = [along_x](const Point& p) { return along_x ? p.y : p.x; };
      constexpr double rounding = 1e-9;
      if (std::any_of(points_.begin(), points_.end(),
                      [&](const Point& p) { return std::abs(across(p) - across(points_[0])) > rounding; }))
        continue;
      for (const std::size_t terms : {std::size_t{3}, std::size_t{2}})
        if (points_.size() >= terms + terms / 3)
          if (const std::optional<double> v = solve<3>(terms, [&](const Point& p) {
                return std::array<double, 3>{1.0, along(p), along(p) * along(p)};
              }))
            return v;
    }
    return {};
  }

 private:
  struct Point {
    double x, y, weight, value;
  };
  template <std::size_t N, class Basis>
  std::optional<double> solve(std::size_t terms, Basis&& basis_at) const {
    std::array<std::array<double, N + 1>, N> m{};
    for (const Point& p : points_) {
      const std::array<double, N> basis = basis_at(p);
      for (std::size_t r = 0; r < terms; ++r) {
        for (std::size_t c = 0; c < terms; ++c) m[r][c] += p.weight * basis[r] * basis[c];
        m[r][N] += p.weight * basis[r] * p.value;
      }
    }
    const auto whole = m;
    for (std::size_t k = 0; k < terms; ++k) {  // Cholesky's pivots: symmetric, definite unless points line up
      if (!(m[k][k] > 1e-9 * whole[k][k])) return {};
      for (std::size_t r = k + 1; r < terms; ++r) {
        const double factor = m[r][k] / m[k][k];
        for (std::size_t c = k; c < terms; ++c) m[r][c] -= factor * m[k][c];
        m[r][N] -= factor * m[k][N];
      }
    }
    for (std::size_t k = terms; k-- > 0;) {
      for (std::size_t c = k + 1; c < terms; ++c) m[k][N] -= m[k][c] * m[c][N];
      m[k][N] /= m[k][k];
    }
    return m[0][N];
  }
  std::vector<Point> points_;
};

}  // namespace

namespace {

/// Near a hole: a parabola through the cells that are live and the walls of elements around, weighted by
/// their distance.
double near_hole(const Problem& p, View2D<const double> u, const InCell& at) {
  const Grid& g = p.grid;
  const BodyCells& bodies = *p.coefficients.bodies();
  const double width_x = g.even() ? g.dx() : g.width_x(at.i), width_y = g.even() ? g.dy() : g.width_y(at.j);
  struct Point {
    double x, y, T;     // from the place, in cells
    std::int32_t made;  // of what
  };
  std::vector<Point> points;
  for (int j = at.j - 2; j <= at.j + 2; ++j)
    for (int i = at.i - 2; i <= at.i + 2; ++i) {
      if (g.within_reach({i, j, i + 1, j + 1}).empty() || !bodies.live(i, j)) continue;
      const std::int32_t made = p.coefficients.materials().conductivity.at(g.x(i), g.y(j));
      const auto [dx, dy] = apart(g, at, i, j);
      points.push_back({dx, dy, u(i, j), made});
      if (std::abs(i - at.i) > 1 || std::abs(j - at.j) > 1) continue;
      for (const BodyCells::Element& e : bodies.elements(i, j)) {
        const double way = way_to_wall(e, g);
        points.push_back(
            {dx + (e.axis == 0 ? way / width_x : 0.0), dy + (e.axis == 1 ? way / width_y : 0.0),
             p.source.holes()->surface(static_cast<std::size_t>(&e - bodies.elements().data()), u), made});
      }
    }
  const auto distance2 = [](const Point& q) { return q.x * q.x + q.y * q.y; };
  const auto nearest = std::min_element(points.begin(), points.end(), [&](const Point& a, const Point& b) {
    return distance2(a) < distance2(b);
  });
  if (nearest == points.end()) return std::numeric_limits<double>::quiet_NaN();
  if (distance2(*nearest) < 1e-18) return nearest->T;
  Fit fit;
  for (const Point& q : points)
    if (q.made == nearest->made) fit.add(q.x, q.y, 1.0 / (0.05 + distance2(q)), q.T);
  if (const std::optional<double> v = fit.at_origin()) return *v;
  return fit.on_axis().value_or(nearest->T);
}

/// On the edge of a hole whose wall is given its temperature: that.
std::optional<double> given_by_wall(const Problem& p, double x, double y, double t) {
  std::optional<double> T;
  const Voids& voids = p.coefficients.materials().voids;
  for_points_around(p.grid, x, y, [&](double px, double py) {
    const std::int32_t hole = voids.at(px, py);
    if (T || hole == Voids::body) return;
    const WallLaw& law = p.source.holes()->holes()[static_cast<std::size_t>(hole)].law;
    if (const auto* const fixed = std::get_if<FixedTemperature>(&law.terms()[0])) T = fixed->value(x, y, t);
  });
  return T;
}

/// What lies between the centres around the place is not all of a body.
bool is_near_hole(const Problem& p, const InCell& at) {
  const int di = at.ox < 0.0 ? -1 : 1, dj = at.oy < 0.0 ? -1 : 1;
  const int i0 = std::min(at.i, at.i + di), j0 = std::min(at.j, at.j + dj);
  const auto has = [&](int i, int j) { return !p.grid.within_reach({i, j, i + 1, j + 1}).empty(); };
  for (int j = j0; j <= j0 + 1; ++j)
    for (int i = i0; i <= i0 + 1; ++i) {
      if (!has(i, j)) continue;
      if (!p.live(i, j)) return true;
      // Walls of the domain too: a hole may lie between them and the centre.
      if (i == i0 + 1 && p.coefficients.gx(i, j) == 0.0) return true;
      if (j == j0 + 1 && p.coefficients.gy(i, j) == 0.0) return true;
      if (i == i0 && !has(i + 1, j) && p.coefficients.gx(i + 1, j) == 0.0) return true;
      if (j == j0 && !has(i, j + 1) && p.coefficients.gy(i, j + 1) == 0.0) return true;
    }
  return false;
}

/// Where a straight line from one point to another meets contacts, as shares of its length, rising.
std::vector<double> contacts_met(const Contacts& contacts, const std::array<double, 2>& from,
                                 const std::array<double, 2>& to) {
  const double dx = to[0] - from[0], dy = to[1] - from[1];
  std::vector<double> edges;  // of bodies, and of the lines on which straight ones lie
  const auto add = [&](double share) {
    if (share > 0.0 && share < 1.0) edges.push_back(share);
  };
  for (const Area& area : contacts.bodies) {
    if (const auto* r = std::get_if<Rectangle>(&area)) {
      for (const double x : r->x) add((x - from[0]) / dx);
      for (const double y : r->y) add((y - from[1]) / dy);
    } else if (const auto* c = std::get_if<Circle>(&area)) {
      const double x = from[0] - c->x, y = from[1] - c->y, a = dx * dx + dy * dy, b = x * dx + y * dy,
                   d = b * b - a * (x * x + y * y - c->radius * c->radius);
      if (!(d > 0.0)) continue;
      add((-b - std::sqrt(d)) / a);
      add((-b + std::sqrt(d)) / a);
    } else {
      const Polygon& polygon = std::get<Polygon>(area);
      polygon.for_edges([&](std::size_t a, std::size_t b) {
        const auto& [ax, ay] = polygon.points[a];
        const auto& [bx, by] = polygon.points[b];
        add(((bx - from[0]) * (ay - by) - (by - from[1]) * (ax - bx)) / (dx * (ay - by) - dy * (ax - bx)));
      });
    }
  }
  std::sort(edges.begin(), edges.end());
  edges.push_back(1.0);
  std::vector<double> met;
  double begin = 0.0;
  std::int32_t body = -1;
  for (const double end : edges) {
    if (!(end - begin > 1e-6)) continue;  // it may begin on an edge
    const double middle = 0.5 * (begin + end);
    const std::int32_t here = contacts.body_at(from[0] + middle * dx, from[1] + middle * dy);
    if (body >= 0 && contacts.resistance(body, here) > 0.0) met.push_back(begin);
    body = here;
    begin = end;
  }
  return met;
}

/// Along one axis from a cell's centre, by the heat that passes its face on that side and its own
/// conductivity: all that is known where a body has no other cell on the way. @param way  [m]
double change_along(const Problem& p, View2D<const double> u, int i, int j, int axis, double way) {
  const Grid& g = p.grid;
  const Coefficients& c = p.coefficients;
  const int di = axis == 0 ? 1 : 0, dj = 1 - di;
  const int fi = way > 0.0 ? i + di : i, fj = way > 0.0 ? j + dj : j;  // the face
  const double conductance = axis == 0 ? c.gx(fi, fj) : c.gy(fi, fj);
  double length = axis == 0 ? g.dx() : g.dy();  // volume over area
  if (!g.even()) {
    const double area = g.face_area(axis, fi, fj) * g.depth;
    if (!(area > 0.0)) return 0.0;  // the axis
    length = g.cell_volume() / area;
  }
  const double x = g.x(i), y = g.y(j);
  const auto k = c.materials().conductivity(x, y)(x, y, u(i, j));
  const double gradient =
      conductance * length * (u(fi, fj) - u(fi - di, fj - dj)) / k[static_cast<std::size_t>(axis)];
  return std::isfinite(gradient) ? gradient * way : 0.0;
}

/// What the cells around a place in a body, or on its edge, say of it there.
double seen_in(const Problem& p, View2D<const double> u, const InCell& at, std::int32_t body) {
  const Grid& g = p.grid;
  const Contacts& contacts = p.coefficients.materials().contacts;
  constexpr double on_face = 1e-6;  // cells
  const auto in_body = [&](int i, int j) {
    return !g.within_reach({i, j, i + 1, j + 1}).empty() && contacts.body_at(g.x(i), g.y(j)) == body;
  };
  // The cells that the point is on the edge of, its own first.
  const int di = std::abs(std::abs(at.ox) - 0.5) < on_face ? (at.ox < 0.0 ? -1 : 1) : 0,
            dj = std::abs(std::abs(at.oy) - 0.5) < on_face ? (at.oy < 0.0 ? -1 : 1) : 0;
  for (const int b : {0, dj})
    for (const int a : {0, di}) {
      const InCell there{at.i + a, at.j + b, at.ox - a, at.oy - b};
      if ((a != 0 || b != 0 || di != 0 || dj != 0) && in_body(there.i, there.j) &&
          p.coefficients.whole(there.i, there.j))
        return interpolated(p, u, there);
    }
  const std::array<double, 2> width{g.even() ? g.dx() : g.width_x(at.i), g.even() ? g.dy() : g.width_y(at.j)};
  const std::array<double, 2> place{g.x(at.i) + at.ox * width[0], g.y(at.j) + at.oy * width[1]};
  const auto reached = [&](int i, int j, double px, double py) {
    if (i < 0 || i >= g.nx || j < 0 || j >= g.ny) return true;  // past a seam
    return contacts_met(contacts, place, {place[0] + px * width[0], place[1] + py * width[1]}).empty();
  };
  Fit fit;
  double nearest = std::numeric_limits<double>::infinity();
  InCell cell{};
  for (int j = at.j - 2; j <= at.j + 2; ++j)
    for (int i = at.i - 2; i <= at.i + 2; ++i) {
      if (!in_body(i, j)) continue;
      const auto [px, py] = apart(g, at, i, j);
      // Of the same body on the other side of another nothing follows for this one.
      if (!reached(i, j, px, py)) continue;
      const double d2 = px * px + py * py;
      fit.add(px, py, 1.0 / (0.5 + d2), u(i, j));
      if (!(d2 < nearest)) continue;
      nearest = d2;
      cell = {i, j, -px, -py};
    }
  // Of a body without a cell's centre here nothing is known.
  if (!std::isfinite(nearest)) return interpolated(p, u, at);
  if (const std::optional<double> v = fit.at_origin()) return *v;
  return u(cell.i, cell.j) + change_along(p, u, cell.i, cell.j, 0, cell.ox * width[0]) +
         change_along(p, u, cell.i, cell.j, 1, cell.oy * width[1]);
}

/// The temperature of a place near a contact that does not run along the sides of the cells around: between
/// the centres on both sides of it nothing may be interpolated, and a cell's centre may lie beyond it.
std::optional<double> near_contact(const Problem& p, View2D<const double> u, const InCell& at, double x,
                                   double y) {
  const Grid& g = p.grid;
  const Contacts& contacts = p.coefficients.materials().contacts;
  if (!contacts.any()) return {};
  const auto of_cell = [&](int i, int j) { return contacts.body_at(g.x(i), g.y(j)); };
  constexpr double aside = 1e-6;  // cells
  // On the edge of a body, and of the domain, the side of the cell that has the place.
  const std::int32_t here = contacts.body_at(x + aside * (g.x(at.i) - x), y + aside * (g.y(at.j) - y));
  const int i0 = at.ox < 0.0 ? at.i - 1 : at.i, j0 = at.oy < 0.0 ? at.j - 1 : at.j;
  const auto has = [&](int i, int j) { return !g.within_reach({i, j, i + 1, j + 1}).empty(); };
  // Cells side by side with contacts between their centres, but for a single one on their common side.
  const auto elsewhere = [&](int i1, int j1, int i2, int j2) {
    if (i1 < 0 || j1 < 0 || i2 >= g.nx || j2 >= g.ny) return false;
    const std::vector<double> met = contacts_met(contacts, {g.x(i1), g.y(j1)}, {g.x(i2), g.y(j2)});
    if (met.empty()) return false;
    const double face = i1 != i2 ? (g.face_x(i2) - g.x(i1)) / (g.x(i2) - g.x(i1))
                                 : (g.face_y(j2) - g.y(j1)) / (g.y(j2) - g.y(j1));
    return met.size() > 1 || std::abs(met[0] - face) > aside;
  };
  const bool near = elsewhere(i0, j0, i0 + 1, j0) || elsewhere(i0, j0 + 1, i0 + 1, j0 + 1) ||
                    elsewhere(i0, j0, i0, j0 + 1) || elsewhere(i0 + 1, j0, i0 + 1, j0 + 1);
  const bool beyond = contacts.resistance(here, of_cell(at.i, at.j)) > 0.0;
  constexpr double on_wall = 0.5 - 1e-9;  // cells
  const int di = at.ox < 0.0 ? -1 : 1, dj = at.oy < 0.0 ? -1 : 1;
  const bool wall_x = std::abs(at.ox) > on_wall && !has(at.i + di, at.j),
             wall_y = std::abs(at.oy) > on_wall && !has(at.i, at.j + dj);
  if (!wall_x && !wall_y) return near || beyond ? std::optional{seen_in(p, u, at, here)} : std::nullopt;
  // The temperature of a wall is known by itself, whatever lies between it and the centre; where a contact
  // meets the wall beside the place, that of the middle of the cell's side.
  if (!near || (wall_x && wall_y)) return {};
  return beyond ? seen_in(p, u, at, here)
                : CellCorner{p, u}.face(at.i, at.j, wall_x ? di : 0, wall_x ? 0 : dj);
}

}  // namespace

double temperature_at(Problem& p, double x, double y, double t) {
  return temperatures_at(p, {{x, y}}, t).front();
}

std::vector<double> temperatures_at(Problem& p, const std::vector<std::array<double, 2>>& points, double t) {
  const Grid& g = p.grid;
  const View2D<double> u = p.u.view();
  p.halo(u);
  // A vertex on a wall looks at the walls of both its cells.
  const bool holes = p.coefficients.bodies() != nullptr;
  if (holes)
    p.prepare(g.within_reach(p.owned.grown(1)), t, u);
  else
    p.prepare_fluxes(g.within_reach(p.owned.grown(1)), t, u);
  std::vector<double> values;
  for (const std::array<double, 2>& point : points) {
    const double x = point[0], y = point[1];
    const InCell at = cell_of(g, x, y);
    const auto look = [&] {
      if (holes) {
        if (const std::optional<double> given = given_by_wall(p, x, y, t)) return *given;
        if (is_near_hole(p, at)) return near_hole(p, u, at);
      }
      const std::optional<double> beside = near_contact(p, u, at, x, y);
      return beside ? *beside : interpolated(p, u, at);
    };
    values.push_back(from_owner(p, p.owned.contains(at.i, at.j) ? look() : 0.0));
  }
  return values;
}

double temperature_in(Problem& p, std::int32_t body, double x, double y, double t) {
  const Grid& g = p.grid;
  const View2D<double> u = p.u.view();
  p.halo(u);
  p.prepare_fluxes(g.within_reach(p.owned.grown(1)), t, u);
  const InCell at = cell_of(g, x, y);
  return from_owner(p, p.owned.contains(at.i, at.j) ? seen_in(p, u, at, body) : 0.0);
}

namespace {
/// Through a side of a cell at which a hole's wall stands, for the mean over both sides.
void add_flux_of_walls(const Problem& p, View2D<double> flux_x, View2D<double> flux_y) {
  const std::optional<HoleWalls>& holes = p.source.holes();
  if (!holes) return;
  const std::vector<BodyCells::Element>& elements = holes->cells().elements();
  for (std::size_t n = 0; n < elements.size(); ++n) {
    const BodyCells::Element& e = elements[n];
    if (!p.owned.contains(e.i, e.j)) continue;
    const bool before = way_to_wall(e, p.grid) < 0.0;
    (e.axis == 0 ? flux_x : flux_y)(e.i, e.j) += (before ? 0.5 : -0.5) * holes->flux(n, p.u.cview());
  }
}
}  // namespace

void heat_flux(Problem& p, double t, View2D<double> flux_x, View2D<double> flux_y) {
  const View2D<double> u = p.u.view();
  p.halo(u);
  if (p.source.holes())
    p.prepare(p.owned, t, u);  // their walls are part of the source
  else
    p.prepare_fluxes(p.owned, t, u);
  const double dx = p.grid.dx(), dy = p.grid.dy(), volume = p.grid.cell_volume(), depth = p.grid.depth;
  const Coefficients& c = p.coefficients;
  if (!p.grid.even()) {
    // No heat passes the axis, whose face has no area.
    const auto through = [&](int axis, int i, int j, double g, double difference) {
      const double area = p.grid.face_area(axis, i, j) * depth;
      return area > 0.0 ? -g * difference * (volume / area) : 0.0;
    };
    for_cells(p.owned, [&](int i, int j) {
      flux_x(i, j) = 0.5 * (through(0, i, j, c.gx(i, j), u(i, j) - u(i - 1, j)) +
                            through(0, i + 1, j, c.gx(i + 1, j), u(i + 1, j) - u(i, j)));
      flux_y(i, j) = 0.5 * (through(1, i, j, c.gy(i, j), u(i, j) - u(i, j - 1)) +
                            through(1, i, j + 1, c.gy(i, j + 1), u(i, j + 1) - u(i, j)));
    });
    add_flux_of_walls(p, flux_x, flux_y);
    return;
  }
  for_cells(p.owned, [&](int i, int j) {
    flux_x(i, j) =
        -0.5 * dx * (c.gx(i, j) * (u(i, j) - u(i - 1, j)) + c.gx(i + 1, j) * (u(i + 1, j) - u(i, j)));
    flux_y(i, j) =
        -0.5 * dy * (c.gy(i, j) * (u(i, j) - u(i, j - 1)) + c.gy(i, j + 1) * (u(i, j + 1) - u(i, j)));
  });
  add_flux_of_walls(p, flux_x, flux_y);
}

}  // namespace calor
