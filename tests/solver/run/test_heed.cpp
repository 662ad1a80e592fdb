// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "solver/run/simulation.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/kinds.hpp"

using namespace calor;

namespace {

Function of_all(const char* expression) { return Function::expression(expression, "xytT"); }

/// Steady problems, each with its own way of being solved.
struct Search {
  const char* name;
  void (*change)(SimulationSpec&);
};

void fixed_walls(ProblemSpec& s) {
  s.walls = {{{{FixedTemperature{100.0}, 0.0, 1.0}},
              {{FixedTemperature{0.0}, 0.2, 1.0}},
              {{Convection{5.0, 20.0}, 0.0, 1.0}},
              {}}};
}

const Search searches[] = {
    {"linear, multigrid", [](SimulationSpec& s) { fixed_walls(s.problem); }},
    {"linear, layers, algebraic multigrid",
     [](SimulationSpec& s) {
       fixed_walls(s.problem);
       test::layers(s.problem);
       s.solver.preconditioner = PreconditionerKind::algebraic;
     }},
    {"linear, the diagonal",
     [](SimulationSpec& s) {
       fixed_walls(s.problem);
       s.solver.preconditioner = PreconditionerKind::jacobi;
     }},
    {"linear, cycles alone",
     [](SimulationSpec& s) {
       fixed_walls(s.problem);
       s.solver.iteration = IterationKind::none;
     }},
    {"linear, first guess by full multigrid",
     [](SimulationSpec& s) {
       fixed_walls(s.problem);
       s.solver.first_guess = FirstGuess::full_multigrid;
     }},
    {"linear, level open",
     [](SimulationSpec& s) {
       s.problem.walls = {{{{HeatFlux{100.0}, 0.0, 1.0}}, {{HeatFlux{-100.0}, 0.0, 1.0}}, {}, {}}};
       s.problem.initial = Layered{Function::expression("20*x*y", "xy")};
     }},
    {"k of T",
     [](SimulationSpec& s) {
       fixed_walls(s.problem);
       ConductivityLaw k;
       k.x = Function::expression("1 + 0.01*T*T + x", "xyT");
       s.problem.materials.conductivity = Layered{k};
     }},
    {"k of T, level open",
     [](SimulationSpec& s) {
       s.problem.walls = {{{{HeatFlux{10.0}, 0.0, 1.0}}, {{HeatFlux{-10.0}, 0.0, 1.0}}, {}, {}}};
       s.problem.initial = Layered{Function::expression("20*x*y", "xy")};
       ConductivityLaw k;
       k.x = Function::expression("1 + 0.001*T*T + x", "xyT");
       s.problem.materials.conductivity = Layered{k};
     }},
    {"radiation",
     [](SimulationSpec& s) {
       s.problem.walls = {
           {{{FixedTemperature{900.0}, 0.0, 1.0}}, {{Radiation{0.9, 300.0}, 0.0, 1.0}}, {}, {}}};
       s.problem.initial = Layered{Function{300.0}};
     }},
    {"all of T",
     [](SimulationSpec& s) {
       fixed_walls(s.problem);
       ConductivityLaw k;
       k.x = Function::expression("1 + 0.2*T + x", "xyT");
       s.problem.materials.conductivity = Layered{k};
       s.problem.power = Layered{of_all("100*(1 - 0.02*T)")};
       s.problem.walls[Side::top] = {{Convection{of_all("2 + 0.01*T"), of_all("50 + x")}, 0.0, 1.0}};
     }},
};

SimulationSpec spec_of(const Search& search) {
  SimulationSpec s;
  s.problem = test::make_spec(test::kinds[1], 48, 33);
  s.time.method = &methods::steady;
  search.change(s);
  return s;
}

/// A simulation that knows what a checkpoint of the other holds, and no more.
std::unique_ptr<Simulation> carried_over(const SimulationSpec& spec, Simulation& from, Heed* heed = nullptr) {
  auto to = std::make_unique<Simulation>(spec, test::world(), nullptr, heed);
  const Simulation::State state = from.state();
  const Box own = from.problem().owned;
  copy_cells(own, from.problem().u.view(), to->problem().u.view());
  const auto old = from.memory(), now = to->memory_for(state);
  REQUIRE(old.size() == now.size());
  for (std::size_t n = 0; n < old.size(); ++n) {
    CHECK(old[n].name == now[n].name);
    copy_cells(own, old[n].field, now[n].field);
  }
  to->restore(state);
  return to;
}

void same_end(Simulation& a, Simulation& b) {
  CHECK(a.step() == b.step());
  CHECK(a.finished());
  CHECK(b.finished());
  CHECK(a.solver().iterations == b.solver().iterations);
  CHECK(test::same_field(a.problem(), b.problem()));
  CHECK(test::same_ledger(a.problem(), b.problem()));
}

constexpr std::int64_t whole = std::numeric_limits<std::int64_t>::max();

}  // namespace

TEST_CASE("a search for a steady state goes on from every piece to the same bits", "[mpi][heed]") {
  for (const Search& search : searches) {
    INFO(search.name);
    const SimulationSpec spec = spec_of(search);
    Simulation undisturbed{spec, test::world()};
    while (!undisturbed.finished()) undisturbed.advance(whole);
    CHECK(undisturbed.step() > 2);
    // Made anew after every piece, and once after a few.
    auto renewed = std::make_unique<Simulation>(spec, test::world());
    while (!renewed->finished()) {
      renewed->advance(1);
      renewed = carried_over(spec, *renewed);
    }
    same_end(undisturbed, *renewed);
    Simulation first{spec, test::world()};
    first.advance(1);
    first.advance(2);
    const auto later = carried_over(spec, first);
    while (!later->finished()) later->advance(3);
    same_end(undisturbed, *later);
  }
}

TEST_CASE("a search that is interrupted anywhere goes on to the same bits", "[mpi][heed]") {
  for (const Search& search : searches) {
    INFO(search.name);
    const SimulationSpec spec = spec_of(search);
    Simulation undisturbed{spec, test::world()};
    while (!undisturbed.finished()) undisturbed.advance(whole);
    // Every piece is interrupted at its first place, then at its second, ...; each time made anew.
    int left = 0, interruptions = 0;
    Heed heed{test::world(), [&] { return left-- == 0; }, 0.0};
    const auto patient = [&] { left = std::numeric_limits<int>::max(); };
    patient();
    auto run = std::make_unique<Simulation>(spec, test::world(), nullptr, &heed);
    for (int at = 0; !run->finished();) {
      left = at;
      try {
        run->advance(1);
        at = 0;
      } catch (const Interrupted&) {
        ++interruptions;
        ++at;
      }
      patient();
      run = carried_over(spec, *run, &heed);
    }
    same_end(undisturbed, *run);
    if (!undisturbed.problem().linear()) CHECK(interruptions > 2);
  }
}

TEST_CASE("a long step that is interrupted counts as never begun", "[mpi][heed]") {
  for (const Method* method : {&methods::rkl2, &methods::backward_euler, &methods::crank_nicolson,
                               &methods::bdf2, &methods::tr_bdf2, &methods::exponential})
    for (const bool by_error : {false, true}) {
      if (method == &methods::exponential && by_error) continue;
      INFO(method->word << (by_error ? " by error" : ""));
      SimulationSpec spec;
      spec.problem = test::make_spec(test::kinds[0], 24, 17);
      spec.time.method = method;
      spec.time.end = 5e-3;
      if (!by_error) spec.time.dt = 5e-4;
      Simulation undisturbed{spec, test::world()};
      while (!undisturbed.finished()) undisturbed.advance(1);
      int left = std::numeric_limits<int>::max(), interruptions = 0;
      Heed heed{test::world(), [&] { return left-- == 0; }, 0.0};
      auto run = std::make_unique<Simulation>(spec, test::world(), nullptr, &heed);
      for (int at = 0; !run->finished();) {
        left = at;
        try {
          run->advance(1, true);
          at = 0;
        } catch (const Interrupted&) {
          ++interruptions;
          ++at;
        }
        left = std::numeric_limits<int>::max();
        run = carried_over(spec, *run, &heed);
      }
      CHECK(interruptions > 3);
      CHECK(undisturbed.steps_rejected() == run->steps_rejected());
      same_end(undisturbed, *run);
    }
}

TEST_CASE("a simulation that is interrupted while it is made says so on all ranks", "[mpi][heed]") {
  SimulationSpec spec;
  spec.problem = test::make_spec(test::kinds[0], 24, 17);
  spec.time.end = 1e-3;
  const int last = test::world().size() - 1;
  // Only one rank has heard of it.
  Heed heed{test::world(), [&] { return test::world().rank() == last; }, 0.0};
  CHECK_THROWS_AS((Simulation{spec, test::world(), nullptr, &heed}), Interrupted);
  Heed content{test::world(), [] { return false; }, 0.0};
  CHECK_NOTHROW((Simulation{spec, test::world(), nullptr, &content}));
}

TEST_CASE("a problem can be left between any two of its pieces while it is made", "[mpi][heed]") {
  for (const bool layers : {false, true}) {
    SimulationSpec spec;
    spec.problem = test::make_spec(test::kinds[0], 24, 17);
    if (layers) test::layers(spec.problem);
    spec.problem.grid.coverage = Coverage::area;
    spec.time.method = find_method("crank-nicolson");  // given: the problem is made once
    spec.time.dt = 1e-4;
    spec.time.end = 1e-3;
    bool left = true;
    int places = 0;
    for (; left && places < 100; ++places) {
      int asked = 0;
      Heed heed{test::world(), [&] { return asked++ == places; }, 0.0};
      try {
        Simulation{spec, test::world(), nullptr, &heed};
        left = false;
      } catch (const Interrupted&) {
        CHECK(asked == places + 1);
      }
    }
    INFO(layers << ": " << places - 1);
    // Before each pass over the cells one: three more where there are coefficients of each.
    CHECK(places - 1 >= (layers ? 13 : 10));
    CHECK(places < 100);
  }
}
