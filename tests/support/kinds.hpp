// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "solver/model/problem.hpp"
#include "tests/support/world.hpp"

// Problems of every kind that explicit steps and stages may meet, and how to compare their results.

namespace calor::test {

/// One kind of problem that explicit steps may meet.
struct Kind {
  const char* name;
  bool periodic;
  void (*change)(ProblemSpec&);
};

inline Function text(const char* expression) { return Function::expression(expression, "xyt"); }

/// A wall of each kind, in pieces that meet within a face too; with `moving` also as functions of time and
/// place.
inline void walls(ProblemSpec& s, bool moving) {
  const FixedTemperature warm{moving ? text("300 + 40*sin(90*t)*y") : Function{330.0}};
  const HeatFlux flux{moving ? text("900*cos(70*t)") : Function{800.0}};
  const Convection film{moving ? text("20 + 9*t*x") : Function{25.0},
                        moving ? text("280 + 1000*t") : Function{270.0}};
  s.walls = {{{{warm, 0.0, 0.3}, {Insulated{}, 0.5, 1.0}},
              {{flux, 0.0, 0.41}, {film, 0.41, 1.0}},
              {{film, 0.0, 1.0}},
              {}}};
  if (moving) s.walls[Side::top] = {{Radiation{1.0, text("400 + 100*x")}, 0.0, 1.0}};
}

inline void layers(ProblemSpec& s) {
  ConductivityLaw law;
  law.x = 40.0;
  law.y = 3.0;
  law.isotropic = false;
  s.materials.conductivity.add(Circle{0.4, 0.5, 0.2}, law);
  ConductivityLaw poor;
  poor.x = 0.01;
  s.materials.conductivity.add(Rectangle{{0.7, 0.8}, {0.0, 0.9}}, poor);
  s.materials.density.add(Rectangle{{0.0, 0.5}, {0.5, 1.0}}, Function{7.0});
}

/// The same in square cells, and alike in all directions; a foil one cell wide, and a corner of equal
/// material.
inline void square_layers(ProblemSpec& s) {
  s.grid.x1 = s.grid.nx / 64.0;  // 1/64 a cell, to the bit
  s.grid.y1 = s.grid.ny / 64.0;
  const auto law = [](double k) {
    ConductivityLaw l;
    l.x = k;
    return l;
  };
  s.materials.conductivity.add(Circle{0.4, 0.5, 0.2}, law(40.0));
  s.materials.conductivity.add(Rectangle{{0.7, 0.8}, {0.0, 0.9}}, law(0.01));
  s.materials.conductivity.add(Rectangle{{33.0 / 64, 34.0 / 64}, {0.0, 0.25}}, law(7.0));
  s.materials.conductivity.add(Rectangle{{0.1, 0.3}, {0.6, 0.7}}, law(2.0));
  s.materials.density.add(Rectangle{{0.0, 0.5}, {0.5, 1.0}}, Function{7.0});
}

/// Two cells of three of another material: most cells have one beside them.
inline void random_cells(ProblemSpec& s) {
  ConductivityLaw law;
  std::uint32_t seed = 12345;
  for (int j = 0; j < s.grid.ny; ++j)
    for (int i = 0; i < s.grid.nx; ++i) {
      seed = seed * 1664525 + 1013904223;
      if (seed >> 30 == 0) continue;
      law.x = 1.0 + (seed >> 28);
      s.materials.conductivity.add(
          Rectangle{{s.grid.face_x(i), s.grid.face_x(i + 1)}, {s.grid.face_y(j), s.grid.face_y(j + 1)}}, law);
    }
}

inline const Kind kinds[] = {
    {"square cells", false, [](ProblemSpec& s) { walls(s, false); }},
    {"insulated", false, [](ProblemSpec&) {}},
    {"oblong cells", false,
     [](ProblemSpec& s) {
       s.grid.x1 = 2.0;
       walls(s, false);
     }},
    {"heated", false,
     [](ProblemSpec& s) {
       s.power.add(Circle{0.5, 0.5, 0.3}, Function{4e4});
     }},
    {"oblong and heated", false,
     [](ProblemSpec& s) {
       s.grid.y1 = 3.0;
       s.power.add(Circle{0.5, 0.5, 0.3}, text("4e4*x"));
     }},
    {"layers", false,
     [](ProblemSpec& s) {
       layers(s);
       walls(s, false);
     }},
    {"layers, heat and walls that move", false,
     [](ProblemSpec& s) {
       layers(s);
       walls(s, true);
       s.power.add(Circle{0.5, 0.5, 0.3}, text("3e4*(1+sin(200*t))"));
       s.power.add(Rectangle{{0.1, 0.3}, {0.1, 0.9}}, text("3e4*t*x"));
       s.power.add(Rectangle{{0.8, 0.9}, {0.1, 0.9}}, Function{2e4});
     }},
    {"one material, heat and walls that move", false,
     [](ProblemSpec& s) {
       walls(s, true);
       s.power.add(Circle{0.5, 0.5, 0.3}, text("3e4*(1+sin(200*t))"));
     }},
    {"periodic", true, [](ProblemSpec&) {}},
    {"periodic layers", true, [](ProblemSpec& s) { layers(s); }},
    {"square layers", false,
     [](ProblemSpec& s) {
       square_layers(s);
       walls(s, false);
     }},
    {"square layers by centres, heat and walls that move", false,
     [](ProblemSpec& s) {
       square_layers(s);
       s.grid.coverage = Coverage::centre;
       walls(s, true);
       s.power.add(Circle{0.5, 0.5, 0.3}, Function{4e4});
     }},
    {"square layers, heated as time goes", false,
     [](ProblemSpec& s) {
       square_layers(s);
       s.power.add(Circle{0.5, 0.5, 0.3}, text("3e4*(1+sin(200*t))"));
       s.power.add(Rectangle{{0.1, 0.3}, {0.1, 0.9}}, Function{2e4});
     }},
    {"a material of its own in most cells", false,
     [](ProblemSpec& s) {
       square_layers(s);
       random_cells(s);
     }},
    {"periodic square layers", true, [](ProblemSpec& s) { square_layers(s); }},
};

inline ProblemSpec make_spec(const Kind& kind, int nx, int ny) {
  ProblemSpec s;
  s.grid = {nx, ny, 0.0, 1.0, 0.0, 1.0, kind.periodic, kind.periodic};
  ConductivityLaw k;
  k.x = 2.0;
  s.materials.conductivity = Layered{k};
  s.materials.density = Layered{Function{3.0}};
  s.initial = Layered{text("300 + 50*sin(9*x)*cos(7*y) + 20*x*y")};
  kind.change(s);
  return s;
}

inline std::unique_ptr<Problem> make(const ProblemSpec& spec, int depth) {
  const mpi::Comm& comm = world();
  return std::make_unique<Problem>(comm, spec, partition(spec.grid.domain(), comm.size()), depth);
}

inline bool same(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

inline bool same_field(const Problem& a, const Problem& b) {
  bool equal = true;
  for_each(a.owned, [&](int i, int j) { equal = equal && same(a.u.view()(i, j), b.u.view()(i, j)); });
  return world().all(equal);
}

inline bool same_ledger(const Problem& a, const Problem& b) {
  const Budget::Report x = a.budget.report(a.comm, 0.0, 0.0), y = b.budget.report(b.comm, 0.0, 0.0);
  bool equal = same(x.source, y.source) && same(x.plate, y.plate) && x.holes.size() == y.holes.size();
  for (std::size_t n = 0; equal && n < x.holes.size(); ++n) equal = same(x.holes[n], y.holes[n]);
  for (std::size_t s = 0; s < 4; ++s) {
    equal = equal && same(x.sides[s], y.sides[s]);
    for (std::size_t n = 0; equal && n < x.pieces[s].size(); ++n)
      equal = same(x.pieces[s][n], y.pieces[s][n]);
  }
  return equal;
}

}  // namespace calor::test
