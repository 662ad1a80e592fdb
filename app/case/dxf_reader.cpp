// SPDX-License-Identifier: BSD-3-Clause
#include <dl_creationadapter.h>
#include <dl_dxf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <string_view>
#include <utility>

#include "app/case/drawing.hpp"
#include "decomposition/error.hpp"

namespace calor::app {

namespace {

/// Metres of a unit, by $INSUNITS; 0: none.
double metres(int unit) {
  constexpr std::array<double, 15> of{0.0,     0.0254,  0.3048, 1609.344, 1e-3, 1e-2, 1.0, 1e3,
                                      2.54e-8, 2.54e-5, 0.9144, 1e-10,    1e-9, 1e-6, 1e-1};
  return unit >= 0 && static_cast<std::size_t>(unit) < of.size() ? of[static_cast<std::size_t>(unit)] : 0.0;
}

/// Gathers what dxflib tells.
class Gatherer : public DL_CreationAdapter {
 public:
  Drawing take() {
    finish();
    return std::move(drawing_);
  }
  bool seen() const { return seen_; }

  void setVariableInt(const std::string& key, int value, int /*code*/) override {
    seen_ = true;
    if (key == "$INSUNITS") drawing_.unit = metres(value);
  }
  void addLayer(const DL_LayerData& /*layer*/) override { seen_ = true; }
  void addBlock(const DL_BlockData& /*block*/) override { in_block_ = true; }
  void endBlock() override {
    finish();
    in_block_ = false;
  }

  void addPolyline(const DL_PolylineData& line) override {
    begin();
    constexpr int closed = 1, others = 8 | 16 | 64;  // in space, a mesh, a mesh of faces
    open_ = true;
    closed_ = (line.flags & closed) != 0;
    flat_ = (line.flags & others) == 0;
    target_ = here();
    mirrored_ = mirrored();
  }
  void addVertex(const DL_VertexData& v) override {
    if (open_) corners_.push_back({v.x, v.y, v.bulge});
  }
  void endEntity() override {
    if (!corners_.empty()) finish();
  }
  void endSequence() override { finish(); }

  void addCircle(const DL_CircleData& c) override {
    begin();
    if (!here()) return;
    const std::optional<bool> mirror = mirrored();
    if (!mirror || !(c.radius > 0.0)) {
      other("tilted or empty CIRCLE");
      return;
    }
    const double x = *mirror ? -c.cx : c.cx;
    layer().outlines.push_back({{x + c.radius, c.cy, 1.0}, {x - c.radius, c.cy, 1.0}});
  }
  void addLine(const DL_LineData& /*unused*/) override { other("LINE"); }
  void addXLine(const DL_XLineData& /*unused*/) override { other("XLINE"); }
  void addRay(const DL_RayData& /*unused*/) override { other("RAY"); }
  void addArc(const DL_ArcData& /*unused*/) override { other("ARC"); }
  void addEllipse(const DL_EllipseData& /*unused*/) override { other("ELLIPSE"); }
  void addSpline(const DL_SplineData& /*unused*/) override { other("SPLINE"); }
  void addInsert(const DL_InsertData& /*unused*/) override { other("INSERT of a block"); }
  void addTrace(const DL_TraceData& /*unused*/) override { other("TRACE"); }
  void add3dFace(const DL_3dFaceData& /*unused*/) override { other("3DFACE"); }
  void addSolid(const DL_SolidData& /*unused*/) override { other("SOLID"); }

 private:
  bool here() const { return !in_block_ && !attributes.isInPaperSpace(); }
  /// Whether x runs the other way, as in what was drawn from behind; nothing: it lies in another plane.
  std::optional<bool> mirrored() const {
    std::array<double, 3> d{0.0, 0.0, 1.0};
    if (extrusion != nullptr) extrusion->getDirection(d.data());
    constexpr double rounding = 1e-9;
    if (std::abs(d[0]) > rounding || std::abs(d[1]) > rounding) return std::nullopt;
    return d[2] < 0.0;
  }
  DrawnLayer& layer() { return layer(attributes.getLayer()); }
  DrawnLayer& layer(const std::string& name) {
    for (DrawnLayer& l : drawing_.layers)
      if (l.name == name) return l;
    drawing_.layers.push_back({name, {}, {}});
    return drawing_.layers.back();
  }
  void begin() {
    finish();
    seen_ = true;
    name_ = attributes.getLayer();
  }
  void other(const std::string& kind) {
    begin();
    if (here()) ++layer().others[kind];
  }
  void finish() {
    if (!open_) return;
    open_ = false;
    std::vector<DrawnLayer::Corner> corners = std::exchange(corners_, {});
    if (!target_) return;
    if (!flat_ || !mirrored_) {
      ++layer(name_).others["POLYLINE in space"];
      return;
    }
    if (corners.size() > 1) {
      const auto& [x, y, bulge] = corners.front();
      if (corners.back().x == x && corners.back().y == y) {
        closed_ = true;
        corners.pop_back();
      }
    }
    const bool round =
        std::any_of(corners.begin(), corners.end(), [](const auto& c) { return c.bulge != 0.0; });
    if (!closed_ || corners.size() < (round ? 2U : 3U)) {
      ++layer(name_).others[closed_ ? "polyline of fewer than three corners" : "open polyline"];
      return;
    }
    if (*mirrored_)
      for (DrawnLayer::Corner& c : corners) c = {-c.x, c.y, -c.bulge};
    layer(name_).outlines.push_back(std::move(corners));
  }

  Drawing drawing_;
  bool seen_ = false, in_block_ = false;
  bool open_ = false, closed_ = false, flat_ = true, target_ = false;  // of a polyline
  std::optional<bool> mirrored_;
  std::string name_;
  std::vector<DrawnLayer::Corner> corners_;
};

/// The text with its lines no longer than dxflib takes, which else would never come to an end. What is cut
/// off is of texts and foreign data: names of layers and numbers are shorter.
std::string in_short_lines(const std::string& bytes) {
  constexpr std::size_t longest = 1000;
  std::string text;
  text.reserve(bytes.size() + 1);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    text.append(bytes, at, std::min(end - at, longest));
    text += '\n';
    at = end + 1;
  }
  return text;
}

}  // namespace

Drawing read_drawing(const std::string& bytes, const std::string& name) {
  if (bytes.compare(0, 18, "AutoCAD Binary DXF") == 0)
    throw Error{Exit::bad_case, fmt::format("{}: is a binary DXF file; save it as a text (ASCII) one", name)};
  Gatherer gatherer;
  std::istringstream text{in_short_lines(bytes)};
  DL_Dxf reader;
  const bool read = reader.in(text, &gatherer);
  Drawing drawing = gatherer.take();
  if (!read || !gatherer.seen() || bytes.find("ENTITIES") == std::string::npos)
    throw Error{Exit::bad_case, fmt::format("{}: is no DXF drawing that can be read", name)};
  const std::size_t last = bytes.find_last_not_of(" \t\r\n");
  if (last < 2 || bytes.compare(last - 2, 3, "EOF") != 0)
    throw Error{Exit::bad_case, fmt::format("{}: is cut off: it does not end with EOF", name)};
  for (const DrawnLayer& layer : drawing.layers)
    for (const auto& outline : layer.outlines)
      for (const DrawnLayer::Corner& c : outline)
        if (!std::isfinite(c.x) || !std::isfinite(c.y) || !std::isfinite(c.bulge))
          throw Error{Exit::bad_case, fmt::format("{}: layer {}: a corner is no number", name, layer.name)};
  return drawing;
}

}  // namespace calor::app
