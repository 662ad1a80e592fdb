// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace calor {
struct Polygon;  // solver/model/area
}

namespace calor::app {

/// What is drawn on a layer, in the drawing's units.
struct DrawnLayer {
  struct Corner {
    double x = 0.0, y = 0.0;
    double bulge = 0.0;  ///< of the edge that begins here: tan of a quarter of its arc's angle, positive
                         ///< where it turns left; 0: straight
  };
  std::string name;
  std::vector<std::vector<Corner>> outlines;   ///< closed
  std::map<std::string, std::int64_t> others;  ///< what is no closed outline, by its kind
};

struct Drawing {
  std::vector<DrawnLayer> layers;  ///< in order of their first entity
  double unit = 0.0;               ///< m; 0: it does not say
  std::uint64_t hash = 0;          ///< of the file

  /// By its name, capitals or not; nullptr: none.
  const DrawnLayer* layer(const std::string& name) const;
};

/// Closed polylines, with arcs, and circles of the model space; texts, dimensions, points and hatches are
/// passed over.
/// @param bytes  of a DXF file     @param name  for messages
/// @throws Error{Exit::bad_case} for what is no such file, or where this build cannot read any
Drawing read_drawing(const std::string& bytes, const std::string& name);

/// What a region takes from a drawing.
struct DrawingCase {
  std::string path;  ///< of the file, as it can be opened; empty: none
  std::string file;  ///< where a resolved case points to: inputs/NAME-HASH.dxf
  std::string layer;
  std::optional<double> scale;             ///< m per unit of the drawing; absent: as that says
  std::shared_ptr<const Drawing> drawing;  ///< what the file holds; null while it is only asked for

  /// m per unit of the drawing; 0: unknown.
  double unit() const { return scale.value_or(drawing ? drawing->unit : 0.0); }
  friend bool operator==(const DrawingCase& a, const DrawingCase& b) {
    return a.file == b.file && a.layer == b.layer && a.scale == b.scale &&
           (a.drawing == b.drawing || (a.drawing && b.drawing && a.drawing->hash == b.drawing->hash));
  }
};

/// The outlines of the layer in metres, arcs as chords: these are at most 1e-4 of the radius off the arc, and
/// the area between them and the straight line from its beginning to its end is the arc's.
Polygon outlines_of(const DrawnLayer& layer, double unit);

}  // namespace calor::app
