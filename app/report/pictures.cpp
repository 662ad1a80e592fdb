// SPDX-License-Identifier: BSD-3-Clause
#include "app/report/pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "app/plot/colour_map.hpp"
#include "app/report/packed_field.hpp"

namespace calor::app {

namespace {

/// Numbers of the cells that places, equally far apart, lie in: as many as show the narrowest cell, within
/// reason.
std::vector<int> equal_places(const std::vector<double>& faces, std::int64_t cells) {
  std::vector<int> numbers;
  if (faces.empty()) {
    for (int n = 0; n < static_cast<int>(cells); ++n) numbers.push_back(n);
    return numbers;
  }
  double least = faces.back() - faces.front();
  for (std::size_t n = 0; n + 1 < faces.size(); ++n) least = std::min(least, faces[n + 1] - faces[n]);
  constexpr double enough = 1000.0;
  const double wanted =
      std::max(static_cast<double>(cells), std::min(enough, (faces.back() - faces.front()) / least));
  const int count = static_cast<int>(std::ceil(wanted));
  for (int n = 0, cell = 0; n < count; ++n) {
    const double place = faces.front() + (n + 0.5) * ((faces.back() - faces.front()) / count);
    while (cell + 1 < static_cast<int>(cells) && faces[static_cast<std::size_t>(cell) + 1] <= place) ++cell;
    numbers.push_back(cell);
  }
  return numbers;
}

}  // namespace

std::string picture_colours() {
  std::string text;
  for (const Colour c : heat_colours()) text += fmt::format("{:02x}{:02x}{:02x}", c.r, c.g, c.b);
  return text;
}

nlohmann::ordered_json& add_picture(Page& page, const io::GlobalGrid& g, std::vector<double> values,
                                    std::int64_t most) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double v : values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  std::int64_t nx = g.nx, ny = g.ny;  // of the picture
  if (!g.equal_cells()) {
    const std::vector<int> columns = equal_places(g.x_faces, g.nx), rows = equal_places(g.y_faces, g.ny);
    std::vector<double> drawn;
    for (const int j : rows)
      for (const int i : columns) drawn.push_back(values[static_cast<std::size_t>(j * g.nx + i)]);
    values = std::move(drawn);
    nx = static_cast<std::int64_t>(columns.size());
    ny = static_cast<std::int64_t>(rows.size());
  }
  PackedField p = pack_field(values.data(), nx, ny, reduction(nx, ny, most));
  // First: a new member may move the others.
  page.data["grid"] = {
      {"cells", {g.nx, g.ny}}, {"nx", nx}, {"ny", ny}, {"x", {g.x0, g.x1}}, {"y", {g.y0, g.y1}}};
  nlohmann::ordered_json& shown =
      page.data["series"].emplace_back(nlohmann::ordered_json{{"block", page.fields.size()},
                                                              {"factor", p.factor},
                                                              {"nx", p.nx},
                                                              {"ny", p.ny},
                                                              {"low", p.low},
                                                              {"high", p.high}});
  if (low <= high) shown.update({{"least", low}, {"greatest", high}});
  page.fields.push_back(std::move(p.bytes));
  return shown;
}

}  // namespace calor::app
