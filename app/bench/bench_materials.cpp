// SPDX-License-Identifier: BSD-3-Clause
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "app/bench/bench.hpp"
#include "app/bench/stepping.hpp"
#include "solver/blocked/records.hpp"

namespace calor::app::bench {

namespace {

using Point = std::array<double, 2>;

/// Draws of a generator that is the same everywhere; uniform on [0, 1).
class Draw {
 public:
  explicit Draw(std::uint32_t seed) : engine_{seed} {}
  double operator()() { return static_cast<double>(engine_()) / 4294967296.0; }
  double operator()(double from, double to) { return from + (to - from) * (*this)(); }

 private:
  std::mt19937 engine_;
};

/// The unit square in which a material of some eight common ones fills each region.
struct Paint {
  Case& c;
  int regions = 0;
  RegionCase& add(Shape shape, int material) {
    constexpr std::array<double, 8> k{25.0, 130.0, 390.0, 0.8, 1.4, 60.0, 200.0, 15.0},
        rho_c{3.4e6, 1.63e6, 3.5e6, 1.2e6, 1.6e6, 2e6, 2.4e6, 3e6};
    RegionCase r;
    r.name = fmt::format("part_{}", ++regions);
    r.shape = shape;
    ConductivityCase law;
    law.x = law.y = k[static_cast<std::size_t>(material)];
    r.conductivity = law;
    r.density = rho_c[static_cast<std::size_t>(material)] / 1000.0;
    r.specific_heat = SpecificHeatCase{1000.0, {}, {}};
    c.regions.push_back(r);
    return c.regions.back();
  }
  void box(double x0, double x1, double y0, double y1, int material) {
    RegionCase& r = add(Shape::rectangle, material);
    r.x = {x0, x1};
    r.y = {y0, y1};
  }
  void disc(double x, double y, double radius, int material) {
    RegionCase& r = add(Shape::circle, material);
    r.center = {x, y};
    r.radius = radius;
  }
};

void halves(Paint& p) { p.box(0.5, 1.0, 0.0, 1.0, 1); }
void disc(Paint& p) { p.disc(0.5, 0.5, 0.3, 1); }
/// The bent pipe of TeaLeaf's input decks.
void ducts(Paint& p) {
  p.box(0.0, 0.1, 0.1, 0.2, 2);
  p.box(0.1, 0.6, 0.1, 0.2, 2);
  p.box(0.5, 0.6, 0.1, 0.8, 2);
  p.box(0.5, 1.0, 0.7, 0.8, 2);
}
void rectangles(Paint& p, int count, double least, double most) {
  Draw draw{7};
  for (int n = 0; n < count; ++n) {
    const double w = draw(least, most), h = draw(least, most), x = draw(0.0, 1.0 - w), y = draw(0.0, 1.0 - h);
    p.box(x, x + w, y, y + h, n % 7 + 1);
  }
}
void rectangles_20(Paint& p) { rectangles(p, 20, 0.05, 0.3); }
void rectangles_200(Paint& p) { rectangles(p, 200, 0.01, 0.07); }
void discs_400(Paint& p) {
  Draw draw{11};
  for (int b = 0; b < 20; ++b)
    for (int a = 0; a < 20; ++a)
      p.disc((a + 0.5 + draw(-0.1, 0.1)) / 20, (b + 0.5 + draw(-0.1, 0.1)) / 20, draw(0.22, 0.38) / 20, 1);
}
/// The part of a polygon that is nearer to `mine` than to `other`.
std::vector<Point> nearer(const std::vector<Point>& polygon, const Point& mine, const Point& other) {
  const auto side = [&](const Point& p) {
    return (p[0] - 0.5 * (mine[0] + other[0])) * (other[0] - mine[0]) +
           (p[1] - 0.5 * (mine[1] + other[1])) * (other[1] - mine[1]);
  };
  std::vector<Point> kept;
  for (std::size_t n = 0; n < polygon.size(); ++n) {
    const Point &a = polygon[n], &b = polygon[(n + 1) % polygon.size()];
    const double sa = side(a), sb = side(b);
    if (sa <= 0.0) kept.push_back(a);
    if ((sa < 0.0 && sb > 0.0) || (sa > 0.0 && sb < 0.0)) {
      const double t = sa / (sa - sb);
      kept.push_back({a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])});
    }
  }
  return kept;
}
/// Voronoi's cells of 14 x 14 shaken points.
void grains(Paint& p) {
  Draw draw{13};
  std::vector<Point> seeds;
  for (int b = 0; b < 14; ++b)
    for (int a = 0; a < 14; ++a) seeds.push_back({(a + draw()) / 14, (b + draw()) / 14});
  for (std::size_t n = 0; n < seeds.size(); ++n) {
    std::vector<Point> cell{{0.0, 0.0}, {1.0, 0.0}, {1.0, 1.0}, {0.0, 1.0}};
    for (std::size_t m = 0; m < seeds.size(); ++m)
      if (m != n) cell = nearer(cell, seeds[n], seeds[m]);
    p.add(Shape::polygon, static_cast<int>(n * 5 % 8)).points = cell;
  }
}
struct Geometry {
  const char* name;
  void (*paint)(Paint&);
};
constexpr Geometry geometries[] = {{"2 halves", halves},
                                   {"a disc", disc},
                                   {"TeaLeaf's ducts", ducts},
                                   {"20 rectangles", rectangles_20},
                                   {"200 rectangles", rectangles_200},
                                   {"400 discs", discs_400},
                                   {"196 grains", grains}};

Case made(const Geometry& g, int n, Coverage coverage) {
  Case c = plate(n);
  c.grid.coverage = coverage;
  Paint paint{c};
  g.paint(paint);
  return c;
}

/// Shares of the cells that are not plain, and memory for coefficients.
std::string words(const Problem& p) {
  const Mosaic* const m = p.coefficients.mosaic();
  if (m == nullptr) return "coefficients of their own in every cell";
  const auto cells = static_cast<double>(p.grid.domain().cells());
  const auto records = StepRecords<double>::of(p, true);
  records->scale(1.0, {});
  const std::size_t bytes = m->bytes() + records->bytes();
  return fmt::format("{:.3g} % general cells, {} records on rank 0, {:.3g} bytes a cell of coefficients",
                     100.0 * static_cast<double>(p.comm.sum(m->general())) / cells, m->size(),
                     static_cast<double>(p.comm.sum(static_cast<std::int64_t>(bytes))) / cells);
}

/// Two cases in turn; the second over the first.
nlohmann::json compare(const mpi::Comm& comm, const std::string& title, const char* first, Blocked& a,
                       const char* second, Blocked& b, std::array<std::int64_t, 2> counts, int repeats) {
  std::vector<Contender> pair{{first, a.steps(counts[0])}, {second, b.steps(counts[1])}};
  interleave(comm, pair, repeats);
  return report(comm, title, pair, {{"first", pair[0].rate()}});
}

}  // namespace

nlohmann::json materials(const mpi::Comm& comm, int n, int repeats) {
  const std::int64_t cells = std::int64_t{n} * n, steps = steps_for(1.6e9, cells, 32);
  const std::string size = fmt::format("{0} x {0} cells", n);
  nlohmann::json tables = nlohmann::json::array();
  // In pairs, so that memory holds large ones: each beside one material in the same rounds.
  {
    Blocked one{plate(n), comm, true};
    for (const Coverage coverage : {Coverage::centre, Coverage::area})
      for (const Geometry& g : geometries) {
        Blocked several{made(g, n, coverage), comm, true};
        tables.push_back(compare(
            comm,
            fmt::format("explicit steps, {}, {}, coverage = \"{}\": {}; checked bit by bit", size, g.name,
                        coverage == Coverage::area ? "area" : "centre", words(*several.problem)),
            "one material", one, g.name, several, {steps, steps}, repeats));
      }
    const auto heated = [](Case c) {
      RegionCase r;
      r.name = "heater";
      r.shape = Shape::circle;
      r.center = {0.4, 0.4};
      r.radius = 0.25;
      r.power = 1.0;
      c.regions.push_back(r);
      return c;
    };
    Blocked warm{heated(plate(n)), comm, true};
    tables.push_back(
        compare(comm, fmt::format("explicit steps, {}, constant power in a disc; checked bit by bit", size),
                "one material", one, "with power", warm, {steps, steps}, repeats));
    const Case parts = made(geometries[3], n, Coverage::centre);
    Blocked several{parts, comm, true}, both{heated(parts), comm, true};
    tables.push_back(
        compare(comm, fmt::format("explicit steps, {}, constant power in a disc; checked bit by bit", size),
                "20 rectangles", several, "with power", both, {steps, steps}, repeats));
  }
  for (const std::size_t g : {std::size_t{1}, std::size_t{3}}) {
    Case one = plate(n), several = made(geometries[g], n, Coverage::centre);
    one.parallel.precision = several.parallel.precision = Precision::single;
    Blocked a{one, comm, true}, b{several, comm, true};
    tables.push_back(compare(comm,
                             fmt::format("explicit steps, {}, single precision; checked bit by bit", size),
                             "one material", a, geometries[g].name, b, {2 * steps, 2 * steps}, repeats));
  }
  for (const Method* method : {&methods::rkl2, &methods::exponential})
    for (const std::size_t g : {std::size_t{1}, std::size_t{3}}) {
      Case one = plate(n), several = made(geometries[g], n, Coverage::centre);
      one.time.method = several.time.method = method;
      // About a hundred stages a step: what a step does besides them is little.
      Blocked a{one, comm, false, *method, 2500.0}, b{several, comm, false, *method, 2500.0};
      const std::int64_t count = std::max<std::int64_t>(1, steps / 100);
      tables.push_back(compare(comm, fmt::format("stages of {}, {}", method->word, size), "one material", a,
                               geometries[g].name, b, {count, count}, repeats));
    }
  return tables;
}

nlohmann::json grids(const mpi::Comm& comm, int n, int repeats) {
  const std::int64_t steps = steps_for(1.6e9, std::int64_t{n} * n, 32);
  const std::string size = fmt::format("{0} x {0} cells", n);
  Case of_place = plate(n), graded = plate(n), around = plate(n);
  ConductivityCase law;
  law.x = law.y = std::string{"50 + 20*sin(40*x)*sin(37*y)"};
  of_place.material.conductivity = law;
  for (AxisCase* const lines : {&graded.grid.x_lines, &graded.grid.y_lines}) {
    lines->at = {0.0, 1.0};
    lines->cells = {n};
    lines->ratio = {4.0};
  }
  around.grid.coordinates = Coordinates::axisymmetric;
  nlohmann::json tables = nlohmann::json::array();
  // Such cells have coefficients of their own, as have those of a material of place.
  Blocked a{of_place, comm, true};
  const auto beside = [&](const char* what, const Case& c) {
    Blocked b{c, comm, true};
    tables.push_back(compare(comm, fmt::format("explicit steps, {}, {}; checked bit by bit", size, what),
                             "k of x, y", a, what, b, {steps, steps}, repeats));
  };
  beside("graded 1 : 4", graded);
  beside("around an axis", around);
  return tables;
}

nlohmann::json holes(const mpi::Comm& comm, int n, int repeats) {
  const std::int64_t steps = steps_for(1.6e9, std::int64_t{n} * n, 32);
  const std::string size = fmt::format("{0} x {0} cells", n);
  WallCase held;
  held.type = "temperature";
  held.values["value"] = Quantity{330.0};
  /// So many holes a side, which have 30 % of the plate between them.
  const auto with_holes = [&](int a_side) {
    Case c = plate(n);
    for (int k = 0; k < a_side * a_side; ++k) {
      RegionCase r;
      r.name = fmt::format("hole{}", k);
      r.shape = Shape::circle;
      r.center = {(k % a_side + 0.5) / a_side, (k / a_side + 0.5) / a_side};
      r.radius = std::sqrt(0.3 / std::numbers::pi) / a_side;
      r.is_void = true;
      r.wall = {held};
      c.regions.push_back(r);
    }
    return c;
  };
  Case faces = plate(n);
  faces.plate.thickness = 0.01;
  faces.plate.film = Quantity{10.0};
  faces.plate.ambient = Quantity{300.0};
  nlohmann::json tables = nlohmann::json::array();
  Blocked whole{plate(n), comm, true};
  const auto beside = [&](const char* what, const Case& c) {
    Blocked b{c, comm, true};
    tables.push_back(compare(
        comm, fmt::format("explicit steps, {}, {}, updates of live cells; checked bit by bit", size, what),
        "without", whole, what, b, {steps, steps}, repeats));
  };
  beside("one hole", with_holes(1));
  beside("100 holes", with_holes(10));
  beside("[plate]", faces);
  return tables;
}

}  // namespace calor::app::bench
