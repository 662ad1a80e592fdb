// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>
#include <string>
#include <vector>

#include "solver/model/measure.hpp"
#include "solver/model/region_report.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;
using namespace calor::test;

namespace {

ConductivityLaw conducts(double k) {
  ConductivityLaw law;
  law.x = law.y = k;
  return law;
}

ProblemSpec body(int nx, int ny) {
  ProblemSpec s;
  s.grid = {nx, ny, 0.0, 1.0, 0.0, 1.0};
  s.materials.conductivity = Layered{conducts(1.0)};
  s.materials.density = Layered{Function{2.0}};
  s.materials.specific_heat = Layered{Function{3.0}};
  return s;
}

Region region(const char* name, Area area) {
  Region r;
  r.name = name;
  r.area = std::move(area);
  return r;
}

double total(const Problem& p, const std::function<double(int, int)>& f) {
  ExactSum sum = exact_sum(p.owned, f);
  reduce(p.comm, {&sum, 1});
  return sum.value();
}

double power_now(Problem& p, double t) {
  p.source.update(p.owned, t, p.u.view());
  if (p.source.zero()) return 0.0;
  return p.grid.cell_volume() * total(p, [&](int i, int j) { return p.source.q()(i, j); });
}

}  // namespace

TEST_CASE("layers across and along the flow conduct exactly, wherever they lie", "[mpi][cut]") {
  for (const int n : {1, 5, 20, 33})
    for (const auto& [at, thick, k] : {std::array{0.2371, 0.1137, 50.0},
                                       {0.7113, 0.0051, 0.02},
                                       {0.5002, 0.0001, 2000.0},
                                       {0.999, 0.0004, 1e-4},
                                       {0.0, 0.013, 7.0}})
      for (const bool upright : {true, false}) {
        INFO(n << " cells, layer at " << at << ", " << thick << " thick, k = " << k
               << (upright ? "" : ", lying"));
        ProblemSpec s = body(upright ? n : 3, upright ? 3 : n);
        const std::array<double, 2> span{at, at + thick}, all{-1.0, 2.0};
        s.materials.conductivity.add(upright ? Rectangle{span, all} : Rectangle{all, span}, conducts(k));
        if (s.grid.domain().cells() < 3 * world().size()) continue;
        const auto p = make(s, 2);
        const Coefficients& c = p->coefficients;
        const double dx2 = s.grid.dx() * s.grid.dx(), dy2 = s.grid.dy() * s.grid.dy();
        // Across: resistances of a row of faces, halves at the walls, each face counted by the rank of its
        // cell.
        const double across = total(*p, [&](int i, int j) {
          if (upright ? j != 1 : i != 1) return 0.0;
          const int m = upright ? i : j;
          const double h = upright ? s.grid.dx() : s.grid.dy();
          const auto k_of = [&](int f) { return upright ? c.gx(f, j) * dx2 : c.gy(i, f) * dy2; };
          return (m == 0 ? 0.5 : 1.0) * h / k_of(m) + (m == n - 1 ? 0.5 * h / k_of(n) : 0.0);
        });
        CHECK(across == Approx(1.0 - thick + thick / k).epsilon(1e-11));
        // Along: conductances side by side, through the faces between the first and second cells along it.
        const double along = total(*p, [&](int i, int j) {
          if (upright ? j != 1 : i != 1) return 0.0;
          return upright ? c.gy(i, j) * dy2 * s.grid.dx() : c.gx(i, j) * dx2 * s.grid.dy();
        });
        CHECK(along == Approx(1.0 - thick + thick * k).epsilon(1e-11));
      }
}

TEST_CASE("what edges do not cut has the bits that it had", "[mpi][cut]") {
  ProblemSpec s = body(20, 20);
  s.materials.conductivity.add(Rectangle{{0.25, 0.5}, {0.1, 0.45}}, conducts(7.0));
  s.materials.conductivity.add(Polygon{{{0.6, 0.6}, {0.9, 0.6}, {0.9, 0.9}, {0.6, 0.9}}}, conducts(0.3));
  s.materials.density.add(Rectangle{{0.25, 0.5}, {0.1, 0.45}}, Function{9.0});
  s.power.add(Rectangle{{0.25, 0.5}, {0.1, 0.45}}, text("5*x*y"));
  s.initial.add(Rectangle{{0.25, 0.5}, {0.1, 0.45}}, Function{40.0});
  ProblemSpec by_centre = s;
  by_centre.grid.coverage = Coverage::centre;
  const auto a = make(s, 2), b = make(by_centre, 2);
  bool equal = true;
  for_each(a->owned, [&](int i, int j) {
    equal = equal && same(a->coefficients.gx(i, j), b->coefficients.gx(i, j)) &&
            same(a->coefficients.gy(i, j), b->coefficients.gy(i, j)) &&
            same(a->coefficients.rho_c(i, j), b->coefficients.rho_c(i, j)) &&
            same(a->source.q()(i, j), b->source.q()(i, j));
  });
  CHECK(world().all(equal && same_field(*a, *b)));
  // And a disc changes only what lies beside its line.
  s.materials.conductivity.add(Circle{0.7, 0.3, 0.113}, conducts(5.0));
  by_centre.materials.conductivity.add(Circle{0.7, 0.3, 0.113}, conducts(5.0));
  const auto c = make(s, 2), d = make(by_centre, 2);
  bool far_equal = true, near_differs = false;
  for_each(c->owned, [&](int i, int j) {
    const double off = std::abs(std::hypot(s.grid.x(i) - 0.7, s.grid.y(j) - 0.3) - 0.113);
    const bool alike = same(c->coefficients.gx(i, j), d->coefficients.gx(i, j));
    far_equal = far_equal && (alike || off < 0.12);
    near_differs = near_differs || !alike;
  });
  CHECK(world().all(far_equal));
  CHECK(world().max(near_differs ? 1.0 : 0.0) == 1.0);
}

TEST_CASE("content, source and initial heat of cut cells are those of the shapes", "[mpi][cut]") {
  constexpr double pi = std::numbers::pi;
  for (const int n : {6, 19}) {
    INFO(n << " cells a side");
    ProblemSpec s = body(n, n);
    const Circle outer{0.47, 0.53, 0.31}, inner{0.47, 0.53, 0.12};
    Region ring = region("ring", outer), core = region("core", inner),
           wire = region("wire", Circle{0.9, 0.11, 0.004});
    ring.density = 20.0;
    ring.temperature = 80.0;
    core.specific_heat = 30.0;
    core.temperature = -10.0;
    core.power = 1000.0;
    wire.power = Function{5e5};
    s.initial = Layered{Function{5.0}};
    for (const Region& r : {ring, core, wire}) s.add(r);
    const auto p = make(s, 2);
    const double a = pi * 0.31 * 0.31, b = pi * 0.12 * 0.12, V = p->grid.cell_volume();
    CHECK(V * total(*p, [&](int i, int j) { return p->coefficients.rho_c(i, j); }) ==
          Approx(6.0 * (1.0 - a) + 60.0 * (a - b) + 600.0 * b).epsilon(1e-12));
    CHECK(heat_content(*p) ==
          Approx(5.0 * 6.0 * (1.0 - a) + 80.0 * 60.0 * (a - b) - 10.0 * 600.0 * b).epsilon(1e-12));
    CHECK(power_now(*p, 0.0) == Approx(1000.0 * b + 5e5 * pi * 1.6e-5).epsilon(1e-12));
    const Area area = outer;
    for_each(p->owned, [&](int i, int j) { p->u.view()(i, j) = 1.0; });
    CHECK(weighted_integral(*p, &area, [](int, int) { return 1.0; }) == Approx(a).epsilon(1e-12));
  }
}

TEST_CASE("heat of a region is spread over what is left of it", "[mpi][cut]") {
  for (const Coverage coverage : {Coverage::area, Coverage::centre})
    for (const int n : {12, 31}) {
      ProblemSpec s = body(n, n);
      s.grid.coverage = coverage;
      Region pipe = region("pipe", Circle{0.95, 0.5, 0.2}),
             foil = region("foil", Rectangle{{0.3, 0.62}, {0.1, 0.9}}),
             over = region("over", Polygon{{{0.4, 0.0}, {0.55, 0.0}, {0.7, 1.0}}}),
             plain = region("plain", foil.area);
      pipe.heat = 250.0;  // a part lies outside
      foil.heat = Function::expression("40 + t", "tT");
      over.heat = 7.0;
      plain.conductivity = conducts(3.0);  // hides no heat
      for (const Region& r : {pipe, foil, over, plain}) s.add(r);
      const auto p = make(s, 2);
      CHECK(power_now(*p, 0.0) == Approx(297.0).epsilon(1e-12));
      CHECK(power_now(*p, 100.0) == Approx(397.0).epsilon(1e-12));
    }
  ProblemSpec s = body(12, 12);
  Region gone = region("gone", Circle{0.5, 0.5, 0.1}),
         over = region("over", Rectangle{{0.3, 0.7}, {0.3, 0.7}});
  gone.heat = 5.0;
  over.power = 1.0;
  s.add(gone);
  s.add(over);
  try {
    make(s, 2);
    FAIL("taken");
  } catch (const Error& e) {
    CHECK(e.code() == Exit::bad_case);
    CHECK(std::string{e.what()}.find("region gone: heat") != std::string::npos);
  }
}

TEST_CASE("sharp sources bring what they are", "[mpi][cut]") {
  constexpr double pi = std::numbers::pi;
  // Spots of w = 0.3 to 5 cells, at three places in a cell.
  for (const double w : {0.003, 0.007, 0.05})
    for (const double at : {0.5, 0.503, 0.505}) {
      INFO("w = " << w << ", at " << at);
      const std::string spot =
          "exp(-((x-" + std::to_string(at) + ")^2+(y-0.487)^2)/" + std::to_string(w * w) + ")";
      ProblemSpec s = body(100, 100);
      s.power = Layered{text(spot.c_str())};
      const auto steady = make(s, 2);
      CHECK(power_now(*steady, 0.0) == Approx(pi * w * w).epsilon(1e-7));
      // The same with a factor of time: Gauss points of a fixed number where it is sharp.
      s.power = Layered{text(("2*t*" + spot).c_str())};
      const auto moving = make(s, 2);
      CHECK(power_now(*moving, 0.5) == Approx(pi * w * w).epsilon(w > 0.006 ? 2e-3 : 2e-2));
    }
  // Constant and linear ones are what they were, to the bit.
  for (const char* plain : {"3", "2*x - y + 0.25", "1e6*(1 - y)"}) {
    ProblemSpec s = body(37, 29);
    s.power = Layered{text(plain)};
    const auto p = make(s, 2);
    bool equal = true;
    for_each(p->owned, [&](int i, int j) {
      equal = equal && same(p->source.q()(i, j), s.power[0](s.grid.x(i), s.grid.y(j)));
    });
    CHECK(world().all(equal));
  }
}

TEST_CASE("cut cells have the same bits on any rank and as images", "[mpi][cut]") {
  for (const bool periodic : {false, true})
    for (const bool of_T : {false, true}) {
      ProblemSpec s = body(24, 21);
      s.grid.periodic_x = s.grid.periodic_y = periodic;
      ConductivityLaw law = conducts(5.0);
      if (of_T) law.x = Function::table({0.0, 50.0, 90.0}, {5.0, 1.0, 30.0});
      s.materials.conductivity.add(Circle{0.03, 0.4, 0.23}, law);
      s.materials.conductivity.add(Polygon{{{0.5, -0.1}, {0.6, -0.1}, {1.02, 0.8}, {0.9, 1.2}}},
                                   conducts(0.2));
      if (of_T) s.materials.face_mean = FaceMean::integral;
      s.materials.density.add(Circle{0.97, 0.96, 0.1}, Function{8.0});
      s.power.add(Circle{0.5, 0.01, 0.17}, text("x + t*y"));
      s.initial = Layered{text("30 + 60*sin(9*x)*cos(7*y)")};
      s.initial.add(Circle{0.5, 0.52, 0.17}, text("50*x"));
      s.walls[Side::left] = {{FixedTemperature{10.0}, 0.0, 1.0}};
      s.walls[Side::right] = {{Convection{25.0, 80.0}, 0.0, 1.0}};
      if (periodic) s.walls = {};
      const auto p = make(s, 3);
      const mpi::Comm& comm = world();
      // Everything on one rank.
      Partition whole(static_cast<std::size_t>(comm.size()));
      for (std::size_t r = 0; r < whole.size(); ++r) whole[r] = partition(s.grid.domain(), comm.size())[r];
      p->halo(p->u.view());
      p->prepare(p->owned.grown(0), 0.3, p->u.view());
      // A number for each cell, gathered and compared with what rank 0 alone finds: sums that are exact see
      // each bit.
      const auto mark = [](double v, int n) { return v * (1.0 + 1e-3 * n); };
      const Coefficients& c = p->coefficients;
      const double gx = total(*p, [&](int i, int j) { return mark(c.gx(i, j), i + 24 * j); }),
                   gy = total(*p, [&](int i, int j) { return mark(c.gy(i, j), i + 24 * j); }),
                   q = total(*p, [&](int i, int j) { return mark(p->source.q()(i, j), i + 24 * j); }),
                   rho_c = total(*p, [&](int i, int j) { return mark(c.rho_c(i, j), i + 24 * j); }),
                   u = total(*p, [&](int i, int j) { return mark(p->u.view()(i, j), i + 24 * j); });
      const mpi::Comm alone = comm.split(comm.rank());
      Problem one{alone, s, partition(s.grid.domain(), 1), 3};
      one.halo(one.u.view());
      one.prepare(one.owned, 0.3, one.u.view());
      const auto sum_one = [&](auto&& f) { return exact_sum(one.owned, f).value(); };
      const Coefficients& d = one.coefficients;
      CHECK(gx == sum_one([&](int i, int j) { return mark(d.gx(i, j), i + 24 * j); }));
      CHECK(gy == sum_one([&](int i, int j) { return mark(d.gy(i, j), i + 24 * j); }));
      CHECK(q == sum_one([&](int i, int j) { return mark(one.source.q()(i, j), i + 24 * j); }));
      CHECK(rho_c == sum_one([&](int i, int j) { return mark(d.rho_c(i, j), i + 24 * j); }));
      CHECK(u == sum_one([&](int i, int j) { return mark(one.u.view()(i, j), i + 24 * j); }));
      // Halo cells of the coefficients are those of the cell they are an image or a copy of.
      if (!of_T) {
        bool equal = true;
        for_each(p->grid.within_reach(p->owned.grown(2)), [&](int i, int j) {
          const int a = (i % 24 + 24) % 24, b = (j % 21 + 21) % 21;
          if (i == a || i > 0) equal = equal && same(c.rho_c(i, j), d.rho_c(a, b));
          equal = equal && (a == 0 || same(c.gx(i, j), d.gx(a, b)));
        });
        CHECK(comm.all(equal));
      }
    }
}

TEST_CASE("regions know their cells, and the grid says what it cannot hold", "[mpi][cut]") {
  constexpr double pi = std::numbers::pi;
  ProblemSpec s = body(20, 20);
  Region plate = region("plate", Rectangle{{0.1, 0.9}, {0.1, 0.43}}),
         hole = region("hole", Circle{0.5, 0.3, 0.11}),
         heater = region("heater", Rectangle{{0.2, 0.3}, {0.2, 0.3}}),
         foil = region("foil", Rectangle{{0.61, 0.612}, {0.5, 0.8}}),
         off = region("off", Circle{3.0, 0.0, 0.5}), half = region("half", Circle{1.0, 0.8, 0.1}),
         strap = region("strap", Polygon{{{0.1, 0.6}, {0.12, 0.58}, {0.42, 0.92}, {0.4, 0.94}}}),
         mark_only = region("mark", Rectangle{{0.0, 1.0}, {0.0, 1.0}});
  plate.conductivity = conducts(5.0);
  hole.conductivity = conducts(0.1);
  heater.power = 1.0;
  foil.conductivity = conducts(3.0);
  off.density = half.density = Function{1.0};
  strap.conductivity = conducts(400.0);
  for (const Region& r : {plate, hole, heater, foil, off, half, strap, mark_only}) s.add(r);
  const auto look = [&] {
    const auto p = make(s, 2);
    return report_regions(*p);
  };
  auto r = look();
  CHECK(r[0].area == Approx(0.8 * 0.33 - pi * 0.0121).epsilon(1e-12));  // the heater hides nothing of it
  CHECK(r[0].area_drawn == Approx(0.8 * 0.33).epsilon(1e-12));
  CHECK(r[1].area == Approx(pi * 0.0121).epsilon(1e-12));
  CHECK(r[2].cells == 4);
  CHECK(r[3].area == Approx(0.002 * 0.3).epsilon(1e-9));
  CHECK(r[3].cells == 6);
  CHECK(r[4].cells == 0);
  CHECK(r[5].area == Approx(0.5 * pi * 0.01).epsilon(1e-12));
  CHECK(r[5].area_inside == Approx(0.5 * pi * 0.01).epsilon(1e-12));
  CHECK(r[7].cells == 400);
  const auto said = [&](const char* name) {
    std::string all;
    for (const std::string& w : region_warnings(r, s.regions, s.materials, s.grid))
      if (w.find(std::string{"'"} + name + "'") != std::string::npos) all += w;
    return all;
  };
  CHECK(said("plate").empty());
  CHECK(said("hole").empty());
  CHECK(said("foil").empty());
  CHECK(said("off").find("outside") != std::string::npos);
  CHECK(said("half").find("50 %") != std::string::npos);
  CHECK(said("strap").find("oblique") != std::string::npos);
  s.grid.coverage = Coverage::centre;
  r = look();
  CHECK(r[3].cells == 0);
  CHECK(said("foil").find("no cell") != std::string::npos);
  CHECK(said("hole").find("its cells have") != std::string::npos);
}

TEST_CASE("a steep k between its walls: the flux is Kirchhoff's on any grid", "[mpi][cut]") {
  // k from 100 to 1 as the shipped table of the issue; film walls find their temperature by the same mean.
  const Function table = Function::table({0.0, 100.0, 200.0, 1000.0}, {100.0, 10.0, 1.0, 1.0});
  ProblemSpec s = body(8, 1);
  s.materials.conductivity = Layered{ConductivityLaw{table, table, true}};
  s.materials.face_mean = FaceMean::integral;
  s.walls[Side::left] = {{FixedTemperature{1000.0}, 0.0, 1.0}};
  s.walls[Side::right] = {{Convection{30.0, -40.0}, 0.0, 1.0}};
  if (world().size() > 8) return;
  const auto p = make(s, 2);
  // Temperatures of the exact solution at the centres, K linear in x, by bisection: K(T) = integral of k.
  const auto K = [](double T) {
    if (T < 0.0) return 100.0 * T;
    if (T < 100.0) return 100.0 * T - 0.45 * T * T;
    if (T < 200.0) return 5500.0 + 10.0 * (T - 100.0) - 0.045 * (T - 100.0) * (T - 100.0);
    return 6050.0 + (T - 200.0);
  };
  const auto root = [](auto&& f) {
    double low = -1000.0, high = 3000.0;
    for (int n = 0; n < 200; ++n) (f(0.5 * (low + high)) < 0.0 ? low : high) = 0.5 * (low + high);
    return 0.5 * (low + high);
  };
  const double w = root([&](double T) { return 30.0 * (T + 40.0) - (K(1000.0) - K(T)); }),
               flux = 30.0 * (w + 40.0);
  for_each(p->owned, [&](int i, int j) {
    p->u.view()(i, j) = root([&](double T) { return K(T) - (K(1000.0) - flux * p->grid.x(i)); });
  });
  p->halo(p->u.view());
  p->prepare(p->owned, 0.0, p->u.view());
  const View2D<const double> u = p->u.cview();
  double worst = 0.0;
  for_each(p->owned, [&](int i, int j) {
    for (const int f : {i, i + 1}) {
      const double passing = p->coefficients.gx(f, j) * (u(f - 1, j) - u(f, j)) * p->grid.dx();
      worst = std::max(worst, std::abs(passing / flux - 1.0));
    }
  });
  CHECK(world().max(worst) < 1e-10);
}
