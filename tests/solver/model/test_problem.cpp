// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "solver/model/measure.hpp"
#include "solver/stencil/diffusion.hpp"
#include "solver/stencil/explicit_limit.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;
using namespace calor::test;

namespace {

/// What the materials and walls of a kind are, once more and by hand: the numbers of tests/support/kinds.hpp,
/// with none of the code that calor reads them by.
struct ByHand {
  double lx = 1.0, ly = 1.0;
  bool periodic = false;
  enum class Walls { insulated, fixed, moving } walls = Walls::insulated;
  std::function<double(double, double)> kx, ky, rho_c;  // W m^-1 K^-1 along x and y, J m^-3 K^-1
};

/// min over cells of rho_c / S, S the sum over the faces of g (1 - a): docs/numerics.md, section 5. g is the
/// harmonic mean of the conductivities over the square of the cell's width, at a wall the cell's own.
double limit_of(const ByHand& h, int nx, int ny) {
  const double dx = h.lx / nx, dy = h.ly / ny;
  const auto mean = [](double a, double b) { return 2.0 * a * b / (a + b); };
  /// 1 - a of a film: 2 B / (1 + B), B = film dn / (2 k)
  const auto of_film = [](double film, double k, double dn) {
    const double biot = film * dn / (2.0 * k);
    return 2.0 * biot / (1.0 + biot);
  };
  constexpr double most = 2.0;  // fixed, glowing, or a film that may grow
  double least = std::numeric_limits<double>::infinity();
  for (int j = 0; j < ny; ++j)
    for (int i = 0; i < nx; ++i) {
      const auto x = [&](int n) { return (n + 0.5) * dx; };
      const auto y = [&](int n) { return (n + 0.5) * dy; };
      const double kx = h.kx(x(i), y(j)), ky = h.ky(x(i), y(j));
      double sum = 0.0;
      for (const int n : {i - 1, i + 1})
        if (h.periodic || (0 <= n && n < nx))
          sum += mean(kx, h.kx(x((n + nx) % nx), y(j))) / (dx * dx);
        else if (n < 0 && h.walls != ByHand::Walls::insulated && y(j) < 0.3)
          sum += most * kx / (dx * dx);  // left: fixed up to 0.3, insulated above
        else if (n == nx && h.walls != ByHand::Walls::insulated && 0.41 < y(j) &&
                 y(j) < 1.0)  // right: a flux, a film
          sum += (h.walls == ByHand::Walls::moving ? most : of_film(25.0, kx, dx)) * kx / (dx * dx);
      for (const int n : {j - 1, j + 1})
        if (h.periodic || (0 <= n && n < ny))
          sum += mean(ky, h.ky(x(i), y((n + ny) % ny))) / (dy * dy);
        else if (n < 0 && h.walls != ByHand::Walls::insulated && x(i) < 1.0)  // bottom: a film
          sum += (h.walls == ByHand::Walls::moving ? most : of_film(25.0, ky, dy)) * ky / (dy * dy);
        else if (n == ny && h.walls == ByHand::Walls::moving && x(i) < 1.0)  // top: glows
          sum += most * ky / (dy * dy);
      if (sum > 0.0) least = std::min(least, h.rho_c(x(i), y(j)) / sum);
    }
  return least;
}

ByHand by_hand(const std::string& kind, int nx, int ny) {
  const auto always = [](double value) { return [value](double, double) { return value; }; };
  const auto has = [&](const char* word) { return kind.find(word) != std::string::npos; };
  ByHand h{1.0, 1.0, has("periodic"), ByHand::Walls::insulated, always(2.0), always(2.0), always(3.0)};
  if (kind == "oblong cells") h.lx = 2.0;
  if (kind == "oblong and heated") h.ly = 3.0;
  if (kind == "square cells" || kind == "oblong cells" || kind == "layers" || kind == "square layers")
    h.walls = ByHand::Walls::fixed;
  if (has("move")) h.walls = ByHand::Walls::moving;
  if (has("square layers") || has("of its own")) {
    h.lx = nx / 64.0;
    h.ly = ny / 64.0;
  }
  // Draws in place of what square_layers has laid: the last word in these cells.
  std::vector<double> drawn(static_cast<std::size_t>(nx * ny), 0.0);
  if (has("of its own"))
    for (std::uint32_t n = 0, seed = 12345; n < drawn.size(); ++n) {
      seed = seed * 1664525 + 1013904223;
      if (seed >> 30 != 0) drawn[n] = 1.0 + (seed >> 28);
    }
  if (!has("layers") && !has("of its own")) return h;
  const auto layered = [](double disc) {
    return [disc](double x, double y) {
      if (0.7 < x && x < 0.8 && y < 0.9) return 0.01;
      return (x - 0.4) * (x - 0.4) + (y - 0.5) * (y - 0.5) < 0.04 ? disc : 2.0;
    };
  };
  h.kx = layered(40.0);
  h.ky = layered(3.0);
  if (has("square") || has("of its own"))
    h.kx = h.ky = [nx, drawn, base = layered(40.0)](double x, double y) {
      const double d =
          drawn[static_cast<std::size_t>(static_cast<int>(y * 64) * nx + static_cast<int>(x * 64))];
      if (d > 0.0) return d;
      if (0.1 < x && x < 0.3 && 0.6 < y && y < 0.7) return 2.0;
      return 33.0 / 64 < x && x < 34.0 / 64 && y < 0.25 ? 7.0 : base(x, y);
    };
  h.rho_c = [](double x, double y) { return x < 0.5 && y > 0.5 ? 7.0 : 3.0; };
  return h;
}

}  // namespace

TEST_CASE("the explicit limit is that of the cell that exchanges most", "[mpi][problem]") {
  for (const Kind& kind : kinds)
    for (const auto& [nx, ny] : {std::pair{40, 34}, {8, 62}, {6, 8}}) {  // no centre on an edge of a region
      INFO(kind.name << ", " << nx << " x " << ny);
      ProblemSpec spec = make_spec(kind, nx, ny);
      spec.grid.coverage = Coverage::centre;  // as it is written down by hand
      const auto p = make(spec, 2);
      CHECK(explicit_limit(*p, 0.0) == Approx(limit_of(by_hand(kind.name, nx, ny), nx, ny)).epsilon(1e-12));
    }
  // Only inner cells conduct well, then only cells along the edges do.
  for (const bool inner : {true, false}) {
    ProblemSpec s = make_spec(kinds[1], 30, 28);
    s.grid.coverage = Coverage::centre;
    ConductivityLaw poor;
    poor.x = 0.01;
    s.materials.conductivity.add(
        inner ? Rectangle{{0.0, 0.2}, {0.0, 1.0}} : Rectangle{{0.2, 0.8}, {0.2, 0.8}}, poor);
    ByHand h = by_hand(kinds[1].name, 30, 28);
    h.kx = h.ky = [inner](double x, double y) {
      const bool poorly = inner ? x < 0.2 : 0.2 < x && x < 0.8 && 0.2 < y && y < 0.8;
      return poorly ? 0.01 : 2.0;
    };
    const auto p = make(s, 2);
    CHECK(explicit_limit(*p, 0.0) == Approx(limit_of(h, 30, 28)).epsilon(1e-12));
  }
}

TEST_CASE("the explicit limit of a wall holds as long as the run", "[mpi][problem]") {
  // A bar of cells h wide, k = rho_c = 1, a wall at both ends of every row: S = (2 + 2 + 1 + 1) / h^2, or
  // less where the walls are known to let less through.
  constexpr double h = 0.05;
  struct Case {
    const char* name;
    WallLaw wall;
    double exchange;  // 1 - a
    std::optional<double> end = {};
  };
  const Case cases[] = {
      {"fixed", FixedTemperature{0.0}, 2.0},
      {"fixed, moving", FixedTemperature{text("t")}, 2.0},
      {"flux", HeatFlux{text("1e9*t")}, 0.0},
      {"film", Convection{120.0, 0.0}, 1.5},  // B = 120 h / 2 = 3, 2 B / (1 + B)
      {"film of place", Convection{text("120 + 0*y"), 0.0}, 1.5},
      {"film that grows from nothing", Convection{text("1e4*t"), 0.0}, 2.0},
      {"film that grows", Convection{text("120 + t"), 0.0}, 2.0},
      {"film that moves along", Convection{text("t > y ? 1e9 : 1"), 0.0}, 2.0},
      {"film, the air warms", Convection{120.0, text("t")}, 1.5},
      {"glow", Radiation{1.0, 300.0}, 2.0},
      // Looked at until the end: B = 5000 h / 2 = 125, and B = 240 h / 2 = 6 at t = 0.3.
      {"film that grows to an end", Convection{text("1e4*t"), 0.0}, 250.0 / 126.0, 0.5},
      {"film with a hump", Convection{text("max(0, 240 - 1e6*(t - 0.3)^2)"), 0.0}, 12.0 / 7.0, 0.5},
      {"film and flux", WallLaw{Convection{text("240*t"), 0.0}}.plus(HeatFlux{text("1e9*t")}), 12.0 / 7.0,
       1.0},
      {"film and glow", WallLaw{Convection{text("240*t"), 0.0}}.plus(Radiation{1.0, 300.0}), 2.0, 1.0},
      // T of the wall itself: its tangent.
      {"flux of T", HeatFlux{Function::expression("-120*(T - 300)", "T")}, 1.5},
      {"flux that feeds on itself", HeatFlux{Function::expression("30*(T - 300)", "T")}, 0.0},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    ProblemSpec s;
    s.grid = {1, 20, 0.0, h, 0.0, 20 * h, false, false};
    ConductivityLaw k;
    k.x = 1.0;
    s.materials.conductivity = Layered{k};
    s.materials.density = Layered{Function{1.0}};
    s.initial = Layered{text("300 + 0.1*sin(20*y)")};
    s.end = c.end;
    s.walls[Side::left] = s.walls[Side::right] = {{c.wall, 0.0, 1.0}};
    const auto p = make(s, 2);
    const double limit = h * h / (2.0 * c.exchange + 2.0);
    for (const double t : {0.0, 0.0, 0.01}) CHECK(explicit_limit(*p, t) == Approx(limit).epsilon(1e-9));
  }
}

TEST_CASE("the heat content alone has the bits of the survey", "[mpi][problem]") {
  for (const Kind& kind : kinds) {
    INFO(kind.name);
    ProblemSpec s = make_spec(kind, 37, 29);
    const auto p = make(s, 2);
    CHECK(same(heat_content(*p), survey(*p).heat));
    s.initial = Layered{Function{0.1}};
    const auto even = make(s, 2);
    CHECK(same(heat_content(*even), survey(*even).heat));
    CHECK(same(heat_content(*even, true), survey(*even).heat));
  }
}

TEST_CASE("coefficients are taken over from a problem of the same materials, and from no other",
          "[mpi][problem]") {
  const auto layered = [] { return make_spec(kinds[5], 20, 18); };
  const auto text_law = [](const char* words) {
    ConductivityLaw law;
    law.x = text(words);
    return Layered{law};
  };
  const auto build = [](const ProblemSpec& s, int depth, const Problem* earlier) {
    const mpi::Comm& comm = world();
    return std::make_unique<Problem>(comm, s, partition(s.grid.domain(), comm.size()), depth,
                                     earlier != nullptr ? earlier->coefficients.steady() : nullptr);
  };
  ProblemSpec as_text = layered();
  as_text.materials.conductivity = text_law("2 + x");
  for (const ProblemSpec& spec : {layered(), make_spec(kinds[0], 20, 18), as_text}) {
    const auto first = build(spec, 4, nullptr);
    CHECK_FALSE(first->coefficients.taken_over());
    ProblemSpec other = spec;  // what is not of the materials may differ
    other.walls = {};
    other.initial = Layered{Function{3.0}};
    other.power = Layered{Function{5.0}};
    for (const int depth : {4, 2}) {
      const auto later = build(other, depth, first.get());
      CHECK(later->coefficients.taken_over());
      CHECK(later->coefficients.steady() == first->coefficients.steady());
      const auto anew = build(other, depth, nullptr);
      CHECK(explicit_limit(*later, 0.0) == explicit_limit(*anew, 0.0));
      bool equal = true;
      for_each(later->owned, [&](int i, int j) {
        const Coefficients &a = later->coefficients, &b = anew->coefficients;
        equal = equal && a.gx(i, j) == b.gx(i, j) && a.gy(i, j + 1) == b.gy(i, j + 1) &&
                a.rho_c(i, j) == b.rho_c(i, j);
      });
      CHECK(equal);
    }
    CHECK_FALSE(build(other, 5, first.get())->coefficients.taken_over());
    const auto differs = [&](auto&& change) {
      ProblemSpec s = spec;
      change(s);
      const auto later = build(s, 4, first.get());
      return !later->coefficients.taken_over() &&
             later->coefficients.steady() != first->coefficients.steady();
    };
    CHECK(differs([&](ProblemSpec& s) { s.materials.conductivity = text_law("2 + y"); }));
    CHECK(differs([](ProblemSpec& s) { s.materials.density = Layered{Function{3.0000001}}; }));
    CHECK(differs([](ProblemSpec& s) { s.materials.specific_heat = Layered{Function{2.0}}; }));
    CHECK(differs([](ProblemSpec& s) { s.materials.face_mean = FaceMean::arithmetic; }));
    CHECK(differs([](ProblemSpec& s) { s.materials.conductivity.add(Circle{0.1, 0.1, 0.05}, {}); }));
    CHECK(differs([](ProblemSpec& s) { s.grid.coverage = Coverage::centre; }));
    CHECK(differs([](ProblemSpec& s) { s.grid.x1 = 1.5; }));
    CHECK(differs([](ProblemSpec& s) { s.grid.nx = 21; }));
    CHECK(differs([](ProblemSpec& s) { s.grid.periodic_x = true; }));
    // Other cells of the same domain.
    const mpi::Comm& comm = world();
    const Partition bands = partition(spec.grid.domain(), 1, comm.size());
    if (bands != first->parts) {
      Problem later{comm, spec, bands, 4, first->coefficients.steady()};
      CHECK(comm.all(later.coefficients.taken_over() == (later.owned == first->owned)));
      CHECK(explicit_limit(*first, 0.0) == explicit_limit(later, 0.0));
    }
  }
  // What depends on T is nobody else's.
  ProblemSpec varying = layered();
  ConductivityLaw law;
  law.x = Function::expression("1 + 0.01*T", "xyT");
  varying.materials.conductivity = Layered{law};
  const auto first = build(varying, 2, nullptr);
  CHECK(first->coefficients.steady() == nullptr);
  CHECK_FALSE(build(varying, 2, first.get())->coefficients.taken_over());
}

TEST_CASE("a property that came out wrong is named with its place", "[mpi][problem]") {
  const auto complaint = [](auto&& change) {
    ProblemSpec s = make_spec(kinds[1], 20, 18);
    change(s);
    const auto p = make(s, 2);
    return wrong_property(*p, 0.0);
  };
  CHECK(complaint([](ProblemSpec&) {}).empty());
  const auto has = [](const std::string& said, const char* word) {
    return said.find(word) != std::string::npos;
  };
  for (const char* bad : {"x - 0.5", "1/(x > 0.7 ? 0 : 1)", "sqrt(0.3 - y)"}) {
    INFO(bad);
    const std::string of_k = complaint([&](ProblemSpec& s) {
      ConductivityLaw law;
      law.x = text(bad);
      s.materials.conductivity = Layered{law};
    });
    CHECK(has(of_k, "conductivity"));
    CHECK(has(of_k, "at x = "));
    CHECK(has(complaint([&](ProblemSpec& s) { s.materials.density = Layered{text(bad)}; }), "density"));
  }
}

TEST_CASE("a correction in one pass is the operator and the update, bit for bit", "[mpi][problem]") {
  constexpr double rate = 123.0;
  for (const Kind& kind : kinds)
    for (const bool more : {false, true}) {
      INFO(kind.name << (more ? ", more on the diagonal" : ""));
      const auto p = make(make_spec(kind, 37, 29), 1);
      p->halo(p->u.view());
      p->prepare(p->owned, 0.0, p->u.view());
      Field2D<double> by{p->owned, p->depth}, x{p->owned, 0}, r{p->owned, 0}, a{p->owned, 0}, extra;
      if (more) extra = Field2D<double>{p->owned, 0, 7.0};
      for_each(p->owned, [&](int i, int j) {
        by.view()(i, j) = std::sin(3.0 * i + 5.0 * j);
        x.view()(i, j) = std::cos(2.0 * i - j);
        r.view()(i, j) = 1e3 * std::sin(7.0 * i * j);
      });
      p->walls.fill_homogeneous(p->owned, by.view());
      p->halo(by.view());
      const View2D<const double> direction = by.cview(), diagonal = extra.cview();
      apply_operator(p->owned, p->coefficients, diagonal, rate, direction, a.view());
      Field2D<double> x_after{p->owned, 0}, r_after{p->owned, 0};
      for_each(p->owned, [&](int i, int j) {
        x_after.view()(i, j) = x.view()(i, j) + direction(i, j);
        r_after.view()(i, j) = r.view()(i, j) - a.view()(i, j);
      });
      ExactSum sum = correct(p->owned, p->coefficients, diagonal, rate, direction, x.view(), r.view());
      ExactSum expected =
          exact_sum(p->owned, [&](int i, int j) { return r_after.view()(i, j) * r_after.view()(i, j); });
      bool same = sum.value() == expected.value();
      for_each(p->owned, [&](int i, int j) {
        same = same && x.view()(i, j) == x_after.view()(i, j) && r.view()(i, j) == r_after.view()(i, j);
      });
      CHECK(p->comm.all(same));
    }
}

TEST_CASE("a source has the values of its functions, whatever it was asked for before", "[mpi][problem]") {
  for (const bool of_temperature : {false, true}) {
    ProblemSpec s = make_spec(kinds[1], 24, 20);
    s.grid.coverage = Coverage::centre;
    s.power = Layered{text("x + 2*y + t")};
    s.power.add(Rectangle{{0.1, 0.4}, {0.2, 0.9}}, text("3*t"));
    s.power.add(Rectangle{{0.5, 0.7}, {0.2, 0.9}}, text("x*y"));
    if (of_temperature)
      s.power.add(Rectangle{{0.3, 0.9}, {0.5, 0.7}}, Function::expression("T*t + y", "xyTt"));
    const auto p = make(s, 2);
    const Box all = p->owned, part{all.i0, all.j0, all.i1, all.j1 - 1},
              wide = p->grid.within_reach(all.grown(1));
    int asked = 0;
    for (const auto& ask : {std::pair{0.0, part},
                            {0.0, all},
                            {1.0, all},
                            {0.0, all},
                            {1.0, all},
                            {0.0, part},
                            {2.0, part},
                            {2.0, all},
                            {0.0, all},
                            {2.0, wide},
                            {2.0, all},
                            {0.0, all},
                            {3.0, all},
                            {3.0, all},
                            {2.0, wide}}) {
      const double t = ask.first;
      const Box& region = ask.second;
      for_each(p->owned, [&](int i, int j) { p->u.view()(i, j) = i - j + 0.1 * asked; });
      p->halo(p->u.view());
      p->source.update(region, t, p->u.view());
      bool right = true;
      for_each(region, [&](int i, int j) {
        const double x = p->grid.x(i), y = p->grid.y(j);
        right = right && p->source.q()(i, j) == s.power(x, y)(x, y, t, p->u.view()(i, j));
      });
      INFO("time " << asked << ": t = " << t << (of_temperature ? ", of T" : ""));
      CHECK(p->comm.all(right));
      ++asked;
    }
  }
}
