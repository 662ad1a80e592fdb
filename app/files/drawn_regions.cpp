// SPDX-License-Identifier: BSD-3-Clause
#include "app/files/drawn_regions.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "app/case/document.hpp"
#include "decomposition/error.hpp"

namespace calor {

namespace {

std::optional<double> number(const Node* node) {
  if (node == nullptr || (node->kind != Node::Kind::number && node->kind != Node::Kind::integer))
    return std::nullopt;
  return node->number;
}

std::optional<DrawnRegions::Point> pair(const Node* node) {
  if (node == nullptr || node->kind != Node::Kind::array || node->items.size() != 2) return std::nullopt;
  const auto first = number(node->items.data()), second = number(&node->items[1]);
  if (!first || !second) return std::nullopt;
  return DrawnRegions::Point{*first, *second};
}

}  // namespace

DrawnRegions::DrawnRegions(const std::string& resolved_case) {
  Mistakes none;
  std::optional<Document> document;
  try {
    document.emplace(std::vector<Text>{{"case.toml", resolved_case}}, std::vector<std::string>{}, none);
  } catch (const Error&) {
    return;  // what is not a case of calor has nothing to outline
  }
  const Node* const all = document->find("region");
  if (all == nullptr) return;
  for (const Node& node : all->items) {
    Region r;
    const Node* const word = node.member("shape");
    const std::string shape = word == nullptr ? "" : word->text;
    if (shape == "rectangle") {
      const auto x = pair(node.member("x")), y = pair(node.member("y"));
      if (!x || !y) continue;
      r.corners = {{(*x)[0], (*y)[0]}, {(*x)[1], (*y)[0]}, {(*x)[1], (*y)[1]}, {(*x)[0], (*y)[1]}};
    } else if (shape == "circle") {
      r.shape = Shape::circle;
      const auto centre = pair(node.member("center"));
      const auto radius = number(node.member("radius"));
      if (!centre || !radius) continue;
      r.corners = {*centre};
      r.radius = *radius;
    } else if (shape == "polygon") {
      r.shape = Shape::polygon;
      const Node* const points = node.member("points");
      if (points == nullptr) continue;
      for (const Node& item : points->items)
        if (const auto at = pair(&item)) r.corners.push_back(*at);
      if (r.corners.size() < 3) continue;
    } else {
      complete_ = false;
      continue;
    }
    const Node* const hole = node.member("void");
    if (hole != nullptr && hole->kind == Node::Kind::boolean)
      r.kind = hole->boolean ? Kind::hole : Kind::body;
    else if (node.member("conductivity") != nullptr || node.member("material") != nullptr)
      r.kind = Kind::body;
    regions_.push_back(std::move(r));
  }
}

std::vector<std::vector<DrawnRegions::Point>> DrawnRegions::outlines() const {
  std::vector<std::vector<Point>> all;
  for (const Region& r : regions_) {
    std::vector<Point>& line = all.emplace_back();
    if (r.shape == Shape::circle) {
      // At most 5e-5 of the radius inside the circle.
      constexpr int parts = 360;
      for (int k = 0; k < parts; ++k) {
        const double angle = 2.0 * std::numbers::pi * k / parts;
        line.push_back(
            {r.corners[0][0] + r.radius * std::cos(angle), r.corners[0][1] + r.radius * std::sin(angle)});
      }
    } else {
      line = r.corners;
    }
    line.push_back(line.front());
  }
  return all;
}

bool DrawnRegions::show_holes() const {
  return complete_ &&
         std::any_of(regions_.begin(), regions_.end(), [](const Region& r) { return r.kind == Kind::hole; });
}

bool DrawnRegions::contains(const Region& r, Point at) {
  if (r.shape == Shape::circle)
    return std::hypot(at[0] - r.corners[0][0], at[1] - r.corners[0][1]) < r.radius;
  bool inside = false;  // an odd number of edges lies to the right
  for (std::size_t k = 0, before = r.corners.size() - 1; k < r.corners.size(); before = k++) {
    const Point &a = r.corners[before], &b = r.corners[k];
    if ((a[1] > at[1]) == (b[1] > at[1])) continue;
    if (at[0] < a[0] + (at[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])) inside = !inside;
  }
  return inside;
}

bool DrawnRegions::in_hole(Point at) const {
  for (auto r = regions_.rbegin(); r != regions_.rend(); ++r)
    if (r->kind != Kind::neither && contains(*r, at)) return r->kind == Kind::hole;
  return false;
}

}  // namespace calor
