// SPDX-License-Identifier: BSD-3-Clause
#include "solver/model/contact.hpp"

#include <algorithm>

#include "solver/model/points_around.hpp"

namespace calor {

std::int32_t Contacts::body_at(double x, double y) const {
  for (std::size_t n = bodies.size(); n > 0; --n)
    if (contains(bodies[n - 1], x, y)) return static_cast<std::int32_t>(n);
  return 0;
}

std::optional<std::size_t> Contacts::between(std::int32_t a, std::int32_t b) const {
  if (a == b) return {};
  std::optional<std::size_t> around;
  for (std::size_t n = list.size(); n-- > 0;) {
    const Contact& c = list[n];
    if ((c.first == a && c.second == b) || (c.first == b && c.second == a)) return n;
    if (c.second == Contact::any && (c.first == a || c.first == b) && !around) around = n;
  }
  return around;
}

double Contacts::resistance(std::int32_t a, std::int32_t b) const {
  const std::optional<std::size_t> found = between(a, b);
  return found ? list[*found].resistance : 0.0;
}

std::vector<ContactFace> contact_faces(const Contacts& contacts, const Grid& grid, const Box& cells) {
  std::vector<ContactFace> faces;
  const Box have = grid.within_reach(cells.grown(1));
  if (cells.empty() || have.empty()) return faces;
  std::vector<double> x(static_cast<std::size_t>(have.nx()));
  for (std::size_t n = 0; n < x.size(); ++n) x[n] = grid.x(have.i0 + static_cast<int>(n));
  std::vector<std::int32_t> below(x.size(), -1), here(x.size());
  for (int j = have.j0; j < std::min(have.j1, cells.j1 + 1); ++j) {
    std::fill(here.begin(), here.end(), 0);
    for (std::size_t n = 0; n < contacts.bodies.size(); ++n)
      mark(contacts.bodies[n], grid.y(j), x.data(), static_cast<int>(x.size()),
           static_cast<std::int32_t>(n + 1), here.data());
    const auto body = [&](const std::vector<std::int32_t>& row, int i) {
      return row[static_cast<std::size_t>(i - have.i0)];
    };
    for (int i = std::max(have.i0, cells.i0); i < std::min(have.i1, cells.i1 + 1); ++i) {
      const bool row_of_cells = j >= cells.j0 && j < cells.j1;
      if (row_of_cells && i > have.i0 && contacts.between(body(here, i - 1), body(here, i)))
        faces.push_back({0, i, j});
      if (i < cells.i1 && j >= cells.j0 && j > have.j0 && contacts.between(body(below, i), body(here, i)))
        faces.push_back({1, i, j});
    }
    below.swap(here);
  }
  return faces;
}

std::vector<std::int32_t> bodies_meeting(const Contacts& contacts, const Grid& grid, double x, double y) {
  std::vector<std::int32_t> around;
  for_points_around(grid, x, y, [&](double px, double py) {
    if (px < grid.x0 || px > grid.x1 || py < grid.y0 || py > grid.y1) return;
    around.push_back(contacts.body_at(px, py));
  });
  std::sort(around.begin(), around.end());
  around.erase(std::unique(around.begin(), around.end()), around.end());
  std::vector<std::int32_t> meeting;
  for (const std::int32_t a : around)
    if (std::any_of(around.begin(), around.end(),
                    [&](std::int32_t b) { return contacts.resistance(a, b) > 0.0; }))
      meeting.push_back(a);
  return meeting;
}

}  // namespace calor
