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

CutFaces::CutFaces(const Grid& grid, const Box& cells, const CutCells& cut, const Overlay& overlay,
                   std::size_t stack, const Contacts* contacts,
                   const std::function<std::int32_t(double, double)>& whole,
                   const std::function<bool(int, int)>& one_line) {
  std::set<std::tuple<int, int, int>> found;  // axis, j, i
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
  const std::size_t bodies = stack + 1;
  if (contacts != nullptr)
    for (const ContactFace& f : contact_faces(*contacts, grid, cells)) add(f.axis, f.i, f.j);
  const auto within = [&](int i, int j) { return !grid.within_reach({i, j, i + 1, j + 1}).empty(); };
  for (const auto& [axis, j, i] : found) {
    const int fi = axis == 0 ? i - 1 : i, fj = axis == 0 ? j : j - 1;  // the first cell
    Face face{axis, i, j, within(fi, fj), within(i, j), strips_.size(), 0};
    // Both halves of the box between the centres; across it they agree, being of one row or column.
    Frame half[2];
    for (const int n : {0, 1}) {
      half[n] = n == 0 ? grid.cell(fi, fj) : grid.cell(i, j);
      double& end = axis == 0 ? (n == 0 ? half[n].x0 : half[n].x1) : (n == 0 ? half[n].y0 : half[n].y1);
      end = axis == 0 ? grid.x(n == 0 ? fi : i) : grid.y(n == 0 ? fj : j);
    }
    const bool has[2] = {face.has_first, face.has_second};
    bool straight = true;
    std::vector<double> across;
    for (const int n : {0, 1}) {
      if (!has[n]) continue;
      for (const std::size_t which : {stack, bodies}) {
        if (which == bodies && contacts == nullptr) continue;
        straight = straight && overlay.straight(half[n], which);
        const std::vector<double> ends = overlay.ends(axis, half[n], which);
        across.insert(across.end(), ends.begin(), ends.end());
      }
    }
    // Whole cells by their centres: one line, whatever lies beside it.
    straight = straight && grid.coverage == Coverage::area;
    if (one_line)
      for (const int n : {0, 1})
        if (has[n]) straight = straight && !one_line(n == 0 ? fi : i, n == 0 ? fj : j);
    const Frame& any = half[face.has_second ? 1 : 0];
    const double low = axis == 0 ? any.y0 : any.x0, high = axis == 0 ? any.y1 : any.x1;
    const double centre = axis == 0 ? grid.y(j) : grid.x(i);
    if (!straight) across.clear();
    across.push_back(low);
    across.push_back(high);
    std::sort(across.begin(), across.end());
    for (std::size_t s = 0; s + 1 < across.size(); ++s) {
      const double width = across[s + 1] - across[s];
      if (!(width > 0.0)) continue;
      const double at = straight ? 0.5 * (across[s] + across[s + 1]) : centre;
      const std::size_t first = parts_.size();
      std::int32_t body = -1;  // that the line has come from
      for (const int n : {0, 1}) {
        if (!has[n]) continue;
        const double from = axis == 0 ? half[n].x0 : half[n].y0, to = axis == 0 ? half[n].x1 : half[n].y1;
        auto line = overlay.line(axis, at, from, to, stack);
        if (contacts != nullptr && grid.coverage == Coverage::centre)
          line = {{whole(grid.x(n == 0 ? fi : i), grid.y(n == 0 ? fj : j)), from, to}};
        const double cx = grid.x(n == 0 ? fi : i), cy = grid.y(n == 0 ? fj : j);
        std::vector<Crossing> met;
        const auto meet = [&, axis = axis](std::int32_t top, double place, bool on_face) {
          const auto contact = body < 0 ? std::nullopt : contacts->between(body, top);
          const double R = contact ? contacts->list[*contact].resistance : 0.0;
          constexpr double least = 1e-9;  // of an edge along the line, which it does not cross
          if (R > 0.0)
            met.push_back({place, R / std::max(least, overlay.facing(axis, at, place, bodies)), on_face,
                           static_cast<std::int32_t>(*contact)});
          body = top;
        };
        // An edge through a centre belongs to the face from which the centre has what lies beyond it.
        const auto at_centre = [&, axis = axis] {
          return axis == 0 ? contacts->body_at(cx, at) : contacts->body_at(at, cy);
        };
        const bool from_centre = n == 0, to_centre = n == 1;
        if (contacts != nullptr && from_centre) body = at_centre();
        if (contacts != nullptr) {
          for (const Overlay::Stretch& b : overlay.line(axis, at, from, to, bodies))
            meet(b.top, b.from, n == 1 && b.from == from);
          if (to_centre) meet(at_centre(), to, false);
        }
        const auto place = [&, axis = axis](double along) {
          return axis == 0 ? std::pair{along, at} : std::pair{at, along};
        };
        // Around an axis, a resistance counts by how large the face would be at its place.
        const auto seen_at = [&, axis = axis, i = i](double along) {
          return axis == 0 && grid.axisymmetric() && along > 0.0 ? grid.face_x(i) / along : 1.0;
        };
        std::size_t next = 0;
        const auto pass = [&] {
          const auto [x, y] = place(met[next].place);
          parts_.push_back({-1 - met[next].number, n == 1, 0.0, x, y,
                            met[next].resistance * seen_at(met[next].place), met[next].on_face});
          ++next;
        };
        for (const Overlay::Stretch& l : line) {
          double begin = l.from;
          const auto conduct = [&](double end) {
            const bool all = line.size() == 1 && begin == l.from && end == l.to;
            const auto [x, y] = place(0.5 * (begin + end));
            parts_.push_back({l.top, n == 1,
                              grid.length(face.axis, face.axis == 0 ? face.i : face.j, begin, end),
                              all ? cx : x, all ? cy : y});
            begin = end;
          };
          while (next < met.size() && met[next].place < l.to) {
            if (met[next].place > begin) conduct(met[next].place);
            pass();
          }
          conduct(l.to);
        }
        while (next < met.size()) pass();  // on the centre
      }
      const double middle = 0.5 * (across[s] + across[s + 1]);
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
