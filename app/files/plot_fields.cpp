// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "app/case/case_io.hpp"
#include "app/case/spec_of_case.hpp"
#include "app/console/product.hpp"
#include "app/files/drawn_regions.hpp"
#include "app/files/plot_kinds.hpp"
#include "app/files/stored.hpp"
#include "app/plot/picture_file.hpp"
#include "app/plot/plot.hpp"
#include "app/plot/plot_table.hpp"
#include "app/plot/profile.hpp"
#include "app/text/csv.hpp"
#include "app/text/units.hpp"
#include "app/text/user_file.hpp"
#include "decomposition/field.hpp"
#include "io/array_file.hpp"
#include "io/snapshot.hpp"
#include "io/table.hpp"
#include "solver/model/measure.hpp"

namespace calor::app {

namespace fs = std::filesystem;

namespace {

/// A field as it is stored, on the one rank that draws; the others have the file's manifest alone.
struct StoredField {
  io::Manifest manifest;
  std::string quantity, unit;
  std::vector<double> values;  // row by row
  std::string title, time, resolved_case;
  std::filesystem::path directory;  // of the run
};

std::string case_beside(const fs::path& file) {
  std::error_code none;
  const fs::path beside = fs::absolute(file, none).parent_path().parent_path() / "case.toml";
  return fs::is_regular_file(beside, none) ? io::read_text(beside) : "";
}

/// Collective.
StoredField read_field(const mpi::Comm& comm, const fs::path& file, const PlotOptions& o) {
  StoredField f;
  f.manifest = io::verify_file(comm, file);
  const io::Manifest& m = f.manifest;
  if (const std::string option = o.of_tables(); !option.empty())
    throw Error{Exit::usage, fmt::format("{} is a {}: {} is for tables (NAME.csv, or a sweep's directory)",
                                         file.string(), m.header.kind, option)};
  const io::FieldEntry* const entry = m.find(o.field);
  if (entry == nullptr) {
    std::string names;
    for (const auto& each : m.fields) names += (names.empty() ? "" : ", ") + each.name;
    throw Error{Exit::usage, fmt::format("{}: no field {} in it; it has {}", file.string(), o.field, names)};
  }
  f.quantity = entry->long_name;
  f.unit = entry->units == "degC" ? "\u00b0C" : entry->units == "1" ? "" : entry->units;
  // One rank draws; the others only take part in reading.
  const Box box =
      comm.root() ? Box{0, 0, static_cast<int>(m.header.grid.nx), static_cast<int>(m.header.grid.ny)} : Box{};
  Field2D<double> u{box, 0};
  io::read_array(comm, m, o.field, u.view(), box);
  io::collectively(comm, [&] {
    const int nx = box.nx(), ny = box.ny();
    f.values.resize(static_cast<std::size_t>(box.cells()));
    for (int j = 0; j < ny; ++j) std::copy_n(u.view().row(j), nx, f.values.data() + std::ptrdiff_t{j} * nx);
    const bool snapshot = m.header.kind == "snapshot";
    const io::SnapshotInfo info = snapshot ? io::read_snapshot_info(file) : io::SnapshotInfo{};
    f.title = snapshot ? info.title : m.header.kind;
    f.resolved_case = snapshot ? info.case_text : case_beside(file);
    f.directory = std::filesystem::absolute(file).parent_path().parent_path();
    f.time = is_steady(m) ? "steady state" : time_text(m.header.time, m.header.step);
  });
  return f;
}

/// The picture of a field, which it does not outlive.
Picture picture_of(const StoredField& f, const PlotOptions& o, const DrawnRegions& regions) {
  const io::GlobalGrid& g = f.manifest.header.grid;
  Picture p;
  p.nx = static_cast<int>(g.nx);
  p.ny = static_cast<int>(g.ny);
  p.x0 = g.x0;
  p.x1 = g.x1;
  p.y0 = g.y0;
  p.y1 = g.y1;
  p.x_faces = g.x_faces;
  p.y_faces = g.y_faces;
  if (g.axisymmetric) std::tie(p.x_name, p.y_name) = std::pair{std::string{"r"}, std::string{"z"}};
  p.values = f.values.data();
  p.title = f.title;
  p.subtitle = f.time;
  p.quantity = f.quantity;
  p.unit = f.unit;
  p.width = o.width;
  p.vmin = o.low;
  p.vmax = o.high;
  p.isolines = !o.no_isolines;
  if (!o.no_outlines)
    for (const auto& line : regions.outlines()) {
      Polyline& outline = p.outlines.emplace_back();
      for (const DrawnRegions::Point& at : line) outline.push_back({at[0], at[1]});
    }
  // A value is missing for another reason than a hole? Then none is called one.
  p.holes = regions.show_holes();
  for (std::int64_t j = 0; p.holes && j < g.ny; ++j)
    for (std::int64_t i = 0; p.holes && i < g.nx; ++i) {
      if (std::isfinite(f.values[static_cast<std::size_t>(j * g.nx + i)])) continue;
      // Of centres that lie on an edge, either side counts.
      const double x = g.x_centre(i), y = g.y_centre(j), near = 1e-9 * std::max(g.x1 - g.x0, g.y1 - g.y0);
      p.holes = regions.in_hole({x, y}) || regions.in_hole({x - near, y}) || regions.in_hole({x + near, y}) ||
                regions.in_hole({x, y - near}) || regions.in_hole({x, y + near});
    }
  return p;
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  void take(const std::vector<double>& values) {
    for (const double v : values)
      if (std::isfinite(v)) {
        low = std::min(low, v);
        high = std::max(high, v);
      }
  }
};

/// Takes another field off; in a unit of differences.
void subtract(StoredField& f, const StoredField& other, const std::string& name) {
  if (!(f.manifest.header.grid == other.manifest.header.grid))
    throw Error{Exit::usage, fmt::format("--minus {}: it lies on another grid", name)};
  if (f.unit != other.unit)
    throw Error{Exit::usage, fmt::format("--minus {}: it is in {}, and what it is taken off in {}", name,
                                         other.unit, f.unit)};
  for (std::size_t k = 0; k < f.values.size(); ++k) f.values[k] -= other.values[k];
  if (f.unit == "\u00b0C") f.unit = "K";
  f.quantity = "difference of " + f.quantity;
  f.time += ", less " + name + (other.time == f.time ? "" : " (" + other.time + ")");
}

/// What --diverging says, or is clear from the field.
bool diverges(const PlotOptions& o, const Range& range) {
  const bool signed_field = !o.minus.empty() || o.field.rfind("flux", 0) == 0;
  return o.diverging || (signed_field && range.low < 0.0 && range.high > 0.0);
}

struct Meant {
  std::string word;  ///< of the command line
  fs::path file;
};

/// The files that are meant, in the order given. Collective.
std::vector<Meant> files_of(const mpi::Comm& comm, const PlotOptions& o) {
  std::vector<Meant> files;
  for (const std::string& what : o.what) {
    if (!o.all) {
      files.push_back({what, snapshot_of(comm, what)});
      continue;
    }
    std::string list;  // one a line: a name with a line's end in it is no snapshot of calor
    io::collectively(comm, [&] {
      if (!fs::is_directory(what))
        throw Error{Exit::usage, fmt::format("--all: {} is no directory of a run", what)};
      for (const fs::path& file : io::snapshots_in(what)) list += file.string() + "\n";
      if (list.empty()) throw Error{Exit::no_input, fmt::format("{}: there is no snapshot in it", what)};
    });
    list = comm.broadcast(list);
    for (std::size_t from = 0, to; (to = list.find('\n', from)) != std::string::npos; from = to + 1)
      files.push_back({what, list.substr(from, to - from)});
  }
  return files;
}

/// OUT_%03d.png with its number; nothing where there is no place for one.
std::optional<std::string> numbered(const std::string& out, std::size_t number) {
  const std::size_t mark = out.find('%');
  if (mark == std::string::npos) return std::nullopt;
  std::size_t end = mark + 1;
  while (end < out.size() && out[end] >= '0' && out[end] <= '9') ++end;
  const std::string digits = out.substr(mark + 1, end - mark - 1);
  if (end == out.size() || out[end] != 'd' || out.find('%', end) != std::string::npos || digits.size() > 2)
    return std::nullopt;
  int width = 1;
  std::from_chars(digits.data(), digits.data() + digits.size(), width);
  return fmt::format("{}{:0{}}{}", out.substr(0, mark), number, width, out.substr(end + 1));
}

struct Line {
  Point from, to;
};

Line line_of(const std::string& words) {
  std::array<double, 4> v{};
  const char* at = words.data();
  const char* const end = at + words.size();
  for (std::size_t k = 0; k < 4; ++k) {
    while (at != end && (*at == ' ' || (k > 0 && *at == ','))) ++at;
    const auto [after, failed] = std::from_chars(at, end, v[k]);
    if (failed != std::errc{} || !std::isfinite(v[k])) at = nullptr;
    if (at == nullptr) break;
    at = after;
  }
  if (at != end || (v[0] == v[2] && v[1] == v[3]))
    throw Error{Exit::usage, fmt::format("--line {}: give two points of the domain in m, x0,y0,x1,y1, as "
                                         "--line 0,0.5,1,0.5",
                                         words)};
  return {{v[0], v[1]}, {v[2], v[3]}};
}

void check_inside(const Picture& p, const Line& line, const std::string& words) {
  const double near_x = 1e-9 * (p.x1 - p.x0), near_y = 1e-9 * (p.y1 - p.y0);
  for (const Point& at : {line.from, line.to})
    if (at.x < p.x0 - near_x || at.x > p.x1 + near_x || at.y < p.y0 - near_y || at.y > p.y1 + near_y)
      throw Error{
          Exit::usage,
          fmt::format("--line {}: ({:g}, {:g}) lies outside the domain, {} from {:g} to {:g}, {} from "
                      "{:g} to {:g} m",
                      words, at.x, at.y, p.x_name, p.x0, p.x1, p.y_name, p.y0, p.y1)};
}

/// Point k of `points` along a line, as profile() has them.
Point place_on(const Line& line, std::size_t k, std::size_t points) {
  const double t = double(k) / double(points - 1);
  return {(1.0 - t) * line.from.x + t * line.to.x, (1.0 - t) * line.from.y + t * line.to.y};
}

struct Along {
  std::vector<ProfilePoint> points;
  TablePicture picture;  // of one series
};

/// What the field is along the line where it is a run's temperature: as probes are interpolated, so that
/// walls have the temperature that their conditions give them. Nothing where the snapshot's case cannot be
/// made again (files that it names are gone), or its grid is so fine that the way from a centre to a wall is
/// not worth the memory.
std::optional<std::vector<double>> as_probes(const mpi::Comm& self, const StoredField& f,
                                             const std::vector<std::array<double, 2>>& points) {
  constexpr std::int64_t most_cells = 4000000;
  const io::Header& header = f.manifest.header;
  if (header.grid.nx * header.grid.ny > most_cells) return {};
  try {
    Mistakes mistakes;
    // Paths in it count from the run's directory.
    const Document document{{{(f.directory / "case.toml").string(), f.resolved_case}}, {}, mistakes};
    CaseReader reader{"case"};
    const ProblemSpec spec = make_spec(read_with_tables(self, reader, document, mistakes));
    if (!mistakes.empty() || !reader.missing().empty() || !reader.changed().empty()) return {};
    Problem p{self, spec, partition(spec.grid.domain(), 1), 1};
    for_each(p.owned, [&](int i, int j) {
      const double v = f.values[static_cast<std::size_t>(j) * static_cast<std::size_t>(spec.grid.nx) +
                                static_cast<std::size_t>(i)];
      p.u.view()(i, j) = std::isfinite(v) ? v : 0.0;  // in holes
    });
    if (p.enthalpy) p.find_heats();
    return temperatures_at(p, points, header.time);
  } catch (const Error&) {
    return {};
  }
}

Along along(const mpi::Comm& self, const StoredField& f, const PlotOptions& o, const Line& line) {
  constexpr int points = 1001;
  const DrawnRegions regions{f.resolved_case, f.directory};
  const Picture p = picture_of(f, o, regions);
  check_inside(p, line, o.line);
  std::function<bool(double, double)> gap;
  if (p.holes) gap = [&](double x, double y) { return regions.in_hole({x, y}); };
  Along result{profile(p, line.from, line.to, points, gap), {}};
  bool straight = o.field == "temperature";
  if (straight && f.manifest.header.kind == "snapshot") {
    std::vector<std::array<double, 2>> places;
    for (std::size_t k = 0; k < result.points.size(); ++k) {
      const auto [x, y] = place_on(line, k, result.points.size());
      if (!std::isnan(result.points[k].value)) places.push_back({x, y});
    }
    if (const auto values = as_probes(self, f, places)) {
      straight = false;
      std::size_t n = 0;
      for (ProfilePoint& at : result.points)
        if (!std::isnan(at.value)) at.value = (*values)[n++];
    }
  }
  TablePicture& t = result.picture;
  t.title = f.title;
  t.x = {"distance", "m", {}, false};
  t.y = {f.quantity, f.unit, {}, false};
  t.joined = true;
  t.markers = false;
  TableSeries s;
  bool broken = false;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const ProfilePoint& at : result.points) {
    if (std::isnan(at.value)) {
      broken = !s.points.empty();
      continue;
    }
    if (broken) s.breaks.push_back(s.points.size());
    broken = false;
    s.points.push_back({at.along, at.value});
    low = std::min(low, at.value);
    high = std::max(high, at.value);
  }
  if (s.points.empty())
    throw Error{Exit::bad_data, fmt::format("--line {}: there is no value along it", o.line)};
  t.series = {std::move(s)};
  const int digits = digits_apart(low, high);
  t.footer = {fmt::format("least {}", with_unit(low, f.unit, digits)),
              fmt::format("greatest {}", with_unit(high, f.unit, digits))};
  if (straight) t.footer.push_back("from cells to walls on straight lines");
  return result;
}

constexpr const char* csv_of_line = "distance,x,y";  // so begins the table of a line

/// The same as numbers; what is in a gap is left empty.
std::string csv_of(const std::vector<Along>& curves, const std::vector<std::string>& names,
                   const Line& line) {
  std::string text = csv_of_line;
  for (const std::string& name : names) text += "," + csv_cell(name);
  text += "\n";
  const std::size_t points = curves[0].points.size();
  for (std::size_t k = 0; k < points; ++k) {
    const auto [x, y] = place_on(line, k, points);
    text += fmt::format("{},{},{}", curves[0].points[k].along, x, y);
    for (const Along& curve : curves)
      text += std::isnan(curve.points[k].value) ? "," : fmt::format(",{}", curve.points[k].value);
    text += "\n";
  }
  return text;
}

}  // namespace

Exit plot_fields(const mpi::Comm& comm, const PlotOptions& o) {
  const std::vector<Meant> files = files_of(comm, o);
  const bool series = numbered(o.out, 0).has_value();
  if (files.size() > 1 && !series)
    throw Error{Exit::usage,
                fmt::format("-o {}: {} pictures need a place for their number, as in out_%03d.png "
                            "(or --line, for the fields along a line in one picture)",
                            o.out, files.size())};
  std::optional<StoredField> other;
  if (!o.minus.empty()) other = read_field(comm, snapshot_of(comm, o.minus), o);
  const auto read = [&](const fs::path& file) {
    StoredField f = read_field(comm, file, o);
    io::collectively(comm, [&] {
      if (other) subtract(f, *other, o.minus);
    });
    return f;
  };
  // One scale: what is not given is that of all.
  PlotOptions each = o;
  Range range;
  if (files.size() > 1) {
    for (const Meant& each_of : files) range.take(read(each_of.file).values);
    if (range.low < range.high) {
      if (!each.low) each.low = range.low;
      if (!each.high) each.high = range.high;
    }
  }
  for (std::size_t k = 0; k < files.size(); ++k) {
    const StoredField f = read(files[k].file);
    io::collectively(comm, [&] {
      const DrawnRegions regions{f.resolved_case, f.directory};
      Picture p = picture_of(f, each, regions);
      Range own;
      own.take(f.values);
      p.diverging = diverges(o, files.size() > 1 ? range : own);
      const std::string out = numbered(o.out, k).value_or(o.out);
      draw(p, out);
      answer_written(out);
    });
  }
  return Exit::done;
}

Exit plot_profiles(const mpi::Comm& comm, const PlotOptions& o) {
  const Line line = line_of(o.line);
  if (o.low || o.high || o.diverging || o.no_isolines || o.no_outlines || !o.minus.empty())
    throw Error{Exit::usage,
                "--line draws no map: --min, --max, --minus, --diverging, --no-isolines and "
                "--no-outlines do not go with it"};
  std::vector<Along> curves;
  std::vector<TablePicture> pictures;
  std::vector<std::string> titles, times, words, both;
  const std::vector<Meant> files = files_of(comm, o);
  const mpi::Comm self = comm.split(comm.rank());
  for (const Meant& meant : files) {
    const StoredField f = read_field(comm, meant.file, o);
    io::collectively(comm, [&] {
      curves.push_back(along(self, f, o, line));
      pictures.push_back(curves.back().picture);
      titles.push_back(f.title);
      times.push_back(f.time);
      words.push_back(meant.word);
      both.push_back(meant.word + ", " + f.time);
    });
  }
  io::collectively(comm, [&] {
    TablePicture p = pictures[0];
    std::vector<std::string> names{o.field};
    bool one_time = std::all_of(times.begin(), times.end(), [&](const auto& t) { return t == times[0]; });
    if (pictures.size() > 1) {
      // Of one run the times tell them apart, of several their titles or how they were called.
      const bool one_run = std::all_of(files.begin(), files.end(), [&](const Meant& m) {
        return m.file.parent_path() == files[0].file.parent_path();
      });
      names = one_run ? telling_names({times, words}) : telling_names({titles, words, both});
      p = together(pictures, names, names == times ? "time" : names == titles ? "case" : "run");
      if (names == titles) p.title.clear();
      one_time = one_time && names != times;
    }
    p.subtitle = {fmt::format("from ({}, {}) to ({}, {}) m", number_text(line.from.x),
                              number_text(line.from.y), number_text(line.to.x), number_text(line.to.y))};
    if (one_time) p.subtitle.push_back(times[0]);
    p.width = o.width;
    if (o.writes_numbers())
      write_user_file(o.out, csv_of(curves, names, line), csv_of_line);
    else
      draw(p, o.out);
    answer_written(o.out);
  });
  return Exit::done;
}

}  // namespace calor::app
