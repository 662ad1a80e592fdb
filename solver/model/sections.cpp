// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/sections.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "solver/model/way_to_wall.hpp"

namespace calor {

namespace {

constexpr double rounding = 1e-9;
constexpr double near = 1e-6;  // to a wall, of the way from it to the centre

/// From the centre of a cell to where it meets the walls of holes, along x and y [m]; 0 where it meets none,
/// or one on either side.
std::array<double, 2> way_to_holes(const BodyCells& bodies, const Grid& g, int i, int j) {
  std::array<double, 2> way{};
  std::array<int, 2> walls{};
  for (const BodyCells::Element& e : bodies.elements(i, j)) {
    const auto axis = static_cast<std::size_t>(e.axis);
    ++walls[axis];
    way[axis] = way_to_wall(e, g);
  }
  for (std::size_t axis = 0; axis < 2; ++axis)
    if (walls[axis] > 1) way[axis] = 0.0;
  return way;
}

/// One section on a grid.
class Line {
 public:
  Line(const Section& s, const Grid& g) : g_{g}, from_{s.from}, to_{s.to} {
    const double dx = to_[0] - from_[0], dy = to_[1] - from_[1];
    length_ = std::hypot(dx, dy);
    along_ = {dx / length_, dy / length_};
    constexpr double infinity = std::numeric_limits<double>::infinity();
    begin_ = on_wall(from_) ? -infinity : 0.0;
    end_ = on_wall(to_) ? infinity : length_;
  }

  /// Whether the cell lies on the left: its centre; at a wall the place where it meets the wall, so that the
  /// path reaches walls where the line does, and passes between cells where the line runs along a wall and is
  /// nearer to it than the cells' centres. @param to_holes  from the centre to the walls of holes it meets
  bool left(int i, int j, const std::array<double, 2>& to_holes) const {
    const bool on_axis = i == 0 && g_.axisymmetric() && g_.x0 == 0.0;  // which is no wall
    double x = on_axis ? g_.centre_x(i) : place(g_.centre_x(i), i, g_.nx, g_.x0, g_.x1, g_.periodic_x);
    double y = place_y(j);
    if (to_holes[0] != 0.0) x = g_.centre_x(i) + (1.0 - near) * to_holes[0];
    if (to_holes[1] != 0.0) y = g_.centre_y(j) + (1.0 - near) * to_holes[1];
    return along_[0] * (y - from_[1]) - along_[1] * (x - from_[0]) >= -rounding * (g_.dx() + g_.dy());
  }
  /// Share of the face between two corners of the grid that lies between the ends, in the shadow on the line.
  double share(int i0, int j0, int i1, int j1) const {
    double a = shadow(i0, j0), b = shadow(i1, j1);
    const bool upwards = a <= b;
    if (a > b) std::swap(a, b);
    if (!(b - a > rounding * (g_.dx() + g_.dy()))) return begin_ <= a && a <= end_ ? 1.0 : 0.0;
    const double from = std::max(a, begin_), to = std::min(b, end_);
    double part = (to - from) / (b - a);
    if (j0 == j1 && g_.axisymmetric() && part > 0.0) {  // a ring: by what it has of its area
      const double inner = g_.face_x(i0), outer = g_.face_x(i1), width = outer - inner;
      const double p = inner + width * (upwards ? from - a : b - to) / (b - a), q = p + width * part;
      part = (q - p) * (q + p) / (width * (outer + inner));
    }
    return part < rounding ? 0.0 : part > 1.0 - rounding ? 1.0 : part;
  }
  /// The columns in which a face of row j, or below it, can be cut: two more on either side.
  std::array<int, 2> columns(int j) const {
    double least = std::min(from_[0], to_[0]), most = std::max(from_[0], to_[0]);
    if (std::abs(along_[1]) > rounding) {
      const auto x_at = [&](int row) { return from_[0] + (place_y(row) - from_[1]) * along_[0] / along_[1]; };
      const double a = x_at(j), b = x_at(j - 1);
      least = std::max(least, std::min(a, b));
      most = std::min(most, std::max(a, b));
    }
    const auto column = [&](double x, int aside) {
      if (!g_.even()) return std::clamp(g_.column(x) + aside, -2, g_.nx + 2);
      return static_cast<int>(std::clamp(std::floor((x - g_.x0) / g_.dx()) + aside, -2.0, g_.nx + 2.0));
    };
    return {column(least, -2), column(most, 3)};
  }
  std::array<int, 2> rows() const {
    const auto row = [&](double y, int aside) {
      if (!g_.even()) return std::clamp(g_.row(y) + aside, -2, g_.ny + 2);
      return static_cast<int>(std::clamp(std::floor((y - g_.y0) / g_.dy()) + aside, -2.0, g_.ny + 2.0));
    };
    return {row(std::min(from_[1], to_[1]), -2), row(std::max(from_[1], to_[1]), 3)};
  }

 private:
  /// Just within the walls: a line on a wall has all cells on one side.
  static double place(double centre, int n, int count, double low, double high, bool periodic) {
    if (periodic || count == 1) return centre;
    if (n == 0) return low + near * (centre - low);
    return n == count - 1 ? high - near * (high - centre) : centre;
  }
  double place_y(int j) const { return place(g_.centre_y(j), j, g_.ny, g_.y0, g_.y1, g_.periodic_y); }
  double shadow(int i, int j) const {
    return (g_.face_x(i) - from_[0]) * along_[0] + (g_.face_y(j) - from_[1]) * along_[1];
  }
  bool on_wall(const std::array<double, 2>& p) const {
    const double x = rounding * g_.dx(), y = rounding * g_.dy();
    return p[0] <= g_.x0 + x || p[0] >= g_.x1 - x || p[1] <= g_.y0 + y || p[1] >= g_.y1 - y;
  }
  const Grid& g_;
  std::array<double, 2> from_, to_, along_{};
  double length_ = 0.0, begin_ = 0.0, end_ = 0.0;  // of what counts, along the line
};

}  // namespace

Sections::Sections(const std::vector<Section>& sections, const Grid& g, const Box& owned,
                   const BodyCells* bodies)
    : count_{sections.size()} {
  for (std::size_t n = 0; n < sections.size(); ++n) {
    const Line line{sections[n], g};
    // A face on the seam of a periodic direction is seen from both ends of the domain; it belongs to the cell
    // there.
    const auto add = [&](int i, int j, bool upright) {
      const Box cell = g.within_reach({i, j, i + 1, j + 1}),
                other = g.within_reach(upright ? Box{i - 1, j, i, j + 1} : Box{i, j - 1, i + 1, j});
      const int at_i = i == g.nx ? 0 : i, at_j = j == g.ny ? 0 : j;
      if (cell.empty() || other.empty() || !owned.contains(at_i, at_j)) return;
      const int di = upright ? 1 : 0, dj = upright ? 0 : 1;
      const auto to_holes = [&](int ci, int cj) {
        return bodies != nullptr ? way_to_holes(*bodies, g, ci, cj) : std::array<double, 2>{};
      };
      const bool here = line.left(i, j, to_holes(at_i, at_j)),
                 there = line.left(i - di, j - dj, to_holes(at_i - di, at_j - dj));
      if (here == there) return;
      const double share = upright ? line.share(i, j, i, j + 1) : line.share(i, j, i + 1, j);
      if (share > 0.0) faces_.push_back({at_i, at_j, upright, here ? share : -share, n});
    };
    const auto [j0, j1] = line.rows();
    for (int j = std::max(j0, 0); j < std::min(j1, g.ny + 1); ++j) {
      const auto [i0, i1] = line.columns(j);
      for (int i = std::max(i0, 0); i < std::min(i1, g.nx + 1); ++i) {
        if (j < g.ny) add(i, j, true);
        if (i < g.nx) add(i, j, false);
      }
    }
  }
  std::stable_sort(faces_.begin(), faces_.end(), [](const Face& a, const Face& b) { return a.j < b.j; });
}

std::span<const Sections::Face> Sections::rows(int j0, int j1) const {
  const auto at = [&](int j) {
    return std::lower_bound(faces_.begin(), faces_.end(), j,
                            [](const Face& f, int row) { return f.j < row; });
  };
  return j0 < j1 ? std::span{at(j0), at(j1)} : std::span<const Face>{};
}

}  // namespace calor
