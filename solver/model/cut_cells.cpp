// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/cut_cells.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

namespace calor {

namespace {
int wrapped(int i, int n) { return (i % n + n) % n; }

/// Where a line passes from one body to another that it meets a resistance at.
struct Crossing {
  double place;
  double resistance;  // m2 K/W
  bool on_face;
  std::int32_t number;
};
}  // namespace

CutCells::CutCells(const Grid& grid, const Box& box, const Overlay& overlay) {
  if (grid.coverage == Coverage::centre) return;
  std::vector<int> columns;
  for (int j = box.j0; j < box.j1; ++j) {
    columns.clear();
    for (const int i : overlay.touched(wrapped(j, grid.ny))) {
      // Its images as well, from the first that lies in the box.
      const int step = grid.periodic_x ? grid.nx : box.i1 - box.i0 + grid.nx;
      int at = i;
      if (grid.periodic_x) at = box.i0 + wrapped(i - box.i0, grid.nx);
      for (; at < box.i1; at += step)
        if (at >= box.i0) columns.push_back(at);
    }
    std::sort(columns.begin(), columns.end());
    for (const int i : columns) {
      const Frame frame = grid.cell(i, j);
      const std::size_t first = parts_.size();
      std::vector<double> largest;
      double area = 0.0;
      for (const Overlay::Piece& p : overlay.pieces(frame)) {
        area += p.volume;
        std::size_t n = first;
        while (n < parts_.size() && parts_[n].top != p.top) ++n;
        if (n == parts_.size()) {
          parts_.push_back({p.top, p.volume, p.x, p.y});
          largest.push_back(p.area);
          continue;
        }
        parts_[n].share += p.volume;
        if (!(p.area > largest[n - first])) continue;
        largest[n - first] = p.area;
        parts_[n].x = p.x;
        parts_[n].y = p.y;
      }
      if (parts_.size() - first < 2) {  // one and the same in all of it
        parts_.resize(first);
        continue;
      }
      for (std::size_t n = first; n < parts_.size(); ++n) parts_[n].share /= area;
      cells_.push_back({i, j, first, parts_.size()});
    }
  }
}

std::span<const CutCells::Part> CutCells::at(int i, int j) const {
  const auto found =
      std::lower_bound(cells_.begin(), cells_.end(), std::pair{j, i}, [](const Cell& c, auto key) {
        return std::pair{c.j, c.i} < key;
      });
  if (found == cells_.end() || found->i != i || found->j != j) return {};
  return parts(*found);
}

std::span<const CutCells::Cell> CutCells::in_rows(int j0, int j1) const {
  const auto from = [&](int j) {
    return std::partition_point(cells_.begin(), cells_.end(), [j](const Cell& c) { return c.j < j; });
  };
  return {from(j0), from(j1)};
}

namespace {

using FaceNumber = std::tuple<int, int, int>;  // axis, j, i

/// The faces of a box of cells beside cells that are cut, and those of contacts, which may be null.
std::set<FaceNumber> faces_beside(const CutCells& cut, const Contacts* contacts, const Grid& grid,
                                  const Box& cells) {
  std::set<FaceNumber> found;
  const auto add = [&](int axis, int i, int j) {
    const bool inside = axis == 0 ? i <= cells.i1 && j < cells.j1 : i < cells.i1 && j <= cells.j1;
    if (inside && i >= cells.i0 && j >= cells.j0) found.insert({axis, j, i});
  };
  for (const CutCells::Cell& c : cut.cells()) {
    add(0, c.i, c.j);
    add(0, c.i + 1, c.j);
    add(1, c.i, c.j);
    add(1, c.i, c.j + 1);
  }
  if (contacts != nullptr)
    for (const ContactFace& f : contact_faces(*contacts, grid, cells)) add(f.axis, f.i, f.j);
  return found;
}

/// The box between the centres on both sides of a face, in two halves; across it they agree, being of one row
/// or column.
struct FaceBox {
  struct Half {
    int i, j;       // its cell
    bool there;     // the cell is within the grid's reach
    Frame frame{};  // what of the cell lies between its centre and the face
  };
  FaceBox(const Grid& grid, int of_axis, int of_i, int of_j)
      : axis{of_axis}, i{of_i}, j{of_j}, halves{half(grid, 0), half(grid, 1)} {}
  double across_low() const { return axis == 0 ? any().y0 : any().x0; }
  double across_high() const { return axis == 0 ? any().y1 : any().x1; }

  const int axis, i, j;
  const std::array<Half, 2> halves;

 private:
  Half half(const Grid& grid, int n) const {
    const int ci = n == 0 && axis == 0 ? i - 1 : i, cj = n == 0 && axis == 1 ? j - 1 : j;
    Half h{ci, cj, !grid.within_reach({ci, cj, ci + 1, cj + 1}).empty(), grid.cell(ci, cj)};
    Frame& f = h.frame;
    double& end = axis == 0 ? (n == 0 ? f.x0 : f.x1) : (n == 0 ? f.y0 : f.y1);
    end = axis == 0 ? grid.x(ci) : grid.y(cj);
    return h;
  }
  const Frame& any() const { return halves[halves[1].there ? 1 : 0].frame; }
};

/// A line between the centres of a face's cells, and the half of it that lies in one of them.
struct HalfLine {
  HalfLine(const FaceBox& of, std::size_t n, double where)
      : box{of},
        cell{of.halves[n]},
        second{n == 1},
        at{where},
        from{of.axis == 0 ? cell.frame.x0 : cell.frame.y0},
        to{of.axis == 0 ? cell.frame.x1 : cell.frame.y1} {}
  std::array<double, 2> point(double along) const {
    return box.axis == 0 ? std::array{along, at} : std::array{at, along};
  }
  const FaceBox& box;
  const FaceBox::Half& cell;
  const bool second;
  const double at;        // across the axis
  const double from, to;  // along it
};

/// What lines through the boxes of faces pass.
class FaceLines {
 public:
  FaceLines(const Grid& grid, const Overlay& overlay, std::size_t stack, const Contacts* contacts,
            const std::function<std::int32_t(double, double)>& whole)
      : grid_{grid}, overlay_{overlay}, stack_{stack}, contacts_{contacts}, whole_{whole} {}

  /// Only edges parallel to the axes pass the box.
  bool straight(const FaceBox& box) const {
    bool all = true;
    for (const FaceBox::Half& h : box.halves)
      for (const std::size_t which : {stack_, bodies()})
        all = all && (!h.there || !counts(which) || overlay_.straight(h.frame, which));
    return all;
  }
  /// Ends of edges in the box, across the axis, in no order.
  std::vector<double> ends(const FaceBox& box) const {
    std::vector<double> across;
    for (const FaceBox::Half& h : box.halves)
      for (const std::size_t which : {stack_, bodies()}) {
        if (!h.there || !counts(which)) continue;
        const std::vector<double> more = overlay_.ends(box.axis, h.frame, which);
        across.insert(across.end(), more.begin(), more.end());
      }
    return across;
  }
  /// What the line at a place across the axis passes from centre to centre.
  void add_parts(const FaceBox& box, double at, std::vector<CutFaces::Part>& parts) const {
    std::int32_t body = -1;  // that the line has come from
    for (const std::size_t n : {std::size_t{0}, std::size_t{1}}) {
      if (!box.halves[n].there) continue;
      const HalfLine line{box, n, at};
      const std::vector<Overlay::Stretch> stretches = conductivities(line);
      add_series(line, stretches, contacts_ != nullptr ? crossings(line, body) : std::vector<Crossing>{},
                 parts);
    }
  }

 private:
  std::size_t bodies() const { return stack_ + 1; }
  bool counts(std::size_t which) const { return which == stack_ || contacts_ != nullptr; }

  std::vector<Overlay::Stretch> conductivities(const HalfLine& l) const {
    if (contacts_ != nullptr && grid_.coverage == Coverage::centre)
      return {{whole_(grid_.x(l.cell.i), grid_.y(l.cell.j)), l.from, l.to}};
    return overlay_.line(l.box.axis, l.at, l.from, l.to, stack_);
  }

  /// Where half a line passes to another body and meets a resistance. @param body  that it has come from
  std::vector<Crossing> crossings(const HalfLine& l, std::int32_t& body) const {
    std::vector<Crossing> met;
    const auto meet = [&](std::int32_t top, double place, bool on_face) {
      const auto contact = body < 0 ? std::nullopt : contacts_->between(body, top);
      const double R = contact ? contacts_->list[*contact].resistance : 0.0;
      constexpr double least = 1e-9;  // of an edge along the line, which it does not cross
      if (R > 0.0)
        met.push_back({place, R / std::max(least, overlay_.facing(l.box.axis, l.at, place, bodies())),
                       on_face, static_cast<std::int32_t>(*contact)});
      body = top;
    };
    // An edge through a centre belongs to the face from which the centre has what lies beyond it.
    const auto at_centre = [&] {
      return l.box.axis == 0 ? contacts_->body_at(grid_.x(l.cell.i), l.at)
                             : contacts_->body_at(l.at, grid_.y(l.cell.j));
    };
    const bool from_centre = !l.second, to_centre = l.second;
    if (from_centre) body = at_centre();
    for (const Overlay::Stretch& b : overlay_.line(l.box.axis, l.at, l.from, l.to, bodies()))
      meet(b.top, b.from, l.second && b.from == l.from);
    if (to_centre) meet(at_centre(), l.to, false);
    return met;
  }

  /// What conducts and what resists, in the order in which half a line passes them.
  void add_series(const HalfLine& l, const std::vector<Overlay::Stretch>& stretches,
                  const std::vector<Crossing>& met, std::vector<CutFaces::Part>& parts) const {
    const FaceBox& box = l.box;
    // Around an axis, a resistance counts by how large the face would be at its place.
    const auto seen_at = [&](double along) {
      return box.axis == 0 && grid_.axisymmetric() && along > 0.0 ? grid_.face_x(box.i) / along : 1.0;
    };
    std::size_t next = 0;
    const auto pass = [&] {
      const auto [x, y] = l.point(met[next].place);
      parts.push_back({-1 - met[next].number, l.second, 0.0, x, y,
                       met[next].resistance * seen_at(met[next].place), met[next].on_face});
      ++next;
    };
    for (const Overlay::Stretch& s : stretches) {
      double begin = s.from;
      const auto conduct = [&](double end) {
        const bool all = stretches.size() == 1 && begin == s.from && end == s.to;
        const auto [x, y] = l.point(0.5 * (begin + end));
        parts.push_back({s.top, l.second, grid_.length(box.axis, box.axis == 0 ? box.i : box.j, begin, end),
                         all ? grid_.x(l.cell.i) : x, all ? grid_.y(l.cell.j) : y});
        begin = end;
      };
      while (next < met.size() && met[next].place < s.to) {
        if (met[next].place > begin) conduct(met[next].place);
        pass();
      }
      conduct(s.to);
    }
    while (next < met.size()) pass();  // on the centre
  }

  const Grid& grid_;
  const Overlay& overlay_;
  const std::size_t stack_;
  const Contacts* const contacts_;  // or null
  const std::function<std::int32_t(double, double)>& whole_;
};

}  // namespace

CutFaces::CutFaces(const Grid& grid, const Box& cells, const CutCells& cut, const Overlay& overlay,
                   std::size_t stack, const Contacts* contacts,
                   const std::function<std::int32_t(double, double)>& whole,
                   const std::function<bool(int, int)>& one_line) {
  const FaceLines lines{grid, overlay, stack, contacts, whole};
  for (const auto& [axis, j, i] : faces_beside(cut, contacts, grid, cells)) {
    const FaceBox box{grid, axis, i, j};
    Face face{axis, i, j, box.halves[0].there, box.halves[1].there, strips_.size(), 0};
    // Whole cells by their centres: one line, whatever lies beside it.
    bool straight = lines.straight(box) && grid.coverage == Coverage::area;
    if (one_line)
      for (const FaceBox::Half& h : box.halves)
        if (h.there) straight = straight && !one_line(h.i, h.j);
    const double centre = axis == 0 ? grid.y(j) : grid.x(i);
    std::vector<double> across;
    if (straight) across = lines.ends(box);
    across.push_back(box.across_low());
    across.push_back(box.across_high());
    std::sort(across.begin(), across.end());
    for (std::size_t s = 0; s + 1 < across.size(); ++s) {
      const double width = across[s + 1] - across[s], middle = 0.5 * (across[s] + across[s + 1]);
      if (!(width > 0.0)) continue;
      const std::size_t first = parts_.size();
      lines.add_parts(box, straight ? middle : centre, parts_);
      strips_.push_back({axis == 1 && grid.axisymmetric() ? width * middle : width, first, parts_.size()});
    }
    face.last = strips_.size();
    faces_.push_back(face);
  }
}

const CutFaces::Face* CutFaces::find(int axis, int i, int j) const {
  const auto found =
      std::lower_bound(faces_.begin(), faces_.end(), std::tuple{axis, j, i}, [](const Face& f, auto key) {
        return std::tuple{f.axis, f.j, f.i} < key;
      });
  if (found == faces_.end() || found->axis != axis || found->i != i || found->j != j) return nullptr;
  return &*found;
}

std::span<const CutFaces::Face> CutFaces::in_rows(int axis, int j0, int j1) const {
  const auto from = [&](int j) {
    return std::partition_point(faces_.begin(), faces_.end(), [=](const Face& f) {
      return std::pair{f.axis, f.j} < std::pair{axis, j};
    });
  };
  return {from(j0), from(j1)};
}

}  // namespace calor
