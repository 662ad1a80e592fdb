// SPDX-License-Identifier: BSD-3-Clause
#include "app/files/drawn_regions.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <numbers>
#include <optional>
#include <utility>
#include <variant>

#include "app/case/document.hpp"
#include "app/case/drawing.hpp"
#include "decomposition/error.hpp"

namespace calor::app {

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

std::string text(const Node* node) {
  return node != nullptr && node->kind == Node::Kind::string ? node->text : std::string{};
}

/// What a region takes from a drawing, as its node says; nothing where that cannot be read.
std::optional<Area> drawn(const Node& node, const std::filesystem::path& directory) {
  std::ifstream file{directory / text(node.member("file")), std::ios::binary};
  if (!file) return std::nullopt;
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  try {
    const Drawing drawing = read_drawing(bytes, text(node.member("file")));
    const DrawnLayer* const layer = drawing.layer(text(node.member("layer")));
    const double unit = number(node.member("scale")).value_or(drawing.unit);
    if (layer == nullptr || !(unit > 0.0)) return std::nullopt;
    return outlines_of(*layer, unit);
  } catch (const Error&) {  // no drawing, or a program that reads none
    return std::nullopt;
  }
}

std::optional<Area> area(const Node& node, const std::filesystem::path& directory) {
  const std::string shape = text(node.member("shape"));
  if (shape == "dxf") return drawn(node, directory);
  if (shape == "circle") {
    const auto centre = pair(node.member("center"));
    const auto radius = number(node.member("radius"));
    if (!centre || !radius) return std::nullopt;
    return Circle{(*centre)[0], (*centre)[1], *radius};
  }
  if (shape == "polygon") {
    Polygon polygon;
    if (const Node* const points = node.member("points"); points != nullptr)
      for (const Node& item : points->items)
        if (const auto at = pair(&item)) polygon.points.push_back(*at);
    if (polygon.points.size() < 3) return std::nullopt;
    return polygon;
  }
  const auto x = pair(node.member("x")), y = pair(node.member("y"));
  if (!x || !y) return std::nullopt;
  return Rectangle{*x, *y};
}

}  // namespace

DrawnRegions::DrawnRegions(const std::string& resolved_case, const std::filesystem::path& directory) {
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
    const std::optional<Area> here = area(node, directory);
    if (!here) {
      complete_ = false;
      continue;
    }
    Region r{*here};
    const Node* const hole = node.member("void");
    if (hole != nullptr && hole->kind == Node::Kind::boolean)
      r.kind = hole->boolean ? Kind::hole : Kind::body;
    else if (node.member("conductivity") != nullptr || node.member("material") != nullptr ||
             node.member("materials") != nullptr)
      r.kind = Kind::body;
    regions_.push_back(std::move(r));
  }
}

std::vector<std::vector<DrawnRegions::Point>> DrawnRegions::outlines() const {
  std::vector<std::vector<Point>> all;
  for (const Region& r : regions_) {
    if (const auto* const c = std::get_if<Circle>(&r.area)) {
      // At most 5e-5 of the radius inside the circle.
      constexpr int parts = 360;
      std::vector<Point>& line = all.emplace_back();
      for (int k = 0; k < parts; ++k) {
        const double angle = 2.0 * std::numbers::pi * k / parts;
        line.push_back({c->x + c->radius * std::cos(angle), c->y + c->radius * std::sin(angle)});
      }
    } else if (const auto* const box = std::get_if<Rectangle>(&r.area)) {
      const auto& [x, y] = *box;
      all.push_back({{x[0], y[0]}, {x[1], y[0]}, {x[1], y[1]}, {x[0], y[1]}});
    } else {
      const Polygon& p = std::get<Polygon>(r.area);
      const auto begin = p.points.begin();
      std::size_t first = 0;
      for (const std::size_t end : p.ends.empty() ? std::vector{p.points.size()} : p.ends) {
        all.emplace_back(begin + static_cast<std::ptrdiff_t>(first),
                         begin + static_cast<std::ptrdiff_t>(end));
        first = end;
      }
    }
  }
  for (std::vector<Point>& line : all) line.push_back(line.front());
  return all;
}

bool DrawnRegions::show_holes() const {
  return complete_ &&
         std::any_of(regions_.begin(), regions_.end(), [](const Region& r) { return r.kind == Kind::hole; });
}

bool DrawnRegions::in_hole(Point at) const {
  for (auto r = regions_.rbegin(); r != regions_.rend(); ++r)
    if (r->kind != Kind::neither && contains(r->area, at[0], at[1])) return r->kind == Kind::hole;
  return false;
}

}  // namespace calor::app
